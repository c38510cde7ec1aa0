// tx_send - streams whole packets from packet memory to the MAC, in the order of their slots.
//
// Does:      when the oldest packet is whole and good: retires it (consumer index, ev_packet), reads it row by row and
//            puts its checksum where it belongs, which may be across two beats. Store and forward: once a frame has
//            begun, there is a beat whenever the MAC takes one.
// Checksum:  the complement of the sum; 0 goes out as FFFF where UDP has its field (RFC 768, rule C1). Its first octet is the more
//            significant one of words counted from csum_start.
// Drops:     packets with an error (counted by its kind) and packets of a queue that is in error (not counted: the
//            driver still owns them).
// Latency:   head_whole_i to mac_valid_o 2 cycles. Throughput: a beat a cycle, also from one frame to the next.
`default_nettype none
module tx_send #(
  parameter DataWidth = 512,
  parameter Queues    = 1,
  parameter QueueW    = 1,
  parameter RowW      = 9
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  output wire                         idle_o,
  input  wire                         head_whole_i,
  input  wire [QueueW-1:0]            head_queue_i,
  input  wire [3:0]                   head_reason_i,
  input  wire [RowW-1:0]              head_row_i,
  input  wire [RowW:0]                head_rows_i,
  input  wire [13:0]                  head_octets_i,
  input  wire                         head_csum_i,
  input  wire                         head_odd_i,
  input  wire                         head_udp_i,     // the field is UDP's: 0 would mean "no checksum"
  input  wire [13:0]                  head_field_i,
  input  wire [15:0]                  head_sum_i,
  input  wire [Queues-1:0]            failed_i,
  output wire                         pop_o,          // the slot is free
  output wire                         retire_o,       // report it: with head_reason_i
  output wire                         finish_o,       // its rows are free
  output wire [QueueW-1:0]            finish_queue_o,
  output wire [RowW:0]                finish_rows_o,
  output wire                         rd_en_o,
  output wire [RowW-1:0]              rd_row_o,
  input  wire [DataWidth-1:0]         rd_data_i,
  output reg                          mac_valid_o,
  input  wire                         mac_ready_i,
  output reg                          mac_sop_o,
  output reg                          mac_eop_o,
  output reg  [$clog2(DataWidth/8):0] mac_bytes_o,
  output reg  [DataWidth-1:0]         mac_data_o,
  output wire [Queues-1:0]            ev_packet_o,
  output wire                         ev_frame_o,     // with the last beat
  output wire                         ev_broadcast_o,
  output wire                         ev_multicast_o,
  output wire                         ev_dma_error_o,
  output wire                         ev_bad_desc_o,
  output wire [13:0]                  frame_octets_o  // as sent, FCS excluded: at least 60
);
  `include "nic_regs.vh"
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam [13:0] MinOctets = 14'd60;      // IEEE 802.3 clause 4.2.3.3; the MAC pads

  // ------------------------------------------------------------ the oldest packet
  reg                reading_q;              // rows of a frame are still to be read
  reg  [QueueW-1:0]  queue_q;
  reg  [RowW-1:0]    row_q;
  reg  [RowW:0]      rows_q;
  reg  [13:0]        left_q;                 // octets still to be read
  reg  [14:0]        pos_q;                  // of the checksum field from this row on, signed
  reg                data_valid_q;           // rd_data_i is a beat
  wire               stall   = data_valid_q && mac_valid_o && !mac_ready_i;
  wire               next    = head_whole_i && !reading_q && !stall;
  wire               drop    = head_reason_i != `NIC_ERROR_REASON_NONE || failed_i[head_queue_i];
  wire               start   = next && !drop;
  wire               read    = start || (reading_q && !stall);
  wire [13:0]        left    = start ? head_octets_i : left_q;
  wire [RowW-1:0]    row     = start ? head_row_i : row_q;
  wire [14:0]        pos     = start ? {1'b0, head_field_i} : pos_q;
  wire               last    = left <= Bytes[13:0];
  assign pop_o          = next;
  assign retire_o       = next && (!drop || !failed_i[head_queue_i]);
  assign finish_o       = (read && last) || (next && drop);
  assign finish_queue_o = next ? head_queue_i : queue_q;
  assign finish_rows_o  = next ? head_rows_i : rows_q;
  assign rd_en_o        = read;
  assign rd_row_o       = row;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
    end else if (read) begin
      reading_q <= !last;
      row_q     <= row + 1'b1;
      left_q    <= left - Bytes[13:0];
      pos_q     <= pos - Bytes[14:0];
      if (start) queue_q <= head_queue_i;
      if (start) rows_q  <= head_rows_i;
    end
  end

  // ------------------------------------------------------------ the beat that the memory shows
  reg              data_sop_q, data_eop_q, csum_q;
  reg  [LaneW:0]   data_bytes_q;
  reg  [14:0]      data_pos_q;
  reg  [13:0]      octets_q, mac_octets_q;
  reg  [15:0]      field_q;                  // first octet of the field in [7:0]
  wire [15:0]      sum      = head_udp_i && head_sum_i == 16'hFFFF ? 16'hFFFF : ~head_sum_i;
  wire             shift    = data_valid_q && (!mac_valid_o || mac_ready_i);
  wire [14:0]      data_pos_2nd = data_pos_q + 15'd1;
  wire             has_1st  = csum_q && data_pos_q[14:LaneW] == 0;
  wire             has_2nd  = csum_q && data_pos_2nd[14:LaneW] == 0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      data_valid_q <= 1'b0;
    end else if (!stall) begin
      data_valid_q <= read;
      if (read) begin
        data_sop_q   <= start;
        data_eop_q   <= last;
        data_bytes_q <= last ? left[LaneW:0] : Bytes[LaneW:0];
        data_pos_q   <= pos;
      end
      if (start) begin
        csum_q   <= head_csum_i;
        octets_q <= head_octets_i < MinOctets ? MinOctets : head_octets_i;
        field_q  <= head_odd_i ? {sum[7:0], sum[15:8]} : sum;
      end
    end
  end

  // Path step T8: the checksum goes in while the frame streams past.
  reg broadcast_q, multicast_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      mac_valid_o <= 1'b0;
    end else if (shift) begin
      mac_valid_o <= 1'b1;
      mac_sop_o   <= data_sop_q;
      mac_eop_o   <= data_eop_q;
      mac_bytes_o <= data_bytes_q;
      mac_data_o  <= rd_data_i;
      if (has_1st) mac_data_o[data_pos_q[LaneW-1:0]*8 +: 8] <= field_q[7:0];
      if (has_2nd) mac_data_o[data_pos_2nd[LaneW-1:0]*8 +: 8] <= field_q[15:8];
      mac_octets_q <= octets_q;
      if (data_sop_q) begin
        broadcast_q <= rd_data_i[47:0] == {48{1'b1}};
        multicast_q <= rd_data_i[0] && rd_data_i[47:0] != {48{1'b1}};
      end
    end else if (mac_ready_i) begin
      mac_valid_o <= 1'b0;
    end
  end

  // ------------------------------------------------------------ outputs
  wire [Queues-1:0] one   = {{(Queues-1){1'b0}}, 1'b1};
  wire              bad   = retire_o && head_reason_i != `NIC_ERROR_REASON_NONE;
  assign ev_packet_o    = retire_o && !bad ? one << head_queue_i : {Queues{1'b0}};
  assign ev_bad_desc_o  = bad && head_reason_i == `NIC_ERROR_REASON_BAD_DESCRIPTOR;
  assign ev_dma_error_o = bad && head_reason_i < `NIC_ERROR_REASON_BAD_DESCRIPTOR;
  assign ev_frame_o     = mac_valid_o && mac_ready_i && mac_eop_o;
  assign ev_broadcast_o = ev_frame_o && broadcast_q;
  assign ev_multicast_o = ev_frame_o && multicast_q;
  assign frame_octets_o = mac_octets_q;
  assign idle_o         = !reading_q && !data_valid_q && !mac_valid_o;
endmodule
`default_nettype wire
