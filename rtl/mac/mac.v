// mac - Ethernet MAC between the core's frames and the XGMII wire (IEEE 802.3 clauses 3, 4, 46 and 81).
//
// Does:    joins its blocks; owns, with mac_pause, the only crossings between the two clock domains of the NIC: two
//          asynchronous FIFOs, three counts (cdc_counter), two synchronizers for levels. Almost all work is done in the
//          core domain, so that the MAC domain stays simple at 512 bits.
//   receive:  pins - mac_rx_wire | async_fifo | mac_rx_align (mac_rx_pass, mac_rx_scan) - mac_rx_check - mac_rx_fifo - core
//   transmit: core - mac_tx_frame - mac_tx_pack | async_fifo, released frames | mac_tx_wire - pins
// Frames:  from byte 0 of the sop beat. TX without FCS, 1..16000 octets, may have gaps. RX whole and good.
// Counts:  ev_rx_*_o, one pulse for each frame dropped, one reason each: see mac_rx_check.
// Time:    rx_time_o is time_ns_i when the frame's start had left the crossing: 5 to 8 core cycles behind the pins,
//          more by what waits in the crossing when the core is slower than the wire. tx_stamp_time_o: mac_tx_stamp.
// Pause:   both ways in mac_pause. Rule E9.
// Loopback: a switch in the MAC domain, see mac_rx_wire.
// Flush:   while flush_i is high, four cycles at least, the receiver of the core domain is reset, its buffer with it. What
//          comes from the crossing afterwards is thrown away up to the beat that mac_rx_wire marks when it hears of the
//          flush's end: the one on the pins at the first or second MAC edge behind the first core edge after it, as the
//          beats take two MAC cycles to get there like the news. A frame whose start came before is neither delivered nor
//          counted, the next one is received whole. Settings, link and the sender are left alone, but for the times of
//          departure that were asked for: none comes.
// Idle:    idle_o (core domain): nothing in flight in either domain; high a few cycles before the last flop has
//          settled.
`default_nettype none
module mac #(
  parameter DataWidth     = 512,
  parameter RxBufferBytes = 32768
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         mac_clk_i,
  input  wire                         mac_rst_ni,
  input  wire [63:0]                  time_ns_i,
  input  wire                         tx_valid_i,
  output wire                         tx_ready_o,
  input  wire                         tx_sop_i,
  input  wire                         tx_eop_i,
  input  wire [$clog2(DataWidth/8):0] tx_bytes_i,
  input  wire [DataWidth-1:0]         tx_data_i,
  input  wire                         tx_stamp_i,       // with sop: tell when its start goes out
  output wire                         tx_stamp_valid_o, // one pulse for each frame that asked, in their order
  output wire [63:0]                  tx_stamp_time_o,  // ns
  output wire                         tx_busy_o,
  output wire                         rx_valid_o,
  input  wire                         rx_ready_i,
  output wire                         rx_sop_o,
  output wire                         rx_eop_o,
  output wire [$clog2(DataWidth/8):0] rx_bytes_o,
  output wire [DataWidth-1:0]         rx_data_o,
  output wire [13:0]                  rx_len_o,
  output wire                         rx_fcs_o,         // the FCS is its last four octets
  output wire [63:0]                  rx_time_o,
  input  wire                         flush_i,          // forget all that was received so far
  input  wire                         rx_enable_i,
  input  wire                         strip_fcs_i,
  input  wire [13:0]                  max_frame_i,
  input  wire [47:0]                  mac_addr_i,       // source of pause frames; first octet on the wire in [7:0]
  input  wire                         loopback_i,       // internal: what is sent is received, the pins are left alone
  input  wire                         pause_rx_i,       // obey pause frames
  input  wire                         pause_tx_i,       // send pause frames
  input  wire [15:0]                  pause_quanta_i,   // of 512 bit times
  input  wire [15:0]                  pause_high_i,     // fill of the receive buffer, octets: XOFF from here on ...
  input  wire [15:0]                  pause_low_i,      // ... XON when below
  output wire                         link_up_o,
  output wire                         local_fault_o,
  output wire                         remote_fault_o,
  output wire                         ev_rx_fcs_o,
  output wire                         ev_rx_runt_o,
  output wire                         ev_rx_oversize_o,
  output wire                         ev_rx_symbol_o,
  output wire                         ev_rx_overrun_o,
  output wire                         ev_rx_fragment_o, // dropped: short and its FCS bad
  output wire                         ev_rx_jabber_o,   // dropped: long and its FCS bad
  output wire                         ev_rx_pause_o,    // pause frames, taken out
  output wire                         ev_tx_pause_o,
  output wire                         ev_rx_wire_o,     // a frame of any kind was received, with its octets
  output wire [13:0]                  rx_wire_octets_o,
  output wire                         idle_o,
  output wire [DataWidth-1:0]         xgmii_txd_o,
  output wire [DataWidth/8-1:0]       xgmii_txc_o,
  input  wire [DataWidth-1:0]         xgmii_rxd_i,
  input  wire [DataWidth/8-1:0]       xgmii_rxc_i
);
  localparam Bytes     = DataWidth / 8;
  localparam ByteW     = $clog2(Bytes);
  localparam RxCrossW  = 12 - ByteW;    // 4096 octets: what a core slower than the wire may fall behind
  localparam TxCrossW  = 14 - ByteW;    // 16384 octets: the largest frame must be in it whole
  localparam RxWidth   = DataWidth + Bytes + 14;
  localparam TxWidth   = DataWidth + Bytes + 6;
  localparam FrameW    = TxCrossW + 1;  // frames in the crossing are fewer than its beats

  // ------------------------------------------------------------ receive, MAC domain and crossing
  wire                 rxw_valid, rxw_ready, rxw_lost, rxw_mark, rxw_quiet;
  wire [RxCrossW:0]    rxw_count;
  wire [DataWidth-1:0] rxw_data, txw_data;
  wire [Bytes-1:0]     rxw_ctl, txw_ctl;
  wire [11:0]          rxw_lost_starts;
  wire                 link_up, local_fault, remote_fault, loopback_mac, pause_rx_mac, fence_mac;
  mac_rx_wire #(.DataWidth(DataWidth), .DepthLog2(RxCrossW)) u_rx_wire (
    .clk_i(mac_clk_i), .rst_ni(mac_rst_ni), .xgmii_rxd_i(xgmii_rxd_i), .xgmii_rxc_i(xgmii_rxc_i),
    .loop_i(loopback_mac), .loop_data_i(txw_data), .loop_ctl_i(txw_ctl), .fifo_valid_o(rxw_valid),
    .fifo_ready_i(rxw_ready), .fifo_count_i(rxw_count), .fifo_data_o(rxw_data), .fifo_ctl_o(rxw_ctl),
    .fifo_lost_o(rxw_lost), .fifo_lost_starts_o(rxw_lost_starts), .mark_i(fence_mac), .fifo_mark_o(rxw_mark),
    .link_up_o(link_up), .local_fault_o(local_fault), .remote_fault_o(remote_fault), .quiet_o(rxw_quiet)
  );

  wire                 rxc_valid, rxc_ready, rxc_lost, rxc_mark;
  wire [DataWidth-1:0] rxc_data;
  wire [Bytes-1:0]     rxc_ctl;
  wire [11:0]          rxc_lost_starts;
  async_fifo #(.Width(RxWidth), .DepthLog2(RxCrossW)) u_rx_cross (
    .wr_clk_i(mac_clk_i), .wr_rst_ni(mac_rst_ni), .wr_valid_i(rxw_valid), .wr_ready_o(rxw_ready),
    .wr_data_i({rxw_mark, rxw_lost_starts, rxw_lost, rxw_ctl, rxw_data}), .wr_count_o(rxw_count),
    .rd_clk_i(clk_i), .rd_rst_ni(rst_ni), .rd_valid_o(rxc_valid), .rd_ready_i(rxc_ready),
    .rd_data_o({rxc_mark, rxc_lost_starts, rxc_lost, rxc_ctl, rxc_data})
  );

  // One mark at a time: a flush that comes while one is under way asks for another behind it. Nothing stale reaches
  // mac_rx_align, so it is ready for all of it.
  reg  flushed_q, fence_q, fence_sent_q;
  wire rxc_stale = flushed_q || (fence_sent_q && !rxc_mark);
  always @(posedge clk_i) begin
    if (!rst_ni) {flushed_q, fence_q, fence_sent_q} <= 3'd0;
    else begin
      flushed_q <= flush_i || (flushed_q && fence_sent_q);
      if (flushed_q && !flush_i && !fence_sent_q) {fence_q, fence_sent_q} <= {!fence_q, 1'b1};
      else if (rxc_valid && rxc_mark) fence_sent_q <= 1'b0;
    end
  end

  // ------------------------------------------------------------ receive, core domain
  wire                 clk_rx, clk_tx, rx_rests, tx_moves;   // each way has a clock that rests when nothing moves
  wire                 rx_rst_n = rst_ni && !flush_i;
  clock_gate u_rx_gate (.clk_i(clk_i), .en_i(!rx_rests || !rx_rst_n), .clk_o(clk_rx));
  wire                 rxa_valid, rxa_sop, rxa_eop, rxa_pair, rxa_symbol, rxa_lost, rxa_idle, rxa_lost_valid;
  wire [ByteW+1:0]     rxa_bytes;
  wire [DataWidth-1:0] rxa_data, rxa_tail;
  wire [63:0]          rxa_time;
  wire [11:0]          rxa_lost_starts;
  mac_rx_align #(.DataWidth(DataWidth)) u_rx_align (
    .clk_i(clk_rx), .rst_ni(rx_rst_n), .time_ns_i(time_ns_i), .in_valid_i(rxc_valid && !rxc_stale), .in_ready_o(rxc_ready),
    .in_data_i(rxc_data), .in_ctl_i(rxc_ctl), .in_lost_i(rxc_lost), .in_lost_starts_i(rxc_lost_starts),
    .out_valid_o(rxa_valid), .out_sop_o(rxa_sop), .out_eop_o(rxa_eop), .out_pair_o(rxa_pair), .out_bytes_o(rxa_bytes),
    .out_data_o(rxa_data), .out_tail_o(rxa_tail), .out_symbol_o(rxa_symbol), .out_lost_o(rxa_lost),
    .out_time_o(rxa_time), .lost_starts_o(rxa_lost_starts), .lost_valid_o(rxa_lost_valid), .idle_o(rxa_idle)
  );

  wire                 rxk_valid, rxk_eop, rxk_pair, rxk_good, rxk_overrun, rxk_idle, rxk_pause, rxk_is_pause, rxf_idle;
  wire                 rxk_fcs;
  wire [1:0]           rxa_beat; wire [16:0] rxf_fill;
  wire [DataWidth-1:0] rxk_data, rxk_tail;
  wire [13:0]          rxk_len;
  wire [63:0]          rxk_time;
  mac_rx_check #(.DataWidth(DataWidth)) u_rx_check (
    .clk_i(clk_rx), .rst_ni(rx_rst_n), .rx_enable_i(rx_enable_i), .strip_fcs_i(strip_fcs_i), .max_frame_i(max_frame_i),
    .in_valid_i(rxa_valid), .in_sop_i(rxa_sop), .in_eop_i(rxa_eop), .in_pair_i(rxa_pair), .in_bytes_i(rxa_bytes),
    .in_data_i(rxa_data), .in_tail_i(rxa_tail), .in_symbol_i(rxa_symbol), .in_lost_i(rxa_lost), .in_time_i(rxa_time),
    .lost_valid_i(rxa_lost_valid), .lost_starts_i(rxa_lost_starts),
    .out_valid_o(rxk_valid), .out_eop_o(rxk_eop), .out_good_o(rxk_good), .out_pair_o(rxk_pair), .out_data_o(rxk_data),
    .out_tail_o(rxk_tail), .out_len_o(rxk_len), .out_fcs_o(rxk_fcs), .out_time_o(rxk_time), .fifo_overrun_i(rxk_overrun),
    .pause_rx_i(pause_rx_i), .is_pause_i(rxk_is_pause), .pause_o(rxk_pause), .in_beat_o(rxa_beat),
    .ev_fcs_o(ev_rx_fcs_o), .ev_runt_o(ev_rx_runt_o), .ev_oversize_o(ev_rx_oversize_o), .ev_symbol_o(ev_rx_symbol_o),
    .ev_overrun_o(ev_rx_overrun_o), .ev_fragment_o(ev_rx_fragment_o), .ev_jabber_o(ev_rx_jabber_o),
    .ev_pause_o(ev_rx_pause_o), .ev_wire_o(ev_rx_wire_o), .wire_octets_o(rx_wire_octets_o), .idle_o(rxk_idle)
  );
  mac_rx_fifo #(.DataWidth(DataWidth), .BufferBytes(RxBufferBytes)) u_rx_fifo (
    .clk_i(clk_rx), .rst_ni(rx_rst_n), .wr_valid_i(rxk_valid), .wr_eop_i(rxk_eop), .wr_good_i(rxk_good),
    .wr_pair_i(rxk_pair), .wr_data_i(rxk_data), .wr_tail_i(rxk_tail), .wr_len_i(rxk_len), .wr_time_i(rxk_time),
    .wr_fcs_i(rxk_fcs), .rd_fcs_o(rx_fcs_o), .overrun_o(rxk_overrun), .fill_o(rxf_fill),
    .rd_valid_o(rx_valid_o), .rd_ready_i(rx_ready_i), .rd_sop_o(rx_sop_o), .rd_eop_o(rx_eop_o), .rd_bytes_o(rx_bytes_o),
    .rd_data_o(rx_data_o), .rd_len_o(rx_len_o), .rd_time_o(rx_time_o), .idle_o(rxf_idle)
  );

  // ------------------------------------------------------------ transmit, core domain
  wire                 txf_valid, txf_ready, txf_sop, txf_eop, txf_busy, txf_open;
  wire [3:0]             txf_words;
  wire [2:0]             txf_lane;
  wire [DataWidth+127:0] txf_data;
  wire [Bytes+15:0]      txf_ctl;
  clock_gate u_tx_gate (.clk_i(clk_i), .en_i(tx_valid_i || tx_moves || !rst_ni), .clk_o(clk_tx));
  mac_tx_frame #(.DataWidth(DataWidth)) u_tx_frame (
    .clk_i(clk_tx), .rst_ni(rst_ni), .in_valid_i(tx_valid_i), .in_ready_o(tx_ready_o), .in_sop_i(tx_sop_i),
    .in_eop_i(tx_eop_i), .in_bytes_i(tx_bytes_i), .in_data_i(tx_data_i),
    .out_valid_o(txf_valid), .out_ready_i(txf_ready), .out_sop_o(txf_sop), .out_eop_o(txf_eop), .out_words_o(txf_words),
    .out_lane_o(txf_lane), .out_data_o(txf_data), .out_ctl_o(txf_ctl), .busy_o(txf_busy), .open_o(txf_open)
  );

  wire                 txp_valid, txp_ready, txp_sop, txp_eop, txp_busy, tx_on_wire;
  wire [3:0]           txp_word;
  wire [DataWidth-1:0] txp_data;
  wire [Bytes-1:0]     txp_ctl;
  mac_tx_pack #(.DataWidth(DataWidth)) u_tx_pack (
    .clk_i(clk_tx), .rst_ni(rst_ni), .in_valid_i(txf_valid), .in_ready_o(txf_ready), .in_sop_i(txf_sop),
    .in_eop_i(txf_eop), .in_words_i(txf_words), .in_lane_i(txf_lane), .in_data_i(txf_data), .in_ctl_i(txf_ctl),
    .more_i(txf_busy), .wire_busy_i(tx_on_wire),
    .out_valid_o(txp_valid), .out_ready_i(txp_ready), .out_data_o(txp_data), .out_ctl_o(txp_ctl), .out_sop_o(txp_sop),
    .out_word_o(txp_word), .out_eop_o(txp_eop), .busy_o(txp_busy)
  );

  // ------------------------------------------------------------ transmit, crossing
  // A frame counts as released one edge after its last beat counts as written: the reader, whose two synchronizers are
  // alike, never sees the release before the beats.
  wire                 txc_valid, txc_ready, txc_sop, txc_eop, txw_done, txw_quiet;
  wire [3:0]           txc_word;
  wire [DataWidth-1:0] txc_data;
  wire [Bytes-1:0]     txc_ctl;
  wire [FrameW-1:0]    released, released_seen, done_seen, unused_done;
  reg                  release_q;
  wire [TxCrossW:0]    unused_tx_count;
  always @(posedge clk_i) begin
    if (!rst_ni) release_q <= 1'b0;
    else release_q <= txp_valid && txp_ready && txp_eop;
  end
  async_fifo #(.Width(TxWidth), .DepthLog2(TxCrossW)) u_tx_cross (
    .wr_clk_i(clk_i), .wr_rst_ni(rst_ni), .wr_valid_i(txp_valid), .wr_ready_o(txp_ready),
    .wr_data_i({txp_sop, txp_word, txp_eop, txp_ctl, txp_data}), .wr_count_o(unused_tx_count),
    .rd_clk_i(mac_clk_i), .rd_rst_ni(mac_rst_ni), .rd_valid_o(txc_valid), .rd_ready_i(txc_ready),
    .rd_data_o({txc_sop, txc_word, txc_eop, txc_ctl, txc_data})
  );
  cdc_counter #(.Width(FrameW)) u_released (
    .src_clk_i(clk_i), .src_rst_ni(rst_ni), .inc_i(release_q), .src_count_o(released),
    .dst_clk_i(mac_clk_i), .dst_rst_ni(mac_rst_ni), .dst_count_o(released_seen)
  );
  cdc_counter #(.Width(FrameW)) u_done (
    .src_clk_i(mac_clk_i), .src_rst_ni(mac_rst_ni), .inc_i(txw_done), .src_count_o(unused_done),
    .dst_clk_i(clk_i), .dst_rst_ni(rst_ni), .dst_count_o(done_seen)
  );
  assign tx_on_wire = release_q || released != done_seen;

  // ------------------------------------------------------------ pause, both ways
  wire                 paused, own_want, own_start, own_sending, pause_quiet, pause_idle;
  wire [DataWidth-1:0] own_data;
  wire [Bytes-1:0]     own_ctl;
  mac_pause #(.DataWidth(DataWidth)) u_pause (
    .clk_i(clk_i), .rst_ni(rst_ni), .mac_clk_i(mac_clk_i), .mac_rst_ni(mac_rst_ni), .addr_i(mac_addr_i),
    .tx_enable_i(pause_tx_i), .tx_quanta_i(pause_quanta_i), .tx_high_i(pause_high_i), .tx_low_i(pause_low_i),
    .obey_i(pause_rx_mac), .rx_valid_i(rxa_valid), .rx_beat_i(rxa_beat), .rx_data_i(rxa_data),
    .rx_is_pause_o(rxk_is_pause), .rx_take_i(rxk_pause), .fill_i(rxf_fill), .ev_tx_o(ev_tx_pause_o),
    .idle_o(pause_idle), .paused_o(paused), .want_o(own_want), .start_i(own_start), .sending_o(own_sending),
    .data_o(own_data), .ctl_o(own_ctl), .quiet_o(pause_quiet)
  );

  // ------------------------------------------------------------ time of departure of each frame that asked
  wire              txw_started, stamp_idle;
  wire [FrameW-1:0] started_seen, unused_started;
  cdc_counter #(.Width(FrameW)) u_started (
    .src_clk_i(mac_clk_i), .src_rst_ni(mac_rst_ni), .inc_i(txw_started), .src_count_o(unused_started),
    .dst_clk_i(clk_i), .dst_rst_ni(rst_ni), .dst_count_o(started_seen)
  );
  mac_tx_stamp #(.CountW(FrameW)) u_tx_stamp (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i), .sop_i(tx_valid_i && tx_ready_o && tx_sop_i),
    .asked_i(tx_stamp_i), .flush_i(flush_i), .started_i(started_seen), .valid_o(tx_stamp_valid_o),
    .time_o(tx_stamp_time_o), .idle_o(stamp_idle)
  );

  // ------------------------------------------------------------ transmit, MAC domain
  mac_tx_wire #(.DataWidth(DataWidth), .CountW(FrameW)) u_tx_wire (
    .clk_i(mac_clk_i), .rst_ni(mac_rst_ni), .fifo_valid_i(txc_valid), .fifo_ready_o(txc_ready), .fifo_data_i(txc_data),
    .fifo_ctl_i(txc_ctl), .fifo_sop_i(txc_sop), .fifo_word_i(txc_word), .fifo_eop_i(txc_eop),
    .released_i(released_seen), .done_o(txw_done), .started_o(txw_started), .hold_i(paused), .own_want_i(own_want),
    .own_start_o(own_start), .own_sending_i(own_sending), .own_data_i(own_data), .own_ctl_i(own_ctl),
    .local_fault_i(local_fault), .remote_fault_i(remote_fault),
    .xgmii_txd_o(txw_data), .xgmii_txc_o(txw_ctl), .quiet_o(txw_quiet)
  );

  // The pins rest while the frames turn round inside (loopback_mac is a flop).
  assign xgmii_txd_o = loopback_mac ? {Bytes{8'h07}} : txw_data;
  assign xgmii_txc_o = loopback_mac ? {Bytes{1'b1}} : txw_ctl;

  // ------------------------------------------------------------ levels to the MAC domain and to the core
  reg [1:0] settings_q;
  always @(posedge clk_i) begin
    if (!rst_ni) settings_q <= 2'd0;
    else settings_q <= {loopback_i, pause_rx_i};
  end
  cdc_sync2 #(.Width(3)) u_settings (
    .clk_i(mac_clk_i), .rst_ni(mac_rst_ni), .d_i({settings_q, fence_q}), .q_o({loopback_mac, pause_rx_mac, fence_mac})
  );
  reg [3:0] levels_q;   // flops, so that no glitch of the logic before them crosses
  wire      mac_quiet;
  always @(posedge mac_clk_i) begin
    if (!mac_rst_ni) levels_q <= 4'd0;
    else levels_q <= {rxw_quiet && txw_quiet && pause_quiet, link_up, local_fault, remote_fault};
  end
  cdc_sync2 #(.Width(4)) u_levels (
    .clk_i(clk_i), .rst_ni(rst_ni), .d_i(levels_q),
    .q_o({mac_quiet, link_up_o, local_fault_o, remote_fault_o})
  );
  assign tx_moves  = txf_valid || txf_busy || txp_busy || txf_open;
  assign tx_busy_o = tx_moves || tx_on_wire;
  assign rx_rests  = rxa_idle && rxk_idle && rxf_idle;
  assign idle_o    = !tx_busy_o && mac_quiet && rx_rests && !flushed_q && !fence_sent_q && pause_idle && stamp_idle;
endmodule
`default_nettype wire
