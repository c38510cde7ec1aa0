// irq_writer - writes status blocks and interrupt messages to the host, one at a time, through one client of dma_write.
//
// Does:      takes the status block that irq_engine gives (st_take_i, only with st_ready_o) or the message that msix offers;
//            they alternate when both wait. A write is finished when pcie says that it has left; only then
//            does the next begin, so a message can not pass the status write before it.
// Bus master: pcie swallows what waits in it while bus master is off. A write in whose time it was off is given back:
//            redo_o with its end, and it is written again, or a second time.
// Handshake: as the write clients in nic_core: request, then its data from byte 0 of the beat, then, in a later cycle, done.
// Latency:   st_take_i or msg_valid_i to st_req_valid_o 1 cycle, then one for the data.
`default_nettype none
module irq_writer #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  output wire                  idle_o,       // nothing under way
  input  wire                  hold_i,       // begin nothing new
  input  wire                  bus_master_i,
  output wire                  redo_o,       // with done_o or msg_done_o: it may not have reached the host
  // Status blocks
  output wire                  st_ready_o,
  input  wire                  st_take_i,
  input  wire [Queues-1:0]     st_owner_i,   // one-hot
  input  wire [255:0]          st_block_i,
  input  wire [63:0]           st_base_i,
  output wire [Queues-1:0]     done_o,
  // Messages
  input  wire                  msg_valid_i,
  input  wire [63:0]           msg_addr_i,
  input  wire [31:0]           msg_data_i,
  output wire                  msg_take_o,
  output wire                  msg_done_o,
  output wire                  msg_writing_o,
  // To dma_write
  output wire                  st_req_valid_o,
  input  wire                  st_req_ready_i,
  output wire [63:0]           st_req_addr_o,
  output wire [13:0]           st_req_len_o,
  output wire                  st_data_valid_o,
  input  wire                  st_data_ready_i,
  output wire [DataWidth-1:0]  st_data_o,
  input  wire                  st_done_i,
  // Events
  output wire                  ev_status_o,
  output wire                  ev_message_o
);
  localparam StIdle = 2'd0, StReq = 2'd1, StData = 2'd2, StDone = 2'd3;

  reg [1:0]        state_q;
  reg [63:0]       addr_q;
  reg [255:0]      data_q;
  reg              spoiled_q;            // bus master was off since the write began
  reg              message_q;
  reg [1:0]        more_q;               // beats of a status block still to come behind this one
  reg [Queues-1:0] owner_q;              // one-hot, of the last status write

  wire begin_now = state_q == StIdle && !hold_i;
  assign st_ready_o = begin_now && !(msg_valid_i && !message_q);
  assign msg_take_o = begin_now && msg_valid_i && !st_take_i;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      addr_q    <= 64'd0;
      data_q    <= 256'd0;
      message_q <= 1'b0;
      more_q    <= 2'd0;
      owner_q   <= {Queues{1'b0}};
    end else case (state_q)
      StIdle: if (msg_take_o) begin
        state_q   <= StReq;
        addr_q    <= msg_addr_i;
        data_q    <= {224'd0, msg_data_i};
        message_q <= 1'b1;
        more_q    <= 2'd0;
      end else if (st_take_i) begin
        state_q   <= StReq;
        addr_q    <= st_base_i;
        data_q    <= st_block_i;
        message_q <= 1'b0;
        more_q    <= DataWidth == 64 ? 2'd3 : DataWidth == 128 ? 2'd1 : 2'd0;
        owner_q   <= st_owner_i;
      end
      StReq: if (st_req_ready_i) state_q <= StData;
      StData: if (st_data_ready_i) begin
        data_q <= DataWidth == 64 ? {64'd0, data_q[255:64]} : {128'd0, data_q[255:128]};
        more_q <= more_q - 2'd1;
        if (more_q == 2'd0) state_q <= StDone;
      end
      default: if (st_done_i) state_q <= StIdle;
    endcase
  end

  always @(posedge clk_i) begin
    if (state_q != StIdle || begin_now) spoiled_q <= (state_q != StIdle && spoiled_q) || !bus_master_i;
  end

  wire finished = st_done_i && state_q == StDone;
  assign done_o          = finished && !message_q ? owner_q : {Queues{1'b0}};
  assign msg_done_o      = finished && message_q;
  assign msg_writing_o   = state_q != StIdle && message_q;
  assign redo_o          = spoiled_q || !bus_master_i;
  assign ev_status_o     = finished && !message_q && !redo_o;
  assign ev_message_o    = finished && message_q && !redo_o;
  assign st_req_valid_o  = state_q == StReq;
  assign st_req_addr_o   = addr_q;
  assign st_req_len_o    = message_q ? 14'd4 : 14'd32;
  assign st_data_valid_o = state_q == StData;
  generate
    if (DataWidth <= 256) begin : g_narrow
      assign st_data_o = data_q[DataWidth-1:0];
    end else begin : g_wide
      assign st_data_o = {{(DataWidth-256){1'b0}}, data_q};
    end
  endgenerate
  assign idle_o = state_q == StIdle;
endmodule
`default_nettype wire
