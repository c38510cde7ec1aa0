// rx_engine - received frames to host memory: filter, buffers, checksum verdicts, return entries.
//
// Does:    joins, in data order,
//            rx_ring     one per queue: indices, descriptor prefetch, error state      rx_fetch  their reads, in turn
//            rx_desc_mem descriptors on chip                                            rx_filter address filter
//            rx_frame    deliver or drop; the frame's bytes from the MAC to the bus
//            rx_parse    headers of the passing bytes          rx_csum  their sums and the verdict
//            rx_return   return entries, then the indices and events
// Does not: hold a frame (the MAC's frame FIFO does, until its first beat may go), spread over queues yet (all frames
//           go
//          to queue 0).
// Order:   payload, return entry, producer index (rule D5). Both go through one client of dma_write, so the entry is
//          behind its payload on the bus; the index moves when the bus has taken the entry.
// Latency: sop of a frame to its first write request 1 cycle; last beat to return entry 64 / Bytes + 9 cycles.
// Drops:   whole frames, each counted once: see rx_frame.
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
  input  wire                         strip_fcs_i,      // 0: the last four octets of a frame are its FCS
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
  localparam SlotW    = 8 + $clog2(Queues);
  localparam RecordW  = 186;
  localparam VerdictW = 26;

  // ------------------------------------------------------------ rings and descriptors
  wire [Queues-1:0]    ring_idle, ring_on, more, hungry, use_it, bad, fetch_valid, fetch_ready, frame_done;
  wire [Queues-1:0]    ring_lost;
  wire                 frame_lost;
  wire [Queues*32-1:0] fetch_idx, used_idx, done_idx;
  wire [Queues*7-1:0]  fetch_n;
  wire [Queues*9-1:0]  avail;
  wire [Queues*13-1:0] room;
  wire [8:0]           use_n, frame_done_n;
  wire [31:0]          bad_idx;
  wire                 fetch_idle, desc_rd;
  wire [SlotW-1:0]     desc_slot;
  wire [127:0]         desc;
  wire                 fetch_done = dmar_done_i && dmar_done_client_i == 2'd1;

  genvar q;
  generate
    for (q = 0; q < Queues; q = q + 1) begin : g_ring
      rx_ring u_ring (
        .clk_i(clk_i), .rst_ni(rst_ni), .quiesce_i(quiesce_i), .idle_o(ring_idle[q]),
        .enable_i(q_enable_i[q]), .reset_i(q_reset_i[q]), .size_i(q_rx_size_i[4*q +: 4]),
        .ret_size_i(q_ret_size_i[4*q +: 4]), .prod_i(q_rx_prod_i[32*q +: 32]), .ret_cons_i(q_ret_cons_i[32*q +: 32]),
        .running_o(q_running_o[q]), .done_idx_o(done_idx[32*q +: 32]), .error_o(q_error_o[4*q +: 4]),
        .error_idx_o(q_error_idx_o[32*q +: 32]),
        .fetch_valid_o(fetch_valid[q]), .fetch_ready_i(fetch_ready[q]), .fetch_idx_o(fetch_idx[32*q +: 32]),
        .fetch_n_o(fetch_n[7*q +: 7]), .fetch_done_i(fetch_done && dmar_done_cookie_i == q),
        .fetch_bytes_i(dmar_done_bytes_i), .fetch_error_i(dmar_done_error_i),
        .on_o(ring_on[q]), .used_idx_o(used_idx[32*q +: 32]), .avail_o(avail[9*q +: 9]), .room_o(room[13*q +: 13]),
        .more_o(more[q]), .hungry_i(hungry[q]), .use_i(use_it[q]), .use_n_i(use_n), .bad_i(bad[q]), .bad_idx_i(bad_idx),
        .frame_done_i(frame_done[q]), .frame_done_n_i(frame_done_n), .frame_lost_i(frame_lost), .lost_o(ring_lost[q])
      );
    end
  endgenerate
  assign q_rx_cons_o  = done_idx;
  assign q_ret_prod_o = done_idx;

  rx_fetch #(.Queues(Queues)) u_fetch (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(fetch_idle), .base_i(q_rx_base_i), .size_i(q_rx_size_i),
    .fetch_valid_i(fetch_valid), .fetch_ready_o(fetch_ready), .fetch_idx_i(fetch_idx), .fetch_n_i(fetch_n),
    .req_valid_o(desc_req_valid_o), .req_ready_i(desc_req_ready_i), .req_addr_o(desc_req_addr_o),
    .req_len_o(desc_req_len_o), .req_dst_o(desc_req_dst_o), .req_cookie_o(desc_req_cookie_o)
  );

  rx_desc_mem #(.DataWidth(DataWidth), .Queues(Queues)) u_desc (
    .clk_i(clk_i), .wr_valid_i(dmar_valid_i && dmar_client_i == 2'd1), .wr_row_i(dmar_row_i), .wr_be_i(dmar_be_i),
    .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i), .rd_en_i(desc_rd), .rd_slot_i(desc_slot), .rd_data_o(desc)
  );

  // ------------------------------------------------------------ frames
  wire                 pass, broadcast, multicast, frame_idle;
  wire                 parse_valid, parse_ready, parse_idle, csum_idle;
  wire [13:0]          parse_end;
  wire                 pay_req_valid, pay_req_ready, pay_valid, pay_ready, pay_last;
  wire [63:0]          pay_req_addr;
  wire [13:0]          pay_req_len;
  wire [SkipW-1:0]     pay_req_skip;
  wire [DataWidth-1:0] pay_data;
  wire                 rec_in_valid, rec_in_ready, rec_valid, rec_ready;
  wire [RecordW-1:0]   rec_in, rec;
  wire [2:0]           rec_count;
  wire [3:0]           verdict_count;
  reg  [3:0]           frames_q;          // started and not done, 0..8
  reg                  write_lost_q;      // bus mastering was off since one of them started
  wire                 room_for_frame = !frames_q[3];
  wire                 in_flight      = frames_q != 4'd0;

  rx_filter u_filter (
    .da_i(mac_data_i[47:0]), .mac_addr_i(mac_addr_i), .mac_hash_i(mac_hash_i),
    .accept_broadcast_i(accept_broadcast_i), .accept_all_multicast_i(accept_all_multicast_i),
    .promiscuous_i(promiscuous_i), .pass_o(pass), .broadcast_o(broadcast), .multicast_o(multicast)
  );

  rx_frame #(.DataWidth(DataWidth), .Queues(Queues), .RecordW(RecordW)) u_frame (
    .clk_i(clk_i), .rst_ni(rst_ni), .quiesce_i(quiesce_i), .idle_o(frame_idle), .enable_i(enable_i),
    .bus_master_i(bus_master_i), .strip_fcs_i(strip_fcs_i),
    .pass_i(pass), .broadcast_i(broadcast), .multicast_i(multicast),
    .on_i(ring_on), .error_i(q_error_o), .used_idx_i(used_idx), .avail_i(avail), .room_i(room), .more_i(more),
    .hungry_o(hungry), .use_o(use_it), .use_n_o(use_n), .bad_o(bad), .bad_idx_o(bad_idx),
    .desc_rd_o(desc_rd), .desc_slot_o(desc_slot), .desc_i(desc),
    .mac_valid_i(mac_valid_i), .mac_ready_o(mac_ready_o), .mac_sop_i(mac_sop_i), .mac_eop_i(mac_eop_i),
    .mac_data_i(mac_data_i), .mac_len_i(mac_len_i), .mac_time_i(mac_time_i),
    .parse_valid_o(parse_valid), .parse_ready_i(parse_ready), .parse_end_o(parse_end),
    .req_valid_o(pay_req_valid), .req_ready_i(pay_req_ready), .req_addr_o(pay_req_addr), .req_len_o(pay_req_len),
    .req_skip_o(pay_req_skip), .data_valid_o(pay_valid), .data_ready_i(pay_ready), .data_last_o(pay_last),
    .data_o(pay_data),
    .rec_valid_o(rec_in_valid), .rec_ready_i(rec_in_ready), .rec_o(rec_in), .room_for_frame_i(room_for_frame),
    .in_flight_i(in_flight), .ev_filtered_o(ev_filtered_o), .ev_no_buffer_o(ev_no_buffer_o),
    .ev_disabled_o(ev_disabled_o), .ev_dma_error_o(ev_unread)
  );

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      frames_q     <= 4'd0;
      write_lost_q <= 1'b0;
    end else begin
      if ((use_it != 0) != (frame_done != 0)) frames_q <= (use_it != 0) ? frames_q + 4'd1 : frames_q - 4'd1;
      write_lost_q <= in_flight && (write_lost_q || !bus_master_i);
    end
  end

  // ------------------------------------------------------------ verdicts
  wire                 beat, beat_sop, beat_eop, ipv4, ipv6, fragment, whole, chain;
  wire [DataWidth-1:0] beat_data;
  wire [14:0]          pos, frame_end, l4, ip_end;
  wire [4:0]           ip;
  wire [6:0]           ip_hdr_end;
  wire [7:0]           proto;
  wire                 verdict_in_valid, verdict_in_ready, verdict_valid, verdict_ready;
  wire [VerdictW-1:0]  verdict_in, verdict;

  rx_parse #(.DataWidth(DataWidth)) u_parse (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(parse_idle), .in_valid_i(parse_valid), .in_ready_o(parse_ready),
    .in_sop_i(mac_sop_i), .in_eop_i(mac_eop_i), .in_end_i(parse_end), .in_data_i(mac_data_i),
    .beat_o(beat), .beat_sop_o(beat_sop), .beat_eop_o(beat_eop), .beat_data_o(beat_data), .pos_o(pos),
    .end_o(frame_end), .ip_o(ip), .ip_hdr_end_o(ip_hdr_end), .l4_o(l4), .ip_end_o(ip_end), .ipv4_o(ipv4),
    .ipv6_o(ipv6), .fragment_o(fragment), .whole_o(whole), .chain_o(chain), .proto_o(proto)
  );

  rx_csum #(.DataWidth(DataWidth), .VerdictW(VerdictW)) u_csum (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(csum_idle), .beat_i(beat), .beat_sop_i(beat_sop), .beat_eop_i(beat_eop),
    .beat_data_i(beat_data), .pos_i(pos), .end_i(frame_end), .ip_i(ip), .ip_hdr_end_i(ip_hdr_end), .l4_i(l4),
    .ip_end_i(ip_end), .ipv4_i(ipv4), .ipv6_i(ipv6), .fragment_i(fragment), .whole_i(whole), .chain_i(chain),
    .proto_i(proto), .verdict_valid_o(verdict_in_valid), .verdict_o(verdict_in)
  );

  // At most eight frames are under way, so the verdict always finds room
  sync_fifo #(.Width(VerdictW), .DepthLog2(3)) u_verdicts (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(verdict_in_valid), .wr_ready_o(verdict_in_ready),
    .wr_data_i(verdict_in), .rd_valid_o(verdict_valid), .rd_ready_i(verdict_ready), .rd_data_o(verdict),
    .count_o(verdict_count)
  );
  sync_fifo #(.Width(RecordW), .DepthLog2(2)) u_records (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(rec_in_valid), .wr_ready_o(rec_in_ready), .wr_data_i(rec_in),
    .rd_valid_o(rec_valid), .rd_ready_i(rec_ready), .rd_data_o(rec), .count_o(rec_count)
  );

  // ------------------------------------------------------------ return entries, reports
  wire return_idle, ev_unread, ev_lost;
  rx_return #(.DataWidth(DataWidth), .Queues(Queues), .RecordW(RecordW), .VerdictW(VerdictW)) u_return (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(return_idle), .ret_base_i(q_ret_base_i), .ret_size_i(q_ret_size_i),
    .rec_valid_i(rec_valid), .rec_ready_o(rec_ready), .rec_i(rec), .verdict_valid_i(verdict_valid),
    .verdict_ready_o(verdict_ready), .verdict_i(verdict),
    .pay_req_valid_i(pay_req_valid), .pay_req_ready_o(pay_req_ready), .pay_req_addr_i(pay_req_addr),
    .pay_req_len_i(pay_req_len), .pay_req_skip_i(pay_req_skip), .pay_valid_i(pay_valid), .pay_ready_o(pay_ready),
    .pay_last_i(pay_last), .pay_data_i(pay_data),
    .wr_req_valid_o(wr_req_valid_o), .wr_req_ready_i(wr_req_ready_i), .wr_req_addr_o(wr_req_addr_o),
    .wr_req_len_o(wr_req_len_o), .wr_req_skip_o(wr_req_skip_o), .wr_data_valid_o(wr_data_valid_o),
    .wr_data_ready_i(wr_data_ready_i), .wr_data_o(wr_data_o), .wr_done_i(wr_done_i),
    .write_lost_i(write_lost_q || !bus_master_i), .ring_lost_i(ring_lost), .frame_lost_o(frame_lost),
    .ev_lost_o(ev_lost), .frame_done_o(frame_done), .frame_done_n_o(frame_done_n), .ev_frame_o(ev_frame_o),
    .ev_broadcast_o(ev_broadcast_o),
    .ev_multicast_o(ev_multicast_o), .ev_csum_bad_o(ev_csum_bad_o), .frame_octets_o(frame_octets_o)
  );
  assign ev_delivered_o = ev_frame_o != 0;
  assign ev_dma_error_o = ev_unread || ev_lost;   // never both: rx_frame waits while frames are in flight
  assign idle_o         = (&ring_idle) && fetch_idle && frame_idle && parse_idle && csum_idle && return_idle;

  assign rss_idx_o = 7'd0;
  wire unused = &{1'b0, vlan_strip_i, rss_control_i, rss_key_i, rss_queue_i, mac_bytes_i, rec_count, verdict_count, verdict_in_ready};
endmodule
`default_nettype wire
