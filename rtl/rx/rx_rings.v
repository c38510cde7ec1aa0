// rx_rings - the queues' RX and return rings: indices, descriptor prefetch, state, errors. One scheduler for all queues.
//
// Does:    visits the queues that have news, one after the other, four cycles each: asks for posted descriptors in
//          batches of up to 64 (rx_fetch), one batch a queue at a time, never across the ring's end; keeps up to 256 of them on
//          chip (rx_desc_mem); tells how far buffers are on chip and return entries are free; checks doorbells; turns
//          rings on and off. Indices that the host sees move when rx_return says so.
// Indices: free-running 32 bits. used <= arrived <= producer. A buffer is used up by exactly one return entry, so the
//          RX consumer index and the return producer index are always the same number, `done`: it moves once per
//          frame, when the entry of its last buffer has left for the bus. `used` runs ahead by the frames in
//          flight. A return entry is free while its index is below `limit`.
// States:  off -> on when enable_i is high (indices start at 0); on -> off when it was low, no fetch is out and no frame
//          is in flight. An error stops fetching and starting of frames; it stays until reset_i.
// Errors:  a failed fetch (reason of the read, index of the batch's first descriptor), a producer index more than the
//          ring's size ahead of `done` or taken back below `arrived`, a return consumer index ahead of `done` or more
//          than the ring's size behind it (bad_doorbell), a bad descriptor (found by rx_plan when the descriptor's turn
//          comes), a frame lost on the bus because bus mastering was taken away (unsupported_request; its buffers do not
//          come back).
// Latency: doorbell to desc_req_valid_o 6 cycles, and 4 for each other queue with news before it.
`default_nettype none
module rx_rings #(
  parameter Queues = 1,
  parameter QueueW = (Queues > 1) ? $clog2(Queues) : 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 quiesce_i,
  output wire                 idle_o,
  // Settings and doorbells, queue q in slice q
  input  wire [Queues*64-1:0] base_i,
  input  wire [Queues*4-1:0]  size_i,          // log2 of entries, 3..12
  input  wire [Queues*4-1:0]  ret_size_i,
  input  wire [Queues-1:0]    enable_i,
  input  wire [Queues-1:0]    reset_i,         // pulse, while off
  input  wire [Queues*32-1:0] prod_i,
  input  wire [Queues*32-1:0] ret_cons_i,
  output wire [Queues-1:0]    running_o,
  output wire [Queues*32-1:0] done_idx_o,      // RX consumer and return producer index
  output wire [Queues*4-1:0]  error_o,
  output wire [Queues*32-1:0] error_idx_o,
  // Descriptor reads
  output wire                 req_valid_o,
  input  wire                 req_ready_i,
  output wire [63:0]          req_addr_o,
  output wire [16:0]          req_len_o,
  output wire [17:0]          req_dst_o,
  output wire [11:0]          req_cookie_o,
  input  wire                 fetch_done_i,    // a part of a batch
  input  wire [QueueW-1:0]    fetch_queue_i,
  input  wire [12:0]          fetch_bytes_i,
  input  wire [3:0]           fetch_error_i,
  // rx_plan asks for one queue
  input  wire                 look_i,          // it has a frame
  input  wire [QueueW-1:0]    queue_i,
  output wire                 on_o,            // frames may start
  output wire [3:0]           reason_o,
  output wire [31:0]          used_o,          // next buffer, and next return entry
  output wire [8:0]           arrived_o,       // buffers below are on chip
  output wire [12:0]          limit_o,         // return entries below are free; as of the cycle before
  output wire                 more_o,          // posted and not on chip yet
  input  wire                 hungry_i,        // a frame of the queue waits: fetch even a small batch
  input  wire                 use_i,           // buffers up to here belong to a frame
  input  wire [31:0]          use_idx_i,
  input  wire                 bad_i,           // descriptor bad_idx_i is bad
  input  wire [31:0]          bad_idx_i,
  // From rx_return: a frame is in memory or lost
  input  wire                 end_i,
  input  wire [QueueW-1:0]    end_queue_i,
  input  wire [31:0]          end_idx_i,       // behind its last buffer
  input  wire                 end_lost_i,
  output wire [Queues-1:0]    lost_o           // so are the frames behind a lost one
);
  `include "nic_regs.vh"
  localparam [3:0] None = `NIC_ERROR_REASON_NONE;
  localparam Last  = Queues - 1;
  localparam [Queues-1:0] One = 1;
  localparam StLook = 2'd0, StCount = 2'd1, StBound = 2'd2, StAct = 2'd3;

  // ------------------------------------------------------------ state of the queues
  reg [Queues-1:0]    on_q, ending_q, lost_q, fetching_q, dirty_q;
  reg [Queues*32-1:0] arrived_q, used_q, done_q, error_idx_q, prod_q, ret_cons_q;
  reg [Queues*16-1:0] ended_q;                 // 9 of 16 bits: frames below are done or lost
  reg [Queues*4-1:0]  error_q;

  // ------------------------------------------------------------ the visit
  reg [1:0]        state_q;
  reg [QueueW-1:0] q_q;
  reg              v_on_q, v_fetch_q, v_quiet_q;
  reg [31:0]       v_prod_q, v_cons_q, v_arrived_q, v_done_q;
  reg [8:0]        v_used_q;
  reg [3:0]        v_size_q, v_ret_size_q;
  reg [31:0]       posted_q, ahead_q, taken_q;
  reg [12:0]       to_end_q;
  reg [8:0]        space_q, avail_q, to_wrap_q;
  reg [6:0]        n_q;
  reg [12:0]       limit_q;
  reg              bad_prod_q, bad_cons_q;
  reg [Queues-1:0] news;

  always @* begin : look
    integer i;
    for (i = 0; i < Queues; i = i + 1)
      news[i] = dirty_q[i] || prod_i[32*i +: 32] != prod_q[32*i +: 32] || ending_q[i] || on_q[i] > enable_i[i] ||
                ret_cons_i[32*i +: 32] != ret_cons_q[32*i +: 32] ||
                (hungry_i && queue_i == i[QueueW-1:0] && !fetching_q[i]);
  end

  function [6:0] at_most(input [12:0] count);   // a batch
    at_most = (count > 13'd64) ? 7'd64 : count[6:0];
  endfunction
  function [6:0] least(input [6:0] a, input [6:0] b);
    least = (a < b) ? a : b;
  endfunction
  function beyond(input [31:0] count, input [3:0] size);   // more than 2^size
    beyond = count > {19'd0, 13'd1 << size};
  endfunction

  wire [12:0] size     = 13'd1 << v_size_q;
  wire [6:0]  by_post  = (posted_q > 32'd64) ? 7'd64 : posted_q[6:0];
  wire [6:0]  by_chip  = least(at_most({4'd0, space_q}), at_most({4'd0, to_wrap_q}));
  wire        stop     = state_q == StAct && v_on_q && ending_q[q_q] && v_quiet_q &&
                         used_q[32*q_q +: 9] == v_used_q;
  wire [Queues-1:0] here  = One << q_q;
  wire [Queues-1:0] start = enable_i & ~on_q;
  wire        v_fine   = v_on_q && !ending_q[q_q] && error_q[4*q_q +: 4] == None;
  wire        hungry   = hungry_i && queue_i == q_q;
  wire        worth    = n_q >= 7'd16 || avail_q < 9'd64 || hungry;
  wire        fetch    = state_q == StAct && v_fine && !v_fetch_q && !bad_prod_q && !bad_cons_q && enable_i[q_q] &&
                         !quiesce_i && n_q != 7'd0 && worth;
  wire        asks     = fetch && fetch_free;

  // ------------------------------------------------------------ the reads
  wire              fetch_free, fetch_idle, landed;
  wire [QueueW-1:0] landed_q;
  wire [6:0]        landed_n;
  wire [3:0]        landed_error;
  wire [31:0]       landed_idx = arrived_q[32*landed_q +: 32];
  rx_fetch #(.Queues(Queues)) u_fetch (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(fetch_idle), .ask_i(asks), .ask_ready_o(fetch_free), .ask_queue_i(q_q),
    .ask_n_i(n_q), .ask_idx_i(v_arrived_q[11:0]), .ask_size_i(v_size_q), .ask_base_i(base_i[64*q_q+12 +: 52]),
    .req_valid_o(req_valid_o), .req_ready_i(req_ready_i), .req_addr_o(req_addr_o), .req_len_o(req_len_o),
    .req_dst_o(req_dst_o), .req_cookie_o(req_cookie_o), .fetch_done_i(fetch_done_i), .fetch_queue_i(fetch_queue_i),
    .fetch_bytes_i(fetch_bytes_i), .fetch_error_i(fetch_error_i), .landed_o(landed), .landed_queue_o(landed_q),
    .landed_n_o(landed_n), .landed_error_o(landed_error)
  );

  always @(posedge clk_i) begin : machine
    integer i;
    if (!rst_ni) begin
      state_q       <= StLook;
      q_q           <= 0;
      on_q          <= 0;
      ending_q      <= 0;
      lost_q        <= 0;
      fetching_q    <= 0;
      dirty_q       <= 0;
      arrived_q     <= 0;
      used_q        <= 0;
      done_q        <= 0;
      ended_q       <= 0;
      prod_q        <= 0;
      ret_cons_q    <= 0;
      error_q       <= 0;
      error_idx_q   <= 0;
    end else begin
      if (look_i) limit_q <= ret_cons_i[32*queue_i +: 13] + (13'd1 << ret_size_i[4*queue_i +: 4]);
      case (state_q)
        StLook: begin
          if (news != 0) q_q <= (q_q == Last[QueueW-1:0]) ? 0 : q_q + 1'b1;
          if (news[q_q]) begin
            state_q      <= StCount;
            q_q          <= q_q;
            v_prod_q     <= prod_i[32*q_q +: 32];
            v_cons_q     <= ret_cons_i[32*q_q +: 32];
            v_arrived_q  <= arrived_q[32*q_q +: 32];
            v_used_q     <= used_q[32*q_q +: 9];
            v_done_q     <= done_q[32*q_q +: 32];
            v_size_q     <= size_i[4*q_q +: 4];
            v_ret_size_q <= ret_size_i[4*q_q +: 4];
            v_on_q       <= on_q[q_q];
            v_fetch_q    <= fetching_q[q_q];
            v_quiet_q    <= used_q[32*q_q +: 9] == ended_q[16*q_q +: 9] && !fetching_q[q_q];
          end
        end
        StCount: begin
          state_q     <= StBound;
          posted_q    <= v_prod_q - v_arrived_q;
          ahead_q     <= v_prod_q - v_done_q;
          taken_q     <= v_done_q - v_cons_q;
          space_q     <= 9'd256 - (v_arrived_q[8:0] - v_done_q[8:0]);
          avail_q     <= v_arrived_q[8:0] - v_used_q;
          to_wrap_q   <= 9'd256 - {1'b0, v_arrived_q[7:0]};
          to_end_q    <= size - (v_arrived_q[12:0] & (size - 13'd1));
          end
        StBound: begin
          state_q    <= StAct;
          n_q        <= least(least(by_post, at_most(to_end_q)), by_chip);
          bad_prod_q <= beyond(ahead_q, v_size_q) || posted_q[31];
          bad_cons_q <= beyond(taken_q, v_ret_size_q);
        end
        default: begin
          state_q <= StLook;
          q_q     <= (q_q == Last[QueueW-1:0]) ? 0 : q_q + 1'b1;
        end
      endcase

      // What a queue keeps
      for (i = 0; i < Queues; i = i + 1) begin
        if ((here[i] && fetch) || start[i] || (landed && landed_q == i[QueueW-1:0]) ||
            (use_i && queue_i == i[QueueW-1:0]) || (end_i && end_queue_i == i[QueueW-1:0])) dirty_q[i] <= 1'b1;
        else if (state_q == StLook && here[i]) dirty_q[i] <= 1'b0;
        // Looked at before the last frame could start: no frame starts while ending
        if (start[i]) on_q[i] <= 1'b1;
        else if (stop && here[i]) on_q[i] <= 1'b0;
        ending_q[i] <= on_q[i] && (ending_q[i] || !enable_i[i]) && !(stop && here[i]);   // not on at once: through off
        if (start[i]) lost_q[i] <= 1'b0;
        else if (end_i && end_lost_i && end_queue_i == i[QueueW-1:0]) lost_q[i] <= 1'b1;
        // Path step R1: the NIC asks for the descriptors that were posted
        if (asks && here[i]) fetching_q[i] <= 1'b1;
        else if (landed && landed_q == i[QueueW-1:0]) fetching_q[i] <= 1'b0;
        if (state_q == StLook && news[i] && here[i]) begin
          prod_q[32*i +: 32]     <= prod_i[32*i +: 32];
          ret_cons_q[32*i +: 32] <= ret_cons_i[32*i +: 32];
        end
        // Path step R1: address and size of the buffers are on chip now
        if (landed && landed_error == None && landed_q == i[QueueW-1:0])
          arrived_q[32*i +: 32] <= landed_idx + {25'd0, landed_n};
        if (use_i && queue_i == i[QueueW-1:0]) used_q[32*i +: 32] <= use_idx_i;
        if (end_i && end_queue_i == i[QueueW-1:0]) begin
          ended_q[16*i +: 9] <= end_idx_i[8:0];
          if (!end_lost_i) done_q[32*i +: 32] <= end_idx_i;
        end
        // The first error stays; of several at once the descriptor's
        if (error_q[4*i +: 4] == None) begin
          if (state_q == StAct && here[i] && v_on_q && !ending_q[i] && (bad_prod_q || bad_cons_q)) begin
            error_q[4*i +: 4]       <= `NIC_ERROR_REASON_BAD_DOORBELL;
            error_idx_q[32*i +: 32] <= bad_prod_q ? v_prod_q : v_cons_q;
          end
          if (end_i && end_lost_i && end_queue_i == i[QueueW-1:0]) begin
            error_q[4*i +: 4]       <= `NIC_ERROR_REASON_UNSUPPORTED_REQUEST;
            error_idx_q[32*i +: 32] <= done_q[32*i +: 32];
          end
          if (landed && landed_error != None && landed_q == i[QueueW-1:0]) begin
            error_q[4*i +: 4]       <= landed_error;
            error_idx_q[32*i +: 32] <= landed_idx;
          end
          if (bad_i && queue_i == i[QueueW-1:0]) begin
            error_q[4*i +: 4]       <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
            error_idx_q[32*i +: 32] <= bad_idx_i;
          end
        end
        if (start[i]) begin
          arrived_q[32*i +: 32] <= 32'd0;
          used_q[32*i +: 32]    <= 32'd0;
          done_q[32*i +: 32]    <= 32'd0;
          ended_q[16*i +: 9]     <= 9'd0;
        end
        if (reset_i[i] && !on_q[i]) begin
          done_q[32*i +: 32]      <= 32'd0;
          error_q[4*i +: 4]       <= None;
          error_idx_q[32*i +: 32] <= 32'd0;
        end
      end
    end
  end

  // ------------------------------------------------------------ outputs
  assign on_o         = on_q[queue_i] && !ending_q[queue_i] && enable_i[queue_i] && reason_o == None;
  assign reason_o     = error_q[4*queue_i +: 4];
  assign used_o       = used_q[32*queue_i +: 32];
  assign arrived_o    = arrived_q[32*queue_i +: 9];
  assign limit_o      = limit_q;
  assign more_o       = prod_i[32*queue_i +: 32] != arrived_q[32*queue_i +: 32];
  assign lost_o       = lost_q;
  assign running_o    = on_q;
  assign done_idx_o   = done_q;
  assign error_o      = error_q;
  assign error_idx_o  = error_idx_q;
  assign idle_o       = state_q == StLook && news == 0 && fetching_q == 0 && fetch_idle && reset_i == 0 && start == 0;

  wire unused = &{1'b0, base_i};   // aligned to 4096
endmodule
`default_nettype wire
