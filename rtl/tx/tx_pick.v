// tx_pick - which queue's packet comes next: fair by octets, and packet by packet among queues that send alike.
//
// Does:      for each queue keeps up to which entry it is gathered (7 bits, see tx_fetch) and whether there is work: entries
//            on chip that may reach to an eop, or a failed fetch; not when the queue is off, in error, or has handed an
//            error on that is still on its way.
// Order:     surplus round robin. Each queue has a credit in units of 64 octets. Of the queues with work whose credit is
//            not below zero, the one after the last picked comes next; its packet is charged whole, a TSO packet too, so the
//            credit may end below zero. A packet that the MAC pads counts as 60 octets or up to 3 more. Octets beyond whole
//            units add up; when they make one, the queue's next packet pays it. When no queue with work has credit, every
//            queue below zero gets 2048 octets more, until one has. So over time queues with work get the same number of
//            octets, within 64 KiB + 2 KiB. (More at a time would be more packets of 64 octets than there are descriptors on
//            chip: without work for a moment, in the middle of its turn, the queue would miss the next.)
// Ahead:     the next packet may be chosen in the cycle in which the one at hand is charged; ahead_i says so before it is known
//            whether that cycle is this one, and its queue then counts with what it will have.
// Latency:   pick_o at once. A refill takes 1 cycle.
`default_nettype none
module tx_pick #(
  parameter Queues            = 1,
  parameter QueueW            = 1,
  parameter [31:0] FirstIndex = 0
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  output wire                idle_o,          // no queue has work
  input  wire                quiesce_i,       // nothing new
  input  wire [Queues-1:0]   on_i,
  input  wire [Queues-1:0]   failed_i,
  input  wire [Queues-1:0]   clear_i,
  input  wire [Queues*7-1:0] ready_i,         // up to here descriptors are on chip
  input  wire [Queues-1:0]   arrive_i,        // more after this cycle
  input  wire [Queues*4-1:0] fail_reason_i,   // of a fetch
  output reg  [Queues*7-1:0] gathered_o,
  output reg  [Queues-1:0]   busy_o,
  input  wire                rest_i,          // no packet is at hand
  input  wire                take_i,          // pick_o is taken, when any_o
  output wire                any_o,
  output reg  [QueueW-1:0]   pick_o,
  output wire                pick_more_o,     // it has a descriptor; else it has a failed fetch
  output reg  [6:0]          pick_idx_o,
  output reg  [QueueW-1:0]   queue_o,         // picked last; what follows is about it
  input  wire                charge_i,        // its packet gets its place
  input  wire                ahead_i,         // pick_o is what follows its packet
  input  wire [15:0]         octets_i,
  input  wire                ends_i,          // its descriptors up to end_idx_i are needed no more
  input  wire [6:0]          end_idx_i,
  input  wire                stuck_i,         // its descriptors on chip do not reach to an eop
  input  wire                halt_i           // an error was handed on
);
  reg [Queues*12-1:0] credit_q;               // signed
  reg [6:0]           over_mem [0:(1<<QueueW)-1];  // a unit that is due, octets beyond units; at first any
  reg [Queues-1:0]    stuck_q, halted_q;
  reg [Queues-1:0]    more, may, able, poor;
  reg  [11:0]         credit;
  wire [6:0]          over    = over_mem[queue_o];
  wire [11:0]         charged = credit + {2'b11, ~octets_i[15:6]} + {11'd0, !over[6]};  // less its units, less one when due
  wire [5:0]          beyond  = octets_i[5:0] | {{4{octets_i[15:6] == 10'd0}}, 2'b00};  // of no unit at all 60 at least
  // Loops and not variable indices, whose products by 12 and 7 and shifts would be made of logic.
  always @* begin : at_hand
    integer i;
    credit = 12'd0;
    for (i = 0; i < Queues; i = i + 1) if (i[QueueW-1:0] == queue_o) credit = credit_q[i*12 +: 12];
  end
  always @* begin : candidates
    integer i;
    for (i = 0; i < Queues; i = i + 1) begin
      more[i]   = ready_i[i*7 +: 7] != gathered_o[i*7 +: 7] && !stuck_q[i];
      may[i]    = (more[i] || fail_reason_i[i*4 +: 4] != 4'd0) && on_i[i] && !failed_i[i] && !halted_q[i] && !quiesce_i;
      poor[i]   = credit_q[i*12+11];
      able[i]   = may[i] && !(ahead_i && i[QueueW-1:0] == queue_o ? charged[11] : poor[i]);
      busy_o[i] = may[i] || (!rest_i && i[QueueW-1:0] == queue_o);
    end
  end
  always @* begin : round_robin
    integer i;
    pick_o = {QueueW{1'b0}};
    for (i = Queues - 1; i >= 0; i = i - 1) if (able[i]) pick_o = i[QueueW-1:0];
    for (i = Queues - 1; i >= 0; i = i - 1) if (able[i] && i[QueueW-1:0] > queue_o) pick_o = i[QueueW-1:0];
  end
  wire refill = rest_i && (|may) && !(|able);
  assign any_o       = |able;
  assign pick_more_o = more[pick_o];
  always @* begin : of_the_pick
    integer i;
    pick_idx_o = 7'd0;
    for (i = 0; i < Queues; i = i + 1) if (i[QueueW-1:0] == pick_o) pick_idx_o = gathered_o[i*7 +: 7];
  end
  assign idle_o      = !(|may);

  always @(posedge clk_i) begin
    if (charge_i) over_mem[queue_o] <= {1'b0, over[5:0]} + {1'b0, beyond};
  end
  always @(posedge clk_i) begin : per_queue
    integer i;
    if (!rst_ni) begin
      queue_o    <= {QueueW{1'b0}};
      credit_q   <= {Queues{12'd0}};
      gathered_o <= {Queues{FirstIndex[6:0]}};
      stuck_q    <= {Queues{1'b0}};
      halted_q   <= {Queues{1'b0}};
    end else begin
      if (take_i && any_o) queue_o <= pick_o;
      for (i = 0; i < Queues; i = i + 1) begin
        if (refill && poor[i]) credit_q[i*12+5 +: 7] <= credit_q[i*12+5 +: 7] + 7'd1;  // 32 units
        if (i[QueueW-1:0] == queue_o) begin
          if (charge_i) credit_q[i*12 +: 12] <= charged;
          if (ends_i) gathered_o[i*7 +: 7] <= end_idx_i;
          if (stuck_i) stuck_q[i] <= 1'b1;
          if (halt_i) halted_q[i] <= 1'b1;
        end
        if (arrive_i[i] || clear_i[i]) stuck_q[i] <= 1'b0;
        if (clear_i[i]) halted_q[i] <= 1'b0;
        if (clear_i[i]) gathered_o[i*7 +: 7] <= FirstIndex[6:0];
      end
    end
  end
endmodule
`default_nettype wire
