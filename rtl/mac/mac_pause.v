// mac_pause - flow control of both directions (IEEE 802.3 annex 31B): its blocks, and their crossings between the domains.
//
// Does:    joins mac_pause_rx (finds pause frames received) and mac_pause_tx (decides which to send), both in the core
//          domain, with mac_pause_wire in the MAC domain, by one cdc_word each; counts the frames sent back into the core.
//   received: mac_rx_align - mac_pause_rx | cdc_word | mac_pause_wire - mac_tx_wire
//   sent:     fill - mac_pause_tx | cdc_word | mac_pause_wire - mac_tx_wire;  mac_pause_wire | cdc_counter - ev_tx_o
// Ports:   of the core domain unless they say MAC.
// Idle:    idle_o (core domain) and quiet_o (MAC domain): nothing is under way in that domain.
`default_nettype none
module mac_pause #(
  parameter DataWidth = 64
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   mac_clk_i,
  input  wire                   mac_rst_ni,
  // Settings
  input  wire [47:0]            addr_i,        // our own; first octet on the wire in [7:0]
  input  wire                   tx_enable_i,
  input  wire [15:0]            tx_quanta_i,
  input  wire [15:0]            tx_high_i,     // octets
  input  wire [15:0]            tx_low_i,
  input  wire                   obey_i,        // MAC domain
  // Frames received, see mac_pause_rx
  input  wire                   rx_valid_i,
  input  wire [1:0]             rx_beat_i,
  input  wire [DataWidth-1:0]   rx_data_i,
  output wire                   rx_is_pause_o,
  input  wire                   rx_take_i,
  // Pause frames of our own
  input  wire [16:0]            fill_i,        // octets in the receive buffer
  output wire                   ev_tx_o,       // one pulse for each sent
  output wire                   idle_o,
  // To mac_tx_wire, MAC domain, see mac_pause_wire
  output wire                   paused_o,
  output wire                   want_o,
  input  wire                   start_i,
  output wire                   sending_o,
  output wire [DataWidth-1:0]   data_o,
  output wire [DataWidth/8-1:0] ctl_o,
  output wire                   quiet_o
);
  // ------------------------------------------------------------ received
  wire        got_valid, got_ready, got_idle, time_valid;
  wire [15:0] got_quanta, time_quanta;
  mac_pause_rx #(.DataWidth(DataWidth)) u_rx (
    .clk_i(clk_i), .rst_ni(rst_ni), .own_addr_i(addr_i), .in_valid_i(rx_valid_i), .in_beat_i(rx_beat_i),
    .in_data_i(rx_data_i), .is_pause_o(rx_is_pause_o), .take_i(rx_take_i), .word_valid_o(got_valid),
    .word_ready_i(got_ready), .word_quanta_o(got_quanta), .idle_o(got_idle)
  );
  cdc_word #(.Width(16)) u_rx_cross (
    .src_clk_i(clk_i), .src_rst_ni(rst_ni), .src_valid_i(got_valid), .src_ready_o(got_ready), .src_data_i(got_quanta),
    .dst_clk_i(mac_clk_i), .dst_rst_ni(mac_rst_ni), .dst_valid_o(time_valid), .dst_ready_i(1'b1),
    .dst_data_o(time_quanta)
  );

  // ------------------------------------------------------------ sent
  wire        ask_valid, ask_ready, ask_idle, frame_valid, frame_ready;
  wire [95:0] ask_word, frame_word;
  mac_pause_tx u_tx (
    .clk_i(clk_i), .rst_ni(rst_ni), .enable_i(tx_enable_i), .addr_i(addr_i), .quanta_i(tx_quanta_i), .high_i(tx_high_i),
    .low_i(tx_low_i), .fill_i(fill_i), .word_valid_o(ask_valid), .word_ready_i(ask_ready), .word_o(ask_word),
    .idle_o(ask_idle)
  );
  cdc_word #(.Width(96)) u_tx_cross (
    .src_clk_i(clk_i), .src_rst_ni(rst_ni), .src_valid_i(ask_valid), .src_ready_o(ask_ready), .src_data_i(ask_word),
    .dst_clk_i(mac_clk_i), .dst_rst_ni(mac_rst_ni), .dst_valid_o(frame_valid), .dst_ready_i(frame_ready),
    .dst_data_o(frame_word)
  );
  wire [3:0] sent, unused_sent;
  reg  [3:0] told_q;
  cdc_counter #(.Width(4)) u_sent (
    .src_clk_i(mac_clk_i), .src_rst_ni(mac_rst_ni), .inc_i(want_o && start_i), .src_count_o(unused_sent),
    .dst_clk_i(clk_i), .dst_rst_ni(rst_ni), .dst_count_o(sent)
  );
  assign ev_tx_o = sent != told_q;
  always @(posedge clk_i) begin
    if (!rst_ni) told_q <= 4'd0;
    else if (ev_tx_o) told_q <= told_q + 4'd1;
  end

  // ------------------------------------------------------------ the wire
  mac_pause_wire #(.DataWidth(DataWidth)) u_wire (
    .clk_i(mac_clk_i), .rst_ni(mac_rst_ni), .obey_i(obey_i), .rx_valid_i(time_valid), .rx_quanta_i(time_quanta),
    .paused_o(paused_o), .tx_valid_i(frame_valid), .tx_ready_o(frame_ready), .tx_word_i(frame_word), .want_o(want_o),
    .start_i(start_i), .sending_o(sending_o), .data_o(data_o), .ctl_o(ctl_o), .quiet_o(quiet_o)
  );
  assign idle_o = got_idle && ask_idle && !ev_tx_o;
endmodule
`default_nettype wire
