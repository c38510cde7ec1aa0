// tx_desc_mem - descriptors on chip: written by the DMA write bus, read one descriptor at a time.
//
// Does:    keeps 64 descriptors for each queue, at byte address queue * 1024 + (index mod 64) * 16. Even and odd rows
//          lie in two RAMs as in tx_row_mem; enables count DWs, because completions split at DWs.
// Latency: rd_desc_o holds the descriptor from the cycle after rd_en_i until the next read.
// Width:   with 64 bits a descriptor is two rows, an even and an odd one, read together; else a row holds 1, 2 or 4.
// Style:   distributed RAM, read through the select into one register. Blocking writes for the reason in tx_row_mem.
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
  localparam LaneW = $clog2(DataWidth / 8);
  localparam LineW = EntryW + 3 - LaneW;      // log2 of rows in one RAM
  localparam Bytes = DataWidth / 8;
  wire             odd       = wr_row_i[0];
  wire [LineW-1:0] line      = wr_row_i[LineW:1];
  wire [LineW-1:0] even_line = odd ? line + 1'b1 : line;
  wire [Bytes-1:0] even_be   = wr_be_i & (odd ? wr_next_i : ~wr_next_i);
  wire [Bytes-1:0] odd_be    = wr_be_i & (odd ? ~wr_next_i : wr_next_i);
  wire [EntryW+3:0] rd_byte  = {rd_entry_i, 4'd0};
  wire [LineW-1:0] rd_line   = rd_byte[EntryW+3:LaneW+1];
  reg [DataWidth-1:0] even_mem [0:(1<<LineW)-1];
  reg [DataWidth-1:0] odd_mem [0:(1<<LineW)-1];

  reg [127:0]         desc_q;
  assign rd_desc_o = desc_q;

  // verilator lint_off BLKSEQ
  generate
    if (LaneW == 3) begin : g_two_rows
      always @(posedge clk_i) begin : access
        integer i;
        if (rd_en_i) desc_q <= {odd_mem[rd_line], even_mem[rd_line]};
        if (wr_valid_i)
          for (i = 0; i < Bytes / 4; i = i + 1) begin
            if (even_be[i*4]) even_mem[even_line][i*32 +: 32] = wr_data_i[i*32 +: 32];
            if (odd_be[i*4]) odd_mem[line][i*32 +: 32] = wr_data_i[i*32 +: 32];
          end
      end
    end else begin : g_rows
      wire [LaneW-4:0] place = rd_byte[LaneW:4] & ~{1'b1, {(LaneW-4){1'b0}}};  // of the descriptor in its row
      always @(posedge clk_i) begin : access
        integer i;
        if (rd_en_i) desc_q <= rd_byte[LaneW] ? odd_mem[rd_line][place*128 +: 128]
                                              : even_mem[rd_line][place*128 +: 128];
        if (wr_valid_i)
          for (i = 0; i < Bytes / 4; i = i + 1) begin
            if (even_be[i*4]) even_mem[even_line][i*32 +: 32] = wr_data_i[i*32 +: 32];
            if (odd_be[i*4]) odd_mem[line][i*32 +: 32] = wr_data_i[i*32 +: 32];
          end
      end
    end
  endgenerate
  // verilator lint_on BLKSEQ
  wire unused_ok = &{1'b0, wr_row_i, even_be, odd_be, rd_byte};
endmodule
`default_nettype wire
