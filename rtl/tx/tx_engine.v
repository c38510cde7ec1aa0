// tx_engine - from a doorbell to a frame for the MAC: descriptors and payload by DMA, checksum inserted.
//
// Does:      joins its parts, in data order: tx_fetch (doorbells, descriptor batches), tx_desc_mem, tx_gather (packets,
//            checks, payload requests), tx_slots (what of a packet has arrived), tx_row_mem (packet memory), tx_csum (sum
//            while octets arrive), tx_send (checksum put in, frames out in order), tx_queues (state the driver sees).
// Order:     packets leave in the order in which tx_gather took them: in ring order within a queue, round robin between
//            queues. A packet is reported (consumer index, ev_packet_o) when all its read data is in packet memory and it
//            begins to leave, rule D6.
// Errors:    a queue stops alone, with reason and index: of the descriptor that is wrong (bad_descriptor); of the
//            producer index written (bad_doorbell); of the first descriptor of the batch whose fetch failed; of the
//            fragment whose read failed, exact up to the eighth of a packet, the eighth for all later ones. Packets
//            before it are sent and reported, packets behind it are not.
// Switches:  disabling a ring, or enable_i low, ends fetching; what was fetched is finished. quiesce_i begins nothing new;
//            what is in flight ends, and a reset follows.
// Memory:    BufferBytes of packets (power of two, 1024..262144), 32 packets, 64 descriptors a queue.
// Latency:   doorbell to descriptor request 1 cycle; last descriptor octet to payload request 5; last payload octet to
//            mac_valid_o 5. Throughput: a packet of one fragment every 4 cycles; a beat a cycle to the MAC.
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
  localparam MaxFrame  = 9018 - 4;      // jumbo without FCS
  localparam MaxOctets = MaxFrame < BufferBytes ? MaxFrame : BufferBytes - DataWidth / 8;  // never all the rows
  localparam [1:0] ClientDesc = 2'd0;
  localparam [1:0] ClientData = 2'd2;

  wire desc_wr   = dmar_valid_i && dmar_client_i == ClientDesc;
  wire data_wr   = dmar_valid_i && dmar_client_i == ClientData;
  wire desc_done = dmar_done_i && dmar_done_client_i == ClientDesc;
  wire data_done = dmar_done_i && dmar_done_client_i == ClientData;

  // ------------------------------------------------------------ queues
  wire [Queues-1:0]    on, open, failed, clear, arrive, fetch_busy, gather_busy;
  wire [Queues*32-1:0] ready, gathered, fail_idx;
  wire [Queues*4-1:0]  fail_reason;
  wire                 alloc_valid, alloc_ready, alloc_csum, retire, finish, pop;
  wire [QueueW-1:0]    alloc_queue, head_queue, finish_queue;
  wire [3:0]           alloc_reason, head_reason;
  wire [31:0]          alloc_idx, head_idx;
  wire                 queues_idle, fetch_idle, gather_idle, slots_idle, send_idle;
  wire                 alloc = alloc_valid && alloc_ready;
  tx_queues #(.Queues(Queues), .QueueW(QueueW), .FirstIndex(FirstIndex)) u_queues (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(queues_idle), .enable_i(q_enable_i), .reset_i(q_reset_i),
    .running_o(q_running_o), .cons_o(q_cons_o), .error_o(q_error_o), .error_idx_o(q_error_idx_o),
    .on_o(on), .open_o(open), .failed_o(failed), .clear_o(clear), .busy_i(fetch_busy | gather_busy),
    .alloc_i(alloc), .alloc_queue_i(alloc_queue), .retire_i(retire), .retire_queue_i(head_queue),
    .retire_reason_i(head_reason), .retire_idx_i(head_idx), .finish_i(finish), .finish_queue_i(finish_queue)
  );

  // ------------------------------------------------------------ descriptors
  wire [Queues-1:0] allow = open & ~failed & {Queues{enable_i && !quiesce_i}};
  tx_fetch #(.Queues(Queues), .QueueW(QueueW), .FirstIndex(FirstIndex)) u_fetch (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(fetch_idle), .allow_i(allow), .on_i(open), .clear_i(clear),
    .base_i(q_base_i), .size_i(q_size_i), .prod_i(q_prod_i), .cons_i(q_cons_o), .gathered_i(gathered),
    .ready_o(ready), .arrive_o(arrive), .fail_reason_o(fail_reason), .fail_idx_o(fail_idx), .busy_o(fetch_busy),
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

  // ------------------------------------------------------------ packets
  wire [4:0]      alloc_slot;
  wire [RowW-1:0] alloc_row;
  wire [RowW:0]   alloc_rows;
  wire [5:0]      alloc_count;
  wire [13:0]     alloc_octets, alloc_start, alloc_field;
  tx_gather #(
    .Queues(Queues), .QueueW(QueueW), .MaxOctets(MaxOctets), .LaneW(LaneW), .RowW(RowW), .FirstIndex(FirstIndex)
  ) u_gather (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(gather_idle), .quiesce_i(quiesce_i), .on_i(on), .failed_i(failed),
    .clear_i(clear), .ready_i(ready), .arrive_i(arrive), .fail_reason_i(fail_reason), .fail_idx_i(fail_idx),
    .gathered_o(gathered), .busy_o(gather_busy), .desc_en_o(desc_en), .desc_entry_o(desc_entry), .desc_i(desc),
    .alloc_valid_o(alloc_valid), .alloc_ready_i(alloc_ready), .alloc_slot_i(alloc_slot), .alloc_row_i(alloc_row),
    .alloc_rows_o(alloc_rows), .alloc_queue_o(alloc_queue), .alloc_reason_o(alloc_reason), .alloc_idx_o(alloc_idx),
    .alloc_count_o(alloc_count), .alloc_octets_o(alloc_octets), .alloc_csum_o(alloc_csum),
    .alloc_start_o(alloc_start), .alloc_field_o(alloc_field),
    .req_valid_o(data_req_valid_o), .req_ready_i(data_req_ready_i), .req_addr_o(data_req_addr_o),
    .req_len_o(data_req_len_o), .req_dst_o(data_req_dst_o), .req_cookie_o(data_req_cookie_o)
  );

  wire            head_whole, head_csum, head_odd, head_udp;
  wire [4:0]      head_slot;
  wire [RowW-1:0] head_row;
  wire [RowW:0]   head_rows, finish_rows;
  wire [13:0]     head_octets, head_field;
  tx_slots #(.QueueW(QueueW), .RowW(RowW)) u_slots (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(slots_idle),
    .alloc_valid_i(alloc_valid), .alloc_ready_o(alloc_ready), .alloc_slot_o(alloc_slot), .alloc_row_o(alloc_row),
    .alloc_rows_i(alloc_rows), .alloc_queue_i(alloc_queue), .alloc_reason_i(alloc_reason), .alloc_idx_i(alloc_idx),
    .alloc_count_i(alloc_count), .alloc_octets_i(alloc_octets), .alloc_csum_i(alloc_csum),
    .alloc_odd_i(alloc_start[0]), .alloc_udp_i(alloc_field == alloc_start + 14'd6), .alloc_field_i(alloc_field),
    .done_i(data_done), .done_cookie_i(dmar_done_cookie_i), .done_bytes_i(dmar_done_bytes_i),
    .done_error_i(dmar_done_error_i),
    .head_whole_o(head_whole), .head_slot_o(head_slot), .head_queue_o(head_queue), .head_reason_o(head_reason),
    .head_idx_o(head_idx), .head_row_o(head_row), .head_rows_o(head_rows), .head_octets_o(head_octets),
    .head_csum_o(head_csum), .head_odd_o(head_odd), .head_udp_o(head_udp), .head_field_o(head_field),
    .pop_i(pop), .rows_free_i(finish), .rows_freed_i(finish_rows)
  );

  // ------------------------------------------------------------ octets
  wire                 rd_en;
  wire [RowW-1:0]      rd_row;
  wire [DataWidth-1:0] rd_data;
  wire [15:0]          head_sum;
  tx_row_mem #(.DataWidth(DataWidth), .RowW(RowW)) u_packet_mem (
    .clk_i(clk_i), .wr_valid_i(data_wr), .wr_row_i(dmar_row_i[RowW-1:0]), .wr_be_i(dmar_be_i),
    .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i), .rd_en_i(rd_en), .rd_row_i(rd_row), .rd_data_o(rd_data)
  );
  // Path step T8: the checksum is computed while the bytes stream past, at no extra cycle.
  tx_csum #(.DataWidth(DataWidth), .RowW(RowW)) u_csum (
    .clk_i(clk_i), .rst_ni(rst_ni), .alloc_i(alloc), .alloc_slot_i(alloc_slot), .alloc_row_i(alloc_row),
    .alloc_csum_i(alloc_csum), .alloc_start_i(alloc_start), .wr_valid_i(data_wr), .wr_slot_i(dmar_cookie_i[4:0]),
    .wr_row_i(dmar_row_i[RowW-1:0]), .wr_be_i(dmar_be_i), .wr_next_i(dmar_next_i), .wr_data_i(dmar_data_i),
    .sum_slot_i(head_slot), .sum_o(head_sum)
  );
  tx_send #(.DataWidth(DataWidth), .Queues(Queues), .QueueW(QueueW), .RowW(RowW)) u_send (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(send_idle),
    .head_whole_i(head_whole), .head_queue_i(head_queue), .head_reason_i(head_reason), .head_row_i(head_row),
    .head_rows_i(head_rows), .head_octets_i(head_octets), .head_csum_i(head_csum), .head_odd_i(head_odd), .head_udp_i(head_udp),
    .head_field_i(head_field), .head_sum_i(head_sum), .failed_i(failed),
    .pop_o(pop), .retire_o(retire), .finish_o(finish), .finish_queue_o(finish_queue), .finish_rows_o(finish_rows),
    .rd_en_o(rd_en), .rd_row_o(rd_row), .rd_data_i(rd_data),
    .mac_valid_o(mac_valid_o), .mac_ready_i(mac_ready_i), .mac_sop_o(mac_sop_o), .mac_eop_o(mac_eop_o),
    .mac_bytes_o(mac_bytes_o), .mac_data_o(mac_data_o),
    .ev_packet_o(ev_packet_o), .ev_frame_o(ev_frame_o), .ev_broadcast_o(ev_broadcast_o),
    .ev_multicast_o(ev_multicast_o), .ev_dma_error_o(ev_dma_error_o), .ev_bad_desc_o(ev_bad_desc_o),
    .frame_octets_o(frame_octets_o)
  );

  assign idle_o = queues_idle && fetch_idle && gather_idle && slots_idle && send_idle;
  assign {mac_stamp_o, ev_stamp_o, stamp_idx_o, stamp_time_o} = 0;
  wire unused_ok = &{1'b0, mac_stamp_valid_i, mac_stamp_time_i, dmar_done_cookie_i, dmar_cookie_i, dmar_row_i, desc_entry};
endmodule
`default_nettype wire
