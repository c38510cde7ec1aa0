// tx_dma_top - tx_engine and dma_read joined as in nic_core, for tests of the sending side without the rest.
`default_nettype none
module tx_dma_top #(
  parameter DataWidth         = 512,
  parameter Queues            = 1,
  parameter BufferBytes       = 32768,
  parameter [31:0] FirstIndex = 0
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire [63:0]                  time_ns_i,
  input  wire                         quiesce_i,
  input  wire                         bus_master_i,
  input  wire [2:0]                   mrrs_i,
  input  wire [15:0]                  timeout_us_i,
  input  wire                         enable_i,
  output wire                         tx_idle_o,
  output wire                         dma_idle_o,
  input  wire [Queues*64-1:0]         q_base_i,
  input  wire [Queues*4-1:0]          q_size_i,
  input  wire [Queues-1:0]            q_enable_i,
  input  wire [Queues-1:0]            q_reset_i,
  output wire [Queues-1:0]            q_running_o,
  input  wire [Queues*32-1:0]         q_prod_i,
  output wire [Queues*32-1:0]         q_cons_o,
  output wire [Queues*4-1:0]          q_error_o,
  output wire [Queues*32-1:0]         q_error_idx_o,
  output wire                         rdreq_valid_o,
  input  wire                         rdreq_ready_i,
  output wire [63:2]                  rdreq_addr_o,
  output wire [10:0]                  rdreq_len_o,
  output wire [3:0]                   rdreq_first_be_o,
  output wire [3:0]                   rdreq_last_be_o,
  output wire [7:0]                   rdreq_tag_o,
  input  wire                         cpl_valid_i,
  input  wire                         cpl_sop_i,
  input  wire                         cpl_eop_i,
  input  wire [7:0]                   cpl_tag_i,
  input  wire [2:0]                   cpl_status_i,
  input  wire [12:0]                  cpl_byte_count_i,
  input  wire [6:0]                   cpl_lower_addr_i,
  input  wire [10:0]                  cpl_len_i,
  input  wire                         cpl_poisoned_i,
  input  wire [DataWidth-1:0]         cpl_data_i,
  output wire                         mac_valid_o,
  input  wire                         mac_ready_i,
  output wire                         mac_sop_o,
  output wire                         mac_eop_o,
  output wire [$clog2(DataWidth/8):0] mac_bytes_o,
  output wire [DataWidth-1:0]         mac_data_o,
  output wire                         mac_stamp_o,
  input  wire                         mac_stamp_valid_i,
  input  wire [63:0]                  mac_stamp_time_i,
  output wire [Queues-1:0]            ev_stamp_o,
  output wire [31:0]                  stamp_idx_o,
  output wire [63:0]                  stamp_time_o,
  output wire [Queues-1:0]            ev_packet_o,
  output wire                         ev_frame_o,
  output wire                         ev_broadcast_o,
  output wire                         ev_multicast_o,
  output wire                         ev_dma_error_o,
  output wire                         ev_bad_desc_o,
  output wire [13:0]                  frame_octets_o,
  output wire                         ev_unexpected_cpl_o
);
  localparam Bytes = DataWidth / 8;
  localparam RowW  = 18 - $clog2(Bytes);
  wire [2:0]           req_valid, req_ready;
  wire [191:0]         req_addr;
  wire [50:0]          req_len;
  wire [53:0]          req_dst;
  wire [35:0]          req_cookie;
  wire                 wr_valid, done_valid;
  wire [1:0]           wr_client, done_client;
  wire [11:0]          wr_cookie, done_cookie;
  wire [RowW-1:0]      wr_row;
  wire [Bytes-1:0]     wr_be, wr_next;
  wire [DataWidth-1:0] wr_data;
  wire [12:0]          done_bytes;
  wire [3:0]           done_error;
  assign req_valid[1]      = 1'b0;
  assign req_addr[127:64]  = 64'd0;
  assign req_len[33:17]    = 17'd0;
  assign req_dst[35:18]    = 18'd0;
  assign req_cookie[23:12] = 12'd0;

  wire unused_pending, unused_timeout, unused_unfit, unused_ur, unused_ca;
  dma_read #(.DataWidth(DataWidth)) u_dma_read (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .quiesce_i(quiesce_i), .idle_o(dma_idle_o),
    .bus_master_i(bus_master_i), .ext_tag_i(1'b1), .mrrs_i(mrrs_i), .timeout_us_i(timeout_us_i),
    .no_timeout_i(1'b0),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_addr_i(req_addr), .req_len_i(req_len),
    .req_dst_i(req_dst), .req_cookie_i(req_cookie),
    .wr_valid_o(wr_valid), .wr_client_o(wr_client), .wr_cookie_o(wr_cookie), .wr_row_o(wr_row), .wr_be_o(wr_be),
    .wr_next_o(wr_next), .wr_data_o(wr_data),
    .done_valid_o(done_valid), .done_client_o(done_client), .done_cookie_o(done_cookie), .done_bytes_o(done_bytes),
    .done_error_o(done_error),
    .rdreq_valid_o(rdreq_valid_o), .rdreq_ready_i(rdreq_ready_i), .rdreq_addr_o(rdreq_addr_o),
    .rdreq_len_o(rdreq_len_o), .rdreq_first_be_o(rdreq_first_be_o), .rdreq_last_be_o(rdreq_last_be_o),
    .rdreq_tag_o(rdreq_tag_o),
    .cpl_valid_i(cpl_valid_i), .cpl_sop_i(cpl_sop_i), .cpl_eop_i(cpl_eop_i), .cpl_tag_i(cpl_tag_i),
    .cpl_status_i(cpl_status_i), .cpl_byte_count_i(cpl_byte_count_i), .cpl_lower_addr_i(cpl_lower_addr_i),
    .cpl_len_i(cpl_len_i), .cpl_poisoned_i(cpl_poisoned_i), .cpl_data_i(cpl_data_i),
    .pending_o(unused_pending), .ev_timeout_o(unused_timeout), .ev_unexpected_cpl_o(ev_unexpected_cpl_o),
    .ev_unfit_cpl_o(unused_unfit), .ev_cpl_ur_o(unused_ur), .ev_cpl_ca_o(unused_ca)
  );
  tx_engine #(.DataWidth(DataWidth), .Queues(Queues), .BufferBytes(BufferBytes), .FirstIndex(FirstIndex)) u_tx (
    .clk_i(clk_i), .rst_ni(rst_ni), .quiesce_i(quiesce_i), .idle_o(tx_idle_o), .enable_i(enable_i),
    .q_base_i(q_base_i), .q_size_i(q_size_i), .q_enable_i(q_enable_i), .q_reset_i(q_reset_i),
    .q_running_o(q_running_o), .q_prod_i(q_prod_i), .q_cons_o(q_cons_o), .q_error_o(q_error_o),
    .q_error_idx_o(q_error_idx_o),
    .desc_req_valid_o(req_valid[0]), .desc_req_ready_i(req_ready[0]), .desc_req_addr_o(req_addr[63:0]),
    .desc_req_len_o(req_len[16:0]), .desc_req_dst_o(req_dst[17:0]), .desc_req_cookie_o(req_cookie[11:0]),
    .data_req_valid_o(req_valid[2]), .data_req_ready_i(req_ready[2]), .data_req_addr_o(req_addr[191:128]),
    .data_req_len_o(req_len[50:34]), .data_req_dst_o(req_dst[53:36]), .data_req_cookie_o(req_cookie[35:24]),
    .dmar_valid_i(wr_valid), .dmar_client_i(wr_client), .dmar_cookie_i(wr_cookie), .dmar_row_i(wr_row),
    .dmar_be_i(wr_be), .dmar_next_i(wr_next), .dmar_data_i(wr_data),
    .dmar_done_i(done_valid), .dmar_done_client_i(done_client), .dmar_done_cookie_i(done_cookie),
    .dmar_done_bytes_i(done_bytes), .dmar_done_error_i(done_error),
    .mac_stamp_o(mac_stamp_o), .mac_stamp_valid_i(mac_stamp_valid_i), .mac_stamp_time_i(mac_stamp_time_i),
    .ev_stamp_o(ev_stamp_o), .stamp_idx_o(stamp_idx_o), .stamp_time_o(stamp_time_o),
    .mac_valid_o(mac_valid_o), .mac_ready_i(mac_ready_i), .mac_sop_o(mac_sop_o), .mac_eop_o(mac_eop_o),
    .mac_bytes_o(mac_bytes_o), .mac_data_o(mac_data_o),
    .ev_packet_o(ev_packet_o), .ev_frame_o(ev_frame_o), .ev_broadcast_o(ev_broadcast_o),
    .ev_multicast_o(ev_multicast_o), .ev_dma_error_o(ev_dma_error_o), .ev_bad_desc_o(ev_bad_desc_o),
    .frame_octets_o(frame_octets_o)
  );
  wire unused_ok = &{1'b0, req_ready[1]};
endmodule
`default_nettype wire
