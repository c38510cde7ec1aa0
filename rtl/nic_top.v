// nic_top - the whole NIC: a PCI function on one side, XGMII on the other.
//
// Does:    registers every input, joins the core (PCIe function, DMA, rings) to the MAC, gathers `idle_o`.
// Clocks:  core_clk_i (TLP side, all engines, most of the MAC) and mac_clk_i (XGMII side), any ratio and phase; crossed
//          by asynchronous FIFOs and named synchronizers only, all of them inside `mac`. Resets are synchronous,
//          active low, each released in its own domain.
// TLPs:    header of 128 bits as PCI Express Base Specification 2.2 draws it: DW 0 in [127:96] (Fmt in its top bits),
//          DW 1 in [95:64], DW 2 in [63:32], DW 3 in [31:0] or zero. Valid with sop. Payload from byte 0 of the sop
//          beat, first octet in data[7:0]. At most one TLP in a beat; a header without data is one beat, sop and eop.
// Host to NIC: no ready. The sender obeys rx_fc_*_o: CREDITS_ALLOCATED of section 2.6.1, counting modulo 2^8 (headers)
//          and 2^12 (data, units of 16 octets). Completions are always taken (the NIC keeps room for what it asks).
// NIC to host: obeys tx_fc_*_i, CREDIT_LIMIT of section 2.6.1; finite limits only, "infinite" (advertised as zero) is not
//          understood: the shell round the NIC gives numbers. tx_tlp_ready_i has a ready latency of 2: after it goes
//          low up to two more beats may come.
// XGMII:   DataWidth / 64 words of 8 octets per beat, first octet in [7:0] (IEEE 802.3 clauses 46 and 81).
// Time:    time_ns_i is the time of day, used for time stamps, moderation timers and completion time-outs.
// Idle:    idle_o high means that no flop but the input registers changes until an input does: the clocks may be
//          stopped after it has been high for 16 cycles of each clock.
`default_nettype none
module nic_top #(
  parameter DataWidth     = 512,    // 64, 128, 256 or 512
  parameter Queues        = 4,      // queue sets, 1..8
  parameter TxBufferBytes = 32768,  // packet memory, powers of two
  parameter RxBufferBytes = 32768
) (
  input  wire                   core_clk_i,
  input  wire                   core_rst_ni,
  input  wire                   mac_clk_i,
  input  wire                   mac_rst_ni,
  input  wire [63:0]            time_ns_i,
  output reg                    idle_o,
  // TLPs from the host
  input  wire                   rx_tlp_valid_i,
  input  wire                   rx_tlp_sop_i,
  input  wire                   rx_tlp_eop_i,
  input  wire [127:0]           rx_tlp_hdr_i,
  input  wire [DataWidth-1:0]   rx_tlp_data_i,
  output wire [7:0]             rx_fc_ph_o,
  output wire [11:0]            rx_fc_pd_o,
  output wire [7:0]             rx_fc_nph_o,
  output wire [11:0]            rx_fc_npd_o,
  // TLPs to the host
  output wire                   tx_tlp_valid_o,
  output wire                   tx_tlp_sop_o,
  output wire                   tx_tlp_eop_o,
  output wire [127:0]           tx_tlp_hdr_o,
  output wire [DataWidth-1:0]   tx_tlp_data_o,
  input  wire                   tx_tlp_ready_i,
  input  wire [7:0]             tx_fc_ph_i,
  input  wire [11:0]            tx_fc_pd_i,
  input  wire [7:0]             tx_fc_nph_i,
  input  wire [11:0]            tx_fc_npd_i,
  input  wire [7:0]             tx_fc_cplh_i,
  input  wire [11:0]            tx_fc_cpld_i,
  // Wire
  output wire [DataWidth-1:0]   xgmii_txd_o,
  output wire [DataWidth/8-1:0] xgmii_txc_o,
  input  wire [DataWidth-1:0]   xgmii_rxd_i,
  input  wire [DataWidth/8-1:0] xgmii_rxc_i
);
  localparam Bytes  = DataWidth / 8;
  localparam CountW = $clog2(Bytes) + 1;

  // ------------------------------------------------------------ input registers (core domain; `mac` has its own)
  reg                 rx_tlp_valid_q, rx_tlp_sop_q, rx_tlp_eop_q, tx_tlp_ready_q;
  reg [127:0]         rx_tlp_hdr_q;
  reg [DataWidth-1:0] rx_tlp_data_q;
  reg [63:0]          time_ns_q;
  reg [7:0]           tx_fc_ph_q, tx_fc_nph_q, tx_fc_cplh_q;
  reg [11:0]          tx_fc_pd_q, tx_fc_npd_q, tx_fc_cpld_q;
  always @(posedge core_clk_i) begin
    rx_tlp_valid_q <= rx_tlp_valid_i && core_rst_ni;
    rx_tlp_sop_q   <= rx_tlp_sop_i;
    rx_tlp_eop_q   <= rx_tlp_eop_i;
    rx_tlp_hdr_q   <= rx_tlp_hdr_i;
    rx_tlp_data_q  <= rx_tlp_data_i;
    tx_tlp_ready_q <= tx_tlp_ready_i;
    time_ns_q      <= time_ns_i;
    tx_fc_ph_q     <= tx_fc_ph_i;
    tx_fc_pd_q     <= tx_fc_pd_i;
    tx_fc_nph_q    <= tx_fc_nph_i;
    tx_fc_npd_q    <= tx_fc_npd_i;
    tx_fc_cplh_q   <= tx_fc_cplh_i;
    tx_fc_cpld_q   <= tx_fc_cpld_i;
  end

  // ------------------------------------------------------------ core <-> MAC, all in the core domain
  wire                 tx_valid, tx_ready, tx_sop, tx_eop;
  wire [CountW-1:0]    tx_bytes;
  wire [DataWidth-1:0] tx_data;
  wire                 rx_valid, rx_ready, rx_sop, rx_eop, rx_fcs;
  wire [CountW-1:0]    rx_bytes;
  wire [DataWidth-1:0] rx_data;
  wire [13:0]          rx_len;
  wire [63:0]          rx_time;
  wire                 mac_rx_flush, mac_rx_enable, mac_strip_fcs;
  wire [13:0]          mac_max_frame;
  wire                 link_up, local_fault, remote_fault;
  wire [47:0]          mac_addr;
  wire                 mac_loopback, mac_pause_rx, mac_pause_tx;
  wire [15:0]          mac_pause_quanta, mac_pause_high, mac_pause_low;
  wire                 tx_stamp, tx_stamp_valid;
  wire [63:0]          tx_stamp_time;
  wire                 ev_rx_fcs, ev_rx_runt, ev_rx_oversize, ev_rx_symbol, ev_rx_overrun;
  wire                 ev_rx_fragment, ev_rx_jabber, ev_rx_pause, ev_tx_pause, ev_rx_wire;
  wire [13:0]          rx_wire_octets;
  wire                 mac_idle, core_idle, mac_tx_busy;

  nic_core #(
    .DataWidth(DataWidth), .Queues(Queues), .TxBufferBytes(TxBufferBytes)
  ) u_core (
    .clk_i(core_clk_i), .rst_ni(core_rst_ni), .time_ns_i(time_ns_q), .idle_o(core_idle),
    .rx_tlp_valid_i(rx_tlp_valid_q), .rx_tlp_sop_i(rx_tlp_sop_q), .rx_tlp_eop_i(rx_tlp_eop_q),
    .rx_tlp_hdr_i(rx_tlp_hdr_q), .rx_tlp_data_i(rx_tlp_data_q),
    .rx_fc_ph_o(rx_fc_ph_o), .rx_fc_pd_o(rx_fc_pd_o), .rx_fc_nph_o(rx_fc_nph_o), .rx_fc_npd_o(rx_fc_npd_o),
    .tx_tlp_valid_o(tx_tlp_valid_o), .tx_tlp_sop_o(tx_tlp_sop_o), .tx_tlp_eop_o(tx_tlp_eop_o),
    .tx_tlp_hdr_o(tx_tlp_hdr_o), .tx_tlp_data_o(tx_tlp_data_o), .tx_tlp_ready_i(tx_tlp_ready_q),
    .tx_fc_ph_i(tx_fc_ph_q), .tx_fc_pd_i(tx_fc_pd_q), .tx_fc_nph_i(tx_fc_nph_q), .tx_fc_npd_i(tx_fc_npd_q),
    .tx_fc_cplh_i(tx_fc_cplh_q), .tx_fc_cpld_i(tx_fc_cpld_q),
    .mac_tx_valid_o(tx_valid), .mac_tx_ready_i(tx_ready), .mac_tx_sop_o(tx_sop), .mac_tx_eop_o(tx_eop),
    .mac_tx_bytes_o(tx_bytes), .mac_tx_data_o(tx_data), .mac_tx_busy_i(mac_tx_busy),
    .mac_tx_stamp_o(tx_stamp), .mac_tx_stamp_valid_i(tx_stamp_valid), .mac_tx_stamp_time_i(tx_stamp_time),
    .mac_rx_valid_i(rx_valid), .mac_rx_ready_o(rx_ready), .mac_rx_sop_i(rx_sop), .mac_rx_eop_i(rx_eop),
    .mac_rx_bytes_i(rx_bytes), .mac_rx_data_i(rx_data), .mac_rx_len_i(rx_len), .mac_rx_fcs_i(rx_fcs), .mac_rx_time_i(rx_time),
    .mac_rx_flush_o(mac_rx_flush), .mac_rx_enable_o(mac_rx_enable), .mac_strip_fcs_o(mac_strip_fcs), .mac_max_frame_o(mac_max_frame),
    .mac_addr_o(mac_addr), .mac_loopback_o(mac_loopback), .mac_pause_rx_o(mac_pause_rx),
    .mac_pause_tx_o(mac_pause_tx), .mac_pause_quanta_o(mac_pause_quanta), .mac_pause_high_o(mac_pause_high),
    .mac_pause_low_o(mac_pause_low),
    .link_up_i(link_up), .local_fault_i(local_fault), .remote_fault_i(remote_fault),
    .ev_rx_fcs_i(ev_rx_fcs), .ev_rx_runt_i(ev_rx_runt), .ev_rx_oversize_i(ev_rx_oversize),
    .ev_rx_symbol_i(ev_rx_symbol), .ev_rx_overrun_i(ev_rx_overrun),
    .ev_rx_fragment_i(ev_rx_fragment), .ev_rx_jabber_i(ev_rx_jabber), .ev_rx_pause_i(ev_rx_pause),
    .ev_tx_pause_i(ev_tx_pause), .ev_rx_wire_i(ev_rx_wire), .rx_wire_octets_i(rx_wire_octets)
  );

  mac #(
    .DataWidth(DataWidth), .RxBufferBytes(RxBufferBytes)
  ) u_mac (
    .clk_i(core_clk_i), .rst_ni(core_rst_ni), .mac_clk_i(mac_clk_i), .mac_rst_ni(mac_rst_ni), .time_ns_i(time_ns_q),
    .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_sop_i(tx_sop), .tx_eop_i(tx_eop), .tx_bytes_i(tx_bytes),
    .tx_data_i(tx_data), .tx_busy_o(mac_tx_busy), .tx_stamp_i(tx_stamp), .tx_stamp_valid_o(tx_stamp_valid),
    .tx_stamp_time_o(tx_stamp_time),
    .rx_valid_o(rx_valid), .rx_ready_i(rx_ready), .rx_sop_o(rx_sop), .rx_eop_o(rx_eop), .rx_bytes_o(rx_bytes),
    .rx_data_o(rx_data), .rx_len_o(rx_len), .rx_fcs_o(rx_fcs), .rx_time_o(rx_time),
    .flush_i(mac_rx_flush), .rx_enable_i(mac_rx_enable), .strip_fcs_i(mac_strip_fcs), .max_frame_i(mac_max_frame),
    .mac_addr_i(mac_addr), .loopback_i(mac_loopback), .pause_rx_i(mac_pause_rx), .pause_tx_i(mac_pause_tx),
    .pause_quanta_i(mac_pause_quanta), .pause_high_i(mac_pause_high), .pause_low_i(mac_pause_low),
    .link_up_o(link_up), .local_fault_o(local_fault), .remote_fault_o(remote_fault),
    .ev_rx_fcs_o(ev_rx_fcs), .ev_rx_runt_o(ev_rx_runt), .ev_rx_oversize_o(ev_rx_oversize),
    .ev_rx_symbol_o(ev_rx_symbol), .ev_rx_overrun_o(ev_rx_overrun),
    .ev_rx_fragment_o(ev_rx_fragment), .ev_rx_jabber_o(ev_rx_jabber), .ev_rx_pause_o(ev_rx_pause),
    .ev_tx_pause_o(ev_tx_pause), .ev_rx_wire_o(ev_rx_wire), .rx_wire_octets_o(rx_wire_octets), .idle_o(mac_idle),
    .xgmii_txd_o(xgmii_txd_o), .xgmii_txc_o(xgmii_txc_o), .xgmii_rxd_i(xgmii_rxd_i), .xgmii_rxc_i(xgmii_rxc_i)
  );

  // Step by step, as in nic_core.
  always @(*) begin
    idle_o = 1'b0;
    if (core_idle) idle_o = mac_idle && !rx_tlp_valid_q;
  end
endmodule
`default_nettype wire
