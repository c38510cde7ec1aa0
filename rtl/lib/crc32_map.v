// crc32_map - what a beat of octets leaves in the CRC-32 register of IEEE 802.3 section 3.2.9 that was zero before.
//
// Does:    the linear map of the bit-reflected form (polynomial EDB88320, first bit of the beat in bit 0), as a matrix.
//          A register c carried over the beat adds the map of c in the lowest 32 bits.
// Latency: none, combinational. For synthesis; crc32 has a faster body for simulation.
`default_nettype none
module crc32_map #(
  parameter DataWidth = 64
) (
  input  wire [DataWidth-1:0] data_i,
  output wire [31:0]          map_o
);
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
  genvar i, k;
  generate
    for (i = 0; i < 32; i = i + 1) begin : gen_bit
      wire [DataWidth-1:0] row;
      for (k = 0; k < DataWidth; k = k + 1) begin : gen_row
        assign row[k] = Columns[32*k + i];
      end
      assign map_o[i] = ^(data_i & row);
    end
  endgenerate
endmodule
`default_nettype wire
