// tx_engine - from a doorbell to frames for the MAC: descriptors and payload by DMA, checksums, VLAN tags, TCP segments.
//
// Does:      joins its parts, in data order: tx_fetch (doorbells, descriptor batches), tx_desc_mem, tx_gather (packets,
//            checks in tx_legal, arbiter in tx_pick, requests in tx_piece), tx_slots (what of a frame has arrived), tx_row_mem
//            (packet memory), tx_csum (sums while octets arrive), tx_header and tx_segment (headers of TSO packets),
//            tx_send (frames put together and out in order), tx_queues (state the driver sees).
// Order:     frames leave in the order in which tx_gather took them: in ring order within a queue, between queues as
//            tx_pick says. A packet is reported (consumer index, ev_packet_o) when all its read data is in the NIC
//            and its last frame begins to leave, rule D6.
// TSO:       a packet's header is fetched once, to the header store; each segment's payload lies in rows of its own behind
//            the place of its header. Nothing is copied; a header is edited in place between two segments.
// Errors:    a queue stops alone, with reason and index: of the descriptor that is wrong (bad_descriptor); of the
//            producer index written (bad_doorbell); of the first descriptor of the batch whose fetch failed; of the
//            fragment whose read failed. Packets before it are sent and reported, packets behind it are not; of a TSO
//            packet the segments before the failed one may have been sent.
// Switches:  disabling a ring, or enable_i low, ends fetching; what was fetched is finished. quiesce_i begins nothing new;
//            what is in flight ends, and a reset follows.
// Memory:    BufferBytes of frames (power of two, 1024..262144), 64 frames, 4 headers, 64 descriptors a queue.
// Stamps:    at most 8 frames that want a time stamp are on their way to the wire; the next one waits for room. A ring
//            is not off before its times are told. A time that comes when none is due is dropped.
// Latency:   doorbell to descriptor request 3 cycles; last descriptor octet to payload request 4; last payload octet to
//            mac_valid_o 8. Throughput: a packet of one fragment every 2 cycles; a beat a cycle to the MAC.
// Drops:     packets with an error: ev_dma_error_o, ev_bad_desc_o.
`default_nettype none
module tx_engine #(
  parameter DataWidth         = 512,
  parameter Queues            = 1,
  parameter BufferBytes       = 32768,
  parameter [31:0] FirstIndex = 0       // of a ring that is turned on; other than 0 for tests of the wrap only
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            quiesce_i,
  output wire                            idle_o,
  input  wire                            enable_i,
  input  wire [Queues*64-1:0]            q_base_i,
  input  wire [Queues*4-1:0]             q_size_i,
  input  wire [Queues-1:0]               q_enable_i,
  input  wire [Queues-1:0]               q_reset_i,
  output wire [Queues-1:0]               q_running_o,
  input  wire [Queues*32-1:0]            q_prod_i,
  output wire [Queues*32-1:0]            q_cons_o,
  output wire [Queues*4-1:0]             q_error_o,
  output wire [Queues*32-1:0]            q_error_idx_o,
  output wire                            desc_req_valid_o,
  input  wire                            desc_req_ready_i,
  output wire [63:0]                     desc_req_addr_o,
  output wire [16:0]                     desc_req_len_o,
  output wire [17:0]                     desc_req_dst_o,
  output wire [11:0]                     desc_req_cookie_o,
  output wire                            data_req_valid_o,
  input  wire                            data_req_ready_i,
  output wire [63:0]                     data_req_addr_o,
  output wire [16:0]                     data_req_len_o,
  output wire [17:0]                     data_req_dst_o,
  output wire [11:0]                     data_req_cookie_o,
  input  wire                            dmar_valid_i,
  input  wire [1:0]                      dmar_client_i,
  input  wire [11:0]                     dmar_cookie_i,
  input  wire [17-$clog2(DataWidth/8):0] dmar_row_i,
  input  wire [DataWidth/8-1:0]          dmar_be_i,
  input  wire [DataWidth/8-1:0]          dmar_next_i,
  input  wire [DataWidth-1:0]            dmar_data_i,
  input  wire                            dmar_done_i,
  input  wire [1:0]                      dmar_done_client_i,
  input  wire [11:0]                     dmar_done_cookie_i,
  input  wire [12:0]                     dmar_done_bytes_i,
  input  wire [3:0]                      dmar_done_error_i,
  output wire                            mac_valid_o,
  input  wire                            mac_ready_i,
  output wire                            mac_sop_o,
  output wire                            mac_eop_o,
  output wire [$clog2(DataWidth/8):0]    mac_bytes_o,
  output wire [DataWidth-1:0]            mac_data_o,
  output wire                            mac_stamp_o,        // with sop: its time of departure is asked for
  input  wire                            mac_stamp_valid_i,  // times of departure, in the order of the frames
  input  wire [63:0]                     mac_stamp_time_i,   // ns
  output wire [Queues-1:0]               ev_packet_o,
  output wire                            ev_frame_o,
  output wire                            ev_broadcast_o,
  output wire                            ev_multicast_o,
  output wire                            ev_dma_error_o,
  output wire                            ev_bad_desc_o,
  output wire [13:0]                     frame_octets_o,
  output wire [Queues-1:0]               ev_stamp_o,         // a time of departure for the queue's status block
  output wire [31:0]                     stamp_idx_o,        // index of the packet's first descriptor
  output wire [63:0]                     stamp_time_o
);
  localparam LaneW     = $clog2(DataWidth / 8);
  localparam RowW      = $clog2(BufferBytes) - LaneW;
  localparam QueueW    = Queues > 1 ? $clog2(Queues) : 1;
  localparam EntryW    = Queues > 1 ? 6 + QueueW : 6;
  localparam MaxFrame  = 9018 - 4;      // jumbo without FCS; a VLAN tag comes on top
  localparam MaxOctets = MaxFrame + 4 < BufferBytes ? MaxFrame : BufferBytes - DataWidth / 4;  // never all the rows
  localparam [1:0] ClientDesc = 2'd0;
  localparam [1:0] ClientData = 2'd2;

  wire desc_wr   = dmar_valid_i && dmar_client_i == ClientDesc;
  wire data_wr   = dmar_valid_i && dmar_client_i == ClientData && !dmar_cookie_i[11];
  wire hold_wr   = dmar_valid_i && dmar_client_i == ClientData && dmar_cookie_i[11];
  wire desc_done = dmar_done_i && dmar_done_client_i == ClientDesc;
  wire data_done = dmar_done_i && dmar_done_client_i == ClientData && !dmar_done_cookie_i[11];
  wire hold_done = dmar_done_i && dmar_done_client_i == ClientData && dmar_done_cookie_i[11];

  // ------------------------------------------------------------ queues
  wire [Queues-1:0]    on, open, failed, clear, arrive, fetch_busy, gather_busy, bad_doorbell;
  wire [Queues*7-1:0]  ready, gathered;
  wire [Queues*4-1:0]  fail_reason;
  wire                 alloc_valid, alloc_ready, alloc_early, retire, finish, pop, stamp;
  wire [QueueW-1:0]    alloc_queue, head_queue, finish_queue;
  wire [3:0]           head_reason;
  wire [6:0]           info_pos, head_pos;
  wire [31:0]          bad_idx, head_idx;
  wire                 queues_idle, fetch_idle, gather_idle, slots_idle, send_idle, header_idle;
  wire                 alloc = alloc_valid && alloc_ready;
  tx_queues #(.Queues(Queues), .QueueW(QueueW), .FirstIndex(FirstIndex)) u_queues (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(queues_idle), .enable_i(q_enable_i), .reset_i(q_reset_i),
    .running_o(q_running_o), .cons_o(q_cons_o), .error_o(q_error_o), .error_idx_o(q_error_idx_o),
    .on_o(on), .open_o(open), .failed_o(failed), .clear_o(clear), .busy_i(fetch_busy | gather_busy),
    .alloc_i(alloc), .alloc_queue_i(alloc_queue), .retire_i(retire), .retire_queue_i(head_queue),
    .retire_reason_i(head_reason), .retire_count_i(info_pos), .retire_pos_i(head_pos), .retire_idx_o(head_idx),
    .bad_doorbell_i(bad_doorbell), .bad_idx_i(bad_idx), .finish_i(finish), .finish_queue_i(finish_queue),
    .stamp_i(stamp), .stamped_i(ev_stamp_o)
  );

  // ------------------------------------------------------------ descriptors
  wire [Queues-1:0] allow = open & ~failed & {Queues{enable_i && !quiesce_i}};
  tx_fetch #(.Queues(Queues), .QueueW(QueueW), .FirstIndex(FirstIndex)) u_fetch (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(fetch_idle), .allow_i(allow), .clear_i(clear),
    .base_i(q_base_i), .size_i(q_size_i), .prod_i(q_prod_i), .cons_i(q_cons_o), .gathered_i(gathered),
    .ready_o(ready), .arrive_o(arrive), .fail_reason_o(fail_reason), .bad_doorbell_o(bad_doorbell),
    .bad_idx_o(bad_idx), .busy_o(fetch_busy),
    .req_valid_o(desc_req_valid_o), .req_ready_i(desc_req_ready_i), .req_addr_o(desc_req_addr_o),
    .req_len_o(desc_req_len_o), .req_dst_o(desc_req_dst_o), .req_cookie_o(desc_req_cookie_o),
    .done_i(desc_done), .done_cookie_i(dmar_done_cookie_i), .done_bytes_i(dmar_done_bytes_i),
    .done_error_i(dmar_done_error_i)
  );

  wire              desc_en;
  wire [QueueW+5:0] desc_entry;
  wire [127:0]      desc;
  tx_desc_mem #(.DataWidth(DataWidth), .EntryW(EntryW)) u_desc_mem (
    .clk_i(clk_i), .wr_valid_i(desc_wr), .wr_row_i(dmar_row_i), .wr_be_i(dmar_be_i), .wr_next_i(dmar_next_i),
    .wr_data_i(dmar_data_i), .rd_en_i(desc_en), .rd_entry_i(desc_entry[EntryW-1:0]), .rd_desc_o(desc)
  );

  // ------------------------------------------------------------ frames
  // What goes with a frame from tx_gather to tx_send.
  localparam InfoW = QueueW + 4 + 7 + 2 + 14 + 3 + 14 + 1 + 16 + 1 + 1 + 2;
  wire [InfoW-1:0] alloc_info, head_info;
  wire [3:0]       alloc_reason;
  wire [6:0]       alloc_pos;
  wire             alloc_last, alloc_ext, alloc_csum, alloc_udp, alloc_vlan, alloc_stamp, alloc_tso;
  wire [13:0]      alloc_arrive, alloc_octets, alloc_start, alloc_field;
  wire [15:0]      alloc_tci;
  wire [1:0]       alloc_hold, hold_alloc_slot;
  wire [5:0]       alloc_slot;
  wire [RowW-1:0]  alloc_row;
  wire [RowW:0]    alloc_rows;
  wire             hold_alloc, hold_ready;
  wire [8:0]       hold_alloc_octets;
  wire [7:0]       hold_alloc_ip, hold_alloc_l4;
  wire [13:0]      hold_alloc_mss;
  tx_gather #(
    .Queues(Queues), .QueueW(QueueW), .MaxOctets(MaxOctets), .LaneW(LaneW), .RowW(RowW), .FirstIndex(FirstIndex)
  ) u_gather (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(gather_idle), .quiesce_i(quiesce_i), .on_i(on), .failed_i(failed),
    .clear_i(clear), .ready_i(ready), .arrive_i(arrive), .fail_reason_i(fail_reason),
    .gathered_o(gathered), .busy_o(gather_busy), .desc_en_o(desc_en), .desc_entry_o(desc_entry), .desc_i(desc),
    .alloc_valid_o(alloc_valid), .alloc_ready_i(alloc_ready), .alloc_slot_i(alloc_slot), .alloc_row_i(alloc_row),
    .alloc_rows_o(alloc_rows), .alloc_queue_o(alloc_queue), .alloc_reason_o(alloc_reason), .alloc_pos_o(alloc_pos),
    .alloc_last_o(alloc_last), .alloc_ext_o(alloc_ext), .alloc_early_o(alloc_early), .alloc_arrive_o(alloc_arrive), .alloc_octets_o(alloc_octets),
    .alloc_csum_o(alloc_csum), .alloc_start_o(alloc_start), .alloc_field_o(alloc_field), .alloc_udp_o(alloc_udp),
    .alloc_vlan_o(alloc_vlan), .alloc_tci_o(alloc_tci), .alloc_stamp_o(alloc_stamp), .alloc_tso_o(alloc_tso),
    .alloc_head_o(alloc_hold), .head_valid_o(hold_alloc), .head_ready_i(hold_ready), .head_slot_i(hold_alloc_slot),
    .head_octets_o(hold_alloc_octets), .head_ip_o(hold_alloc_ip), .head_l4_o(hold_alloc_l4),
    .head_mss_o(hold_alloc_mss),
    .req_valid_o(data_req_valid_o), .req_ready_i(data_req_ready_i), .req_addr_o(data_req_addr_o),
    .req_len_o(data_req_len_o), .req_dst_o(data_req_dst_o), .req_cookie_o(data_req_cookie_o)
  );
  assign alloc_info = {alloc_queue, alloc_reason, alloc_pos, alloc_last, alloc_ext, alloc_octets,
                       alloc_csum && !alloc_tso, alloc_start[0], alloc_udp, alloc_field, alloc_vlan, alloc_tci,
                       alloc_stamp, alloc_tso, alloc_hold};

  wire            head_whole, head_last, head_ext, head_csum, head_odd, head_udp, head_vlan, head_stamp, head_tso;
  wire [5:0]      head_slot;
  wire [1:0]      head_hold;
  wire [RowW-1:0] head_row;
  wire [RowW:0]   head_rows, finish_rows;
  wire [13:0]     head_octets, head_field;
  wire [15:0]     head_tci, head_sum;
  wire [3:0]      info_reason, read_reason, hold_reason;
  wire [4:0]      read_frag, hold_frag;
  tx_slots #(.RowW(RowW), .InfoW(InfoW)) u_slots (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(slots_idle),
    .alloc_valid_i(alloc_valid), .alloc_ready_o(alloc_ready), .alloc_slot_o(alloc_slot), .alloc_row_o(alloc_row),
    .alloc_rows_i(alloc_rows), .alloc_octets_i(alloc_arrive), .early_i(alloc_early), .alloc_info_i(alloc_info),
    .done_i(data_done), .done_cookie_i(dmar_done_cookie_i), .done_bytes_i(dmar_done_bytes_i),
    .done_error_i(dmar_done_error_i),
    .head_whole_o(head_whole), .head_slot_o(head_slot), .head_reason_o(read_reason), .head_frag_o(read_frag),
    .head_row_o(head_row), .head_rows_o(head_rows), .head_info_o(head_info),
    .pop_i(pop), .rows_free_i(finish), .rows_freed_i(finish_rows)
  );
  assign {head_queue, info_reason, info_pos, head_last, head_ext, head_octets, head_csum, head_odd, head_udp,
          head_field, head_vlan, head_tci, head_stamp, head_tso, head_hold} = head_info;

  // The first reason counts: of tx_gather, of a header, of a payload read.
  wire       of_hold  = head_tso && hold_reason != 4'd0;
  wire [6:0] frag_pos = {2'b00, of_hold ? hold_frag : read_frag} + {6'd0, head_ext};
  assign head_reason = info_reason != 4'd0 ? info_reason : of_hold ? hold_reason : read_reason;
  assign head_pos    = info_reason != 4'd0 ? info_pos : frag_pos;

  // ------------------------------------------------------------ octets
  wire                 rd_en;
  wire [RowW-1:0]      rd_row;
  wire [DataWidth-1:0] rd_data;
  tx_row_mem #(.DataWidth(DataWidth), .RowW(RowW)) u_packet_mem (
    .clk_i(clk_i), .wr_valid_i(data_wr), .wr_row_i(dmar_row_i[RowW-1:0]), .wr_be_i(dmar_be_i),
    .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i), .rd_en_i(rd_en), .rd_row_i(rd_row), .rd_data_o(rd_data)
  );
  // Path step T8: the checksum is computed while the bytes stream past, at no extra cycle.
  tx_csum #(.DataWidth(DataWidth), .RowW(RowW)) u_csum (
    .clk_i(clk_i), .rst_ni(rst_ni), .alloc_i(alloc), .alloc_slot_i(alloc_slot), .alloc_row_i(alloc_row),
    .alloc_csum_i(alloc_csum), .alloc_start_i(alloc_start), .wr_valid_i(data_wr), .wr_slot_i(dmar_cookie_i[5:0]),
    .wr_row_i(dmar_row_i[RowW-1:0]), .wr_be_i(dmar_be_i), .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i),
    .sum_slot_i(head_slot), .sum_o(head_sum)
  );

  // ------------------------------------------------------------ headers of TSO packets
  wire                 hold_free, hold_busy, hold_known, hold_v6, hold_rd_en, hold_keep, hold_go, edit_valid, edit_ready;
  wire [10-LaneW:0]    hold_rd_row;
  wire [DataWidth-1:0] hold_data;
  wire [8:0]           hold_octets, hold_ip, hold_l4;
  wire [13:0]          hold_mss;
  wire [15:0]          hold_id, hold_flags, hold_ip_sum, hold_l4_sum, edit_word;
  wire [31:0]          hold_seq;
  wire [9:0]           edit_place;
  tx_header #(.DataWidth(DataWidth)) u_header (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(header_idle), .alloc_i(hold_alloc && hold_ready),
    .alloc_ready_o(hold_ready), .alloc_slot_o(hold_alloc_slot), .alloc_octets_i(hold_alloc_octets),
    .alloc_ip_i(hold_alloc_ip), .alloc_l4_i(hold_alloc_l4), .alloc_vlan_i(alloc_vlan), .alloc_mss_i(hold_alloc_mss),
    .free_i(hold_free), .wr_valid_i(hold_wr), .wr_row_i(dmar_row_i[10-LaneW:0]), .wr_be_i(dmar_be_i),
    .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i), .done_i(hold_done), .done_cookie_i(dmar_done_cookie_i),
    .done_bytes_i(dmar_done_bytes_i), .done_error_i(dmar_done_error_i),
    .edit_valid_i(edit_valid), .edit_ready_o(edit_ready), .edit_place_i(edit_place), .edit_word_i(edit_word),
    .rd_en_i(hold_rd_en), .rd_row_i(hold_rd_row), .rd_keep_i(hold_keep), .rd_data_o(hold_data),
    .pop_i(pop), .hold_slot_i(head_hold), .hold_known_o(hold_known), .hold_reason_o(hold_reason), .hold_frag_o(hold_frag),
    .hold_octets_o(hold_octets), .hold_ip_o(hold_ip), .hold_l4_o(hold_l4), .hold_mss_o(hold_mss), .hold_v6_o(hold_v6),
    .hold_id_o(hold_id), .hold_seq_o(hold_seq), .hold_flags_o(hold_flags), .hold_ip_sum_o(hold_ip_sum),
    .hold_l4_sum_o(hold_l4_sum)
  );
  wire segment_due = head_whole && head_tso && hold_known && head_reason == 4'd0;
  tx_segment u_segment (
    .clk_i(clk_i), .rst_ni(rst_ni), .due_i(segment_due), .busy_i(hold_busy), .pop_i(pop), .tso_i(head_tso),
    .last_i(head_last), .octets_i(head_octets), .mss_i(hold_mss), .sum_i(head_sum), .slot_i(head_hold),
    .ip_i(hold_ip), .l4_i(hold_l4), .v6_i(hold_v6), .id_i(hold_id), .seq_i(hold_seq), .flags_i(hold_flags),
    .ip_sum_i(hold_ip_sum), .l4_sum_i(hold_l4_sum), .ready_o(hold_go),
    .edit_valid_o(edit_valid), .edit_ready_i(edit_ready), .edit_place_o(edit_place), .edit_word_o(edit_word)
  );

  // ------------------------------------------------------------ out
  wire stamp_room;
  tx_send #(.DataWidth(DataWidth), .Queues(Queues), .QueueW(QueueW), .RowW(RowW)) u_send (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(send_idle),
    .head_whole_i(head_whole), .head_queue_i(head_queue), .head_reason_i(head_reason), .head_last_i(head_last),
    .head_row_i(head_row), .head_rows_i(head_rows), .head_octets_i(head_octets), .head_csum_i(head_csum),
    .head_odd_i(head_odd), .head_udp_i(head_udp), .head_field_i(head_field), .head_sum_i(head_sum),
    .head_vlan_i(head_vlan), .head_tci_i(head_tci), .head_stamp_i(head_stamp), .stamp_room_i(stamp_room),
    .head_tso_i(head_tso), .head_slot_i(head_hold), .head_hold_i(hold_octets), .head_known_i(hold_known),
    .head_ready_i(hold_go), .failed_i(failed), .pop_o(pop), .retire_o(retire), .stamp_o(stamp), .finish_o(finish),
    .finish_queue_o(finish_queue), .finish_rows_o(finish_rows), .rd_en_o(rd_en), .rd_row_o(rd_row),
    .rd_data_i(rd_data), .hold_busy_o(hold_busy), .hold_done_o(hold_free), .hold_rd_en_o(hold_rd_en),
    .hold_rd_row_o(hold_rd_row), .hold_data_i(hold_data), .hold_keep_o(hold_keep),
    .mac_valid_o(mac_valid_o), .mac_ready_i(mac_ready_i), .mac_sop_o(mac_sop_o), .mac_eop_o(mac_eop_o),
    .mac_bytes_o(mac_bytes_o), .mac_data_o(mac_data_o), .mac_stamp_o(mac_stamp_o),
    .ev_packet_o(ev_packet_o), .ev_frame_o(ev_frame_o), .ev_broadcast_o(ev_broadcast_o),
    .ev_multicast_o(ev_multicast_o), .ev_dma_error_o(ev_dma_error_o), .ev_bad_desc_o(ev_bad_desc_o),
    .frame_octets_o(frame_octets_o)
  );

  // Whose time of departure comes next. The consumer index is still that of the packet's first descriptor.
  wire [QueueW-1:0] stamp_queue;
  wire              stamp_due;
  wire [3:0]        stamp_count;
  sync_fifo #(.Width(QueueW + 32), .DepthLog2(3)) u_stamps (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(stamp), .wr_ready_o(stamp_room), .wr_data_i({head_queue, head_idx}),
    .rd_valid_o(stamp_due), .rd_ready_i(mac_stamp_valid_i), .rd_data_o({stamp_queue, stamp_idx_o}),
    .count_o(stamp_count)
  );
  assign stamp_time_o = mac_stamp_time_i;
  assign ev_stamp_o   = stamp_due && mac_stamp_valid_i ? {{(Queues-1){1'b0}}, 1'b1} << stamp_queue : {Queues{1'b0}};

  assign idle_o = queues_idle && fetch_idle && gather_idle && slots_idle && send_idle && header_idle;
  wire unused_ok = &{1'b0, stamp_count, dmar_done_cookie_i, dmar_cookie_i, dmar_row_i, desc_entry};
endmodule
`default_nettype wire
