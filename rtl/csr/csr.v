// csr - the NIC's registers as rtl/regs/nic_regs.toml defines them, with counters, reset sequence and interrupts.
//
// Does:      joins csr_global, csr_queue (one per queue set), csr_counters, csr_reset and irq; answers every address,
//            zero where there is no register. Byte enables hold for every register; INT_REARM wants all four.
// Handshake: csr_bus. While a reset is under way writes are ignored.
// Latency:   csr_ack_o 2 cycles after csr_valid_i of a whole write, 7 after that of a read, at most 64 more while a status
//            block is being written, and as long as a message is on its way (see csr_bus); a partial write 9.
`default_nettype none
`include "nic_regs.vh"
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
  output wire                 message_o,          // one is under way, or was to be when a register was read last
  input  wire                 cfg_bus_master_i,
  input  wire                 cfg_msix_enable_i,
  input  wire                 cfg_msix_mask_i,
  input  wire                 cfg_msi_enable_i,
  input  wire [63:0]          cfg_msi_addr_i,
  input  wire [15:0]          cfg_msi_data_i,
  input  wire [2:0]           cfg_msi_count_i,    // log2 of the messages granted
  input  wire [31:0]          cfg_msi_mask_i,
  output wire [31:0]          msi_pending_o,
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
  output wire                 loopback_o,
  output wire                 pause_rx_o,
  output wire                 pause_tx_o,
  output wire                 vlan_strip_o,
  output wire [15:0]          pause_quanta_o,
  output wire [15:0]          pause_high_o,
  output wire [15:0]          pause_low_o,
  output wire [6:0]           rss_control_o,
  output wire [319:0]         rss_key_o,          // first octet in [7:0]
  input  wire [6:0]           rss_idx_i,
  output wire [2:0]           rss_queue_o,        // entry rss_idx_i of the table, one cycle later
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
  input  wire [Queues-1:0]    ev_tx_stamp_i,      // time of departure of a packet, for the queue's status block
  input  wire [31:0]          tx_stamp_idx_i,
  input  wire [63:0]          tx_stamp_time_i,
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
  input  wire                 ev_rx_fragment_i,
  input  wire                 ev_rx_jabber_i,
  input  wire                 ev_rx_pause_i,
  input  wire                 ev_tx_pause_i,
  input  wire                 ev_rx_wire_i,       // a frame of any kind was received
  input  wire [13:0]          rx_wire_octets_i,   // of it, FCS included
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
  // All but csr_reset and csr_rss, whose table rx_engine reads, rests when nothing is asked, counted, owed or configured.
  wire clk, configured;
  clock_gate u_gate (.clk_i(clk_i), .en_i(!idle_o || !irq_idle_o || configured || !rst_ni), .clk_o(clk));
`ifdef SYNTHESIS
  assign configured = 1'b0;   // nobody asks: the gate is a wire
`else
  wire [38:0] cfg = {cfg_bus_master_i, cfg_msix_enable_i, cfg_msix_mask_i, cfg_msi_enable_i, cfg_msi_count_i, cfg_msi_mask_i};
  reg  [38:0] cfg_q;
  always @(posedge clk) cfg_q <= cfg;
  assign configured = cfg_q != cfg;
