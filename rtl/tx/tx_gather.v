// tx_gather - makes packets of descriptors: reads them once more from the chip, checks them, asks for the payload.
//
// Does:      round robin over queues, packet by packet. A packet is looked at only when its last descriptor is on chip
//            and everything in it is legal before the first byte of it is asked for; until then other queues go on. It
//            then gets a slot and rows of packet memory, and each fragment is asked for, to consecutive octets there.
// Checks:    bad_descriptor with the index of the descriptor that is wrong: length 0; a flag that is not eop or csum; no
//            eop on the 32nd; more than MaxOctets in all. A checksum must end inside its packet: csum_start +
//            csum_offset + 2 <= length, else bad_descriptor with the index of the first. csum on other descriptors than
//            the first is ignored.
// Errors:    go through a slot of their own, so that they meet the queue behind all packets before them. After one the
//            queue is left alone until it is cleared.
// Quiesce:   no new packet is begun.
// Latency:   4 cycles from descriptor to request of a packet of one fragment; one such packet in 4 cycles, others in
//            3 + 2 * fragments - 1.
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
  input  wire [Queues*32-1:0] ready_i,
  input  wire [Queues-1:0]    arrive_i,
  input  wire [Queues*4-1:0]  fail_reason_i,
  input  wire [Queues*32-1:0] fail_idx_i,
  output reg  [Queues*32-1:0] gathered_o,
  output wire [Queues-1:0]    busy_o,
  // Descriptor memory
  output wire                 desc_en_o,
  output wire [QueueW+5:0]    desc_entry_o,
  input  wire [127:0]         desc_i,
  // A slot for a packet, or for an error
  output wire                 alloc_valid_o,
  input  wire                 alloc_ready_i,
  input  wire [4:0]           alloc_slot_i,
  input  wire [RowW-1:0]      alloc_row_i,
  output wire [RowW:0]        alloc_rows_o,
  output wire [QueueW-1:0]    alloc_queue_o,
  output wire [3:0]           alloc_reason_o, // 0: a packet
  output wire [31:0]          alloc_idx_o,    // first descriptor of the packet, or the one that is wrong
  output wire [5:0]           alloc_count_o,  // descriptors
  output wire [13:0]          alloc_octets_o,
  output wire                 alloc_csum_o,
  output wire [13:0]          alloc_start_o,
  output wire [13:0]          alloc_field_o,  // offset of the checksum field in the packet
  // Payload requests
  output reg                  req_valid_o,
  input  wire                 req_ready_i,
  output reg  [63:0]          req_addr_o,
  output reg  [16:0]          req_len_o,
  output reg  [17:0]          req_dst_o,
  output reg  [11:0]          req_cookie_o    // {fragment, 7 for all from the eighth on; slot}
);
  `include "nic_regs.vh"
  localparam [2:0] StPick  = 3'd0;  // choose a queue, read its next descriptor
  localparam [2:0] StScan  = 3'd1;  // check one descriptor a cycle, up to eop
  localparam [2:0] StAlloc = 3'd2;  // wait for a slot and room
  localparam [2:0] StIssue = 3'd3;  // ask for one fragment after the other
  localparam [2:0] StFail  = 3'd4;  // hand on an error

  reg [2:0]        state_q;
  reg [QueueW-1:0] queue_q;
  reg [Queues-1:0] stuck_q;         // the descriptors on chip do not reach to an eop
  reg [Queues-1:0] halted_q;        // an error was handed on
  reg [31:0]       idx_q;           // first descriptor of the packet
  reg [5:0]        pos_q;           // descriptor looked at, from idx_q
  reg [5:0]        last_q;          // the one with eop
  reg [13:0]       octets_q;        // of the descriptors before pos_q, then of the packet
  reg [79:0]       first_q;         // address and length of the first
  reg [32:0]       lead_q;          // its checksum fields
  reg [17:0]       dst_q;
  reg [4:0]        slot_q;
  reg [3:0]        reason_q;
  reg [31:0]       bad_idx_q;

  // ------------------------------------------------------------ which queue
  reg [Queues-1:0] has_work, may;
  always @* begin : candidates
    integer i;
    for (i = 0; i < Queues; i = i + 1) begin
      has_work[i] = (ready_i[i*32 +: 32] != gathered_o[i*32 +: 32] && !stuck_q[i]) || fail_reason_i[i*4 +: 4] != 4'd0;
      may[i]      = has_work[i] && on_i[i] && !failed_i[i] && !halted_q[i] && !quiesce_i;
    end
  end
  reg [QueueW-1:0] pick;
  always @* begin : round_robin
    integer i;
    pick = {QueueW{1'b0}};
    for (i = Queues - 1; i >= 0; i = i - 1) if (may[i]) pick = i[QueueW-1:0];
    for (i = Queues - 1; i >= 0; i = i - 1) if (may[i] && i[QueueW-1:0] > queue_q) pick = i[QueueW-1:0];
  end
  wire        picks     = state_q == StPick && (|may);
  wire [31:0] pick_idx  = gathered_o[pick*32 +: 32];
  wire        pick_more = ready_i[pick*32 +: 32] != pick_idx && !stuck_q[pick];

  // ------------------------------------------------------------ the descriptor at hand
  // Path step T7: the driver's descriptor, as the NIC reads it.
  wire [15:0] d_len    = desc_i[`NIC_TX_DESCRIPTOR_LENGTH_LSB +: 16];
  wire [15:0] d_flags  = desc_i[`NIC_TX_DESCRIPTOR_FLAGS_LSB +: 16];
  wire        d_eop    = d_flags[`NIC_TX_FLAGS_EOP_BIT];
  localparam [15:0] KnownFlags = (16'd1 << `NIC_TX_FLAGS_EOP_BIT) | (16'd1 << `NIC_TX_FLAGS_CSUM_BIT);
  wire [32:0]  d_lead  = {d_flags[`NIC_TX_FLAGS_CSUM_BIT], desc_i[`NIC_TX_DESCRIPTOR_CSUM_START_LSB +: 16],
                          desc_i[`NIC_TX_DESCRIPTOR_CSUM_OFFSET_LSB +: 16]};
  wire        csum;
  wire [15:0] start, offset;
  assign {csum, start, offset} = pos_q == 6'd0 ? d_lead : lead_q;
  wire [16:0] field    = {1'b0, start} + {1'b0, offset};
  wire [16:0] total    = {3'd0, octets_q} + {1'b0, d_len};
  wire        d_bad    = d_len == 16'd0 || (d_flags & ~KnownFlags) != 16'd0 || total > MaxOctets[16:0] ||
                         (pos_q == 6'd31 && !d_eop);
  wire        csum_bad = csum && {1'b0, field} + 18'd2 > {1'b0, total};
  wire [31:0] d_idx    = idx_q + {26'd0, pos_q};
  wire        d_more   = ready_i[queue_q*32 +: 32] != d_idx + 32'd1;
  wire        scan     = state_q == StScan;

  // ------------------------------------------------------------ asking for fragments
  wire        load     = state_q == StIssue && (!req_valid_o || req_ready_i);
  wire        at_first = pos_q == 6'd0;
  wire        at_last  = pos_q == last_q;
  wire [63:0] f_addr   = at_first ? first_q[63:0] : desc_i[63:0];
  wire [15:0] f_len    = at_first ? first_q[`NIC_TX_DESCRIPTOR_LENGTH_LSB +: 16] : d_len;
  // Path step T8: the packet by DMA, fragment by fragment.
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_o <= 1'b0;
    end else if (load) begin
      req_valid_o  <= 1'b1;
      req_addr_o   <= f_addr;
      req_len_o    <= {1'b0, f_len};
      req_dst_o    <= dst_q;
      req_cookie_o <= {4'd0, pos_q > 6'd7 ? 3'd7 : pos_q[2:0], slot_q};
    end else if (req_ready_i) begin
      req_valid_o <= 1'b0;
    end
  end

  // The next descriptor is read while this one is used; the first of a packet stands in first_q.
  wire [5:0]  next_pos = pos_q + 6'd1;
  wire        read_1st = picks && pick_more;
  assign desc_en_o    = read_1st || (scan && !d_bad && !d_eop) || (state_q == StAlloc && alloc_ready_i) ||
                        (load && !at_first);
  assign desc_entry_o = read_1st ? {pick, pick_idx[5:0]} :
                        {queue_q, idx_q[5:0] + (state_q == StAlloc ? 6'd1 : next_pos)};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q  <= StPick;
      queue_q  <= {QueueW{1'b0}};
    end else begin
      case (state_q)
        StPick: begin
          pos_q    <= 6'd0;
          octets_q <= 14'd0;
          if (picks) begin
            queue_q   <= pick;
            idx_q     <= pick_idx;
            reason_q  <= fail_reason_i[pick*4 +: 4];
            bad_idx_q <= fail_idx_i[pick*32 +: 32];
            state_q   <= pick_more ? StScan : StFail;
          end
        end
        StScan: begin
          if (at_first) first_q <= desc_i[79:0];
          if (at_first) lead_q  <= d_lead;
          octets_q <= total[13:0];
          pos_q    <= next_pos;
          last_q   <= pos_q;
          if (d_bad || (d_eop && csum_bad)) begin
            reason_q  <= `NIC_ERROR_REASON_BAD_DESCRIPTOR;
            bad_idx_q <= d_bad ? d_idx : idx_q;
            state_q   <= StFail;
          end else if (d_eop) begin
            state_q <= StAlloc;
          end else if (!d_more) begin
            state_q <= StPick;
          end
        end
        StAlloc: begin
          pos_q  <= 6'd0;
          slot_q <= alloc_slot_i;
          dst_q  <= 18'd0 | {{(18-RowW-LaneW){1'b0}}, alloc_row_i, {LaneW{1'b0}}};
          if (alloc_ready_i) state_q <= StIssue;
        end
        StIssue: begin
          if (load) begin
            dst_q <= dst_q + {2'b00, f_len};
            pos_q <= next_pos;
            if (at_last) state_q <= StPick;
          end
        end
        default: begin
          if (alloc_ready_i) state_q <= StPick;
        end
      endcase
    end
  end

  wire give_up_scan = scan && !d_bad && !d_eop && !d_more;
  always @(posedge clk_i) begin : per_queue
    integer i;
    if (!rst_ni) begin
      gathered_o <= {Queues{FirstIndex}};
      stuck_q    <= {Queues{1'b0}};
      halted_q   <= {Queues{1'b0}};
    end else begin
      if (load && at_last) gathered_o[queue_q*32 +: 32] <= idx_q + {26'd0, last_q} + 32'd1;
      if (give_up_scan) stuck_q[queue_q] <= 1'b1;
      if (state_q == StFail && alloc_ready_i) halted_q[queue_q] <= 1'b1;
      for (i = 0; i < Queues; i = i + 1) begin
        if (arrive_i[i] || clear_i[i]) stuck_q[i] <= 1'b0;
        if (clear_i[i]) halted_q[i] <= 1'b0;
        if (clear_i[i]) gathered_o[i*32 +: 32] <= FirstIndex;
      end
    end
  end

  // ------------------------------------------------------------ outputs
  wire [19:0] round_up = {6'd0, octets_q} + {{(20-LaneW){1'b0}}, {LaneW{1'b1}}};
  wire        failing  = state_q == StFail;
  assign alloc_valid_o  = state_q == StAlloc || failing;
  assign alloc_rows_o   = failing ? {(RowW+1){1'b0}} : round_up[LaneW +: RowW+1];
  assign alloc_queue_o  = queue_q;
  assign alloc_reason_o = failing ? reason_q : `NIC_ERROR_REASON_NONE;
  assign alloc_idx_o    = failing ? bad_idx_q : idx_q;
  assign alloc_count_o  = last_q + 6'd1;
  assign alloc_octets_o = octets_q;
  assign alloc_csum_o   = lead_q[32];
  assign alloc_start_o  = lead_q[29:16];
  assign alloc_field_o  = lead_q[29:16] + lead_q[13:0];
  wire [Queues-1:0] one = {{(Queues-1){1'b0}}, 1'b1};
  assign busy_o = may | (state_q == StPick ? {Queues{1'b0}} : one << queue_q);
  assign idle_o = state_q == StPick && !(|may) && !req_valid_o;
  wire unused_ok = &{1'b0, round_up};
endmodule
`default_nettype wire
