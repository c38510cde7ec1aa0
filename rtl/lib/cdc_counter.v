// cdc_counter - a free-running count kept in one clock domain and read in another.
//
// Does:    crosses as a Gray code, one bit changing per step, so that the reader sees a value the counter had, never
//          one it did not have, and never one ahead of it. Modulo 2^Width.
// Latency: src_count_o counts at the edge that takes inc_i; dst_count_o follows after 2 to 3 edges of dst_clk_i.
// Reset:   both domains must be reset together, in any order of release.
`default_nettype none
module cdc_counter #(
  parameter Width = 4   // 2..16
) (
  input  wire             src_clk_i,
  input  wire             src_rst_ni,
  input  wire             inc_i,
  output wire [Width-1:0] src_count_o,
  input  wire             dst_clk_i,
  input  wire             dst_rst_ni,
  output wire [Width-1:0] dst_count_o
);
  reg  [Width-1:0] count_q, gray_q;
  wire [Width-1:0] count_d = count_q + 1'b1;
  assign src_count_o = count_q;

  always @(posedge src_clk_i) begin
    if (!src_rst_ni) begin
      count_q <= 0;
      gray_q  <= 0;
    end else if (inc_i) begin
      count_q <= count_d;
      gray_q  <= count_d ^ (count_d >> 1);
    end
  end

  wire [Width-1:0] gray_sync;
  cdc_sync2 #(.Width(Width)) u_sync (.clk_i(dst_clk_i), .rst_ni(dst_rst_ni), .d_i(gray_q), .q_o(gray_sync));

  // Each binary bit is the XOR of all Gray bits from it upwards: a prefix by doubling.
  wire [Width-1:0] prefix2 = gray_sync ^ (gray_sync >> 1);
  wire [Width-1:0] prefix4 = prefix2 ^ (prefix2 >> 2);
  wire [Width-1:0] prefix8 = prefix4 ^ (prefix4 >> 4);
  assign dst_count_o = prefix8 ^ (prefix8 >> 8);

`ifdef FORMAL
  reg past_valid_q = 1'b0;
  reg [Width-1:0] past_gray_q;
  always @(posedge src_clk_i) begin
    past_valid_q <= src_rst_ni;
    past_gray_q  <= gray_q;
    if (src_rst_ni) assert (gray_q == (count_q ^ (count_q >> 1)));
    // F2: at most one bit changes, so x & (x - 1) of the change is zero.
    if (past_valid_q && src_rst_ni) assert (((gray_q ^ past_gray_q) & ((gray_q ^ past_gray_q) - 1'b1)) == 0);
  end
`endif
endmodule
`default_nettype wire
