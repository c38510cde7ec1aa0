// tx_piece - asks for octets: what is left of a fragment and of a unit, and the request for the next piece of both.
//
// Does:      keeps the fragment at hand (frag_i: address and length from a descriptor) and the unit at hand (unit_i: octets of a
//            frame, of a header, of a segment's payload). A piece is the shorter of the two; each is cut off both. The
//            first piece of a frame goes to the place that it gets in the same cycle (place_i), the others behind it.
//            Pieces of a header (head_i) go to the header store.
// Handshake: load_o: a piece is asked for; the request stands from the next cycle on until req_ready_i. place_i only while
//            no request stands, more_i whenever another piece is due. frag_i and load_o may follow each other at once;
//            two load_o of one fragment may not: the carry of its address is added in the cycle between.
// Latency:   1 cycle from load_o to req_valid_o. Throughput: a piece a cycle, of one fragment every second cycle.
`default_nettype none
module tx_piece (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         frag_i,
  input  wire [63:0]  frag_addr_i,
  input  wire [15:0]  frag_octets_i,
  input  wire         unit_i,
  input  wire [15:0]  unit_octets_i,
  input  wire         head_i,           // with unit_i
  input  wire [1:0]   head_slot_i,
  input  wire [17:0]  head_dst_i,
  input  wire         place_i,
  input  wire [5:0]   place_slot_i,
  input  wire [17:0]  place_dst_i,
  input  wire         more_i,
  input  wire [4:0]   fragment_i,
  output wire         load_o,
  output wire         frag_ends_o,      // with this piece
  output wire         unit_ends_o,
  output wire [15:0]  unit_left_o,
  output reg          req_valid_o,
  input  wire         req_ready_i,
  output reg  [63:0]  req_addr_o,
  output reg  [16:0]  req_len_o,
  output reg  [17:0]  req_dst_o,
  output reg  [11:0]  req_cookie_o      // {to the header store, fragment, slot}
);
  reg  [63:0] addr_q;                   // of what is left
  reg         carry_q;                  // still to be added to addr_q[63:16]
  reg  [15:0] frag_left_q, unit_left_q;
  reg  [17:0] dst_q;
  reg  [5:0]  slot_q;
  reg         to_head_q;

  wire [17:0] dst       = more_i ? dst_q : place_dst_i;
  wire [5:0]  slot      = more_i ? slot_q : place_slot_i;
  wire [15:0] piece     = frag_ends_o ? frag_left_q : unit_left_q;
  wire [16:0] addr_next = {1'b0, addr_q[15:0]} + {1'b0, piece};
  assign frag_ends_o = frag_left_q <= unit_left_q;
  assign unit_ends_o = unit_left_q <= frag_left_q;
  assign unit_left_o = unit_left_q;
  assign load_o      = place_i || (more_i && (!req_valid_o || req_ready_i));

  always @(posedge clk_i) begin
    if (!rst_ni) carry_q <= 1'b0;
    else carry_q <= load_o && addr_next[16];
    if (carry_q) addr_q[63:16] <= addr_q[63:16] + 48'd1;
    if (load_o) begin
      addr_q[15:0] <= addr_next[15:0];
      frag_left_q  <= frag_left_q - piece;
      unit_left_q  <= unit_left_q - piece;
      dst_q        <= dst + {2'b00, piece};
      slot_q       <= slot;
    end
    if (frag_i) begin
      addr_q      <= frag_addr_i;
      frag_left_q <= frag_octets_i;
    end
    if (unit_i) begin
      unit_left_q <= unit_octets_i;
      to_head_q   <= head_i;
    end
    if (unit_i && head_i) begin
      dst_q  <= head_dst_i;
      slot_q <= {4'd0, head_slot_i};
    end
  end

  // Path step T8: the packet by DMA, fragment by fragment.
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
    end else if (load_o) begin
      req_valid_o  <= 1'b1;
      req_addr_o   <= addr_q;
      req_len_o    <= {1'b0, piece};
      req_dst_o    <= dst;
      req_cookie_o <= {to_head_q, fragment_i, slot};
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end
endmodule
`default_nettype wire
