// mac_tx_frame - makes a MAC frame complete: preamble and SFD in front, zeros up to 60 octets, FCS and /T/ behind.
//
// Does:    IEEE 802.3 sections 3.1 to 3.2.9 and 4.2.3.3: octet 0 of the first beat is /S/ (clauses 46.2.2, 81.2.2: it
//          stands for the first preamble octet), then six 55 and D5; the octet behind the FCS is /T/, at out_end_o of
//          the eop beat; what stands behind that is zero.
// Errors:  a packet that never ends (a new sop comes instead) and one of more than 16000 octets (more than the crossing
//          holds) go out with an inverted FCS: a bad frame, never a good one nor a runt (rule E13).
// Does not: mark control octets, place the frame in the wire's beats (mac_tx_pack).
// Handshake: ready/valid on both sides. in_bytes_i counts in the eop beat alone. A frame has 1 octet at least.
// Latency: 2 cycles to out_valid_o. Throughput: a frame of n octets (padded, no FCS) takes ceil((n + 13) / Bytes)
//          cycles.
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
  output wire                           out_valid_o,
  input  wire                           out_ready_i,
  output wire                           out_sop_o,
  output wire                           out_eop_o,
  output wire [$clog2(DataWidth/8)-1:0] out_end_o,   // where /T/ stands in the eop beat
  output wire [DataWidth-1:0]           out_data_o,
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
  localparam [63:0] Preamble = 64'hD5555555555555FB;

  // ------------------------------------------------------------ stage 1: padding, and the CRC beside it
  // Padding is zeros, whatever stood behind the packet's last octet (rule E2).
  reg                 open_q;                            // the packet has not ended
  reg                 pad_q;                             // in the middle of padding
  reg                 bad_q;
  reg [11:0]          beat_q;                            // of the frame, at most LongBeat
  reg                 short_q, edge_q, long_q;           // beat_q is before, at PadBeat; is LongBeat
  reg                 frame_valid_q, frame_sop_q, frame_eop_q, frame_bad_q;
  reg [CountW-1:0]    frame_bytes_q;
  reg [DataWidth-1:0] frame_data_q;
  reg [DataWidth-1:0] padded;
  wire                frame_taken;
  wire                room  = !frame_valid_q || frame_taken;
  wire                step  = room && (pad_q || in_valid_i);
  wire                abort = !pad_q && open_q && in_sop_i;         // with in_valid_i: no end came; make one
  wire                first = !pad_q && !abort && in_sop_i;
  wire                too_short = first ? PadBeats != 0 : short_q;
  wire                at_pad = first ? PadBeats == 0 : edge_q;
  wire                long  = !first && long_q;                     // nothing more of this packet goes out
  wire [11:0]         beat_d = first ? 12'd1 : long_q ? beat_q : beat_q + 12'd1;
  wire                bad   = pad_q ? bad_q : abort || long;
  wire                ended = pad_q || abort || in_eop_i;           // no more octets of the packet behind this beat
  wire [CountW-1:0]   own   = (pad_q || abort || long) ? {CountW{1'b0}} : in_bytes_i;
  wire [CountW-1:0]   bytes = (!ended || too_short) ? FullBeat :
                              (at_pad && own < PadBytes) ? PadBytes : own;
  wire [31:0]         crc;
  assign in_ready_o = room && !pad_q && !abort;

  always @* begin
    padded = in_data_i;
    if (pad_q || abort || long) padded = {DataWidth{1'b0}};
    else if (in_eop_i) padded = in_data_i & ~({DataWidth{1'b1}} << {in_bytes_i, 3'b000});
  end

  crc32 #(.DataWidth(DataWidth)) u_crc (
    .clk_i(clk_i), .en_i(step && !(long && !ended)), .first_i(first), .bytes_i(bytes), .data_i(padded), .crc_o(crc)
  );

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q        <= 1'b0;
      pad_q         <= 1'b0;
      beat_q        <= 12'd0;
      short_q       <= 1'b0;
      edge_q        <= 1'b0;
      long_q        <= 1'b0;
      frame_valid_q <= 1'b0;
    end else if (step) begin
      open_q        <= !ended;
      pad_q         <= ended && too_short;
      bad_q         <= bad;
      beat_q        <= beat_d;
      short_q       <= beat_d + 12'd1 <= PadBeat;
      edge_q        <= beat_d == PadBeat;
      long_q        <= beat_d == LongBeat;
      frame_valid_q <= ended || !long;
      frame_bad_q   <= bad;
      frame_sop_q   <= first;
      frame_eop_q   <= ended && !too_short;
      frame_bytes_q <= bytes;
      frame_data_q  <= padded;
    end else if (frame_taken) frame_valid_q <= 1'b0;
  end

  // ------------------------------------------------------------ stage 2: a word later, FCS and /T/ behind
  // Path step T9: preamble, SFD, FCS.
  reg                 valid_q, sop_q, eop_q;
  reg [ByteW-1:0]     end_q;
  reg [DataWidth-1:0] data_q;
  reg [63:0]          carry_q;         // the top word of the beat before
  reg                 tail_q;          // octets of the frame are left over
  reg [CountW-1:0]    tail_bytes_q;    // 1..13
  reg [103:0]         tail_data_q;
  wire [DataWidth-1:0] tail_beat;
  wire                free      = !valid_q || out_ready_i;
  wire [31:0]         fcs       = crc ^ {32{!frame_bad_q}};     // wrong on purpose for a bad frame
  wire [63:0]         front     = frame_sop_q ? Preamble : carry_q;
  wire [CountW:0]     total     = {1'b0, frame_bytes_q} + 13;   // with 8 octets in front, FCS and /T/ behind
  wire                fits      = total <= {1'b0, FullBeat};
  wire                tail_fits = tail_bytes_q <= FullBeat;
  assign frame_taken = frame_valid_q && free && !tail_q;

  generate
    if (DataWidth > 104) begin : gen_wide
      assign tail_beat = {{DataWidth-104{1'b0}}, tail_data_q};
    end else begin : gen_narrow
      assign tail_beat = tail_data_q[DataWidth-1:0];
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      tail_q  <= 1'b0;
    end else if (free) begin
      valid_q <= tail_q || frame_valid_q;
      if (tail_q) begin
        sop_q        <= 1'b0;
        eop_q        <= tail_fits;
        end_q        <= tail_bytes_q[ByteW-1:0] - 1'b1;
        data_q       <= tail_beat;
        tail_q       <= !tail_fits;
        tail_bytes_q <= tail_bytes_q - FullBeat;
        tail_data_q  <= tail_data_q >> 64;
      end else if (frame_valid_q) begin
        sop_q   <= frame_sop_q;
        eop_q   <= frame_eop_q && fits;
        end_q   <= total[ByteW-1:0] - 1'b1;
        carry_q <= frame_data_q[DataWidth-1 -: 64];
        // Octets behind frame_bytes_q are zero already.
        if (frame_eop_q) {tail_data_q, data_q} <=
            {{40'd0, frame_data_q} | ({{DataWidth{1'b0}}, 8'hFD, fcs} << {frame_bytes_q, 3'b000}), front};
        else data_q <= with_front(frame_data_q, front);
        tail_q       <= frame_eop_q && !fits;
        tail_bytes_q <= total[CountW-1:0] - FullBeat;
      end
    end
  end

  // The top word of a beat goes into the next.
  // verilator lint_off UNUSEDSIGNAL
  function [DataWidth-1:0] with_front(input [DataWidth-1:0] beat_data, input [63:0] word);
    with_front = (beat_data << 64) | {{DataWidth-64{1'b0}}, word};
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  assign out_valid_o = valid_q;
  assign out_sop_o   = sop_q;
  assign out_eop_o   = eop_q;
  assign out_end_o   = end_q;
  assign out_data_o  = data_q;
  assign open_o      = open_q;
  assign busy_o      = pad_q || frame_valid_q || tail_q;
endmodule
`default_nettype wire
