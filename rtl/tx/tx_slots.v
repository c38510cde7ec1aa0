// tx_slots - packets on their way into packet memory: 32 slots in order, octets counted down, first error kept.
//
// Does:      hands out slots and rows, both as rings; counts the octets that retire against those asked for; says when
//            the oldest packet is whole, with all that the sender must know of it. A slot whose packet is whole, good or
//            not, is popped by the sender. Slots with an alloc_reason_i have no octets: they carry an error in order.
// Latency:   a packet is whole on head_whole_o 3 cycles after its last `done`, when its checksum is there too.
// Throughput: one alloc, one done, one pop a cycle.
`default_nettype none
module tx_slots #(
  parameter QueueW = 1,
  parameter RowW   = 9
) (
  input  wire              clk_i,
  input  wire              rst_ni,
  output wire              idle_o,
  input  wire              alloc_valid_i,
  output wire              alloc_ready_o,    // a slot is free and so are the rows
  output wire [4:0]        alloc_slot_o,
  output wire [RowW-1:0]   alloc_row_o,
  input  wire [RowW:0]     alloc_rows_i,
  input  wire [QueueW-1:0] alloc_queue_i,
  input  wire [3:0]        alloc_reason_i,
  input  wire [31:0]       alloc_idx_i,
  input  wire [5:0]        alloc_count_i,
  input  wire [13:0]       alloc_octets_i,
  input  wire              alloc_csum_i,
  input  wire              alloc_odd_i,
  input  wire              alloc_udp_i,      // the field lies where UDP has it
  input  wire [13:0]       alloc_field_i,
  input  wire              done_i,           // a TLP of payload has retired
  input  wire [11:0]       done_cookie_i,
  input  wire [12:0]       done_bytes_i,
  input  wire [3:0]        done_error_i,
  output wire              head_whole_o,
  output wire [4:0]        head_slot_o,
  output wire [QueueW-1:0] head_queue_o,
  output wire [3:0]        head_reason_o,    // 0: good
  output wire [31:0]       head_idx_o,       // index behind a good packet, or of the descriptor that failed
  output wire [RowW-1:0]   head_row_o,
  output wire [RowW:0]     head_rows_o,
  output wire [13:0]       head_octets_o,
  output wire              head_csum_o,
  output wire              head_odd_o,       // csum_start is odd
  output wire              head_udp_o,
  output wire [13:0]       head_field_o,
  input  wire              pop_i,
  input  wire              rows_free_i,      // rows_freed_i rows at the old end are free again
  input  wire [RowW:0]     rows_freed_i
);
  localparam HeadW = QueueW + 4 + 32 + 6 + RowW + RowW + 1 + 14 + 3 + 14;
  localparam [RowW:0] Rows = {1'b1, {RowW{1'b0}}};

  reg [5:0]      prod_idx_q, cons_idx_q;
  reg [RowW-1:0] row_q;
  reg [RowW:0]   rows_used_q;
  wire [5:0]     used = prod_idx_q - cons_idx_q;
  wire           alloc = alloc_valid_i && alloc_ready_o;
  wire [4:0]     alloc_slot = prod_idx_q[4:0];
  wire [4:0]     head = cons_idx_q[4:0];
  assign alloc_ready_o = !used[5] && {1'b0, rows_used_q} + {1'b0, alloc_rows_i} <= {1'b0, Rows};
  assign alloc_slot_o  = alloc_slot;
  assign alloc_row_o   = row_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      prod_idx_q  <= 6'd0;
      cons_idx_q  <= 6'd0;
      row_q       <= {RowW{1'b0}};
      rows_used_q <= {(RowW+1){1'b0}};
    end else begin
      if (alloc) prod_idx_q <= prod_idx_q + 6'd1;
      if (pop_i) cons_idx_q <= cons_idx_q + 6'd1;
      if (alloc) row_q <= row_q + alloc_rows_i[RowW-1:0];
      if (alloc || rows_free_i)
        rows_used_q <= rows_used_q + (alloc ? alloc_rows_i : {(RowW+1){1'b0}}) -
                       (rows_free_i ? rows_freed_i : {(RowW+1){1'b0}});
    end
  end

  // ------------------------------------------------------------ what the sender must know
  reg [HeadW-1:0] head_mem [0:31];
  always @(posedge clk_i) begin
    if (alloc)
      head_mem[alloc_slot] <= {alloc_queue_i, alloc_reason_i, alloc_idx_i, alloc_count_i, row_q, alloc_rows_i,
                               alloc_octets_i, alloc_csum_i, alloc_odd_i, alloc_udp_i, alloc_field_i};
  end
  wire [3:0]  head_alloc_reason;
  wire [31:0] head_first_idx;
  wire [5:0]  head_count;
  assign {head_queue_o, head_alloc_reason, head_first_idx, head_count, head_row_o, head_rows_o,
          head_octets_o, head_csum_o, head_odd_o, head_udp_o, head_field_o} = head_mem[head];

  // ------------------------------------------------------------ octets still to come, first error
  reg  [13:0] octets_mem [0:31];
  reg  [13:0] left_mem [0:31];
  reg  [6:0]  error_mem [0:31];              // reason, fragment
  reg  [31:0] fresh_q, bad_q, whole_q;
  wire [4:0]  slot     = done_cookie_i[4:0];
  wire unused_ok = &{1'b0, done_cookie_i[11:8]};
  wire [13:0] left     = fresh_q[slot] ? octets_mem[slot] : left_mem[slot];
  wire [13:0] left_now = left - {1'b0, done_bytes_i};
  wire        error    = done_i && done_error_i != 4'd0 && !bad_q[slot];
  always @(posedge clk_i) begin
    if (alloc) octets_mem[alloc_slot] <= alloc_octets_i;
  end
  always @(posedge clk_i) begin
    if (done_i) left_mem[slot] <= left_now;
  end
  always @(posedge clk_i) begin
    if (error) error_mem[slot] <= {done_error_i, done_cookie_i[7:5]};
  end

  reg       last1_q, last2_q;                // the packet's last `done`, while its octets pass the checksum adder
  reg [4:0] slot1_q, slot2_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      fresh_q <= 32'd0;
      bad_q   <= 32'd0;
      whole_q <= 32'd0;
      last1_q <= 1'b0;
      last2_q <= 1'b0;
    end else begin
      last1_q <= done_i && left_now == 14'd0;
      last2_q <= last1_q;
      if (done_i) slot1_q <= slot;
      if (last1_q) slot2_q <= slot1_q;
      if (done_i) fresh_q[slot] <= 1'b0;
      if (error) bad_q[slot] <= 1'b1;
      if (last2_q) whole_q[slot2_q] <= 1'b1;
      if (alloc) begin
        fresh_q[alloc_slot] <= 1'b1;
        bad_q[alloc_slot]   <= 1'b0;
        whole_q[alloc_slot] <= alloc_reason_i != 4'd0;
      end
    end
  end

  wire [6:0] head_error = error_mem[head];
  assign head_whole_o  = used != 6'd0 && whole_q[head];
  assign head_slot_o   = head;
  assign head_reason_o = head_alloc_reason != 4'd0 ? head_alloc_reason : bad_q[head] ? head_error[6:3] : 4'd0;
  assign head_idx_o    = head_first_idx +
                         (head_alloc_reason != 4'd0 ? 32'd0 : bad_q[head] ? {29'd0, head_error[2:0]} : {26'd0, head_count});
  assign idle_o        = used == 6'd0;
endmodule
`default_nettype wire
