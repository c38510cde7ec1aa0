// dma_read_split - takes the clients' read requests, one at a time, and cuts them into pieces that one TLP may ask for.
//
// Does:      round robin between the three clients, request by request; a piece ends at the end of the request or at
//            the next address that is a multiple of Max_Read_Request_Size, whichever comes first. So no piece is longer
//            than Max_Read_Request_Size even when it starts inside a DW, and none crosses 4 KB (a multiple of every
//            legal size); all but the first start on a boundary that the completer likes. First and last byte enables
//            are those of PCI Express Base Specification 2.2.5, always contiguous and never zero.
// Does not:  send; dma_read_tags takes a piece when it has a tag for it. No zero-length reads.
// MRRS:      128 << mrrs_i octets, 7.5.3.4; the reserved codes 6 and 7 count as 5. A change acts on the next piece.
// Handshake: a request moves when valid and ready are high; ready is low while a request is being cut. piece_* stand
//            until piece_take_i.
// Latency:   1 cycle from request to first piece. Throughput: a piece a cycle, one idle cycle between requests.
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
  wire take = !valid_q && (|req_valid_i);
  assign req_ready_o = {2'b0, take} << pick;

  // ------------------------------------------------------------ the request being cut
  reg [63:0] addr_q;
  reg [16:0] left_q;
  reg [17:0] dst_q;
  reg [11:0] cookie_q;
  wire       last_piece = left_q == {4'd0, piece_octets_o};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      last_q  <= 2'd0;
    end else if (take) begin
      valid_q  <= 1'b1;
      last_q   <= pick;
      addr_q   <= req_addr_i[pick*64 +: 64];
      left_q   <= req_len_i[pick*17 +: 17];
      dst_q    <= req_dst_i[pick*18 +: 18];
      cookie_q <= req_cookie_i[pick*12 +: 12];
    end else if (piece_take_i) begin
      valid_q <= !last_piece;
      addr_q  <= addr_q + {51'd0, piece_octets_o};
      left_q  <= left_q - {4'd0, piece_octets_o};
      dst_q   <= dst_q + {5'd0, piece_octets_o};
    end
  end

  // ------------------------------------------------------------ the piece
  wire [2:0]  mrrs     = mrrs_i > 3'd5 ? 3'd5 : mrrs_i;
  wire [12:0] limit    = 13'd128 << mrrs;
  wire [12:0] in_block = {1'b0, addr_q[11:0]} & (limit - 13'd1);
  wire [12:0] to_end   = limit - in_block;
  assign piece_octets_o = left_q < {4'd0, to_end} ? left_q[12:0] : to_end;

  wire [12:0] span      = {11'd0, addr_q[1:0]} + piece_octets_o;    // from the start of the first DW, 1..4096
  wire [3:0]  first_be  = 4'hF << addr_q[1:0];
  wire [3:0]  last_be   = 4'hF >> (2'd0 - span[1:0]);
  wire        one_dw    = piece_len_o == 11'd1;
  assign piece_len_o      = span[12:2] + {10'd0, |span[1:0]};
  assign piece_first_be_o = one_dw ? first_be & last_be : first_be;
  assign piece_last_be_o  = one_dw ? 4'h0 : last_be;

  assign piece_valid_o  = valid_q;
  assign piece_addr_o   = addr_q;
  assign piece_dst_o    = dst_q;
  assign piece_client_o = last_q;
  assign piece_cookie_o = cookie_q;

`ifdef FORMAL
  // Rule F5: pieces are contiguous, add up to the request, and each is one that a TLP may ask for.
  reg        f_past = 1'b0;
  reg [63:0] f_end;                    // of the request being cut
  always @(posedge clk_i) begin
    f_past <= 1'b1;
    if (take) f_end <= req_addr_i[pick*64 +: 64] + {47'd0, req_len_i[pick*17 +: 17]};
  end
  always @* begin : f5
    integer i;
    if (!f_past) assume (!rst_ni);
    if (!valid_q) assume (!piece_take_i);
    for (i = 0; i < 3; i = i + 1)
      if (req_valid_i[i]) assume (req_len_i[i*17 +: 17] != 17'd0 && req_len_i[i*17 +: 17] <= 17'd65536);
    if (f_past && valid_q) begin
      assert (left_q != 17'd0 && left_q <= 17'd65536);
      assert (addr_q + {47'd0, left_q} == f_end);
      assert (piece_octets_o != 13'd0 && {4'd0, piece_octets_o} <= left_q);
      assert ({piece_len_o, 2'b00} <= limit);
      assert ({2'b00, addr_q[11:2]} + {1'b0, piece_len_o} <= 12'd1024);
      assert (piece_first_be_o != 4'd0);
      assert ((piece_len_o == 11'd1) == (piece_last_be_o == 4'd0));
    end
    if (f_past && !piece_take_i) assert (!(valid_q && take));
  end
`endif
endmodule
`default_nettype wire
