// ram_1r1w - memory with one write port (byte enables) and one read port, as block RAM offers it.
//
// Latency: rd_data_o holds the word of the address given with rd_en_i in the cycle before, and keeps it until the next
//          read. A read of the word written in the same cycle gives the old value.
`default_nettype none
module ram_1r1w #(
  parameter Width   = 64,   // a multiple of 8
  parameter AddrW   = 9
) (
  input  wire               clk_i,
  input  wire [Width/8-1:0] wr_be_i,    // no bit set: no write
  input  wire [AddrW-1:0]   wr_addr_i,
  input  wire [Width-1:0]   wr_data_i,
  input  wire               rd_en_i,
  input  wire [AddrW-1:0]   rd_addr_i,
  output reg  [Width-1:0]   rd_data_o
);
  reg [Width-1:0] mem [0:(1<<AddrW)-1];

  always @(posedge clk_i) begin : write
    integer i;
    for (i = 0; i < Width / 8; i = i + 1)
      if (wr_be_i[i]) mem[wr_addr_i][i*8 +: 8] <= wr_data_i[i*8 +: 8];
  end
  always @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem[rd_addr_i];
  end
endmodule
`default_nettype wire
