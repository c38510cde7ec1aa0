// tx_row_mem - packet memory: takes an unaligned beat that straddles two rows in one cycle.
//
// Does:    even and odd rows lie in two RAMs, so a row and the one after it are written together. Each is a block RAM
//          with one write port (byte enables) and one read port.
// Write:   lane j goes to row wr_row_i where wr_be_i[j], and to the row after it where also wr_next_i[j]; rows wrap.
// Latency: rd_data_o holds row rd_row_i from the cycle after rd_en_i until the next read; a row that is written in the
//          cycle of its read gives its old octets. One write and one read a cycle.
// Two bodies: for simulation the write is a blocking assignment in the read's own block, behind the read. In Verilator 64
//          delayed byte writes a RAM cost half of the whole engine's time, also at rest; this way a RAM costs when it is
//          written. For synthesis each lane has a block of its own: Yosys takes minutes for 64 writes in one block.
//          testbench/rtl/lib/two_bodies_test.cpp holds both equal.
`default_nettype none
module tx_row_mem #(
  parameter DataWidth = 512,
  parameter RowW      = 9     // log2 of rows, at least 2
) (
  input  wire                   clk_i,
  input  wire                   wr_valid_i,
  input  wire [RowW-1:0]        wr_row_i,
  input  wire [DataWidth/8-1:0] wr_be_i,
  input  wire [DataWidth/8-1:0] wr_next_i,
  input  wire [DataWidth-1:0]   wr_data_i,
  input  wire                   rd_en_i,
  input  wire [RowW-1:0]        rd_row_i,
  output wire [DataWidth-1:0]   rd_data_o
);
  localparam Bytes = DataWidth / 8;
  wire             odd       = wr_row_i[0];
  wire [RowW-2:0]  line      = wr_row_i[RowW-1:1];
  wire [RowW-2:0]  even_line = odd ? line + 1'b1 : line;
  wire [Bytes-1:0] even_be   = wr_be_i & (odd ? wr_next_i : ~wr_next_i);
  wire [Bytes-1:0] odd_be    = wr_be_i & (odd ? ~wr_next_i : wr_next_i);
  wire [RowW-2:0]  rd_line   = rd_row_i[RowW-1:1];
  reg [DataWidth-1:0] even_mem [0:(1<<(RowW-1))-1];
  reg [DataWidth-1:0] odd_mem [0:(1<<(RowW-1))-1];
  reg [DataWidth-1:0] even_data_q, odd_data_q;
  reg                 odd_q;

`ifdef SYNTHESIS
  genvar g;
  generate
    for (g = 0; g < Bytes; g = g + 1) begin : gen_lane
      always @(posedge clk_i) begin
        if (wr_valid_i && even_be[g]) even_mem[even_line][g*8 +: 8] <= wr_data_i[g*8 +: 8];
        if (wr_valid_i && odd_be[g]) odd_mem[line][g*8 +: 8] <= wr_data_i[g*8 +: 8];
      end
    end
  endgenerate
  always @(posedge clk_i) begin
    if (rd_en_i && !rd_row_i[0]) even_data_q <= even_mem[rd_line];
    if (rd_en_i && rd_row_i[0]) odd_data_q <= odd_mem[rd_line];
  end
`else
  // verilator lint_off BLKSEQ
  always @(posedge clk_i) begin : even_ram
    integer i;
    if (rd_en_i && !rd_row_i[0]) even_data_q <= even_mem[rd_line];
    if (wr_valid_i && even_be != {Bytes{1'b0}})
      for (i = 0; i < Bytes; i = i + 1)
        if (even_be[i]) even_mem[even_line][i*8 +: 8] = wr_data_i[i*8 +: 8];
  end
  always @(posedge clk_i) begin : odd_ram
    integer i;
    if (rd_en_i && rd_row_i[0]) odd_data_q <= odd_mem[rd_line];
    if (wr_valid_i && odd_be != {Bytes{1'b0}})
      for (i = 0; i < Bytes; i = i + 1)
        if (odd_be[i]) odd_mem[line][i*8 +: 8] = wr_data_i[i*8 +: 8];
  end
  // verilator lint_on BLKSEQ
`endif
  always @(posedge clk_i) begin
    if (rd_en_i) odd_q <= rd_row_i[0];
  end
  assign rd_data_o = odd_q ? odd_data_q : even_data_q;
endmodule
`default_nettype wire
