// sync_fifo - first-in first-out queue in one clock domain.
//
// Does:      keeps order, loses and doubles nothing. The oldest word stands on rd_data_o while rd_valid_o.
// Handshake: a word moves on a side when valid and ready are both high. Neither ready waits for the other valid.
// Latency:   1 cycle from write to rd_valid_o. Throughput: one word a cycle in and out at once.
`default_nettype none
module sync_fifo #(
  parameter Width     = 8,
  parameter DepthLog2 = 2   // at least 1
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               wr_valid_i,
  output wire               wr_ready_o,
  input  wire [Width-1:0]   wr_data_i,
  output wire               rd_valid_o,
  input  wire               rd_ready_i,
  output wire [Width-1:0]   rd_data_o,
  output wire [DepthLog2:0] count_o
);
  reg [Width-1:0]   mem [0:(1<<DepthLog2)-1];
  reg [DepthLog2:0] wr_idx_q, rd_idx_q;  // one bit more than an address: full and empty differ in it

  assign count_o    = wr_idx_q - rd_idx_q;
  assign wr_ready_o = (wr_idx_q ^ rd_idx_q) != {1'b1, {DepthLog2{1'b0}}};
  assign rd_valid_o = wr_idx_q != rd_idx_q;
  assign rd_data_o  = mem[rd_idx_q[DepthLog2-1:0]];

  always @(posedge clk_i) begin
    if (wr_valid_i && wr_ready_o) mem[wr_idx_q[DepthLog2-1:0]] <= wr_data_i;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) wr_idx_q <= 0;
    else if (wr_valid_i && wr_ready_o) wr_idx_q <= wr_idx_q + 1'b1;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) rd_idx_q <= 0;
    else if (rd_valid_o && rd_ready_i) rd_idx_q <= rd_idx_q + 1'b1;
  end
endmodule
`default_nettype wire
