// rx_fetch - joins the queues' descriptor fetches onto one DMA read client.
//
// Does:    takes one queue's batch at a time, in turn, and asks dma_read for it; the bytes go to the queue's part of
//          rx_desc_mem. Gives each queue its part of the `done` reports (cookie = queue).
// Latency: 1 cycle, and one for each queue that the turn passes over.
`default_nettype none
module rx_fetch #(
  parameter Queues = 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire [Queues*64-1:0] base_i,
  input  wire [Queues*4-1:0]  size_i,
  input  wire [Queues-1:0]    fetch_valid_i,
  output wire [Queues-1:0]    fetch_ready_o,
  input  wire [Queues*32-1:0] fetch_idx_i,
  input  wire [Queues*7-1:0]  fetch_n_i,
  output wire                 req_valid_o,
  input  wire                 req_ready_i,
  output wire [63:0]          req_addr_o,
  output wire [16:0]          req_len_o,
  output wire [17:0]          req_dst_o,
  output wire [11:0]          req_cookie_o
);
  localparam QueueW = (Queues > 1) ? $clog2(Queues) : 1;
  localparam Last   = Queues - 1;
  localparam [Queues-1:0] First = 1;

  reg              busy_q;
  reg [QueueW-1:0] turn_q, queue_q;
  reg [63:0]       addr_q;
  reg [6:0]        n_q;
  reg [7:0]        slot_q;

  wire [11:0] idx  = fetch_idx_i[32*turn_q +: 12];
  wire [11:0] mask = (12'd1 << size_i[4*turn_q +: 4]) - 12'd1;
  assign fetch_ready_o = busy_q ? {Queues{1'b0}} : fetch_valid_i & (First << turn_q);
  wire        take = !busy_q && fetch_ready_o != 0;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      turn_q <= 0;
    end else if (busy_q) begin
      if (req_ready_i) busy_q <= 1'b0;
    end else if (fetch_valid_i != 0) begin
      turn_q <= (turn_q == Last[QueueW-1:0]) ? 0 : turn_q + 1'b1;
      if (take) begin
        busy_q  <= 1'b1;
        queue_q <= turn_q;
        addr_q  <= base_i[64*turn_q +: 64] + {48'd0, idx & mask, 4'd0};
        n_q     <= fetch_n_i[7*turn_q +: 7];
        slot_q  <= idx[7:0];
      end
    end
  end

  assign req_valid_o  = busy_q;
  assign req_addr_o   = addr_q;
  assign req_len_o    = {6'd0, n_q, 4'd0};
  assign req_dst_o    = {{6-QueueW{1'b0}}, queue_q, slot_q, 4'd0};
  assign req_cookie_o = {{12-QueueW{1'b0}}, queue_q};
  assign idle_o       = !busy_q;   // a queue that asks is not idle itself
endmodule
`default_nettype wire
