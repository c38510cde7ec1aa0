// tx_gather - makes frames of descriptors: reads them once more from the chip, checks them, asks for the payload.
//
// Does:      packet by packet, from the queue that tx_pick names. A packet is looked at only when its last descriptor is
//            on chip and everything in it is legal before the first byte of it is asked for; until then other queues go
//            on. Then it is asked for in units: a frame's octets, for which it gets a slot and rows of packet memory; with
//            TSO first the header, to the header store, then the payload of one segment after the other, each to rows of
//            its own behind the place of its header. Fragments and units cut each other as they fall.
// Place:     octet n of a packet lies at n of its rows, at n + 4 when a VLAN tag goes in.
// Checks:    tx_legal judges descriptors and settings; its header says what is a bad_descriptor.
// Errors:    go through a slot of their own, so that they meet the queue behind all packets before them. After one the
//            queue is left alone until it is cleared. When it fails, a TSO packet is given up at its next segment.
// Quiesce:   no new packet is begun; a TSO packet goes on, its reads fail at once and so it is given up.
// Ahead:     a packet of one descriptor is all known when it has been looked at; the next one is chosen and read while it
//            gets its place.
// Latency:   3 cycles from descriptor to request. Throughput: a packet of one fragment in 2 cycles, of more in
//            3 * fragments; a TSO segment in 2 * pieces, one more when it ends with a fragment.
`default_nettype none
module tx_gather #(
  parameter Queues            = 1,
  parameter QueueW            = 1,
  parameter MaxOctets         = 9014,
  parameter LaneW             = 6,            // log2 of octets in a row
  parameter RowW              = 9,            // log2 of rows
  parameter [31:0] FirstIndex = 0
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire                 quiesce_i,
  input  wire [Queues-1:0]    on_i,
  input  wire [Queues-1:0]    failed_i,
  input  wire [Queues-1:0]    clear_i,
  input  wire [Queues*7-1:0]  ready_i,
  input  wire [Queues-1:0]    arrive_i,
  input  wire [Queues*4-1:0]  fail_reason_i,
  output wire [Queues*7-1:0]  gathered_o,
  output wire [Queues-1:0]    busy_o,
  // Descriptor memory
  output wire                 desc_en_o,
  output wire [QueueW+5:0]    desc_entry_o,
  input  wire [127:0]         desc_i,
  // A slot for a frame, or for an error
  output wire                 alloc_valid_o,
  input  wire                 alloc_ready_i,
  input  wire [5:0]           alloc_slot_i,
  input  wire [RowW-1:0]      alloc_row_i,
  output wire [RowW:0]        alloc_rows_o,
  output wire [QueueW-1:0]    alloc_queue_o,
  output wire [3:0]           alloc_reason_o, // 0: a frame
  output wire [6:0]           alloc_pos_o,    // entries of the packet, or of them before the one that is wrong
  output wire                 alloc_last_o,   // the packet's last frame
  output wire                 alloc_ext_o,    // the packet has an extension descriptor
  output wire                 alloc_early_o,  // the frame comes in the next cycle; alloc_arrive_o is right already
  output wire [13:0]          alloc_arrive_o, // octets asked for
  output wire [13:0]          alloc_octets_o, // of the frame from the first row's start on
  output wire                 alloc_csum_o,
  output wire [13:0]          alloc_start_o,  // first octet summed, from the row's start
  output wire [13:0]          alloc_field_o,  // place of the checksum field
  output wire                 alloc_udp_o,    // it lies where UDP has it
  output wire                 alloc_vlan_o,
  output wire [15:0]          alloc_tci_o,
  output wire                 alloc_stamp_o,
  output wire                 alloc_tso_o,
  output wire [1:0]           alloc_head_o,   // where its header is
  // A place in the header store
  output wire                 head_valid_o,
  input  wire                 head_ready_i,
  input  wire [1:0]           head_slot_i,
  output wire [8:0]           head_octets_o,
  output wire [7:0]           head_ip_o,
  output wire [7:0]           head_l4_o,
  output wire [13:0]          head_mss_o,
  // Payload requests
  output wire                 req_valid_o,
  input  wire                 req_ready_i,
  output wire [63:0]          req_addr_o,
  output wire [16:0]          req_len_o,
  output wire [17:0]          req_dst_o,
  output wire [11:0]          req_cookie_o    // {to the header store, fragment, slot}
);
  `include "nic_regs.vh"
  localparam [2:0] StPick  = 3'd0;  // choose a queue, read its next descriptor
  localparam [2:0] StScan  = 3'd1;  // check one descriptor a cycle, up to eop
  localparam [2:0] StAlloc = 3'd2;  // wait for a slot and room, ask for the first piece
  localparam [2:0] StIssue = 3'd3;  // ask for another piece
  localparam [2:0] StLoad  = 3'd4;  // take the next fragment
  localparam [2:0] StFail  = 3'd5;  // hand on an error
  localparam [2:0] StHead  = 3'd6;  // wait for a place in the header store
  localparam [2:0] StSeg   = 3'd7;  // how long the next segment is

  reg [2:0]        state_q;
  reg [6:0]        idx_q;           // first entry of the packet
  reg [5:0]        pos_q;           // entry looked at, from idx_q
  reg [5:0]        last_q;          // the one with eop
  reg [15:0]       pay_left_q;      // of the packet, behind the unit
  reg [13:0]       octets_q;        // of the frame, without a tag
  reg              last_unit_q, judged_q;
  reg              single_q;        // the packet is one piece
  reg [1:0]        head_slot_q;     // of the packet in the header store
  reg [3:0]        reason_q;
  reg [6:0]        bad_pos_q;
  reg              give_up_q;       // the error ends a TSO packet that has begun

  // ------------------------------------------------------------ which queue
  wire              any, pick_more, charge, ends, failing, give_up_scan, none_waits, place;
  wire              ahead = state_q == StAlloc && single_q;     // the next packet may be chosen
  wire              take  = state_q == StPick || (place && single_q);
  wire [QueueW-1:0] pick, queue_q;
  wire [6:0]        pick_idx, end_idx;
  wire [16:0]       total_q;
  tx_pick #(.Queues(Queues), .QueueW(QueueW), .FirstIndex(FirstIndex)) u_pick (
    .clk_i(clk_i), .rst_ni(rst_ni), .idle_o(none_waits), .quiesce_i(quiesce_i), .on_i(on_i), .failed_i(failed_i),
    .clear_i(clear_i), .ready_i(ready_i), .arrive_i(arrive_i), .fail_reason_i(fail_reason_i),
    .gathered_o(gathered_o), .busy_o(busy_o), .rest_i(state_q == StPick), .take_i(take), .any_o(any), .pick_o(pick),
    .pick_more_o(pick_more), .pick_idx_o(pick_idx), .queue_o(queue_q), .charge_i(charge), .ahead_i(ahead),
    .octets_i(total_q[15:0]), .ends_i(ends), .end_idx_i(end_idx),
    .stuck_i(give_up_scan), .halt_i(failing && alloc_ready_i)
  );

  // A loop and not a variable index, whose product by 7 and shift would be made of logic.
  function [6:0] ready_of(input [Queues*7-1:0] all, input [QueueW-1:0] queue);
    integer k;
    begin
      ready_of = 7'd0;
      for (k = 0; k < Queues; k = k + 1) if (k[QueueW-1:0] == queue) ready_of = all[k*7 +: 7];
    end
  endfunction

  // ------------------------------------------------------------ the descriptor at hand
  // Path step T7: the driver's descriptor, as the NIC reads it.
  wire [15:0] d_len = desc_i[`NIC_TX_DESCRIPTOR_LENGTH_LSB +: 16];
  wire        scan  = state_q == StScan;
  wire        d_ext, d_bad, bad, bad_at_first, ext_q, vlan_q, tso_q, stamp_q, csum_q;
  wire [8:0]  hlen_q;
  wire [15:0] mss_q;
  wire [16:0] total_d;
  wire [15:0] start_q, field_q;
  tx_legal #(.MaxOctets(MaxOctets)) u_legal (
    .clk_i(clk_i), .begin_i(take), .scan_i(scan), .pos_i(pos_q), .desc_i(desc_i), .ext_now_o(d_ext),
    .desc_bad_o(d_bad), .total_d_o(total_d), .bad_o(bad), .bad_at_first_o(bad_at_first), .total_o(total_q),
    .ext_o(ext_q), .vlan_o(vlan_q), .tci_o(alloc_tci_o), .tso_o(tso_q), .stamp_o(stamp_q), .mss_o(mss_q),
    .header_o(hlen_q), .ip_o(head_ip_o), .csum_o(csum_q), .start_o(start_q), .field_o(field_q), .udp_o(alloc_udp_o)
  );
  wire        d_eop  = desc_i[`NIC_TX_DESCRIPTOR_FLAGS_LSB + `NIC_TX_FLAGS_EOP_BIT] && !d_ext;
  wire [2:0]  tag4   = {vlan_q, 2'b00};                  // octets that a tag takes
  wire [6:0]  d_next = idx_q + {1'b0, pos_q} + 7'd1;
  wire        d_more = ready_of(ready_i, queue_q) != d_next;
  wire        d_1st  = pos_q == {5'd0, ext_q};           // data descriptor

  // ------------------------------------------------------------ asking, piece by piece
  wire        at_head   = state_q == StHead;
  wire [17:0] in_row    = {9'd0, tso_q ? hlen_q : 9'd0} + {15'd0, tag4};
  wire        seg_last  = pay_left_q <= mss_q;
  wire [15:0] seg       = seg_last ? pay_left_q : mss_q;
  wire        load, frag_ends, unit_ends;
  wire [15:0] unit_left;
  assign      place     = state_q == StAlloc && !bad && !req_valid_o && alloc_ready_i;
  tx_piece u_piece (
    .clk_i(clk_i), .rst_ni(rst_ni), .frag_i((scan && !d_ext && d_1st) || state_q == StLoad),
    .frag_addr_i(desc_i[63:0]), .frag_octets_i(d_len), .unit_i(scan || at_head || state_q == StSeg),
    .unit_octets_i(scan ? total_d[15:0] : at_head ? {7'd0, hlen_q} : seg), .head_i(at_head),
    .head_slot_i(head_slot_i), .head_dst_i({7'd0, head_slot_i, 6'd0, tag4}), .place_i(place),
    .place_slot_i(alloc_slot_i), .place_dst_i({{(18-RowW-LaneW){1'b0}}, alloc_row_i, {LaneW{1'b0}}} + in_row),
    .more_i(state_q == StIssue), .fragment_i(pos_q[4:0] - {4'd0, ext_q}), .load_o(load), .frag_ends_o(frag_ends),
    .unit_ends_o(unit_ends), .unit_left_o(unit_left), .req_valid_o(req_valid_o), .req_ready_i(req_ready_i),
    .req_addr_o(req_addr_o), .req_len_o(req_len_o), .req_dst_o(req_dst_o), .req_cookie_o(req_cookie_o)
  );
  wire        last      = unit_ends && last_unit_q;
  assign ends    = scan ? !d_bad && d_eop && d_1st && !tso_q : load && last && !single_q;
  assign end_idx = scan ? d_next : idx_q + {1'b0, last_q} + 7'd1;

  wire [5:0]  next_pos = pos_q + 6'd1;
  wire        read_1st = any && pick_more && (state_q == StPick || ahead);
  assign desc_en_o    = read_1st || (scan && !d_bad && !d_eop) || (load && frag_ends);
  assign desc_entry_o = read_1st ? {pick, pick_idx[5:0]} : {queue_q, d_next[5:0]};

  wire [2:0]  after_piece = last ? StPick : frag_ends ? StLoad : StSeg;
  wire [2:0]  after     = !any ? StPick : pick_more ? StScan : StFail;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StPick;
    end else begin
      judged_q <= at_head;
      if (take) begin
        pos_q     <= 6'd0;
        give_up_q <= 1'b0;
        idx_q     <= pick_idx;
        reason_q  <= fail_reason_i[pick*4 +: 4];
        bad_pos_q <= ready_of(ready_i, pick) - pick_idx;
      end
      if (load && frag_ends && !single_q) pos_q <= next_pos;
      case (state_q)
        StPick: begin
          if (any) state_q <= after;
        end
        StScan: begin
          single_q    <= d_eop && d_1st && !tso_q;
          pos_q       <= d_eop ? {5'd0, ext_q} : next_pos;
          last_q      <= pos_q;
          octets_q    <= total_d[13:0];
          last_unit_q <= 1'b1;
          if (d_bad) begin
            reason_q  <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
            bad_pos_q <= {1'b0, pos_q};
            state_q   <= StFail;
          end else if (d_eop) begin
            state_q <= tso_q ? StHead : StAlloc;
          end else if (!d_more) begin
            state_q <= StPick;
          end
        end
        StHead: begin
          head_slot_q <= head_slot_i;
          pay_left_q  <= total_q[15:0] - {7'd0, hlen_q};
          last_unit_q <= 1'b0;
          if (judged_q && bad) begin
            reason_q  <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
            bad_pos_q <= {6'd0, !bad_at_first};
            state_q   <= StFail;
          end else if (judged_q && head_ready_i) begin
            state_q <= StIssue;
          end
        end
        StSeg: begin
          pay_left_q  <= pay_left_q - seg;
          last_unit_q <= seg_last;
          octets_q    <= seg[13:0] + {5'd0, hlen_q};
          reason_q    <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
          give_up_q   <= failed_i[queue_q];
          state_q     <= failed_i[queue_q] ? StFail : StAlloc;
        end
        StAlloc: begin
          if (bad) begin
            reason_q  <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
            bad_pos_q <= {6'd0, ext_q && !bad_at_first};
            state_q   <= StFail;
          end else if (place) begin
            state_q <= single_q ? after : after_piece;
          end
        end
        StIssue: begin
          if (load) state_q <= after_piece;
        end
        StLoad: begin
          state_q <= unit_left == 16'd0 ? StSeg : StIssue;
        end
        default: begin
          if (alloc_ready_i) state_q <= StPick;
        end
      endcase
    end
  end

  assign failing      = state_q == StFail;
  assign give_up_scan = scan && !d_bad && !d_eop && !d_more;

  // ------------------------------------------------------------ outputs
  localparam [13:0] RowLess1 = (14'd1 << LaneW) - 14'd1;
  wire [13:0] round_up = octets_q + (vlan_q ? RowLess1 + 14'd4 : RowLess1);
  wire [RowW+14-LaneW:0] rows = {{(RowW+1){1'b0}}, round_up[13:LaneW]};
  assign head_valid_o   = at_head && judged_q && !bad;
  assign head_octets_o  = hlen_q;
  assign head_l4_o      = start_q[7:0];
  assign head_mss_o     = mss_q[13:0];
  assign charge         = (place && !tso_q) || (head_valid_o && head_ready_i);
  assign alloc_valid_o  = (state_q == StAlloc && !bad && !req_valid_o) || failing;
  assign alloc_rows_o   = failing ? {(RowW+1){1'b0}} : rows[RowW:0];
  assign alloc_queue_o  = queue_q;
  assign alloc_reason_o = failing ? reason_q : `NIC_ERROR_REASON_NONE;
  assign alloc_pos_o    = failing ? bad_pos_q : {1'b0, last_q} + 7'd1;
  assign alloc_last_o   = failing || last_unit_q;
  assign alloc_ext_o    = ext_q;
  assign alloc_early_o  = scan && !d_bad && d_eop;
  assign alloc_arrive_o = failing ? 14'd0 : scan ? total_d[13:0] : unit_left[13:0];
  assign alloc_octets_o = octets_q + {11'd0, tag4};
  assign alloc_csum_o   = csum_q;
  assign alloc_start_o  = start_q[13:0] + {11'd0, tag4};
  assign alloc_field_o  = field_q[13:0] + {11'd0, tag4};
  assign alloc_vlan_o   = vlan_q;
  assign alloc_stamp_o  = stamp_q && last_unit_q && !failing;
  assign alloc_tso_o    = failing ? give_up_q : tso_q;
  assign alloc_head_o   = head_slot_q;
  assign idle_o = state_q == StPick && none_waits && !req_valid_o;
  wire unused_ok = &{1'b0, total_q[16], total_d[16], round_up, rows, start_q[15:14], field_q[15:14], desc_i[127:80]};
endmodule
`default_nettype wire
