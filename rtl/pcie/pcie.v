// pcie - the PCI function: takes TLPs from the host, keeps configuration space, sends TLPs to the host.
//
// Does:      joins pcie_rx (sorts what comes in), pcie_target (executes requests), pcie_cfg (configuration space) and
//            pcie_tx (orders, credits, headers). PCI Express Base Specification 2.x, endpoint, one function.
// Does not:  ECRC (TD is ignored), TLP prefixes, messages from the function, error reporting messages (the error bits of
//            configuration space are kept), sending of MSI and MSI-X (the interrupt writer does).
// Handshake: cpl_* has no back-pressure: whoever asked has room. csr_valid_o is one cycle with address, write, data and
//            byte enables; csr_ack_i comes one or more cycles later, for reads with csr_rdata_i. wr_* and rdreq_* move
//            when valid and ready are both high; rdreq_ready_o may wait for rdreq_valid_i.
// Latency:   registered input to csr_valid_o 2 cycles; completions to cpl_* 0; wr_* to tx_tlp_* 2; rdreq_* 1.
// Drops:     what pcie_rx and pcie_target drop: see there; each such TLP is one cycle of ev_malformed_o.
`default_nettype none
module pcie #(
  parameter DataWidth = 512,
  parameter Vectors   = 9      // entries of the MSI-X table that configuration space announces
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // TLPs from the host, registered; credits as CREDITS_ALLOCATED
  input  wire                 rx_tlp_valid_i,
  input  wire                 rx_tlp_sop_i,
  input  wire                 rx_tlp_eop_i,
  input  wire [127:0]         rx_tlp_hdr_i,
  input  wire [DataWidth-1:0] rx_tlp_data_i,
  output wire [7:0]           rx_fc_ph_o,
  output wire [11:0]          rx_fc_pd_o,
  output wire [7:0]           rx_fc_nph_o,
  output wire [11:0]          rx_fc_npd_o,
  // TLPs to the host; credits as CREDIT_LIMIT
  output wire                 tx_tlp_valid_o,
  output wire                 tx_tlp_sop_o,
  output wire                 tx_tlp_eop_o,
  output wire [127:0]         tx_tlp_hdr_o,
  output wire [DataWidth-1:0] tx_tlp_data_o,
  input  wire                 tx_tlp_ready_i,
  input  wire [7:0]           tx_fc_ph_i,
  input  wire [11:0]          tx_fc_pd_i,
  input  wire [7:0]           tx_fc_nph_i,
  input  wire [11:0]          tx_fc_npd_i,
  input  wire [7:0]           tx_fc_cplh_i,
  input  wire [11:0]          tx_fc_cpld_i,
  // Configuration space, levels; flr_o is one cycle
  output wire                 cfg_bus_master_o,
  output wire                 cfg_ext_tag_o,
  output wire                 cfg_no_timeout_o,
  output wire [2:0]           cfg_mps_o,         // 128 << n octets
  output wire [2:0]           cfg_mrrs_o,        // 128 << n octets
  output wire                 cfg_msix_enable_o,
  output wire                 cfg_msix_mask_o,
  output wire                 flr_o,
  output wire                 cfg_msi_enable_o,
  output wire [63:0]          cfg_msi_addr_o,
  output wire [15:0]          cfg_msi_data_o,
  output wire [2:0]           cfg_msi_count_o,   // log2 of the messages granted (Multiple Message Enable)
  output wire [31:0]          cfg_msi_mask_o,
  input  wire [31:0]          msi_pending_i,
  input  wire                 dma_pending_i,     // Transactions Pending: a read of ours is not answered yet
  input  wire                 dma_unexpected_i,  // events for Device Status, one cycle each: a completion that no read
  input  wire                 dma_timeout_i,     // waits for or that does not fit its read, a read that was not answered,
  input  wire                 dma_cpl_ur_i,      // a read answered with UR,
  input  wire                 dma_cpl_ca_i,      // with CA
  input  wire                 message_i,         // a message of ours is on its way to wr_* or the pins
  input  wire                 mark_i,            // changes every 0.52 ms
  input  wire                 engine_rst_ni,     // low: drop posted writes that have not started
  // Completions of our reads; fields valid with sop, cpl_poisoned_o with every beat
  output wire                 cpl_valid_o,
  output wire                 cpl_sop_o,
  output wire                 cpl_eop_o,
  output wire [7:0]           cpl_tag_o,
  output wire [2:0]           cpl_status_o,
  output wire [12:0]          cpl_byte_count_o,
  output wire [6:0]           cpl_lower_addr_o,
  output wire [10:0]          cpl_len_o,         // DWs, 0 without data
  output wire                 cpl_poisoned_o,
  output wire [DataWidth-1:0] cpl_data_o,
  // Read requests
  input  wire                 rdreq_valid_i,
  output wire                 rdreq_ready_o,
  input  wire [63:2]          rdreq_addr_i,
  input  wire [10:0]          rdreq_len_i,       // DWs, 1..1024
  input  wire [3:0]           rdreq_first_be_i,
  input  wire [3:0]           rdreq_last_be_i,
  input  wire [7:0]           rdreq_tag_i,
  // Writes; address, length and byte enables valid with sop
  input  wire                 wr_valid_i,
  output wire                 wr_ready_o,
  input  wire                 wr_sop_i,
  input  wire                 wr_eop_i,
  input  wire                 wr_last_i,         // with wr_eop_i: the last TLP of a request of ...
  input  wire                 wr_client_i,       // ... this client
  input  wire [63:2]          wr_addr_i,
  input  wire [10:0]          wr_len_i,          // DWs, 1..1024
  input  wire [3:0]           wr_first_be_i,
  input  wire [3:0]           wr_last_be_i,
  input  wire [DataWidth-1:0] wr_data_i,
  output wire [1:0]           wr_done_o,         // one cycle: it has been sent, or dropped as bus mastering was off
  // Registers
  output wire                 csr_valid_o,
  output wire                 csr_write_o,
  output wire [15:2]          csr_addr_o,
  output wire [31:0]          csr_wdata_o,
  output wire [3:0]           csr_be_o,
  input  wire [31:0]          csr_rdata_i,
  input  wire                 csr_ack_i,
  // Events, one cycle each
  output wire                 ev_malformed_o,
  output wire                 ev_read_tlp_o,
  output wire                 ev_write_tlp_o
);
  wire [2:0]   mps;
  wire [15:0]  bdf;
  wire         memory_enable, cfg_write;
  wire [63:16] bar;
  wire [31:0]  cfg_rdata;
  wire         rx_idle, target_idle, tx_idle;
  wire         rx_drop, rx_malformed, rx_unexpected, rx_posted_ur, target_drop, poisoned, poisoned_cpl, unsupported;

  // ------------------------------------------------------------ in
  wire         req_valid, req_ready, posted_return;
  wire [2:0]   req_kind, req_tc, req_attr;
  wire [15:0]  req_requester;
  wire [7:0]   req_tag;
  wire [3:0]   req_first_be, req_last_be;
  wire [10:0]  req_len;
  wire [63:2]  req_addr;
  wire [63:0]  req_data;
  wire         req_poisoned;
  wire         cpl_sent;
  pcie_rx #(.DataWidth(DataWidth)) u_rx (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(rx_idle),
    .tlp_valid_i(rx_tlp_valid_i), .tlp_sop_i(rx_tlp_sop_i), .tlp_eop_i(rx_tlp_eop_i), .tlp_hdr_i(rx_tlp_hdr_i),
    .tlp_data_i(rx_tlp_data_i),
    .fc_ph_o(rx_fc_ph_o), .fc_pd_o(rx_fc_pd_o), .fc_nph_o(rx_fc_nph_o), .fc_npd_o(rx_fc_npd_o),
    .mps_i(mps), .bdf_i(bdf),
    .cpl_valid_o(cpl_valid_o), .cpl_sop_o(cpl_sop_o), .cpl_eop_o(cpl_eop_o), .cpl_tag_o(cpl_tag_o),
    .cpl_status_o(cpl_status_o), .cpl_byte_count_o(cpl_byte_count_o), .cpl_lower_addr_o(cpl_lower_addr_o),
    .cpl_len_o(cpl_len_o), .cpl_poisoned_o(cpl_poisoned_o), .cpl_data_o(cpl_data_o),
    .req_valid_o(req_valid), .req_ready_i(req_ready), .req_kind_o(req_kind), .req_tc_o(req_tc), .req_attr_o(req_attr),
    .req_requester_o(req_requester), .req_tag_o(req_tag), .req_first_be_o(req_first_be), .req_last_be_o(req_last_be),
    .req_len_o(req_len), .req_addr_o(req_addr), .req_data_o(req_data), .req_poisoned_o(req_poisoned),
    .posted_return_i(posted_return), .np_return_i(cpl_sent), .drop_o(rx_drop), .poisoned_o(poisoned), .poisoned_cpl_o(poisoned_cpl),
    .malformed_o(rx_malformed), .unexpected_o(rx_unexpected), .posted_ur_o(rx_posted_ur)
  );

  // ------------------------------------------------------------ requests carried out
  wire         done_valid, done_ready;
  wire [95:0]  done_hdr;
  wire [63:0]  done_data;
  pcie_target u_target (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(target_idle),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_kind_i(req_kind), .req_tc_i(req_tc), .req_attr_i(req_attr),
    .req_requester_i(req_requester), .req_tag_i(req_tag), .req_first_be_i(req_first_be), .req_last_be_i(req_last_be),
    .req_len_i(req_len), .req_addr_i(req_addr), .req_data_i(req_data), .req_poisoned_i(req_poisoned),
    .posted_return_o(posted_return),
    .memory_i(memory_enable), .bar_i(bar), .bdf_i(bdf), .cfg_write_o(cfg_write), .cfg_rdata_i(cfg_rdata),
    .message_i(message_i), .mark_i(mark_i),
    .csr_valid_o(csr_valid_o), .csr_write_o(csr_write_o), .csr_addr_o(csr_addr_o), .csr_wdata_o(csr_wdata_o),
    .csr_be_o(csr_be_o), .csr_rdata_i(csr_rdata_i), .csr_ack_i(csr_ack_i),
    .cpl_valid_o(done_valid), .cpl_ready_i(done_ready), .cpl_hdr_o(done_hdr), .cpl_data_o(done_data),
    .busy_drop_i(rx_drop), .drop_o(target_drop), .ur_o(unsupported)
  );

  pcie_cfg #(.LinkWidth(DataWidth / 32), .Vectors(Vectors)) u_cfg (
    .clk_i(clk_i), .rst_ni(rst_ni), .write_i(cfg_write), .addr_i(req_addr[11:2]), .wdata_i(req_data[31:0]),
    .be_i(req_first_be), .bus_dev_i(req_addr[31:19]), .rdata_o(cfg_rdata),
    .ev_ur_i(unsupported), .ev_posted_ur_i(rx_posted_ur || target_drop), .ev_malformed_i(rx_malformed),
    .ev_unexpected_i(rx_unexpected || dma_unexpected_i), .ev_timeout_i(dma_timeout_i), .ev_poisoned_i(poisoned),
    .ev_poisoned_cpl_i(poisoned_cpl), .ev_cpl_ur_i(dma_cpl_ur_i), .ev_cpl_ca_i(dma_cpl_ca_i),
    .memory_o(memory_enable), .bus_master_o(cfg_bus_master_o), .bar_o(bar), .ext_tag_o(cfg_ext_tag_o), .mps_o(mps),
    .no_timeout_o(cfg_no_timeout_o),
    .mrrs_o(cfg_mrrs_o), .bdf_o(bdf), .msix_enable_o(cfg_msix_enable_o), .msix_mask_o(cfg_msix_mask_o), .flr_o(flr_o),
    .pending_i(dma_pending_i), .msi_pending_i(msi_pending_i), .msi_enable_o(cfg_msi_enable_o),
    .msi_addr_o(cfg_msi_addr_o), .msi_data_o(cfg_msi_data_o), .msi_count_o(cfg_msi_count_o),
    .msi_mask_o(cfg_msi_mask_o)
  );
  assign cfg_mps_o = mps;

  // ------------------------------------------------------------ out
  wire         cpl_valid;
  wire [95:0]  cpl_hdr;
  wire [63:0]  cpl_data;
  wire [3:0]   cpl_count;
  sync_fifo #(.Width(160), .DepthLog2(3)) u_completions (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(done_valid), .wr_ready_o(done_ready),
    .wr_data_i({done_hdr, done_data}), .rd_valid_o(cpl_valid), .rd_ready_i(cpl_sent),
    .rd_data_o({cpl_hdr, cpl_data}), .count_o(cpl_count)
  );
  pcie_tx #(.DataWidth(DataWidth)) u_tx (
    .clk_i(clk_i), .rst_ni(rst_ni), .engine_rst_ni(engine_rst_ni), .bus_master_i(cfg_bus_master_o), .idle_o(tx_idle), .bdf_i(bdf),
    .wr_valid_i(wr_valid_i), .wr_ready_o(wr_ready_o), .wr_sop_i(wr_sop_i), .wr_eop_i(wr_eop_i), .wr_last_i(wr_last_i),
    .wr_client_i(wr_client_i), .wr_addr_i(wr_addr_i),
    .wr_len_i(wr_len_i), .wr_first_be_i(wr_first_be_i), .wr_last_be_i(wr_last_be_i), .wr_data_i(wr_data_i),
    .done_o(wr_done_o), .rdreq_valid_i(rdreq_valid_i), .rdreq_ready_o(rdreq_ready_o), .rdreq_addr_i(rdreq_addr_i),
    .rdreq_len_i(rdreq_len_i), .rdreq_first_be_i(rdreq_first_be_i), .rdreq_last_be_i(rdreq_last_be_i),
    .rdreq_tag_i(rdreq_tag_i),
    .cpl_valid_i(cpl_valid), .cpl_ready_o(cpl_sent), .cpl_hdr_i(cpl_hdr), .cpl_data_i(cpl_data),
    .tlp_valid_o(tx_tlp_valid_o), .tlp_sop_o(tx_tlp_sop_o), .tlp_eop_o(tx_tlp_eop_o), .tlp_hdr_o(tx_tlp_hdr_o),
    .tlp_data_o(tx_tlp_data_o), .tlp_ready_i(tx_tlp_ready_i),
    .fc_ph_i(tx_fc_ph_i), .fc_pd_i(tx_fc_pd_i), .fc_nph_i(tx_fc_nph_i), .fc_npd_i(tx_fc_npd_i),
    .fc_cplh_i(tx_fc_cplh_i), .fc_cpld_i(tx_fc_cpld_i),
    .ev_read_tlp_o(ev_read_tlp_o), .ev_write_tlp_o(ev_write_tlp_o)
  );

  assign ev_malformed_o = rx_drop || target_drop;
  assign idle_o = rx_idle && target_idle && tx_idle && !flr_o;
  wire unused = &{1'b0, cpl_count};
endmodule
`default_nettype wire
