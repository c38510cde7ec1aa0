// csr_counters - the 64-bit event counters and the time of day, read without tearing.
//
// Does:      counter n of the map's block counters counts events_i[n] by one, the octet counters by the octets given.
//            Reading the lower half of a counter or of TIME keeps its upper half until that is read (rule D18); one
//            value is kept at a time, the last.
// Handshake: as csr_global. Any number of events in a cycle. A read sees the events of all cycles before it.
`default_nettype none
`include "nic_regs.vh"
module csr_counters (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire [63:0]                  time_ns_i,
  output wire                         idle_o,
  input  wire                         rd_i,
  input  wire [15:2]                  addr_i,
  input  wire [3:0]                   be_i,
  output reg  [31:0]                  rdata_o,
  input  wire [`NIC_NUM_COUNTERS-1:0] events_i,
  input  wire [13:0]                  rx_octets_i,  // valid with event rx_octets
  input  wire [13:0]                  tx_octets_i
);
  localparam [5:0] TimeSlot = 6'd63;
  localparam [5:0] NumCounters = `NIC_NUM_COUNTERS;

  reg         kept_q;
  reg  [5:0]  kept_slot_q;
  reg  [31:0] kept_hi_q;
  wire [15:0] addr    = {addr_i, 2'b00};
  wire        in_time = (addr & 16'hFFF8) == `NIC_TIME;
  wire        in_cnt  = addr[15:9] == 7'h08 && addr[8:3] < NumCounters;
  wire        hit     = rd_i && (in_time || in_cnt);
  wire [5:0]  slot    = in_time ? TimeSlot : addr[8:3];
  wire        any     = events_i != 0;

  // One block reads and counts, with blocking assignments to a memory that nobody else sees: the same flops, and one
  // test a cycle instead of 56 where the NIC is simulated (measured: csr 118 instead of 131 ns a cycle at rest).
  reg  [63:0] counters [0:`NIC_NUM_COUNTERS-1];
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i) begin : count
    integer n;
    reg [63:0] now;
    now = in_time ? time_ns_i : counters[addr[7:3]];
    if (!rst_ni) begin
      kept_q      <= 1'b0;
      kept_slot_q <= 6'd0;
      kept_hi_q   <= 32'd0;
      rdata_o     <= 32'd0;
    end else if (hit && |be_i) begin
      rdata_o <= !addr[2] ? now[31:0] : kept_q && kept_slot_q == slot ? kept_hi_q : now[63:32];
      if (!addr[2]) begin
        kept_q      <= 1'b1;
        kept_slot_q <= slot;
        kept_hi_q   <= now[63:32];
      end else if (kept_slot_q == slot) kept_q <= 1'b0;
    end else if (rd_i) rdata_o <= 32'd0;
    if (!rst_ni) begin
      for (n = 0; n < `NIC_NUM_COUNTERS; n = n + 1) counters[n] = 64'd0;
    end else if (any) begin
      for (n = 0; n < `NIC_NUM_COUNTERS; n = n + 1)
        if (events_i[n])
          counters[n] = counters[n] + (n == `NIC_CNT_RX_OCTETS ? {50'd0, rx_octets_i} :
                                       n == `NIC_CNT_TX_OCTETS ? {50'd0, tx_octets_i} : 64'd1);
    end
  end
  /* verilator lint_on BLKSEQ */

  assign idle_o = !any;
endmodule
`default_nettype wire
