// nic_core - everything between the TLP pins and the MAC: PCI function, registers, DMA, TX and RX engines, interrupts.
//
// Does:    joins the blocks; has no logic of its own. The wires below are the contract between them.
// Order:   doorbell -> pcie -> csr -> tx_engine -> dma_read -> pcie .. pcie -> dma_read -> tx_engine -> MAC
//          MAC -> rx_engine -> dma_write -> pcie; tx_engine, rx_engine -> interrupts -> dma_write -> pcie
// Posted order: dma_write takes whole requests, one after the other, and pcie sends posted TLPs in the order taken.
//          A block that must order A before B (payload, return entry, status block, MSI-X) asks for A first and waits
//          for its `done` before it makes B visible to another client.
`default_nettype none
module nic_core #(
  parameter DataWidth     = 512,
  parameter Queues        = 4,
  parameter TxBufferBytes = 32768
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire [63:0]                  time_ns_i,
  output reg                          idle_o,
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
  // Frames to the MAC: from byte 0 of the sop beat, without FCS; bytes counts the octets of the eop beat
  output wire                         mac_tx_valid_o,
  input  wire                         mac_tx_ready_i,
  output wire                         mac_tx_sop_o,
  output wire                         mac_tx_eop_o,
  output wire [$clog2(DataWidth/8):0] mac_tx_bytes_o,
  output wire [DataWidth-1:0]         mac_tx_data_o,
  output wire                         mac_tx_stamp_o,   // with sop: tell when its start goes out
  input  wire                         mac_tx_stamp_valid_i,
  input  wire [63:0]                  mac_tx_stamp_time_i,
  input  wire                         mac_tx_busy_i,    // a frame is still on its way through the MAC
  // Frames from the MAC: good ones only, whole; len and time are valid with sop
  input  wire                         mac_rx_valid_i,
  output wire                         mac_rx_ready_o,
  input  wire                         mac_rx_sop_i,
  input  wire                         mac_rx_eop_i,
  input  wire [$clog2(DataWidth/8):0] mac_rx_bytes_i,
  input  wire [DataWidth-1:0]         mac_rx_data_i,
  input  wire [13:0]                  mac_rx_len_i,     // octets as delivered
  input  wire                         mac_rx_fcs_i,     // the FCS is among them
  input  wire [63:0]                  mac_rx_time_i,    // ns
  output wire                         mac_rx_flush_o,   // a reset: nothing received before comes after it
  output wire                         mac_rx_enable_o,
  output wire                         mac_strip_fcs_o,
  output wire [13:0]                  mac_max_frame_o,
  output wire [47:0]                  mac_addr_o,
  output wire                         mac_loopback_o,
  output wire                         mac_pause_rx_o,
  output wire                         mac_pause_tx_o,
  output wire [15:0]                  mac_pause_quanta_o,
  output wire [15:0]                  mac_pause_high_o,
  output wire [15:0]                  mac_pause_low_o,
  input  wire                         link_up_i,
  input  wire                         local_fault_i,
  input  wire                         remote_fault_i,
  input  wire                         ev_rx_fcs_i,
  input  wire                         ev_rx_runt_i,
  input  wire                         ev_rx_oversize_i,
  input  wire                         ev_rx_symbol_i,
  input  wire                         ev_rx_overrun_i,
  input  wire                         ev_rx_fragment_i,
  input  wire                         ev_rx_jabber_i,
  input  wire                         ev_rx_pause_i,
  input  wire                         ev_tx_pause_i,
  input  wire                         ev_rx_wire_i,
  input  wire [13:0]                  rx_wire_octets_i
);
  localparam Bytes = DataWidth / 8;
  localparam RowW  = 18 - $clog2(Bytes);  // destination byte addresses of DMA reads have 18 bits

  // ------------------------------------------------------------ host side: see nic_host for the rules of its clients
  wire        cfg_bus_master, cfg_msix_enable, cfg_msix_mask, cfg_msi_enable, flr;
  wire [63:0] cfg_msi_addr;
  wire [15:0] cfg_msi_data;
  wire [2:0]  cfg_msi_count;
  wire [31:0] cfg_msi_mask, msi_pending;
  wire        quiesce, engine_rst_n;                 // soft reset and FLR: stop asking; then reset the engines
  wire [15:0] dma_timeout_us;
  wire        pcie_idle, csr_idle, dmar_idle, dmaw_idle, txe_idle, rxe_idle, irq_idle;
  reg         engines_idle;
  wire        csr_valid, csr_write, csr_ack, message;
  wire [15:2] csr_addr;
  wire [31:0] csr_wdata, csr_rdata;
  wire [3:0]  csr_be;
  wire        ev_malformed, ev_read_tlp, ev_write_tlp, ev_unexpected_cpl;
  wire [2:0]           dr_req_valid, dr_req_ready;
  wire [3*64-1:0]      dr_req_addr;
  wire [3*17-1:0]      dr_req_len;
  wire [3*18-1:0]      dr_req_dst;
  wire [3*12-1:0]      dr_req_cookie;
  wire                 dmar_valid;
  wire [1:0]           dmar_client;
  wire [11:0]          dmar_cookie;
  wire [RowW-1:0]      dmar_row;
  wire [Bytes-1:0]     dmar_be, dmar_next;
  wire [DataWidth-1:0] dmar_data;
  wire                 dmar_done;
  wire [1:0]           dmar_done_client;
  wire [11:0]          dmar_done_cookie;
  wire [12:0]          dmar_done_bytes;
  wire [3:0]           dmar_done_error;
  wire                 st_req_valid, st_req_ready, st_data_valid, st_data_ready, st_done;
  wire [63:0]          st_req_addr;
  wire [13:0]          st_req_len;
  wire [DataWidth-1:0] st_data;
  wire                 rxw_req_valid, rxw_req_ready, rxw_data_valid, rxw_data_ready, rxw_done;
  wire [63:0]          rxw_req_addr;
  wire [13:0]          rxw_req_len;
  wire [$clog2(Bytes)-1:0] rxw_req_skip;
  wire [DataWidth-1:0] rxw_data;

  nic_host #(.DataWidth(DataWidth), .Vectors(1 + Queues)) u_host (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .pcie_idle_o(pcie_idle), .dmar_idle_o(dmar_idle),
    .dmaw_idle_o(dmaw_idle),
    .rx_tlp_valid_i(rx_tlp_valid_i), .rx_tlp_sop_i(rx_tlp_sop_i), .rx_tlp_eop_i(rx_tlp_eop_i),
    .rx_tlp_hdr_i(rx_tlp_hdr_i), .rx_tlp_data_i(rx_tlp_data_i),
    .rx_fc_ph_o(rx_fc_ph_o), .rx_fc_pd_o(rx_fc_pd_o), .rx_fc_nph_o(rx_fc_nph_o), .rx_fc_npd_o(rx_fc_npd_o),
    .tx_tlp_valid_o(tx_tlp_valid_o), .tx_tlp_sop_o(tx_tlp_sop_o), .tx_tlp_eop_o(tx_tlp_eop_o),
    .tx_tlp_hdr_o(tx_tlp_hdr_o), .tx_tlp_data_o(tx_tlp_data_o), .tx_tlp_ready_i(tx_tlp_ready_i),
    .tx_fc_ph_i(tx_fc_ph_i), .tx_fc_pd_i(tx_fc_pd_i), .tx_fc_nph_i(tx_fc_nph_i), .tx_fc_npd_i(tx_fc_npd_i),
    .tx_fc_cplh_i(tx_fc_cplh_i), .tx_fc_cpld_i(tx_fc_cpld_i),
    .cfg_bus_master_o(cfg_bus_master), .cfg_msix_enable_o(cfg_msix_enable), .cfg_msix_mask_o(cfg_msix_mask),
    .cfg_msi_enable_o(cfg_msi_enable), .cfg_msi_addr_o(cfg_msi_addr), .cfg_msi_data_o(cfg_msi_data),
    .cfg_msi_count_o(cfg_msi_count), .cfg_msi_mask_o(cfg_msi_mask), .msi_pending_i(msi_pending), .flr_o(flr),
    .quiesce_i(quiesce), .engine_rst_ni(engine_rst_n), .dma_timeout_us_i(dma_timeout_us),
    .csr_valid_o(csr_valid), .csr_write_o(csr_write), .csr_addr_o(csr_addr), .csr_wdata_o(csr_wdata),
    .csr_be_o(csr_be), .csr_rdata_i(csr_rdata), .csr_ack_i(csr_ack), .message_i(message),
    .dr_req_valid_i(dr_req_valid), .dr_req_ready_o(dr_req_ready), .dr_req_addr_i(dr_req_addr),
    .dr_req_len_i(dr_req_len), .dr_req_dst_i(dr_req_dst), .dr_req_cookie_i(dr_req_cookie),
    .dmar_valid_o(dmar_valid), .dmar_client_o(dmar_client), .dmar_cookie_o(dmar_cookie), .dmar_row_o(dmar_row),
    .dmar_be_o(dmar_be), .dmar_next_o(dmar_next), .dmar_data_o(dmar_data), .dmar_done_o(dmar_done),
    .dmar_done_client_o(dmar_done_client), .dmar_done_cookie_o(dmar_done_cookie),
    .dmar_done_bytes_o(dmar_done_bytes), .dmar_done_error_o(dmar_done_error),
    .dw_req_valid_i({st_req_valid, rxw_req_valid}), .dw_req_ready_o({st_req_ready, rxw_req_ready}),
    .dw_req_addr_i({st_req_addr, rxw_req_addr}), .dw_req_len_i({st_req_len, rxw_req_len}),
    .dw_req_skip_i({{$clog2(Bytes){1'b0}}, rxw_req_skip}), .dw_data_valid_i({st_data_valid, rxw_data_valid}),
    .dw_data_ready_o({st_data_ready, rxw_data_ready}), .dw_data_i({st_data, rxw_data}),
    .dw_done_o({st_done, rxw_done}),
    .ev_malformed_o(ev_malformed), .ev_read_tlp_o(ev_read_tlp), .ev_write_tlp_o(ev_write_tlp),
    .ev_unexpected_cpl_o(ev_unexpected_cpl)
  );

  // ------------------------------------------------------------ registers, counters, interrupts
  wire                 ctl_tx_enable, ctl_rx_enable, ctl_pause_rx, ctl_pause_tx;
  wire [47:0]          mac_addr;                     // first octet on the wire in [7:0]
  wire [63:0]          mac_hash;
  wire                 vlan_strip;
  wire [6:0]           rss_control, rss_idx;
  wire [319:0]         rss_key;                      // first octet in [7:0]
  wire [2:0]           rss_queue;                    // entry rss_idx of the table, one cycle later
  wire [Queues-1:0]    ev_tx_stamp;
  wire [31:0]          tx_stamp_idx;
  wire [63:0]          tx_stamp_time;
  wire                 accept_broadcast, accept_all_multicast, promiscuous;
  // Per queue, queue q in slice q. Enables are levels; ring resets are pulses, given only while the ring is off.
  wire [Queues*64-1:0] q_tx_base, q_rx_base, q_ret_base;
  wire [Queues*4-1:0]  q_tx_size, q_rx_size, q_ret_size;    // log2 of entries, 3..12
  wire [Queues-1:0]    q_tx_enable, q_rx_enable, q_tx_reset, q_rx_reset, q_tx_running, q_rx_running;
  wire [Queues*32-1:0] q_tx_prod, q_rx_prod, q_ret_cons;    // written by the driver
  wire [Queues*32-1:0] q_tx_cons, q_rx_cons, q_ret_prod;    // written by the engines; move only when the rule allows
  wire [Queues*4-1:0]  q_tx_error, q_rx_error;              // enum error_reason, 0 none; cleared by ring reset
  wire [Queues*32-1:0] q_tx_error_idx, q_rx_error_idx;
  wire [Queues-1:0]    ev_tx_packet, ev_rx_frame;           // one pulse per packet done / frame returned, for coalescing
  wire                 ev_tx_frame, ev_tx_broadcast, ev_tx_multicast, ev_tx_dma_error, ev_tx_bad_desc;
  wire                 ev_rx_delivered, ev_rx_broadcast, ev_rx_multicast, ev_rx_filtered, ev_rx_no_buffer;
  wire                 ev_rx_disabled, ev_rx_dma_error, ev_rx_csum_bad;
  wire [13:0]          tx_frame_octets, rx_frame_octets;    // valid with ev_tx_frame, ev_rx_delivered

  csr #(.DataWidth(DataWidth), .Queues(Queues)) u_csr (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .idle_o(csr_idle), .irq_idle_o(irq_idle),
    .csr_valid_i(csr_valid), .csr_write_i(csr_write), .csr_addr_i(csr_addr), .csr_wdata_i(csr_wdata),
    .csr_be_i(csr_be), .csr_rdata_o(csr_rdata), .csr_ack_o(csr_ack), .message_o(message),
    .cfg_bus_master_i(cfg_bus_master), .cfg_msix_enable_i(cfg_msix_enable), .cfg_msix_mask_i(cfg_msix_mask),
    .cfg_msi_enable_i(cfg_msi_enable), .cfg_msi_addr_i(cfg_msi_addr), .cfg_msi_data_i(cfg_msi_data),
    .cfg_msi_count_i(cfg_msi_count), .cfg_msi_mask_i(cfg_msi_mask), .msi_pending_o(msi_pending),
    .flr_i(flr), .quiesce_o(quiesce), .engine_rst_no(engine_rst_n),
    .engines_idle_i(engines_idle), .mac_tx_busy_i(mac_tx_busy_i),
    .ctl_tx_enable_o(ctl_tx_enable), .ctl_rx_enable_o(ctl_rx_enable), .dma_timeout_us_o(dma_timeout_us),
    .mac_addr_o(mac_addr), .mac_hash_o(mac_hash), .accept_broadcast_o(accept_broadcast),
    .accept_all_multicast_o(accept_all_multicast), .promiscuous_o(promiscuous), .strip_fcs_o(mac_strip_fcs_o),
    .max_frame_o(mac_max_frame_o), .loopback_o(mac_loopback_o), .pause_rx_o(ctl_pause_rx),
    .pause_tx_o(ctl_pause_tx), .vlan_strip_o(vlan_strip), .pause_quanta_o(mac_pause_quanta_o),
    .pause_high_o(mac_pause_high_o), .pause_low_o(mac_pause_low_o), .rss_control_o(rss_control),
    .rss_key_o(rss_key), .rss_idx_i(rss_idx), .rss_queue_o(rss_queue),
    .link_up_i(link_up_i), .local_fault_i(local_fault_i), .remote_fault_i(remote_fault_i),
    .q_tx_base_o(q_tx_base), .q_rx_base_o(q_rx_base), .q_ret_base_o(q_ret_base),
    .q_tx_size_o(q_tx_size), .q_rx_size_o(q_rx_size), .q_ret_size_o(q_ret_size),
    .q_tx_enable_o(q_tx_enable), .q_rx_enable_o(q_rx_enable), .q_tx_reset_o(q_tx_reset), .q_rx_reset_o(q_rx_reset),
    .q_tx_running_i(q_tx_running), .q_rx_running_i(q_rx_running),
    .q_tx_prod_o(q_tx_prod), .q_rx_prod_o(q_rx_prod), .q_ret_cons_o(q_ret_cons),
    .q_tx_cons_i(q_tx_cons), .q_rx_cons_i(q_rx_cons), .q_ret_prod_i(q_ret_prod),
    .q_tx_error_i(q_tx_error), .q_rx_error_i(q_rx_error),
    .q_tx_error_idx_i(q_tx_error_idx), .q_rx_error_idx_i(q_rx_error_idx),
    .ev_tx_packet_i(ev_tx_packet), .ev_rx_frame_i(ev_rx_frame), .ev_tx_stamp_i(ev_tx_stamp),
    .tx_stamp_idx_i(tx_stamp_idx), .tx_stamp_time_i(tx_stamp_time),
    .st_req_valid_o(st_req_valid), .st_req_ready_i(st_req_ready), .st_req_addr_o(st_req_addr),
    .st_req_len_o(st_req_len), .st_data_valid_o(st_data_valid), .st_data_ready_i(st_data_ready),
    .st_data_o(st_data), .st_done_i(st_done),
    .ev_unexpected_cpl_i(ev_unexpected_cpl), .ev_malformed_i(ev_malformed), .ev_read_tlp_i(ev_read_tlp),
    .ev_write_tlp_i(ev_write_tlp), .ev_rx_fcs_i(ev_rx_fcs_i), .ev_rx_runt_i(ev_rx_runt_i),
    .ev_rx_oversize_i(ev_rx_oversize_i), .ev_rx_symbol_i(ev_rx_symbol_i), .ev_rx_overrun_i(ev_rx_overrun_i),
    .ev_rx_fragment_i(ev_rx_fragment_i), .ev_rx_jabber_i(ev_rx_jabber_i), .ev_rx_pause_i(ev_rx_pause_i),
    .ev_tx_pause_i(ev_tx_pause_i), .ev_rx_wire_i(ev_rx_wire_i), .rx_wire_octets_i(rx_wire_octets_i),
    .ev_tx_frame_i(ev_tx_frame), .ev_tx_broadcast_i(ev_tx_broadcast), .ev_tx_multicast_i(ev_tx_multicast),
    .ev_tx_dma_error_i(ev_tx_dma_error), .ev_tx_bad_desc_i(ev_tx_bad_desc), .tx_frame_octets_i(tx_frame_octets),
    .ev_rx_delivered_i(ev_rx_delivered), .ev_rx_broadcast_i(ev_rx_broadcast), .ev_rx_multicast_i(ev_rx_multicast),
    .ev_rx_filtered_i(ev_rx_filtered), .ev_rx_no_buffer_i(ev_rx_no_buffer), .ev_rx_disabled_i(ev_rx_disabled),
    .ev_rx_dma_error_i(ev_rx_dma_error), .ev_rx_csum_bad_i(ev_rx_csum_bad), .rx_frame_octets_i(rx_frame_octets)
  );
  assign mac_rx_flush_o  = !engine_rst_n;
  assign mac_rx_enable_o = ctl_rx_enable && !quiesce;
  assign mac_pause_rx_o  = ctl_pause_rx && !quiesce;   // a link partner's pause must not hold up a reset
  assign mac_pause_tx_o  = ctl_pause_tx && !quiesce;
  assign mac_addr_o      = mac_addr;

  // ------------------------------------------------------------ TX
  // A time of departure may come when the engine has nothing left to send.
  wire clk_tx, clk_rx;
  clock_gate u_tx_gate (.clk_i(clk_i), .en_i(!txe_idle || mac_tx_stamp_valid_i || !engine_rst_n), .clk_o(clk_tx));
  tx_engine #(.DataWidth(DataWidth), .Queues(Queues), .BufferBytes(TxBufferBytes)) u_tx (
    .clk_i(clk_tx), .rst_ni(engine_rst_n), .quiesce_i(quiesce), .idle_o(txe_idle), .enable_i(ctl_tx_enable),
    .q_base_i(q_tx_base), .q_size_i(q_tx_size), .q_enable_i(q_tx_enable), .q_reset_i(q_tx_reset),
    .q_running_o(q_tx_running), .q_prod_i(q_tx_prod), .q_cons_o(q_tx_cons),
    .q_error_o(q_tx_error), .q_error_idx_o(q_tx_error_idx),
    .desc_req_valid_o(dr_req_valid[0]), .desc_req_ready_i(dr_req_ready[0]), .desc_req_addr_o(dr_req_addr[63:0]),
    .desc_req_len_o(dr_req_len[16:0]), .desc_req_dst_o(dr_req_dst[17:0]), .desc_req_cookie_o(dr_req_cookie[11:0]),
    .data_req_valid_o(dr_req_valid[2]), .data_req_ready_i(dr_req_ready[2]), .data_req_addr_o(dr_req_addr[191:128]),
    .data_req_len_o(dr_req_len[50:34]), .data_req_dst_o(dr_req_dst[53:36]), .data_req_cookie_o(dr_req_cookie[35:24]),
    .dmar_valid_i(dmar_valid), .dmar_client_i(dmar_client), .dmar_cookie_i(dmar_cookie), .dmar_row_i(dmar_row),
    .dmar_be_i(dmar_be), .dmar_next_i(dmar_next), .dmar_data_i(dmar_data),
    .dmar_done_i(dmar_done), .dmar_done_client_i(dmar_done_client), .dmar_done_cookie_i(dmar_done_cookie),
    .dmar_done_bytes_i(dmar_done_bytes), .dmar_done_error_i(dmar_done_error),
    .mac_valid_o(mac_tx_valid_o), .mac_ready_i(mac_tx_ready_i), .mac_sop_o(mac_tx_sop_o), .mac_eop_o(mac_tx_eop_o),
    .mac_bytes_o(mac_tx_bytes_o), .mac_data_o(mac_tx_data_o), .mac_stamp_o(mac_tx_stamp_o),
    .mac_stamp_valid_i(mac_tx_stamp_valid_i), .mac_stamp_time_i(mac_tx_stamp_time_i),
    .ev_packet_o(ev_tx_packet), .ev_frame_o(ev_tx_frame), .ev_broadcast_o(ev_tx_broadcast),
    .ev_multicast_o(ev_tx_multicast), .ev_dma_error_o(ev_tx_dma_error), .ev_bad_desc_o(ev_tx_bad_desc),
    .frame_octets_o(tx_frame_octets), .ev_stamp_o(ev_tx_stamp), .stamp_idx_o(tx_stamp_idx),
    .stamp_time_o(tx_stamp_time)
  );

  // ------------------------------------------------------------ RX
  clock_gate u_rx_gate (.clk_i(clk_i), .en_i(!rxe_idle || !engine_rst_n), .clk_o(clk_rx));
  rx_engine #(.DataWidth(DataWidth), .Queues(Queues)) u_rx (
    .clk_i(clk_rx), .rst_ni(engine_rst_n), .quiesce_i(quiesce), .idle_o(rxe_idle), .enable_i(ctl_rx_enable),
    .bus_master_i(cfg_bus_master),
    .mac_addr_i(mac_addr), .mac_hash_i(mac_hash), .accept_broadcast_i(accept_broadcast),
    .accept_all_multicast_i(accept_all_multicast), .promiscuous_i(promiscuous),
    .mac_fcs_i(mac_rx_fcs_i), .vlan_strip_i(vlan_strip), .rss_control_i(rss_control), .rss_key_i(rss_key),
    .rss_idx_o(rss_idx), .rss_queue_i(rss_queue),
    .q_rx_base_i(q_rx_base), .q_rx_size_i(q_rx_size), .q_ret_base_i(q_ret_base), .q_ret_size_i(q_ret_size),
    .q_enable_i(q_rx_enable), .q_reset_i(q_rx_reset), .q_running_o(q_rx_running),
    .q_rx_prod_i(q_rx_prod), .q_ret_cons_i(q_ret_cons), .q_rx_cons_o(q_rx_cons), .q_ret_prod_o(q_ret_prod),
    .q_error_o(q_rx_error), .q_error_idx_o(q_rx_error_idx),
    .desc_req_valid_o(dr_req_valid[1]), .desc_req_ready_i(dr_req_ready[1]), .desc_req_addr_o(dr_req_addr[127:64]),
    .desc_req_len_o(dr_req_len[33:17]), .desc_req_dst_o(dr_req_dst[35:18]), .desc_req_cookie_o(dr_req_cookie[23:12]),
    .dmar_valid_i(dmar_valid), .dmar_client_i(dmar_client), .dmar_row_i(dmar_row),
    .dmar_be_i(dmar_be), .dmar_next_i(dmar_next), .dmar_data_i(dmar_data),
    .dmar_done_i(dmar_done), .dmar_done_client_i(dmar_done_client), .dmar_done_cookie_i(dmar_done_cookie),
    .dmar_done_bytes_i(dmar_done_bytes), .dmar_done_error_i(dmar_done_error),
    .mac_valid_i(mac_rx_valid_i), .mac_ready_o(mac_rx_ready_o), .mac_sop_i(mac_rx_sop_i), .mac_eop_i(mac_rx_eop_i),
    .mac_bytes_i(mac_rx_bytes_i), .mac_data_i(mac_rx_data_i), .mac_len_i(mac_rx_len_i), .mac_time_i(mac_rx_time_i),
    .wr_req_valid_o(rxw_req_valid), .wr_req_ready_i(rxw_req_ready), .wr_req_addr_o(rxw_req_addr),
    .wr_req_len_o(rxw_req_len), .wr_req_skip_o(rxw_req_skip), .wr_data_valid_o(rxw_data_valid),
    .wr_data_ready_i(rxw_data_ready), .wr_data_o(rxw_data), .wr_done_i(rxw_done),
    .ev_frame_o(ev_rx_frame), .ev_delivered_o(ev_rx_delivered), .ev_broadcast_o(ev_rx_broadcast),
    .ev_multicast_o(ev_rx_multicast), .ev_filtered_o(ev_rx_filtered), .ev_no_buffer_o(ev_rx_no_buffer),
    .ev_disabled_o(ev_rx_disabled), .ev_dma_error_o(ev_rx_dma_error), .ev_csum_bad_o(ev_rx_csum_bad),
    .frame_octets_o(rx_frame_octets)
  );

  // Step by step, as a simulator looks no further than the first that is busy.
  always @(*) begin : rest
    engines_idle = 1'b0;
    idle_o       = 1'b0;
    if (dmaw_idle) if (dmar_idle) engines_idle = txe_idle && rxe_idle;
    if (engines_idle && !mac_rx_valid_i) idle_o = pcie_idle && csr_idle && irq_idle;
  end
endmodule
`default_nettype wire
