// mac_tx_frame - makes a MAC frame complete: preamble and SFD in front, zeros up to 60 octets, FCS and /T/ behind.
//
// Does:    IEEE 802.3 sections 3.1 to 3.2.9 and 4.2.3.3: octet 0 of the first beat is /S/ (clauses 46.2.2, 81.2.2: it
//          stands for the first preamble octet), then six 55 and D5; the octet behind the FCS is /T/; behind that all
//          is idle.
// Errors:  a packet that never ends (a new sop comes instead) and one of more than 16000 octets (more than the crossing
//          holds) go out with an inverted FCS: a bad frame, never a good one nor a runt (rule E13).
// Does not: place the frame in the wire's beats (mac_tx_pack).
// Handshake: ready/valid on both sides. in_bytes_i counts in the eop beat alone. A frame has 1 octet at least.
// Beats:   stored so that zero is idle: data XOR 07, control inverted (also those of octets that are no control).
// Latency: 3 cycles to out_valid_o, 8 for the last beat, which waits for its FCS. Throughput: one beat a cycle on both
//          sides: the last one goes out with what is put around it, 13 octets more than a beat has.
`default_nettype none
module mac_tx_frame #(
  parameter DataWidth = 64
) (
  input  wire                           clk_i,
  input  wire                           rst_ni,
  input  wire                           in_valid_i,
  output wire                           in_ready_o,
  input  wire                           in_sop_i,
  input  wire                           in_eop_i,
  input  wire [$clog2(DataWidth/8):0]   in_bytes_i,
  input  wire [DataWidth-1:0]           in_data_i,
  output reg                            out_valid_o,
  input  wire                           out_ready_i,
  output reg                            out_sop_o,
  output reg                            out_eop_o,
  output reg  [3:0]                     out_words_o, // words of 8 octets, /T/ in the last one of the eop beat
  output reg  [2:0]                     out_lane_o,  //   in this octet of it
  output reg  [DataWidth+127:0]         out_data_o,
  output reg  [DataWidth/8+15:0]        out_ctl_o,
  output wire                           busy_o,      // more beats will come without more input
  output wire                           open_o       // the packet on the input side has not ended
);
  localparam Bytes  = DataWidth / 8;
  localparam ByteW  = $clog2(Bytes);
  localparam CountW = ByteW + 1;
  localparam [CountW-1:0] FullBeat = {1'b1, {ByteW{1'b0}}};
  localparam PadBeats = 59 / Bytes;                      // the beat that holds octet 60, counted from 0
  localparam PadLast  = 60 - PadBeats * Bytes;           // octets of it up to there
  localparam [11:0] PadBeat = PadBeats[11:0];
  localparam [CountW-1:0] PadBytes = PadLast[CountW-1:0];
  localparam LongBeats = 16000 / Bytes;
  localparam [11:0] LongBeat = LongBeats[11:0];
  localparam WordCount = DataWidth / 64;
  localparam [3:0] Words = WordCount[3:0];
  localparam [63:0] Preamble = 64'hD5555555555555FB;
  localparam BeatW = DataWidth + CountW + 3;
  localparam Wide  = DataWidth + 128, WideBytes = Wide / 8;

  // ------------------------------------------------------------ stage 1: padding
  // Padding is zeros, whatever stood behind the packet's last octet (rule E2).
  reg                 open_q;                            // the packet has not ended
  reg                 pad_q;                             // in the middle of padding
  reg                 bad_q;
  reg [11:0]          beat_q;                            // of the frame, at most LongBeat
  reg                 short_q, edge_q, long_q;           // beat_q is before, at PadBeat; is LongBeat
  reg                 room_q;                            // the FIFO below has room for what stage 1 may bring
  reg                 frame_valid_q, frame_sop_q, frame_eop_q, frame_bad_q;
  reg [CountW-1:0]    frame_bytes_q;
  reg [DataWidth-1:0] frame_data_q;
  wire                step  = room_q && (pad_q || in_valid_i);
  wire                abort = !pad_q && open_q && in_sop_i;         // with in_valid_i: no end came; make one
  wire                first = !pad_q && !abort && in_sop_i;
  wire                too_short = first ? PadBeats != 0 : short_q;
  wire                at_pad = first ? PadBeats == 0 : edge_q;
  wire                long  = !first && long_q;                     // nothing more of this packet goes out
  wire [11:0]         beat_d = first ? 12'd1 : long_q ? beat_q : beat_q + 12'd1;
  wire                bad   = pad_q ? bad_q : abort || long;
  wire                ended = pad_q || abort || in_eop_i;           // no more octets of the packet behind this beat
  wire                none  = pad_q || abort || long;               // of the octets that come in
  wire [CountW-1:0]   own   = none ? {CountW{1'b0}} : in_bytes_i;
  wire [CountW-1:0]   bytes = (!ended || too_short) ? FullBeat :
                              (at_pad && own < PadBytes) ? PadBytes : own;
  assign in_ready_o = room_q && !pad_q && !abort;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q        <= 1'b0;
      pad_q         <= 1'b0;
      beat_q        <= 12'd0;
      short_q       <= 1'b0;
      edge_q        <= 1'b0;
      long_q        <= 1'b0;
      frame_valid_q <= 1'b0;
    end else begin
      frame_valid_q <= step && (ended || !long);
      if (step) begin
        open_q        <= !ended;
        pad_q         <= ended && too_short;
        bad_q         <= bad;
        beat_q        <= beat_d;
        short_q       <= beat_d + 12'd1 <= PadBeat;
        edge_q        <= beat_d == PadBeat;
        long_q        <= beat_d == LongBeat;
        frame_bad_q   <= bad;
        frame_sop_q   <= first;
        frame_eop_q   <= ended && !too_short;
        frame_bytes_q <= bytes;
        if (none) frame_data_q <= {DataWidth{1'b0}};
        else if (in_eop_i) frame_data_q <= in_data_i & ~({DataWidth{1'b1}} << {in_bytes_i, 3'b000});
        else frame_data_q <= in_data_i;
      end
    end
  end

  // ------------------------------------------------------------ stage 2: beats wait for the FCS of their frame
  wire [31:0]        crc, fcs_crc;
  wire               crc_valid, fcs_valid, unused_good, unused_fcs_ready, unused_beat_ready;
  wire               beat_valid, beat_sop, beat_eop, beat_bad, pop;
  wire [CountW-1:0]  beat_bytes;
  wire [DataWidth-1:0] beat_data;
  wire [4:0]         beats;
  wire [4:0]         unused_fcs_count;
  crc32 #(.DataWidth(DataWidth)) u_crc (
    .clk_i(clk_i), .rst_ni(rst_ni), .en_i(frame_valid_q), .first_i(frame_sop_q), .last_i(frame_eop_q), .pair_i(1'b0),
    .bytes_i(frame_bytes_q), .data_i(frame_data_q), .tail_i({DataWidth{1'b0}}), .good_o(unused_good),
    .valid_o(crc_valid), .crc_o(crc)
  );
  sync_fifo #(.Width(BeatW), .DepthLog2(4)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(frame_valid_q), .wr_ready_o(unused_beat_ready),
    .wr_data_i({frame_bad_q, frame_sop_q, frame_eop_q, frame_bytes_q, frame_data_q}),
    .rd_valid_o(beat_valid), .rd_ready_i(pop), .rd_data_o({beat_bad, beat_sop, beat_eop, beat_bytes, beat_data}),
    .count_o(beats)
  );
  sync_fifo #(.Width(32), .DepthLog2(4)) u_fcs (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(crc_valid), .wr_ready_o(unused_fcs_ready), .wr_data_i(crc),
    .rd_valid_o(fcs_valid), .rd_ready_i(pop && beat_eop), .rd_data_o(fcs_crc), .count_o(unused_fcs_count)
  );
  always @(posedge clk_i) begin
    if (!rst_ni) room_q <= 1'b0;
    else room_q <= beats < 5'd13;   // of 16: three may be on their way by then
  end

  // ------------------------------------------------------------ stage 3: a word later, FCS and /T/ behind
  // Path step T9: preamble, SFD, FCS.
  reg  [63:0]       carry_q;                                   // the top word of the beat before
  wire [31:0]       fcs   = fcs_crc ^ {32{!beat_bad}};         // wrong on purpose for a bad frame
  wire [63:0]       front = beat_sop ? Preamble : carry_q;
  wire [6:0]        end7  = seven(beat_bytes) + 7'd12;         // /T/, with 8 octets in front and the FCS
  wire              free  = !out_valid_o || out_ready_i;
  assign pop = beat_valid && free && (!beat_eop || fcs_valid);
  always @(posedge clk_i) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else if (free) out_valid_o <= pop;
  end
  always @(posedge clk_i) begin
    if (pop) begin
      out_sop_o   <= beat_sop;
      out_eop_o   <= beat_eop;
      out_words_o <= beat_eop ? end7[6:3] + 4'd1 : Words;
      out_lane_o  <= end7[2:0];
      carry_q     <= beat_data[DataWidth-1 -: 64];
      if (beat_eop) begin   // octets behind beat_bytes are zero already
        out_data_o <= ({{64{1'b0}}, beat_data, front} ^ {WideBytes{8'h07}} ^
                       ({{Wide-104{1'b0}}, 8'hFD, fcs, 64'd0} << {beat_bytes, 3'b000})) &
                      ~({{Wide-104{1'b1}}, 104'd0} << {beat_bytes, 3'b000});
        out_ctl_o  <= ~(({{WideBytes-12{1'b1}}, 12'd0} << beat_bytes) | {{WideBytes-1{1'b0}}, beat_sop});
      end else begin
        out_data_o <= {128'd0, with_front(beat_data, front) ^ {Bytes{8'h07}}};
        out_ctl_o  <= {16'd0, {Bytes-1{1'b1}}, !beat_sop};
      end
    end
  end

  function [6:0] seven(input [CountW-1:0] x);
    begin
      seven = 7'd0;
      seven[CountW-1:0] = x;
    end
  endfunction
  // The top word of a beat goes into the next.
  // verilator lint_off UNUSEDSIGNAL
  function [DataWidth-1:0] with_front(input [DataWidth-1:0] beat_data_in, input [63:0] word);
    with_front = (beat_data_in << 64) | {{DataWidth-64{1'b0}}, word};
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  assign open_o = open_q;
  assign busy_o = pad_q || frame_valid_q || beat_valid;
endmodule
`default_nettype wire
