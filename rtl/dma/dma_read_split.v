// dma_read_split - takes the clients' read requests, one at a time, and cuts them into pieces that one TLP may ask for.
//
// Does:      round robin between the three clients, request by request; a piece ends at the end of the request or at
//            the next address that is a multiple of Max_Read_Request_Size, whichever comes first. So no piece is longer
//            than Max_Read_Request_Size even when it starts inside a DW, and none crosses 4 KB (a multiple of every
//            legal size); all but the first start on a boundary that the completer likes. First and last byte enables
//            are those of PCI Express Base Specification 2.2.5, always contiguous and never zero.
// Does not:  send; dma_read_tags takes a piece when it has a tag for it. No zero-length reads.
// How:       first at the pages of 4 KB, ahead of time, into a short queue; then, on the way out, at
//            Max_Read_Request_Size, so that a change of that size acts on the next piece.
// MRRS:      128 << mrrs_i octets, 7.5.3.4; the reserved codes 6 and 7 count as 5.
// Handshake: a request moves when valid and ready are high; ready may be high while the last piece of the request before
//            is cut. piece_* stand until piece_take_i.
// Latency:   3 cycles from request to first piece. Throughput: a piece a cycle, also from request to request.
`default_nettype none
module dma_read_split (
  input  wire            clk_i,
  input  wire            rst_ni,
  input  wire [2:0]      mrrs_i,
  input  wire [2:0]      req_valid_i,
  output wire [2:0]      req_ready_o,
  input  wire [3*64-1:0] req_addr_i,
  input  wire [3*17-1:0] req_len_i,        // octets, 1..65536
  input  wire [3*18-1:0] req_dst_i,
  input  wire [3*12-1:0]  req_cookie_i,
  output wire            idle_o,
  output wire            piece_valid_o,
  input  wire            piece_take_i,
  output wire [63:0]     piece_addr_o,     // byte address
  output wire [12:0]     piece_octets_o,   // 1..4096
  output wire [10:0]     piece_len_o,      // DWs, 1..1024
  output wire [3:0]      piece_first_be_o,
  output wire [3:0]      piece_last_be_o,
  output wire [17:0]     piece_dst_o,
  output wire [1:0]      piece_client_o,
  output wire [11:0]     piece_cookie_o
);
  // ------------------------------------------------------------ arbiter: the client after the last one comes first
  reg  [1:0] last_q;
  reg  [1:0] pick;
  always @* begin
    case (last_q)
      2'd0:    pick = req_valid_i[1] ? 2'd1 : req_valid_i[2] ? 2'd2 : 2'd0;
      2'd1:    pick = req_valid_i[2] ? 2'd2 : req_valid_i[0] ? 2'd0 : 2'd1;
      default: pick = req_valid_i[0] ? 2'd0 : req_valid_i[1] ? 2'd1 : 2'd2;
    endcase
  end
  reg  valid_q;
  wire move, last;
  wire take = (!valid_q || (move && last)) && (|req_valid_i);
  assign req_ready_o = {2'b0, take} << pick;

  // ------------------------------------------------------------ the request being cut into pages; a carry out of the
  // page number is added when the next part is made, so that the long adder stands alone in its cycle
  reg [63:12] page_q;
  reg         carry_q;
  reg [11:0]  low_q;
  reg [16:0]  left_q;
  reg [17:0]  dst_q;
  reg [11:0]  cookie_q;
  wire [17:0] reach   = {1'b0, left_q} + {6'd0, low_q};           // from the page's start
  wire [12:0] to_page = 13'd4096 - {1'b0, low_q};
  wire [12:0] octets  = last ? left_q[12:0] : to_page;
  wire [63:12] page   = page_q + {51'd0, carry_q};
  wire        room;
  assign last = reach <= 18'd4096;
  assign move = valid_q && room;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      last_q  <= 2'd0;
    end else if (take) begin
      valid_q  <= 1'b1;
      last_q   <= pick;
      page_q   <= req_addr_i[pick*64+12 +: 52];
      low_q    <= req_addr_i[pick*64 +: 12];
      carry_q  <= 1'b0;
      // An index times 17 would be made of logic.
      left_q   <= pick[1] ? req_len_i[34 +: 17] : pick[0] ? req_len_i[17 +: 17] : req_len_i[0 +: 17];
      dst_q    <= pick[1] ? req_dst_i[36 +: 18] : pick[0] ? req_dst_i[18 +: 18] : req_dst_i[0 +: 18];
      cookie_q <= pick[1] ? req_cookie_i[24 +: 12] : pick[0] ? req_cookie_i[12 +: 12] : req_cookie_i[0 +: 12];
    end else if (move) begin
      valid_q <= !last;
      page_q  <= page;
      carry_q <= 1'b1;
      low_q   <= 12'd0;
      left_q  <= {reach[16:12] - 5'd1, reach[11:0]};
      dst_q   <= dst_q + {5'd0, to_page};
    end
  end
  wire        n_valid, n_take;
  wire [63:0] n_addr;
  wire [12:0] n_octets;
  wire [17:0] n_dst;
  wire [1:0]  n_client;
  wire [11:0] n_cookie;
  wire [2:0]  n_count;
  sync_fifo #(.Width(64 + 13 + 18 + 2 + 12), .DepthLog2(2)) u_pages (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(valid_q), .wr_ready_o(room),
    .wr_data_i({page, low_q, octets, dst_q, last_q, cookie_q}),
    .rd_valid_o(n_valid), .rd_ready_i(n_take), .rd_data_o({n_addr, n_octets, n_dst, n_client, n_cookie}),
    .count_o(n_count)
  );

  // ------------------------------------------------------------ the piece on offer, in DWs: what a piece takes from the
  // front always ends on a DW. more (octets up to the
  // part's end, less one) and base count from the start of the first DW.
  reg         piece_q;
  reg [63:2]  addr_q;
  reg [1:0]   offset_q;
  reg [11:0]  more_q;
  reg [17:0]  base_q;
  reg [1:0]   client_q;
  reg [11:0]  piece_cookie_q;
  wire [2:0]  mrrs     = mrrs_i > 3'd5 ? 3'd5 : mrrs_i;
  wire [9:0]  block    = {mrrs > 3'd4, mrrs > 3'd3, mrrs > 3'd2, mrrs > 3'd1, mrrs > 3'd0, 5'd31};  // size - 1, DWs
  wire [12:0] reached  = {1'b0, addr_q[11:2] & block, 2'b00} + {1'b0, more_q};   // last octet, from the block's start
  wire        ends     = (reached[12:7] & {1'b1, ~block[9:5]}) == 6'd0;
  wire [9:0]  to_end   = ~addr_q[11:2] & block;                    // DWs up to the block's end, less one
  wire [11:0] span     = ends ? more_q : {to_end, 2'b11};          // octets of the piece, less one
  wire [9:0]  onward   = (addr_q[11:2] | block) + 10'd1;
  assign n_take = n_valid && (!piece_q || (piece_take_i && ends));
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      piece_q <= 1'b0;
    end else if (n_take) begin
      piece_q        <= 1'b1;
      addr_q         <= n_addr[63:2];
      offset_q       <= n_addr[1:0];
      more_q         <= n_octets[11:0] + {10'd0, n_addr[1:0]} - 12'd1;
      base_q         <= n_dst - {16'd0, n_addr[1:0]};
      client_q       <= n_client;
      piece_cookie_q <= n_cookie;
    end else if (piece_take_i) begin
      piece_q      <= !ends;
      addr_q[11:2] <= onward;
      offset_q     <= 2'd0;
      more_q       <= {more_q[11:2] - to_end - 10'd1, more_q[1:0]};
      base_q       <= base_q + {6'd0, to_end, 2'b00} + 18'd4;
    end
  end
  wire [3:0] first_be = 4'hF << offset_q;
  wire [3:0] last_be  = 4'hF >> (2'd3 - span[1:0]);
  wire       one_dw   = span[11:2] == 10'd0;
  assign piece_valid_o    = piece_q;
  assign piece_addr_o     = {addr_q, offset_q};
  assign piece_len_o      = {1'b0, span[11:2]} + 11'd1;
  assign piece_octets_o   = {1'b0, span} + 13'd1 - {11'd0, offset_q};
  assign piece_first_be_o = one_dw ? first_be & last_be : first_be;
  assign piece_last_be_o  = one_dw ? 4'h0 : last_be;
  assign piece_dst_o      = base_q + {16'd0, offset_q};
  assign piece_client_o   = client_q;
  assign piece_cookie_o   = piece_cookie_q;
  assign idle_o = !valid_q && !n_valid && !piece_q;
  wire unused = &{1'b0, n_count, n_octets[12], reached[6:0]};

`ifdef FORMAL
  // Rule F5. First half: the parts of a request are contiguous, inside their page, and add up to it; page, low and left
  // always point at its end, which is kept beside them. Second half: so are the pieces of a part, and none is longer
  // than Max_Read_Request_Size. What the queue hands over is taken to be what the first half proves of what goes in.
  reg [63:0]  f_end, f_part_end;
  reg         f_past = 1'b0;
  integer     i;
  always @(posedge clk_i) begin
    f_past <= 1'b1;
    if (take) f_end <= req_addr_i[pick*64 +: 64] + {47'd0, req_len_i[pick*17 +: 17]};
    if (n_take) f_part_end <= n_addr + {51'd0, n_octets};
  end
  always @* begin
    if (!f_past) assume (!rst_ni);
    if (!piece_q) assume (!piece_take_i);
    for (i = 0; i < 3; i = i + 1)
      if (req_valid_i[i]) assume (req_len_i[i*17 +: 17] != 17'd0 && req_len_i[i*17 +: 17] <= 17'd65536);
    if (n_valid) assume (n_octets != 13'd0 && {2'b00, n_addr[11:0]} + {1'b0, n_octets} <= 14'd4096);
    if (f_past && valid_q) begin
      assert (left_q != 17'd0 && left_q <= 17'd65536);
      assert ({page, low_q} + {47'd0, left_q} == f_end);
      assert (octets != 13'd0 && {4'd0, octets} <= left_q && last == ({4'd0, octets} == left_q));
      assert ({1'b0, low_q} + octets <= 13'd4096);
    end
    if (f_past && take && valid_q) assert (move && last);
    if (f_past && piece_q) begin
      assert ({addr_q, 2'b00} + {52'd0, more_q} + 64'd1 == f_part_end && more_q >= {10'd0, offset_q});
      assert ({1'b0, addr_q[11:2], 2'b00} + {1'b0, more_q} < 13'd4096);
      assert ({2'b00, addr_q[11:2]} + {1'b0, piece_len_o} <= 12'd1024);
      assert (piece_len_o != 11'd0 && piece_len_o <= {1'b0, block} + 11'd1);
      assert (piece_addr_o + {51'd0, piece_octets_o} == (ends ? f_part_end : {addr_q, 2'b00} + {51'd0, {1'b0, to_end, 2'b11} + 13'd1}));
      assert (piece_first_be_o != 4'd0);
      assert ((piece_len_o == 11'd1) == (piece_last_be_o == 4'd0));
    end
  end
`endif
endmodule
`default_nettype wire
