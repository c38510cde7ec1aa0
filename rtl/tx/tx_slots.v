// tx_slots - frames on their way into packet memory: 64 slots in order, octets counted down, first error kept.
//
// Does:      hands out slots and rows, both as rings; counts the octets that retire against those asked for; says when
//            the oldest frame's octets are there, with all that the sender must know of it. A slot whose octets are there,
//            good or not, is popped by the sender. Slots with an alloc_reason_i have no octets: they carry an error in
//            order. What the sender must know travels as one word, head_info_o = alloc_info_i.
// Latency:   a frame is whole on head_whole_o 5 cycles after its last `done`, when its checksum is there too: the slots
//            are looked at in order, one a cycle, and what is whole is told four cycles later.
// Throughput: one alloc every second cycle (rows are counted a cycle late; one of no rows, an error, may follow at once), one
//            done, one pop a cycle. Octets are counted in two memories, of even and of odd slots, where a done goes first.
//            early_i gives an alloc two cycles to find its memory free, so it does not wait while the frames of one TLP
//            each retire one a cycle.
`default_nettype none
module tx_slots #(
  parameter RowW  = 9,
  parameter InfoW = 32
) (
  input  wire              clk_i,
  input  wire              rst_ni,
  output wire              idle_o,
  input  wire              alloc_valid_i,
  output wire              alloc_ready_o,    // a slot is free and so are the rows
  output wire [5:0]        alloc_slot_o,
  output wire [RowW-1:0]   alloc_row_o,
  input  wire [RowW:0]     alloc_rows_i,
  input  wire [13:0]       alloc_octets_i,   // that will retire
  input  wire              early_i,          // alloc_octets_i are those of an alloc in the next cycle
  input  wire [InfoW-1:0]  alloc_info_i,
  input  wire              done_i,           // a TLP of payload has retired
  input  wire [11:0]       done_cookie_i,    // {-, fragment, slot}
  input  wire [12:0]       done_bytes_i,
  input  wire [3:0]        done_error_i,
  output wire              head_whole_o,
  output wire [5:0]        head_slot_o,
  output wire [3:0]        head_reason_o,    // of its first failed read; 0: none
  output wire [4:0]        head_frag_o,      // which fragment's
  output wire [RowW-1:0]   head_row_o,
  output wire [RowW:0]     head_rows_o,
  output wire [InfoW-1:0]  head_info_o,
  input  wire              pop_i,
  input  wire              rows_free_i,      // rows_freed_i rows at the old end are free again
  input  wire [RowW:0]     rows_freed_i
);
  localparam [RowW:0] Rows = {1'b1, {RowW{1'b0}}};
  localparam HeadW = RowW + RowW + 1 + InfoW;

  reg [6:0]      prod_idx_q, cons_idx_q;
  reg [RowW-1:0] row_q;
  reg [RowW:0]   rows_left_q, rows_freed_q, rows_taken_q;
  reg            freed_q, taken_q;
  reg            noted_q;                    // alloc_octets_i are in their memory
  wire [6:0]     used       = prod_idx_q - cons_idx_q;
  wire           alloc      = alloc_valid_i && alloc_ready_o;
  wire [5:0]     alloc_slot = prod_idx_q[5:0];
  wire [5:0]     head       = cons_idx_q[5:0];
  wire           clash      = done_i && done_cookie_i[0] == alloc_slot[0];
  wire           note       = (early_i || alloc_valid_i) && !clash && !used[6];  // the slot is nobody's yet
  assign alloc_ready_o = !used[6] && (!clash || noted_q) && alloc_rows_i <= rows_left_q;
  assign alloc_slot_o  = alloc_slot;
  assign alloc_row_o   = row_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      prod_idx_q  <= 7'd0;
      cons_idx_q  <= 7'd0;
      row_q       <= {RowW{1'b0}};
      rows_left_q <= Rows;
      freed_q     <= 1'b0;
      taken_q     <= 1'b0;
      noted_q     <= 1'b0;
    end else begin
      if (alloc) prod_idx_q <= prod_idx_q + 7'd1;
      if (pop_i) cons_idx_q <= cons_idx_q + 7'd1;
      if (alloc) row_q <= row_q + alloc_rows_i[RowW-1:0];
      freed_q <= rows_free_i;
      taken_q <= alloc;
      noted_q <= !alloc && (note || (noted_q && alloc_valid_i));
      if (rows_free_i) rows_freed_q <= rows_freed_i;
      if (alloc) rows_taken_q <= alloc_rows_i;
      if (taken_q || freed_q)
        rows_left_q <= rows_left_q - (taken_q ? rows_taken_q : {(RowW+1){1'b0}}) +
                       (freed_q ? rows_freed_q : {(RowW+1){1'b0}});
    end
  end

  // ------------------------------------------------------------ what the sender must know
  reg [HeadW-1:0] head_mem [0:63];
  always @(posedge clk_i) begin
    if (alloc) head_mem[alloc_slot] <= {row_q, alloc_rows_i, alloc_info_i};
  end
  assign {head_row_o, head_rows_o, head_info_o} = head_mem[head];

  // ------------------------------------------------------------ octets still to come, first error and its fragment
  reg  [22:0] even_mem [0:31];
  reg  [22:0] odd_mem [0:31];
  wire [5:0]  slot      = done_cookie_i[5:0];
  wire [22:0] left_word = slot[0] ? odd_mem[slot[5:1]] : even_mem[slot[5:1]];
  wire [13:0] left_now  = left_word[13:0] - {1'b0, done_bytes_i};
  wire [8:0]  error     = left_word[22:19] != 4'd0 ? left_word[22:14] : {done_error_i, done_cookie_i[10:6]};
  wire        unused_ok = &{1'b0, done_cookie_i[11]};
  always @(posedge clk_i) begin
    if (done_i && !slot[0]) even_mem[slot[5:1]] <= {error, left_now};
    else if (note && !alloc_slot[0]) even_mem[alloc_slot[5:1]] <= {9'd0, alloc_octets_i};
  end
  always @(posedge clk_i) begin
    if (done_i && slot[0]) odd_mem[slot[5:1]] <= {error, left_now};
    else if (note && alloc_slot[0]) odd_mem[alloc_slot[5:1]] <= {9'd0, alloc_octets_i};
  end
  wire [22:0] head_word = head[0] ? odd_mem[head[5:1]] : even_mem[head[5:1]];
  assign {head_reason_o, head_frag_o} = head_word[22:14];

  // ------------------------------------------------------------ whole: looked at, then told while the sum gets ready
  reg [6:0]   look_q, told1_q, told2_q, told3_q, told4_q;
  wire [22:0] look_word = look_q[0] ? odd_mem[look_q[5:1]] : even_mem[look_q[5:1]];
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      look_q  <= 7'd0;
      told1_q <= 7'd0;
      told2_q <= 7'd0;
      told3_q <= 7'd0;
      told4_q <= 7'd0;
    end else begin
      if (look_q != prod_idx_q && look_word[13:0] == 14'd0) look_q <= look_q + 7'd1;
      told1_q <= look_q;
      told2_q <= told1_q;
      told3_q <= told2_q;
      told4_q <= told3_q;
    end
  end
  assign head_whole_o = cons_idx_q != told4_q;
  assign head_slot_o  = head;
  assign idle_o       = used == 7'd0 && !freed_q && !taken_q;
  wire unused_word = &{1'b0, look_word[22:14], head_word[13:0]};
endmodule
`default_nettype wire