`endif

  // ------------------------------------------------------------ the bus
  wire        rd, look, wr, low, whole, writing, bus_idle, regs_rst_n;
  wire [15:2] addr;
  wire [31:0] wdata;
  reg  [31:0] rdata;
  csr_bus #(.ReadCycles(3'd5)) u_bus (
    .clk_i(clk), .rst_ni(rst_ni), .idle_o(bus_idle), .csr_valid_i(csr_valid_i), .csr_write_i(csr_write_i),
    .csr_addr_i(csr_addr_i), .csr_wdata_i(csr_wdata_i), .csr_be_i(csr_be_i), .csr_rdata_o(csr_rdata_o),
    .csr_ack_o(csr_ack_o), .writing_i(writing), .message_i(message_o),
    .quiesce_i(quiesce_o), .regs_rst_ni(regs_rst_n), .mark_i(time_ns_i[19]), .rd_o(rd), .look_o(look), .wr_o(wr),
    .addr_o(addr), .wdata_o(wdata), .low_o(low), .whole_o(whole), .rdata_i(rdata)
  );

  // ------------------------------------------------------------ reset
  wire soft_reset, reset_idle;
  csr_reset u_reset (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .idle_o(reset_idle), .request_i(soft_reset || flr_i),
    .all_idle_i(engines_idle_i && !mac_tx_busy_i && !writing), .timeout_us_i(dma_timeout_us_o),
    .quiesce_o(quiesce_o), .engine_rst_no(engine_rst_no), .regs_rst_no(regs_rst_n)
  );

  // ------------------------------------------------------------ blocks global and mac
  wire [31:0]       global_rdata, rss_rdata, counters_rdata, msix_rdata;
  wire              global_idle, counters_idle, error, error_stands;
  reg  [Queues-1:0] tx_error, rx_error;
  always @(*) begin : errors
    integer n;
    for (n = 0; n < Queues; n = n + 1) begin
      tx_error[n] = |q_tx_error_i[n*4 +: 4];
      rx_error[n] = |q_rx_error_i[n*4 +: 4];
    end
  end
  csr_global #(.DataWidth(DataWidth), .Queues(Queues)) u_global (
    .clk_i(clk), .rst_ni(regs_rst_n), .idle_o(global_idle),
    .rd_i(rd), .wr_i(wr), .addr_i(addr), .wdata_i(wdata), .rdata_o(global_rdata),
    .resetting_i(quiesce_o), .dma_idle_i(engines_idle_i && !writing), .mac_tx_busy_i(mac_tx_busy_i),
    .link_up_i(link_up_i), .local_fault_i(local_fault_i), .remote_fault_i(remote_fault_i),
    .tx_error_i(tx_error), .rx_error_i(rx_error),
    .ev_unexpected_cpl_i(ev_unexpected_cpl_i), .ev_malformed_i(ev_malformed_i),
    .error_o(error), .error_stands_o(error_stands), .soft_reset_o(soft_reset),
    .tx_enable_o(ctl_tx_enable_o), .rx_enable_o(ctl_rx_enable_o),
    .dma_timeout_us_o(dma_timeout_us_o), .mac_addr_o(mac_addr_o), .mac_hash_o(mac_hash_o),
    .accept_broadcast_o(accept_broadcast_o), .accept_all_multicast_o(accept_all_multicast_o),
    .promiscuous_o(promiscuous_o), .strip_fcs_o(strip_fcs_o), .loopback_o(loopback_o), .pause_rx_o(pause_rx_o),
    .pause_tx_o(pause_tx_o), .vlan_strip_o(vlan_strip_o), .max_frame_o(max_frame_o),
    .pause_quanta_o(pause_quanta_o), .pause_high_o(pause_high_o), .pause_low_o(pause_low_o)
  );

  csr_rss u_rss (
    .clk_i(clk_i), .rst_ni(regs_rst_n), .rd_i(rd), .wr_i(wr), .addr_i(addr), .wdata_i(wdata), .rdata_o(rss_rdata),
    .control_o(rss_control_o), .key_o(rss_key_o), .table_idx_i(rss_idx_i), .table_queue_o(rss_queue_o)
  );

  // ------------------------------------------------------------ counters, in the order of the map
  wire ev_status, ev_message;
  wire [6:0] rx_bins, tx_bins;
  csr_size #(.Added(14'd0)) u_rx_size (.valid_i(ev_rx_wire_i), .octets_i(rx_wire_octets_i), .bins_o(rx_bins));
  csr_size #(.Added(14'd4)) u_tx_size (.valid_i(ev_tx_frame_i), .octets_i(tx_frame_octets_i), .bins_o(tx_bins));
  wire [`NIC_NUM_COUNTERS-1:0] events = {
    tx_bins, rx_bins, ev_rx_wire_i, ev_rx_wire_i, ev_rx_jabber_i, ev_rx_fragment_i,
    ev_status, ev_message, ev_malformed_i, ev_unexpected_cpl_i, ev_write_tlp_i, ev_read_tlp_i,
    ev_tx_pause_i, ev_tx_bad_desc_i, ev_tx_dma_error_i, ev_tx_multicast_i, ev_tx_broadcast_i, ev_tx_frame_i, ev_tx_frame_i,
    ev_rx_pause_i, ev_rx_csum_bad_i, ev_rx_dma_error_i, ev_rx_disabled_i, ev_rx_no_buffer_i, ev_rx_filtered_i, ev_rx_overrun_i,
    ev_rx_symbol_i, ev_rx_oversize_i, ev_rx_runt_i, ev_rx_fcs_i, ev_rx_multicast_i, ev_rx_broadcast_i,
    ev_rx_delivered_i, ev_rx_delivered_i};
  csr_counters u_counters (
    .clk_i(clk), .rst_ni(regs_rst_n), .time_ns_i(time_ns_i), .idle_o(counters_idle), .rd_i(rd), .look_i(look),
    .addr_i(addr), .rdata_o(counters_rdata), .events_i(events), .rx_octets_i(rx_frame_octets_i),
    .tx_octets_i(tx_frame_octets_i), .wire_octets_i(rx_wire_octets_i)
  );

  // ------------------------------------------------------------ queues
  wire [Queues*32-1:0] queue_rdata;
  wire [31:0]          status_tag;
  wire [Queues*64-1:0] status_base;
  wire [Queues-1:0]    status_whole, queue_idle, tx_busy, rx_busy, int_mask, int_force, int_write, auto_mask, rearm;
  wire [Queues*16-1:0] rx_frames, rx_usecs, tx_frames, tx_usecs, max_usecs, gap_usecs;
  wire [Queues-1:0]    poke;
  wire                 in_queues = addr[15:12] == 4'h4;   // eight blocks of 512 octets
  genvar q;
  generate
    for (q = 0; q < Queues; q = q + 1) begin : g_queue
      wire sel = in_queues && addr[11:9] == q;
      assign poke[q] = wr && sel;
      csr_queue u_queue (
        .clk_i(clk), .rst_ni(regs_rst_n), .idle_o(queue_idle[q]),
        .rd_i(rd && sel), .rd_any_i(rd), .wr_i(wr && sel), .addr_i(addr[8:2]), .wdata_i(wdata), .low_i(low),
        .whole_i(whole), .rdata_o(queue_rdata[q*32 +: 32]),
        .tx_base_o(q_tx_base_o[q*64 +: 64]), .rx_base_o(q_rx_base_o[q*64 +: 64]),
        .ret_base_o(q_ret_base_o[q*64 +: 64]), .tx_size_o(q_tx_size_o[q*4 +: 4]), .rx_size_o(q_rx_size_o[q*4 +: 4]),
        .ret_size_o(q_ret_size_o[q*4 +: 4]), .tx_enable_o(q_tx_enable_o[q]), .rx_enable_o(q_rx_enable_o[q]),
        .tx_reset_o(q_tx_reset_o[q]), .rx_reset_o(q_rx_reset_o[q]), .tx_running_i(q_tx_running_i[q]),
        .rx_running_i(q_rx_running_i[q]), .tx_prod_o(q_tx_prod_o[q*32 +: 32]), .rx_prod_o(q_rx_prod_o[q*32 +: 32]),
        .ret_cons_o(q_ret_cons_o[q*32 +: 32]), .tx_cons_i(q_tx_cons_i[q*32 +: 32]),
        .rx_cons_i(q_rx_cons_i[q*32 +: 32]), .ret_prod_i(q_ret_prod_i[q*32 +: 32]),
        .tx_error_i(q_tx_error_i[q*4 +: 4]), .rx_error_i(q_rx_error_i[q*4 +: 4]),
        .tx_error_idx_i(q_tx_error_idx_i[q*32 +: 32]), .rx_error_idx_i(q_rx_error_idx_i[q*32 +: 32]),
        .status_base_o(status_base[q*64 +: 64]), .status_whole_o(status_whole[q]), .status_tag_i(status_tag),
        .tx_busy_i(tx_busy[q]), .rx_busy_i(rx_busy[q]), .int_mask_i(int_mask[q]), .int_force_i(int_force[q]),
        .int_write_o(int_write[q]), .auto_mask_o(auto_mask[q]), .rearm_o(rearm[q]),
        .rx_frames_o(rx_frames[q*16 +: 16]), .rx_usecs_o(rx_usecs[q*16 +: 16]),
        .tx_frames_o(tx_frames[q*16 +: 16]), .tx_usecs_o(tx_usecs[q*16 +: 16]), .max_usecs_o(max_usecs[q*16 +: 16]),
        .gap_usecs_o(gap_usecs[q*16 +: 16])
      );
    end
  endgenerate

  // ------------------------------------------------------------ status blocks and interrupts
  irq #(.DataWidth(DataWidth), .Queues(Queues)) u_irq (
    .clk_i(clk), .rst_ni(regs_rst_n), .writer_rst_ni(engine_rst_no), .time_ns_i(time_ns_i), .idle_o(irq_idle_o),
    .writing_o(writing), .message_o(message_o), .quiesce_i(quiesce_o),
    .bus_master_i(cfg_bus_master_i), .msix_enable_i(cfg_msix_enable_i),
    .msix_mask_i(cfg_msix_mask_i), .msi_enable_i(cfg_msi_enable_i), .msi_addr_i(cfg_msi_addr_i),
    .msi_data_i(cfg_msi_data_i), .msi_count_i(cfg_msi_count_i), .msi_mask_i(cfg_msi_mask_i),
    .msi_pending_o(msi_pending_o), .error_i(error), .error_stands_i(error_stands),
    .rd_i(rd), .wr_i(wr), .addr_i(addr), .wdata_i(wdata), .rdata_o(msix_rdata),
    .tx_cons_i(q_tx_cons_i), .rx_cons_i(q_rx_cons_i), .ret_prod_i(q_ret_prod_i),
    .ev_tx_i(ev_tx_packet_i), .ev_rx_i(ev_rx_frame_i), .ev_stamp_i(ev_tx_stamp_i),
    .stamp_idx_i(tx_stamp_idx_i), .stamp_time_i(tx_stamp_time_i), .status_base_i(status_base),
    .status_whole_i(status_whole), .tag_queue_i(addr[11:9]), .tag_o(status_tag), .poke_i(poke),
    .tx_busy_o(tx_busy), .rx_busy_o(rx_busy), .int_write_i(int_write), .int_mask_i(wdata[`NIC_INT_CONTROL_MASK_LSB]),
    .int_force_i(wdata[`NIC_INT_CONTROL_FORCE_LSB]), .auto_mask_i(auto_mask), .rearm_i(rearm),
    .rearm_tag_i(wdata),
    .rx_frames_i(rx_frames), .rx_usecs_i(rx_usecs), .tx_frames_i(tx_frames), .tx_usecs_i(tx_usecs),
    .max_usecs_i(max_usecs), .gap_usecs_i(gap_usecs), .mask_o(int_mask), .force_o(int_force),
    .st_req_valid_o(st_req_valid_o), .st_req_ready_i(st_req_ready_i), .st_req_addr_o(st_req_addr_o),
    .st_req_len_o(st_req_len_o), .st_data_valid_o(st_data_valid_o), .st_data_ready_i(st_data_ready_i),
    .st_data_o(st_data_o), .st_done_i(st_done_i), .ev_status_o(ev_status), .ev_message_o(ev_message)
  );

  // ------------------------------------------------------------ answer
  reg [31:0] queues_rdata;
  always @(*) begin : answer
    integer n;
    queues_rdata = 32'd0;
    for (n = 0; n < Queues; n = n + 1) queues_rdata = queues_rdata | queue_rdata[n*32 +: 32];
  end
  always @(posedge clk) begin
    if (!bus_idle) rdata <= global_rdata | rss_rdata | counters_rdata | msix_rdata | queues_rdata;
  end
  assign idle_o = bus_idle && reset_idle && global_idle && counters_idle && &queue_idle;
endmodule
`default_nettype wire
