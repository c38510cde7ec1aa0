// tx_queues - state of the TX rings that the driver sees: running, consumer index, error.
//
// Does:      a ring goes on when it is enabled, at index FirstIndex, and off when it is disabled, everything fetched
//            has ended and the times of departure it asked for are told, as nothing may be told of a ring that is off;
//            enabled again before that, it still goes through off first. A ring reset is remembered and done
//            when the ring is off: it clears the error and the indices. The consumer index moves when a packet retires,
//            that is behind its last read data (rule D6), by the packet's entries. An error stays until the ring reset;
//            the consumer index then stays in front of the packet that failed. Since packets retire in ring order, the
//            consumer index is also the index of the packet at hand, and errors are told as entries behind it.
// Latency:   1 cycle for each event, 2 for error_idx_o.
`default_nettype none
module tx_queues #(
  parameter Queues            = 1,
  parameter QueueW            = 1,
  parameter [31:0] FirstIndex = 0    // other than 0 for tests of the wrap only
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire [Queues-1:0]    enable_i,
  input  wire [Queues-1:0]    reset_i,
  output wire [Queues-1:0]    running_o,
  output reg  [Queues*32-1:0] cons_o,
  output reg  [Queues*4-1:0]  error_o,
  output reg  [Queues*32-1:0] error_idx_o,
  output wire [Queues-1:0]    on_o,
  output wire [Queues-1:0]    open_o,         // on, and not on the way to off: producer index counts, fetch
  output wire [Queues-1:0]    failed_o,       // error_o of the queue is not none
  output wire [Queues-1:0]    clear_o,        // indices of the queue return to FirstIndex now
  input  wire [Queues-1:0]    busy_i,         // descriptors are being fetched or gathered
  input  wire                 alloc_i,        // a packet got a slot
  input  wire [QueueW-1:0]    alloc_queue_i,
  input  wire                 retire_i,       // a packet has ended, good when the reason is 0
  input  wire [QueueW-1:0]    retire_queue_i,
  input  wire [3:0]           retire_reason_i,
  input  wire [6:0]           retire_count_i, // entries of a good packet
  input  wire [6:0]           retire_pos_i,   // of a bad one those before the one that failed
  output wire [31:0]          retire_idx_o,   // of the first entry of retire_queue_i's next packet
  input  wire [Queues-1:0]    bad_doorbell_i,
  input  wire [31:0]          bad_idx_i,
  input  wire                 finish_i,       // and has left the packet memory
  input  wire [QueueW-1:0]    finish_queue_i,
  input  wire                 stamp_i,        // a frame of retire_queue_i begins whose time of departure is asked for
  input  wire [Queues-1:0]    stamped_i       // .. and is told
);
  `include "nic_regs.vh"
  reg  [Queues-1:0]   on_q, ending_q, reset_q;
  reg  [Queues*7-1:0] in_flight_q;            // slots of the queue in use, 0..64
  reg  [Queues*4-1:0] stamps_q;               // times of departure that are awaited, 0..8: its frames are in the MAC
  reg  [Queues-1:0]   empty, failed;
  always @* begin : per_queue
    integer i;
    for (i = 0; i < Queues; i = i + 1) begin
      empty[i]  = in_flight_q[i*7 +: 7] == 7'd0 && stamps_q[i*4 +: 4] == 4'd0;
      failed[i] = error_o[i*4 +: 4] != 4'd0;
    end
  end
  // A reset that was held back until the ring was off comes in the very cycle of the next start: the reset is first.
  wire [Queues-1:0] start  = enable_i & ~on_q & ~reset_q & ~reset_i;
  wire [Queues-1:0] ending = on_q & (ending_q | ~enable_i);
  wire [Queues-1:0] stop   = ending & ~busy_i & empty;
  wire [Queues-1:0] wipe   = reset_q & ~on_q;
  assign on_o      = on_q;
  assign open_o    = on_q & ~ending;
  assign failed_o  = failed;
  assign running_o = on_q | reset_q;
  assign clear_o   = start | wipe;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      on_q     <= {Queues{1'b0}};
      ending_q <= {Queues{1'b0}};
      reset_q  <= {Queues{1'b0}};
    end else begin
      on_q     <= (on_q | start) & ~stop;
      ending_q <= ending & ~stop;
      reset_q  <= (reset_q & ~wipe) | reset_i;
    end
  end

  // Path step T10: the consumer index of a packet moves only now, when the packet is whole on chip.
  assign retire_idx_o = cons_o[retire_queue_i*32 +: 32];
  wire [31:0] moved = retire_idx_o + {25'd0, retire_count_i};
  wire        bad   = retire_reason_i != `NIC_ERROR_REASON_NONE;
  // The index of an error follows its reason by a cycle; the consumer index does not move any more.
  reg               late_q;
  reg  [QueueW-1:0] late_queue_q;
  reg  [6:0]        late_pos_q;
  wire [31:0]       late_idx = cons_o[late_queue_q*32 +: 32] + {25'd0, late_pos_q};
  always @(posedge clk_i) begin
    if (!rst_ni) late_q <= 1'b0;
    else late_q <= retire_i && bad && !failed[retire_queue_i] && retire_reason_i != `NIC_ERROR_REASON_BAD_DOORBELL;
    if (retire_i && bad) late_queue_q <= retire_queue_i;
    if (retire_i && bad) late_pos_q   <= retire_pos_i;
  end
  assign idle_o    = on_q == enable_i && ending_q == {Queues{1'b0}} && reset_q == {Queues{1'b0}} &&
                     reset_i == {Queues{1'b0}} && !late_q;
  always @(posedge clk_i) begin : indices
    integer i;
    if (!rst_ni) begin
      cons_o      <= {Queues{FirstIndex}};
      error_o     <= {Queues{4'd0}};
      error_idx_o <= {Queues{32'd0}};
    end else begin
      for (i = 0; i < Queues; i = i + 1) begin
        // The index written stands here already while the packets before the error end.
        if (bad_doorbell_i[i]) error_idx_o[i*32 +: 32] <= bad_idx_i;
        if (retire_i && i[QueueW-1:0] == retire_queue_i) begin
          if (!bad) cons_o[i*32 +: 32] <= moved;
          if (bad && !failed[i]) error_o[i*4 +: 4] <= retire_reason_i;
        end
        if (late_q && i[QueueW-1:0] == late_queue_q) error_idx_o[i*32 +: 32] <= late_idx;
        if (clear_o[i]) cons_o[i*32 +: 32] <= FirstIndex;
        if (wipe[i]) error_o[i*4 +: 4] <= 4'd0;
        if (wipe[i]) error_idx_o[i*32 +: 32] <= 32'd0;
      end
    end
  end

  always @(posedge clk_i) begin : slots
    integer i;
    reg more, less, asked;
    if (!rst_ni) begin
      in_flight_q <= {Queues{7'd0}};
      stamps_q    <= {Queues{4'd0}};
    end else begin
      for (i = 0; i < Queues; i = i + 1) begin
        more = alloc_i && i[QueueW-1:0] == alloc_queue_i;
        less = finish_i && i[QueueW-1:0] == finish_queue_i;
        if (more != less) in_flight_q[i*7 +: 7] <= in_flight_q[i*7 +: 7] + {{6{less}}, 1'b1};
        asked = stamp_i && i[QueueW-1:0] == retire_queue_i;
        if (asked != stamped_i[i]) stamps_q[i*4 +: 4] <= stamps_q[i*4 +: 4] + {{3{stamped_i[i]}}, 1'b1};
      end
    end
  end
endmodule
`default_nettype wire
