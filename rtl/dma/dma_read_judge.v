// dma_read_judge - remembers what each tag is for and judges every completion against it.
//
// Checks:    PCI Express Base Specification 2.2.9 and 2.3.2.
//              tag not in flight        dropped, ev_unexpected_cpl_o
//              status UR, or reserved   retired with unsupported_request (also CRS, which only configuration may get)
//              status CA                retired with completer_abort
//              poisoned                 none of its data is written; the request runs on to its last octet and then
//                                       retires with `poisoned`, so that the rest of it is still expected
//              Byte Count or Lower Address not the next one of its request, no data, more data than asked, or another
//              number of beats than Length says: retired with bad_completion, and the tag goes into quarantine; all but
//              the last, which pcie_rx tells as malformed, is one cycle of ev_unfit_cpl_o (2.3.2: such a completion may
//              be handled as an unexpected one)
//            Where a completion may be split (RCB) is not checked: the next one must just go on where this one ended.
// State:     what was asked in one memory, written when the request is sent; how far it has come in another, written by
//            each completion. Each has one write and one read port; fresh_q says that the second holds nothing yet.
// Handshake: completions have no ready.
// Latency:   a_* follow the completion beat by 2 cycles: the first works out what the header says by itself, the second
//            holds that against the request. Throughput: a beat a cycle, completions of one tag back to back too.
`default_nettype none
module dma_read_judge #(
  parameter DataWidth = 512,
  parameter Tags      = 64
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  output wire                            idle_o,
  // From dma_read_tags
  input  wire                            sent_i,
  input  wire [$clog2(Tags)-1:0]         sent_tag_i,
  input  wire [Tags-1:0]                 busy_i,
  input  wire                            give_up_i,
  input  wire                            expire_i,
  input  wire [$clog2(Tags)-1:0]         scan_tag_i,
  output wire                            retire_o,
  output wire [$clog2(Tags)-1:0]         retire_tag_o,
  output wire                            retire_bad_o,
  output wire                            look_busy_o,
  output wire                            hand_o,            // a completion of retire_tag_o is arriving
  // The piece that is sent or given up
  input  wire [6:0]                      piece_addr_i,
  input  wire [12:0]                     piece_octets_i,
  input  wire [17:0]                     piece_dst_i,
  input  wire [1:0]                      piece_client_i,
  input  wire [11:0]                     piece_cookie_i,
  // Completions
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
  output reg                             a_valid_o,         // a beat to place
  output reg  [1:0]                      a_client_o,
  output reg  [11:0]                     a_cookie_o,
  output reg  [1:0]                      a_first_o,
  output reg  [$clog2(DataWidth/8):0]    a_end_o,
  output reg  [$clog2(DataWidth/8)-1:0]  a_rot_o,
  output reg  [17-$clog2(DataWidth/8):0] a_row_o,
  output reg  [DataWidth-1:0]            a_data_o,
  output reg                             a_done_o,          // a request retires
  output reg  [1:0]                      a_done_client_o,
  output reg  [11:0]                     a_done_cookie_o,
  output reg  [12:0]                     a_done_bytes_o,
  output reg  [3:0]                      a_done_error_o,
  output reg                             ev_timeout_o,
  output reg                             ev_unexpected_cpl_o,
  output reg                             ev_unfit_cpl_o,    // of a known tag, but not what was asked
  output reg                             ev_cpl_ur_o,       // of a known tag, with UR, with CA
  output reg                             ev_cpl_ca_o
);
  `include "nic_regs.vh"
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam RowW  = 18 - LaneW;
  localparam TagW  = $clog2(Tags);

  // ------------------------------------------------------------ what the header says by itself
  wire        first_in = cpl_valid_i && cpl_sop_i;
  wire [1:0]  in_lead  = cpl_lower_addr_i[1:0];                     // octets of the first DW that are not ours
  wire [12:0] in_span  = cpl_byte_count_i + {11'd0, in_lead};       // to the request's end, 1..4099
  wire [10:0] in_dws   = in_span[12:2] + {10'd0, |in_span[1:0]};
  wire [12:0] in_len   = {cpl_len_i, 2'b00};
  wire        in_ends  = cpl_len_i == in_dws;
  reg         valid_q, sop_q, eop_q, poisoned_q, success_q, abort_q, refused_q, ends_q, len_ok_q, fresh_now_q;
  reg  [7:0]  tag_q;
  reg  [12:0] count_q, span_q, octets_q;      // Byte Count; payload octets up to the last of ours; those without lead
  reg  [6:0]  lower_q;
  reg  [DataWidth-1:0] data_q;
  reg  [Tags-1:0]      fresh_q;               // no completion yet
  wire [TagW-1:0]      in_tag = cpl_tag_i[TagW-1:0];
  wire [TagW-1:0]      c_tag  = tag_q[TagW-1:0];
  wire                 first  = valid_q && sop_q;
  wire                 good;

  function [Tags-1:0] mask(input [TagW-1:0] tag, input on);
    mask = {{Tags-1{1'b0}}, on} << tag;
  endfunction
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= cpl_valid_i;
    if (cpl_valid_i) begin
      sop_q      <= cpl_sop_i;
      eop_q      <= cpl_eop_i;
      poisoned_q <= cpl_poisoned_i;
      data_q     <= cpl_data_i;
    end
    if (first_in) begin
      tag_q       <= cpl_tag_i;
      success_q   <= cpl_status_i == 3'b000;
      abort_q     <= cpl_status_i == 3'b100;
      refused_q   <= cpl_status_i[0] || (cpl_status_i[2] && cpl_status_i[1]);   // UR; reserved ones count as it (2.3.2)
      ends_q      <= in_ends;
      len_ok_q    <= cpl_len_i != 11'd0 && cpl_len_i <= in_dws;
      count_q     <= cpl_byte_count_i;
      lower_q     <= cpl_lower_addr_i;
      span_q      <= in_ends ? in_span : in_len;
      octets_q    <= in_len - {11'd0, in_lead};
      fresh_now_q <= (sent_i && sent_tag_i == in_tag) ||
                     (fresh_q[in_tag] && !(first && good && c_tag == in_tag));
    end
  end
  always @(posedge clk_i) begin
    if (sent_i || (first && good)) fresh_q <= (fresh_q & ~mask(c_tag, first && good)) | mask(sent_tag_i, sent_i);
  end

  // ------------------------------------------------------------ what was asked, how far it has come
  reg  [51:0] ask_mem [0:Tags-1];             // client, cookie, octets, destination, low address bits
  reg  [38:0] far_mem [0:Tags-1];             // poisoned so far, octets to come, destination, low address bits
  always @(posedge clk_i) begin
    if (sent_i) ask_mem[sent_tag_i] <= {piece_client_i, piece_cookie_i, piece_octets_i, piece_dst_i, piece_addr_i};
  end
  wire [1:0]  ask_client;
  wire [11:0] ask_cookie;
  wire [12:0] ask_octets, left, far_left;
  wire [17:0] ask_dst, dst, far_dst;
  wire [6:0]  ask_lower, lower, far_lower;
  wire        far_bad;
  assign {ask_client, ask_cookie, ask_octets, ask_dst, ask_lower} = ask_mem[first ? c_tag : scan_tag_i];
  assign {far_bad, far_left, far_dst, far_lower} = far_mem[c_tag];
  assign {left, dst, lower} = fresh_now_q ? {ask_octets, ask_dst, ask_lower} : {far_left, far_dst, far_lower};
  wire        was_bad = !fresh_now_q && far_bad;
  wire        known   = busy_i[c_tag] && tag_q[7:TagW] == {8-TagW{1'b0}};
  wire        fits    = len_ok_q && count_q == left && lower_q == lower;
  wire [1:0]  lead    = lower_q[1:0];
  wire [17:0] place   = dst - {16'd0, lead};  // where payload octet 0 would go
  wire        poison  = was_bad || poisoned_q;
  wire [3:0]  verdict = abort_q ? `NIC_ERROR_REASON_COMPLETER_ABORT :
                        !success_q ? `NIC_ERROR_REASON_UNSUPPORTED_REQUEST :
                        !fits ? `NIC_ERROR_REASON_BAD_COMPLETION : `NIC_ERROR_REASON_NONE;
  assign good        = known && success_q && fits;
  assign look_busy_o = first;
  always @(posedge clk_i) begin
    if (first && good) far_mem[c_tag] <= {poison, left - octets_q, dst + {5'd0, octets_q}, lower + octets_q[6:0]};
  end

  // ------------------------------------------------------------ the TLP in progress: its judgement from sop to eop
  reg         open_q;                         // between sop and eop
  reg         now_known_q, now_ends_q, now_write_q, now_count_q;
  reg  [3:0]  now_error_q, now_poison_q;
  reg  [12:0] now_octets_q, now_span_q;
  reg  [RowW-1:0] now_row_q;
  wire        n_known  = first ? known : now_known_q;
  wire        n_ends   = first ? good && ends_q : now_ends_q;
  wire        n_count  = first ? good : now_count_q;                // beats must match the length
  wire        n_write  = first ? good && !poisoned_q : now_write_q;
  wire [3:0]  n_error  = first ? verdict : now_error_q;
  wire [3:0]  n_poison = first ? (poison ? `NIC_ERROR_REASON_POISONED : `NIC_ERROR_REASON_NONE) : now_poison_q;
  wire [12:0] n_octets = first ? ask_octets : now_octets_q;
  wire [12:0] n_span   = first ? span_q : now_span_q;               // payload octets from this beat on
  wire        fills    = n_span > Bytes[12:0];                      // more beats must follow
  wire        bad_beat = n_count && (fills == eop_q || n_span == 13'd0);
  wire [3:0]  n_result = n_error != `NIC_ERROR_REASON_NONE ? n_error :
                         bad_beat ? `NIC_ERROR_REASON_BAD_COMPLETION : n_ends ? n_poison : `NIC_ERROR_REASON_NONE;
  wire        at_eop   = valid_q && eop_q;
  assign retire_o     = at_eop && n_known && (n_ends || n_result != `NIC_ERROR_REASON_NONE);
  assign retire_tag_o = c_tag;
  assign retire_bad_o = n_result == `NIC_ERROR_REASON_BAD_COMPLETION;
  assign hand_o       = valid_q || open_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
    end else if (valid_q) begin
      open_q       <= !eop_q;
      now_known_q  <= n_known;
      now_ends_q   <= n_ends;
      now_count_q  <= n_count;
      now_write_q  <= n_write;
      now_error_q  <= n_error != `NIC_ERROR_REASON_NONE || !bad_beat ? n_error : `NIC_ERROR_REASON_BAD_COMPLETION;
      now_poison_q <= n_poison;
      now_octets_q <= n_octets;
      now_span_q   <= fills ? n_span - Bytes[12:0] : 13'd0;
      now_row_q    <= (first ? place[17:LaneW] : now_row_q) + 1'b1;
    end
  end

  // ------------------------------------------------------------ outputs
  always @(posedge clk_i) begin
    if (!rst_ni) a_valid_o <= 1'b0;
    else a_valid_o <= valid_q && n_write && n_span != 13'd0;
    if (valid_q && n_write) begin
      a_first_o <= first ? lead : 2'd0;
      a_end_o   <= fills ? Bytes[LaneW:0] : n_span[LaneW:0];
      a_row_o   <= first ? place[17:LaneW] : now_row_q;
      a_data_o  <= data_q;
    end
    if (first) begin
      a_client_o <= ask_client;
      a_cookie_o <= ask_cookie;
      a_rot_o    <= place[LaneW-1:0];
    end
  end
  // a_client_o and a_cookie_o stand until eop, so they serve the end of a TLP of several beats too
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      a_done_o            <= 1'b0;
      ev_timeout_o        <= 1'b0;
      ev_unexpected_cpl_o <= 1'b0;
      ev_unfit_cpl_o      <= 1'b0;
      ev_cpl_ur_o         <= 1'b0;
      ev_cpl_ca_o         <= 1'b0;
    end else begin
      a_done_o            <= retire_o || give_up_i || expire_i;
      ev_timeout_o        <= expire_i;
      ev_unexpected_cpl_o <= at_eop && !n_known;
      ev_unfit_cpl_o      <= first && known && success_q && !fits;
      ev_cpl_ur_o         <= first && known && refused_q;
      ev_cpl_ca_o         <= first && known && abort_q;
    end
    if (retire_o) begin
      a_done_client_o <= first ? ask_client : a_client_o;
      a_done_cookie_o <= first ? ask_cookie : a_cookie_o;
      a_done_bytes_o  <= n_octets;
      a_done_error_o  <= n_result;
    end else if (give_up_i) begin
      a_done_client_o <= piece_client_i;
      a_done_cookie_o <= piece_cookie_i;
      a_done_bytes_o  <= piece_octets_i;
      a_done_error_o  <= `NIC_ERROR_REASON_UNSUPPORTED_REQUEST;
    end else if (expire_i) begin
      a_done_client_o <= ask_client;
      a_done_cookie_o <= ask_cookie;
      a_done_bytes_o  <= ask_octets;
      a_done_error_o  <= `NIC_ERROR_REASON_TIMEOUT;
    end
  end
  assign idle_o = !cpl_valid_i && !valid_q && !open_q && !a_valid_o && !a_done_o && !ev_unexpected_cpl_o;
endmodule
`default_nettype wire
