// rx_write - the engine's one client of dma_write: payload of frames and return entries, requests first, data behind.
//
// Does:      turns the commands of rx_plan into write requests, orders for rx_stream (the bytes) and records for
//            rx_return (one for each buffer, one for each dropped frame), and lets the requests of rx_return in between.
//            Requests run ahead of their data by up to eight, so that no cycle is lost between frames.
// Order:     data follows in the order of the requests. An entry is asked for by rx_return only when it is ready, and
//            payload only with a place for its record in hand: so no accepted request waits for one behind it.
// Turns:     an entry goes first: it is asked for when it must go (see rx_return).
// Latency:   none (combinational) from command to request.
`default_nettype none
module rx_write #(
  parameter DataWidth = 512,
  parameter SkipW     = $clog2(DataWidth/8),
  parameter CmdW      = 149,
  parameter OrderW    = 17 + $clog2(DataWidth/8),
  parameter RecW      = 84
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // Commands, as in rx_plan
  input  wire                 cmd_valid_i,
  output wire                 cmd_ready_o,
  input  wire [CmdW-1:0]      cmd_i,
  // Records
  output wire                 rec_valid_o,
  input  wire                 rec_ready_i,
  output wire [RecW-1:0]      rec_o,           // {queue, drop, sop, eop, idx, length, opaque}
  // Entries: request, and data in its turn
  input  wire                 ent_req_i,
  output wire                 ent_ack_o,
  input  wire [63:0]          ent_addr_i,
  input  wire                 ent_two_i,       // two entries
  input  wire [DataWidth-1:0] ent_data_i,
  input  wire                 ent_last_i,
  output wire                 ent_beat_o,      // a beat of it has gone
  // Orders to rx_stream, and its payload
  output wire                 order_valid_o,
  input  wire                 order_done_i,    // the order's last beat has gone
  output wire [OrderW-2:0]    order_o,         // {drop, eop, length, skip}
  input  wire                 pay_valid_i,
  output wire                 pay_ready_o,
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
  output wire                 asked_o,         // a request was taken
  input  wire                 room_i           // rx_return can keep track of one more
);
  // ------------------------------------------------------------ the command
  wire [63:0]      addr   = cmd_i[63:0];
  wire [31:0]      opaque = cmd_i[95:64];
  wire [13:0]      len    = cmd_i[109:96];
  wire [31:0]      idx    = cmd_i[141:110];
  wire             eop    = cmd_i[142];
  wire             sop    = cmd_i[143];
  wire             strip  = cmd_i[144];
  wire             drop   = cmd_i[145];
  wire [2:0]       queue  = cmd_i[148:146];

  // Octets of the line's beat that are not this buffer's: those of the buffers before it, and a stripped tag's place
  reg  [SkipW-1:0] skip_q;
  wire [SkipW-1:0] tag     = strip ? 4 : 0;
  wire [SkipW-1:0] skip    = sop ? tag : skip_q;

  wire             order_free, order_valid, is_entry;
  wire             order_room = order_free && room_i;
  wire [3:0]       order_count;
  wire             place   = cmd_valid_i && !ent_req_i && order_room && rec_ready_i;
  assign           cmd_ready_o = place && (drop || wr_req_ready_i);
  assign           ent_ack_o   = ent_req_i && order_room && wr_req_ready_i;

  always @(posedge clk_i) begin
    if (cmd_ready_o && !drop) skip_q <= skip + len[SkipW-1:0];
  end

  assign wr_req_valid_o = (ent_req_i && order_room) || (place && !drop);
  assign wr_req_addr_o  = ent_req_i ? ent_addr_i : addr;
  assign wr_req_len_o   = ent_req_i ? {7'd0, ent_two_i, !ent_two_i, 5'd0} : len;
  assign wr_req_skip_o  = ent_req_i ? {SkipW{1'b0}} : skip;
  assign asked_o        = wr_req_valid_o && wr_req_ready_i;
  assign rec_valid_o    = cmd_ready_o;
  assign rec_o          = {queue, drop, sop, eop, idx, len, opaque};

  // ------------------------------------------------------------ the data
  sync_fifo #(.Width(OrderW), .DepthLog2(3)) u_order (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(cmd_ready_o || ent_ack_o), .wr_ready_o(order_free),
    .wr_data_i({ent_req_i, drop, eop, len, skip}), .rd_valid_o(order_valid),
    .rd_ready_i(is_entry ? ent_beat_o && ent_last_i : order_done_i),
    .rd_data_o({is_entry, order_o}), .count_o(order_count)
  );
  assign order_valid_o   = order_valid && !is_entry;
  assign wr_data_valid_o = order_valid && (is_entry || pay_valid_i);
  assign pay_ready_o     = order_valid && !is_entry && wr_data_ready_i;
  assign ent_beat_o      = order_valid && is_entry && wr_data_ready_i;
  assign wr_data_o       = is_entry ? ent_data_i : pay_data_i;
  assign idle_o          = !order_valid && !cmd_valid_i;

  wire unused = &{1'b0, order_count};
endmodule
`default_nettype wire
