// cdc_word - hands single words from one clock domain to another.
//
// Does:      holds the word still in the source domain while a toggle crosses (cdc_sync2); the destination takes it when
//            it sees the toggle and says so by another. Words arrive in order, none twice.
// Handshake: src_valid_i with src_ready_o; dst_valid_o is high until the edge with dst_ready_i.
// Latency:   1 source edge, 2 to 3 destination edges; the way back takes as long. Throughput: a word each round trip.
// Reset:     both domains must be reset together, in any order of release.
`default_nettype none
module cdc_word #(
  parameter Width = 8
) (
  input  wire             src_clk_i,
  input  wire             src_rst_ni,
  input  wire             src_valid_i,
  output wire             src_ready_o,   // the word before has been taken
  input  wire [Width-1:0] src_data_i,
  input  wire             dst_clk_i,
  input  wire             dst_rst_ni,
  output wire             dst_valid_o,
  input  wire             dst_ready_i,
  output wire [Width-1:0] dst_data_o     // stable while dst_valid_o
);
  reg             src_toggle_q, dst_toggle_q;
  reg [Width-1:0] word_q;
  wire            src_seen, dst_seen;
  assign src_ready_o = src_seen == src_toggle_q;
  assign dst_valid_o = dst_seen != dst_toggle_q;
  assign dst_data_o  = word_q;

  cdc_sync2 #(.Width(1)) u_forth (.clk_i(dst_clk_i), .rst_ni(dst_rst_ni), .d_i(src_toggle_q), .q_o(dst_seen));
  cdc_sync2 #(.Width(1)) u_back (.clk_i(src_clk_i), .rst_ni(src_rst_ni), .d_i(dst_toggle_q), .q_o(src_seen));

  always @(posedge src_clk_i) begin
    if (!src_rst_ni) src_toggle_q <= 1'b0;
    else if (src_valid_i && src_ready_o) begin
      src_toggle_q <= !src_toggle_q;
      word_q       <= src_data_i;
    end
  end
  always @(posedge dst_clk_i) begin
    if (!dst_rst_ni) dst_toggle_q <= 1'b0;
    else if (dst_valid_o && dst_ready_i) dst_toggle_q <= !dst_toggle_q;
  end
endmodule
`default_nettype wire
