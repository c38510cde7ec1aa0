// nic_host - the NIC's side towards the host: PCI function, DMA reads, DMA writes.
//
// Does:    joins pcie, dma_read and dma_write; has no logic of its own.
// Reads:   clients 0 TX descriptors, 1 RX descriptors, 2 TX payload. A request is `len` octets (1..65536) from bus
//          address `addr` to byte address `dst` of the client's own memory; dst wraps modulo 2^18. It is cut into TLPs;
//          their data comes back on the one write bus, TLPs in any order: lane j of dmar_data_o belongs to byte j of
//          memory row dmar_row_o where dmar_be_o[j], and of row dmar_row_o + 1 where dmar_be_o[j] && dmar_next_o[j].
//          When all octets of a TLP have been written (same cycle or later), `done` tells its cookie, octets and error
//          (enum error_reason); also for a TLP that failed or timed out. A client counts octets done against octets
//          asked.
// Writes:  clients 0 rx_engine, 1 status and interrupt writer. A request is `len` octets (1..16383) to any bus address;
//          its data follows from byte `skip` of the first beat (a buffer of a chain may start inside a beat). `done`
//          pulses when the last TLP of the request goes to the pins: whatever is asked for later is behind it on the bus.
//          With bus master off requests are swallowed, also those that wait in pcie, and `done` comes all the same: who
//          saw bus_master low since it asked takes it for lost. While engine_rst_ni is low requests are forgotten without
//          `done`; what has not begun on the pins is never sent.
// Posted order: dma_write takes whole requests, one after the other, and pcie sends posted TLPs in the order taken.
`default_nettype none
module nic_host #(
  parameter DataWidth = 512,
  parameter Vectors   = 5
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire [63:0]                  time_ns_i,
  output wire                         pcie_idle_o,
  output wire                         dmar_idle_o,
  output wire                         dmaw_idle_o,
  input  wire                         rx_tlp_valid_i,
  input  wire                         rx_tlp_sop_i,
  input  wire                         rx_tlp_eop_i,
  input  wire [127:0]                 rx_tlp_hdr_i,
  input  wire [DataWidth-1:0]         rx_tlp_data_i,
  output wire [7:0]                   rx_fc_ph_o,
  output wire [11:0]                  rx_fc_pd_o,
  output wire [7:0]                   rx_fc_nph_o,
  output wire [11:0]                  rx_fc_npd_o,
  output wire                         tx_tlp_valid_o,
  output wire                         tx_tlp_sop_o,
  output wire                         tx_tlp_eop_o,
  output wire [127:0]                 tx_tlp_hdr_o,
  output wire [DataWidth-1:0]         tx_tlp_data_o,
  input  wire                         tx_tlp_ready_i,
  input  wire [7:0]                   tx_fc_ph_i,
  input  wire [11:0]                  tx_fc_pd_i,
  input  wire [7:0]                   tx_fc_nph_i,
  input  wire [11:0]                  tx_fc_npd_i,
  input  wire [7:0]                   tx_fc_cplh_i,
  input  wire [11:0]                  tx_fc_cpld_i,
  // Configuration space, levels; flr_o is one cycle
  output wire                         cfg_bus_master_o,
  output wire                         cfg_msix_enable_o,
  output wire                         cfg_msix_mask_o,
  output wire                         cfg_msi_enable_o,
  output wire [63:0]                  cfg_msi_addr_o,
  output wire [15:0]                  cfg_msi_data_o,
  output wire [2:0]                   cfg_msi_count_o,
  output wire [31:0]                  cfg_msi_mask_o,
  input  wire [31:0]                  msi_pending_i,
  output wire                         flr_o,
  // Reset and settings
  input  wire                         quiesce_i,        // ask for nothing new
  input  wire                         engine_rst_ni,
  input  wire [15:0]                  dma_timeout_us_i,
  input  wire                         message_i,        // a message is on its way
  // Registers
  output wire                         csr_valid_o,
  output wire                         csr_write_o,
  output wire [15:2]                  csr_addr_o,
  output wire [31:0]                  csr_wdata_o,
  output wire [3:0]                   csr_be_o,
  input  wire [31:0]                  csr_rdata_i,
  input  wire                         csr_ack_i,
  // DMA reads, client c in slice c
  input  wire [2:0]                   dr_req_valid_i,
  output wire [2:0]                   dr_req_ready_o,
  input  wire [3*64-1:0]              dr_req_addr_i,
  input  wire [3*17-1:0]              dr_req_len_i,
  input  wire [3*18-1:0]              dr_req_dst_i,
  input  wire [3*12-1:0]              dr_req_cookie_i,
  output wire                         dmar_valid_o,
  output wire [1:0]                   dmar_client_o,
  output wire [11:0]                  dmar_cookie_o,
  output wire [17-$clog2(DataWidth/8):0] dmar_row_o,
  output wire [DataWidth/8-1:0]       dmar_be_o,
  output wire [DataWidth/8-1:0]       dmar_next_o,
  output wire [DataWidth-1:0]         dmar_data_o,
  output wire                         dmar_done_o,
  output wire [1:0]                   dmar_done_client_o,
  output wire [11:0]                  dmar_done_cookie_o,
  output wire [12:0]                  dmar_done_bytes_o,
  output wire [3:0]                   dmar_done_error_o,
  // DMA writes, client c in slice c
  input  wire [1:0]                   dw_req_valid_i,
  output wire [1:0]                   dw_req_ready_o,
  input  wire [2*64-1:0]              dw_req_addr_i,
  input  wire [2*14-1:0]              dw_req_len_i,
  input  wire [2*$clog2(DataWidth/8)-1:0] dw_req_skip_i,
  input  wire [1:0]                   dw_data_valid_i,
  output wire [1:0]                   dw_data_ready_o,
  input  wire [2*DataWidth-1:0]       dw_data_i,
  output wire [1:0]                   dw_done_o,
  // Events, one cycle each
  output wire                         ev_malformed_o,
  output wire                         ev_read_tlp_o,
  output wire                         ev_write_tlp_o,
  output wire                         ev_unexpected_cpl_o
);
  // ------------------------------------------------------------ PCI function
  wire        cfg_bus_master, cfg_ext_tag, cfg_no_timeout, dmar_pending, dmar_timeout, dmar_unfit, dmar_ur, dmar_ca;
  wire [2:0]  cfg_mps, cfg_mrrs;                     // 128 << n octets
  assign cfg_bus_master_o = cfg_bus_master;
  wire        cpl_valid, cpl_sop, cpl_eop, cpl_poisoned;
  wire [7:0]  cpl_tag;
  wire [2:0]  cpl_status;
  wire [12:0] cpl_byte_count;                        // 1..4096, octets still to come with this one
  wire [6:0]  cpl_lower_addr;
  wire [10:0] cpl_len;                               // DWs of data, 0..1024
  wire [DataWidth-1:0] cpl_data;
  wire        rdreq_valid, rdreq_ready;
  wire [63:2] rdreq_addr;
  wire [10:0] rdreq_len;
  wire [3:0]  rdreq_first_be, rdreq_last_be;
  wire [7:0]  rdreq_tag;
  wire        wr_valid, wr_ready, wr_sop, wr_eop, wr_last, wr_client;
  wire [63:2] wr_addr;
  wire [10:0] wr_len;
  wire [3:0]  wr_first_be, wr_last_be;
  wire [DataWidth-1:0] wr_data;

  pcie #(.DataWidth(DataWidth), .Vectors(Vectors)) u_pcie (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(pcie_idle_o),
    .rx_tlp_valid_i(rx_tlp_valid_i), .rx_tlp_sop_i(rx_tlp_sop_i), .rx_tlp_eop_i(rx_tlp_eop_i),
    .rx_tlp_hdr_i(rx_tlp_hdr_i), .rx_tlp_data_i(rx_tlp_data_i),
    .rx_fc_ph_o(rx_fc_ph_o), .rx_fc_pd_o(rx_fc_pd_o), .rx_fc_nph_o(rx_fc_nph_o), .rx_fc_npd_o(rx_fc_npd_o),
    .tx_tlp_valid_o(tx_tlp_valid_o), .tx_tlp_sop_o(tx_tlp_sop_o), .tx_tlp_eop_o(tx_tlp_eop_o),
    .tx_tlp_hdr_o(tx_tlp_hdr_o), .tx_tlp_data_o(tx_tlp_data_o), .tx_tlp_ready_i(tx_tlp_ready_i),
    .tx_fc_ph_i(tx_fc_ph_i), .tx_fc_pd_i(tx_fc_pd_i), .tx_fc_nph_i(tx_fc_nph_i), .tx_fc_npd_i(tx_fc_npd_i),
    .tx_fc_cplh_i(tx_fc_cplh_i), .tx_fc_cpld_i(tx_fc_cpld_i),
    .cfg_bus_master_o(cfg_bus_master), .cfg_ext_tag_o(cfg_ext_tag), .cfg_no_timeout_o(cfg_no_timeout), .cfg_mps_o(cfg_mps), .cfg_mrrs_o(cfg_mrrs),
    .cfg_msix_enable_o(cfg_msix_enable_o), .cfg_msix_mask_o(cfg_msix_mask_o), .flr_o(flr_o),
    .cfg_msi_enable_o(cfg_msi_enable_o), .cfg_msi_addr_o(cfg_msi_addr_o), .cfg_msi_data_o(cfg_msi_data_o),
    .cfg_msi_count_o(cfg_msi_count_o), .cfg_msi_mask_o(cfg_msi_mask_o), .msi_pending_i(msi_pending_i),
    .dma_pending_i(dmar_pending), .dma_unexpected_i(ev_unexpected_cpl_o || dmar_unfit), .dma_timeout_i(dmar_timeout),
    .dma_cpl_ur_i(dmar_ur), .dma_cpl_ca_i(dmar_ca),
    .message_i(message_i), .mark_i(time_ns_i[19]), .engine_rst_ni(engine_rst_ni),
    .cpl_valid_o(cpl_valid), .cpl_sop_o(cpl_sop), .cpl_eop_o(cpl_eop), .cpl_tag_o(cpl_tag),
    .cpl_status_o(cpl_status), .cpl_byte_count_o(cpl_byte_count), .cpl_lower_addr_o(cpl_lower_addr),
    .cpl_len_o(cpl_len), .cpl_poisoned_o(cpl_poisoned), .cpl_data_o(cpl_data),
    .rdreq_valid_i(rdreq_valid), .rdreq_ready_o(rdreq_ready), .rdreq_addr_i(rdreq_addr), .rdreq_len_i(rdreq_len),
    .rdreq_first_be_i(rdreq_first_be), .rdreq_last_be_i(rdreq_last_be), .rdreq_tag_i(rdreq_tag),
    .wr_valid_i(wr_valid), .wr_ready_o(wr_ready), .wr_sop_i(wr_sop), .wr_eop_i(wr_eop), .wr_last_i(wr_last),
    .wr_client_i(wr_client), .wr_addr_i(wr_addr), .wr_len_i(wr_len), .wr_first_be_i(wr_first_be),
    .wr_last_be_i(wr_last_be), .wr_data_i(wr_data), .wr_done_o(dw_done_o),
    .csr_valid_o(csr_valid_o), .csr_write_o(csr_write_o), .csr_addr_o(csr_addr_o), .csr_wdata_o(csr_wdata_o),
    .csr_be_o(csr_be_o), .csr_rdata_i(csr_rdata_i), .csr_ack_i(csr_ack_i),
    .ev_malformed_o(ev_malformed_o), .ev_read_tlp_o(ev_read_tlp_o), .ev_write_tlp_o(ev_write_tlp_o)
  );

  // ------------------------------------------------------------ DMA
  dma_read #(.DataWidth(DataWidth)) u_dma_read (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .quiesce_i(quiesce_i), .idle_o(dmar_idle_o),
    .bus_master_i(cfg_bus_master), .ext_tag_i(cfg_ext_tag), .mrrs_i(cfg_mrrs), .timeout_us_i(dma_timeout_us_i),
    .no_timeout_i(cfg_no_timeout),
    .req_valid_i(dr_req_valid_i), .req_ready_o(dr_req_ready_o), .req_addr_i(dr_req_addr_i), .req_len_i(dr_req_len_i),
    .req_dst_i(dr_req_dst_i), .req_cookie_i(dr_req_cookie_i),
    .wr_valid_o(dmar_valid_o), .wr_client_o(dmar_client_o), .wr_cookie_o(dmar_cookie_o), .wr_row_o(dmar_row_o),
    .wr_be_o(dmar_be_o), .wr_next_o(dmar_next_o), .wr_data_o(dmar_data_o),
    .done_valid_o(dmar_done_o), .done_client_o(dmar_done_client_o), .done_cookie_o(dmar_done_cookie_o),
    .done_bytes_o(dmar_done_bytes_o), .done_error_o(dmar_done_error_o),
    .rdreq_valid_o(rdreq_valid), .rdreq_ready_i(rdreq_ready), .rdreq_addr_o(rdreq_addr), .rdreq_len_o(rdreq_len),
    .rdreq_first_be_o(rdreq_first_be), .rdreq_last_be_o(rdreq_last_be), .rdreq_tag_o(rdreq_tag),
    .cpl_valid_i(cpl_valid), .cpl_sop_i(cpl_sop), .cpl_eop_i(cpl_eop), .cpl_tag_i(cpl_tag),
    .cpl_status_i(cpl_status), .cpl_byte_count_i(cpl_byte_count), .cpl_lower_addr_i(cpl_lower_addr),
    .cpl_len_i(cpl_len), .cpl_poisoned_i(cpl_poisoned), .cpl_data_i(cpl_data),
    .pending_o(dmar_pending), .ev_timeout_o(dmar_timeout), .ev_unexpected_cpl_o(ev_unexpected_cpl_o),
    .ev_unfit_cpl_o(dmar_unfit), .ev_cpl_ur_o(dmar_ur), .ev_cpl_ca_o(dmar_ca)
  );

  dma_write #(.DataWidth(DataWidth)) u_dma_write (
    .clk_i(clk_i), .rst_ni(rst_ni), .engine_rst_ni(engine_rst_ni), .idle_o(dmaw_idle_o), .mps_i(cfg_mps),
    .req_valid_i(dw_req_valid_i), .req_ready_o(dw_req_ready_o), .req_addr_i(dw_req_addr_i), .req_len_i(dw_req_len_i),
    .req_skip_i(dw_req_skip_i), .data_valid_i(dw_data_valid_i), .data_ready_o(dw_data_ready_o), .data_i(dw_data_i),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_sop_o(wr_sop), .wr_eop_o(wr_eop), .wr_last_o(wr_last),
    .wr_client_o(wr_client), .wr_addr_o(wr_addr),
    .wr_len_o(wr_len), .wr_first_be_o(wr_first_be), .wr_last_be_o(wr_last_be), .wr_data_o(wr_data)
  );
endmodule
`default_nettype wire
