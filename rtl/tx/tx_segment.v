// tx_segment - writes into a TSO header what is its segment's own, in the place where the header lies.
//
// Does:      when the frame that is next to be sent is a segment whose payload and header are whole, and tx_send has read
//            the header for the segment before, writes word by word: IPv4 total length, identification (one more for
//            each segment) and header checksum, or IPv6 payload length; TCP sequence number (more by the payload of the
//            segments before), flags (FIN and PSH on the last segment only, CWR on the first only) and checksum.
// Standard:  RFC 791, 8200, 9293; RFC 3168 section 6.1.2 for CWR. The checksum field of the packet holds the pseudo header
//            without TCP's length; that is added here (RFC 9293 section 3.1).
// Latency:   9 cycles (IPv6: 7) from frame whole to ready_o, more where DMA writes to the store; while the frame before is
//            being sent.
`default_nettype none
module tx_segment (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        due_i,          // the next frame is a good segment with all its octets
  input  wire        busy_i,         // tx_send still reads this header for the segment before
  input  wire        pop_i,          // the next frame is taken
  input  wire        tso_i,
  input  wire        last_i,
  input  wire [13:0] octets_i,       // of the frame from its first row's start on
  input  wire [13:0] mss_i,
  input  wire [15:0] sum_i,          // of its payload, little-endian
  input  wire [1:0]  slot_i,         // of the header store; what it holds:
  input  wire [8:0]  ip_i,
  input  wire [8:0]  l4_i,
  input  wire        v6_i,
  input  wire [15:0] id_i,
  input  wire [31:0] seq_i,
  input  wire [15:0] flags_i,
  input  wire [15:0] ip_sum_i,
  input  wire [15:0] l4_sum_i,
  output wire        ready_o,
  output reg         edit_valid_o,
  input  wire        edit_ready_i,
  output reg  [9:0]  edit_place_o,
  output reg  [15:0] edit_word_o
);
  localparam [3:0] StWait  = 4'd0;
  localparam [3:0] StLen   = 4'd1;
  localparam [3:0] StId    = 4'd2;
  localparam [3:0] StIpSum = 4'd3;
  localparam [3:0] StSeqHi = 4'd4;
  localparam [3:0] StSeqLo = 4'd5;
  localparam [3:0] StFlags = 4'd6;
  localparam [3:0] StPay   = 4'd7;
  localparam [3:0] StL4Len = 4'd8;
  localparam [3:0] StL4Sum = 4'd9;
  localparam [3:0] StDone  = 4'd10;

  reg  [3:0]  state_q;
  reg         begun_q;               // a segment of the packet was made ready
  reg  [15:0] id_q, sum_q;
  reg  [31:0] seq_q;
  reg  [13:0] ip_len_q, l4_len_q;    // the lengths to write and to add
  wire        step = !edit_valid_o || edit_ready_i;
  function [15:0] swap(input [15:0] word);
    swap = {word[7:0], word[15:8]};
  endfunction

  // ------------------------------------------------------------ this step's word
  wire [7:0]  keep    = {begun_q, 3'b000, !last_i, 2'b00, !last_i};      // CWR, PSH, FIN
  wire [15:0] flags   = flags_i & ~{keep, 8'd0};
  reg  [15:0] word;
  reg  [5:0]  place;                 // octets behind the header it belongs to
  reg         in_l4, write;
  always @* begin
    word  = swap({2'b00, ip_len_q});
    place = v6_i ? 6'd4 : 6'd2;
    in_l4 = 1'b1;
    write = 1'b1;
    case (state_q)
      StId:    begin word = swap(id_q); place = 6'd4; in_l4 = 1'b0; end
      StIpSum: begin word = ~sum_q; place = 6'd10; in_l4 = 1'b0; end
      StSeqHi: begin word = swap(seq_q[31:16]); place = 6'd4; end
      StSeqLo: begin word = swap(seq_q[15:0]); place = 6'd6; end
      StFlags: begin word = flags; place = 6'd12; end
      StPay:   begin word = sum_i; write = 1'b0; end
      StL4Len: begin word = swap({2'b00, l4_len_q}); write = 1'b0; end
      StL4Sum: begin word = ~sum_q; place = 6'd16; end
      default: in_l4 = 1'b0;
    endcase
  end
  // Ones' complement addition: the carry comes back in.
  wire [15:0] onto   = state_q == StLen ? ip_sum_i : state_q == StSeqHi ? l4_sum_i : sum_q;
  wire [16:0] added  = {1'b0, onto} + {1'b0, word};
  wire [15:0] folded = added[15:0] + {15'd0, added[16]};
  wire [8:0]  octet  = (in_l4 ? l4_i : ip_i) + {3'd0, place};
  wire        works  = state_q != StWait && state_q != StDone;
  assign ready_o = state_q == StDone && !edit_valid_o;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= StWait;
      begun_q      <= 1'b0;
      edit_valid_o <= 1'b0;
    end else begin
      if (step) edit_valid_o <= works && write;
      if (step && works) begin
        edit_place_o <= {slot_i, octet[8:1]};
        edit_word_o  <= word;
        sum_q        <= folded;
      end
      case (state_q)
        StWait: begin
          if (!begun_q) id_q  <= swap(id_i);
          if (!begun_q) seq_q <= {swap(seq_i[15:0]), swap(seq_i[31:16])};
          ip_len_q <= octets_i - {5'd0, ip_i} - (v6_i ? 14'd40 : 14'd0);
          l4_len_q <= octets_i - {5'd0, l4_i};
          if (due_i && !busy_i && !pop_i) state_q <= StLen;
        end
        StLen:   if (step) state_q <= v6_i ? StSeqHi : StId;
        StDone: begin
          if (pop_i) begin
            begun_q <= !last_i;
            id_q    <= id_q + 16'd1;
            seq_q   <= seq_q + {18'd0, mss_i};
          end
        end
        default: if (step) state_q <= state_q + 4'd1;
      endcase
      // A frame may go before its header is done: its queue has failed meanwhile, and it is dropped.
      if (pop_i) begin
        state_q      <= StWait;
        edit_valid_o <= 1'b0;
        if (tso_i && last_i) begun_q <= 1'b0;
      end
    end
  end
  wire unused_ok = &{1'b0, octet[0]};
endmodule
`default_nettype wire
