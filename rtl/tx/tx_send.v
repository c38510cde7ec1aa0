// tx_send - streams whole frames from packet memory to the MAC, in the order of their slots.
//
// Does:      when the oldest frame is whole and good: retires its packet (consumer index, ev_packet) if it is the
//            packet's last, reads it row by row and puts in what is not in its rows: the checksum, which may be across two
//            beats; with TSO the header, from the header store; a VLAN tag. Store and forward: once a frame has begun,
//            there is a beat whenever the MAC takes one.
// Checksum:  the complement of the sum; 0 goes out as FFFF where UDP has its field (RFC 768, rule C1). Its first octet is
//            the more significant one of words counted from csum_start.
// VLAN:      a tagged packet lies 4 octets behind the start of its rows. Its addresses move down by 4 and the tag follows
//            them (IEEE 802.1Q 9.6); all else is where it must be. At 64 bits the first row is taken in a cycle of its own.
// Drops:     frames with an error (counted by its kind) and frames of a queue that is in error (not counted: the driver
//            still owns them). A TSO frame goes only when its header is whole, also to be dropped.
// Latency:   head_whole_i to mac_valid_o 2 cycles. Throughput: a beat a cycle, also from one frame to the next.
`default_nettype none
module tx_send #(
  parameter DataWidth = 512,
  parameter Queues    = 1,
  parameter QueueW    = 1,
  parameter RowW      = 9
) (
  input  wire                           clk_i,
  input  wire                           rst_ni,
  output wire                           idle_o,
  input  wire                           head_whole_i,
  input  wire [QueueW-1:0]              head_queue_i,
  input  wire [3:0]                     head_reason_i,
  input  wire                           head_last_i,    // its packet's last
  input  wire [RowW-1:0]                head_row_i,
  input  wire [RowW:0]                  head_rows_i,
  input  wire [13:0]                    head_octets_i,  // from the first row's start on
  input  wire                           head_csum_i,
  input  wire                           head_odd_i,     // csum_start is odd
  input  wire                           head_udp_i,     // the field is UDP's: 0 would mean "no checksum"
  input  wire [13:0]                    head_field_i,
  input  wire [15:0]                    head_sum_i,
  input  wire                           head_vlan_i,
  input  wire [15:0]                    head_tci_i,
  input  wire                           head_stamp_i,
  input  wire                           stamp_room_i,
  input  wire                           head_tso_i,
  input  wire [1:0]                     head_slot_i,    // of the header store
  input  wire [8:0]                     head_hold_i,    // octets of the header, from its first row's start on
  input  wire                           head_known_i,   // the header is whole
  input  wire                           head_ready_i,   // and made ready for this frame
  input  wire [Queues-1:0]              failed_i,
  output wire                           pop_o,          // the slot is free
  output wire                           retire_o,       // report it: with head_reason_i
  output wire                           stamp_o,        // a frame that wants a time stamp begins
  output wire                           finish_o,       // its rows are free
  output wire [QueueW-1:0]              finish_queue_o,
  output wire [RowW:0]                  finish_rows_o,
  output wire                           rd_en_o,
  output wire [RowW-1:0]                rd_row_o,
  input  wire [DataWidth-1:0]           rd_data_i,
  output wire                           hold_busy_o,    // the header of a frame is being read
  output wire                           hold_done_o,    // a packet's header is needed no more
  output wire                           hold_rd_en_o,
  output wire [10-$clog2(DataWidth/8):0] hold_rd_row_o,
  input  wire [DataWidth-1:0]           hold_data_i,
  output wire                           hold_keep_o,    // hold_data_i is used after this cycle
  output reg                            mac_valid_o,
  input  wire                           mac_ready_i,
  output reg                            mac_sop_o,
  output reg                            mac_eop_o,
  output reg  [$clog2(DataWidth/8):0]   mac_bytes_o,
  output reg  [DataWidth-1:0]           mac_data_o,
  output reg                            mac_stamp_o,
  output wire [Queues-1:0]              ev_packet_o,
  output wire                           ev_frame_o,     // with the last beat
  output wire                           ev_broadcast_o,
  output wire                           ev_multicast_o,
  output wire                           ev_dma_error_o,
  output wire                           ev_bad_desc_o,
  output wire [13:0]                    frame_octets_o  // as sent, FCS excluded: at least 60
);
  `include "nic_regs.vh"
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam Shuffle = Bytes < 16 ? 64 : 128;  // bits of the addresses and the tag
  localparam HoldW = 9 - LaneW;              // log2 of rows of a header
  localparam [13:0] MinOctets = 14'd60;      // IEEE 802.3 clause 4.2.3.3; the MAC pads
  // What a beat is made of. At 64 bits the addresses of a tagged frame are spread over two rows.
  localparam [1:0] KindPlain = 2'd0;
  localparam [1:0] KindKeep  = 2'd1;         // first row: its second half is kept, no beat
  localparam [1:0] KindAddr  = 2'd2;         // half kept, first half of the second row
  localparam [1:0] KindTag   = 2'd3;         // second half of the second row, tag

  // ------------------------------------------------------------ the oldest frame
  reg                reading_q;              // rows of a frame are still to be read
  reg  [QueueW-1:0]  queue_q;
  reg  [RowW-1:0]    row_q;
  reg  [RowW:0]      rows_q;
  reg  [13:0]        left_q;                 // octets still to be read
  reg  [14:0]        pos_q;                  // of the checksum field from this row on, signed
  reg  [8:0]         hold_q;                 // octets of the header from this row on
  reg  [HoldW-1:0]   hold_row_q;
  reg  [1:0]         hold_slot_q;
  reg                hold_last_q;            // the packet's last frame
  reg  [1:0]         kind_q;                 // of the next row
  reg                data_valid_q;           // rd_data_i is a beat
  reg                head_failed;
  always @* begin : failing_queue
    integer i;
    head_failed = 1'b0;
    for (i = 0; i < Queues; i = i + 1) if (i[QueueW-1:0] == head_queue_i) head_failed = failed_i[i];
  end
  wire               stall   = data_valid_q && mac_valid_o && !mac_ready_i;
  wire               drop    = head_reason_i != `NIC_ERROR_REASON_NONE || head_failed;
  wire               may_go  = (!head_tso_i || (head_known_i && (drop || head_ready_i))) &&
                               (drop || !head_stamp_i || stamp_room_i);
  wire               next    = head_whole_i && !reading_q && !stall && may_go;
  wire               start   = next && !drop;
  wire               read    = start || (reading_q && !stall);
  wire [13:0]        left    = reading_q ? left_q : head_octets_i;
  wire [RowW-1:0]    row     = reading_q ? row_q : head_row_i;
  wire [14:0]        pos     = reading_q ? pos_q : {1'b0, head_field_i};
  wire [14:0]        pos_2nd = pos + 15'd1;
  wire [8:0]         hold    = reading_q ? hold_q : head_tso_i ? head_hold_i : 9'd0;
  wire [1:0]         kind    = reading_q ? kind_q : LaneW == 3 && head_vlan_i ? KindKeep : KindPlain;
  wire               last    = left <= Bytes[13:0] && kind != KindKeep;
  wire               on      = kind != KindAddr;   // to the next row
  wire               holds   = hold != 9'd0;
  wire               held    = hold <= Bytes[8:0] && on;
  assign pop_o          = next;
  assign retire_o       = next && !head_failed && (drop || head_last_i);
  assign stamp_o        = start && head_stamp_i;
  assign finish_o       = next ? drop || last : read && last;
  assign finish_queue_o = reading_q ? queue_q : head_queue_i;
  assign finish_rows_o  = reading_q ? rows_q : head_rows_i;
  assign rd_en_o        = read;
  assign rd_row_o       = row;
  assign hold_rd_en_o   = read && holds;
  assign hold_rd_row_o  = reading_q ? {hold_slot_q, hold_row_q} : {head_slot_i, {HoldW{1'b0}}};
  assign hold_busy_o    = reading_q && hold_q != 9'd0;
  assign hold_done_o    = next && drop ? head_tso_i && head_last_i :
                          read && holds && held && (reading_q ? hold_last_q : head_last_i);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
      hold_q    <= 9'd0;
    end else if (read) begin
      reading_q <= !last;
      if (on) row_q <= row + 1'b1;
      else    row_q <= row;
      if (kind != KindKeep) left_q <= left - Bytes[13:0];
      else                  left_q <= left;
      pos_q  <= on ? pos - Bytes[14:0] : pos;
      hold_q <= !on ? hold : held ? 9'd0 : hold - Bytes[8:0];
      kind_q <= kind == KindKeep ? KindAddr : kind == KindAddr ? KindTag : KindPlain;
      if (on) hold_row_q <= reading_q ? hold_row_q + 1'b1 : {{(HoldW-1){1'b0}}, 1'b1};
      if (start) begin
        queue_q     <= head_queue_i;
        rows_q      <= head_rows_i;
        hold_slot_q <= head_slot_i;
        hold_last_q <= head_last_i;
      end
    end
  end

  // ------------------------------------------------------------ the beat that the memories show
  reg              data_sop_q, data_eop_q, csum_q, vlan_q, stamp_q;
  reg  [1:0]       data_kind_q;
  reg  [LaneW:0]   data_bytes_q;
  reg  [LaneW:0]   data_hold_q;              // octets of it that come from the header store, all when the top bit is set
  reg              has_1st_q, has_2nd_q;     // the first, the second octet of the checksum field lies in it
  reg  [LaneW-1:0] lane_1st_q, lane_2nd_q;
  reg  [13:0]      octets_q, mac_octets_q;
  reg  [15:0]      field_q;                  // first octet of the field in [7:0]
  reg  [15:0]      tci_q;
  reg  [31:0]      keep_q;
  wire [15:0]      sum      = head_udp_i && head_sum_i == 16'hFFFF ? 16'hFFFF : ~head_sum_i;
  wire             shift    = data_valid_q && (!mac_valid_o || mac_ready_i);
  wire             field    = reading_q ? csum_q : head_csum_i;
  wire [31:0]      tag      = {tci_q[7:0], tci_q[15:8], 16'h0081};  // 0x8100, TCI, first octet in [7:0]
  assign hold_keep_o = stall && data_hold_q != {(LaneW+1){1'b0}};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      data_valid_q <= 1'b0;
    end else if (!stall) begin
      data_valid_q <= read;
      if (read) begin
        data_sop_q   <= start || kind == KindAddr;
        data_eop_q   <= last;
        data_bytes_q <= last ? left[LaneW:0] : Bytes[LaneW:0];
        data_hold_q  <= hold >= Bytes[8:0] ? Bytes[LaneW:0] : hold[LaneW:0];
        has_1st_q    <= field && pos[14:LaneW] == 0;
        lane_1st_q   <= pos[LaneW-1:0];
        has_2nd_q    <= field && pos_2nd[14:LaneW] == 0;
        lane_2nd_q   <= pos_2nd[LaneW-1:0];
        data_kind_q  <= kind;
      end
      if (start) begin
        csum_q   <= head_csum_i;
        vlan_q   <= head_vlan_i;
        tci_q    <= head_tci_i;
        stamp_q  <= head_stamp_i;
        octets_q <= head_octets_i < MinOctets ? MinOctets : head_octets_i;
        field_q  <= head_odd_i ? {sum[7:0], sum[15:8]} : sum;
      end
    end
  end

  // Path step T8: what is not in the rows goes in while the frame streams past.
  reg broadcast_q, multicast_q;
  always @(posedge clk_i) begin : beat
    integer i;
    reg [DataWidth-1:0] data;
    if (!rst_ni) begin
      mac_valid_o <= 1'b0;
    end else if (shift) begin
      data = rd_data_i;
      if (data_hold_q != {(LaneW+1){1'b0}})
        for (i = 0; i < Bytes; i = i + 1)
          if (i[LaneW:0] < data_hold_q) data[i*8 +: 8] = hold_data_i[i*8 +: 8];
      // A loop and not a variable index: that would become a deep shifter.
      if (has_1st_q) for (i = 0; i < Bytes; i = i + 1) if (i[LaneW-1:0] == lane_1st_q) data[i*8 +: 8] = field_q[7:0];
      if (has_2nd_q) for (i = 0; i < Bytes; i = i + 1) if (i[LaneW-1:0] == lane_2nd_q) data[i*8 +: 8] = field_q[15:8];
      keep_q      <= data[63:32];
      mac_valid_o <= data_kind_q != KindKeep;
      mac_sop_o   <= data_sop_q;
      mac_eop_o   <= data_eop_q;
      mac_stamp_o <= stamp_q && data_sop_q;
      mac_bytes_o <= data_bytes_q;
      mac_octets_q <= octets_q;
      if (LaneW == 3) begin
        if (data_kind_q == KindAddr) data[63:0] = {data[31:0], keep_q};
        else if (data_kind_q == KindTag) data[63:0] = {tag, data[63:32]};
      end else if (vlan_q && data_sop_q) begin
        data[Shuffle-1:0] = {tag, data[Shuffle-1:32]};
      end
      mac_data_o <= data;
      if (data_sop_q) begin
        broadcast_q <= data[47:0] == {48{1'b1}};
        multicast_q <= data[0] && data[47:0] != {48{1'b1}};
      end
    end else if (mac_ready_i) begin
      mac_valid_o <= 1'b0;
    end
  end

  // ------------------------------------------------------------ outputs
  wire bad = retire_o && head_reason_i != `NIC_ERROR_REASON_NONE;
  reg  [Queues-1:0] one_hot;
  always @* begin : reported
    integer i;
    for (i = 0; i < Queues; i = i + 1) one_hot[i] = retire_o && !bad && i[QueueW-1:0] == head_queue_i;
  end
  assign ev_packet_o    = one_hot;
  assign ev_bad_desc_o  = bad && head_reason_i == `NIC_ERROR_REASON_BAD_DESCRIPTOR;
  assign ev_dma_error_o = bad && head_reason_i < `NIC_ERROR_REASON_BAD_DESCRIPTOR;
  assign ev_frame_o     = mac_valid_o && mac_ready_i && mac_eop_o;
  assign ev_broadcast_o = ev_frame_o && broadcast_q;
  assign ev_multicast_o = ev_frame_o && multicast_q;
  assign frame_octets_o = mac_octets_q;
  assign idle_o         = !reading_q && !data_valid_q && !mac_valid_o;
endmodule
`default_nettype wire
