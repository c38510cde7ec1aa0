// mac_rx_align - wire beats to frame beats: finds start, SFD and end of each frame and moves its first octet to byte 0.
//
// Does:    takes 0..15 octets of preamble behind /S/ whatever their value, the first D5 as SFD (IEEE 802.3 section 4.2.9,
//          clauses 46.2 and 81.2); ends a frame at the first control character that is not /E/. A beat may hold the end of a
//          frame, whole runts and the start of the next.
// Marks, with eop: symbol (an /E/ inside, an end that is not /T/, or no SFD found: then a frame of no octets comes out),
//          lost (the crossing FIFO dropped a part of this frame). lost_starts_o counts frames that were lost whole.
// Does not: check length or FCS (mac_rx_check), refuse a beat of output: there is no ready.
// Handshake: in_ready_o is a flop, low while a beat needs another pass: a last beat that makes two, or a second event behind
//          the first SFD.
// Latency: the octets of a wire beat come out when the next beat of the frame arrives (the last ones at once), 1 cycle.
// Throughput: one wire beat a cycle, less the second passes.
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
  output reg  [63:0]                  out_time_o,     // when the start left the crossing FIFO
  output wire [7:0]                   lost_starts_o,  // with lost_valid_o, once per loss
  output wire                         lost_valid_o,
  output wire                         idle_o
);
  localparam Bytes   = DataWidth / 8;
  localparam StepOct = (DataWidth == 64) ? 4 : 8;
  localparam Places  = Bytes / StepOct;
  localparam CountW  = $clog2(Bytes) + 1;
  localparam Window  = (Bytes < 16) ? Bytes : 16;    // octets of a beat among which the SFD is looked for
  localparam [CountW-1:0] FullBeat = {1'b1, {CountW-1{1'b0}}};
  localparam [1:0] StIdle = 2'd0, StPreamble = 2'd1, StFrame = 2'd2;

  reg [1:0]           state_q;
  reg                 again_q;      // pass once more over the beat in prev_*_q, live_q says which octets
  reg [Bytes-1:0]     live_q;
  reg [DataWidth-1:0] prev_data_q;
  reg [Bytes-1:0]     prev_ctl_q;
  reg                 have_prev_q;  // prev_data_q holds octets of the frame, from off_q
  reg [CountW-1:0]    off_q;        // where the frame's octets start in each wire beat, 0..Bytes-1
  reg                 sop_q;        // nothing of this frame has gone out
  reg                 symbol_q;
  reg                 stop_q;       // the frame ends here (no SFD)
  reg [4:0]           pre_q;        // octets of preamble behind /S/ so far
  reg [63:0]          time_q;

  wire                 pass = again_q || in_valid_i;
  wire [DataWidth-1:0] beat = again_q ? prev_data_q : in_data_i;
  wire [Bytes-1:0]     ctl  = again_q ? prev_ctl_q : in_ctl_i;
  wire [Bytes-1:0]     live = again_q ? live_q : {Bytes{1'b1}};
  wire                 cut  = !again_q && in_lost_i && state_q != StIdle;   // lost beats end what was open
  assign in_ready_o    = !again_q;
  assign lost_valid_o  = in_valid_i && in_lost_i && !again_q;
  assign lost_starts_o = in_lost_starts_i;
  assign idle_o        = !pass && state_q == StIdle && !out_valid_o;

  // ------------------------------------------------------------ where the open frame ends
  reg              end_found, end_clean, any_error;
  reg [CountW-1:0] end_pos;
  always @* begin : find_end
    integer i;
    end_found = 1'b0;
    end_clean = 1'b0;
    any_error = 1'b0;
    end_pos   = 0;
    if (pass && (ctl & live) != 0) begin
      for (i = Bytes - 1; i >= 0; i = i - 1) begin
        if (ctl[i] && live[i]) begin
          if (beat[8*i +: 8] == 8'hFE) any_error = 1'b1;
          else begin
            end_found = 1'b1;
            end_clean = beat[8*i +: 8] == 8'hFD;
            end_pos   = i[CountW-1:0];
            any_error = 1'b0;   // those behind the end do not count
          end
        end
      end
    end
  end

  // ------------------------------------------------------------ where the next one starts
  // A start is a control character too: it ends whatever was open, so the first one is always behind the end.
  reg              start_found;
  reg [CountW-1:0] start_pos;
  always @* begin : find_start
    integer i;
    start_found = 1'b0;
    start_pos   = 0;
    if (pass && (ctl & live) != 0) begin
      for (i = Places - 1; i >= 0; i = i - 1) begin
        if (live[i*StepOct] && ctl[i*StepOct] && beat[8*i*StepOct +: 8] == 8'hFB) begin
          start_found = 1'b1;
          start_pos   = i[CountW-1:0] * StepOct[CountW-1:0];
        end
      end
    end
  end

  // ------------------------------------------------------------ SFD: first D5 or control character in the window
  wire              in_frame  = state_q == StFrame || cut;
  wire              starting  = start_found && (state_q == StIdle || (in_frame && !cut));
  wire              searching = pass && (starting || (state_q == StPreamble && !cut));
  wire [CountW-1:0] win_pos   = starting ? start_pos + 1'b1 : {CountW{1'b0}};
  wire [4:0]        win_left  = starting ? 5'd16 : 5'd16 - pre_q;  // octets in which the SFD must come
  wire [CountW-1:0] win_beat  = FullBeat - win_pos;                // octets left in the beat
  reg [8*Window-1:0] win_data;
  reg [Window-1:0]  win_ctl;
  reg               hit, hit_ctl;
  reg [4:0]         hit_idx;
  always @* begin : find_sfd
    integer i;
    hit      = 1'b0;
    hit_ctl  = 1'b0;
    hit_idx  = 5'd0;
    win_data = 0;
    win_ctl  = 0;
    if (searching) begin
      win_data = window_data(beat >> {win_pos, 3'b000});
      win_ctl  = window_ctl(ctl >> win_pos);
      for (i = Window - 1; i >= 0; i = i - 1) begin
        if (win_ctl[i] || win_data[8*i +: 8] == 8'hD5) begin
          hit     = 1'b1;
          hit_ctl = win_ctl[i];
          hit_idx = i[4:0];
        end
      end
    end
  end
  // Functions that cut the low end out of a shifted vector: what they cut off is unused on purpose.
  // verilator lint_off UNUSEDSIGNAL
  function [8*Window-1:0] window_data(input [DataWidth-1:0] x);
    window_data = x[8*Window-1:0];
  endfunction
  function [Window-1:0] window_ctl(input [Bytes-1:0] x);
    window_ctl = x[Window-1:0];
  endfunction
  function [DataWidth-1:0] low_half(input [2*DataWidth-1:0] x);
    low_half = x[DataWidth-1:0];
  endfunction
  function [CountW-1:0] position(input [7:0] x);   // at most Bytes where it is used
    position = x[CountW-1:0];
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  // Behind the beat's end the window holds zeros: no hit there. Behind the 16th octet a hit comes too late.
  wire              in_time   = hit && hit_idx < win_left;
  wire              sfd       = in_time && !hit_ctl;
  wire [7:0]        win_beat8 = {{8-CountW{1'b0}}, win_beat};
  wire              used_up   = !in_time && win_beat8 >= {3'b000, win_left};   // 16 octets and no SFD
  wire              failed    = (in_time && hit_ctl) || used_up;
  wire [4:0]        skip      = in_time ? hit_idx + {4'd0, !hit_ctl} : win_left;
  wire [CountW-1:0] next_pos  = position({{8-CountW{1'b0}}, win_pos} + {3'b000, skip});  // first octet behind
  wire [Bytes-1:0]  next_live = {Bytes{1'b1}} << next_pos;

  // ------------------------------------------------------------ one pass
  wire              ends   = in_frame && (end_found || cut || stop_q);
  wire [CountW-1:0] end_at = cut ? {CountW{1'b0}} : end_pos;
  // A last beat with more octets than one output beat takes goes out in two passes.
  wire              split  = ends && !stop_q && have_prev_q && end_at > off_q;
  wire              emit   = pass && in_frame && (ends || have_prev_q);
  wire              last   = ends && !split;
  // What of the beat before is held, or the beat itself when it is passed over again or is the frame's first.
  wire [DataWidth-1:0] low = (have_prev_q || again_q) ? prev_data_q : in_data_i;

  always @(posedge clk_i) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else begin
      out_valid_o <= emit;
      if (emit) begin
        out_sop_o    <= sop_q;
        out_eop_o    <= last;
        out_bytes_o  <= !last ? FullBeat :
                        (stop_q || (cut && !have_prev_q)) ? {CountW{1'b0}} :
                        have_prev_q ? FullBeat - off_q + end_at : end_at - off_q;
        out_data_o   <= low_half({in_data_i, low} >> {off_q, 3'b000});
        out_symbol_o <= symbol_q || any_error || (last && !end_clean);
        out_lost_o   <= cut;
        out_time_o   <= time_q;
      end
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      again_q     <= 1'b0;
      have_prev_q <= 1'b0;
      sop_q       <= 1'b0;
      symbol_q    <= 1'b0;
      stop_q      <= 1'b0;
    end else if (pass) begin
      again_q <= 1'b0;
      stop_q  <= 1'b0;
      if (!again_q) begin
        prev_data_q <= in_data_i;
        prev_ctl_q  <= in_ctl_i;
      end
      if (emit) sop_q <= 1'b0;
      if (in_frame && !ends) begin                    // the frame runs on
        have_prev_q <= 1'b1;
        symbol_q    <= symbol_q || any_error;
      end else if (split || cut || (last && stop_q)) begin
        have_prev_q <= 1'b0;
        again_q     <= 1'b1;
        live_q      <= live;
        if (!split) state_q <= StIdle;
      end else if (in_frame && !starting) begin       // nothing behind the end
        state_q     <= StIdle;
        have_prev_q <= 1'b0;
      end else if (searching) begin
        if (starting) time_q <= time_ns_i;
        sop_q       <= 1'b1;
        symbol_q    <= failed;
        stop_q      <= failed;
        live_q      <= next_live;
        off_q       <= (failed || next_pos == FullBeat) ? {CountW{1'b0}} : next_pos;
        state_q     <= (sfd || failed) ? StFrame : StPreamble;
        have_prev_q <= sfd && next_pos != FullBeat && (ctl & next_live) == 0;
        again_q     <= failed || (sfd && (ctl & next_live) != 0);
        pre_q       <= (starting ? 5'd0 : pre_q) + win_beat8[4:0];
      end
    end
  end
endmodule
`default_nettype wire
