// rx_ring - one queue's RX ring and return ring: indices, descriptor prefetch, state, error.
//
// Does:    asks for posted descriptors in batches of up to 64, one batch at a time, never across the ring's end; keeps
//          up to 256 of them on chip (rx_desc_mem); tells how many buffers are on chip and how many return entries are
//          free; moves the indices that the host sees.
// Indices: free-running 32 bits. used <= arrived <= producer. A buffer is used up by exactly one return entry, so the
//          RX consumer index and the return producer index are always the same number, `done`: it moves once per
//          frame, when the entry of its last buffer has been accepted by the bus. `used` runs ahead by the frames in
//          flight.
// States:  off -> on when enable_i rises (indices start at 0); on -> off when enable_i is low, no fetch is out and no
//          frame is in flight. An error stops fetching and starting of frames; it stays until reset_i.
// Errors:  a failed fetch (reason of the read, index of the batch's first descriptor), a producer index more than the
//          ring's size ahead of `done`, a return consumer index ahead of `done` or more than the ring's size behind it
//          (bad_doorbell), a bad descriptor (found by rx_frame when the descriptor's turn comes), a frame lost on the
//          bus because bus mastering was taken away (unsupported_request; its buffers do not come back).
// Latency: doorbell to fetch_valid_o 3 cycles.
`default_nettype none
module rx_ring (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        quiesce_i,
  output wire        idle_o,
  // Settings and doorbells
  input  wire        enable_i,
  input  wire        reset_i,         // pulse, while off
  input  wire [3:0]  size_i,          // log2 of entries, 3..12
  input  wire [3:0]  ret_size_i,
  input  wire [31:0] prod_i,
  input  wire [31:0] ret_cons_i,
  output wire        running_o,
  output wire [31:0] done_idx_o,      // RX consumer and return producer index
  output wire [3:0]  error_o,
  output wire [31:0] error_idx_o,
  // Descriptor fetch
  output wire        fetch_valid_o,
  input  wire        fetch_ready_i,
  output wire [31:0] fetch_idx_o,
  output wire [6:0]  fetch_n_o,       // descriptors, 1..64
  input  wire        fetch_done_i,    // a part of the batch
  input  wire [12:0] fetch_bytes_i,
  input  wire [3:0]  fetch_error_i,
  // To rx_frame
  output wire        on_o,            // frames may start
  output wire [31:0] used_idx_o,      // next buffer, and next return entry
  output wire [8:0]  avail_o,         // buffers on chip, from used_idx_o
  output wire [12:0] room_o,          // return entries free
  output wire        more_o,          // posted and not on chip yet
  input  wire        hungry_i,        // a frame waits for more: fetch even a small batch
  input  wire        use_i,
  input  wire [8:0]  use_n_i,
  input  wire        bad_i,           // descriptor bad_idx_i is bad
  input  wire [31:0] bad_idx_i,
  // From rx_return
  input  wire        frame_done_i,
  input  wire [8:0]  frame_done_n_i,
  input  wire        frame_lost_i,    // with frame_done_i: it is not, or not wholly, in memory
  output wire        lost_o           // so are the frames behind a lost one
);
  `include "nic_regs.vh"
  localparam Slots   = 256;  // of rx_desc_mem
  localparam Batch   = 64;   // descriptors in a fetch at most: 1024 octets
  localparam Low     = 64;   // with so many on chip, wait for ...
  localparam Worth   = 16;   // ... so many more before asking

  reg         on_q, ending_q, lost_q, fetching_q, asking_q;
  reg [3:0]   flight_q;       // frames started and not done
  reg [31:0]  arrived_q, used_q, done_q, error_idx_q;
  reg [3:0]   error_q;
  reg [6:0]   batch_q;        // descriptors asked for
  reg [10:0]  missing_q;      // octets of it still to come, 0..1024
  reg [3:0]   batch_error_q;

  // ------------------------------------------------------------ how much to ask for
  function [6:0] at_most(input [8:0] count);   // a batch
    at_most = (count > Batch[8:0]) ? Batch[6:0] : count[6:0];
  endfunction
  wire [12:0] size    = 13'd1 << size_i;
  wire [31:0] posted  = prod_i - arrived_q;
  wire [8:0]  held    = arrived_q[8:0] - done_q[8:0];
  wire [8:0]  space   = Slots[8:0] - held;
  wire [12:0] to_end  = size - (arrived_q[12:0] & (size - 13'd1));
  wire [8:0]  to_wrap = Slots[8:0] - {1'b0, arrived_q[7:0]};
  // Three bounds from registers, then their minimum; a bound that grows meanwhile may be used later
  wire [6:0]  by_post = (posted > Batch) ? Batch[6:0] : posted[6:0];
  wire [6:0]  by_chip = at_most(space);
  wire [6:0]  by_end  = (to_end > {4'd0, to_wrap}) ? at_most(to_wrap) : at_most(to_end[8:0]);
  reg  [6:0]  by_post_q, by_chip_q, by_end_q;
  reg         bounds_q;                        // they belong to arrived_q
  wire [6:0]  n_two   = (by_post_q < by_chip_q) ? by_post_q : by_chip_q;
  wire [6:0]  n       = (n_two < by_end_q) ? n_two : by_end_q;
  wire        worth   = n >= Worth[6:0] || avail_o < Low[8:0] || hungry_i;
  wire        want    = on_o && !quiesce_i && bounds_q && n != 7'd0 && worth;

  // ------------------------------------------------------------ doorbells
  wire [31:0] out_entries  = used_q - ret_cons_i;            // reserved or not yet taken by the driver
  wire [12:0] ret_size     = 13'd1 << ret_size_i;
  wire        bad_prod     = prod_i - done_q > {19'd0, size};
  wire        bad_ret_cons = done_q - ret_cons_i > {19'd0, ret_size};
  wire        bad_doorbell = on_o && (bad_prod || bad_ret_cons);

  assign avail_o = arrived_q[8:0] - used_q[8:0];
  // A cycle late: a frame that starts looks at it at the earliest three cycles after the one before has used entries
  reg  [12:0] room_q;
  wire [12:0] room   = (out_entries > {19'd0, ret_size}) ? 13'd0 : ret_size - out_entries[12:0];
  assign room_o  = room_q;
  assign more_o  = posted != 32'd0;
  assign on_o    = on_q && !ending_q && enable_i && error_q == `NIC_ERROR_REASON_NONE;

  wire fetch_last = fetch_done_i && {2'd0, missing_q} <= fetch_bytes_i;
  wire fetch_bad  = batch_error_q != `NIC_ERROR_REASON_NONE || fetch_error_i != `NIC_ERROR_REASON_NONE;
  wire quiet      = !fetching_q && flight_q == 4'd0;
  wire ending     = on_q && (ending_q || !enable_i);   // off and on again at once still goes through off

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      on_q          <= 1'b0;
      ending_q      <= 1'b0;
      lost_q        <= 1'b0;
      flight_q      <= 4'd0;
      fetching_q    <= 1'b0;
      asking_q      <= 1'b0;
      arrived_q     <= 32'd0;
      used_q        <= 32'd0;
      done_q        <= 32'd0;
      error_q       <= `NIC_ERROR_REASON_NONE;
      error_idx_q   <= 32'd0;
      room_q        <= 13'd0;
      by_post_q     <= 7'd0;
      by_chip_q     <= 7'd0;
      by_end_q      <= 7'd0;
      bounds_q      <= 1'b0;
      batch_q       <= 7'd0;
      missing_q     <= 11'd0;
      batch_error_q <= `NIC_ERROR_REASON_NONE;
    end else begin
      if (enable_i && !on_q) begin
        on_q      <= 1'b1;
        lost_q    <= 1'b0;
        arrived_q <= 32'd0;
        used_q    <= 32'd0;
        done_q    <= 32'd0;
      end else if (ending && quiet) begin
        on_q <= 1'b0;
      end
      ending_q <= ending && !quiet;
      room_q    <= room;
      by_post_q <= by_post;
      by_chip_q <= by_chip;
      by_end_q  <= by_end;
      bounds_q  <= on_q && !fetching_q && !want;
      // Path step R1: the NIC asks for the descriptors that were posted
      if (want) begin
        fetching_q    <= 1'b1;
        asking_q      <= 1'b1;
        batch_q       <= n;
        missing_q     <= {n, 4'd0};
        batch_error_q <= `NIC_ERROR_REASON_NONE;
      end
      if (asking_q && fetch_ready_i) asking_q <= 1'b0;
      if (fetch_done_i) begin
        missing_q <= missing_q - fetch_bytes_i[10:0];
        if (batch_error_q == `NIC_ERROR_REASON_NONE) batch_error_q <= fetch_error_i;
      end
      if (fetch_last) begin
        fetching_q <= 1'b0;
        // Path step R1: address and size of the buffers are on chip now
        if (!fetch_bad) arrived_q <= arrived_q + {25'd0, batch_q};
      end
      if (use_i) used_q <= used_q + {23'd0, use_n_i};
      if (use_i != frame_done_i) flight_q <= use_i ? flight_q + 4'd1 : flight_q - 4'd1;
      if (frame_done_i && !frame_lost_i) done_q <= done_q + {23'd0, frame_done_n_i};
      if (frame_done_i && frame_lost_i) lost_q <= 1'b1;
      if (error_q == `NIC_ERROR_REASON_NONE) begin
        if (bad_i) begin
          error_q     <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
          error_idx_q <= bad_idx_i;
        end else if (fetch_last && fetch_bad) begin
          error_q     <= (batch_error_q != `NIC_ERROR_REASON_NONE) ? batch_error_q : fetch_error_i;
          error_idx_q <= arrived_q;
        end else if (frame_done_i && frame_lost_i) begin
          error_q     <= `NIC_ERROR_REASON_UNSUPPORTED_REQUEST;
          error_idx_q <= done_q;
        end else if (bad_doorbell) begin
          error_q     <= `NIC_ERROR_REASON_BAD_DOORBELL;
          error_idx_q <= bad_prod ? prod_i : ret_cons_i;
        end
      end
      if (reset_i && !on_q) begin
        arrived_q   <= 32'd0;
        used_q      <= 32'd0;
        done_q      <= 32'd0;
        error_q     <= `NIC_ERROR_REASON_NONE;
        error_idx_q <= 32'd0;
      end
    end
  end

  assign lost_o        = lost_q;
  assign running_o     = on_q;
  assign done_idx_o    = done_q;
  assign used_idx_o    = used_q;
  assign error_o       = error_q;
  assign error_idx_o   = error_idx_q;
  assign fetch_valid_o = asking_q;
  assign fetch_idx_o   = arrived_q;
  assign fetch_n_o     = batch_q;
  assign idle_o        = on_q == enable_i && !ending_q && quiet && !want && !bad_doorbell && !reset_i &&
                         room_q == room && bounds_q == on_q &&
                         {by_post_q, by_chip_q, by_end_q} == {by_post, by_chip, by_end};
endmodule
`default_nettype wire
