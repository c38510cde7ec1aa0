// mac_rx_fifo - the NIC's receive buffer: whole good frames in, whole good frames out (rule F18).
//
// Does:    writes beats as they come behind the last frame kept; keeps the frame when its last beat says good, takes it
//          back otherwise. A frame that finds no room is dropped whole (overrun_o with its last beat), the next one is
//          clean. Of a kept frame only the beats that hold its first wr_len_i octets stay (FCS stripped).
// Pairs:   with a frame's last beat another may come (wr_pair_i); beats lie in two banks in turn.
// Handshake: no ready on the write side; ready/valid on the read side, data stable while it waits.
// Latency: 2 cycles from a frame's last beat to rd_valid_o. Throughput: one beat (or pair) a cycle on each side, no gap
//          between frames.
// Room:    BufferBytes of octets less four beats, rounded up to beats per frame, and as many frames less two as there
//          are 64 octets.
`default_nettype none
module mac_rx_fifo #(
  parameter DataWidth   = 64,
  parameter BufferBytes = 32768   // a power of two, 16384 at least
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         wr_valid_i,
  input  wire                         wr_eop_i,
  input  wire                         wr_good_i,
  input  wire                         wr_pair_i,   // with eop: wr_data_i is full, more is in wr_tail_i
  input  wire [DataWidth-1:0]         wr_data_i,
  input  wire [DataWidth-1:0]         wr_tail_i,
  input  wire [13:0]                  wr_len_i,    // with eop: octets to keep, 1 at least
  input  wire                         wr_fcs_i,    // with eop: the last four of them are the FCS
  input  wire [63:0]                  wr_time_i,
  output wire                         overrun_o,   // with eop: a beat of the frame found no room
  output wire [16:0]                  fill_o,      // octets it holds, in whole beats
  output wire                         rd_valid_o,
  input  wire                         rd_ready_i,
  output wire                         rd_sop_o,
  output wire                         rd_eop_o,
  output wire [$clog2(DataWidth/8):0] rd_bytes_o,
  output wire [DataWidth-1:0]         rd_data_o,
  output wire [13:0]                  rd_len_o,    // of the whole frame
  output wire                         rd_fcs_o,    // its FCS is there: as it came in, the setting may be another by now
  output wire [63:0]                  rd_time_o,
  output wire                         idle_o
);
  localparam Bytes  = DataWidth / 8;
  localparam ByteW  = $clog2(Bytes);
  localparam AddrW  = $clog2(BufferBytes / Bytes);
  localparam FrameW = $clog2(BufferBytes / 64);
  localparam [13:0] BeatLen = {{13-ByteW{1'b0}}, 1'b1, {ByteW{1'b0}}};   // Bytes

  localparam [AddrW:0]  NearFull   = (1 << AddrW) - 4;
  localparam [FrameW:0] NearFrames = (1 << FrameW) - 2;

  reg [DataWidth-1:0] even  [0:(1<<(AddrW-1))-1];
  reg [DataWidth-1:0] odd   [0:(1<<(AddrW-1))-1];
  reg [78:0]          notes [0:(1<<FrameW)-1];   // FCS, length and time of each kept frame

  // ------------------------------------------------------------ write side
  reg [AddrW:0]  base_q;     // behind the last frame kept
  reg [AddrW:0]  wr_q;       // next beat of the frame that comes in
  reg [FrameW:0] wr_frame_q;
  reg            full_q;     // a beat of this frame found no room
  reg            near_q;     // there may be no room, as of the cycle before: it leaves out two beats and one frame
  reg [AddrW:0]  used_q;
  reg [AddrW:0]  rd_q;       // next beat to read
  reg [FrameW:0] rd_frame_q;
  wire [AddrW:0]   used   = wr_q - rd_q;
  wire [AddrW:0]   used_base = base_q - rd_q;
  wire [FrameW:0]  frames = wr_frame_q - rd_frame_q;
  wire             room   = !near_q && !full_q;
  wire             write  = wr_valid_i && room;
  wire             keep   = wr_valid_i && wr_eop_i && wr_good_i && room;
  wire             back   = wr_valid_i && wr_eop_i && !(wr_good_i && room);   // the frame is taken back
  wire [AddrW:0]   beats  = {{AddrW-13+ByteW{1'b0}}, wr_len_i[13:ByteW]} + {{AddrW{1'b0}}, wr_len_i[ByteW-1:0] != 0};
  wire [AddrW-2:0] row    = wr_q[AddrW-1:1];
  wire [AddrW-2:0] row_up = row + {{AddrW-2{1'b0}}, wr_q[0]};   // where the even one of two beats goes
  assign overrun_o = !room;
  assign fill_o    = {{16-AddrW-ByteW{1'b0}}, used_q, {ByteW{1'b0}}};

  always @(posedge clk_i) begin
    if (write && (!wr_q[0] || wr_pair_i)) begin
      if (wr_q[0]) even[row_up] <= wr_tail_i;
      else even[row_up] <= wr_data_i;
    end
  end
  always @(posedge clk_i) begin
    if (write && (wr_q[0] || wr_pair_i)) begin
      if (wr_q[0]) odd[row] <= wr_data_i;
      else odd[row] <= wr_tail_i;
    end
  end
  always @(posedge clk_i) begin
    if (keep) notes[wr_frame_q[FrameW-1:0]] <= {wr_fcs_i, wr_len_i, wr_time_i};
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      used_q <= 0;
      near_q <= 1'b0;
    end else begin
      used_q <= used;
      near_q <= (back ? used_base > NearFull : used > NearFull) || frames > NearFrames;
    end
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      base_q     <= 0;
      wr_q       <= 0;
      wr_frame_q <= 0;
      full_q     <= 1'b0;
    end else if (wr_valid_i) begin
      // Path step R3: no room for a beat, so nothing more of this frame is written and none of it is kept.
      full_q <= !wr_eop_i && !room;
      if (!wr_eop_i) wr_q <= wr_q + {{AddrW{1'b0}}, room};
      else if (keep) begin
        base_q     <= base_q + beats;
        wr_q       <= base_q + beats;
        wr_frame_q <= wr_frame_q + 1'b1;
      end else wr_q <= base_q;
    end
  end

  // ------------------------------------------------------------ read side: the memories' read registers are the output
  reg                 active_q, sop_q, odd_q;
  reg [DataWidth-1:0] even_data_q, odd_data_q;
  reg [78:0]          note_q;
  reg [13:0]          left_q;        // octets behind this beat, in frames past the first beat
  wire [13:0]         left  = sop_q ? note_q[77:64] : left_q;   // octets from this beat on
  wire                last  = left <= BeatLen;
  wire                taken = active_q && rd_ready_i;
  wire                open  = frames != 0 && (!active_q || (taken && last));   // fetch the first beat of a frame
  wire                fetch = open || (taken && !last);

  always @(posedge clk_i) begin
    if (fetch && !rd_q[0]) even_data_q <= even[rd_q[AddrW-1:1]];
  end
  always @(posedge clk_i) begin
    if (fetch && rd_q[0]) odd_data_q <= odd[rd_q[AddrW-1:1]];
  end
  always @(posedge clk_i) begin
    if (open) note_q <= notes[rd_frame_q[FrameW-1:0]];
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      sop_q      <= 1'b0;
      odd_q      <= 1'b0;
      left_q     <= 14'd0;
      rd_q       <= 0;
      rd_frame_q <= 0;
    end else begin
      if (fetch) {rd_q, odd_q} <= {rd_q + 1'b1, rd_q[0]};
      if (open) rd_frame_q <= rd_frame_q + 1'b1;
      if (open) {active_q, sop_q} <= 2'b11;
      else if (taken) {active_q, sop_q} <= {!last, 1'b0};
      if (taken) left_q <= left - BeatLen;
    end
  end

  assign rd_valid_o = active_q;
  assign rd_sop_o   = sop_q;
  assign rd_eop_o   = last;
  assign rd_bytes_o = last ? left[ByteW:0] : BeatLen[ByteW:0];
  assign rd_data_o  = odd_q ? odd_data_q : even_data_q;
  assign rd_fcs_o   = note_q[78];
  assign rd_len_o   = note_q[77:64];
  assign rd_time_o  = note_q[63:0];
  assign idle_o     = !wr_valid_i && !active_q && frames == 0;
endmodule
`default_nettype wire
