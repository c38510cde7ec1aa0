// tx_row_mem - packet memory: takes an unaligned beat that straddles two rows in one cycle.
//
// Does:    even and odd rows lie in two RAMs, so a row and the one after it are written together.
// Write:   lane j goes to row wr_row_i where wr_be_i[j], and to the row after it where also wr_next_i[j]; rows wrap.
// Latency: rd_data_o holds row rd_row_i from the cycle after rd_en_i until the next read. One write and one read a cycle.
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
  wire             odd     = wr_row_i[0];
  wire [RowW-2:0]  line    = wr_row_i[RowW-1:1];
  wire [Bytes-1:0] be_here = wr_valid_i ? wr_be_i & ~wr_next_i : {Bytes{1'b0}};
  wire [Bytes-1:0] be_next = wr_valid_i ? wr_be_i & wr_next_i : {Bytes{1'b0}};
  wire [DataWidth-1:0] even_data, odd_data;

  ram_1r1w #(.Width(DataWidth), .AddrW(RowW - 1)) u_even (
    .clk_i(clk_i), .wr_be_i(odd ? be_next : be_here), .wr_addr_i(odd ? line + 1'b1 : line), .wr_data_i(wr_data_i),
    .rd_en_i(rd_en_i && !rd_row_i[0]), .rd_addr_i(rd_row_i[RowW-1:1]), .rd_data_o(even_data)
  );
  ram_1r1w #(.Width(DataWidth), .AddrW(RowW - 1)) u_odd (
    .clk_i(clk_i), .wr_be_i(odd ? be_here : be_next), .wr_addr_i(line), .wr_data_i(wr_data_i),
    .rd_en_i(rd_en_i && rd_row_i[0]), .rd_addr_i(rd_row_i[RowW-1:1]), .rd_data_o(odd_data)
  );

  reg odd_q;
  always @(posedge clk_i) begin
    if (rd_en_i) odd_q <= rd_row_i[0];
  end
  assign rd_data_o = odd_q ? odd_data : even_data;
endmodule
`default_nettype wire
