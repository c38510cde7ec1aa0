// irq - status blocks and interrupts: one irq_queue per queue set, the MSI-X table, and the writer they share.
//
// Vectors:   0 errors and link (error_i), 1 + q queue q.
// Handshake: registers as csr_global, for the blocks msix_table and msix_pba; per queue the settings of csr_queue.
`default_nettype none
module irq #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,        // restores everything
  input  wire                  writer_rst_ni, // hard reset: dma_write is not reset by the other
  input  wire [63:0]           time_ns_i,
  output wire                  idle_o,
  output wire                  writing_o,     // a status block or message is on its way to pcie
  input  wire                  quiesce_i,
  input  wire                  bus_master_i,
  input  wire                  msix_enable_i,
  input  wire                  msix_mask_i,
  input  wire                  error_i,
  // MSI-X table and pending bits
  input  wire                  rd_i,
  input  wire                  wr_i,
  input  wire [15:2]           addr_i,
  input  wire [31:0]           wdata_i,
  input  wire [3:0]            be_i,
  output wire [31:0]           rdata_o,
  // Queues, queue q in slice q
  input  wire [Queues*32-1:0]  tx_cons_i,
  input  wire [Queues*32-1:0]  rx_cons_i,
  input  wire [Queues*32-1:0]  ret_prod_i,
  input  wire [Queues-1:0]     ev_tx_i,
  input  wire [Queues-1:0]     ev_rx_i,
  input  wire [Queues*64-1:0]  status_base_i,
  output wire [Queues*32-1:0]  status_tag_o,
  output wire [Queues-1:0]     status_busy_o,
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
  wire [Queues-1:0]     want, take, done, fire, queue_idle;
  wire [Queues*256-1:0] snapshot;
  wire                  redo;

  genvar q;
  generate
    for (q = 0; q < Queues; q = q + 1) begin : g_queue
      assign snapshot[q*256+128 +: 128] = 128'd0;
      irq_queue u_queue (
        .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .idle_o(queue_idle[q]),
        .tx_cons_i(tx_cons_i[q*32 +: 32]), .rx_cons_i(rx_cons_i[q*32 +: 32]), .ret_prod_i(ret_prod_i[q*32 +: 32]),
        .ev_tx_i(ev_tx_i[q]), .ev_rx_i(ev_rx_i[q]),
        .status_on_i(status_base_i[q*64 +: 64] != 64'd0 && bus_master_i && !quiesce_i),
        .want_o(want[q]), .take_i(take[q]), .snapshot_o(snapshot[q*256 +: 128]), .done_i(done[q]), .redo_i(redo),
        .busy_o(status_busy_o[q]), .tag_o(status_tag_o[q*32 +: 32]),
        .int_write_i(int_write_i[q]), .int_mask_i(int_mask_i), .int_force_i(int_force_i),
        .auto_mask_i(auto_mask_i[q]), .rearm_i(rearm_i[q]), .rearm_tag_i(rearm_tag_i),
        .rx_frames_i(rx_frames_i[q*16 +: 16]), .rx_usecs_i(rx_usecs_i[q*16 +: 16]),
        .tx_frames_i(tx_frames_i[q*16 +: 16]), .tx_usecs_i(tx_usecs_i[q*16 +: 16]),
        .max_usecs_i(max_usecs_i[q*16 +: 16]),
        .mask_o(mask_o[q]), .force_o(force_o[q]), .fire_o(fire[q])
      );
    end
  endgenerate

  wire        msg_valid, msg_take, msg_done, writer_idle;
  wire [63:0] msg_addr;
  wire [31:0] msg_data;
  msix #(.Vectors(1 + Queues)) u_msix (
    .clk_i(clk_i), .rst_ni(rst_ni), .rd_i(rd_i), .wr_i(wr_i), .addr_i(addr_i), .wdata_i(wdata_i), .be_i(be_i),
    .rdata_o(rdata_o), .enable_i(msix_enable_i), .function_mask_i(msix_mask_i), .bus_master_i(bus_master_i),
    .fire_i({fire, error_i}), .msg_valid_o(msg_valid), .msg_addr_o(msg_addr), .msg_data_o(msg_data),
    .msg_take_i(msg_take), .msg_redo_i(msg_done && redo)
  );

  irq_writer #(.DataWidth(DataWidth), .Queues(Queues)) u_writer (
    .clk_i(clk_i), .rst_ni(writer_rst_ni), .idle_o(writer_idle), .hold_i(quiesce_i), .bus_master_i(bus_master_i),
    .redo_o(redo),
    .want_i(want), .take_o(take), .snapshot_i(snapshot), .base_i(status_base_i), .done_o(done),
    .msg_valid_i(msg_valid), .msg_addr_i(msg_addr), .msg_data_i(msg_data), .msg_take_o(msg_take),
    .msg_done_o(msg_done),
    .st_req_valid_o(st_req_valid_o), .st_req_ready_i(st_req_ready_i), .st_req_addr_o(st_req_addr_o),
    .st_req_len_o(st_req_len_o), .st_data_valid_o(st_data_valid_o), .st_data_ready_i(st_data_ready_i),
    .st_data_o(st_data_o), .st_done_i(st_done_i), .ev_status_o(ev_status_o), .ev_message_o(ev_message_o)
  );

  assign writing_o = !writer_idle;
  assign idle_o    = &queue_idle && writer_idle && !msg_valid;
endmodule
`default_nettype wire
