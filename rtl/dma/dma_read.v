// dma_read - all memory reads of the NIC: requests of the clients become read TLPs, their completions become writes to
// the clients' memories.
//
// Does:      joins its four parts, in data order: dma_read_split (arbiter, pieces), dma_read_tags (tags, time-outs),
//            dma_read_judge (checks of completions), dma_read_place (byte-exact placing). Their headers say what each one promises.
// Standard:  PCI Express Base Specification 2.2.5, 2.2.6.2, 2.2.7, 2.2.9, 2.3.1.1, 2.3.2, 2.7.2, 2.8.
// Clients:   see nic_core.v. Each piece of a request retires once, with all its octets, good or not; octets of a client's
//            `done` pulses add up to the octets it asked for. Between pieces any order.
// Drops:     completions of tags not in flight (ev_unexpected_cpl_o, one pulse a TLP). Error data is never written.
// Tags:      Tags of them, 0..31 while extended tags are off.
// Latency:   request to rdreq_valid_o 3 cycles; completion beat to write bus 3 cycles.
// Throughput: one piece a cycle, also from request to request; one completion beat a cycle, any alignment.
// Idle:      low while a request waits, is in flight or is placed. pending_o: low when none is in flight. Requests held back by Bus Master Enable = 0 keep it
//            low. A tag in quarantine does not.
`default_nettype none
module dma_read #(
  parameter DataWidth = 512,
  parameter Tags      = 64
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire [63:0]                     time_ns_i,
  input  wire                            quiesce_i,
  output wire                            idle_o,
  output wire                            pending_o,
  // Configuration space
  input  wire                            bus_master_i,
  input  wire                            ext_tag_i,
  input  wire [2:0]                      mrrs_i,           // 128 << n octets
  input  wire [15:0]                     timeout_us_i,
  input  wire                            no_timeout_i,     // Completion Timeout Disable
  // Requests, client c in slice c
  input  wire [2:0]                      req_valid_i,
  output wire [2:0]                      req_ready_o,
  input  wire [3*64-1:0]                 req_addr_i,
  input  wire [3*17-1:0]                 req_len_i,        // octets, 1..65536
  input  wire [3*18-1:0]                 req_dst_i,        // byte address in the client's memory
  input  wire [3*12-1:0]                  req_cookie_i,
  // The write bus
  output wire                            wr_valid_o,
  output wire [1:0]                      wr_client_o,
  output wire [11:0]                     wr_cookie_o,
  output wire [17-$clog2(DataWidth/8):0] wr_row_o,
  output wire [DataWidth/8-1:0]          wr_be_o,
  output wire [DataWidth/8-1:0]          wr_next_o,
  output wire [DataWidth-1:0]            wr_data_o,
  // A piece has retired
  output wire                            done_valid_o,
  output wire [1:0]                      done_client_o,
  output wire [11:0]                     done_cookie_o,
  output wire [12:0]                     done_bytes_o,
  output wire [3:0]                      done_error_o,     // enum error_reason
  // Read TLPs to pcie
  output wire                            rdreq_valid_o,
  input  wire                            rdreq_ready_i,
  output wire [63:2]                     rdreq_addr_o,
  output wire [10:0]                     rdreq_len_o,      // DWs, 1..1024
  output wire [3:0]                      rdreq_first_be_o,
  output wire [3:0]                      rdreq_last_be_o,
  output wire [7:0]                      rdreq_tag_o,
  // Completions from pcie; header fields with sop
  input  wire                            cpl_valid_i,
  input  wire                            cpl_sop_i,
  input  wire                            cpl_eop_i,
  input  wire [7:0]                      cpl_tag_i,
  input  wire [2:0]                      cpl_status_i,
  input  wire [12:0]                     cpl_byte_count_i,
  input  wire [6:0]                      cpl_lower_addr_i,
  input  wire [10:0]                     cpl_len_i,
  input  wire                            cpl_poisoned_i,
  input  wire [DataWidth-1:0]            cpl_data_i,
  output wire                            ev_timeout_o,
  output wire                            ev_unexpected_cpl_o,
  output wire                            ev_unfit_cpl_o,
  output wire                            ev_cpl_ur_o,
  output wire                            ev_cpl_ca_o
);
  localparam LaneW = $clog2(DataWidth / 8);

  localparam TagW  = $clog2(Tags);

  wire        piece_valid, piece_take, split_idle;
  wire [63:0] piece_addr;
  wire [12:0] piece_octets;
  wire [17:0] piece_dst;
  wire [1:0]  piece_client;
  wire [11:0] piece_cookie;
  dma_read_split u_split (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(split_idle), .mrrs_i(mrrs_i),
    .req_valid_i(req_valid_i), .req_ready_o(req_ready_o), .req_addr_i(req_addr_i), .req_len_i(req_len_i),
    .req_dst_i(req_dst_i), .req_cookie_i(req_cookie_i),
    .piece_valid_o(piece_valid), .piece_take_i(piece_take), .piece_addr_o(piece_addr), .piece_octets_o(piece_octets),
    .piece_len_o(rdreq_len_o), .piece_first_be_o(rdreq_first_be_o), .piece_last_be_o(rdreq_last_be_o),
    .piece_dst_o(piece_dst), .piece_client_o(piece_client), .piece_cookie_o(piece_cookie)
  );
  assign rdreq_addr_o = piece_addr[63:2];

  wire            sent, give_up, expire, retire, retire_bad, look_busy, hand, tags_idle;
  wire [Tags-1:0] busy;
  wire [TagW-1:0] scan_tag, retire_tag;
  dma_read_tags #(.Tags(Tags)) u_tags (
    .clk_i(clk_i), .rst_ni(rst_ni), .time_ns_i(time_ns_i[33:10]), .quiesce_i(quiesce_i), .idle_o(tags_idle),
    .pending_o(pending_o), .bus_master_i(bus_master_i), .ext_tag_i(ext_tag_i), .timeout_us_i(timeout_us_i), .no_timeout_i(no_timeout_i),
    .piece_valid_i(piece_valid), .piece_take_o(piece_take),
    .rdreq_valid_o(rdreq_valid_o), .rdreq_ready_i(rdreq_ready_i), .rdreq_tag_o(rdreq_tag_o),
    .sent_o(sent), .busy_o(busy), .retire_i(retire), .retire_tag_i(retire_tag), .retire_bad_i(retire_bad),
    .look_busy_i(look_busy), .hand_i(hand), .hand_tag_i(retire_tag), .give_up_o(give_up), .expire_o(expire),
    .scan_tag_o(scan_tag)
  );

  wire                 a_valid, a_done, judge_idle;
  wire [1:0]           a_client, a_first, a_done_client;
  wire [11:0]          a_cookie, a_done_cookie;
  wire [LaneW:0]       a_end;
  wire [LaneW-1:0]     a_rot;
  wire [17-LaneW:0]    a_row;
  wire [DataWidth-1:0] a_data;
  wire [12:0]          a_done_bytes;
  wire [3:0]           a_done_error;
  dma_read_judge #(.DataWidth(DataWidth), .Tags(Tags)) u_judge (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(judge_idle),
    .sent_i(sent), .sent_tag_i(rdreq_tag_o[TagW-1:0]), .busy_i(busy), .give_up_i(give_up), .expire_i(expire),
    .scan_tag_i(scan_tag), .retire_o(retire), .retire_tag_o(retire_tag), .retire_bad_o(retire_bad),
    .look_busy_o(look_busy), .hand_o(hand),
    .piece_addr_i(piece_addr[6:0]), .piece_octets_i(piece_octets), .piece_dst_i(piece_dst),
    .piece_client_i(piece_client), .piece_cookie_i(piece_cookie),
    .cpl_valid_i(cpl_valid_i), .cpl_sop_i(cpl_sop_i), .cpl_eop_i(cpl_eop_i), .cpl_tag_i(cpl_tag_i),
    .cpl_status_i(cpl_status_i), .cpl_byte_count_i(cpl_byte_count_i), .cpl_lower_addr_i(cpl_lower_addr_i),
    .cpl_len_i(cpl_len_i), .cpl_poisoned_i(cpl_poisoned_i), .cpl_data_i(cpl_data_i),
    .a_valid_o(a_valid), .a_client_o(a_client), .a_cookie_o(a_cookie), .a_first_o(a_first), .a_end_o(a_end),
    .a_rot_o(a_rot), .a_row_o(a_row), .a_data_o(a_data),
    .a_done_o(a_done), .a_done_client_o(a_done_client), .a_done_cookie_o(a_done_cookie),
    .a_done_bytes_o(a_done_bytes), .a_done_error_o(a_done_error), .ev_timeout_o(ev_timeout_o),
    .ev_unexpected_cpl_o(ev_unexpected_cpl_o), .ev_unfit_cpl_o(ev_unfit_cpl_o),
    .ev_cpl_ur_o(ev_cpl_ur_o), .ev_cpl_ca_o(ev_cpl_ca_o)
  );

  // Path step T8: read data goes to its place, whatever the order it came in.
  dma_read_place #(.DataWidth(DataWidth)) u_place (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .a_valid_i(a_valid), .a_client_i(a_client), .a_cookie_i(a_cookie), .a_first_i(a_first), .a_end_i(a_end),
    .a_rot_i(a_rot), .a_row_i(a_row), .a_data_i(a_data),
    .a_done_i(a_done), .a_done_client_i(a_done_client), .a_done_cookie_i(a_done_cookie),
    .a_done_bytes_i(a_done_bytes), .a_done_error_i(a_done_error),
    .wr_valid_o(wr_valid_o), .wr_client_o(wr_client_o), .wr_cookie_o(wr_cookie_o), .wr_row_o(wr_row_o),
    .wr_be_o(wr_be_o), .wr_next_o(wr_next_o), .wr_data_o(wr_data_o),
    .done_valid_o(done_valid_o), .done_client_o(done_client_o), .done_cookie_o(done_cookie_o),
    .done_bytes_o(done_bytes_o), .done_error_o(done_error_o)
  );

  assign idle_o = req_valid_i == 3'd0 && split_idle && tags_idle && judge_idle && !wr_valid_o && !done_valid_o;
  wire unused = &{1'b0, time_ns_i[63:34], time_ns_i[9:0]};
endmodule
`default_nettype wire
