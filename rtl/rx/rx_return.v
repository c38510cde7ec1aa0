// rx_return - return entries: one for each filled buffer, and what follows when they have left for the bus.
//
// Does:      takes the records of rx_write in order and, for a frame's last buffer, its note (rx_head) and its checksum
//            verdict; keeps the 32-octet entry on chip, up to eight a queue; has it written to the return ring; when
//            pcie says that the last entry of a frame has left, tells rx_rings (payload, entry, index: rule
//            D5) and pulses the events. Entries of all buffers of a frame become visible with one move.
// Pairs:     two neighbours in 64 octets of the ring go as one write. The first waits for the second only while commands
//            wait for the write port (busy_i), and no longer than 64 cycles; otherwise it goes at once.
// Drops:     nothing; records of dropped frames only give their notes back.
// Latency:   entry request 3 cycles after record and verdict. Throughput: one entry a cycle in, one write in 1 to 8 beats.
`default_nettype none
module rx_return #(
  parameter DataWidth = 512,
  parameter Queues    = 1,
  parameter RecW      = 84,
  parameter NoteW     = 144,
  parameter VerdictW  = 26,
  parameter QueueW    = (Queues > 1) ? $clog2(Queues) : 1
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire [Queues*64-1:0] ret_base_i,
  input  wire [Queues*4-1:0]  ret_size_i,
  // Records, notes, verdicts
  input  wire                 rec_valid_i,
  output wire                 rec_ready_o,
  input  wire [RecW-1:0]      rec_i,
  input  wire [NoteW-1:0]     note_i,
  output wire                 note_ready_o,
  input  wire                 verdict_valid_i,
  output wire                 verdict_ready_o,
  input  wire [VerdictW-1:0]  verdict_i,       // {csum bad, raw sum, flags[13:9], flags[5:2]}
  // Entry writes, to rx_write
  input  wire                 busy_i,
  output wire                 req_o,
  input  wire                 ack_i,
  output wire [63:0]          addr_o,
  output wire                 two_o,
  output wire [DataWidth-1:0] data_o,
  output wire                 last_o,
  input  wire                 beat_i,
  input  wire                 asked_i,         // dma_write took a request, of payload or of ours
  output wire                 room_o,          // one more may be asked for
  input  wire                 wr_done_i,
  // A frame is in memory, or lost: bus mastering was off while it was on its way
  input  wire                 write_lost_i,
  input  wire [Queues-1:0]    ring_lost_i,
  output wire                 end_o,
  output wire [QueueW-1:0]    end_queue_o,
  output wire [31:0]          end_idx_o,
  output wire                 end_lost_o,
  output reg                  ev_lost_o,
  output reg  [Queues-1:0]    ev_frame_o,      // in the first cycle of the new index; so the others
  output reg                  ev_broadcast_o,
  output reg                  ev_multicast_o,
  output reg                  ev_csum_bad_o,
  output reg  [13:0]          frame_octets_o   // FCS excluded
);
  localparam SlotW  = QueueW + 3;              // entries on chip
  localparam Slots  = 1 << SlotW;
  localparam InfoW  = 1 + 32 + 14 + 3;
  localparam WriteW = SlotW + 1;
  localparam [Queues-1:0] One  = 1;
  localparam [Slots-1:0]  OneS = 1;

  // ------------------------------------------------------------ the record
  wire [31:0]       opaque  = rec_i[31:0];
  wire [13:0]       buf_len = rec_i[45:32];
  wire [31:0]       idx     = rec_i[77:46];
  wire              eop     = rec_i[78];
  wire              sop     = rec_i[79];
  wire              drop    = rec_i[80];
  wire [QueueW-1:0] queue   = rec_i[81 +: QueueW];
  wire [63:0]       time_ns = note_i[63:0];
  wire [31:0]       hash    = note_i[95:64];
  wire              hashed  = note_i[96];
  wire [15:0]       tci     = note_i[112:97];
  wire              has_tag  = note_i[113];
  wire              bcast   = note_i[114];
  wire              mcast   = note_i[115];
  wire [13:0]       len     = note_i[129:116];
  wire [13:0]       octets  = note_i[143:130];

  wire [15:0]  flags = {mcast, bcast, verdict_i[8:4], 1'b1, hashed, has_tag, verdict_i[3:0], sop, 1'b1};
  // As layout return_entry of the map, first octet in [7:0]
  wire [255:0] entry = {idx, 16'd0, eop ? {2'd0, len, time_ns, hash, tci, verdict_i[24:9], flags} :
                                          {144'd0, 14'd0, sop, 1'b0}, {2'd0, buf_len}, opaque};

  // ------------------------------------------------------------ entries on chip: even and odd indices apart
  reg [255:0]       even_q [0:Slots/2-1];
  reg [255:0]       odd_q  [0:Slots/2-1];
  reg [InfoW-1:0]   info_q [0:Slots-1];
  reg [Slots-1:0]   used_q;
  wire [SlotW-1:0]  slot = {queue, idx[2:0]};
  reg               new_q;                     // a new one wants to go or to wait
  reg [QueueW-1:0]  new_queue_q;
  reg [11:0]        new_idx_q;
  wire              new_gone;
  wire              ready = rec_valid_i && (drop || ((!eop || verdict_valid_i) && !used_q[slot] && (!new_q || new_gone)));
  wire              take  = ready && !drop;
  assign rec_ready_o     = ready;
  assign note_ready_o    = ready && (drop || eop);
  assign verdict_ready_o = take && eop;

  always @(posedge clk_i) begin
    if (take && !idx[0]) even_q[slot[SlotW-1:1]] <= entry;
    if (take && idx[0])  odd_q[slot[SlotW-1:1]]  <= entry;
  end
  always @(posedge clk_i) if (take) info_q[slot] <= {eop, idx + 32'd1, octets, bcast, mcast, verdict_i[25]};

  // ------------------------------------------------------------ which writes: singles, pairs, those that waited
  reg  [Queues-1:0]    held_q, force_q;        // an even entry waits; it must not any longer
  reg  [Queues*16-1:0] held_idx_q;
  reg  [4:0]           age_q;
  reg                  a_valid_q, c_valid_q, a_two_q, c_two_q;
  reg  [11:0]          a_at_q;
  reg  [51:0]          a_base_q;
  reg  [SlotW-1:0]     a_slot_q, c_slot_q;
  reg  [63:0]          c_addr_q;
  wire [Queues-1:0]    flush  = force_q | (held_q & {Queues{!busy_i && !rec_valid_i}});
  reg  [QueueW-1:0]    pick;
  always @* begin : choose
    integer i;
    pick = 0;
    for (i = Queues - 1; i >= 0; i = i - 1) if (flush[i]) pick = i[QueueW-1:0];
  end
  wire                 c_free  = !c_valid_q || ack_i;
  wire                 a_free  = !a_valid_q || c_free;
  wire                 flushes = flush != 0 && !new_q && a_free;
  wire                 alone   = !busy_i && !rec_valid_i && a_free;     // nobody else wants the port
  wire                 waits   = new_q && !new_idx_q[0] && !alone;
  wire                 goes    = new_q && (new_idx_q[0] ? a_free : alone);
  wire                 pairs   = goes && new_idx_q[0] && held_q[new_queue_q];
  wire [QueueW-1:0]    a_queue = goes ? new_queue_q : pick;
  wire [11:0]          a_idx   = !goes ? held_idx_q[16*pick +: 12] : {new_idx_q[11:1], new_idx_q[0] && !pairs};
  wire [Queues-1:0]    left    = goes ? One << new_queue_q : flushes ? One << pick : {Queues{1'b0}};
  assign               new_gone = waits || goes;

  always @(posedge clk_i) begin : writes
    integer i;
    if (!rst_ni) begin
      new_q     <= 1'b0;
      held_q    <= 0;
      force_q   <= 0;
      age_q     <= 5'd0;
      a_valid_q <= 1'b0;
      c_valid_q <= 1'b0;
    end else begin
      if (take) begin
        new_q       <= 1'b1;
        new_queue_q <= queue;
        new_idx_q   <= idx[11:0];
      end else if (new_gone) new_q <= 1'b0;

      if (held_q == 0) age_q <= 5'd0;
      else age_q <= age_q + 5'd1;
      if (a_free) a_valid_q <= goes || flushes;
      if (goes || flushes) begin
        a_two_q  <= pairs;
        a_slot_q <= {a_queue, a_idx[2:0]};
        a_base_q <= ret_base_i[64*a_queue+12 +: 52];
        a_at_q   <= a_idx & ~(12'hFFF << ret_size_i[4*a_queue +: 4]);
      end
      for (i = 0; i < Queues; i = i + 1)
        if (waits && new_queue_q == i[QueueW-1:0]) held_idx_q[16*i +: 16] <= {4'd0, new_idx_q};
      held_q  <= (held_q | (waits ? One << new_queue_q : {Queues{1'b0}})) & ~left;
      force_q <= (force_q | (&age_q ? held_q : {Queues{1'b0}})) & ~left;
      // Path step R5: the entry in the return ring; its address takes two steps
      if (c_free) begin
        c_valid_q <= a_valid_q;
        if (a_valid_q) begin
          c_two_q  <= a_two_q;
          c_slot_q <= a_slot_q;
          c_addr_q <= {a_base_q + {47'd0, a_at_q[11:7]}, a_at_q[6:0], 5'd0};
        end
      end
    end
  end
  assign req_o  = c_valid_q;
  assign addr_o = c_addr_q;
  assign two_o  = c_two_q;

  // ------------------------------------------------------------ their data
  localparam LastOne = (DataWidth < 256) ? 256 / DataWidth - 1 : 0;
  localparam LastTwo = 512 / DataWidth - 1;
  wire             out_valid, out_two, out_ready;
  wire [SlotW-1:0] out_slot;
  wire [3:0]       out_count;
  reg  [2:0]       beat_q;
  wire [2:0]       last_beat = out_two ? LastTwo[2:0] : LastOne[2:0];
  sync_fifo #(.Width(WriteW), .DepthLog2(3)) u_out (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(ack_i), .wr_ready_o(out_ready), .wr_data_i({c_slot_q, c_two_q}),
    .rd_valid_o(out_valid), .rd_ready_i(beat_i && last_o), .rd_data_o({out_slot, out_two}), .count_o(out_count)
  );
  always @(posedge clk_i) begin
    if (!rst_ni) beat_q <= 3'd0;
    else if (beat_i) beat_q <= last_o ? 3'd0 : beat_q + 3'd1;
  end
  wire [255:0] odd   = odd_q[out_slot[SlotW-1:1]];
  wire [511:0] pair  = {odd, out_slot[0] ? odd : even_q[out_slot[SlotW-1:1]]};
  assign last_o = beat_q == last_beat;
  generate
    if (DataWidth == 512) begin : g_wide
      assign data_o = pair;
    end else begin : g_narrow
      assign data_o = pair[beat_q*DataWidth +: DataWidth];
    end
  endgenerate

  // ------------------------------------------------------------ what has gone to the bus
  wire              done_valid, done_entry, done_two;
  wire [SlotW-1:0]  done_slot;
  wire [4:0]        done_count;
  reg  [4:0]        dones_q;                   // requests done and not looked at
  reg               second_q;                  // the second of two entries
  wire              look     = dones_q != 5'd0;
  wire              done_pop = look && (!done_entry || !done_two || second_q);
  wire [SlotW-1:0]  seen     = {done_slot[SlotW-1:1], done_slot[0] || second_q};
  reg               e_valid_q, e_eop_q, e_bc_q, e_mc_q, e_bad_q;
  reg [QueueW-1:0]  e_queue_q;
  reg [31:0]        e_idx_q;
  reg [13:0]        e_octets_q;
  sync_fifo #(.Width(WriteW + 1), .DepthLog2(4)) u_done (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(asked_i), .wr_ready_o(room_o),
    .wr_data_i({ack_i, c_slot_q, c_two_q}), .rd_valid_o(done_valid), .rd_ready_i(done_pop),
    .rd_data_o({done_entry, done_slot, done_two}), .count_o(done_count)
  );

  wire              ended  = e_valid_q && e_eop_q;
  assign end_o       = ended;
  assign end_queue_o = e_queue_q;
  assign end_idx_o   = e_idx_q;
  assign end_lost_o  = write_lost_i || ring_lost_i[e_queue_q];
  wire              reported = ended && !end_lost_o;

  // Path step R5: only now the return producer index moves
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      used_q         <= 0;
      dones_q        <= 5'd0;
      second_q       <= 1'b0;
      e_valid_q      <= 1'b0;
      ev_frame_o     <= 0;
      ev_lost_o      <= 1'b0;
      ev_broadcast_o <= 1'b0;
      ev_multicast_o <= 1'b0;
      ev_csum_bad_o  <= 1'b0;
    end else begin
      used_q <= (used_q | (take ? OneS << slot : {Slots{1'b0}})) &
                ~((look && done_entry) ? OneS << seen : {Slots{1'b0}});
      if (wr_done_i != done_pop) dones_q <= wr_done_i ? dones_q + 5'd1 : dones_q - 5'd1;
      second_q  <= look && !done_pop;
      e_valid_q <= look && done_entry;
      if (look && done_entry) begin
        {e_eop_q, e_idx_q, e_octets_q, e_bc_q, e_mc_q, e_bad_q} <= info_q[seen];
        e_queue_q <= seen[SlotW-1:3];
      end
      ev_frame_o     <= reported ? One << e_queue_q : {Queues{1'b0}};
      ev_lost_o      <= ended && end_lost_o;
      ev_broadcast_o <= reported && e_bc_q;
      ev_multicast_o <= reported && e_mc_q;
      ev_csum_bad_o  <= reported && e_bad_q;
      if (reported) frame_octets_o <= e_octets_q;
    end
  end
  assign idle_o = !new_q && held_q == 0 && !a_valid_q && !c_valid_q && !rec_valid_i && !done_valid && !verdict_valid_i &&
                  !e_valid_q && ev_frame_o == 0 && !ev_lost_o && age_q == 5'd0;

  wire unused = &{1'b0, ret_base_i, rec_i[83:81], out_valid, out_ready, out_count, done_count};
endmodule
`default_nettype wire
