// rx_return - return entries: one for each filled buffer, in order, and what follows when the bus has taken them.
//
// Does:      takes the records of rx_frame (a buffer whose payload has gone to dma_write) and, for a frame's last
//            buffer, the checksum verdict; writes the 32-octet entry to the return ring; when dma_write says that the
//            last entry of a frame has been accepted, moves the ring's indices (payload, entry, index: rule D5) and
//            pulses the events. Entries of all buffers of a frame become visible with one move.
// Shares:    the engine's client of dma_write with the payload of rx_frame: requests in the order taken, their data in
//            the same order. Payload goes first when both ask: the stream from the MAC waits for it, and it asks
//            again only when its data has gone.
// Latency:   entry request 2 cycles after record and verdict. Throughput: one entry in 3 cycles at 256 bits and more.
`default_nettype none
module rx_return #(
  parameter DataWidth = 512,
  parameter Queues    = 1,
  parameter SkipW     = $clog2(DataWidth/8),
  parameter RecordW   = 186,
  parameter VerdictW  = 26
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire [Queues*64-1:0] ret_base_i,
  input  wire [Queues*4-1:0]  ret_size_i,
  // Records and verdicts
  input  wire                 rec_valid_i,
  output wire                 rec_ready_o,
  input  wire [RecordW-1:0]   rec_i,
  input  wire                 verdict_valid_i,
  output wire                 verdict_ready_o,
  input  wire [VerdictW-1:0]  verdict_i,       // {csum bad, raw sum, flags[13:9], flags[5:2]}
  // Payload from rx_frame
  input  wire                 pay_req_valid_i,
  output wire                 pay_req_ready_o,
  input  wire [63:0]          pay_req_addr_i,
  input  wire [13:0]          pay_req_len_i,
  input  wire [SkipW-1:0]     pay_req_skip_i,
  input  wire                 pay_valid_i,
  output wire                 pay_ready_o,
  input  wire                 pay_last_i,      // the beat on offer is the request's last
  input  wire [DataWidth-1:0] pay_data_i,
  // dma_write
  output wire                 wr_req_valid_o,
  input  wire                 wr_req_ready_i,
  output wire [63:0]          wr_req_addr_o,
  output wire [13:0]          wr_req_len_o,
  output wire [SkipW-1:0]     wr_req_skip_o,
  output wire                 wr_data_valid_o,
  input  wire                 wr_data_ready_i,
  output wire [DataWidth-1:0] wr_data_o,
  input  wire                 wr_done_i,
  // A frame is in memory and reported, or lost: bus mastering was off while it was on its way
  input  wire                 write_lost_i,
  input  wire [Queues-1:0]    ring_lost_i,
  output wire [Queues-1:0]    frame_done_o,
  output wire [8:0]           frame_done_n_o,  // buffers of it
  output wire                 frame_lost_o,
  output reg                  ev_lost_o,
  output reg  [Queues-1:0]    ev_frame_o,      // in the first cycle of the new index; so the others
  output reg                  ev_broadcast_o,
  output reg                  ev_multicast_o,
  output reg                  ev_csum_bad_o,
  output reg  [13:0]          frame_octets_o   // FCS excluded
);
  `include "nic_regs.vh"
  localparam Beats  = (DataWidth < 256) ? 256 / DataWidth : 1;   // of an entry
  localparam QueueW = (Queues > 1) ? $clog2(Queues) : 1;
  localparam [Queues-1:0] One = 1;
  localparam LastBeat = Beats - 1;
  localparam DoneW  = 1 + QueueW + 9 + 14 + 3;

  // ------------------------------------------------------------ the record
  wire [31:0]       opaque    = rec_i[31:0];
  wire [13:0]       buf_len   = rec_i[45:32];
  wire              sop       = rec_i[46];
  wire              eop       = rec_i[47];
  wire [31:0]       idx       = rec_i[79:48];
  wire [8:0]        buffers   = rec_i[88:80];
  wire [13:0]       len       = rec_i[102:89];
  wire [13:0]       octets    = rec_i[116:103];
  wire              broadcast = rec_i[117];
  wire              multicast = rec_i[118];
  wire [63:0]       time_ns   = rec_i[182:119];
  wire [QueueW-1:0] queue     = rec_i[183 +: QueueW];

  wire [15:0] flags_last = {multicast, broadcast, verdict_i[8:4], 1'b1, 2'b00, verdict_i[3:0], sop, 1'b1};
  wire [15:0] flags      = eop ? flags_last : {14'd0, sop, 1'b0};
  wire [15:0] raw_csum   = verdict_i[24:9];
  wire        csum_bad   = verdict_i[25];
  // As layout return_entry of the map, first octet in [7:0]; hash and stripped tag come later
  wire [255:0] entry = {idx, 16'd0, eop ? {2'd0, len} : 16'd0, eop ? time_ns : 64'd0, 48'd0, eop ? raw_csum : 16'd0,
                        flags, {2'd0, buf_len}, opaque};
  wire [11:0]  ret_mask = (12'd1 << ret_size_i[4*queue +: 4]) - 12'd1;

  // ------------------------------------------------------------ an entry on its way
  reg              busy_q, asked_q;
  reg [255:0]      entry_q;
  reg [1:0]        beat_q;
  reg [63:0]       addr_q;
  reg [DoneW-1:0]  tag_q;
  wire             ent_ready;
  wire             ent_sent = busy_q && ent_ready && beat_q == LastBeat[1:0];
  wire             take     = (!busy_q || ent_sent) && rec_valid_i && (!eop || verdict_valid_i);
  wire             order_room, done_room, ent_next;
  wire             room     = order_room && done_room;
  wire             ask      = busy_q && !asked_q && !pay_req_valid_i;
  assign rec_ready_o     = take;
  assign verdict_ready_o = take && eop;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      asked_q <= 1'b0;
    end else begin
      if (ask && room && wr_req_ready_i) asked_q <= 1'b1;
      if (busy_q && ent_ready) begin
        beat_q  <= beat_q + 2'd1;
        entry_q <= entry_q >> DataWidth;
        if (ent_sent) busy_q <= 1'b0;
      end
      if (take) begin
        // Path step R5: the entry in the return ring
        busy_q  <= 1'b1;
        asked_q <= 1'b0;
        beat_q  <= 2'd0;
        entry_q <= entry;
        addr_q  <= ret_base_i[64*queue +: 64] + {47'd0, idx[11:0] & ret_mask, 5'd0};
        tag_q   <= {eop, queue, buffers, octets, broadcast, multicast, csum_bad};
      end
    end
  end

  // ------------------------------------------------------------ one client: requests, then data in their order
  wire       order_valid, order_pop;
  wire [2:0] order_count;
  wire [3:0] done_count;
  wire accept = wr_req_valid_o && wr_req_ready_i;
  sync_fifo #(.Width(1), .DepthLog2(2)) u_order (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(accept), .wr_ready_o(order_room), .wr_data_i(ask),
    .rd_valid_o(order_valid), .rd_ready_i(order_pop), .rd_data_o(ent_next), .count_o(order_count)
  );
  assign wr_req_valid_o  = room && (ask || pay_req_valid_i);
  assign wr_req_addr_o   = ask ? addr_q : pay_req_addr_i;
  assign wr_req_len_o    = ask ? 14'd32 : pay_req_len_i;
  assign wr_req_skip_o   = ask ? 0 : pay_req_skip_i;
  assign pay_req_ready_o = room && !ask && wr_req_ready_i;
  assign wr_data_valid_o = order_valid && (ent_next || pay_valid_i);
  assign ent_ready       = order_valid && ent_next && wr_data_ready_i;
  assign pay_ready_o     = order_valid && !ent_next && wr_data_ready_i;
  assign order_pop       = ent_next ? ent_sent : pay_ready_o && pay_valid_i && pay_last_i;
  generate
    if (DataWidth > 256) begin : g_wide
      assign wr_data_o = {ent_next ? {DataWidth-256{1'b0}} : pay_data_i[DataWidth-1:256],
                          ent_next ? entry_q : pay_data_i[255:0]};
    end else begin : g_narrow
      assign wr_data_o = ent_next ? entry_q[DataWidth-1:0] : pay_data_i;
    end
  endgenerate

  // ------------------------------------------------------------ what the bus has taken
  wire              done_valid, done_eop, done_bc, done_mc, done_bad;
  wire [QueueW-1:0] done_queue;
  wire [13:0]       done_octets;
  wire              ended    = wr_done_i && done_eop;
  assign            frame_lost_o = write_lost_i || |(ring_lost_i & (One << done_queue));
  wire              reported = ended && !frame_lost_o;
  sync_fifo #(.Width(DoneW), .DepthLog2(3)) u_done (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(accept), .wr_ready_o(done_room),
    .wr_data_i(ask ? tag_q : {DoneW{1'b0}}), .rd_valid_o(done_valid), .rd_ready_i(wr_done_i),
    .rd_data_o({done_eop, done_queue, frame_done_n_o, done_octets, done_bc, done_mc, done_bad}),
    .count_o(done_count)
  );
  // Path step R5: only now the return producer index moves
  assign frame_done_o = ended ? One << done_queue : {Queues{1'b0}};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ev_frame_o     <= 0;
      ev_lost_o      <= 1'b0;
      ev_broadcast_o <= 1'b0;
      ev_multicast_o <= 1'b0;
      ev_csum_bad_o  <= 1'b0;
    end else begin
      ev_frame_o     <= reported ? frame_done_o : {Queues{1'b0}};
      ev_lost_o      <= ended && frame_lost_o;
      ev_broadcast_o <= reported && done_bc;
      ev_multicast_o <= reported && done_mc;
      ev_csum_bad_o  <= reported && done_bad;
      if (reported) frame_octets_o <= done_octets;
    end
  end
  assign idle_o = !busy_q && !rec_valid_i && !order_valid && !done_valid && !verdict_valid_i && ev_frame_o == 0 &&
                  !ev_lost_o;

  wire unused = &{1'b0, rec_i[185:183], order_count, done_count};
endmodule
`default_nettype wire
