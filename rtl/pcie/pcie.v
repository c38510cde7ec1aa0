// pcie - the PCI function: takes TLPs from the host, keeps configuration space, sends TLPs to the host.
//
// Does:      joins pcie_rx (sorts what comes in), pcie_target (executes requests), pcie_cfg (configuration space) and
//            pcie_tx (orders, credits, headers). PCI Express Base Specification 2.x, endpoint, one function.
// Does not:  ECRC (TD is ignored), TLP prefixes, messages from the function, MSI, error reporting messages.
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
  output wire [2:0]           cfg_mps_o,         // 128 << n octets
  output wire [2:0]           cfg_mrrs_o,        // 128 << n octets
  output wire [15:0]          cfg_bdf_o,
  output wire                 cfg_msix_enable_o,
  output wire                 cfg_msix_mask_o,
  output wire                 flr_o,
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
  input  wire [63:2]          wr_addr_i,
  input  wire [10:0]          wr_len_i,          // DWs, 1..1024
  input  wire [3:0]           wr_first_be_i,
  input  wire [3:0]           wr_last_be_i,
  input  wire [DataWidth-1:0] wr_data_i,
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
  wire unused = &{1'b0, clk_i, rst_ni, rx_tlp_valid_i, rx_tlp_sop_i, rx_tlp_eop_i, rx_tlp_hdr_i, rx_tlp_data_i,
    tx_tlp_ready_i, tx_fc_ph_i, tx_fc_pd_i, tx_fc_nph_i, tx_fc_npd_i, tx_fc_cplh_i, tx_fc_cpld_i, engine_rst_ni,
    rdreq_valid_i, rdreq_addr_i, rdreq_len_i, rdreq_first_be_i, rdreq_last_be_i, rdreq_tag_i, wr_valid_i, wr_sop_i,
    wr_eop_i, wr_addr_i, wr_len_i, wr_first_be_i, wr_last_be_i, wr_data_i, csr_rdata_i, csr_ack_i, Vectors[0]};
  assign idle_o = 1'b1;
  assign {rx_fc_ph_o, rx_fc_pd_o, rx_fc_nph_o, rx_fc_npd_o} = 0;
  assign {tx_tlp_valid_o, tx_tlp_sop_o, tx_tlp_eop_o, tx_tlp_hdr_o} = 0;
  assign tx_tlp_data_o = 0;
  assign {cfg_bus_master_o, cfg_ext_tag_o, cfg_mps_o, cfg_mrrs_o, cfg_bdf_o, cfg_msix_enable_o, cfg_msix_mask_o} = 0;
  assign flr_o = 1'b0;
  assign {cpl_valid_o, cpl_sop_o, cpl_eop_o, cpl_tag_o, cpl_status_o, cpl_byte_count_o, cpl_lower_addr_o, cpl_len_o,
          cpl_poisoned_o} = 0;
  assign cpl_data_o = rx_tlp_data_i;
  assign rdreq_ready_o = 1'b0;
  assign wr_ready_o = 1'b0;
  assign {csr_valid_o, csr_write_o, csr_addr_o, csr_wdata_o, csr_be_o} = 0;
  assign {ev_malformed_o, ev_read_tlp_o, ev_write_tlp_o} = 0;
endmodule
`default_nettype wire
