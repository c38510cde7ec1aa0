// csr_counters - the 64-bit event counters and the time of day, read without tearing.
//
// Does:      counter n of the map's block counters counts events_i[n] by one, the octet counters by the octets given.
//            Reading the lower half of a counter or of TIME keeps its upper half until that is read (rule D18); one
//            value is kept at a time, the last.
// How:       events are counted in small counters, bit-sliced: plane k holds bit k of all of them, so adding any number of
//            events is a half adder a bit (and a word operation a plane in simulation). The 64-bit values lie in two
//            memories of 32 bits. A sweep adds the small counters to them, one a cycle, while one of them holds 64 or
//            more, and a read sweeps the counter it reads: nothing runs without events. A sweep of N counters takes at
//            most 7 N / 6 cycles beside reads (one a 7 cycles), and 63 + 7 N / 6 < 128 for the N = 46 there are.
// Handshake: as csr_global, the answer in the fourth cycle after rd_i, the next rd_i not before. Any number of events in a
//            cycle. A read sees the events of all cycles before it.
// Drops:     nothing.
`default_nettype none
`include "nic_regs.vh"
module csr_counters (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire [63:0]                  time_ns_i,
  output wire                         idle_o,
  input  wire                         rd_i,
  input  wire                         look_i,       // with rd_i: the driver sees the answer
  input  wire [15:2]                  addr_i,
  output reg  [31:0]                  rdata_o,
  input  wire [`NIC_NUM_COUNTERS-1:0] events_i,
  input  wire [13:0]                  rx_octets_i,  // valid with event rx_octets
  input  wire [13:0]                  tx_octets_i,
  input  wire [13:0]                  wire_octets_i
);
  localparam N = `NIC_NUM_COUNTERS;
  localparam [5:0] Last = N - 1;
  localparam [5:0] TimeSlot = 6'd63;
  localparam [5:0] RxOctets = `NIC_CNT_RX_OCTETS, TxOctets = `NIC_CNT_TX_OCTETS, WireOctets = `NIC_CNT_RX_WIRE_OCTETS;
  localparam [N-1:0] One = 1;

  reg  [31:0]  low_mem [0:63];
  reg  [31:0]  high_mem [0:63];
  reg  [N-1:0] written_q;                    // since reset; else the value is 0
  reg  [N-1:0] p0_q, p1_q, p2_q, p3_q, p4_q, p5_q, p6_q;
  reg  [20:0]  rx_octets_q, tx_octets_q, wire_octets_q;

  // ------------------------------------------------------------ what is swept in this cycle
  wire [15:0] addr    = {addr_i, 2'b00};
  wire        in_time = (addr & 16'hFFF8) == `NIC_TIME;
  wire        in_cnt  = addr[15:9] == 7'h08 && addr[8:3] <= Last;
  reg         scan_q;                        // a sweep of all is under way
  reg  [5:0]  scan_slot_q;
  reg  [3:0]  read_q;                        // cycles since rd_i, one-hot
  reg  [5:0]  slot_q;                        // being read
  reg         half_q, look_q, hit_q;
  wire        reading = read_q[2:0] != 3'd0;
  wire        sweep_read = rd_i && in_cnt;
  wire        skip  = rd_i || (reading && scan_slot_q == slot_q);
  wire        sweep = sweep_read || (scan_q && !skip);
  wire [5:0]  slot  = sweep_read ? addr[8:3] : scan_slot_q;
  wire [N-1:0] keep = ~(sweep ? One << slot : {N{1'b0}});
  wire [6:0]  count = {p6_q[slot], p5_q[slot], p4_q[slot], p3_q[slot], p2_q[slot], p1_q[slot], p0_q[slot]};
  wire [20:0] amount = slot == RxOctets ? rx_octets_q : slot == TxOctets ? tx_octets_q :
                       slot == WireOctets ? wire_octets_q : {14'd0, count};

  // ------------------------------------------------------------ small counters
  wire any  = events_i != {N{1'b0}};
  wire full = p6_q != {N{1'b0}};
  wire [N-1:0] b0 = p0_q & keep, b1 = p1_q & keep, b2 = p2_q & keep, b3 = p3_q & keep, b4 = p4_q & keep,
               b5 = p5_q & keep, b6 = p6_q & keep;
  wire [N-1:0] c1 = b0 & events_i, c2 = b1 & c1, c3 = b2 & c2, c4 = b3 & c3, c5 = b4 & c4, c6 = b5 & c5;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {p6_q, p5_q, p4_q, p3_q, p2_q, p1_q, p0_q} <= {(7*N){1'b0}};
      {rx_octets_q, tx_octets_q, wire_octets_q}  <= 63'd0;
      scan_q      <= 1'b0;
      scan_slot_q <= 6'd0;
    end else if (any || sweep || scan_q || full) begin
      {p6_q, p5_q, p4_q, p3_q, p2_q, p1_q, p0_q} <=
        {b6 ^ c6, b5 ^ c5, b4 ^ c4, b3 ^ c3, b2 ^ c2, b1 ^ c1, b0 ^ events_i};
      rx_octets_q   <= (sweep && slot == RxOctets ? 21'd0 : rx_octets_q) +
                       (events_i[RxOctets] ? {7'd0, rx_octets_i} : 21'd0);
      tx_octets_q   <= (sweep && slot == TxOctets ? 21'd0 : tx_octets_q) +
                       (events_i[TxOctets] ? {7'd0, tx_octets_i} : 21'd0);
      wire_octets_q <= (sweep && slot == WireOctets ? 21'd0 : wire_octets_q) +
                       (events_i[WireOctets] ? {7'd0, wire_octets_i} : 21'd0);
      if (!scan_q) scan_q <= full;
      else if (!rd_i) begin
        scan_slot_q <= scan_slot_q == Last ? 6'd0 : scan_slot_q + 6'd1;
        if (scan_slot_q == Last) scan_q <= full;
      end
    end
  end

  // ------------------------------------------------------------ to memory: lower half, then its carry to the upper half
  reg         add_q, carry_valid_q, carry_q, fresh_q, fresh_high_q;   // fresh: nothing there since reset
  reg  [5:0]  add_slot_q, high_slot_q;
  reg  [20:0] amount_q;
  wire [32:0] low  = {1'b0, fresh_q ? 32'd0 : low_mem[add_slot_q]} + {12'd0, amount_q};
  wire [31:0] high = (fresh_high_q ? 32'd0 : high_mem[high_slot_q]) + {31'd0, carry_q};
  always @(posedge clk_i) begin
    if (add_q) low_mem[add_slot_q] <= low[31:0];
    if (carry_valid_q) high_mem[high_slot_q] <= high;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      written_q     <= {N{1'b0}};
      add_q         <= 1'b0;
      carry_valid_q <= 1'b0;
    end else begin
      add_q         <= sweep;
      carry_valid_q <= add_q;
      if (sweep) begin
        written_q  <= written_q | ~keep;
        fresh_q    <= !written_q[slot];
        amount_q   <= amount;
        add_slot_q <= slot;
      end
      if (add_q) begin
        carry_q      <= low[32];
        fresh_high_q <= fresh_q;
        high_slot_q  <= add_slot_q;
      end
    end
  end

  // ------------------------------------------------------------ reads
  reg         kept_q;
  reg  [5:0]  kept_slot_q;
  reg  [31:0] kept_high_q;
  wire        is_time  = slot_q == TimeSlot;
  wire [31:0] now_low  = is_time ? time_ns_i[31:0] : low_mem[slot_q];
  wire [31:0] now_high = is_time ? time_ns_i[63:32] : high_mem[slot_q];
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      read_q      <= 4'd0;
      slot_q      <= 6'd0;
      kept_q      <= 1'b0;
      kept_slot_q <= 6'd0;
      kept_high_q <= 32'd0;
      rdata_o     <= 32'd0;
      {half_q, look_q, hit_q} <= 3'b000;
    end else if (rd_i || read_q != 4'd0) begin
      read_q <= {read_q[2:0], rd_i};
      if (rd_i) begin
        slot_q  <= in_time ? TimeSlot : addr[8:3];
        half_q  <= addr[2];
        look_q  <= look_i;
        hit_q   <= in_time || in_cnt;
        rdata_o <= 32'd0;
      end
      if (read_q[2] && hit_q) begin
        rdata_o <= !half_q ? now_low : kept_q && kept_slot_q == slot_q ? kept_high_q : now_high;
        if (look_q && !half_q) begin
          kept_q      <= 1'b1;
          kept_slot_q <= slot_q;
          kept_high_q <= now_high;
        end else if (look_q && kept_slot_q == slot_q) kept_q <= 1'b0;
      end
    end
  end

  assign idle_o = !any && !rd_i && !add_q && !carry_valid_q && !scan_q && !full && read_q == 4'd0;
endmodule
`default_nettype wire
