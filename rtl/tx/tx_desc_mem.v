// tx_desc_mem - descriptors on chip: written by the DMA write bus, read one descriptor at a time.
//
// Does:    keeps 64 descriptors for each queue, at byte address queue * 1024 + (index mod 64) * 16.
// Latency: rd_desc_o holds the descriptor from the cycle after rd_en_i until the next read.
// Width:   with 64 bits a descriptor is two rows, an even and an odd one, read together; else a row holds 1, 2 or 4.
`default_nettype none
module tx_desc_mem #(
  parameter DataWidth = 512,
  parameter EntryW    = 6     // log2 of descriptors in all queues
) (
  input  wire                            clk_i,
  input  wire                            wr_valid_i,
  input  wire [17-$clog2(DataWidth/8):0] wr_row_i,
  input  wire [DataWidth/8-1:0]          wr_be_i,
  input  wire [DataWidth/8-1:0]          wr_next_i,
  input  wire [DataWidth-1:0]            wr_data_i,
  input  wire                            rd_en_i,
  input  wire [EntryW-1:0]               rd_entry_i,
  output wire [127:0]                    rd_desc_o
);
  localparam RowW = EntryW + 4 - $clog2(DataWidth / 8);
  generate
    if (DataWidth == 64) begin : g_two_rows
      wire [7:0]      be_here = wr_valid_i ? wr_be_i & ~wr_next_i : 8'd0;
      wire [7:0]      be_next = wr_valid_i ? wr_be_i & wr_next_i : 8'd0;
      wire            odd     = wr_row_i[0];
      wire [RowW-2:0] line    = wr_row_i[RowW-1:1];
      ram_1r1w #(.Width(64), .AddrW(RowW - 1)) u_even (
        .clk_i(clk_i), .wr_be_i(odd ? be_next : be_here), .wr_addr_i(odd ? line + 1'b1 : line),
        .wr_data_i(wr_data_i), .rd_en_i(rd_en_i), .rd_addr_i(rd_entry_i), .rd_data_o(rd_desc_o[63:0])
      );
      ram_1r1w #(.Width(64), .AddrW(RowW - 1)) u_odd (
        .clk_i(clk_i), .wr_be_i(odd ? be_here : be_next), .wr_addr_i(line),
        .wr_data_i(wr_data_i), .rd_en_i(rd_en_i), .rd_addr_i(rd_entry_i), .rd_data_o(rd_desc_o[127:64])
      );
    end else begin : g_rows
      localparam InRowW = $clog2(DataWidth / 128);  // log2 of descriptors in a row
      wire [DataWidth-1:0] row;
      tx_row_mem #(.DataWidth(DataWidth), .RowW(RowW)) u_mem (
        .clk_i(clk_i), .wr_valid_i(wr_valid_i), .wr_row_i(wr_row_i[RowW-1:0]), .wr_be_i(wr_be_i),
        .wr_next_i(wr_next_i), .wr_data_i(wr_data_i), .rd_en_i(rd_en_i), .rd_row_i(rd_entry_i[EntryW-1:InRowW]),
        .rd_data_o(row)
      );
      if (InRowW == 0) begin : g_one
        assign rd_desc_o = row;
      end else begin : g_select
        reg [InRowW-1:0] in_row_q;
        always @(posedge clk_i) begin
          if (rd_en_i) in_row_q <= rd_entry_i[InRowW-1:0];
        end
        assign rd_desc_o = row[in_row_q*128 +: 128];
      end
    end
  endgenerate
  wire unused_ok = &{1'b0, wr_row_i};  // rows of all clients have 18 address bits
endmodule
`default_nettype wire
