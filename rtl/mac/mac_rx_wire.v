// mac_rx_wire - receive side of the XGMII, in the MAC domain: what of the wire is worth passing on.
//
// Does:    registers the wire; passes beats that belong to a frame or start one into the crossing FIFO, and one beat
//          more, so that a frame cut short by idles is seen to end; squashes the rest (idles, ordered sets).
// Loopback: loop_i chooses what is registered. When it turns, one beat of idle comes between, which ends an open frame
//          as a bad one; what follows without a start is nothing.
// Starts:  a start control character /S/ in octet 0 of a word (IEEE 802.3 clauses 46.2, 81.2), at 64 bits in lane 4 as
//          well.
// Overflow: with the FIFO full, beats are lost until it is half empty. The first beat passed then carries lost_o and
//          the number of frame starts among the lost, so that the core side counts every frame hit and none twice: up to
//          4095 of one loss. The core takes half of the FIFO meanwhile, one start a cycle at most and a cycle more a beat:
//          3600 start at most while a core of 125 MHz does (512 bits, eight runts in every beat).
// Mark:    when mark_i turns, the next beat passed is marked, an idle one if no other comes: it and what is behind it in
//          the crossing came after the turn, also the starts that it says were lost.
// Faults:  local and remote fault by the link fault state machine of 46.3.4 / 81.3.4: four ordered sets of one kind
//          with fewer than 128 columns between two of them set it, 128 columns without any clear it; sets that share a
//          beat count in their order. A column is 4 octets at 64 bits, else 8. link_up_o: no fault, and since reset a word
//          of idle or a start has been seen.
// Latency: 2 cycles from the pins to fifo_valid_o. Throughput: one beat a cycle.
// quiet_o: no flop will change while the wire shows the same idles (or the same ordered sets) again.
`default_nettype none
module mac_rx_wire #(
  parameter DataWidth = 64,
  parameter DepthLog2 = 6     // of the crossing FIFO
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire [DataWidth-1:0]   xgmii_rxd_i,
  input  wire [DataWidth/8-1:0] xgmii_rxc_i,
  input  wire                   loop_i,              // receive what is sent, not the pins
  input  wire [DataWidth-1:0]   loop_data_i,
  input  wire [DataWidth/8-1:0] loop_ctl_i,
  output wire                   fifo_valid_o,
  input  wire                   mark_i,
  input  wire                   fifo_ready_i,
  input  wire [DepthLog2:0]     fifo_count_i,
  output wire [DataWidth-1:0]   fifo_data_o,
  output wire [DataWidth/8-1:0] fifo_ctl_o,
  output wire                   fifo_lost_o,         // beats were lost before this one
  output wire [11:0]            fifo_lost_starts_o,  // with this many starts of frames among them
  output wire                   fifo_mark_o,
  output wire                   link_up_o,
  output wire                   local_fault_o,
  output wire                   remote_fault_o,
  output wire                   quiet_o
);
  localparam Bytes    = DataWidth / 8;
  localparam StepOct  = (DataWidth == 64) ? 4 : 8;   // octets between places where a start or ordered set may stand
  localparam Places   = Bytes / StepOct;
  localparam QuietMax = 128 / Places;                // beats that make 128 columns
  localparam QuietW   = $clog2(QuietMax) + 1;
  localparam [QuietW-1:0] QuietEnd = {1'b0, {QuietW-1{1'b1}}};
  localparam Last     = Bytes - 8;                   // first octet of the last word

  reg [DataWidth-1:0] rxd_q, rxd2_q;
  reg [Bytes-1:0]     rxc_q, rxc2_q;
  reg                 loop_q;
  always @(posedge clk_i) begin
    loop_q <= loop_i && rst_ni;
    if (loop_q != loop_i) begin
      rxd_q <= {Bytes{8'h07}};
      rxc_q <= {Bytes{1'b1}};
    end else begin
      rxd_q <= loop_q ? loop_data_i : xgmii_rxd_i;
      rxc_q <= (loop_q ? loop_ctl_i : xgmii_rxc_i) & {Bytes{rst_ni}};
    end
  end

  // ------------------------------------------------------------ what stands in the beat, a bit for each place
  // An ordered set has data octets behind its control character; without such a pair none is looked for.
  reg [Places-1:0] starts, locals, remotes;
  reg [Places-1:0] starts2_q, locals2_q, remotes2_q;   // of rxd2_q
  reg              any_idle2_q, runs_on2_q;
  always @* begin : classify
    integer p;
    starts  = 0;
    locals  = 0;
    remotes = 0;
    if (rxc_q != 0) begin
      for (p = 0; p < Places; p = p + 1) starts[p] = rxc_q[p*StepOct] && rxd_q[p*StepOct*8 +: 8] == 8'hFB;
      if ((rxc_q & ~(rxc_q >> 1)) != 0) begin
        for (p = 0; p < Places; p = p + 1) begin
          if (rxc_q[p*StepOct +: 4] == 4'b0001) begin
            locals[p]  = rxd_q[p*StepOct*8 +: 32] == 32'h0100009C;
            remotes[p] = rxd_q[p*StepOct*8 +: 32] == 32'h0200009C;
          end
        end
      end
    end
  end
  // A frame runs on behind this beat when in the last word nothing ends it, or a start follows what ends it.
  wire [7:0] last_ctl  = rxc_q[Last +: 8];
  wire       last_runs = starts[Places-1] && last_ctl[7 -: StepOct-1] == 0;   // the start in the last place
  wire       runs_on   = last_ctl == 8'd0 || last_runs ||
                         (StepOct == 4 && starts[Places-2] && last_ctl[7:1] == 7'd0);
  always @(posedge clk_i) begin
    rxd2_q      <= rxd_q;
    rxc2_q      <= rxc_q & {Bytes{rst_ni}};
    starts2_q   <= starts & {Places{rst_ni}};
    locals2_q   <= locals & {Places{rst_ni}};
    remotes2_q  <= remotes & {Places{rst_ni}};
    any_idle2_q <= rxc_q[0] && rxd_q[7:0] == 8'h07 && rst_ni;
    runs_on2_q  <= runs_on;
  end
  function [7:0] eight(input [Places-1:0] x);
    begin
      eight = 8'd0;
      eight[Places-1:0] = x;
    end
  endfunction
  function [3:0] count(input [7:0] x);
    count = ({3'd0, x[0]} + {3'd0, x[1]} + {3'd0, x[2]}) + ({3'd0, x[3]} + {3'd0, x[4]} + {3'd0, x[5]}) +
            ({3'd0, x[6]} + {3'd0, x[7]});
  endfunction

  // ------------------------------------------------------------ passing on, losing
  reg         open_q;        // the beat before ran on: this one belongs to a frame
  reg         lost_q, mark_q, due_q;   // due: a beat is to be marked
  reg  [11:0] lost_starts_q;
  wire        worth  = open_q || starts2_q != 0;
  wire        resume = !lost_q || fifo_count_i < (1 << (DepthLog2 - 1));
  wire        turn   = mark_i != mark_q;
  wire        mark   = turn || due_q;
  wire        pass   = fifo_valid_o && fifo_ready_i;
  wire [11:0] lost_starts   = turn ? 12'd0 : lost_starts_q;
  wire [12:0] lost_starts_d = {1'b0, lost_starts} + {9'd0, count(eight(starts2_q))};

  assign fifo_valid_o       = (worth || lost_q || mark) && resume;
  assign fifo_data_o        = rxd2_q;
  assign fifo_ctl_o         = rxc2_q;
  assign fifo_lost_o        = lost_q;
  assign fifo_lost_starts_o = lost_starts;
  assign fifo_mark_o        = mark;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q        <= 1'b0;
      mark_q        <= 1'b0;
      due_q         <= 1'b0;
      lost_q        <= 1'b0;
      lost_starts_q <= 12'd0;
    end else begin
      open_q <= worth && runs_on2_q;
      mark_q <= mark_i;
      due_q  <= mark && !pass;
      if (pass) begin
        lost_q        <= 1'b0;
        lost_starts_q <= 12'd0;
      end else if (worth) begin
        lost_q        <= 1'b1;
        lost_starts_q <= lost_starts_d[12] ? 12'hFFF : lost_starts_d[11:0];
      end else if (turn) lost_starts_q <= 12'd0;
    end
  end

  // ------------------------------------------------------------ link fault
  // Sets of the other kind are counted beside a fault that stands: fewer than four of them do not end it.
  reg              seen_q, fault_q, remote_q;   // remote_q: the kind of the fault
  reg              kind_q;                      // the kind that is counted, high for remote
  reg [3:0]        row_q;                       // ordered sets of it in a row, a bit for each, up to 4
  reg [QuietW-1:0] quiet_q;                     // beats since the last of them
  wire             any_set = locals2_q != 0 || remotes2_q != 0;
  reg              fault_d, remote_d, kind_d;   // the same behind this beat, set by set: a LUT deep for each
  reg [3:0]        row_d;
  always @* begin : walk
    integer p;
    {fault_d, remote_d, kind_d, row_d} = {fault_q, remote_q, kind_q, row_q};
    if (any_set) begin
      for (p = 0; p < Places; p = p + 1) begin
        if (locals2_q[p] || remotes2_q[p]) begin
          row_d  = {row_d[2:0] & {3{remotes2_q[p] == kind_d}}, 1'b1};
          kind_d = remotes2_q[p];
          if (row_d[3]) {fault_d, remote_d} = {1'b1, kind_d};
        end
      end
    end
  end
  assign link_up_o      = seen_q && !fault_q;
  assign local_fault_o  = fault_q && !remote_q;
  assign remote_fault_o = fault_q && remote_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      seen_q   <= 1'b0;
      fault_q  <= 1'b0;
      remote_q <= 1'b0;
      kind_q   <= 1'b0;
      row_q    <= 4'd0;
      quiet_q  <= 0;
    end else begin
      if (any_idle2_q || starts2_q != 0) seen_q <= 1'b1;
      if (any_set) begin
        quiet_q <= 0;
        {fault_q, remote_q, kind_q, row_q} <= {fault_d, remote_d, kind_d, row_d};
      end else if (row_q[0]) begin
        quiet_q <= quiet_q + 1'b1;
        if (quiet_q == QuietEnd) begin
          fault_q <= 1'b0;
          row_q   <= 4'd0;
          quiet_q <= 0;
        end
      end
    end
  end
  assign quiet_o = !worth && starts == 0 && !lost_q && !mark && (!row_q[0] || any_set);
endmodule
`default_nettype wire
