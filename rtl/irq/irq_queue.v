// irq_queue - status block and interrupt moderation of one queue set.
//
// Does:      asks for a status write whenever an index differs from what was last written (rule D12: one snapshot, a
//            new tag each time); counts packets and frames as reported only when the status write that shows them has
//            been accepted (D5, P38); decides when a message goes (I1 to I11).
// Message:   fire_o, one cycle, not while masked, when one of these holds:
//            * frames >= INT_RX_FRAMES, or packets >= INT_TX_FRAMES (a count of 0 sets no threshold);
//            * count and time are both 0 for that side: at once;
//            * INT_RX_USECS or INT_TX_USECS have passed since the first unreported event of that side (0: no timer), or
//              INT_MAX_USECS (0: no bound), and something has been reported in the status block;
//            * the mask was lifted by INT_CONTROL over unreported events; INT_REARM came with an old tag; force.
// Events:    `unseen` are not in a status write yet, `flying` are in the one under way, `shown` are in memory. They
//            move from one to the next and are cleared by a message or by INT_REARM with the newest tag; an event is in
//            exactly one of the three in every cycle, so none is lost whatever happens in the same cycle (I8).
//            Without a status block nothing is shown and no timer counts.
//            While not masked and with anything unreported, a timer runs or `urgent` is set or the count decides.
// Indices:   an event pulse must not come earlier than one cycle before the index move that it announces; it may come
//            with it or after it. It is registered once, so that a pulse one cycle early does not overtake its index.
// Latency:   index move to want_o 0 cycles; done_i to fire_o 1 (count reached), 2 when the pulse came with the index.
`default_nettype none
module irq_queue (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire [63:0]  time_ns_i,
  output wire         idle_o,
  // Rings
  input  wire [31:0]  tx_cons_i,
  input  wire [31:0]  rx_cons_i,
  input  wire [31:0]  ret_prod_i,
  input  wire         ev_tx_i,
  input  wire         ev_rx_i,
  // Status writer
  input  wire         status_on_i,       // there is a status block and DMA is allowed
  output wire         want_o,
  input  wire         take_i,            // snapshot_o is taken in this cycle
  output wire [127:0] snapshot_o,
  input  wire         done_i,            // and has been accepted by pcie ..
  input  wire         redo_i,            // .. but may not have reached the host
  output wire         busy_o,
  output wire [31:0]  tag_o,             // of the last write accepted
  // Registers
  input  wire         int_write_i,
  input  wire         int_mask_i,
  input  wire         int_force_i,
  input  wire         auto_mask_i,
  input  wire         rearm_i,
  input  wire [31:0]  rearm_tag_i,
  input  wire [15:0]  rx_frames_i,
  input  wire [15:0]  rx_usecs_i,
  input  wire [15:0]  tx_frames_i,
  input  wire [15:0]  tx_usecs_i,
  input  wire [15:0]  max_usecs_i,
  output wire         mask_o,
  output wire         force_o,
  output wire         fire_o
);
  // ------------------------------------------------------------ status block
  // Path step T10: the TX consumer index goes to host memory; R5: the return producer index goes to host memory.
  reg  [31:0] tag_q, tx_cons_q, rx_cons_q, ret_prod_q;   // as last written
  reg         flying_q, stale_q;                          // stale: memory may not show what was last written
  wire        moved = tx_cons_i != tx_cons_q || rx_cons_i != rx_cons_q || ret_prod_i != ret_prod_q ||
                      stale_q;
  assign snapshot_o = {ret_prod_i, rx_cons_i, tx_cons_i, tag_q + 32'd1};
  assign want_o     = status_on_i && moved && !flying_q;
  assign busy_o     = want_o || flying_q;
  assign tag_o      = tag_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {tag_q, tx_cons_q, rx_cons_q, ret_prod_q} <= 128'd0;
      flying_q <= 1'b0;
      stale_q  <= 1'b0;
    end else if (take_i) begin
      {ret_prod_q, rx_cons_q, tx_cons_q} <= snapshot_o[127:32];
      flying_q <= 1'b1;
      stale_q  <= 1'b0;
    end else if (done_i) begin
      tag_q    <= tag_q + 32'd1;
      flying_q <= 1'b0;
      stale_q  <= redo_i;
    end
  end

  // ------------------------------------------------------------ events on their way to being shown
  function automatic [15:0] add(input [15:0] a, input [15:0] b);   // saturating
    reg [16:0] sum;
    begin
      sum = {1'b0, a} + {1'b0, b};
      add = sum[16] ? 16'hFFFF : sum[15:0];
    end
  endfunction

  reg         ev_tx_q, ev_rx_q;
  reg  [15:0] tx_unseen_q, rx_unseen_q, tx_flying_q, rx_flying_q, tx_shown_q, rx_shown_q;
  wire [15:0] tx_unseen = add(tx_unseen_q, {15'd0, ev_tx_q});
  wire [15:0] rx_unseen = add(rx_unseen_q, {15'd0, ev_rx_q});
  wire        caught_up = status_on_i && !moved && !flying_q;   // what memory shows is all there is
  wire        any_ev = ev_tx_q || ev_rx_q;
  wire        any_unseen = any_ev || tx_unseen_q != 0 || rx_unseen_q != 0;
  wire        any_flying = tx_flying_q != 0 || rx_flying_q != 0;
  wire        any_shown  = tx_shown_q != 0 || rx_shown_q != 0;
  wire        fire, settle;                                 // settle: the driver has seen all that is shown
  wire        back = done_i && redo_i;                       // what was flying is unseen again
  wire [15:0] tx_new = back ? 16'd0 : done_i ? tx_flying_q : caught_up ? tx_unseen : 16'd0;
  wire [15:0] rx_new = back ? 16'd0 : done_i ? rx_flying_q : caught_up ? rx_unseen : 16'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {ev_tx_q, ev_rx_q} <= 2'b00;
      {tx_unseen_q, rx_unseen_q, tx_flying_q, rx_flying_q, tx_shown_q, rx_shown_q} <= 96'd0;
    end else begin
      ev_tx_q <= ev_tx_i;
      ev_rx_q <= ev_rx_i;
      if (any_unseen || back) begin
        tx_unseen_q <= take_i || caught_up ? 16'd0 : add(tx_unseen, back ? tx_flying_q : 16'd0);
        rx_unseen_q <= take_i || caught_up ? 16'd0 : add(rx_unseen, back ? rx_flying_q : 16'd0);
      end
      if (take_i || done_i) begin
        tx_flying_q <= take_i ? tx_unseen : 16'd0;
        rx_flying_q <= take_i ? rx_unseen : 16'd0;
      end
      if (fire || settle || done_i || caught_up) begin
        tx_shown_q <= add(fire || settle ? 16'd0 : tx_shown_q, tx_new);
        rx_shown_q <= add(fire || settle ? 16'd0 : rx_shown_q, rx_new);
      end
    end
  end

  // ------------------------------------------------------------ timers: from the first unreported event of each side
  reg         tx_run_q, rx_run_q;
  reg  [31:0] tx_start_q, rx_start_q;            // ns; no setting comes near its wrap at 4.3 s
  wire [31:0] tx_elapsed = time_ns_i[31:0] - tx_start_q;
  wire [31:0] rx_elapsed = time_ns_i[31:0] - rx_start_q;
  wire [31:0] tx_ns  = {16'd0, tx_usecs_i} * 32'd1000;
  wire [31:0] rx_ns  = {16'd0, rx_usecs_i} * 32'd1000;
  wire [31:0] max_ns = {16'd0, max_usecs_i} * 32'd1000;
  wire        has_max = max_usecs_i != 0;
  wire        expired = status_on_i && (
                        (tx_run_q && ((tx_usecs_i != 0 && tx_elapsed >= tx_ns) || (has_max && tx_elapsed >= max_ns))) ||
                        (rx_run_q && ((rx_usecs_i != 0 && rx_elapsed >= rx_ns) || (has_max && rx_elapsed >= max_ns))));
  wire        ticking = status_on_i && ((tx_run_q && (tx_usecs_i != 0 || has_max)) ||
                                        (rx_run_q && (rx_usecs_i != 0 || has_max)));

  // ------------------------------------------------------------ decision
  // Path step R6: the interrupt, by frame count and by time; T10: the same for packets sent.
  reg  mask_q, force_q, newer_q, urgent_q;       // newer: INT_REARM came with an old tag
  wire tx_reached = tx_shown_q != 0 && (tx_frames_i != 0 ? tx_shown_q >= tx_frames_i : tx_usecs_i == 0);
  wire rx_reached = rx_shown_q != 0 && (rx_frames_i != 0 ? rx_shown_q >= rx_frames_i : rx_usecs_i == 0);
  assign fire   = !mask_q && (force_q || newer_q || tx_reached || rx_reached || (urgent_q && any_shown));
  assign settle = rearm_i && rearm_tag_i == tag_q;
  wire   unmask = int_write_i && !int_mask_i && mask_q;
  // A write of this cycle counts before a message of this cycle: then no message follows for what that one reports.
  wire   mask_written = int_write_i ? int_mask_i : mask_q && !rearm_i;
  wire   mask = mask_written || (fire && auto_mask_i);
  // Timers of a side start with its first event, or anew when what was shown has been reported and more is on its way.
  wire   restart = fire || settle;
  wire   tx_left = ev_tx_q || tx_unseen_q != 0 || tx_flying_q != 0;
  wire   rx_left = ev_rx_q || rx_unseen_q != 0 || rx_flying_q != 0;
  wire   tx_start = restart ? tx_left : ev_tx_q && !tx_run_q;
  wire   rx_start = restart ? rx_left : ev_rx_q && !rx_run_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      mask_q <= 1'b1;
      {force_q, newer_q, urgent_q, tx_run_q, rx_run_q} <= 5'd0;
      {tx_start_q, rx_start_q} <= 64'd0;
    end else begin
      mask_q   <= mask;
      force_q  <= (force_q && !fire) || (int_write_i && int_force_i);
      newer_q  <= (newer_q || (rearm_i && !settle)) && !fire;
      urgent_q <= !restart && (urgent_q || expired || (unmask && (any_unseen || any_flying || any_shown)));
      tx_run_q <= !mask && (restart ? tx_left : (tx_run_q || ev_tx_q) && !expired);
      rx_run_q <= !mask && (restart ? rx_left : (rx_run_q || ev_rx_q) && !expired);
      if (tx_start) tx_start_q <= time_ns_i[31:0];
      if (rx_start) rx_start_q <= time_ns_i[31:0];
    end
  end

  assign mask_o  = mask_q;
  assign force_o = force_q;
  assign fire_o  = fire;
  assign idle_o  = !ev_tx_i && !ev_rx_i && !any_ev && !busy_o && !(caught_up && any_unseen) && !fire && !ticking &&
                   !int_write_i && !rearm_i;
  wire unused = &{1'b0, time_ns_i[63:32]};
endmodule
`default_nettype wire
