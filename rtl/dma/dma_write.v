// dma_write - memory writes: whole requests of the clients become write TLPs.
//
// Does:       takes a request (any bus byte address, 1..16383 octets) and its data, cuts it into memory writes that
//             hold at most Max_Payload_Size and never cross 4 KB, as few as those two rules allow, and turns the bytes
//             so that a TLP's first DW is at byte 0 of its sop beat. PCI Express Base Specification 2.2.2 (payload),
//             2.2.5 (byte enables), 2.2.7 (4 KB); rules P3, P4, P7 to P10. Its two parts, in data order: dma_write_cut
//             (requests to TLPs), dma_write_turn (the bytes).
// Does not:   build the header's bits, look at credits (pcie does), reorder, merge requests.
// Clients:    0 rx_engine, 1 status and interrupt writer; round robin, a request at a time. Data of a request follows
//             as ceil((skip + len) / Bytes) beats; its first octet is byte `skip` of the first beat. Data never stands
//             before its request: a client may offer it at once, it is taken when its turn comes.
// Handshake:  a request, a beat, a TLP beat moves when valid and ready are high. req_ready_o comes from flops. wr_addr,
//             wr_len and the byte enables hold for all beats of a TLP. Octets whose byte enable is low in the first DW
//             are zero.
// Done:       wr_last_o and wr_client_o go with every TLP; pcie says when it has left (and drops it while bus mastering is
//             off).
// Abandon:    when engine_rst_ni goes low, requests, and TLPs whose first beat pcie has not taken, are forgotten: the only
//             case in which wr_valid_o falls without wr_ready_i. A TLP that has begun is brought to its end with zeros, because its data will not come any more;
//             until then no new request is taken.
// Latency:    4 cycles from request to first TLP beat. Throughput: one beat a cycle, also from TLP to TLP and from
//             request to request; one cycle more when an unaligned TLP ends in a beat of its own, or skip is above the
//             offset in the DW.
`default_nettype none
module dma_write #(
  parameter DataWidth = 512,
  parameter SkipW     = $clog2(DataWidth/8)
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   engine_rst_ni,
  output wire                   idle_o,
  input  wire [2:0]             mps_i,          // 128 << n octets, n 0..5
  // Clients, one slice each
  input  wire [1:0]             req_valid_i,
  output wire [1:0]             req_ready_o,
  input  wire [127:0]           req_addr_i,     // bus address
  input  wire [27:0]            req_len_i,      // octets, 1..16383
  input  wire [2*SkipW-1:0]     req_skip_i,     // octets of the first beat that come before the data
  input  wire [1:0]             data_valid_i,
  output wire [1:0]             data_ready_o,
  input  wire [2*DataWidth-1:0] data_i,
  // Write TLPs to pcie
  output wire                   wr_valid_o,
  input  wire                   wr_ready_i,
  output wire                   wr_sop_o,
  output wire                   wr_eop_o,
  output wire                   wr_last_o,      // with wr_eop_o: the request ends with this TLP
  output wire                   wr_client_o,
  output wire [63:2]            wr_addr_o,
  output wire [10:0]            wr_len_o,       // DWs, 1..1024
  output wire [3:0]             wr_first_be_o,
  output wire [3:0]             wr_last_be_o,
  output wire [DataWidth-1:0]   wr_data_o
);
  wire             tlp_valid, tlp_take, tlp_client, tlp_first, tlp_last, cut_idle, turn_idle, abandon;
  wire [63:2]      tlp_addr;
  wire [1:0]       tlp_offset;
  wire [12:0]      tlp_span;
  wire [SkipW:0]   tlp_pos;

  dma_write_cut #(.SkipW(SkipW)) u_cut (
    .clk_i(clk_i), .rst_ni(rst_ni), .abandon_i(abandon), .idle_o(cut_idle), .mps_i(mps_i),
    .req_valid_i(req_valid_i), .req_ready_o(req_ready_o), .req_addr_i(req_addr_i), .req_len_i(req_len_i),
    .req_skip_i(req_skip_i),
    .tlp_valid_o(tlp_valid), .tlp_take_i(tlp_take), .tlp_client_o(tlp_client), .tlp_first_o(tlp_first),
    .tlp_last_o(tlp_last), .tlp_addr_o(tlp_addr), .tlp_offset_o(tlp_offset), .tlp_span_o(tlp_span),
    .tlp_pos_o(tlp_pos)
  );
  dma_write_turn #(.DataWidth(DataWidth)) u_turn (
    .clk_i(clk_i), .rst_ni(rst_ni), .engine_rst_ni(engine_rst_ni), .idle_o(turn_idle), .abandon_o(abandon),
    .tlp_valid_i(tlp_valid), .tlp_take_o(tlp_take), .tlp_client_i(tlp_client), .tlp_first_i(tlp_first),
    .tlp_last_i(tlp_last), .tlp_addr_i(tlp_addr), .tlp_offset_i(tlp_offset), .tlp_span_i(tlp_span),
    .tlp_pos_i(tlp_pos),
    .data_valid_i(data_valid_i), .data_ready_o(data_ready_o), .data_i(data_i),
    .wr_valid_o(wr_valid_o), .wr_ready_i(wr_ready_i), .wr_sop_o(wr_sop_o), .wr_eop_o(wr_eop_o),
    .wr_last_o(wr_last_o), .wr_client_o(wr_client_o), .wr_addr_o(wr_addr_o), .wr_len_o(wr_len_o), .wr_first_be_o(wr_first_be_o), .wr_last_be_o(wr_last_be_o),
    .wr_data_o(wr_data_o)
  );
  assign idle_o = cut_idle && turn_idle && req_valid_i == 2'b00;
endmodule
`default_nettype wire
