// rx_bench - rx_engine with dma_write behind it: the part of the NIC from the MAC's frames to write TLPs, for its test.
// For pcie stands a queue of no depth: a TLP that would start while bus mastering is off is taken and dropped, and `done`
// comes with what is taken. What waits in a queue and is dropped there: NicFunction and PcieDone.
// The indirection table stands here as in csr: written by the test, read one cycle after its index.
`default_nettype none
module rx_bench #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                           clk_i,
  input  wire                           rst_ni,
  input  wire                           quiesce_i,
  output wire                           idle_o,
  input  wire                           enable_i,
  input  wire                           bus_master_i,
  input  wire [2:0]                     mps_i,
  input  wire [47:0]                    mac_addr_i,
  input  wire [63:0]                    mac_hash_i,
  input  wire                           accept_broadcast_i,
  input  wire                           accept_all_multicast_i,
  input  wire                           promiscuous_i,
  input  wire                           vlan_strip_i,
  input  wire [6:0]                     rss_control_i,
  input  wire [319:0]                   rss_key_i,
  input  wire                           table_write_i,
  input  wire [6:0]                     table_idx_i,
  input  wire [2:0]                     table_queue_i,
  input  wire [Queues*64-1:0]            q_rx_base_i,
  input  wire [Queues*4-1:0]            q_rx_size_i,
  input  wire [Queues*64-1:0]            q_ret_base_i,
  input  wire [Queues*4-1:0]            q_ret_size_i,
  input  wire [Queues-1:0]              q_enable_i,
  input  wire [Queues-1:0]              q_reset_i,
  output wire [Queues-1:0]              q_running_o,
  input  wire [Queues*32-1:0]            q_rx_prod_i,
  input  wire [Queues*32-1:0]            q_ret_cons_i,
  output wire [Queues*32-1:0]            q_rx_cons_o,
  output wire [Queues*32-1:0]            q_ret_prod_o,
  output wire [Queues*4-1:0]            q_error_o,
  output wire [Queues*32-1:0]            q_error_idx_o,
  output wire                           desc_req_valid_o,
  input  wire                           desc_req_ready_i,
  output wire [63:0]                    desc_req_addr_o,
  output wire [16:0]                    desc_req_len_o,
  output wire [17:0]                    desc_req_dst_o,
  output wire [11:0]                    desc_req_cookie_o,
  input  wire                           dmar_valid_i,
  input  wire [1:0]                     dmar_client_i,
  input  wire [17-$clog2(DataWidth/8):0] dmar_row_i,
  input  wire [DataWidth/8-1:0]         dmar_be_i,
  input  wire [DataWidth/8-1:0]         dmar_next_i,
  input  wire [DataWidth-1:0]           dmar_data_i,
  input  wire                           dmar_done_i,
  input  wire [1:0]                     dmar_done_client_i,
  input  wire [11:0]                    dmar_done_cookie_i,
  input  wire [12:0]                    dmar_done_bytes_i,
  input  wire [3:0]                     dmar_done_error_i,
  input  wire                           mac_valid_i,
  output wire                           mac_ready_o,
  input  wire                           mac_sop_i,
  input  wire                           mac_eop_i,
  input  wire [$clog2(DataWidth/8):0]   mac_bytes_i,
  input  wire [DataWidth-1:0]           mac_data_i,
  input  wire [13:0]                    mac_len_i,
  input  wire                           mac_fcs_i,
  input  wire [63:0]                    mac_time_i,
  input  wire                           other_req_i,   // a second writer asks for 4 octets, as the status block's
  output wire                           wr_valid_o,
  input  wire                           wr_ready_i,
  output wire                           wr_sop_o,
  output wire                           wr_eop_o,
  output wire [63:2]                    wr_addr_o,
  output wire [10:0]                    wr_len_o,
  output wire [3:0]                     wr_first_be_o,
  output wire [3:0]                     wr_last_be_o,
  output wire [DataWidth-1:0]           wr_data_o,
  output wire [Queues-1:0]              ev_frame_o,
  output wire                           ev_delivered_o,
  output wire                           ev_broadcast_o,
  output wire                           ev_multicast_o,
  output wire                           ev_filtered_o,
  output wire                           ev_no_buffer_o,
  output wire                           ev_disabled_o,
  output wire                           ev_dma_error_o,
  output wire                           ev_csum_bad_o,
  output wire [13:0]                    frame_octets_o
);
  localparam SkipW = $clog2(DataWidth/8);
  wire                 rx_idle, write_idle, req_valid, data_valid, wr_valid, wr_last, wr_client;
  wire [1:0]           req_ready, data_ready, done;
  wire [63:0]          req_addr;
  wire [13:0]          req_len;
  wire [SkipW-1:0]     req_skip;
  wire [DataWidth-1:0] data;

  wire [6:0] rss_idx;
  reg  [2:0] table_q [0:127];
  reg  [2:0] rss_queue_q;
  always @(posedge clk_i) begin
    if (table_write_i) table_q[table_idx_i] <= table_queue_i;
    rss_queue_q <= table_q[rss_idx];
  end

  rx_engine #(.DataWidth(DataWidth), .Queues(Queues)) u_rx (
    .clk_i(clk_i), .rst_ni(rst_ni), .quiesce_i(quiesce_i), .idle_o(rx_idle), .enable_i(enable_i),
    .bus_master_i(bus_master_i), .mac_addr_i(mac_addr_i), .mac_hash_i(mac_hash_i),
    .accept_broadcast_i(accept_broadcast_i), .accept_all_multicast_i(accept_all_multicast_i),
    .promiscuous_i(promiscuous_i), .q_rx_base_i(q_rx_base_i),
    .q_rx_size_i(q_rx_size_i),
    .q_ret_base_i(q_ret_base_i), .q_ret_size_i(q_ret_size_i),
    .q_enable_i(q_enable_i), .q_reset_i(q_reset_i),
    .q_running_o(q_running_o), .q_rx_prod_i(q_rx_prod_i), .q_ret_cons_i(q_ret_cons_i),
    .q_rx_cons_o(q_rx_cons_o),
    .q_ret_prod_o(q_ret_prod_o), .q_error_o(q_error_o), .q_error_idx_o(q_error_idx_o),
    .desc_req_valid_o(desc_req_valid_o), .desc_req_ready_i(desc_req_ready_i), .desc_req_addr_o(desc_req_addr_o),
    .desc_req_len_o(desc_req_len_o), .desc_req_dst_o(desc_req_dst_o), .vlan_strip_i(vlan_strip_i),
    .rss_control_i(rss_control_i), .rss_key_i(rss_key_i), .rss_idx_o(rss_idx), .rss_queue_i(rss_queue_q),
    .desc_req_cookie_o(desc_req_cookie_o),
    .dmar_valid_i(dmar_valid_i), .dmar_client_i(dmar_client_i), .dmar_row_i(dmar_row_i), .dmar_be_i(dmar_be_i),
    .dmar_next_i(dmar_next_i), .dmar_data_i(dmar_data_i), .dmar_done_i(dmar_done_i),
    .dmar_done_client_i(dmar_done_client_i), .dmar_done_cookie_i(dmar_done_cookie_i),
    .dmar_done_bytes_i(dmar_done_bytes_i), .dmar_done_error_i(dmar_done_error_i),
    .mac_valid_i(mac_valid_i), .mac_ready_o(mac_ready_o), .mac_sop_i(mac_sop_i), .mac_eop_i(mac_eop_i),
    .mac_bytes_i(mac_bytes_i), .mac_data_i(mac_data_i), .mac_len_i(mac_len_i), .mac_fcs_i(mac_fcs_i), .mac_time_i(mac_time_i),
    .wr_req_valid_o(req_valid), .wr_req_ready_i(req_ready[0]), .wr_req_addr_o(req_addr), .wr_req_len_o(req_len),
    .wr_req_skip_o(req_skip), .wr_data_valid_o(data_valid), .wr_data_ready_i(data_ready[0]), .wr_data_o(data),
    .wr_done_i(done[0]), .ev_frame_o(ev_frame_o), .ev_delivered_o(ev_delivered_o), .ev_broadcast_o(ev_broadcast_o),
    .ev_multicast_o(ev_multicast_o), .ev_filtered_o(ev_filtered_o), .ev_no_buffer_o(ev_no_buffer_o),
    .ev_disabled_o(ev_disabled_o), .ev_dma_error_o(ev_dma_error_o), .ev_csum_bad_o(ev_csum_bad_o),
    .frame_octets_o(frame_octets_o)
  );

  reg  drop_q;
  wire drop     = wr_sop_o ? !bus_master_i : drop_q;
  wire wr_taken = wr_ready_i || drop;
  dma_write #(.DataWidth(DataWidth)) u_write (
    .clk_i(clk_i), .rst_ni(rst_ni), .engine_rst_ni(1'b1), .idle_o(write_idle), .mps_i(mps_i),
    .req_valid_i({other_req_i, req_valid}), .req_ready_o(req_ready), .req_addr_i({64'h3_0000_0000, req_addr}),
    .req_len_i({14'd4, req_len}), .req_skip_i({{SkipW{1'b0}}, req_skip}), .data_valid_i({1'b1, data_valid}),
    .data_ready_o(data_ready), .data_i({{DataWidth{1'b0}}, data}),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_taken), .wr_sop_o(wr_sop_o), .wr_eop_o(wr_eop_o), .wr_last_o(wr_last),
    .wr_client_o(wr_client), .wr_addr_o(wr_addr_o),
    .wr_len_o(wr_len_o), .wr_first_be_o(wr_first_be_o), .wr_last_be_o(wr_last_be_o), .wr_data_o(wr_data_o)
  );
  always @(posedge clk_i) if (wr_valid && wr_taken) drop_q <= drop;
  assign wr_valid_o = wr_valid && !drop;
  assign done       = {wr_client, !wr_client} & {2{wr_valid && wr_taken && wr_eop_o && wr_last}};
  assign idle_o     = rx_idle && write_idle;

  wire unused = &{1'b0, req_ready[1], data_ready[1], done[1]};
endmodule
`default_nettype wire
