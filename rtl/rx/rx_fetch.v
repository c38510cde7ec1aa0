// rx_fetch - descriptor reads of all queues on one DMA read client.
//
// Does:      takes one queue's batch at a time and asks dma_read for it; the bytes go to the queue's part of rx_desc_mem.
//            Counts what comes back, in any order and in any parts, and tells when a queue's batch is whole, with the
//            first error in it.
// Handshake: ask_i only with ask_ready_o, and only for a queue that has no batch under way.
// Latency:   2 cycles from ask to req_valid_o; landed_o 2 cycles behind the last part.
`default_nettype none
module rx_fetch #(
  parameter Queues = 1,
  parameter QueueW = (Queues > 1) ? $clog2(Queues) : 1
) (
  input  wire              clk_i,
  input  wire              rst_ni,
  output wire              idle_o,          // parts that dma_read still owes left out
  input  wire              ask_i,
  output wire              ask_ready_o,
  input  wire [QueueW-1:0] ask_queue_i,
  input  wire [6:0]        ask_n_i,         // descriptors, 1..64
  input  wire [11:0]       ask_idx_i,       // of the first
  input  wire [3:0]        ask_size_i,      // log2 of the ring's entries
  input  wire [63:12]      ask_base_i,
  output wire              req_valid_o,
  input  wire              req_ready_i,
  output wire [63:0]       req_addr_o,
  output wire [16:0]       req_len_o,
  output wire [17:0]       req_dst_o,
  output wire [11:0]       req_cookie_o,
  input  wire              fetch_done_i,    // a part
  input  wire [QueueW-1:0] fetch_queue_i,
  input  wire [12:0]       fetch_bytes_i,
  input  wire [3:0]        fetch_error_i,
  output wire              landed_o,
  output wire [QueueW-1:0] landed_queue_o,
  output wire [6:0]        landed_n_o,
  output wire [3:0]        landed_error_o
);
  `include "nic_regs.vh"
  localparam [3:0] None = `NIC_ERROR_REASON_NONE;

  // ------------------------------------------------------------ the request; the offset is added in a second step
  reg              due_q, req_valid_q;
  reg [63:12]      base_q;
  reg [15:0]       offset_q;
  reg [63:0]       addr_q;
  reg [6:0]        n_q;
  reg [7:0]        slot_q;
  reg [QueueW-1:0] queue_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      due_q       <= 1'b0;
      req_valid_q <= 1'b0;
    end else begin
      due_q <= ask_i;
      if (ask_i) begin
        base_q   <= ask_base_i;
        offset_q <= {ask_idx_i & ~(12'hFFF << ask_size_i), 4'd0};
        n_q      <= ask_n_i;
        slot_q   <= ask_idx_i[7:0];
        queue_q  <= ask_queue_i;
      end
      if (due_q) addr_q <= {base_q + {48'd0, offset_q[15:12]}, offset_q[11:0]};
      req_valid_q <= due_q || (req_valid_q && !req_ready_i);
    end
  end

  // ------------------------------------------------------------ what came back. Slices of 8 and 16 bits: no multiplier
  reg [Queues*8-1:0]  batch_q;               // descriptors asked for
  reg [Queues*16-1:0] missing_q;             // octets of them still to come, 0..1024
  reg [Queues*4-1:0]  error_q;
  reg                 d_valid_q, a_valid_q;
  reg [QueueW-1:0]    d_queue_q, a_queue_q;
  reg [10:0]          d_bytes_q;
  reg [3:0]           d_error_q, a_error_q;
  reg [6:0]           a_n_q;
  wire [10:0]         left  = missing_q[16*d_queue_q +: 11] - d_bytes_q;
  wire [3:0]          first = error_q[4*d_queue_q +: 4];
  wire [3:0]          error = (first != None) ? first : d_error_q;

  always @(posedge clk_i) begin : parts
    integer i;
    if (!rst_ni) begin
      d_valid_q <= 1'b0;
      a_valid_q <= 1'b0;
    end else begin
      d_valid_q <= fetch_done_i;
      if (fetch_done_i) begin
        d_queue_q <= fetch_queue_i;
        d_bytes_q <= fetch_bytes_i[10:0];
        d_error_q <= fetch_error_i;
      end
      a_valid_q <= d_valid_q && left == 11'd0;
      if (d_valid_q) begin
        a_queue_q <= d_queue_q;
        a_error_q <= error;
        a_n_q     <= batch_q[8*d_queue_q +: 7];
      end
      for (i = 0; i < Queues; i = i + 1)
        if (ask_i && ask_queue_i == i[QueueW-1:0]) begin
          batch_q[8*i +: 8]     <= {1'b0, ask_n_i};
          missing_q[16*i +: 16] <= {5'd0, ask_n_i, 4'd0};
          error_q[4*i +: 4]     <= None;
        end else if (d_valid_q && d_queue_q == i[QueueW-1:0]) begin
          missing_q[16*i +: 16] <= {5'd0, left};
          error_q[4*i +: 4]     <= error;
        end
    end
  end

  assign ask_ready_o    = !due_q && !req_valid_q;
  assign req_valid_o    = req_valid_q;
  assign req_addr_o     = addr_q;
  assign req_len_o      = {6'd0, n_q, 4'd0};
  assign req_dst_o      = {{6-QueueW{1'b0}}, queue_q, slot_q, 4'd0};
  assign req_cookie_o   = {{12-QueueW{1'b0}}, queue_q};
  assign landed_o       = a_valid_q;
  assign landed_queue_o = a_queue_q;
  assign landed_n_o     = a_n_q;
  assign landed_error_o = a_error_q;
  assign idle_o         = !due_q && !req_valid_q && !d_valid_q && !a_valid_q;

  wire unused = &{1'b0, fetch_bytes_i[12:11], batch_q, missing_q};
endmodule
`default_nettype wire
