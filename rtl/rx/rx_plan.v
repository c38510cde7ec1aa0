// rx_plan - decides over each frame: drop, or which buffers. Its bytes come later, see rx_write.
//
// Does:      takes the head records of rx_head in order. A frame is delivered only when buffers for all its octets are on
//            chip and a return entry is free for each of them; the descriptors are looked at one after the other until
//            their sizes add up. So a frame never starts that could not end, and never is half a frame reported. Then
//            one command for each buffer, or one for the frame to drop, goes to rx_write.
// Drops:     in this order, one reason each: disabled (receive off, quiesced, no such queue, ring off or in error),
//            filtered, dma_error (bus master off, or the read of its descriptor failed), no_buffer (no return entry, or
//            all posted buffers are on chip and do not hold it). Waits while posted descriptors are still being read,
//            and, with bus master on again, for the frames that were lost.
// Latency:   2 cycles from record to command; n buffers 2n + 2. Throughput: a frame in 2 cycles, n buffers in 2n + 2.
`default_nettype none
module rx_plan #(
  parameter Queues = 1,
  parameter PlanW  = 19,
  parameter CmdW   = 149,
  parameter QueueW = (Queues > 1) ? $clog2(Queues) : 1,
  parameter SlotW  = 8 + $clog2(Queues)
) (
  input  wire              clk_i,
  input  wire              rst_ni,
  input  wire              quiesce_i,
  output wire              idle_o,
  input  wire              enable_i,
  input  wire              bus_master_i,
  input  wire              in_flight_i,     // frames are planned and not done
  input  wire              write_lost_i,    // and are lost: bus master was off, and so would be the next
  // Head records
  input  wire              head_valid_i,
  output wire              head_ready_o,
  input  wire [PlanW-1:0]  head_i,          // {length, pass, strip, queue}
  // The ring of queue_o, see rx_rings
  output wire              look_o,
  output wire [QueueW-1:0] queue_o,
  input  wire              on_i,
  input  wire [3:0]        reason_i,
  input  wire [31:0]       used_i,
  input  wire [8:0]        arrived_i,
  input  wire [12:0]       limit_i,
  input  wire              more_i,
  output wire              hungry_o,
  output wire              use_o,
  output wire [31:0]       use_idx_o,
  output wire              bad_o,
  output wire [31:0]       bad_idx_o,
  // Descriptors
  output wire              desc_rd_o,
  output wire [SlotW-1:0]  desc_slot_o,
  input  wire [127:0]      desc_i,
  // Commands
  output wire              cmd_valid_o,
  input  wire              cmd_ready_i,
  output wire [CmdW-1:0]   cmd_o,           // {queue, drop, skip, sop, eop, idx, length, opaque, address}
  // Drops, one pulse each
  output reg               ev_filtered_o,
  output reg               ev_no_buffer_o,
  output reg               ev_disabled_o,
  output reg               ev_dma_error_o
);
  `include "nic_regs.vh"
  localparam StIdle = 3'd0;  // no frame
  localparam StPlan = 3'd1;  // a descriptor is on desc_i: do the buffers so far hold the frame?
  localparam StWait = 3'd2;  // until one more descriptor is on chip
  localparam StEmit = 3'd3;  // several buffers: the first, then the others, on desc_i again
  localparam StDrop = 3'd4;  // the command to drop

  reg [2:0]        state_q;
  reg [QueueW-1:0] queue_q;
  reg              known_q, pass_q, strip_q, many_q, sop_q;
  reg [31:0]       idx_q;          // of the descriptor on desc_i, and of its return entry
  reg [31:0]       first_q;        // of the frame's first
  reg [13:0]       rest_q;         // octets that the buffers before this one do not hold
  reg [13:0]       len_q;

  // ------------------------------------------------------------ the frame's queue
  wire [3:0]        want  = {1'b0, head_i[2:0]};
  wire              idle  = state_q == StIdle;
  wire [QueueW-1:0] named = head_i[QueueW-1:0];
  assign queue_o = !idle ? queue_q : (want < Queues[3:0]) ? named : {QueueW{1'b0}};

  // ------------------------------------------------------------ the decision
  wire [63:0] desc_addr   = desc_i[`NIC_RX_DESCRIPTOR_ADDRESS_LSB +: 64];
  wire [15:0] desc_len    = desc_i[`NIC_RX_DESCRIPTOR_LENGTH_LSB +: 16];
  wire [31:0] desc_opaque = desc_i[`NIC_RX_DESCRIPTOR_OPAQUE_LSB +: 32];
  wire        holds       = {2'd0, rest_q} <= desc_len;
  wire        read_failed = reason_i != `NIC_ERROR_REASON_NONE && reason_i < `NIC_ERROR_REASON_BAD_DESCRIPTOR;
  wire        off         = !on_i || !enable_i || quiesce_i || !known_q;
  wire        have        = idx_q[8:0] != arrived_i;
  wire        room        = idx_q[12:0] != limit_i;
  wire        planning    = state_q == StPlan && cmd_ready_i && !write_lost_i;   // or waits until those are done
  wire        waiting     = state_q == StWait;
  reg         have_q;              // it was on chip when it was read

  wire waited_failed = waiting && (!bus_master_i || (!on_i && read_failed));
  // Path step R3: no posted buffer, or no room in the return ring: the whole frame goes
  wire wanted        = planning && !off && pass_q;
  wire no_room       = !room || (!have_q && !have && !more_i);
  wire fits          = wanted && bus_master_i && !no_room;
  wire bad           = fits && have_q && desc_len < 16'd64;
  wire drop_disabled = (planning && off) || (waiting && off && !waited_failed) || bad;
  wire drop_filtered = planning && !off && !pass_q;
  wire drop_dma      = ((wanted && !bus_master_i) || waited_failed) && !in_flight_i;  // those may be dma_errors too
  wire drop_no_buf   = wanted && bus_master_i && no_room;
  wire drop          = drop_disabled || drop_filtered || drop_dma || drop_no_buf;
  wire planned       = fits && !bad && have_q && holds;
  wire grow          = fits && !bad && have_q && !holds;
  wire at_once       = planned && !many_q;

  wire        emit     = state_q == StEmit && cmd_ready_i;
  wire [13:0] buf_len  = holds ? rest_q : desc_len[13:0];
  wire [13:0] behind   = rest_q - desc_len[13:0];

  // The descriptor memory is read one cycle ahead of its use
  wire        start    = idle && head_valid_i;
  wire [31:0] next_idx = idx_q + 32'd1;
  wire [31:0] rd_idx   = idle ? used_i : waiting ? idx_q : planned ? first_q : next_idx;
  assign desc_rd_o     = start || grow || (planned && many_q) || waiting || emit;
  generate
    if (Queues > 1) begin : g_slot
      assign desc_slot_o = {queue_o, rd_idx[7:0]};
    end else begin : g_slot
      assign desc_slot_o = rd_idx[7:0];
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q        <= StIdle;
      ev_disabled_o  <= 1'b0;
      ev_filtered_o  <= 1'b0;
      ev_dma_error_o <= 1'b0;
      ev_no_buffer_o <= 1'b0;
    end else begin
      ev_disabled_o  <= drop_disabled;
      ev_filtered_o  <= drop_filtered;
      ev_dma_error_o <= drop_dma;
      ev_no_buffer_o <= drop_no_buf;
      if (!idle && !on_i) known_q <= 1'b0;   // off and on again while the frame waits: the indices are of before
      if (desc_rd_o) begin
        idx_q  <= rd_idx;
        have_q <= idle ? used_i[8:0] != arrived_i : waiting ? have : next_idx[8:0] != arrived_i;
      end
      case (state_q)
        StIdle: if (start) begin
          state_q <= StPlan;
          queue_q <= queue_o;
          known_q <= want < Queues[3:0] && on_i;   // used_i is of the ring that is on now
          pass_q  <= head_i[4];
          strip_q <= head_i[3];
          len_q   <= head_i[18:5];
          rest_q  <= head_i[18:5];
          first_q <= used_i;
          many_q  <= 1'b0;
          sop_q   <= 1'b1;
        end
        StPlan: begin
          if (drop) state_q <= StDrop;
          else if (planned) state_q <= many_q ? StEmit : StIdle;
          else if (fits && !have_q) state_q <= StWait;
          if (grow) begin
            rest_q <= behind;
            many_q <= 1'b1;
          end
          if (planned) rest_q <= len_q;
        end
        StWait: begin
          if (drop) state_q <= StDrop;
          else if (have) state_q <= StPlan;
          else if (!more_i && !waited_failed) state_q <= StPlan;  // the doorbell was taken back: no buffer
        end
        StEmit: if (emit) begin
          sop_q  <= 1'b0;
          rest_q <= behind;
          if (holds) state_q <= StIdle;
        end
        default: if (cmd_ready_i) state_q <= StIdle;
      endcase
    end
  end

  // ------------------------------------------------------------ outputs
  assign head_ready_o = start;
  assign use_o        = planned;
  assign use_idx_o    = next_idx;
  assign bad_o        = bad;
  assign bad_idx_o    = idx_q;
  assign look_o       = head_valid_i || !idle;
  assign hungry_o     = waiting;
  assign cmd_valid_o  = at_once || state_q == StEmit || state_q == StDrop;
  assign cmd_o        = {{3-QueueW{1'b0}}, queue_q, state_q == StDrop, strip_q && sop_q, sop_q, holds, idx_q, buf_len,
                         desc_opaque, desc_addr};
  assign idle_o       = idle && !head_valid_i && !ev_disabled_o && !ev_filtered_o && !ev_dma_error_o && !ev_no_buffer_o;

  wire unused = &{1'b0, desc_i[95:80]};  // reserved
endmodule
`default_nettype wire
