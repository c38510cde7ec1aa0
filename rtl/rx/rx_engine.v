// rx_engine - received frames to host memory: filter, queue, buffers, checksum verdicts, return entries.
//
// Does:    joins, in data order,
//            rx_head   headers, filter, hash and queue of the frames on their way in     u_line  their beats
//            rx_rings  indices, descriptor prefetch, error state of all queues     rx_desc_mem  descriptors on chip
//            rx_plan   deliver or drop, into which buffers    rx_write  one client of dma_write for payload and entries
//            rx_stream the bytes, from the line to the bus       rx_csum    their sums and the verdict
//            rx_return return entries, then the indices and events
// Does not: hold whole frames: the line has 32 beats, the rest waits in the MAC's frame FIFO.
// Order:   payload, return entry, producer index (rule D5). Both go through one client of dma_write, so the entry is
//          behind its payload on the bus; the index moves when the entry has left for it.
// Latency: see rx_head for the way to rx_plan; last beat to the request of its return entry 12 cycles.
// Drops:   whole frames, each counted once: see rx_plan.
`default_nettype none
module rx_engine #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         quiesce_i,        // take no new frame, ask for no descriptor
  output wire                         idle_o,
  input  wire                         enable_i,
  input  wire                         bus_master_i,
  // Filter; first octet of an address on the wire in [7:0]
  input  wire [47:0]                  mac_addr_i,
  input  wire [63:0]                  mac_hash_i,
  input  wire                         accept_broadcast_i,
  input  wire                         accept_all_multicast_i,
  input  wire                         promiscuous_i,
  input  wire                         vlan_strip_i,
  input  wire [6:0]                   rss_control_i,    // as register RSS_CONTROL
  input  wire [319:0]                 rss_key_i,        // first octet in [7:0]
  output wire [6:0]                   rss_idx_o,        // into the indirection table ...
  input  wire [2:0]                   rss_queue_i,      // ... and what stands there, one cycle later
  // Rings, queue q in slice q
  input  wire [Queues*64-1:0]         q_rx_base_i,
  input  wire [Queues*4-1:0]          q_rx_size_i,
  input  wire [Queues*64-1:0]         q_ret_base_i,
  input  wire [Queues*4-1:0]          q_ret_size_i,
  input  wire [Queues-1:0]            q_enable_i,
  input  wire [Queues-1:0]            q_reset_i,
  output wire [Queues-1:0]            q_running_o,
  input  wire [Queues*32-1:0]         q_rx_prod_i,
  input  wire [Queues*32-1:0]         q_ret_cons_i,
  output wire [Queues*32-1:0]         q_rx_cons_o,
  output wire [Queues*32-1:0]         q_ret_prod_o,
  output wire [Queues*4-1:0]          q_error_o,
  output wire [Queues*32-1:0]         q_error_idx_o,
  // RX descriptor reads (dma_read client 1)
  output wire                         desc_req_valid_o,
  input  wire                         desc_req_ready_i,
  output wire [63:0]                  desc_req_addr_o,
  output wire [16:0]                  desc_req_len_o,
  output wire [17:0]                  desc_req_dst_o,
  output wire [11:0]                  desc_req_cookie_o,
  input  wire                         dmar_valid_i,
  input  wire [1:0]                   dmar_client_i,
  input  wire [17-$clog2(DataWidth/8):0] dmar_row_i,
  input  wire [DataWidth/8-1:0]       dmar_be_i,
  input  wire [DataWidth/8-1:0]       dmar_next_i,
  input  wire [DataWidth-1:0]         dmar_data_i,
  input  wire                         dmar_done_i,
  input  wire [1:0]                   dmar_done_client_i,
  input  wire [11:0]                  dmar_done_cookie_i,
  input  wire [12:0]                  dmar_done_bytes_i,
  input  wire [3:0]                   dmar_done_error_i,
  // Frames from the MAC
  input  wire                         mac_valid_i,
  output wire                         mac_ready_o,
  input  wire                         mac_sop_i,
  input  wire                         mac_eop_i,
  input  wire [$clog2(DataWidth/8):0] mac_bytes_i,
  input  wire [DataWidth-1:0]         mac_data_i,
  input  wire [13:0]                  mac_len_i,
  input  wire                         mac_fcs_i,        // the last four octets of the frame are its FCS
  input  wire [63:0]                  mac_time_i,
  // Writes (dma_write client 0)
  output wire                         wr_req_valid_o,
  input  wire                         wr_req_ready_i,
  output wire [63:0]                  wr_req_addr_o,
  output wire [13:0]                  wr_req_len_o,
  output wire [$clog2(DataWidth/8)-1:0] wr_req_skip_o,
  output wire                         wr_data_valid_o,
  input  wire                         wr_data_ready_i,
  output wire [DataWidth-1:0]         wr_data_o,
  input  wire                         wr_done_i,
  // Events: one pulse each
  output wire [Queues-1:0]            ev_frame_o,       // with the move of the return producer index
  output wire                         ev_delivered_o,
  output wire                         ev_broadcast_o,
  output wire                         ev_multicast_o,
  output wire                         ev_filtered_o,
  output wire                         ev_no_buffer_o,
  output wire                         ev_disabled_o,
  output wire                         ev_dma_error_o,
  output wire                         ev_csum_bad_o,
  output wire [13:0]                  frame_octets_o    // valid with ev_delivered_o, FCS excluded
);
  localparam SkipW    = $clog2(DataWidth/8);
  localparam BeatW    = 14 - SkipW;
  localparam QueueW   = (Queues > 1) ? $clog2(Queues) : 1;
  localparam SlotW    = 8 + $clog2(Queues);
  localparam PlanW    = 19;
  localparam SumW     = 66;
  localparam NoteW    = 144;
  localparam CmdW     = 149;
  localparam RecW     = 84;
  localparam VerdictW = 26;

  // ------------------------------------------------------------ headers and beats
  wire                 head_idle, line_in, line_room, line_valid, line_ready, line_eop;
  wire                 note_in, plan_in, plan_valid, plan_ready, sum_valid, sum_ready, note_ready;
  wire [DataWidth-1:0] line_data;
  wire [SumW-1:0]      sum_in, sum;
  wire [NoteW-1:0]     note_new, note;
  wire [PlanW-1:0]     plan_new, plan;
  wire [5:0] line_count;
  wire [4:0] note_count, plan_count, sum_count, verdict_count;
  wire [3:0] rec_count; wire [2:0] cmd_count;
  wire       room_plan, room_sum, room_note, note_valid, room_verdict;

  // For four more frames: rx_head may have two on their way, and one comes in the cycle that this is late
  reg        head_room_q;
  always @(posedge clk_i) head_room_q <= note_count <= 5'd11 && sum_count <= 5'd11;

  rx_head #(.DataWidth(DataWidth), .PlanW(PlanW), .SumW(SumW), .NoteW(NoteW)) u_head (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(head_idle), .mac_addr_i(mac_addr_i), .mac_hash_i(mac_hash_i),
    .accept_broadcast_i(accept_broadcast_i), .accept_all_multicast_i(accept_all_multicast_i),
    .promiscuous_i(promiscuous_i), .vlan_strip_i(vlan_strip_i),
    .rss_control_i(rss_control_i), .rss_key_i(rss_key_i), .rss_idx_o(rss_idx_o), .rss_queue_i(rss_queue_i),
    .mac_valid_i(mac_valid_i), .mac_ready_o(mac_ready_o), .mac_sop_i(mac_sop_i), .mac_eop_i(mac_eop_i),
    .mac_data_i(mac_data_i), .mac_len_i(mac_len_i), .mac_fcs_i(mac_fcs_i), .mac_time_i(mac_time_i),
    .line_valid_o(line_in), .line_ready_i(line_room), .room_i(head_room_q),
    .note_valid_o(note_in), .sum_o(sum_in), .note_o(note_new), .plan_valid_o(plan_in), .plan_o(plan_new)
  );

  sync_fifo #(.Width(DataWidth + 1), .DepthLog2(5)) u_line (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(line_in), .wr_ready_o(line_room),
    .wr_data_i({mac_eop_i, mac_data_i}), .rd_valid_o(line_valid), .rd_ready_i(line_ready),
    .rd_data_o({line_eop, line_data}), .count_o(line_count)
  );
  // Three records a frame, taken in order by three parts: the plan first; of a frame that is dropped the sum may go last
  sync_fifo #(.Width(PlanW), .DepthLog2(4)) u_plans (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(plan_in), .wr_ready_o(room_plan), .wr_data_i(plan_new),
    .rd_valid_o(plan_valid), .rd_ready_i(plan_ready), .rd_data_o(plan), .count_o(plan_count)
  );
  sync_fifo #(.Width(SumW), .DepthLog2(4)) u_sums (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(note_in), .wr_ready_o(room_sum), .wr_data_i(sum_in),
    .rd_valid_o(sum_valid), .rd_ready_i(sum_ready), .rd_data_o(sum), .count_o(sum_count)
  );
  sync_fifo #(.Width(NoteW), .DepthLog2(4)) u_notes (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(note_in), .wr_ready_o(room_note), .wr_data_i(note_new),
    .rd_valid_o(note_valid), .rd_ready_i(note_ready), .rd_data_o(note), .count_o(note_count)
  );

  // ------------------------------------------------------------ rings and descriptors
  wire              ring_idle, ring_on, more, hungry, use_it, bad, desc_rd, end_it, end_lost;
  wire              plan_look;
  wire [QueueW-1:0] plan_queue, end_queue;
  wire [3:0]        reason;
  wire [31:0]       used, use_idx, bad_idx, end_idx;
  wire [8:0]        arrived;
  wire [12:0]       limit;
  wire [Queues-1:0] ring_lost;
  wire [Queues*32-1:0] done_idx;
  wire [SlotW-1:0]  desc_slot;
  wire [127:0]      desc;

  rx_rings #(.Queues(Queues)) u_rings (
    .clk_i(clk_i), .rst_ni(rst_ni), .quiesce_i(quiesce_i), .idle_o(ring_idle), .base_i(q_rx_base_i),
    .size_i(q_rx_size_i), .ret_size_i(q_ret_size_i), .enable_i(q_enable_i), .reset_i(q_reset_i), .prod_i(q_rx_prod_i),
    .ret_cons_i(q_ret_cons_i), .running_o(q_running_o), .done_idx_o(done_idx), .error_o(q_error_o),
    .error_idx_o(q_error_idx_o), .req_valid_o(desc_req_valid_o), .req_ready_i(desc_req_ready_i),
    .req_addr_o(desc_req_addr_o), .req_len_o(desc_req_len_o), .req_dst_o(desc_req_dst_o),
    .req_cookie_o(desc_req_cookie_o), .fetch_done_i(dmar_done_i && dmar_done_client_i == 2'd1),
    .fetch_queue_i(dmar_done_cookie_i[QueueW-1:0]), .fetch_bytes_i(dmar_done_bytes_i),
    .fetch_error_i(dmar_done_error_i), .look_i(plan_look), .queue_i(plan_queue), .on_o(ring_on), .reason_o(reason), .used_o(used),
    .arrived_o(arrived), .limit_o(limit), .more_o(more), .hungry_i(hungry), .use_i(use_it), .use_idx_i(use_idx),
    .bad_i(bad), .bad_idx_i(bad_idx), .end_i(end_it), .end_queue_i(end_queue), .end_idx_i(end_idx),
    .end_lost_i(end_lost), .lost_o(ring_lost)
  );
  assign q_rx_cons_o  = done_idx;
  assign q_ret_prod_o = done_idx;

  rx_desc_mem #(.DataWidth(DataWidth), .Queues(Queues)) u_desc (
    .clk_i(clk_i), .wr_valid_i(dmar_valid_i && dmar_client_i == 2'd1), .wr_row_i(dmar_row_i), .wr_be_i(dmar_be_i),
    .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i), .rd_en_i(desc_rd), .rd_slot_i(desc_slot), .rd_data_o(desc)
  );

  // ------------------------------------------------------------ the decision
  wire            plan_idle, cmd_in, cmd_room, cmd_valid, cmd_ready, ev_unread;
  wire [CmdW-1:0] cmd_new, cmd;
  reg  [6:0]      frames_q;             // planned and not done: at most 16 with notes, and entries on chip
  reg             write_lost_q;         // bus mastering was off since one of them started
  wire            in_flight = frames_q != 7'd0;

  rx_plan #(.Queues(Queues), .PlanW(PlanW), .CmdW(CmdW)) u_plan (
    .clk_i(clk_i), .rst_ni(rst_ni), .quiesce_i(quiesce_i), .idle_o(plan_idle), .enable_i(enable_i),
    .bus_master_i(bus_master_i), .in_flight_i(in_flight), .head_valid_i(plan_valid), .head_ready_o(plan_ready),
    .head_i(plan), .look_o(plan_look), .queue_o(plan_queue), .on_i(ring_on), .reason_i(reason), .used_i(used), .arrived_i(arrived),
    .limit_i(limit), .more_i(more), .hungry_o(hungry), .use_o(use_it), .use_idx_o(use_idx), .bad_o(bad),
    .bad_idx_o(bad_idx), .desc_rd_o(desc_rd), .desc_slot_o(desc_slot), .desc_i(desc), .cmd_valid_o(cmd_in),
    .cmd_ready_i(cmd_room), .cmd_o(cmd_new), .ev_filtered_o(ev_filtered_o), .ev_no_buffer_o(ev_no_buffer_o),
    .ev_disabled_o(ev_disabled_o), .ev_dma_error_o(ev_unread), .write_lost_i(write_lost_q)
  );
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      frames_q     <= 7'd0;
      write_lost_q <= 1'b0;
    end else begin
      if (use_it != end_it) frames_q <= use_it ? frames_q + 7'd1 : frames_q - 7'd1;
      write_lost_q <= in_flight && (write_lost_q || !bus_master_i);
    end
  end
  sync_fifo #(.Width(CmdW), .DepthLog2(2)) u_cmds (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(cmd_in), .wr_ready_o(cmd_room), .wr_data_i(cmd_new),
    .rd_valid_o(cmd_valid), .rd_ready_i(cmd_ready), .rd_data_o(cmd), .count_o(cmd_count)
  );

  // ------------------------------------------------------------ the bus
  wire                 write_idle, rec_in, rec_room, rec_valid, rec_ready, asked, ask_room;
  wire [RecW-1:0]      rec_new, rec;
  wire                 ent_req, ent_ack, ent_two, ent_last, ent_beat;
  wire [63:0]          ent_addr;
  wire [DataWidth-1:0] ent_data, pay_data;
  wire                 order_valid, order_done, pay_valid, pay_ready;
  wire [SkipW+15:0]    order;

  rx_write #(.DataWidth(DataWidth), .CmdW(CmdW), .RecW(RecW)) u_write (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(write_idle), .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready),
    .cmd_i(cmd), .rec_valid_o(rec_in), .rec_ready_i(rec_room), .rec_o(rec_new), .ent_req_i(ent_req),
    .ent_ack_o(ent_ack), .ent_addr_i(ent_addr), .ent_two_i(ent_two), .ent_data_i(ent_data), .ent_last_i(ent_last),
    .ent_beat_o(ent_beat), .order_valid_o(order_valid), .order_done_i(order_done), .order_o(order),
    .pay_valid_i(pay_valid), .pay_ready_o(pay_ready), .pay_data_i(pay_data),
    .wr_req_valid_o(wr_req_valid_o), .wr_req_ready_i(wr_req_ready_i), .wr_req_addr_o(wr_req_addr_o),
    .wr_req_len_o(wr_req_len_o), .wr_req_skip_o(wr_req_skip_o), .wr_data_valid_o(wr_data_valid_o),
    .wr_data_ready_i(wr_data_ready_i), .wr_data_o(wr_data_o), .asked_o(asked), .room_i(ask_room)
  );
  sync_fifo #(.Width(RecW), .DepthLog2(3)) u_records (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(rec_in), .wr_ready_o(rec_room), .wr_data_i(rec_new),
    .rd_valid_o(rec_valid), .rd_ready_i(rec_ready), .rd_data_o(rec), .count_o(rec_count)
  );

  // ------------------------------------------------------------ bytes and verdicts
  wire             stream_idle, csum_idle, beat, beat_eop, strip, ipv4, ipv6, fragment, whole, chain;
  wire [BeatW-1:0] beat_no;
  wire [1:0]       tags;
  wire [7:0]       proto;
  wire [11:0]      l4;
  wire [15:0]      rest;
  wire [14:0]      ip_end;
  wire [13:0]      frame_end;
  wire                verdict_in, verdict_valid, verdict_ready;
  wire [VerdictW-1:0] verdict_new, verdict;

  rx_stream #(.DataWidth(DataWidth)) u_stream (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(stream_idle), .order_valid_i(order_valid), .order_done_o(order_done),
    .order_i(order), .line_valid_i(line_valid), .line_ready_o(line_ready), .line_eop_i(line_eop),
    .line_data_i(line_data), .sum_valid_i(sum_valid), .sum_ready_o(sum_ready), .sum_i(sum),
    .pay_valid_o(pay_valid), .pay_ready_i(pay_ready), .pay_data_o(pay_data),
    .beat_o(beat), .beat_eop_o(beat_eop), .beat_no_o(beat_no), .strip_o(strip), .tags_o(tags), .ipv4_o(ipv4),
    .ipv6_o(ipv6), .fragment_o(fragment), .whole_o(whole), .chain_o(chain), .proto_o(proto), .l4_o(l4),
    .rest_o(rest), .ip_end_o(ip_end), .end_o(frame_end)
  );
  rx_csum #(.DataWidth(DataWidth), .VerdictW(VerdictW)) u_csum (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(csum_idle), .beat_i(beat), .beat_eop_i(beat_eop), .beat_no_i(beat_no),
    .beat_data_i(line_data), .strip_i(strip), .tags_i(tags), .ipv4_i(ipv4), .ipv6_i(ipv6), .fragment_i(fragment),
    .whole_i(whole), .chain_i(chain), .proto_i(proto), .l4_i(l4), .rest_i(rest), .ip_end_i(ip_end),
    .end_i(frame_end), .verdict_valid_o(verdict_in), .verdict_o(verdict_new)
  );
  // At most 16 frames have notes, so the verdict always finds room
  sync_fifo #(.Width(VerdictW), .DepthLog2(4)) u_verdicts (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(verdict_in), .wr_ready_o(room_verdict), .wr_data_i(verdict_new),
    .rd_valid_o(verdict_valid), .rd_ready_i(verdict_ready), .rd_data_o(verdict), .count_o(verdict_count)
  );

  // ------------------------------------------------------------ return entries, reports
  wire return_idle, ev_lost;
  rx_return #(.DataWidth(DataWidth), .Queues(Queues), .RecW(RecW), .NoteW(NoteW), .VerdictW(VerdictW)) u_return (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(return_idle), .ret_base_i(q_ret_base_i), .ret_size_i(q_ret_size_i),
    .rec_valid_i(rec_valid), .rec_ready_o(rec_ready), .rec_i(rec), .note_i(note), .note_ready_o(note_ready),
    .verdict_valid_i(verdict_valid), .verdict_ready_o(verdict_ready), .verdict_i(verdict),
    .busy_i(cmd_valid), .req_o(ent_req), .ack_i(ent_ack), .addr_o(ent_addr), .two_o(ent_two), .data_o(ent_data),
    .last_o(ent_last), .beat_i(ent_beat), .asked_i(asked), .room_o(ask_room), .wr_done_i(wr_done_i),
    .write_lost_i(write_lost_q || !bus_master_i), .ring_lost_i(ring_lost), .end_o(end_it), .end_queue_o(end_queue),
    .end_idx_o(end_idx), .end_lost_o(end_lost), .ev_lost_o(ev_lost), .ev_frame_o(ev_frame_o),
    .ev_broadcast_o(ev_broadcast_o), .ev_multicast_o(ev_multicast_o), .ev_csum_bad_o(ev_csum_bad_o),
    .frame_octets_o(frame_octets_o)
  );
  assign ev_delivered_o = ev_frame_o != 0;
  assign ev_dma_error_o = ev_unread || ev_lost;   // never both: rx_plan waits while frames are in flight
  assign idle_o         = head_idle && ring_idle && plan_idle && !cmd_valid && write_idle && stream_idle && csum_idle &&
                          return_idle;

  wire unused = &{1'b0, mac_bytes_i, dmar_done_cookie_i, line_count, plan_count, verdict_count, rec_count,
                  cmd_count, room_plan, room_sum, room_note, note_valid, room_verdict};
endmodule
`default_nettype wire
