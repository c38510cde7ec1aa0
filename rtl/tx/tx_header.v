// tx_header - the headers of TSO packets: four places of 512 octets, filled by DMA, read once, edited for each segment.
//
// Does:      hands out places as a ring; counts the octets that retire; when a header is whole walks over its 16-bit words
//            once, from the IP header to its end, and keeps what the segments need: version, identification, sequence
//            number, flags, and the ones' complement sums of what stays the same. tx_segment then writes each segment's
//            own fields into the place, just before tx_send reads it, so a header is never copied.
// Checks:    version 4 with a header length of csum_start - ip_start, or version 6 with 40 octets or more there; TCP's data
//            offset = header_length - csum_start. Else hold_reason_o is bad_descriptor. A failed read: its reason, fragment.
// Place:     octet n of the header lies at n of its place, at n + 4 when a VLAN tag goes in. All offsets are even.
// Sums:      little-endian as in tx_csum. IP: without length, identification and checksum. TCP: without sequence number and
//            flags; the checksum field is in, it holds the pseudo header without the length.
// Latency:   header whole to facts about (header_length - ip_start) / 2 + 2 cycles and one a row; beside the sending of
//            other frames. tx_send reads first, then the walk; DMA writes first, then edits.
`default_nettype none
module tx_header #(
  parameter DataWidth = 512
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  output wire                            idle_o,
  input  wire                            alloc_i,
  output wire                            alloc_ready_o,
  output wire [1:0]                      alloc_slot_o,
  input  wire [8:0]                      alloc_octets_i,  // header_length
  input  wire [7:0]                      alloc_ip_i,      // ip_start
  input  wire [7:0]                      alloc_l4_i,      // csum_start
  input  wire                            alloc_vlan_i,
  input  wire [13:0]                     alloc_mss_i,
  input  wire                            free_i,          // the oldest place is needed no more
  // DMA
  input  wire                            wr_valid_i,
  input  wire [10-$clog2(DataWidth/8):0] wr_row_i,
  input  wire [DataWidth/8-1:0]          wr_be_i,
  input  wire [DataWidth/8-1:0]          wr_next_i,
  input  wire [DataWidth-1:0]            wr_data_i,
  input  wire                            done_i,
  input  wire [11:0]                     done_cookie_i,   // {1, fragment, -, place}
  input  wire [12:0]                     done_bytes_i,
  input  wire [3:0]                      done_error_i,
  // Edits by tx_segment: one 16-bit word
  input  wire                            edit_valid_i,
  output wire                            edit_ready_o,
  input  wire [9:0]                      edit_place_i,    // word of the store
  input  wire [15:0]                     edit_word_i,
  // tx_send
  input  wire                            rd_en_i,
  input  wire [10-$clog2(DataWidth/8):0] rd_row_i,
  input  wire                            rd_keep_i,       // rd_data_o must stand
  output wire [DataWidth-1:0]            rd_data_o,
  // The place of the frame that is next to be sent
  input  wire                            pop_i,           // another frame is next after this cycle
  input  wire [1:0]                      hold_slot_i,
  output wire                            hold_known_o,    // whole and walked, or failed; not in the first cycle
  output reg  [3:0]                      hold_reason_o,
  output reg  [4:0]                      hold_frag_o,
  output wire [8:0]                      hold_octets_o,   // from its first row's start on
  output wire [8:0]                      hold_ip_o,
  output wire [8:0]                      hold_l4_o,       // both from its first row's start on
  output wire [13:0]                     hold_mss_o,
  output wire                            hold_v6_o,
  output wire [15:0]                     hold_id_o,
  output wire [31:0]                     hold_seq_o,
  output wire [15:0]                     hold_flags_o,    // data offset in [7:4], flags in [15:8]
  output wire [15:0]                     hold_ip_sum_o,
  output wire [15:0]                     hold_l4_sum_o
);
  `include "nic_regs.vh"
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam RowW  = 11 - LaneW;

  // ------------------------------------------------------------ places
  reg [2:0]  prod_q, cons_q, walk_q;         // walk_q: up to here headers are known
  wire [2:0] used = prod_q - cons_q;
  assign alloc_ready_o = !used[2];
  assign alloc_slot_o  = prod_q[1:0];
  assign idle_o        = used == 3'd0;

  reg [39:0] set_mem [0:3];
  reg [8:0]  left_mem [0:3];
  reg [8:0]  error_mem [0:3];                // reason, fragment
  wire [1:0] back     = done_cookie_i[1:0];
  wire [8:0] error_was = error_mem[back];
  always @(posedge clk_i) begin
    if (alloc_i) set_mem[prod_q[1:0]] <= {alloc_mss_i, alloc_vlan_i, alloc_octets_i, alloc_ip_i, alloc_l4_i};
    if (alloc_i) left_mem[prod_q[1:0]] <= alloc_octets_i;
    if (alloc_i) error_mem[prod_q[1:0]] <= 9'd0;
    if (done_i) left_mem[back] <= left_mem[back] - done_bytes_i[8:0];
    if (done_i && done_error_i != 4'd0 && error_was == 9'd0) error_mem[back] <= {done_error_i, done_cookie_i[10:6]};
  end

  // ------------------------------------------------------------ the store
  wire                 walk_rd, edit;
  wire [RowW-1:0]      walk_row;
  wire [DataWidth-1:0] row_data;
  wire [Bytes-1:0]     edit_be = {{(Bytes-2){1'b0}}, 2'b11} << {edit_place_i[LaneW-2:0], 1'b0};
  assign edit_ready_o = !wr_valid_i;
  assign edit         = edit_valid_i && edit_ready_o;
  tx_row_mem #(.DataWidth(DataWidth), .RowW(RowW)) u_store (
    .clk_i(clk_i), .wr_valid_i(wr_valid_i || edit), .wr_row_i(wr_valid_i ? wr_row_i : edit_place_i[9:LaneW-1]),
    .wr_be_i(wr_valid_i ? wr_be_i : edit_be), .wr_next_i(wr_valid_i ? wr_next_i : {Bytes{1'b0}}),
    .wr_data_i(wr_valid_i ? wr_data_i : {(Bytes/2){edit_word_i}}),
    .rd_en_i(rd_en_i || walk_rd), .rd_row_i(rd_en_i ? rd_row_i : walk_row), .rd_data_o(row_data)
  );
  assign rd_data_o = row_data;

  // ------------------------------------------------------------ the walk
  localparam [1:0] StWait = 2'd0;            // for a header to be whole
  localparam [1:0] StRead = 2'd1;            // its next row
  localparam [1:0] StWord = 2'd2;            // word by word
  localparam [1:0] StKeep = 2'd3;
  reg  [1:0]  state_q;
  reg         settle_q;                      // its last octets are in the store now
  reg  [8:0]  off_q;                         // of the word, from the place's start
  reg  [4:0]  word_q;                        // its number in the IP header, or in TCP's
  reg         in_l4_q, good_q, v6_q;
  reg  [15:0] id_q, flags_q;
  reg  [16:0] ip_sum_q, l4_sum_q;            // with a carry that is still to be added
  reg  [31:0] seq_q;
  wire [1:0]  w_slot = walk_q[1:0];
  wire        w_vlan;
  wire [13:0] w_mss;
  wire [8:0]  w_octets, w_error, w_left;
  wire [7:0]  w_ip, w_l4;
  assign {w_mss, w_vlan, w_octets, w_ip, w_l4} = set_mem[w_slot];
  assign w_error = error_mem[w_slot];
  assign w_left  = left_mem[w_slot];
  wire [8:0]  w_tag  = {6'd0, w_vlan, 2'b00};
  wire [8:0]  w_begin = {1'b0, w_ip} + w_tag;
  wire [8:0]  w_end  = w_octets + w_tag;
  wire [8:0]  w_turn = {1'b0, w_l4} + w_tag;
  wire [8:0]  off_next = off_q + 9'd2;
  wire [7:0]  ip_len = w_l4 - w_ip;
  wire [8:0]  l4_len = w_octets - {1'b0, w_l4};
  assign walk_rd  = state_q == StRead && !rd_en_i && !rd_keep_i;
  assign walk_row = {w_slot, off_q[8:LaneW]};

  // Ones' complement addition: the carry comes back in with the next word, and the last one in StKeep, where it cannot
  // carry again (FFFF with a carry would have to come from FFFF with a carry).
  wire [15:0] ip_sum = ip_sum_q[15:0] + {15'd0, ip_sum_q[16]};
  wire [15:0] l4_sum = l4_sum_q[15:0] + {15'd0, l4_sum_q[16]};
  always @(posedge clk_i) begin : walk
    reg [15:0] word;
    reg [16:0] added;
    if (!rst_ni) begin
      state_q  <= StWait;
      settle_q <= 1'b0;
    end else begin
      case (state_q)
        StWait: begin
          settle_q <= walk_q != prod_q && w_left == 9'd0 && !settle_q;
          if (settle_q) begin
            state_q  <= w_error != 9'd0 ? StKeep : StRead;
            off_q    <= w_begin;
            word_q   <= 5'd0;
            in_l4_q  <= 1'b0;
            v6_q     <= 1'b0;
            good_q   <= 1'b1;
            ip_sum_q <= 17'd0;
            l4_sum_q <= 17'd0;
          end
        end
        StRead: if (walk_rd) state_q <= StWord;
        StWord: begin
          word   = row_data[off_q[LaneW-1:1]*16 +: 16];
          added  = {1'b0, in_l4_q ? l4_sum_q[15:0] : ip_sum_q[15:0]} + {1'b0, word} +
                   {16'd0, in_l4_q ? l4_sum_q[16] : ip_sum_q[16]};
          off_q  <= off_next;
          word_q <= off_next == w_turn ? 5'd0 : word_q == 5'd31 ? 5'd31 : word_q + 5'd1;
          if (off_next == w_turn) in_l4_q <= 1'b1;
          if (!in_l4_q && !v6_q && word_q != 5'd1 && word_q != 5'd2 && word_q != 5'd5) ip_sum_q <= added;
          if (in_l4_q && word_q != 5'd2 && word_q != 5'd3 && word_q != 5'd6) l4_sum_q <= added;
          if (!in_l4_q && word_q == 5'd0) begin
            v6_q <= word[7:4] == 4'd6;
            if (!(word[7:4] == 4'd6 && ip_len >= 8'd40) &&
                !(word[7:4] == 4'd4 && ip_len == {2'b00, word[3:0], 2'b00})) good_q <= 1'b0;
          end
          if (!in_l4_q && word_q == 5'd2) id_q <= word;
          if (in_l4_q && word_q == 5'd2) seq_q[15:0]  <= word;
          if (in_l4_q && word_q == 5'd3) seq_q[31:16] <= word;
          if (in_l4_q && word_q == 5'd6) flags_q <= word;
          if (in_l4_q && word_q == 5'd6 && l4_len != {3'd0, word[7:4], 2'b00}) good_q <= 1'b0;
          // tx_send may have read another row meanwhile: then the row is read again.
          state_q <= off_next == w_end ? StKeep : off_next[LaneW-1:0] == {LaneW{1'b0}} || rd_en_i ? StRead : StWord;
        end
        default: state_q <= StWait;
      endcase
    end
  end

  reg [97:0] fact_mem [0:3];
  always @(posedge clk_i) begin
    if (state_q == StKeep) fact_mem[w_slot] <= {good_q, v6_q, id_q, seq_q, flags_q, ip_sum, l4_sum};
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      prod_q <= 3'd0;
      cons_q <= 3'd0;
      walk_q <= 3'd0;
    end else begin
      if (alloc_i) prod_q <= prod_q + 3'd1;
      if (free_i) cons_q <= cons_q + 3'd1;
      if (state_q == StKeep) walk_q <= walk_q + 3'd1;
    end
  end

  // ------------------------------------------------------------ what the sender asks for
  wire        hold_good, hold_vlan;
  wire [8:0]  hold_error, hold_len;
  wire [7:0]  hold_ip, hold_l4;
  assign {hold_good, hold_v6_o, hold_id_o, hold_seq_o, hold_flags_o, hold_ip_sum_o, hold_l4_sum_o} =
         fact_mem[hold_slot_i];
  assign {hold_mss_o, hold_vlan, hold_len, hold_ip, hold_l4} = set_mem[hold_slot_i];
  assign hold_error    = error_mem[hold_slot_i];
  wire [2:0]  walked   = walk_q - cons_q;
  wire [1:0]  behind   = hold_slot_i - cons_q[1:0];    // the oldest place, or the next one while tx_send reads that
  reg         known_q, popped_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      known_q  <= 1'b0;
      popped_q <= 1'b0;
    end else begin
      known_q       <= walked > {1'b0, behind};
      popped_q      <= pop_i;
      hold_frag_o   <= hold_error[4:0];
      hold_reason_o <= hold_error[8:5] != 4'd0 ? hold_error[8:5] :
                       hold_good ? `NIC_ERROR_REASON_NONE : `NIC_ERROR_REASON_BAD_DESCRIPTOR;
    end
  end
  assign hold_known_o  = known_q && !popped_q;
  assign hold_octets_o = hold_len + {6'd0, hold_vlan, 2'b00};
  assign hold_ip_o     = {1'b0, hold_ip} + {6'd0, hold_vlan, 2'b00};
  assign hold_l4_o     = {1'b0, hold_l4} + {6'd0, hold_vlan, 2'b00};
  wire unused_ok = &{1'b0, w_mss, done_cookie_i, done_bytes_i[12:9], wr_row_i};
endmodule
`default_nettype wire
