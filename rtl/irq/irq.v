// irq - status blocks and interrupts: what waits of each queue set (irq_flags), the engine that looks at it (irq_engine),
//       MSI-X and MSI (msix), the writer to the host (irq_writer), and the TX time stamps of the status blocks.
//
// Vectors:   0 errors and link (error_i), 1 + q queue q.
// Stamps:    ev_stamp_i of a queue keeps index and time for its next status write; a later one replaces an earlier one.
// Handshake: registers as csr_global, for the blocks msix_table and msix_pba; per queue the settings of csr_queue.
`default_nettype none
module irq #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,        // restores everything
  input  wire                  writer_rst_ni, // with the engines: dma_write forgets its request then
  input  wire [63:0]           time_ns_i,
  output wire                  idle_o,
  output wire                  writing_o,     // a status block or message has not left pcie yet
  output wire                  message_o,     // a message is, or was ready to go when a register was last read and still is
  input  wire                  quiesce_i,
  input  wire                  bus_master_i,
  input  wire                  msix_enable_i,
  input  wire                  msix_mask_i,
  input  wire                  msi_enable_i,
  input  wire [63:0]           msi_addr_i,
  input  wire [15:0]           msi_data_i,
  input  wire [2:0]            msi_count_i,
  input  wire [31:0]           msi_mask_i,
  output wire [31:0]           msi_pending_o,
  input  wire                  error_i,
  input  wire                  error_stands_i, // what raised vector 0 still stands, not masked
  // MSI-X table and pending bits
  input  wire                  rd_i,
  input  wire                  wr_i,
  input  wire [15:2]           addr_i,
  input  wire [31:0]           wdata_i,
  output wire [31:0]           rdata_o,
  // Queues, queue q in slice q
  input  wire [Queues*32-1:0]  tx_cons_i,
  input  wire [Queues*32-1:0]  rx_cons_i,
  input  wire [Queues*32-1:0]  ret_prod_i,
  input  wire [Queues-1:0]     ev_tx_i,
  input  wire [Queues-1:0]     ev_rx_i,
  input  wire [Queues-1:0]     ev_stamp_i,    // one queue at a time, with the two below
  input  wire [31:0]           stamp_idx_i,
  input  wire [63:0]           stamp_time_i,
  input  wire [Queues*64-1:0]  status_base_i,
  input  wire [Queues-1:0]     status_whole_i, // its two halves belong together
  input  wire [2:0]            tag_queue_i,   // of the register access
  output wire [31:0]           tag_o,         // its newest status tag
  input  wire [Queues-1:0]     poke_i,        // a register of the queue set is written
  output wire [Queues-1:0]     tx_busy_o,     // memory does not show the TX index yet
  output wire [Queues-1:0]     rx_busy_o,
  input  wire [Queues-1:0]     int_write_i,
  input  wire                  int_mask_i,    // with int_write_i
  input  wire                  int_force_i,
  input  wire [Queues-1:0]     auto_mask_i,
  input  wire [Queues-1:0]     rearm_i,
  input  wire [31:0]           rearm_tag_i,   // with rearm_i
  input  wire [Queues*16-1:0]  rx_frames_i,
  input  wire [Queues*16-1:0]  rx_usecs_i,
  input  wire [Queues*16-1:0]  tx_frames_i,
  input  wire [Queues*16-1:0]  tx_usecs_i,
  input  wire [Queues*16-1:0]  max_usecs_i,
  input  wire [Queues*16-1:0]  gap_usecs_i,
  output wire [Queues-1:0]     mask_o,
  output wire [Queues-1:0]     force_o,
  // To dma_write
  output wire                  st_req_valid_o,
  input  wire                  st_req_ready_i,
  output wire [63:0]           st_req_addr_o,
  output wire [13:0]           st_req_len_o,
  output wire                  st_data_valid_o,
  input  wire                  st_data_ready_i,
  output wire [DataWidth-1:0]  st_data_o,
  input  wire                  st_done_i,
  // Events
  output wire                  ev_status_o,
  output wire                  ev_message_o
);
  localparam SelW = Queues > 1 ? $clog2(Queues) : 1;

  // ------------------------------------------------------------ what waits, and the engine
  wire [Queues-1:0]   status_on, attention, capture, again, take, done, fire, w_done, w_redo, settle, settle_all, unmask;
  wire [Queues:0]     owed, told, waiting;       // per vector
  wire [Queues-1:0]   stale, telling, want, missed, flying, defer, newer, recall;
  wire [Queues*7-1:0] tx_events, rx_events;
  wire                redo, flags_idle, engine_idle, st_ready;
  wire [SelW-1:0]     queue;
  wire [31:0]         tag;
  genvar q;
  generate
    for (q = 0; q < Queues; q = q + 1) begin : g_on
      assign status_on[q] = status_whole_i[q] && status_base_i[q*64 +: 64] != 64'd0 && bus_master_i && !quiesce_i;
    end
  endgenerate
  irq_flags #(.Queues(Queues)) u_flags (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(flags_idle), .tx_cons_i(tx_cons_i), .rx_cons_i(rx_cons_i),
    .ret_prod_i(ret_prod_i), .ev_tx_i(ev_tx_i), .ev_rx_i(ev_rx_i), .ev_stamp_i(ev_stamp_i), .status_on_i(status_on),
    .poke_i(poke_i), .int_write_i(int_write_i), .int_mask_i(int_mask_i), .int_force_i(int_force_i),
    .auto_mask_i(auto_mask_i), .rearm_i(rearm_i), .rearm_older_i(tag_o - rearm_tag_i), .attention_o(attention),
    .capture_i(capture), .again_i(again), .take_i(take), .missed_i(missed), .done_i(done), .redo_i(redo), .fire_i(fire),
    .tx_events_o(tx_events), .rx_events_o(rx_events), .done_o(w_done), .redo_o(w_redo), .settle_o(settle),
    .settle_all_o(settle_all), .unmask_o(unmask), .stale_o(stale), .want_o(want), .flying_o(flying), .tx_busy_o(tx_busy_o), .rx_busy_o(rx_busy_o),
    .waiting_i(waiting[Queues:1]), .recall_o(recall), .told_i(told[Queues:1]), .told_o(telling), .defer_o(defer),
    .mask_o(mask_o), .force_o(force_o), .newer_o(newer)
  );
  irq_engine #(.Queues(Queues), .SelW(SelW)) u_engine (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i[47:0]), .idle_o(engine_idle), .attention_i(attention),
    .capture_o(capture), .again_o(again), .fire_o(fire), .tx_events_i(tx_events), .rx_events_i(rx_events),
    .done_i(w_done), .redo_i(w_redo), .settle_i(settle), .settle_all_i(settle_all), .unmask_i(unmask), .stale_i(stale),
    .want_i(want & status_on), .flying_i(flying),   // want follows status_on a cycle late: a base of 0 is none at once
    .owed_i(owed[Queues:1]), .told_i(telling),
    .defer_i(defer), .mask_i(mask_o), .force_i(force_o), .newer_i(newer), .status_on_i(status_on),
    .auto_mask_i(auto_mask_i), .rx_frames_i(rx_frames_i), .rx_usecs_i(rx_usecs_i), .tx_frames_i(tx_frames_i),
    .tx_usecs_i(tx_usecs_i), .max_usecs_i(max_usecs_i), .gap_usecs_i(gap_usecs_i), .writer_ready_i(st_ready),
    .take_o(take), .missed_o(missed), .queue_o(queue), .tag_o(tag), .tag_queue_i(tag_queue_i[SelW-1:0]), .tag_newest_o(tag_o)
  );

  // ------------------------------------------------------------ the status block of the queue looked at
  // Path step T10: the TX consumer index goes to host memory; R5: the return producer index goes to host memory.
  reg  [95:0]       stamp_mem [0:(1<<SelW)-1];     // time and index
  reg  [Queues-1:0] stamped_q;
  reg  [SelW-1:0]   stamp_queue;
  wire [95:0]       stamp = stamped_q[queue] ? stamp_mem[queue] : 96'd0;
  always @(*) begin : encode
    integer n;
    stamp_queue = {SelW{1'b0}};
    for (n = 0; n < Queues; n = n + 1) if (ev_stamp_i[n]) stamp_queue = stamp_queue | n[SelW-1:0];
  end
  always @(posedge clk_i) if (ev_stamp_i != 0) stamp_mem[stamp_queue] <= {stamp_time_i, stamp_idx_i};
  always @(posedge clk_i) begin
    if (!rst_ni) stamped_q <= {Queues{1'b0}};
    else if (ev_stamp_i != 0) stamped_q <= stamped_q | ev_stamp_i;
  end
  reg [95:0] indices;
  reg [63:0] base;
  always @(*) begin : select
    integer n;
    indices = 96'd0;
    base    = 64'd0;
    for (n = 0; n < Queues; n = n + 1)
      if (queue == n[SelW-1:0]) begin
        indices = {ret_prod_i[n*32 +: 32], rx_cons_i[n*32 +: 32], tx_cons_i[n*32 +: 32]};
        base    = status_base_i[n*64 +: 64];
      end
  end

  // ------------------------------------------------------------ messages, and the writer
  wire        msg_valid, msg_take, msg_done, msg_ahead, msg_writing, writer_idle, msix_idle;
  wire [63:0] msg_addr;
  wire [31:0] msg_data;
  msix #(.Vectors(1 + Queues)) u_msix (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(msix_idle), .rd_i(rd_i), .wr_i(wr_i), .addr_i(addr_i), .wdata_i(wdata_i),
    .rdata_o(rdata_o), .enable_i(msix_enable_i), .function_mask_i(msix_mask_i), .msi_enable_i(msi_enable_i),
    .msi_addr_i(msi_addr_i), .msi_data_i(msi_data_i), .msi_count_i(msi_count_i), .msi_mask_i(msi_mask_i),
    .msi_pending_o(msi_pending_o), .ahead_o(msg_ahead),
    .bus_master_i(bus_master_i), .fire_i({fire, error_i}), .recall_i({recall, !error_stands_i}),
    .msg_valid_o(msg_valid),
    .msg_addr_o(msg_addr), .msg_data_o(msg_data), .msg_take_i(msg_take), .msg_done_i(msg_done),
    .msg_redo_i(msg_done && redo), .owed_o(owed), .told_o(told), .waiting_o(waiting)
  );
  irq_writer #(.DataWidth(DataWidth), .Queues(Queues)) u_writer (
    .clk_i(clk_i), .rst_ni(writer_rst_ni), .idle_o(writer_idle), .hold_i(quiesce_i), .bus_master_i(bus_master_i),
    .redo_o(redo), .st_ready_o(st_ready), .st_take_i(take != 0), .st_owner_i(take),
    .st_block_i({stamp[95:32], 32'd0, stamp[31:0], indices, tag}), .st_base_i(base), .done_o(done),
    .msg_valid_i(msg_valid), .msg_addr_i(msg_addr), .msg_data_i(msg_data), .msg_take_o(msg_take),
    .msg_done_o(msg_done), .msg_writing_o(msg_writing),
    .st_req_valid_o(st_req_valid_o), .st_req_ready_i(st_req_ready_i), .st_req_addr_o(st_req_addr_o),
    .st_req_len_o(st_req_len_o), .st_data_valid_o(st_data_valid_o), .st_data_ready_i(st_data_ready_i),
    .st_data_o(st_data_o), .st_done_i(st_done_i), .ev_status_o(ev_status_o), .ev_message_o(ev_message_o)
  );

  assign writing_o = !writer_idle;
  assign message_o = msg_ahead || msg_writing;
  assign idle_o    = flags_idle && engine_idle && writer_idle && msix_idle;
  wire unused = &{1'b0, owed[0], told[0], waiting[0], time_ns_i[63:48], tag_queue_i};
endmodule
`default_nettype wire
