// irq_flags - per queue set, what has happened and waits for irq_engine to look at it.
//
// Does:      counts events, compares the indices with those written last, keeps the status writes under way, the masks and
//            what the driver wrote to INT_CONTROL and INT_REARM. attention_o[q] is one while irq_engine has something to do
//            for queue q; capture_i[q] takes what is pending, and what happens in that very cycle stays for the next look:
//            so no event is lost, whatever coincides (rule I8).
// Rearm:     compared, one cycle after the write, with the newest tag given out: equal, or one older while that write is
//            still under way: the driver knows all that is in memory (settle), and no message is owed any
//            more. Else `newer`: one is owed.
//            A write that had not ended when INT_REARM came is not known, whatever its tag: its events stay unreported.
// Recall:    a message that waits for its vector's mask, MSI(-X) or bus mastering is decided anew when the driver writes
//            INT_CONTROL or INT_REARM: not before the mask is lifted, not at all for a newest tag unless it was forced.
// Turns:     a queue that has had a status write has no other while one waits that had none, having found the writer busy:
//            else the time that a write takes, against that of the looks, may keep it waiting for ever.
// Indices:   an event pulse must not come earlier than one cycle before the index move that it announces; it may come
//            with it or after it.
`default_nettype none
module irq_flags #(
  parameter Queues = 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // Rings
  input  wire [Queues*32-1:0] tx_cons_i,
  input  wire [Queues*32-1:0] rx_cons_i,
  input  wire [Queues*32-1:0] ret_prod_i,
  input  wire [Queues-1:0]    ev_tx_i,
  input  wire [Queues-1:0]    ev_rx_i,
  input  wire [Queues-1:0]    ev_stamp_i,
  input  wire [Queues-1:0]    status_on_i,   // there is a status block and DMA is allowed
  // Registers
  input  wire [Queues-1:0]    poke_i,        // anything of the queue set is written
  input  wire [Queues-1:0]    int_write_i,
  input  wire                 int_mask_i,    // with int_write_i
  input  wire                 int_force_i,
  input  wire [Queues-1:0]    auto_mask_i,
  input  wire [Queues-1:0]    rearm_i,
  input  wire [31:0]          rearm_older_i, // with rearm_i: the newest tag given out minus the one written
  // irq_engine and irq_writer
  output wire [Queues-1:0]    attention_o,
  input  wire [Queues-1:0]    capture_i,     // one-hot, as all of these
  input  wire [Queues-1:0]    again_i,       // look again
  input  wire [Queues-1:0]    take_i,        // a status write begins
  input  wire [Queues-1:0]    missed_i,      // .. could, but for the writer
  input  wire [Queues-1:0]    done_i,        // .. has left pcie ..
  input  wire                 redo_i,        // .. but may not have reached the host
  input  wire [Queues-1:0]    fire_i,
  input  wire [Queues-1:0]    waiting_i,     // fired, and its message has not been taken
  input  wire [Queues-1:0]    told_i,        // a message has left pcie
  output wire [Queues-1:0]    recall_o,      // one that waits is not to go now
  output reg  [Queues*7-1:0]  tx_events_o,
  output reg  [Queues*7-1:0]  rx_events_o,
  output reg  [Queues-1:0]    done_o,        // with the five below: to be captured
  output reg  [Queues-1:0]    redo_o,
  output reg  [Queues-1:0]    settle_o,
  output reg  [Queues-1:0]    settle_all_o,  // with settle and done: the driver knows that write too
  output reg  [Queues-1:0]    unmask_o,
  output reg  [Queues-1:0]    told_o,
  output wire [Queues-1:0]    stale_o,       // memory does not show what there is
  output wire [Queues-1:0]    want_o,        // .. and may be written now
  output wire [Queues-1:0]    flying_o,      // a status write is under way, or its end was not captured
  output wire [Queues-1:0]    tx_busy_o,     // memory does not show the TX index yet: for TX_STATE
  output wire [Queues-1:0]    rx_busy_o,     // .. those of RX
  output wire [Queues-1:0]    defer_o,       // a register write is not captured: no message now
  output reg  [Queues-1:0]    mask_o,
  output reg  [Queues-1:0]    force_o,
  output reg  [Queues-1:0]    newer_o
);
  reg  [Queues*32-1:0] tx_cons_q, rx_cons_q, ret_prod_q;     // as written last
  reg  [Queues-1:0]    tx_moved, rx_moved, tx_flying_q, rx_flying_q, moved_q, on_q, dirty_q, flying_q, again_q, some_q;
  reg  [Queues-1:0]    rearm_q, rearm_flying_q;
  reg  [Queues-1:0]    shut_q, forced_q;     // the driver has set the mask; force is among what fired
  reg  [Queues-1:0]    missed_q, had_q;      // status writes: waits for one; has had one in this round
  reg  [31:0]          older_q;

  // ------------------------------------------------------------ indices
  always @(*) begin : compare
    integer q;
    for (q = 0; q < Queues; q = q + 1) begin
      tx_moved[q] = tx_cons_i[q*32 +: 32] != tx_cons_q[q*32 +: 32];
      rx_moved[q] = rx_cons_i[q*32 +: 32] != rx_cons_q[q*32 +: 32] ||
                    ret_prod_i[q*32 +: 32] != ret_prod_q[q*32 +: 32];
    end
  end
  wire [Queues-1:0] moved = tx_moved | rx_moved;
  always @(posedge clk_i) begin : indices
    integer q;
    moved_q <= moved;
    if (!rst_ni) {tx_cons_q, rx_cons_q, ret_prod_q} <= {(Queues*96){1'b0}};
    else if (take_i != 0) begin
      for (q = 0; q < Queues; q = q + 1)
        if (take_i[q]) begin
          tx_cons_q[q*32 +: 32]  <= tx_cons_i[q*32 +: 32];
          rx_cons_q[q*32 +: 32]  <= rx_cons_i[q*32 +: 32];
          ret_prod_q[q*32 +: 32] <= ret_prod_i[q*32 +: 32];
        end
    end
  end

  // ------------------------------------------------------------ events: at most 2 a cycle, and a look every 5 x Queues
  wire any_event = ev_tx_i != 0 || ev_rx_i != 0 || ev_stamp_i != 0;
  always @(posedge clk_i) begin : events
    integer q;
    if (!rst_ni) begin
      {tx_events_o, rx_events_o} <= {(Queues*14){1'b0}};
      some_q <= {Queues{1'b0}};
    end else if (any_event || capture_i != 0) begin
      some_q <= (some_q & ~capture_i) | ev_tx_i | ev_rx_i | ev_stamp_i;
      for (q = 0; q < Queues; q = q + 1) begin
        tx_events_o[q*7 +: 7] <= (capture_i[q] ? 7'd0 : tx_events_o[q*7 +: 7]) + {6'd0, ev_tx_i[q]} +
                                 {6'd0, ev_stamp_i[q]};
        rx_events_o[q*7 +: 7] <= (capture_i[q] ? 7'd0 : rx_events_o[q*7 +: 7]) + {6'd0, ev_rx_i[q]};
      end
    end
  end

  // ------------------------------------------------------------ flags
  wire [Queues-1:0] ended  = done_i & flying_q;
  wire next_turn = (missed_q & ~had_q) == 0;
  wire [Queues-1:0] left   = done_o & ~capture_i;
  wire [Queues-1:0] settle = older_q == 32'd0 ? rearm_q : older_q == 32'd1 ? rearm_flying_q : {Queues{1'b0}};
  wire [Queues-1:0] recalled = recall_o & waiting_i;
  assign recall_o = int_write_i | rearm_q | shut_q;   // shut: also when bus mastering gives one back
  wire [Queues-1:0] lifts  = int_write_i & {Queues{!int_mask_i}} & mask_o;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {done_o, redo_o, settle_o, settle_all_o, unmask_o, told_o, force_o, newer_o} <= {(8*Queues){1'b0}};
      {on_q, dirty_q, flying_q, tx_flying_q, rx_flying_q, again_q, rearm_q, rearm_flying_q} <= {(8*Queues){1'b0}};
      {missed_q, had_q, shut_q, forced_q} <= {(4*Queues){1'b0}};
      mask_o  <= {Queues{1'b1}};
      older_q <= 32'd0;
    end else begin
      on_q    <= status_on_i;
      rearm_q <= rearm_i;
      rearm_flying_q <= rearm_i & flying_q & ~ended;   // of the tag compared with: a write may begin in this very cycle
      if (rearm_i != 0) older_q <= rearm_older_i;
      flying_q     <= (flying_q & ~ended) | take_i;
      // A write that may not have reached the host leaves these set: it is written again.
      tx_flying_q  <= (tx_flying_q & ~(ended & {Queues{!redo_i}})) | (take_i & tx_moved);
      rx_flying_q  <= (rx_flying_q & ~(ended & {Queues{!redo_i}})) | (take_i & rx_moved);
      dirty_q      <= (dirty_q & ~take_i) | ev_stamp_i | (ended & {Queues{redo_i}});
      missed_q     <= (missed_q | missed_i) & ~take_i & on_q & stale_o;
      if (take_i != 0) had_q <= (next_turn ? {Queues{1'b0}} : had_q) | take_i;
      done_o       <= left | ended;
      redo_o       <= (redo_o & ~capture_i) | (ended & {Queues{redo_i}});
      again_q      <= (again_q & ~capture_i) | again_i | poke_i | rearm_q | (status_on_i & ~on_q);
      settle_o     <= (settle_o & ~capture_i) | settle;
      settle_all_o <= (settle_all_o & ~capture_i) | (older_q == 32'd0 ? rearm_q & left : {Queues{1'b0}});
      unmask_o     <= (unmask_o & ~capture_i) | lifts;
      told_o       <= (told_o & ~capture_i) | told_i;
      force_o      <= (force_o & ~fire_i) | (int_write_i & {Queues{int_force_i}}) | (recalled & forced_q);
      newer_o      <= ((newer_o & ~fire_i) | rearm_q | (recalled & ~forced_q)) & ~settle;
      forced_q     <= ((forced_q & (~told_i | waiting_i)) | (fire_i & force_o)) & ~recalled;
      shut_q       <= (shut_q & ~int_write_i & ~rearm_q) | (int_write_i & {Queues{int_mask_i}});
      mask_o       <= (int_write_i & {Queues{int_mask_i}}) |
                      (~int_write_i & ~rearm_q & (mask_o | (fire_i & auto_mask_i)));
    end
  end

  assign stale_o     = moved_q | dirty_q;
  assign want_o      = on_q & stale_o & ~(next_turn ? {Queues{1'b0}} : had_q);
  assign flying_o    = flying_q | done_o;
  assign tx_busy_o   = status_on_i & (tx_moved | tx_flying_q | dirty_q);
  assign rx_busy_o   = status_on_i & (rx_moved | rx_flying_q);
  assign defer_o     = int_write_i | rearm_i | rearm_q | settle_o | unmask_o;
  // An event asks for a look one cycle later, from some_q: what counts it is not there before, and its path stays short.
  wire [Queues-1:0] waits = some_q | done_o | settle_o | unmask_o | told_o | again_q | (want_o & ~flying_q);
  assign attention_o = waits | ended;
  // Until a write has ended, irq_writer is not idle.
  assign idle_o = !any_event && waits == 0 && poke_i == 0 && rearm_q == 0 && on_q == status_on_i &&
                  moved_q == moved;
endmodule
`default_nettype wire
