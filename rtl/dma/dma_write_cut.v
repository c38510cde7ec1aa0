// dma_write_cut - takes the clients' write requests in turn and cuts them into what one TLP may carry.
//
// Does:      round robin between two clients, request by request, into a short queue; a TLP ends at the end of the
//            request, at the next 4 KB boundary, or after Max_Payload_Size counted from its first DW, whichever comes
//            first (PCI Express Base Specification 2.2.2, 2.2.7). So a request takes as few TLPs as those rules allow.
// Output:    tlp_*: address of the first DW, offset of the first octet in it (only the first TLP of a request has one),
//            span octets from that DW's start to the last octet; pos tells where the first TLP of a request begins in
//            the window of dma_write_turn: Bytes - 1 + skip - offset. They stand until tlp_take_i, unless abandon_i.
// Abandon:   abandon_i forgets everything and holds req_ready_o low; the TLP on offer is dropped unless it is being
//            carried out, which whoever carries it out remembers.
// Latency:   2 cycles from request to tlp_valid_o, req_ready_o from flops. Throughput: a TLP a cycle.
`default_nettype none
module dma_write_cut #(
  parameter SkipW = 6
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               abandon_i,
  output wire               idle_o,
  input  wire [2:0]         mps_i,
  input  wire [1:0]         req_valid_i,
  output wire [1:0]         req_ready_o,
  input  wire [127:0]       req_addr_i,
  input  wire [27:0]        req_len_i,
  input  wire [2*SkipW-1:0] req_skip_i,
  output reg                tlp_valid_o,
  input  wire               tlp_take_i,
  output reg                tlp_client_o,
  output reg                tlp_first_o,     // first TLP of its request
  output reg                tlp_last_o,
  output reg  [63:2]        tlp_addr_o,
  output reg  [1:0]         tlp_offset_o,
  output reg  [12:0]        tlp_span_o,      // 1..4096
  output reg  [SkipW:0]     tlp_pos_o
);
  // ------------------------------------------------------------ requests
  reg               last_q;                  // client served last
  wire              room, n_valid, n_take, n_client;
  wire [63:0]       n_addr;
  wire [13:0]       n_len;
  wire [SkipW-1:0]  n_skip;
  wire [2:0]        n_count;
  wire              pick = req_valid_i[1] && (!req_valid_i[0] || !last_q);  // both ask: the one not served last
  wire              open = room && !abandon_i;
  assign req_ready_o = {open && pick, open && !pick};
  sync_fifo #(.Width(1 + 64 + 14 + SkipW), .DepthLog2(2)) u_requests (
    .clk_i(clk_i), .rst_ni(rst_ni && !abandon_i),
    .wr_valid_i(open && req_valid_i != 2'b00), .wr_ready_o(room),
    .wr_data_i({pick, pick ? req_addr_i[127:64] : req_addr_i[63:0], pick ? req_len_i[27:14] : req_len_i[13:0],
                pick ? req_skip_i[2*SkipW-1:SkipW] : req_skip_i[SkipW-1:0]}),
    .rd_valid_o(n_valid), .rd_ready_i(n_take), .rd_data_o({n_client, n_addr, n_len, n_skip}), .count_o(n_count)
  );
  always @(posedge clk_i) begin
    if (!rst_ni) last_q <= 1'b0;
    else if (open && req_valid_i != 2'b00) last_q <= pick;
  end

  // ------------------------------------------------------------ the request being cut; a carry out of the page number
  // is added when the next TLP is made, so that the long adder stands alone in its cycle
  reg             valid_q, client_q, first_q, carry_q;
  reg [63:12]     page_q;
  reg [11:2]      dw_q;
  reg [1:0]       offset_q;
  reg [14:0]      span_q;                    // octets to go, from the first DW's start
  reg [SkipW-1:0] skip_q;
  wire [10:0] to_page = 11'd1024 - {1'b0, dw_q};
  wire [10:0] to_mps  = 11'd32 << mps_i;
  wire        by_page = to_page <= to_mps;
  wire [10:0] most    = by_page ? to_page : to_mps;           // DWs
  wire        last    = span_q <= {2'b00, most, 2'b00};
  wire [63:12] page   = page_q + {51'd0, carry_q};
  wire        move    = valid_q && (!tlp_valid_o || tlp_take_i);
  assign n_take = n_valid && (!valid_q || (move && last));

  always @(posedge clk_i) begin
    if (!rst_ni || abandon_i) begin
      valid_q     <= 1'b0;
      tlp_valid_o <= 1'b0;
    end else begin
      if (move) begin
        tlp_valid_o  <= 1'b1;
        tlp_client_o <= client_q;
        tlp_first_o  <= first_q;
        tlp_last_o   <= last;
        tlp_addr_o   <= {page, dw_q};
        tlp_offset_o <= offset_q;
        tlp_span_o   <= last ? span_q[12:0] : {most, 2'b00};
        tlp_pos_o    <= {1'b1, skip_q} + {{SkipW-1{1'b1}}, ~offset_q};
        valid_q      <= !last;
        first_q      <= 1'b0;
        page_q       <= page;
        carry_q      <= by_page;
        dw_q         <= dw_q + most[9:0];
        offset_q     <= 2'd0;
        span_q       <= {span_q[14:2] - {2'b00, most}, span_q[1:0]};
      end else if (tlp_take_i) begin
        tlp_valid_o <= 1'b0;
      end
      if (n_take) begin
        valid_q  <= 1'b1;
        client_q <= n_client;
        first_q  <= 1'b1;
        carry_q  <= 1'b0;
        page_q   <= n_addr[63:12];
        dw_q     <= n_addr[11:2];
        offset_q <= n_addr[1:0];
        span_q   <= {1'b0, n_len} + {13'd0, n_addr[1:0]};
        skip_q   <= n_skip;
      end
    end
  end
  assign idle_o = !n_valid && !valid_q && !tlp_valid_o;
  wire unused = &{1'b0, n_count};

`ifdef FORMAL
  // Rule F6 for one request at a time, any address and length: every TLP inside its page and Max_Payload_Size, the TLPs
  // contiguous, the octets adding up to the request exactly.
  reg         f_past = 1'b0;
  reg  [63:0] f_next;                        // address of the next octet a TLP must begin with, as if page were added
  reg  [14:0] f_left;
  wire [63:0] f_tlp = {tlp_addr_o, tlp_offset_o};
  wire [12:0] f_octets = tlp_span_o - {11'd0, tlp_offset_o};
  always @(posedge clk_i) begin
    f_past <= 1'b1;
    if (n_take) begin
      f_next <= n_addr;
      f_left <= {1'b0, n_len};
    end else if (move) begin
      f_next <= f_next + {51'd0, (last ? span_q[12:0] : {most, 2'b00}) - {11'd0, offset_q}};
      f_left <= f_left - {2'd0, (last ? span_q[12:0] : {most, 2'b00}) - {11'd0, offset_q}};
    end
  end
  always @* begin
    if (!f_past) assume (!rst_ni);
    assume (mps_i <= 3'd5);
    if (n_valid) assume (n_len != 14'd0);
    if (tlp_take_i) assume (tlp_valid_o);
    if (f_past && valid_q) begin
      assert ({page, dw_q, offset_q} == f_next);
      assert (span_q == f_left + {13'd0, offset_q} && f_left != 15'd0);
      assert (span_q <= 15'd16386);
    end
    if (f_past && tlp_valid_o) begin
      assert (tlp_span_o > {11'd0, tlp_offset_o} && tlp_span_o <= 13'd4096);
      assert ({3'd0, tlp_addr_o[11:2], 2'b00} + {2'b00, tlp_span_o} <= 15'd4096);
    end
    if (f_past && move) begin
      assert (last == (f_left <= {2'd0, {most, 2'b00} - {11'd0, offset_q}}));
      assert ({most, 2'b00} <= 13'd128 << mps_i);
    end
  end
`endif
endmodule
`default_nettype wire
