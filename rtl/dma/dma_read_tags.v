// dma_read_tags - gives each piece a tag, remembers what it is for, and judges every completion against it.
//
// Does:      32 tags (0..31, legal with and without Extended Tag Enable), PCI Express Base Specification 2.2.6.2. A tag
//            is taken when pcie takes its request and is free again when the request retires. Checks of a completion,
//            2.2.9 and 2.3.2:
//              tag not in flight        dropped, ev_unexpected_cpl_o
//              status UR, or reserved   retired with unsupported_request (also CRS, which only configuration may get)
//              status CA                retired with completer_abort
//              poisoned                 none of its data is written; the request runs on to its last octet and then
//                                       retires with `poisoned`, so that the rest of it is still expected
//              Byte Count or Lower Address not the next one of its request, no data, more data than asked, or another
//              number of beats than Length says: retired with bad_completion
//            Where a completion may be split (RCB) is not checked: the next one must just go on where this one ended.
// Time-out:  2.8. One tag a cycle is looked at while any is in flight; after timeout_us_i a request retires with
//            `timeout`. A tag retired by time-out or bad_completion may still be answered. It stays out of use until
//            two time-outs have passed since its request; what comes until then is unexpected. The clean-up runs only
//            while there is other work, so a quiet NIC has no timer running.
// Quiesce:   no request is sent. A piece that waits is retired at once with unsupported_request, so that the engines
//            run dry. Bus Master Enable = 0 holds pieces back until it is one again.
// State:     context in small memories with one write and one read port each; only busy/quarantine bits are flops.
// Handshake: completions have no ready. rdreq_valid_o falls without ready only when bus_master_i or quiesce_i change.
// Latency:   a_* follow the completion beat by 1 cycle. Throughput: a beat a cycle, a request a cycle.
`default_nettype none
module dma_read_tags #(
  parameter DataWidth = 512
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire [27:0]                     time_ns_i,         // modulo 2^28 ns = 268 ms
  input  wire                            quiesce_i,
  output wire                            idle_o,
  input  wire                            bus_master_i,
  input  wire [15:0]                     timeout_us_i,
  input  wire                            piece_valid_i,
  output wire                            piece_take_o,
  input  wire [6:0]                      piece_addr_i,
  input  wire [12:0]                     piece_octets_i,
  input  wire [17:0]                     piece_dst_i,
  input  wire [1:0]                      piece_client_i,
  input  wire [11:0]                     piece_cookie_i,
  output wire                            rdreq_valid_o,
  input  wire                            rdreq_ready_i,
  output wire [7:0]                      rdreq_tag_o,
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
  output reg                             ev_unexpected_cpl_o
);
  `include "nic_regs.vh"
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam RowW  = 18 - LaneW;

  // ------------------------------------------------------------ tags
  reg  [31:0] busy_q, quarantine_q;
  reg  [31:0] fresh_q;                  // no completion yet: left_mem holds nothing of this request
  reg  [4:0]  tag_q;                    // next to give; moves on over tags that are taken
  wire        usable  = !busy_q[tag_q] && !quarantine_q[tag_q];
  wire        sent    = rdreq_valid_o && rdreq_ready_i;
  wire        retire_cpl;               // a completion retires its request now
  wire        give_up = piece_valid_i && quiesce_i && !retire_cpl;
  assign rdreq_valid_o = piece_valid_i && usable && bus_master_i && !quiesce_i;
  assign rdreq_tag_o   = {3'b000, tag_q};
  assign piece_take_o  = sent || give_up;

  reg [51:0] ctx_mem [0:31];            // client, cookie, destination, octets, low address bits
  reg [27:0] start_mem [0:31];          // when it was sent
  always @(posedge clk_i) begin
    if (sent) begin
      ctx_mem[tag_q]   <= {piece_client_i, piece_cookie_i, piece_dst_i, piece_octets_i, piece_addr_i};
      start_mem[tag_q] <= time_ns_i;
    end
  end

  // ------------------------------------------------------------ context of the completion, or of the tag looked at
  reg  [4:0]  scan_q;
  wire        first   = cpl_valid_i && cpl_sop_i;
  wire [4:0]  cpl_tag = cpl_tag_i[4:0];
  wire [1:0]  ctx_client;
  wire [11:0] ctx_cookie;
  wire [17:0] ctx_dst;
  wire [12:0] ctx_octets;
  wire [6:0]  ctx_addr;
  assign {ctx_client, ctx_cookie, ctx_dst, ctx_octets, ctx_addr} = ctx_mem[first ? cpl_tag : scan_q];

  reg  [13:0] left_mem [0:31];          // poisoned so far, octets still to come
  wire [13:0] left_word  = left_mem[cpl_tag];
  wire [12:0] left       = fresh_q[cpl_tag] ? ctx_octets : left_word[12:0];
  wire        was_bad    = !fresh_q[cpl_tag] && left_word[13];
  wire [12:0] had        = ctx_octets - left;
  wire [6:0]  lower_addr = ctx_addr + had[6:0];
  wire [1:0]  lead       = lower_addr[1:0];                     // octets of the first DW that are not ours
  wire [12:0] span_left  = left + {11'd0, lead};                // from the first DW's start to the request's end, 1..4096
  wire [10:0] dws_left   = span_left[12:2] + {10'd0, |span_left[1:0]};
  wire [12:0] len_octets = {cpl_len_i, 2'b00};
  wire        known      = busy_q[cpl_tag] && cpl_tag_i[7:5] == 3'd0;
  wire        success    = cpl_status_i == 3'b000;
  wire        ends_it      = cpl_len_i == dws_left;
  wire        fits       = cpl_byte_count_i == left && cpl_lower_addr_i == lower_addr && cpl_len_i != 11'd0 &&
                           cpl_len_i <= dws_left;
  wire [12:0] span       = ends_it ? span_left : len_octets;      // payload octets up to the last one that is ours
  wire [17:0] place      = ctx_dst + {5'd0, had} - {16'd0, lead};  // where payload octet 0 would go
  wire        poison     = was_bad || cpl_poisoned_i;
  wire [3:0]  verdict    = cpl_status_i == 3'b100 ? `NIC_ERROR_REASON_COMPLETER_ABORT :
                           !success ? `NIC_ERROR_REASON_UNSUPPORTED_REQUEST :
                           !fits ? `NIC_ERROR_REASON_BAD_COMPLETION : `NIC_ERROR_REASON_NONE;
  wire        good       = known && success && fits;
  always @(posedge clk_i) begin
    if (first && good) left_mem[cpl_tag] <= {poison, left - (span - {11'd0, lead})};
  end

  // ------------------------------------------------------------ the TLP in progress: its judgement from sop to eop
  reg         open_q;                   // between sop and eop
  reg  [4:0]  now_tag_q;
  reg         now_known_q, now_ends_q, now_write_q, now_count_q;
  reg  [3:0]  now_error_q, now_poison_q;
  reg  [12:0] now_octets_q, now_span_q;
  reg  [RowW-1:0] now_row_q;
  wire [4:0]  n_tag    = first ? cpl_tag : now_tag_q;
  wire        n_known  = first ? known : now_known_q;
  wire        n_ends  = first ? good && ends_it : now_ends_q;
  wire        n_count  = first ? good : now_count_q;            // beats must match the length
  wire        n_write  = first ? good && !cpl_poisoned_i : now_write_q;
  wire [3:0]  n_error  = first ? verdict : now_error_q;
  wire [3:0]  n_poison = first ? (poison ? `NIC_ERROR_REASON_POISONED : `NIC_ERROR_REASON_NONE) : now_poison_q;
  wire [12:0] n_octets = first ? ctx_octets : now_octets_q;
  wire [12:0] n_span   = first ? span : now_span_q;             // payload octets from this beat on
  wire        fills    = n_span > Bytes[12:0];                  // more beats must follow
  wire        bad_beat = n_count && (fills == cpl_eop_i || n_span == 13'd0);
  wire [3:0]  n_result = n_error != `NIC_ERROR_REASON_NONE ? n_error :
                         bad_beat ? `NIC_ERROR_REASON_BAD_COMPLETION : n_ends ? n_poison : `NIC_ERROR_REASON_NONE;
  wire        at_eop   = cpl_valid_i && cpl_eop_i;
  assign retire_cpl = at_eop && n_known && (n_ends || n_result != `NIC_ERROR_REASON_NONE);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
    end else if (cpl_valid_i) begin
      open_q       <= !cpl_eop_i;
      now_tag_q    <= n_tag;
      now_known_q  <= n_known;
      now_ends_q  <= n_ends;
      now_count_q  <= n_count;
      now_write_q  <= n_write;
      now_error_q  <= n_error != `NIC_ERROR_REASON_NONE || !bad_beat ? n_error : `NIC_ERROR_REASON_BAD_COMPLETION;
      now_poison_q <= n_poison;
      now_octets_q <= n_octets;
      now_span_q   <= fills ? n_span - Bytes[12:0] : 13'd0;
      now_row_q    <= (first ? place[17:LaneW] : now_row_q) + 1'b1;
    end
  end

  // ------------------------------------------------------------ time-outs, one tag a cycle
  wire        scanning = (|busy_q) || (piece_valid_i && bus_master_i);
  wire [27:0] elapsed  = time_ns_i - start_mem[scan_q];
  wire [25:0] limit_ns = {10'd0, timeout_us_i} * 26'd1000;
  wire        in_hand  = n_tag == scan_q && (cpl_valid_i || open_q);  // its completion is arriving
  wire        late     = scanning && busy_q[scan_q] && elapsed >= {2'b00, limit_ns} && !in_hand;
  wire        expire   = late && !first && !retire_cpl && !give_up;
  wire        release_tag = scanning && quarantine_q[scan_q] && elapsed >= {1'b0, limit_ns, 1'b0};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q       <= 32'd0;
      quarantine_q <= 32'd0;
      tag_q        <= 5'd0;
      scan_q       <= 5'd0;
    end else begin
      if (sent || (piece_valid_i && bus_master_i && !usable)) tag_q <= tag_q + 5'd1;
      if (scanning && (!late || expire)) scan_q <= scan_q + 5'd1;
      if (release_tag) quarantine_q[scan_q] <= 1'b0;
      if (sent) begin
        busy_q[tag_q]  <= 1'b1;
        fresh_q[tag_q] <= 1'b1;
      end
      if (first && good) fresh_q[cpl_tag] <= 1'b0;
      if (retire_cpl) begin
        busy_q[n_tag]       <= 1'b0;
        quarantine_q[n_tag] <= n_result == `NIC_ERROR_REASON_BAD_COMPLETION;
      end
      if (expire) begin
        busy_q[scan_q]       <= 1'b0;
        quarantine_q[scan_q] <= 1'b1;
      end
    end
  end

  // ------------------------------------------------------------ outputs
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      a_valid_o <= 1'b0;
    end else begin
      a_valid_o <= cpl_valid_i && n_write && n_span != 13'd0;
      if (cpl_valid_i && n_write) begin
        a_first_o <= first ? lead : 2'd0;
        a_end_o   <= fills ? Bytes[LaneW:0] : n_span[LaneW:0];
        a_row_o   <= first ? place[17:LaneW] : now_row_q;
        a_data_o  <= cpl_data_i;
      end
    end
  end
  always @(posedge clk_i) begin
    if (first) begin
      a_client_o <= ctx_client;
      a_cookie_o <= ctx_cookie;
      a_rot_o    <= place[LaneW-1:0];
    end
  end
  // a_client_o and a_cookie_o stand until eop, so they serve the end of a TLP of several beats too
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      a_done_o            <= 1'b0;
      ev_unexpected_cpl_o <= 1'b0;
    end else begin
      a_done_o            <= retire_cpl || give_up || expire;
      ev_unexpected_cpl_o <= at_eop && !n_known;
      if (retire_cpl) begin
        a_done_client_o <= first ? ctx_client : a_client_o;
        a_done_cookie_o <= first ? ctx_cookie : a_cookie_o;
        a_done_bytes_o  <= n_octets;
        a_done_error_o  <= n_result;
      end else if (give_up) begin
        a_done_client_o <= piece_client_i;
        a_done_cookie_o <= piece_cookie_i;
        a_done_bytes_o  <= piece_octets_i;
        a_done_error_o  <= `NIC_ERROR_REASON_UNSUPPORTED_REQUEST;
      end else if (expire) begin
        a_done_client_o <= ctx_client;
        a_done_cookie_o <= ctx_cookie;
        a_done_bytes_o  <= ctx_octets;
        a_done_error_o  <= `NIC_ERROR_REASON_TIMEOUT;
      end
    end
  end
  assign idle_o = !piece_valid_i && busy_q == 32'd0 && !cpl_valid_i && !open_q && !a_valid_o && !a_done_o &&
                  !ev_unexpected_cpl_o;
endmodule
`default_nettype wire
