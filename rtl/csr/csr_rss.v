// csr_rss - registers of the block rss: hash types, hash key, indirection table.
//
// Does:      keeps RSS_CONTROL, RSS_KEY and RSS_TABLE of rtl/regs/nic_regs.toml. The table is a memory of 32 words of
//            four entries; a flag per word says whether it was written since reset, until then its entries are 0.
// Handshake: as csr_global. The receiver's port: table_queue_o is entry table_idx_i as it was in the cycle before.
`default_nettype none
`include "nic_regs.vh"
module csr_rss (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         rd_i,
  input  wire         wr_i,
  input  wire [15:2]  addr_i,
  input  wire [31:0]  wdata_i,
  output reg  [31:0]  rdata_o,
  output reg  [6:0]   control_o,
  output wire [319:0] key_o,            // first octet in [7:0]
  input  wire [6:0]   table_idx_i,
  output reg  [2:0]   table_queue_o
);
  localparam [15:0] KeyAt = `NIC_RSS_KEY;
  localparam [3:0]  KeyWords = `NIC_RSS_KEY_COUNT;
  reg [11:0] table_mem [0:31];          // entries 4 n .. 4 n + 3
  reg [31:0] written_q;
  reg [31:0] key_q [0:`NIC_RSS_KEY_COUNT-1];

  wire [15:0] addr     = {addr_i, 2'b00};
  wire        in_table = addr_i[15:7] == 9'h005;             // 0x280 .. 0x2FC
  wire [4:0]  word     = addr_i[6:2];
  wire [3:0]  key_word = addr_i[5:2] - KeyAt[5:2];           // the key lies within 64 octets
  wire        in_key   = addr_i[15:6] == KeyAt[15:6] && key_word < KeyWords;
  wire [11:0] entries  = written_q[word] ? table_mem[word] : 12'd0;

  always @(posedge clk_i) begin
    if (wr_i && in_table) table_mem[word] <= {wdata_i[26:24], wdata_i[18:16], wdata_i[10:8], wdata_i[2:0]};
  end

  always @(posedge clk_i) begin : registers
    integer n;
    if (!rst_ni) begin
      control_o <= 7'd0;
      written_q <= 32'd0;
      rdata_o   <= 32'd0;
      for (n = 0; n < `NIC_RSS_KEY_COUNT; n = n + 1) key_q[n] <= 32'd0;
    end else begin
      if (wr_i) begin
        if (addr == `NIC_RSS_CONTROL) control_o <= wdata_i[6:0];
        if (in_table) written_q <= written_q | (32'd1 << word);
        for (n = 0; n < `NIC_RSS_KEY_COUNT; n = n + 1)
          if (in_key && key_word == n[3:0]) key_q[n] <= wdata_i;
      end
      if (rd_i) begin
        rdata_o <= 32'd0;
        if (addr == `NIC_RSS_CONTROL) rdata_o <= {25'd0, control_o};
        if (in_table) rdata_o <= {5'd0, entries[11:9], 5'd0, entries[8:6], 5'd0, entries[5:3], 5'd0, entries[2:0]};
        if (in_key) rdata_o <= key_q[key_word];
      end
    end
  end

  wire [11:0] looked_up = written_q[table_idx_i[6:2]] ? table_mem[table_idx_i[6:2]] : 12'd0;
  always @(posedge clk_i) begin
    case (table_idx_i[1:0])
      2'd0:    table_queue_o <= looked_up[2:0];
      2'd1:    table_queue_o <= looked_up[5:3];
      2'd2:    table_queue_o <= looked_up[8:6];
      default: table_queue_o <= looked_up[11:9];
    endcase
  end

  genvar k;
  generate
    for (k = 0; k < `NIC_RSS_KEY_COUNT; k = k + 1) begin : g_key
      assign key_o[k*32 +: 32] = key_q[k];
    end
  endgenerate
  wire unused = &{1'b0, wdata_i[31:27], wdata_i[23:19]};
endmodule
`default_nettype wire
