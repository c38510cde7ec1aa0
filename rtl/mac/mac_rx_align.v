// mac_rx_align - wire beats to frame beats: cuts frames out and moves the first octet of each to byte 0.
//
// Does:    takes 0..15 octets of preamble behind /S/ whatever their value, the first D5 as SFD (IEEE 802.3 section
//          4.2.9, clauses 46.2 and 81.2); ends a frame at its first control character. A beat may hold the end of a
//          frame, whole runts and the start of the next. What stands where in a beat is mac_rx_scan's work, one stage
//          before.
// Marks, with eop: symbol (an end that is not /T/, so any /E/, or no SFD found: then a frame of no octets comes out),
//          lost (the crossing FIFO dropped a part of this frame). lost_starts_o counts frames that were lost whole.
// Does not: check length or FCS (mac_rx_check), refuse a beat of output: there is no ready.
// Latency: the octets of a wire beat come out when the next beat of the frame is here (the last ones at once), 2
//          cycles.
// Throughput: one wire beat a cycle. A last beat that makes two takes one more, a second event behind the first SFD
//          three.
`default_nettype none
module mac_rx_align #(
  parameter DataWidth = 64
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire [63:0]                  time_ns_i,
  input  wire                         in_valid_i,
  output wire                         in_ready_o,
  input  wire [DataWidth-1:0]         in_data_i,
  input  wire [DataWidth/8-1:0]       in_ctl_i,
  input  wire                         in_lost_i,
  input  wire [7:0]                   in_lost_starts_i,
  output reg                          out_valid_o,
  output reg                          out_sop_o,
  output reg                          out_eop_o,
  output reg  [$clog2(DataWidth/8):0] out_bytes_o,
  output reg  [DataWidth-1:0]         out_data_o,
  output reg                          out_symbol_o,
  output reg                          out_lost_o,
  output reg  [63:0]                  out_time_o,     // when the start was found
  output wire [7:0]                   lost_starts_o,  // with lost_valid_o, once per loss
  output wire                         lost_valid_o,
  output wire                         idle_o
);
  localparam Bytes  = DataWidth / 8;
  localparam CountW = $clog2(Bytes) + 1;
  localparam [CountW-1:0] FullBeat = {1'b1, {CountW-1{1'b0}}};
  localparam [7:0] Beat8 = {{8-CountW{1'b0}}, FullBeat};
  localparam [1:0] StIdle = 2'd0, StPreamble = 2'd1, StFrame = 2'd2;

  wire                 pass, first, lost, end_found, end_clean, start, start_sfd, start_failed, hit, hit_ctl, scan_idle;
  wire [DataWidth-1:0] data;
  wire [CountW-1:0]    end_pos, start_next, ctl_last;
  wire [4:0]           start_count, hit_idx;
  wire                 next, again;
  wire [CountW-1:0]    next_pos;
  mac_rx_scan #(.DataWidth(DataWidth)) u_scan (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .in_data_i(in_data_i),
    .in_ctl_i(in_ctl_i), .in_lost_i(in_lost_i), .in_lost_starts_i(in_lost_starts_i),
    .valid_o(pass), .first_o(first), .data_o(data), .lost_o(lost), .lost_starts_o(lost_starts_o),
    .end_o(end_found), .end_clean_o(end_clean), .end_pos_o(end_pos),
    .start_o(start), .sfd_o(start_sfd), .failed_o(start_failed), .start_next_o(start_next), .start_count_o(start_count),
    .pre_o(hit), .pre_ctl_o(hit_ctl), .pre_idx_o(hit_idx), .ctl_last_o(ctl_last),
    .next_i(next), .again_i(again), .from_i(next_pos), .idle_o(scan_idle)
  );

  reg [1:0]           state_q;
  reg [DataWidth-1:0] prev_data_q;  // the beat before
  reg                 have_prev_q;  //   holds octets of the frame, from off_q
  reg [CountW-1:0]    off_q;        // where the frame's octets start in each wire beat, 0..Bytes-1
  reg                 sop_q;        // nothing of this frame has gone out
  reg                 symbol_q;
  reg                 stop_q;       // the frame ends here (no SFD)
  reg [4:0]           left_q;       // octets in which its SFD must come
  reg [63:0]          time_q;

  wire cut = first && lost && state_q != StIdle;   // lost beats end what was open
  assign lost_valid_o = pass && first && lost;
  assign idle_o       = scan_idle && state_q == StIdle && !out_valid_o;

  // ------------------------------------------------------------ SFD of a start in an earlier beat
  wire       in_time  = hit && hit_idx < left_q;
  wire [4:0] pre_next = in_time ? hit_idx + {4'd0, !hit_ctl} : left_q;
  wire       pre_fail = in_time ? hit_ctl : Beat8 >= {3'd0, left_q};

  // ------------------------------------------------------------ what this pass does
  wire in_frame  = state_q == StFrame || cut;
  wire ends      = in_frame && (end_found || cut || stop_q);
  wire split     = ends && !cut && !stop_q && have_prev_q && end_pos > off_q;   // a last beat that makes two
  wire emit      = pass && in_frame && (ends || have_prev_q);
  wire last      = ends && !split;
  wire hold      = split || (ends && stop_q && !cut);               // the beat is needed once more as it is
  wire starting  = start && (state_q == StIdle || in_frame) && !hold;
  wire searching = starting || (state_q == StPreamble && !cut);
  wire sfd       = starting ? start_sfd : in_time && !hit_ctl;
  wire failed    = starting ? start_failed : pre_fail;
  wire more      = end_found && ctl_last >= next_pos;                 // something happens behind the SFD
  assign next_pos = starting ? start_next : position({3'd0, pre_next});
  assign again   = pass && searching && (failed || (sfd && more));
  assign next    = pass && !hold && !again;

  wire [DataWidth-1:0] low = have_prev_q ? prev_data_q : data;
  always @(posedge clk_i) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else begin
      out_valid_o <= emit;
      if (emit) begin
        out_sop_o    <= sop_q;
        out_eop_o    <= last;
        out_bytes_o  <= !last ? FullBeat :
                        stop_q ? {CountW{1'b0}} :
                        have_prev_q ? FullBeat - off_q + end_pos : end_pos - off_q;
        out_data_o   <= low_half({data, low} >> {off_q, 3'b000});
        out_symbol_o <= symbol_q || (last && !end_clean);
        out_lost_o   <= cut;   // octets and their number mean nothing then
        out_time_o   <= time_q;
      end
    end
  end
  // What these cut off the upper end is unused on purpose.
  // verilator lint_off UNUSEDSIGNAL
  function [CountW-1:0] position(input [7:0] x);   // at most Bytes where it is used
    position = x[CountW-1:0];
  endfunction
  function [DataWidth-1:0] low_half(input [2*DataWidth-1:0] x);
    low_half = x[DataWidth-1:0];
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      have_prev_q <= 1'b0;
      sop_q       <= 1'b0;
      symbol_q    <= 1'b0;
      stop_q      <= 1'b0;
    end else if (pass) begin
      if (next) prev_data_q <= data;
      if (emit) sop_q <= 1'b0;
      if (in_frame && !ends) have_prev_q <= 1'b1;     // the frame runs on
      else if (searching) begin
        if (starting) time_q <= time_ns_i;
        sop_q       <= 1'b1;
        symbol_q    <= failed;
        stop_q      <= failed;
        off_q       <= (failed || next_pos == FullBeat) ? {CountW{1'b0}} : next_pos;
        state_q     <= (sfd || failed) ? StFrame : StPreamble;
        have_prev_q <= sfd && next_pos != FullBeat && !more;
        left_q      <= starting ? 5'd16 - start_count : left_q - Beat8[4:0];
      end else if (in_frame) begin                    // the frame ends, and no other starts in this pass
        have_prev_q <= 1'b0;
        stop_q      <= 1'b0;
        if (!split) state_q <= StIdle;
      end
    end
  end
endmodule
`default_nettype wire
