// tx_fetch - fetches the descriptors that a doorbell has announced, in batches.
//
// Does:      for each queue keeps the index up to which descriptors were asked for and the index up to which they are on
//            chip. A fetch covers at most 32 descriptors, ends at a multiple of 32 or at the ring's end, and waits until
//            the whole of it fits into the 64 places on chip; one fetch of a queue is in flight, round robin between
//            queues. Each descriptor is read once (rules D1, D2).
// Errors:    a producer index more than the ring's size ahead of the consumer (bad_doorbell, with that index) and a
//            failed read (its reason, index of the first descriptor of the fetch) stand on fail_*_o until the ring is
//            cleared; tx_gather turns them into the queue's error behind the packets before them.
// Ring base: bits 11:0 are taken as zero. Index i lies at base + (i mod size) * 16.
// Latency:   doorbell to request 1 cycle.
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
  input  wire [Queues-1:0]    on_i,
  input  wire [Queues-1:0]    clear_i,
  input  wire [Queues*64-1:0] base_i,
  input  wire [Queues*4-1:0]  size_i,
  input  wire [Queues*32-1:0] prod_i,
  input  wire [Queues*32-1:0] cons_i,
  input  wire [Queues*32-1:0] gathered_i,     // up to here the places on chip are free again
  output reg  [Queues*32-1:0] ready_o,        // up to here descriptors are on chip
  output wire [Queues-1:0]    arrive_o,       // ready_o or fail_reason_o change after this cycle
  output reg  [Queues*4-1:0]  fail_reason_o,
  output reg  [Queues*32-1:0] fail_idx_o,
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
  reg [Queues*32-1:0] asked_q;                // up to here descriptors were asked for
  reg [Queues-1:0]    out_q;
  reg [Queues*10-1:0] left_q;                 // octets of the fetch still to come, up to 512
  reg [Queues*4-1:0]  reason_q;               // first error of the fetch in flight
  assign busy_o = out_q;

  // ------------------------------------------------------------ who wants to fetch, and how much
  reg [Queues-1:0]   want, bad_doorbell;
  reg [Queues*6-1:0] batch;
  always @* begin : wanting
    integer i;
    reg [31:0] size, avail, used;
    reg [5:0]  block, to_end;
    for (i = 0; i < Queues; i = i + 1) begin
      size   = 32'd1 << size_i[i*4 +: 4];
      avail  = prod_i[i*32 +: 32] - asked_q[i*32 +: 32];
      used   = asked_q[i*32 +: 32] - gathered_i[i*32 +: 32];
      block  = size < 32'd32 ? size[5:0] : 6'd32;
      to_end = block - (asked_q[i*32 +: 6] & (block - 6'd1));
      batch[i*6 +: 6] = avail < {26'd0, to_end} ? avail[5:0] : to_end;
      bad_doorbell[i] = on_i[i] && prod_i[i*32 +: 32] - cons_i[i*32 +: 32] > size && fail_reason_o[i*4 +: 4] == 4'd0;
      want[i] = allow_i[i] && !out_q[i] && avail != 32'd0 && used + {26'd0, batch[i*6 +: 6]} <= 32'd64 &&
                fail_reason_o[i*4 +: 4] == 4'd0 && !bad_doorbell[i];
    end
  end
  reg  [QueueW-1:0] last_q, pick;
  always @* begin : round_robin
    integer i;
    pick = {QueueW{1'b0}};
    for (i = Queues - 1; i >= 0; i = i - 1) if (want[i]) pick = i[QueueW-1:0];
    for (i = Queues - 1; i >= 0; i = i - 1) if (want[i] && i[QueueW-1:0] > last_q) pick = i[QueueW-1:0];
  end
  wire        go        = (|want) && (!req_valid_o || req_ready_i);
  wire [31:0] go_idx    = asked_q[pick*32 +: 32];
  wire [5:0]  go_batch  = batch[pick*6 +: 6];
  wire [63:0] go_base   = base_i[pick*64 +: 64];
  wire [31:0] go_size   = 32'd1 << size_i[pick*4 +: 4];
  wire [31:0] go_entry  = go_idx & (go_size - 32'd1);

  // Path step T8: descriptors by DMA, a batch for one doorbell.
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
      last_q      <= {QueueW{1'b0}};
    end else if (go) begin
      req_valid_o  <= 1'b1;
      req_addr_o   <= {go_base[63:12], 12'd0} + {28'd0, go_entry, 4'd0};
      req_len_o    <= {7'd0, go_batch, 4'd0};
      req_dst_o    <= 18'd0 | ({{(18-QueueW){1'b0}}, pick} << 10) | {8'd0, go_idx[5:0], 4'd0};
      req_cookie_o <= {{(12-QueueW){1'b0}}, pick};
      last_q       <= pick;
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end

  // ------------------------------------------------------------ what comes back
  wire [QueueW-1:0] back       = done_cookie_i[QueueW-1:0];
  wire [3:0]        reason     = reason_q[back*4 +: 4] != 4'd0 ? reason_q[back*4 +: 4] : done_error_i;
  wire              whole      = done_i && left_q[back*10 +: 10] == done_bytes_i[9:0];
  assign arrive_o = (whole ? {{(Queues-1){1'b0}}, 1'b1} << back : {Queues{1'b0}}) | bad_doorbell;

  always @(posedge clk_i) begin : indices
    integer i;
    if (!rst_ni) begin
      asked_q       <= {Queues{FirstIndex}};
      ready_o       <= {Queues{FirstIndex}};
      out_q         <= {Queues{1'b0}};
      left_q        <= {Queues{10'd0}};
      reason_q      <= {Queues{4'd0}};
      fail_reason_o <= {Queues{4'd0}};
      fail_idx_o    <= {Queues{32'd0}};
    end else begin
      if (go) begin
        asked_q[pick*32 +: 32] <= go_idx + {26'd0, go_batch};
        left_q[pick*10 +: 10]  <= {go_batch, 4'd0};
        reason_q[pick*4 +: 4]  <= 4'd0;
        out_q[pick]            <= 1'b1;
      end
      if (done_i) begin
        left_q[back*10 +: 10] <= left_q[back*10 +: 10] - done_bytes_i[9:0];
        reason_q[back*4 +: 4] <= reason;
      end
      if (whole) out_q[back] <= 1'b0;
      if (whole && reason == 4'd0) ready_o[back*32 +: 32] <= asked_q[back*32 +: 32];
      if (whole && reason != 4'd0 && fail_reason_o[back*4 +: 4] == 4'd0) begin
        fail_reason_o[back*4 +: 4] <= reason;
        fail_idx_o[back*32 +: 32]  <= ready_o[back*32 +: 32];
      end
      for (i = 0; i < Queues; i = i + 1) begin
        if (bad_doorbell[i]) fail_reason_o[i*4 +: 4] <= `NIC_ERROR_REASON_BAD_DOORBELL;
        if (bad_doorbell[i]) fail_idx_o[i*32 +: 32] <= prod_i[i*32 +: 32];
        if (clear_i[i]) asked_q[i*32 +: 32] <= FirstIndex;
        if (clear_i[i]) ready_o[i*32 +: 32] <= FirstIndex;
        if (clear_i[i]) fail_reason_o[i*4 +: 4] <= 4'd0;
      end
    end
  end
  assign idle_o = !(|want) && !(|bad_doorbell) && !req_valid_o && out_q == {Queues{1'b0}};
  wire unused_ok = &{1'b0, go_base[11:0], done_cookie_i, done_bytes_i[12:10]};
endmodule
`default_nettype wire
