// rx_frame - takes frames from the MAC: wanted or not, into which buffers, and moves their bytes.
//
// Does:      decides at a frame's first beat, which stays with the MAC: drop (one reason) or deliver. A frame is
//            delivered only when buffers for all its octets are on chip and a return entry is free for each of them;
//            the descriptors are looked at one after the other until their sizes add up. So a frame never starts that
//            could not end, and never is half a frame reported. Then every buffer gets a write request, the bytes pass
//            straight from the MAC to the bus, and a record goes to rx_return when a buffer's last beat has gone.
// Drops:     in this order, one reason each: disabled (receive off, quiesced, ring off or in error), filtered,
//            dma_error (bus master off, or the read of its descriptor failed), no_buffer (no return entry, or all
//            posted buffers are on chip and do not hold it). Waits while posted descriptors are still being read.
// Handshake: a beat goes to dma_write and to the parser in the same cycle. At a buffer's end inside a beat the beat is
//            offered again for the next buffer, with wr_req_skip_o octets to skip.
// Latency:   1 cycle from sop to write request, and 2 + n with n > 1 buffers. A dropped frame takes 2 cycles and its
//            beats.
`default_nettype none
module rx_frame #(
  parameter DataWidth = 512,
  parameter Queues    = 1,
  parameter SlotW     = 8 + $clog2(Queues),
  parameter SkipW     = $clog2(DataWidth/8),
  parameter RecordW   = 186
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 quiesce_i,
  output wire                 idle_o,
  input  wire                 enable_i,
  input  wire                 bus_master_i,
  input  wire                 strip_fcs_i,
  // Verdict of rx_filter on the beat on offer
  input  wire                 pass_i,
  input  wire                 broadcast_i,
  input  wire                 multicast_i,
  // Rings, queue q in slice q
  input  wire [Queues-1:0]    on_i,
  input  wire [Queues*4-1:0]  error_i,
  input  wire [Queues*32-1:0] used_idx_i,
  input  wire [Queues*9-1:0]  avail_i,
  input  wire [Queues*13-1:0] room_i,
  input  wire [Queues-1:0]    more_i,
  output wire [Queues-1:0]    hungry_o,
  output wire [Queues-1:0]    use_o,
  output wire [8:0]           use_n_o,
  output wire [Queues-1:0]    bad_o,
  output wire [31:0]          bad_idx_o,
  // Descriptors
  output wire                 desc_rd_o,
  output wire [SlotW-1:0]     desc_slot_o,
  input  wire [127:0]         desc_i,
  // Frames from the MAC
  input  wire                 mac_valid_i,
  output wire                 mac_ready_o,
  input  wire                 mac_sop_i,
  input  wire                 mac_eop_i,
  input  wire [DataWidth-1:0] mac_data_i,
  input  wire [13:0]          mac_len_i,
  input  wire [63:0]          mac_time_i,
  // The same beats to the parser
  output wire                 parse_valid_o,
  input  wire                 parse_ready_i,
  output wire [13:0]          parse_end_o,     // octets of the frame without FCS
  // Payload to memory
  output wire                 req_valid_o,
  input  wire                 req_ready_i,
  output wire [63:0]          req_addr_o,
  output wire [13:0]          req_len_o,
  output wire [SkipW-1:0]     req_skip_o,
  output wire                 data_valid_o,
  input  wire                 data_ready_i,
  output wire                 data_last_o,     // of the buffer
  output wire [DataWidth-1:0] data_o,
  // One record per buffer, to rx_return
  output wire                 rec_valid_o,
  input  wire                 rec_ready_i,
  output wire [RecordW-1:0]   rec_o,
  input  wire                 room_for_frame_i,  // rx_return and the parser can take one more frame
  input  wire                 in_flight_i,       // frames are started and not done
  // Drops
  output reg                  ev_filtered_o,
  output reg                  ev_no_buffer_o,
  output reg                  ev_disabled_o,
  output reg                  ev_dma_error_o
);
  `include "nic_regs.vh"
  localparam Bytes  = DataWidth / 8;
  localparam QueueW = (Queues > 1) ? $clog2(Queues) : 1;
  localparam [Queues-1:0] One = 1;
  localparam StIdle = 3'd0;  // no frame
  localparam StPlan = 3'd1;  // a descriptor is on desc_i: do the buffers so far hold the frame?
  localparam StWait = 3'd2;  // until one more descriptor is on chip
  localparam StTake = 3'd3;  // the first of several descriptors is on desc_i again
  localparam StMove = 3'd4;  // bytes of a buffer
  localparam StDrop = 3'd5;  // rest of a frame that nobody gets

  reg [2:0]        state_q;
  reg [QueueW-1:0] queue_q;
  reg              pass_q, broadcast_q, multicast_q, have_q, asked_q, first_q;
  reg [31:0]       idx_q;          // of the descriptor on desc_i, and of its return entry
  reg [8:0]        count_q;        // buffers of this frame before it
  reg [13:0]       rest_q;         // octets that the buffers before this one (StMove: up to this one) do not hold
  reg [13:0]       left_q, buf_len_q, len_q, end_q;
  reg [63:0]       addr_q, time_q;
  reg [31:0]       opaque_q, buf_idx_q;
  reg [SkipW-1:0]  skip_q;

  // ------------------------------------------------------------ the frame's queue; spreading comes later
  wire [QueueW-1:0] queue   = (state_q == StIdle) ? {QueueW{1'b0}} : queue_q;
  wire [Queues-1:0] one_hot = One << queue;
  wire              on      = |(on_i & one_hot);
  wire              more    = |(more_i & one_hot);
  wire [3:0]        error   = error_i[4*queue +: 4];
  wire [31:0]       used    = used_idx_i[32*queue +: 32];
  wire [8:0]        avail   = avail_i[9*queue +: 9];
  wire [12:0]       room    = room_i[13*queue +: 13];

  // ------------------------------------------------------------ the decision
  wire [63:0] desc_addr   = desc_i[`NIC_RX_DESCRIPTOR_ADDRESS_LSB +: 64];
  wire [15:0] desc_len    = desc_i[`NIC_RX_DESCRIPTOR_LENGTH_LSB +: 16];
  wire [31:0] desc_opaque = desc_i[`NIC_RX_DESCRIPTOR_OPAQUE_LSB +: 32];
  wire        holds       = {2'd0, rest_q} <= desc_len;
  wire        read_failed = error != `NIC_ERROR_REASON_NONE && error < `NIC_ERROR_REASON_BAD_DESCRIPTOR;
  wire        off         = !on || !enable_i || quiesce_i;

  wire planning      = state_q == StPlan;
  wire waiting       = state_q == StWait;
  wire waited_failed = waiting && (!bus_master_i || (!on && read_failed));
  // Path step R3: no posted buffer, or no room in the return ring: the whole frame goes
  // (have_q is from the cycle of the read: a batch that has arrived since then is waited for like one on its way)
  wire no_room       = room <= {4'd0, count_q} ||
                       (!have_q && avail <= count_q && (!more || avail == 9'd256));
  wire wanted        = planning && !off && pass_q;
  wire fits          = wanted && bus_master_i && !no_room;
  wire bad           = fits && have_q && desc_len < 16'd64;
  wire drop_disabled = (planning && off) || (waiting && off && !waited_failed) || bad;
  wire drop_filtered = planning && !off && !pass_q;
  wire drop_dma      = ((wanted && !bus_master_i) || waited_failed) && !in_flight_i;  // those may be dma_errors too
  wire drop_no_buf   = wanted && bus_master_i && no_room;
  wire drop          = drop_disabled || drop_filtered || drop_dma || drop_no_buf;
  wire planned       = fits && !bad && have_q && holds;
  wire grow          = fits && !bad && have_q && !holds;

  // ------------------------------------------------------------ the bytes
  wire [SkipW:0] in_beat   = Bytes[SkipW:0] - {1'b0, skip_q};
  wire           buf_ends  = left_q <= {{13-SkipW{1'b0}}, in_beat};
  wire           last_buf  = rest_q == 14'd0;
  wire           beat_ends = !buf_ends || last_buf || left_q[SkipW:0] == in_beat;
  wire           moving    = state_q == StMove && asked_q && mac_valid_i && parse_ready_i;
  wire           moved     = moving && data_ready_i;
  wire           buf_done  = moved && buf_ends;
  wire           next_buf  = buf_done && !last_buf;
  wire           load      = at_once || state_q == StTake || next_buf;
  wire [13:0]    load_len  = holds ? rest_q : desc_len[13:0];
  wire [13:0]    load_rest = holds ? 14'd0 : rest_q - desc_len[13:0];
  wire           at_once   = planned && count_q == 9'd0;   // ask in the same cycle

  // The descriptor memory is read one cycle ahead of its use
  wire        start    = state_q == StIdle && mac_valid_i && mac_sop_i && room_for_frame_i;
  wire        arrived  = waiting && avail > count_q;
  wire [31:0] rd_idx   = start ? used : (planned && count_q != 9'd0) ? used : arrived ? idx_q : idx_q + 32'd1;
  assign desc_rd_o     = start || grow || planned || arrived || state_q == StTake || next_buf;
  generate
    if (Queues > 1) begin : g_slot
      assign desc_slot_o = {queue, rd_idx[7:0]};
    end else begin : g_slot
      assign desc_slot_o = rd_idx[7:0];
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q        <= StIdle;
      asked_q        <= 1'b0;
      ev_disabled_o  <= 1'b0;
      ev_filtered_o  <= 1'b0;
      ev_dma_error_o <= 1'b0;
      ev_no_buffer_o <= 1'b0;
    end else begin
      ev_disabled_o  <= drop_disabled;
      ev_filtered_o  <= drop_filtered;
      ev_dma_error_o <= drop_dma;
      ev_no_buffer_o <= drop_no_buf;
      if (req_valid_o && req_ready_i) asked_q <= 1'b1;
      if (desc_rd_o) idx_q <= rd_idx;
      case (state_q)
        StIdle: if (start) begin
          state_q     <= StPlan;
          queue_q     <= queue;
          pass_q      <= pass_i;
          broadcast_q <= broadcast_i;
          multicast_q <= multicast_i;
          have_q      <= avail != 9'd0;
          count_q     <= 9'd0;
          rest_q      <= mac_len_i;
          len_q       <= mac_len_i;
          end_q       <= strip_fcs_i ? mac_len_i : mac_len_i - 14'd4;
          time_q      <= mac_time_i;
        end
        StPlan: begin
          if (drop) state_q <= StDrop;
          else if (planned) state_q <= (count_q == 9'd0) ? StMove : StTake;
          else if (fits && !have_q) state_q <= StWait;
          if (grow) begin
            rest_q  <= load_rest;
            count_q <= count_q + 9'd1;
            have_q  <= avail > count_q + 9'd1;
          end
          if (planned) rest_q <= len_q;
          first_q <= 1'b1;
          skip_q  <= 0;
        end
        StWait: begin
          if (drop) state_q <= StDrop;
          else if (arrived) state_q <= StPlan;
          have_q <= 1'b1;
        end
        StTake: state_q <= StMove;
        StMove: begin
          if (moved) begin
            left_q <= left_q - {{13-SkipW{1'b0}}, in_beat};
            skip_q <= beat_ends ? 0 : skip_q + left_q[SkipW-1:0];
          end
          if (buf_done) first_q <= 1'b0;
          if (buf_done && last_buf) state_q <= StIdle;
        end
        default: if (mac_valid_i && mac_eop_i) state_q <= StIdle;
      endcase
      if (load) begin
        addr_q    <= desc_addr;
        opaque_q  <= desc_opaque;
        buf_idx_q <= idx_q;
        buf_len_q <= load_len;
        left_q    <= load_len;
        rest_q    <= load_rest;
        asked_q   <= at_once && req_valid_o && req_ready_i;
      end
    end
  end

  // ------------------------------------------------------------ outputs
  assign use_o         = planned ? one_hot : {Queues{1'b0}};
  assign use_n_o       = count_q + 9'd1;
  assign bad_o         = bad ? one_hot : {Queues{1'b0}};
  assign bad_idx_o     = idx_q;
  assign hungry_o      = waiting ? one_hot : {Queues{1'b0}};
  // Path step R4: the frame goes to the host buffer, and past the checksum on its way
  // Asked for only with a place for the buffer's record in hand: an accepted request whose data waits for a place would
  // stand in front of the return entry that has to go to make one. Nobody else fills the place meanwhile.
  assign req_valid_o   = (at_once || (state_q == StMove && !asked_q)) && rec_ready_i;
  assign req_addr_o    = at_once ? desc_addr : addr_q;
  assign req_len_o     = at_once ? load_len : buf_len_q;
  assign req_skip_o    = at_once ? 0 : skip_q;
  assign data_valid_o  = moving;
  assign data_last_o   = buf_ends;
  assign data_o        = mac_data_i;
  assign parse_valid_o = moved && beat_ends;
  assign parse_end_o   = end_q;
  // A frame that a reset cut in two: its rest has no sop
  assign mac_ready_o   = (moved && beat_ends) || state_q == StDrop || (state_q == StIdle && !mac_sop_i);
  assign rec_valid_o   = buf_done;
  assign rec_o         = {{3-QueueW{1'b0}}, queue_q, time_q, multicast_q, broadcast_q, end_q, len_q, use_n_o, buf_idx_q,
                          last_buf, first_q, buf_len_q, opaque_q};
  assign idle_o        = state_q == StIdle && !mac_valid_i && !ev_disabled_o && !ev_filtered_o && !ev_dma_error_o &&
                         !ev_no_buffer_o;

  wire unused = &{1'b0, desc_i[95:80]};  // reserved
endmodule
`default_nettype wire
