// rx_filter - destination address filter: does this host want the frame?
//
// Does:    own address, broadcast, multicast by the hash table or all of it, promiscuous. IEEE 802.3 clause 3.2.3:
//          first octet on the wire in [7:0], its bit 0 says group address. The hash is CRC-32[31:26] over the six
//          octets, with CRC-32 as zlib's crc32 (IEEE 802.3 clause 3.2.9: reflected, preset, inverted); each of the six
//          bits is the parity of some address bits. Broadcast passes by its own switch alone.
// Latency: none (combinational).
`default_nettype none
module rx_filter (
  input  wire [47:0] da_i,
  input  wire [47:0] mac_addr_i,
  input  wire [63:0] mac_hash_i,
  input  wire        accept_broadcast_i,
  input  wire        accept_all_multicast_i,
  input  wire        promiscuous_i,
  output wire        pass_o,
  output wire        broadcast_o,
  output wire        multicast_o     // group address, not broadcast
);
  wire [5:0] hash = {~^(da_i & 48'h826880efa40d), ^(da_i & 48'hc35cc098760b), ~^(da_i & 48'he3c6e0a39f08),
                     ~^(da_i & 48'h71e37051cf84), ^(da_i & 48'hba9938c743cf), ^(da_i & 48'hdf241c8c05ea)};

  // Path step R2: the address filter
  assign broadcast_o = &da_i;
  assign multicast_o = da_i[0] && !broadcast_o;
  assign pass_o      = promiscuous_i || (broadcast_o && accept_broadcast_i) ||
                       (multicast_o && (accept_all_multicast_i || mac_hash_i[hash])) ||
                       (!da_i[0] && da_i == mac_addr_i);
endmodule
`default_nettype wire
