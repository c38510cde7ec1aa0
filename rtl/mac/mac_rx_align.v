// mac_rx_align - wire beats to frame beats: cuts frames out and moves the first octet of each to byte 0.
//
// Does:    takes 0..15 octets of preamble behind /S/ whatever their value, the first D5 as SFD (IEEE 802.3 section
//          4.2.9, clauses 46.2 and 81.2); ends a frame at its first control character. mac_rx_pass cuts a beat that
//          holds more than the end of one frame and the start of the next; mac_rx_scan finds ends and SFD.
// Marks, with eop: symbol (an end that is not /T/, so any /E/, or no SFD found: then a frame of no octets comes out),
//          lost (the crossing FIFO dropped a part of this frame). lost_starts_o counts frames that were lost whole.
// Pairs:   the last octets of a frame may come beside the full beat before them (out_pair_o, out_tail_o). Not at 64 bits,
//          where a preamble takes a beat: there they come in a beat of their own, and where a wire without preambles
//          leaves no time for it, it waits.
// Does not: check length or FCS (mac_rx_check), refuse a beat of output: there is no ready.
// Latency: the octets of a wire beat come out when the next beat of the frame is here (the last ones at once; at 64
//          bits those of a beat of their own a cycle later), 4 cycles. out_time_o: the time at the first of them.
// Throughput: one wire beat a cycle, more for a beat that holds a whole runt, or follows a frame too closely.
`default_nettype none
module mac_rx_align #(
  parameter DataWidth = 64
) (
  input  wire                           clk_i,
  input  wire                           rst_ni,
  input  wire [63:0]                    time_ns_i,
  input  wire                           in_valid_i,
  output wire                           in_ready_o,
  input  wire [DataWidth-1:0]           in_data_i,
  input  wire [DataWidth/8-1:0]         in_ctl_i,
  input  wire                           in_lost_i,
  input  wire [11:0]                    in_lost_starts_i,
  output reg                            out_valid_o,
  output reg                            out_sop_o,
  output reg                            out_eop_o,
  output reg                            out_pair_o,     // with eop: out_data_o is full, more is in out_tail_o
  output reg  [$clog2(DataWidth/8)+1:0] out_bytes_o,    // of both together
  output reg  [DataWidth-1:0]           out_data_o,
  output reg  [DataWidth-1:0]           out_tail_o,
  output reg                            out_symbol_o,
  output reg                            out_lost_o,
  output reg  [63:0]                    out_time_o,     // when the start came
  output wire [11:0]                    lost_starts_o,  // with lost_valid_o, once per loss
  output wire                           lost_valid_o,
  output wire                           idle_o
);
  localparam Bytes  = DataWidth / 8;
  localparam CountW = $clog2(Bytes) + 1;
  localparam Places = (DataWidth == 64) ? 2 : DataWidth / 64;
  localparam Pairs  = DataWidth != 64;
  localparam [CountW-1:0] FullBeat = {1'b1, {CountW-1{1'b0}}};
  localparam [6:0] Beat7 = Bytes[6:0];
  localparam [1:0] StIdle = 2'd0, StPreamble = 2'd1, StFrame = 2'd2, StNoSfd = 2'd3;

  wire                  pass_valid, pass_head, pass_lost, hold;
  wire [Places-1:0]     pass_start;
  wire [DataWidth-1:0]  pass_data;
  wire [Bytes-1:0]      pass_ctl;
  wire [11:0]           pass_lost_starts;
  wire [63:0]           pass_time;
  mac_rx_pass #(.DataWidth(DataWidth), .Places(Places)) u_pass (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o),
    .in_data_i(in_data_i), .in_ctl_i(in_ctl_i), .in_lost_i(in_lost_i), .in_lost_starts_i(in_lost_starts_i),
    .hold_i(hold), .valid_o(pass_valid), .head_o(pass_head), .start_o(pass_start), .data_o(pass_data), .ctl_o(pass_ctl),
    .lost_o(pass_lost), .lost_starts_o(pass_lost_starts), .time_o(pass_time)
  );
  wire                  pass, head, lost, end_found, end_clean, start, hit, hit_ctl, scan_idle;
  wire [DataWidth-1:0]  data;
  wire [63:0]           start_time;
  wire [CountW-1:0]     end_pos, next_pos;
  wire [4:0]            count, hit_idx;
  mac_rx_scan #(.DataWidth(DataWidth), .Places(Places)) u_scan (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(pass_valid), .in_head_i(pass_head), .in_start_i(pass_start),
    .in_data_i(pass_data), .in_ctl_i(pass_ctl), .in_lost_i(pass_lost), .in_lost_starts_i(pass_lost_starts),
    .in_time_i(pass_time), .hold_i(hold), .valid_o(pass), .head_o(head), .data_o(data), .lost_o(lost),
    .lost_starts_o(lost_starts_o), .time_o(start_time), .end_o(end_found), .end_clean_o(end_clean), .end_pos_o(end_pos), .start_o(start),
    .count_o(count), .hit_o(hit), .hit_ctl_o(hit_ctl), .hit_idx_o(hit_idx), .next_pos_o(next_pos), .idle_o(scan_idle)
  );

  reg [1:0]           state_q;
  reg [DataWidth-1:0] prev_data_q;  // the beat before
  reg                 have_prev_q;  //   holds octets of the frame, from off_q
  reg [CountW-2:0]    off_q;        // where the frame's octets start in each wire beat
  reg                 sop_q;        // nothing of this frame has gone out
  reg [4:0]           left_q;       // octets in which its SFD must come
  reg [63:0]          time_q;       // of its start
  reg                 tail_q;       // without pairs: octets of the beat before, from tail_off_q, are a beat to come
  reg [CountW-2:0]    tail_off_q, tail_bytes_q;

  // What was open before this pass, and what it brings. A pass with head closes what was open or leaves it as it is; a
  // start that follows in the same pass runs on. A pass without head has its start alone, and that may end in it.
  wire open    = head && state_q != StIdle;
  wire cut     = open && lost;                                      // lost beats end what was open
  wire closes  = cut || (end_found && (open || !head));
  wire sfd     = hit && !hit_ctl && (start && !head || (state_q == StPreamble && hit_idx < left_q));
  wire has     = open && state_q == StFrame;                         // octets from the first on belong to a frame
  wire aligned = has && have_prev_q;                                // they stand behind those of the beat before
  wire whole   = has && !closes;
  wire octets  = has || sfd;
  wire emit    = pass && (closes || (whole && have_prev_q));
  wire pair    = aligned && closes && !cut && end_pos > {1'b0, off_q};
  wire later   = pair && !Pairs;
  wire tail    = tail_q && !Pairs;
  wire step    = pass && !hold;
  assign hold  = tail && emit;
  wire [CountW-2:0]    from = tail ? tail_off_q : has ? off_q : next_pos[CountW-2:0];
  wire [CountW:0]      own  = {1'b0, end_pos} - {1'b0, has ? {1'b0, off_q} : next_pos};
  wire [DataWidth-1:0] low  = (tail || aligned) ? prev_data_q : data;
  assign lost_valid_o = step && head && lost;
  assign idle_o       = scan_idle && !in_valid_i && state_q == StIdle && !out_valid_o;

  always @(posedge clk_i) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else out_valid_o <= emit || tail;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) tail_q <= 1'b0;
    else tail_q <= step && later;
    if (step && later) {tail_off_q, tail_bytes_q} <= {off_q, own[CountW-2:0]};
  end
  always @(posedge clk_i) begin
    if (emit || tail) begin
      out_sop_o    <= !tail && (sop_q || !has);
      out_eop_o    <= tail || (closes && !later);
      out_pair_o   <= pair && Pairs;
      out_bytes_o  <= tail ? {2'b00, tail_bytes_q} : (whole || later) ? {1'b0, FullBeat} :
                      !octets ? {CountW+1{1'b0}} : aligned ? {1'b0, FullBeat} + own : own;
      out_data_o   <= low_half({data, low} >> {from, 3'b000});
      if (Pairs && pair) out_tail_o <= data >> {from, 3'b000};
    end
    if (emit && !tail) begin
      out_symbol_o <= closes && !(end_clean && octets);
      out_lost_o   <= cut;   // octets and their number mean nothing then
      out_time_o   <= head ? time_q : start_time;
    end
  end
  // What this cuts off the upper end is unused on purpose.
  // verilator lint_off UNUSEDSIGNAL
  function [DataWidth-1:0] low_half(input [2*DataWidth-1:0] x);
    low_half = x[DataWidth-1:0];
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  wire runs_on = start && (head || !end_found);   // a frame starts here and is open behind this pass
  wire [6:0] left7 = {2'b00, left_q};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      have_prev_q <= 1'b0;
      sop_q       <= 1'b0;
    end else if (step) begin
      if (runs_on) begin
        state_q     <= (hit && !hit_ctl) ? StFrame : (hit || count == 5'd16) ? StNoSfd : StPreamble;
        left_q      <= 5'd16 - count;
        off_q       <= next_pos[CountW-2:0];
        have_prev_q <= next_pos != FullBeat;
        sop_q       <= 1'b1;
      end else if (closes) state_q <= StIdle;
      else if (open && state_q == StPreamble) begin
        state_q     <= sfd ? StFrame : (left7 <= Beat7) ? StNoSfd : StPreamble;
        left_q      <= left_q - Beat7[4:0];
        off_q       <= next_pos[CountW-2:0];
        have_prev_q <= next_pos != FullBeat;
      end else if (whole) begin
        have_prev_q <= 1'b1;
        if (have_prev_q) sop_q <= 1'b0;
      end
    end
  end
  always @(posedge clk_i) begin
    if (step && (start || open)) prev_data_q <= data;
    if (step && start) time_q <= start_time;
  end
endmodule
`default_nettype wire
