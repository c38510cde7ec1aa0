// csr_size - the size bins of RFC 2819 (etherStatsPkts64Octets and so on) that a frame counts in.
//
// Does:      one of bins_o[6:0], in the order of the map, for a frame of octets_i + Added octets with its FCS; none when
//            it is shorter than 64, and none without valid_i. The last bin takes everything above 1518.
// Latency:   none, combinational.
`default_nettype none
module csr_size #(
  parameter [13:0] Added = 14'd0     // octets that octets_i leaves out
) (
  input  wire        valid_i,
  input  wire [13:0] octets_i,
  output wire [6:0]  bins_o
);
  wire [7:0] from = {1'b0, octets_i >= 14'd1519 - Added, octets_i >= 14'd1024 - Added, octets_i >= 14'd512 - Added,
                     octets_i >= 14'd256 - Added, octets_i >= 14'd128 - Added, octets_i >= 14'd65 - Added,
                     octets_i >= 14'd64 - Added};
  assign bins_o = valid_i ? from[6:0] & ~from[7:1] : 7'd0;
endmodule
`default_nettype wire
