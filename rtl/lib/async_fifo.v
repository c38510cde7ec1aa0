// async_fifo - first-in first-out queue between two clock domains of any ratio and phase.
//
// Does:      keeps order, loses and doubles nothing. Pointers cross as Gray codes (cdc_counter).
// Handshake: a word moves on a side when valid and ready are both high; neither waits for the other.
// Latency:   write to rd_valid_o: 1 write edge, then 3 to 4 read edges. Throughput: one word a cycle on each side.
// Counts:    wr_count_o is the fill as the write side knows it, never less than the truth.
// Memory:    one write port, one registered read port: block RAM. The read register is one word more of room.
// Reset:     both domains must be reset together, in any order of release.
`default_nettype none
module async_fifo #(
  parameter Width     = 8,
  parameter DepthLog2 = 4   // 2..15
) (
  input  wire               wr_clk_i,
  input  wire               wr_rst_ni,
  input  wire               wr_valid_i,
  output wire               wr_ready_o,
  input  wire [Width-1:0]   wr_data_i,
  output wire [DepthLog2:0] wr_count_o,
  input  wire               rd_clk_i,
  input  wire               rd_rst_ni,
  output wire               rd_valid_o,
  input  wire               rd_ready_i,
  output wire [Width-1:0]   rd_data_o
);
  reg  [Width-1:0]   mem [0:(1<<DepthLog2)-1];
  reg  [Width-1:0]   rd_data_q;
  reg                rd_valid_q;
  wire [DepthLog2:0] wr_idx, wr_idx_seen;   // one bit more than an address: full and empty differ in it
  wire [DepthLog2:0] rd_idx, rd_idx_seen;
  wire               write = wr_valid_i && wr_ready_o;
  wire               fetch = (wr_idx_seen != rd_idx) && (!rd_valid_q || rd_ready_i);

  assign wr_count_o = wr_idx - rd_idx_seen;
  assign wr_ready_o = !wr_count_o[DepthLog2];
  assign rd_valid_o = rd_valid_q;
  assign rd_data_o  = rd_data_q;

  cdc_counter #(.Width(DepthLog2 + 1)) u_wr_idx (
    .src_clk_i(wr_clk_i), .src_rst_ni(wr_rst_ni), .inc_i(write), .src_count_o(wr_idx),
    .dst_clk_i(rd_clk_i), .dst_rst_ni(rd_rst_ni), .dst_count_o(wr_idx_seen)
  );
  cdc_counter #(.Width(DepthLog2 + 1)) u_rd_idx (
    .src_clk_i(rd_clk_i), .src_rst_ni(rd_rst_ni), .inc_i(fetch), .src_count_o(rd_idx),
    .dst_clk_i(wr_clk_i), .dst_rst_ni(wr_rst_ni), .dst_count_o(rd_idx_seen)
  );

  always @(posedge wr_clk_i) begin
    if (write) mem[wr_idx[DepthLog2-1:0]] <= wr_data_i;
  end
  always @(posedge rd_clk_i) begin
    if (fetch) rd_data_q <= mem[rd_idx[DepthLog2-1:0]];
  end
  always @(posedge rd_clk_i) begin
    if (!rd_rst_ni) rd_valid_q <= 1'b0;
    else if (fetch) rd_valid_q <= 1'b1;
    else if (rd_ready_i) rd_valid_q <= 1'b0;
  end

`ifdef FORMAL
  // F2: the write side never sees more room than there is.
  always @(posedge wr_clk_i) if (wr_rst_ni) assert (wr_count_o <= (1 << DepthLog2));
`endif
endmodule
`default_nettype wire
