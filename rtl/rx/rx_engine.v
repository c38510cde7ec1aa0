// rx_engine - received frames to host memory: filter, buffers, verdicts, return entries.
`default_nettype none
module rx_engine #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         quiesce_i,        // take no new frame, ask for no descriptor
  output wire                         idle_o,
  input  wire                         enable_i,
  input  wire                         bus_master_i,
  // Filter; first octet of an address on the wire in [7:0]
  input  wire [47:0]                  mac_addr_i,
  input  wire [63:0]                  mac_hash_i,
  input  wire                         accept_broadcast_i,
  input  wire                         accept_all_multicast_i,
  input  wire                         promiscuous_i,
  input  wire                         strip_fcs_i,      // 0: the last four octets of a frame are its FCS
  // Rings, queue q in slice q
  input  wire [Queues*64-1:0]         q_rx_base_i,
  input  wire [Queues*4-1:0]          q_rx_size_i,
  input  wire [Queues*64-1:0]         q_ret_base_i,
  input  wire [Queues*4-1:0]          q_ret_size_i,
  input  wire [Queues-1:0]            q_enable_i,
  input  wire [Queues-1:0]            q_reset_i,
  output wire [Queues-1:0]            q_running_o,
  input  wire [Queues*32-1:0]         q_rx_prod_i,
  input  wire [Queues*32-1:0]         q_ret_cons_i,
  output wire [Queues*32-1:0]         q_rx_cons_o,
  output wire [Queues*32-1:0]         q_ret_prod_o,
  output wire [Queues*4-1:0]          q_error_o,
  output wire [Queues*32-1:0]         q_error_idx_o,
  // RX descriptor reads (dma_read client 1)
  output wire                         desc_req_valid_o,
  input  wire                         desc_req_ready_i,
  output wire [63:0]                  desc_req_addr_o,
  output wire [16:0]                  desc_req_len_o,
  output wire [17:0]                  desc_req_dst_o,
  output wire [7:0]                   desc_req_cookie_o,
  input  wire                         dmar_valid_i,
  input  wire [1:0]                   dmar_client_i,
  input  wire [17-$clog2(DataWidth/8):0] dmar_row_i,
  input  wire [DataWidth/8-1:0]       dmar_be_i,
  input  wire [DataWidth/8-1:0]       dmar_next_i,
  input  wire [DataWidth-1:0]         dmar_data_i,
  input  wire                         dmar_done_i,
  input  wire [1:0]                   dmar_done_client_i,
  input  wire [7:0]                   dmar_done_cookie_i,
  input  wire [12:0]                  dmar_done_bytes_i,
  input  wire [3:0]                   dmar_done_error_i,
  // Frames from the MAC
  input  wire                         mac_valid_i,
  output wire                         mac_ready_o,
  input  wire                         mac_sop_i,
  input  wire                         mac_eop_i,
  input  wire [$clog2(DataWidth/8):0] mac_bytes_i,
  input  wire [DataWidth-1:0]         mac_data_i,
  input  wire [13:0]                  mac_len_i,
  input  wire [63:0]                  mac_time_i,
  // Writes (dma_write client 0)
  output wire                         wr_req_valid_o,
  input  wire                         wr_req_ready_i,
  output wire [63:0]                  wr_req_addr_o,
  output wire [13:0]                  wr_req_len_o,
  output wire [$clog2(DataWidth/8)-1:0] wr_req_skip_o,
  output wire                         wr_data_valid_o,
  input  wire                         wr_data_ready_i,
  output wire [DataWidth-1:0]         wr_data_o,
  input  wire                         wr_done_i,
  // Events: one pulse each
  output wire [Queues-1:0]            ev_frame_o,       // with the move of the return producer index
  output wire                         ev_delivered_o,
  output wire                         ev_broadcast_o,
  output wire                         ev_multicast_o,
  output wire                         ev_filtered_o,
  output wire                         ev_no_buffer_o,
  output wire                         ev_disabled_o,
  output wire                         ev_dma_error_o,
  output wire                         ev_csum_bad_o,
  output wire [13:0]                  frame_octets_o    // valid with ev_delivered_o, FCS excluded
);
  assign idle_o = 1'b1;
  assign q_running_o = 0;
  assign q_rx_cons_o = 0;
  assign q_ret_prod_o = 0;
  assign q_error_o = 0;
  assign q_error_idx_o = 0;
  assign desc_req_valid_o = 0;
  assign desc_req_addr_o = 0;
  assign desc_req_len_o = 0;
  assign desc_req_dst_o = 0;
  assign desc_req_cookie_o = 0;
  assign mac_ready_o = 1'b1;
  assign wr_req_valid_o = 0;
  assign wr_req_addr_o = 0;
  assign wr_req_len_o = 0;
  assign wr_req_skip_o = 0;
  assign wr_data_valid_o = 0;
  assign wr_data_o = 0;
  assign ev_frame_o = 0;
  assign ev_delivered_o = 0;
  assign ev_broadcast_o = 0;
  assign ev_multicast_o = 0;
  assign ev_filtered_o = 0;
  assign ev_no_buffer_o = 0;
  assign ev_disabled_o = 0;
  assign ev_dma_error_o = 0;
  assign ev_csum_bad_o = 0;
  assign frame_octets_o = 0;
  wire unused = &{1'b0, clk_i, rst_ni, quiesce_i, enable_i, bus_master_i, mac_addr_i, mac_hash_i, accept_broadcast_i,
    accept_all_multicast_i, promiscuous_i, strip_fcs_i, q_rx_base_i, q_rx_size_i, q_ret_base_i, q_ret_size_i,
    q_enable_i, q_reset_i, q_rx_prod_i, q_ret_cons_i, desc_req_ready_i, dmar_valid_i, dmar_client_i, dmar_row_i,
    dmar_be_i, dmar_next_i, dmar_data_i, dmar_done_i, dmar_done_client_i, dmar_done_cookie_i, dmar_done_bytes_i,
    dmar_done_error_i, mac_valid_i, mac_sop_i, mac_eop_i, mac_bytes_i, mac_data_i, mac_len_i, mac_time_i,
    wr_req_ready_i, wr_data_ready_i, wr_done_i};
endmodule
`default_nettype wire
