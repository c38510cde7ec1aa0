// csr_bus - the register bus: one access at a time, made into reads and writes of whole words.
//
// Does:      a write of all four octets goes straight to the registers; a write of fewer is read, merged and written, so
//            that no register needs byte enables. Octets that are not enabled are written as read, and as zero where a
//            one would act (ERROR_CAUSE); registers whose actions sit in their low octet look at low_o.
//            A read waits, at most WaitCycles, for a status block or message that has not left pcie: what the answer
//            pushes before it includes that. The answer waits for the messages that were on their way or ready when
//            the registers were read: behind a mask none comes after it. A read of STATUS_TAG waits until the write is
//            done: the tag it returns is then in memory before the answer, so a driver may arm with it. These two waits
//            end with a reset, and when the time has passed two marks 0.52 ms apart: pcie takes no write without posted
//            credits, and a request behind, perhaps that for the reset, must not depend on them (Base Specification 2.4.1).
//            A read round the cycles in which the registers are reset is made behind them.
// Handshake: csr_valid_i is one cycle, the next one only after csr_ack_o; csr_ack_o comes with csr_rdata_o. rd_o and wr_o
//            are one cycle each with the address; the answer is taken ReadCycles after rd_o.
// Latency:   csr_ack_o 2 cycles after a whole write, which the registers see in the first of them; 2 + ReadCycles after a
//            read; 4 + ReadCycles after a partial write.
`default_nettype none
`include "nic_regs.vh"
module csr_bus #(
  parameter [2:0] ReadCycles = 3'd6
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  output wire        idle_o,
  input  wire        csr_valid_i,
  input  wire        csr_write_i,
  input  wire [15:2] csr_addr_i,
  input  wire [31:0] csr_wdata_i,
  input  wire [3:0]  csr_be_i,
  output reg  [31:0] csr_rdata_o,
  output reg         csr_ack_o,
  input  wire        writing_i,      // a status block or message is under way
  input  wire        message_i,      // a message is, or was to be when rd_o came
  input  wire        quiesce_i,      // a reset is under way: writes are ignored
  input  wire        regs_rst_ni,    // .. in its last cycles: registers cannot be read
  input  wire        mark_i,         // changes every 0.52 ms
  output wire        rd_o,
  output wire        look_o,         // with rd_o: the driver sees the answer, freezes included
  output wire        wr_o,
  output reg  [15:2] addr_o,
  output reg  [31:0] wdata_o,
  output wire        low_o,          // with wr_o: the low octet is meant
  output wire        whole_o,        // with wr_o: all four are
  input  wire [31:0] rdata_i
);
  localparam StIdle = 2'd0, StRead = 2'd1, StAnswer = 2'd2, StWrite = 2'd3;
  localparam [5:0] WaitCycles = 6'd63;

  reg [1:0] state_q;
  reg [5:0] wait_q;
  reg [2:0] count_q;
  reg [3:0] be_q;
  reg       merge_q;                 // the read is for a partial write
  wire      old_counts = {addr_o, 2'b00} != `NIC_ERROR_CAUSE;

  wire      late;
  two_marks u_late (
    .clk_i(clk_i), .begin_i(csr_valid_i), .wait_i(state_q == StRead || state_q == StAnswer), .mark_i(mark_i), .late_o(late)
  );
  wire      give_up = quiesce_i || late;
  wire      patient = addr_o[15:12] == 4'h4 && {addr_o[8:2], 2'b00} == `NIC_STATUS_TAG && !give_up;

  assign rd_o    = state_q == StRead && ((regs_rst_ni && (!writing_i || (wait_q == WaitCycles && !patient))) || merge_q);
  assign look_o  = !merge_q && be_q != 4'd0;   // a read of no octets flushes, no more (Base Specification 2.2.5)
  assign wr_o    = state_q == StWrite && !quiesce_i;
  assign low_o   = be_q[0];
  assign whole_o = &be_q;

  always @(posedge clk_i) begin : bus
    integer i;
    if (!rst_ni) begin
      state_q     <= StIdle;
      wait_q      <= 6'd0;
      count_q     <= 3'd0;
      be_q        <= 4'd0;
      merge_q     <= 1'b0;
      addr_o      <= 14'd0;
      wdata_o     <= 32'd0;
      csr_rdata_o <= 32'd0;
      csr_ack_o   <= 1'b0;
    end else begin
      csr_ack_o <= 1'b0;
      if (quiesce_i && merge_q) be_q <= 4'd0;   // a partial write ends unwritten, also when the reset ends before it
      case (state_q)
        StIdle: if (csr_valid_i) begin
          addr_o  <= csr_addr_i;
          wdata_o <= csr_wdata_i;
          be_q    <= csr_be_i;
          merge_q <= csr_write_i;
          wait_q  <= 6'd0;
          state_q <= csr_write_i && &csr_be_i ? StWrite : StRead;
        end
        StRead: begin
          if (wait_q != WaitCycles) wait_q <= wait_q + 6'd1;
          count_q <= ReadCycles - 3'd1;
          if (rd_o) state_q <= StAnswer;
        end
        StAnswer: begin
          if (!regs_rst_ni && !merge_q) state_q <= StRead;
          else if (count_q != 3'd0) count_q <= count_q - 3'd1;
          else if (merge_q || !message_i || give_up) begin
            csr_rdata_o <= rdata_i;
            csr_ack_o   <= !merge_q;
            state_q     <= merge_q && be_q != 4'd0 ? StWrite : StIdle;
            if (merge_q && be_q == 4'd0) csr_ack_o <= 1'b1;
            for (i = 0; i < 4; i = i + 1)
              if (!be_q[i]) wdata_o[i*8 +: 8] <= old_counts ? rdata_i[i*8 +: 8] : 8'd0;
          end
        end
        default: begin
          csr_ack_o <= 1'b1;
          state_q   <= StIdle;
        end
      endcase
    end
  end
  assign idle_o = state_q == StIdle && !csr_valid_i && !csr_ack_o;
endmodule
`default_nettype wire
