// mac_tx_wire - transmit side of the XGMII, in the MAC domain: frames that are whole go out, idles between them.
//
// Does:    sends the beats of the crossing FIFO. A frame starts only when it is released, which is when all of it is in
//          the FIFO (released_i counts such frames), so the wire never waits inside a frame. A beat whose first part
//          ends a frame and whose second part starts one that is not released yet goes out twice, each time with the
//          other part idle.
// Faults:  while a local fault is received, remote fault ordered sets go out, while a remote fault is received, idles
//          (IEEE 802.3 clauses 46.3.4, 81.3.4). Frames are taken and thrown away meanwhile. The change waits for the
//          end of a frame.
// Pause:   hold_i keeps the next frame of the core back. A pause frame of our own (mac_pause_wire) goes out between two
//          frames of the core, held back or not, behind 12 idle octets at least; rule E9.
// Beats:   stored so that zero is idle (mac_tx_pack).
// Latency: 1 cycle from the FIFO's output to the pins. Throughput: one beat a cycle.
`default_nettype none
module mac_tx_wire #(
  parameter DataWidth = 64,
  parameter CountW    = 8      // of the frame counts, which are modulo 2^CountW
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   fifo_valid_i,
  output wire                   fifo_ready_o,
  input  wire [DataWidth-1:0]   fifo_data_i,
  input  wire [DataWidth/8-1:0] fifo_ctl_i,
  input  wire                   fifo_sop_i,
  input  wire [3:0]             fifo_word_i,
  input  wire                   fifo_eop_i,
  input  wire [CountW-1:0]      released_i,
  output wire                   done_o,          // the last beat of a frame goes to the pins
  output wire                   started_o,       // the first beat of a frame goes to the pins
  input  wire                   hold_i,          // start no frame
  input  wire                   own_want_i,      // a pause frame waits,
  output wire                   own_start_o,     //   its beats may come from the next cycle on,
  input  wire                   own_sending_i,   //   here they are
  input  wire [DataWidth-1:0]   own_data_i,
  input  wire [DataWidth/8-1:0] own_ctl_i,
  input  wire                   local_fault_i,
  input  wire                   remote_fault_i,
  output reg  [DataWidth-1:0]   xgmii_txd_o,
  output reg  [DataWidth/8-1:0] xgmii_txc_o,
  output wire                   quiet_o          // no flop changes until a frame is released or a fault state changes
);
  localparam Bytes = DataWidth / 8;
  localparam Words = DataWidth / 64;
  localparam [1:0] StData = 2'd0, StIdles = 2'd1, StRemoteFault = 2'd2;
  localparam [1:0] GapBeats = (DataWidth == 64) ? 2'd2 : 2'd1;   // 12 octets at least
  localparam [DataWidth-1:0] FaultData = {Words{(DataWidth == 64) ? 64'h0200009C_0200009C : 64'h00000000_0200009C}};
  localparam [Bytes-1:0]     FaultCtl  = {Words{(DataWidth == 64) ? 8'h11 : 8'h01}};

  reg [1:0]        state_q;      // what the pins show
  reg              in_frame_q;   // the frame sent goes on in the next beat
  reg              first_done_q; // the part before the start in this beat has been sent
  reg [CountW-1:0] started_q;
  reg [1:0]        gap_q;        // idle beats behind the last frame, at most GapBeats

  wire [1:0] wanted  = local_fault_i ? StRemoteFault : remote_fault_i ? StIdles : StData;
  wire       stable  = wanted == state_q;
  wire       hold    = hold_i && state_q == StData;   // a dead link throws away what a pause holds back
  wire       may     = stable && released_i != started_q && !hold && !own_want_i && !own_sending_i;
  wire       part_a  = fifo_valid_i && fifo_sop_i && !may && fifo_eop_i && !first_done_q;  // up to the start alone
  wire       pop     = fifo_valid_i && fifo_ready_o;
  wire       start   = pop && fifo_sop_i;
  wire       part_b  = start && first_done_q;                                              // from the start on alone
  assign fifo_ready_o = (!fifo_sop_i || may) && !own_sending_i;
  assign started_o    = start;
  assign own_start_o  = stable && gap_q == GapBeats && !in_frame_q;
  assign done_o       = part_a || (pop && fifo_eop_i && !first_done_q);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= StData;
      in_frame_q   <= 1'b0;
      first_done_q <= 1'b0;
      started_q    <= 0;
      gap_q        <= 2'd0;
    end else begin
      if (start) started_q <= started_q + 1'b1;
      if (part_a) first_done_q <= 1'b1;
      else if (pop) first_done_q <= 1'b0;
      if (start) in_frame_q <= 1'b1;
      else if (done_o) in_frame_q <= 1'b0;
      if (in_frame_q || start || own_sending_i) gap_q <= 2'd0;
      else if (gap_q != GapBeats) gap_q <= gap_q + 2'd1;
      if (!stable && !in_frame_q && !own_sending_i) state_q <= wanted;
    end
  end

  // ------------------------------------------------------------ what the wire shows
  reg [DataWidth-1:0] data;   // zero is idle
  reg [Bytes-1:0]     ctl;
  always @* begin
    data = 0;
    ctl  = 0;
    if (own_sending_i) begin
      data = own_data_i;
      ctl  = own_ctl_i;
    end else if (part_a) begin
      data = fifo_data_i & ~({DataWidth{1'b1}} << {fifo_word_i, 6'b000000});
      ctl  = fifo_ctl_i & ~({Bytes{1'b1}} << {fifo_word_i, 3'b000});
    end else if (part_b) begin
      data = fifo_data_i & ({DataWidth{1'b1}} << {fifo_word_i, 6'b000000});
      ctl  = fifo_ctl_i & ({Bytes{1'b1}} << {fifo_word_i, 3'b000});
    end else if (pop) begin
      data = fifo_data_i;
      ctl  = fifo_ctl_i;
    end
  end
  always @(posedge clk_i) begin
    xgmii_txd_o <= (state_q == StRemoteFault) ? FaultData :
                   (state_q == StIdles) ? {Bytes{8'h07}} : data ^ {Bytes{8'h07}};
    xgmii_txc_o <= (state_q == StRemoteFault) ? FaultCtl : (state_q == StIdles) ? {Bytes{1'b1}} : ~ctl;
  end
  assign quiet_o = !fifo_valid_i && stable && gap_q == GapBeats;

`ifdef FORMAL
  // Ours: the wire never waits inside a frame.
  always @(posedge clk_i) if (rst_ni && in_frame_q) assert (fifo_valid_i);
`endif
endmodule
`default_nettype wire
