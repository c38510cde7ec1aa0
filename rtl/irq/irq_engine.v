// irq_engine - interrupt moderation and status writes: one engine that looks at the queue sets in turn.
//
// Does:      asks for a status write of a queue whose indices differ from what was last written or that has a new stamp
//            (rule D12: one snapshot, a new tag each time); counts events as reported only when the status write that shows
//            them has left pcie (D5, P38); decides when a message goes (I1 to I11).
// Message:   fire_o, not while masked, when one of these holds, and the last message is INT_GAP_USECS old (I7),
//            counted from the look behind its leaving pcie: until then, with a gap, only force asks for another:
//            * frames >= INT_RX_FRAMES, or packets >= INT_TX_FRAMES (a count of 0 sets no threshold);
//            * count and time are both 0 for that side: at once;
//            * INT_RX_USECS or INT_TX_USECS have passed since the first unreported event of that side (0: no timer), or
//              INT_MAX_USECS (0: no bound), and something has been reported in the status block;
//            * the mask was lifted by INT_CONTROL over unreported events; INT_REARM came with an old tag.
//            Force sends one whatever the gap.
// Events:    `unseen` are not in a status write yet, `flying` are in the one under way, `shown` are in memory. They move
//            from one to the next and are cleared by a message or by a settling INT_REARM. Everything happens in the looks,
//            one after the other, so nothing coincides with anything (I8). Without a status block nothing is shown and no
//            timer counts. While not masked and with anything unreported, a timer runs or `urgent` is set or the count
//            decides.
// Batching:  a queue's status writes are at least 256 ns apart; the first one after that long goes at once.
// Latency:   a look takes 5 cycles, so a queue has one every 5 x Queues when all are busy; when the engine rests, from
//            the end of a status write it begins in the same cycle, from an event one cycle later: a status write begins 2
//            cycles behind that, a message 4; otherwise at most 5 x Queues more.
`default_nettype none
module irq_engine #(
  parameter Queues = 1,
  parameter SelW   = 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire [47:0]          time_ns_i,     // wraps after 3 days
  output wire                 idle_o,
  // irq_flags
  input  wire [Queues-1:0]    attention_i,
  output wire [Queues-1:0]    capture_o,
  output wire [Queues-1:0]    again_o,
  output wire [Queues-1:0]    fire_o,
  input  wire [Queues*7-1:0]  tx_events_i,
  input  wire [Queues*7-1:0]  rx_events_i,
  input  wire [Queues-1:0]    done_i,
  input  wire [Queues-1:0]    redo_i,
  input  wire [Queues-1:0]    settle_i,
  input  wire [Queues-1:0]    settle_all_i,
  input  wire [Queues-1:0]    unmask_i,
  input  wire [Queues-1:0]    stale_i,
  input  wire [Queues-1:0]    want_i,
  input  wire [Queues-1:0]    flying_i,
  input  wire [Queues-1:0]    owed_i,        // fired, and the message has not left yet
  input  wire [Queues-1:0]    told_i,        // it has left since the last look
  input  wire [Queues-1:0]    defer_i,
  input  wire [Queues-1:0]    mask_i,
  input  wire [Queues-1:0]    force_i,
  input  wire [Queues-1:0]    newer_i,
  // Settings
  input  wire [Queues-1:0]    status_on_i,
  input  wire [Queues-1:0]    auto_mask_i,
  input  wire [Queues*16-1:0] rx_frames_i,
  input  wire [Queues*16-1:0] rx_usecs_i,
  input  wire [Queues*16-1:0] tx_frames_i,
  input  wire [Queues*16-1:0] tx_usecs_i,
  input  wire [Queues*16-1:0] max_usecs_i,
  input  wire [Queues*16-1:0] gap_usecs_i,
  // A status write begins; tag_o is its tag
  input  wire                 writer_ready_i,
  output wire [Queues-1:0]    take_o,
  output wire [Queues-1:0]    missed_o,      // one could, but for the writer
  output wire [SelW-1:0]      queue_o,
  output wire [31:0]          tag_o,
  // Newest tag of a queue, for STATUS_TAG and INT_REARM
  input  wire [SelW-1:0]      tag_queue_i,
  output wire [31:0]          tag_newest_o
);
  localparam [2:0] StPick = 3'd0, StCapture = 3'd1, StTake = 3'd2, StShow = 3'd3, StDecide = 3'd4;
  localparam [Queues-1:0] One = 1;

  // ------------------------------------------------------------ state of the queues, in memories; zero until written
  reg [31:0]       tag_mem [0:(1<<SelW)-1];
  reg [95:0]       events_mem [0:(1<<SelW)-1];     // unseen, flying, shown; each TX, RX
  reg [95:0]       start_mem [0:(1<<SelW)-1];      // ns of the first unreported event; without a limit it may be long ago
  reg [95:0]       last_mem [0:(1<<SelW)-1];       // ns of the last message and of the last status write
  reg [4:0]        bits_mem [0:(1<<SelW)-1];       // a status write, a message was; urgent; timers run
  reg [Queues-1:0] live_q, tag_live_q;

  // ------------------------------------------------------------ the look under way
  reg [2:0]  state_q;
  reg [SelW-1:0] sel_q;
  reg [Queues-1:0] sel_hot_q;
  reg [15:0] tx_unseen_q, rx_unseen_q, tx_flying_q, rx_flying_q, tx_shown_q, rx_shown_q;
  reg [47:0] tx_start_q, rx_start_q, tx_age_q, rx_age_q, message_at_q, write_at_q, gap_age_q;
  reg        wrote_q, sent_q, urgent_q, tx_run_q, rx_run_q;
  reg        tx_new_q, rx_new_q;            // events came since the last look
  reg        done_q, redo_q, settle_q, settle_all_q, unmask_q, on_q;
  reg [15:0] tx_frames_q, rx_frames_q, gap_q, tx_limit_q, rx_limit_q;
  reg        tx_at_once_q, rx_at_once_q, held_q, taken_q, caught_q;
  reg [25:0] tx_bound_q, rx_bound_q, gap_bound_q;
  reg        tx_over_q, rx_over_q, gap_over_q;

  function automatic [15:0] add(input [15:0] a, input [15:0] b);   // saturating
    reg [16:0] sum;
    begin
      sum = {1'b0, a} + {1'b0, b};
      add = sum[15:0] | {16{sum[16]}};
    end
  endfunction
  function automatic [25:0] to_ns(input [15:0] us);                // x 1000 = x 1024 - x 24
    to_ns = {us, 10'd0} - {6'd0, us, 4'd0} - {7'd0, us, 3'd0};
  endfunction
  // Less than 256 ns ago. b is a + 1 when each bit that a one and a zero leave behind them flips the next: no long carry.
  function automatic just(input [47:0] now, input [47:0] at);
    reg [39:0] a, b;
    begin
      a = at[47:8];
      b = now[47:8];
      just = a == b || ((a ^ b) == {a[38:0] & ~b[38:0], 1'b1} && now[7:0] < at[7:0]);
    end
  endfunction
  function automatic [15:0] sooner(input [15:0] us, input [15:0] max);   // 0: no limit
    sooner = us != 16'd0 && (max == 16'd0 || us < max) ? us : max;
  endfunction

  // ------------------------------------------------------------ StPick: the next queue with something to do
  wire [Queues-1:0] above = ~(sel_hot_q | (sel_hot_q - One));
  wire [Queues-1:0] later = attention_i & above;
  wire [Queues-1:0] pool  = later != 0 ? later : attention_i;
  reg  [Queues-1:0] one;
  reg  [SelW-1:0]   pick;
  always @(*) begin : encode
    integer n;
    one  = {Queues{1'b0}};
    pick = {SelW{1'b0}};
    for (n = Queues - 1; n >= 0; n = n - 1) if (pool[n]) begin
      one  = One << n;
      pick = n[SelW-1:0];
    end
  end
  wire              at_capture = state_q == StCapture;
  assign capture_o = at_capture ? sel_hot_q : {Queues{1'b0}};

  // Of the queue looked at: settings and flags
  wire [15:0] tx_usecs = tx_usecs_i[sel_q*16 +: 16], rx_usecs = rx_usecs_i[sel_q*16 +: 16];
  wire [15:0] max_usecs = max_usecs_i[sel_q*16 +: 16];
  wire        live = live_q[sel_q];

  // ------------------------------------------------------------ StTake
  wire want = want_i[sel_q], flying = flying_i[sel_q];
  wire able = state_q == StTake && want && !flying && !(wrote_q && held_q);
  wire take = able && writer_ready_i;
  wire [31:0] tag_now = tag_live_q[sel_q] ? tag_mem[sel_q] : 32'd0;
  assign take_o  = take ? sel_hot_q : {Queues{1'b0}};
  assign missed_o = able && !take ? sel_hot_q : {Queues{1'b0}};
  assign queue_o = sel_q;
  assign tag_o   = tag_now + 32'd1;
  assign tag_newest_o = tag_live_q[tag_queue_i] ? tag_mem[tag_queue_i] : 32'd0;
  always @(posedge clk_i) if (take) tag_mem[sel_q] <= tag_o;

  // Loops and not a variable index, whose product by 7 and shift would be made of logic.
  reg [6:0] tx_events, rx_events;
  always @* begin : of_the_queue
    integer i;
    tx_events = 7'd0;
    rx_events = 7'd0;
    if (state_q == StCapture)
      for (i = 0; i < Queues; i = i + 1) if (i[SelW-1:0] == sel_q) {tx_events, rx_events} = {tx_events_i[i*7 +: 7], rx_events_i[i*7 +: 7]};
  end

  // ------------------------------------------------------------ StDecide
  // Path step R6: the interrupt, by frame count and by time; T10: the same for packets sent.
  wire decide  = state_q == StDecide;
  wire open    = !mask_i[sel_q] && !defer_i[sel_q];
  wire behind  = gap_q != 0 && (owed_i[sel_q] || told_i[sel_q]);   // the gap has not begun; its message asks for a look
  reg  tx_any, rx_any, any_shown, tx_reached, rx_reached, expired, urgent, due, fire, again, restart, mask, tx_left, rx_left;
  reg  tx_run, rx_run, tx_from, rx_from;
  always @(*) begin : decision
    {tx_any, rx_any, any_shown, tx_reached, rx_reached, expired, urgent, due, fire, again, restart, mask} = 12'd0;
    {tx_left, rx_left, tx_run, rx_run, tx_from, rx_from} = 6'd0;
    if (decide) begin
      tx_any     = tx_unseen_q != 0 || tx_flying_q != 0;
      rx_any     = rx_unseen_q != 0 || rx_flying_q != 0;
      any_shown  = tx_shown_q != 0 || rx_shown_q != 0;
      tx_reached = tx_shown_q != 0 && (tx_frames_q != 0 ? tx_shown_q >= tx_frames_q : tx_at_once_q);
      rx_reached = rx_shown_q != 0 && (rx_frames_q != 0 ? rx_shown_q >= rx_frames_q : rx_at_once_q);
      expired    = on_q && !settle_q && ((tx_run_q && tx_limit_q != 0 && tx_over_q) ||
                                         (rx_run_q && rx_limit_q != 0 && rx_over_q));
      urgent     = !settle_q && (urgent_q || expired || (unmask_q && (tx_any || rx_any || any_shown)));
      due        = newer_i[sel_q] || tx_reached || rx_reached || (urgent && any_shown);
      fire       = open && (force_i[sel_q] || (due && !behind && (!sent_q || gap_q == 0 || gap_over_q)));
      restart    = fire || settle_q;
      mask       = fire ? auto_mask_i[sel_q] : mask_i[sel_q];
      // Left unreported: all but what a message reports; after a settling INT_REARM what was shown in this very look is
      // left too.
      tx_left = tx_any || (!fire && tx_shown_q != 0);
      rx_left = rx_any || (!fire && rx_shown_q != 0);
      tx_run  = !mask && (restart ? tx_left : (tx_run_q || tx_new_q) && !expired);
      rx_run  = !mask && (restart ? rx_left : (rx_run_q || rx_new_q) && !expired);
      tx_from = restart ? tx_left : tx_new_q && !tx_run_q;
      rx_from = restart ? rx_left : rx_new_q && !rx_run_q;
      again   = (on_q && ((tx_run && tx_limit_q != 0) || (rx_run && rx_limit_q != 0))) || defer_i[sel_q] ||
                (open && due && !fire && !behind);
    end
  end
  assign fire_o  = fire ? sel_hot_q : {Queues{1'b0}};
  assign again_o = again ? sel_hot_q : {Queues{1'b0}};
  always @(posedge clk_i) begin
    if (decide) begin
      events_mem[sel_q] <= {fire ? 32'd0 : {tx_shown_q, rx_shown_q}, tx_flying_q, rx_flying_q, tx_unseen_q, rx_unseen_q};
      start_mem[sel_q]  <= {tx_from ? time_ns_i : tx_start_q, rx_from ? time_ns_i : rx_start_q};
      last_mem[sel_q]   <= {message_at_q, taken_q ? time_ns_i : write_at_q};
      bits_mem[sel_q]   <= {wrote_q || taken_q, sent_q, urgent && !restart, tx_run, rx_run};
    end
  end

  // ------------------------------------------------------------ the look, step by step
  wire [95:0] events = events_mem[sel_q];
  wire [95:0] starts = start_mem[sel_q];
  wire [95:0] lasts  = last_mem[sel_q];
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= StPick;
      sel_q      <= {SelW{1'b0}};
      sel_hot_q  <= One;
      live_q     <= {Queues{1'b0}};
      tag_live_q <= {Queues{1'b0}};
    end else case (state_q)
      StPick: if (attention_i != 0) begin
        state_q   <= StCapture;
        sel_q     <= pick;
        sel_hot_q <= one;
      end
      StCapture: begin
        state_q <= StTake;
        {tx_flying_q, rx_flying_q} <= live ? events[63:32] : 32'd0;
        tx_unseen_q <= add(live ? events[31:16] : 16'd0, {9'd0, tx_events});
        rx_unseen_q <= add(live ? events[15:0] : 16'd0, {9'd0, rx_events});
        {tx_shown_q, rx_shown_q}   <= live && !settle_i[sel_q] ? events[95:64] : 32'd0;
        {tx_start_q, rx_start_q}   <= starts;
        message_at_q <= told_i[sel_q] ? time_ns_i : lasts[95:48];
        write_at_q   <= lasts[47:0];
        {wrote_q, sent_q, urgent_q, tx_run_q, rx_run_q} <= (live ? bits_mem[sel_q] : 5'd0) | {1'b0, told_i[sel_q], 3'd0};
        held_q       <= just(time_ns_i, lasts[47:0]);   // counts with wrote_q
        tx_new_q     <= tx_events != 7'd0;
        rx_new_q     <= rx_events != 7'd0;
        done_q       <= done_i[sel_q];
        redo_q       <= redo_i[sel_q];
        settle_q     <= settle_i[sel_q];
        settle_all_q <= settle_all_i[sel_q];
        unmask_q     <= unmask_i[sel_q];
        on_q         <= status_on_i[sel_q];
        tx_frames_q  <= tx_frames_i[sel_q*16 +: 16];
        rx_frames_q  <= rx_frames_i[sel_q*16 +: 16];
        gap_q        <= gap_usecs_i[sel_q*16 +: 16];
        tx_limit_q   <= sooner(tx_usecs, max_usecs);
        rx_limit_q   <= sooner(rx_usecs, max_usecs);
        tx_at_once_q <= tx_usecs == 0;
        rx_at_once_q <= rx_usecs == 0;
      end
      StTake: begin                       // what a write that ended carried: shown, or unseen again, or known already
        state_q  <= StShow;
        taken_q  <= take;
        caught_q <= on_q && !stale_i[sel_q] && !flying;
        if (take) tag_live_q <= tag_live_q | sel_hot_q;
        if (done_q) begin
          {tx_flying_q, rx_flying_q} <= 32'd0;
          if (redo_q) begin
            tx_unseen_q <= add(tx_unseen_q, tx_flying_q);
            rx_unseen_q <= add(rx_unseen_q, rx_flying_q);
          end else if (!settle_all_q) begin
            tx_shown_q <= add(tx_shown_q, tx_flying_q);
            rx_shown_q <= add(rx_shown_q, rx_flying_q);
          end
        end
        tx_bound_q  <= to_ns(tx_limit_q);
        rx_bound_q  <= to_ns(rx_limit_q);
        gap_bound_q <= to_ns(gap_q);
        tx_age_q    <= time_ns_i - tx_start_q;
        rx_age_q    <= time_ns_i - rx_start_q;
        gap_age_q   <= time_ns_i - message_at_q;
      end
      StShow: begin                       // unseen events go into the write just begun, or are in memory already
        state_q    <= StDecide;
        tx_over_q  <= tx_age_q >= {22'd0, tx_bound_q};
        rx_over_q  <= rx_age_q >= {22'd0, rx_bound_q};
        gap_over_q <= gap_age_q >= {22'd0, gap_bound_q};
        if (taken_q || caught_q) {tx_unseen_q, rx_unseen_q} <= 32'd0;
        if (taken_q) {tx_flying_q, rx_flying_q} <= {tx_unseen_q, rx_unseen_q};
        if (caught_q) begin
          tx_shown_q <= add(tx_shown_q, tx_unseen_q);
          rx_shown_q <= add(rx_shown_q, rx_unseen_q);
        end
      end
      default: begin
        state_q       <= StPick;
        live_q        <= live_q | sel_hot_q;
      end
    endcase
  end
  assign idle_o = state_q == StPick;
endmodule
`default_nettype wire
