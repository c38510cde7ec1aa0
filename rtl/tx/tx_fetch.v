// tx_fetch - fetches the descriptors that a doorbell has announced, in batches.
//
// Does:      for each queue keeps the index up to which descriptors were asked for and the index up to which they are on
//            chip. A fetch covers at most 32 descriptors, ends at a multiple of 32 or at the ring's end, and waits until
//            the whole of it fits into the 64 places on chip; one fetch of a queue is in flight. The next one is asked
//            for as soon as 32 places are free, so a busy queue has 32 descriptors at hand while 32 are on their way.
//            Each descriptor is read once (rules D1, D2).
// How:       queues with news are looked at one after the other, round robin, each in three steps (StPick: take its
//            indices; StSum: differences; StAsk: decide and ask), so that one set of adders serves all.
// Indices:   what is on chip is counted in 7 bits (index mod 128): never more than 64 lie between any two of them.
// Errors:    a producer index more than the ring's size ahead of the consumer (bad_doorbell) and a failed read (its
//            reason) stand on fail_reason_o until the ring is cleared; tx_gather turns them into the queue's error behind
//            the packets before them.
// Ring base: bits 11:0 are taken as zero. Index i lies at base + (i mod size) * 16.
// Latency:   doorbell to request 3 cycles. Throughput: a fetch every 3 cycles.
`default_nettype none
module tx_fetch #(
  parameter Queues            = 1,
  parameter QueueW            = 1,
  parameter [31:0] FirstIndex = 0
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire [Queues-1:0]    allow_i,        // the queue may fetch: on, enabled, no error
  input  wire [Queues-1:0]    clear_i,
  input  wire [Queues*64-1:0] base_i,
  input  wire [Queues*4-1:0]  size_i,
  input  wire [Queues*32-1:0] prod_i,
  input  wire [Queues*32-1:0] cons_i,
  input  wire [Queues*7-1:0]  gathered_i,     // up to here the places on chip are free again
  output reg  [Queues*7-1:0]  ready_o,        // up to here descriptors are on chip
  output reg  [Queues-1:0]    arrive_o,       // ready_o or fail_reason_o change after this cycle
  output reg  [Queues*4-1:0]  fail_reason_o,
  output reg  [Queues-1:0]    bad_doorbell_o, // bad_idx_o was written to the queue's producer index
  output wire [31:0]          bad_idx_o,
  output wire [Queues-1:0]    busy_o,         // a fetch of the queue is in flight
  output reg                  req_valid_o,
  input  wire                 req_ready_i,
  output reg  [63:0]          req_addr_o,
  output reg  [16:0]          req_len_o,
  output reg  [17:0]          req_dst_o,
  output reg  [11:0]          req_cookie_o,   // the queue
  input  wire                 done_i,
  input  wire [11:0]          done_cookie_i,
  input  wire [12:0]          done_bytes_i,
  input  wire [3:0]           done_error_i
);
  `include "nic_regs.vh"
  localparam [1:0] StPick = 2'd0;
  localparam [1:0] StSum  = 2'd1;
  localparam [1:0] StAsk  = 2'd2;

  reg [Queues*32-1:0] asked_q;                // up to here descriptors were asked for
  reg [Queues-1:0]    out_q;
  reg [Queues*10-1:0] left_q;                 // octets of the fetch still to come, up to 512
  reg [Queues*4-1:0]  reason_q;               // first error of the fetch in flight
  assign busy_o = out_q;

  // ------------------------------------------------------------ who has news
  reg [Queues-1:0] news;
  always @* begin : with_news
    integer i;
    for (i = 0; i < Queues; i = i + 1)
      news[i] = allow_i[i] && !out_q[i] && fail_reason_o[i*4 +: 4] == 4'd0 && !clear_i[i] &&
                prod_i[i*32 +: 32] != asked_q[i*32 +: 32];
  end
  reg [1:0]        state_q;
  reg [QueueW-1:0] queue_q, pick;
  always @* begin : round_robin
    integer i;
    pick = {QueueW{1'b0}};
    for (i = Queues - 1; i >= 0; i = i - 1) if (news[i]) pick = i[QueueW-1:0];
    for (i = Queues - 1; i >= 0; i = i - 1) if (news[i] && i[QueueW-1:0] > queue_q) pick = i[QueueW-1:0];
  end

  // ------------------------------------------------------------ a look at one queue
  reg  [31:0] prod_q, asked_now_q, cons_q, avail_q, span_q;
  reg  [3:0]  size_log_q;
  reg  [6:0]  used_q;
  reg  [5:0]  to_end_q;
  reg  [7:0]  entry_q;
  reg  [47:0] base_q;
  reg  [4:0]  base_low_q;                     // bits 15:12 of the first address, and its carry
  wire [12:0] size     = 13'd1 << size_log_q;
  wire [5:0]  block    = size_log_q < 4'd5 ? size[5:0] : 6'd32;
  wire [11:0] entry    = asked_now_q[11:0] & (size[11:0] - 12'd1);
  wire        at_ask   = state_q == StAsk;
  wire        overrun  = span_q > {19'd0, size};
  wire [5:0]  batch    = avail_q < {26'd0, to_end_q} ? avail_q[5:0] : to_end_q;
  wire        fits     = {1'b0, used_q} + {2'b00, batch} <= 8'd64;
  reg         wanted;                         // still so, for the queue looked at
  reg  [6:0]  gathered;                       // its own; a loop and not a variable index, whose product and shift are logic
  always @* begin : still_wanted
    integer i;
    wanted   = 1'b0;
    gathered = 7'd0;
    for (i = 0; i < Queues; i = i + 1) if (i[QueueW-1:0] == queue_q) gathered = gathered_i[i*7 +: 7];
    for (i = 0; i < Queues; i = i + 1)
      if (i[QueueW-1:0] == queue_q) wanted = allow_i[i] && !clear_i[i] && !out_q[i] && fail_reason_o[i*4 +: 4] == 4'd0;
  end
  wire        go       = at_ask && wanted && fits && !overrun;
  wire        refuse   = at_ask && wanted && overrun;
  assign bad_idx_o = prod_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StPick;
      queue_q <= {QueueW{1'b0}};
    end else if (state_q == StPick) begin
      if ((|news) && !req_valid_o) begin
        state_q     <= StSum;
        queue_q     <= pick;
        prod_q      <= prod_i[pick*32 +: 32];
        asked_now_q <= asked_q[pick*32 +: 32];
        cons_q      <= cons_i[pick*32 +: 32];
        size_log_q  <= size_i[pick*4 +: 4];
      end
    end else if (state_q == StSum) begin
      state_q    <= StAsk;
      avail_q    <= prod_q - asked_now_q;
      span_q     <= prod_q - cons_q;
      used_q     <= asked_now_q[6:0] - gathered;
      to_end_q   <= block - (asked_now_q[5:0] & (block - 6'd1));
      entry_q    <= entry[7:0];
      base_q     <= base_i[queue_q*64+16 +: 48];
      base_low_q <= {1'b0, base_i[queue_q*64+12 +: 4]} + {1'b0, entry[11:8]};
    end else begin
      state_q <= StPick;
    end
  end

  // Path step T8: descriptors by DMA, a batch for one doorbell.
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
    end else if (go) begin
      req_valid_o  <= 1'b1;
      req_addr_o   <= {base_q + {47'd0, base_low_q[4]}, base_low_q[3:0], entry_q, 4'd0};
      req_len_o    <= {7'd0, batch, 4'd0};
      req_dst_o    <= 18'd0 | ({{(18-QueueW){1'b0}}, queue_q} << 10) | {8'd0, asked_now_q[5:0], 4'd0};
      req_cookie_o <= {{(12-QueueW){1'b0}}, queue_q};
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end

  // ------------------------------------------------------------ what comes back
  wire [QueueW-1:0] back   = done_cookie_i[QueueW-1:0];
  reg  [9:0]        left;
  wire [3:0]        earlier = reason_q[back*4 +: 4];
  wire [3:0]        reason = earlier != 4'd0 ? earlier : done_error_i;
  wire              whole  = done_i && left == done_bytes_i[9:0];
  always @* begin : arrivals
    integer i;
    left = 10'd0;
    for (i = 0; i < Queues; i = i + 1) if (i[QueueW-1:0] == back) left = left_q[i*10 +: 10];
  end
  always @* begin : news_of_them
    integer i;
    for (i = 0; i < Queues; i = i + 1) begin
      bad_doorbell_o[i] = refuse && i[QueueW-1:0] == queue_q;
      arrive_o[i]       = bad_doorbell_o[i] || (whole && i[QueueW-1:0] == back);
    end
  end

  wire [31:0] asked_next = asked_now_q + {26'd0, batch};
  always @(posedge clk_i) begin : indices
    integer i;
    if (!rst_ni) begin
      asked_q       <= {Queues{FirstIndex}};
      ready_o       <= {Queues{FirstIndex[6:0]}};
      out_q         <= {Queues{1'b0}};
      left_q        <= {Queues{10'd0}};
      reason_q      <= {Queues{4'd0}};
      fail_reason_o <= {Queues{4'd0}};
    end else begin
      for (i = 0; i < Queues; i = i + 1) begin
        if (go && i[QueueW-1:0] == queue_q) begin
          asked_q[i*32 +: 32] <= asked_next;
          left_q[i*10 +: 10]  <= {batch, 4'd0};
          reason_q[i*4 +: 4]  <= 4'd0;
          out_q[i]            <= 1'b1;
        end
        if (done_i && i[QueueW-1:0] == back) begin
          left_q[i*10 +: 10] <= left - done_bytes_i[9:0];
          reason_q[i*4 +: 4] <= reason;
          if (whole) out_q[i] <= 1'b0;
          if (whole && reason == 4'd0) ready_o[i*7 +: 7] <= asked_q[i*32 +: 7];
          if (whole) fail_reason_o[i*4 +: 4] <= reason;
        end
        if (bad_doorbell_o[i]) fail_reason_o[i*4 +: 4] <= `NIC_ERROR_REASON_BAD_DOORBELL;
        if (clear_i[i]) asked_q[i*32 +: 32] <= FirstIndex;
        if (clear_i[i]) ready_o[i*7 +: 7] <= FirstIndex[6:0];
        if (clear_i[i]) fail_reason_o[i*4 +: 4] <= 4'd0;
      end
    end
  end
  assign idle_o = !(|news) && state_q == StPick && !req_valid_o && out_q == {Queues{1'b0}};
  wire unused_ok = &{1'b0, base_i, done_cookie_i, done_bytes_i[12:10]};
endmodule
`default_nettype wire
