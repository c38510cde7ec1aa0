// crc32 - CRC-32 of IEEE 802.3 section 3.2.9, a beat with any number of octets per cycle.
//
// Does:    crc_o is the register of the bit-reflected form (polynomial EDB88320, first bit in bit 0) after all octets
//          taken since first_i. The FCS is ~crc_o, octet [7:0] first on the wire. Over a frame and its good FCS crc_o
//          is DEBB20E3 (rule E3).
// Latency: 1 cycle. Throughput: one beat a cycle. Holds while en_i is low.
// How:     the register is XORed into the first four octets, the beat is moved so that its last octet is the topmost
//          (what stands behind it falls out, what stands before it is zero and changes nothing), and then one fixed
//          linear map of DataWidth bits follows. With fewer than 4 octets the rest of the register is shifted down
//          beside it.
// Two bodies of that map: an XOR matrix for synthesis, slicing tables for simulation, where the matrix is ten times
//          slower. testbench/rtl/lib/crc32_test.cpp holds both equal to the bit-serial form (F15).
`default_nettype none
module crc32 #(
  parameter DataWidth = 64
) (
  input  wire                         clk_i,
  input  wire                         en_i,
  input  wire                         first_i,   // this beat starts a new sum
  input  wire [$clog2(DataWidth/8):0] bytes_i,   // octets of the beat, 0..DataWidth/8
  input  wire [DataWidth-1:0]         data_i,
  output wire [31:0]                  crc_o
);
  localparam Bytes  = DataWidth / 8;
  localparam CountW = $clog2(Bytes) + 1;
  localparam [CountW-1:0] FullBeat = {1'b1, {CountW-1{1'b0}}};   // Bytes, a power of two
  reg  [31:0] crc_q;
  wire [31:0] start = first_i ? 32'hFFFFFFFF : crc_q;
  assign crc_o = crc_q;

`ifdef SYNTHESIS
  // Column j of the map, 32 bits: what bit j of the beat leaves in the register. The last bit is one LFSR step before
  // the end, each earlier bit one step more.
  function [32*DataWidth-1:0] columns(input first);
    integer    j;
    reg [31:0] c;
    begin
      c = 32'hEDB88320 & {32{first}};
      columns = 0;
      for (j = DataWidth - 1; j >= 0; j = j - 1) begin
        columns[32*j +: 32] = c;
        c = {1'b0, c[31:1]} ^ ({32{c[0]}} & 32'hEDB88320);
      end
    end
  endfunction
  localparam [32*DataWidth-1:0] Columns = columns(1'b1);

  wire [DataWidth-1:0] mixed = (data_i ^ {{DataWidth-32{1'b0}}, start}) << {FullBeat - bytes_i, 3'b000};
  wire [31:0]          rest  = start >> {bytes_i, 3'b000};
  wire [31:0]          map;
  genvar i, k;
  generate
    for (i = 0; i < 32; i = i + 1) begin : gen_bit
      wire [DataWidth-1:0] row;
      for (k = 0; k < DataWidth; k = k + 1) begin : gen_row
        assign row[k] = Columns[32*k + i];
      end
      assign map[i] = ^(mixed & row);
    end
  endgenerate
  always @(posedge clk_i) begin
    if (en_i) crc_q <= map ^ rest;
  end
`else
  // table[256*n + v]: the register after octet v and n zero octets, from zero. Eight tables, used for one word of 8
  // octets after the other: they stay in the processor's first cache.
  reg [31:0] table_q [0:2047];
  initial begin : fill
    integer    n, v, b;
    reg [31:0] c;
    for (v = 0; v < 256; v = v + 1) begin
      c = v;
      for (n = 0; n < 8; n = n + 1) begin
        for (b = 0; b < 8; b = b + 1) c = {1'b0, c[31:1]} ^ ({32{c[0]}} & 32'hEDB88320);
        table_q[256*n + v] = c;
      end
    end
  end

  function [31:0] map_beat(input [DataWidth-1:0] beat);
    integer    w;
    reg [63:0] x;
    begin
      map_beat = 32'b0;
      for (w = 0; w < DataWidth / 64; w = w + 1) begin
        x = beat[64*w +: 64] ^ {32'b0, map_beat};
        map_beat = table_q[{3'd7, x[7:0]}]   ^ table_q[{3'd6, x[15:8]}]  ^ table_q[{3'd5, x[23:16]}] ^
                   table_q[{3'd4, x[31:24]}] ^ table_q[{3'd3, x[39:32]}] ^ table_q[{3'd2, x[47:40]}] ^
                   table_q[{3'd1, x[55:48]}] ^ table_q[{3'd0, x[63:56]}];
      end
    end
  endfunction
  always @(posedge clk_i) begin
    if (en_i) begin
      if (bytes_i == FullBeat) crc_q <= map_beat(data_i ^ {{DataWidth-32{1'b0}}, start});
      else crc_q <= map_beat((data_i ^ {{DataWidth-32{1'b0}}, start}) << {FullBeat - bytes_i, 3'b000}) ^
                    (start >> {bytes_i, 3'b000});
    end
  end
`endif
endmodule
`default_nettype wire
