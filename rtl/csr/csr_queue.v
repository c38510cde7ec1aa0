// csr_queue - registers of one queue set: rings, doorbells, status block, interrupt settings, errors.
//
// Does:      the block queue of rtl/regs/nic_regs.toml. Turning a ring on sets its producer index to 0 (for RX the
//            return consumer index too); a ring reset does the same, is given as one pulse once the ring has stopped,
//            and is ignored while the ring is on. Bases and sizes are taken as written: the driver writes them while
//            it is off.
// Handshake: as csr_global; rd_i and wr_i only for this queue.
// Order:     a ring reads as running until its last status write has left, so a driver that sees it stopped
//            has the last status block before the answer (Base Specification 2.4.1: completions push writes). A reset reads
//            as one until the status write that tells of its indices has left.
`default_nettype none
`include "nic_regs.vh"
module csr_queue (
  input  wire         clk_i,
  input  wire         rst_ni,
  output wire         idle_o,
  input  wire         rd_i,
  input  wire         rd_any_i,           // a read of any block
  input  wire         wr_i,
  input  wire [8:2]   addr_i,
  input  wire [31:0]  wdata_i,
  input  wire         low_i,              // with wr_i: the low octet is meant
  input  wire         whole_i,            // with wr_i: all four are
  output reg  [31:0]  rdata_o,
  // Rings
  output reg  [63:0]  tx_base_o,
  output reg  [63:0]  rx_base_o,
  output reg  [63:0]  ret_base_o,
  output reg  [3:0]   tx_size_o,
  output reg  [3:0]   rx_size_o,
  output reg  [3:0]   ret_size_o,
  output reg          tx_enable_o,
  output reg          rx_enable_o,
  output wire         tx_reset_o,
  output wire         rx_reset_o,
  input  wire         tx_running_i,
  input  wire         rx_running_i,
  output reg  [31:0]  tx_prod_o,
  output reg  [31:0]  rx_prod_o,
  output reg  [31:0]  ret_cons_o,
  input  wire [31:0]  tx_cons_i,
  input  wire [31:0]  rx_cons_i,
  input  wire [31:0]  ret_prod_i,
  input  wire [3:0]   tx_error_i,
  input  wire [3:0]   rx_error_i,
  input  wire [31:0]  tx_error_idx_i,
  input  wire [31:0]  rx_error_idx_i,
  // Status block and interrupt (rtl/irq)
  output reg  [63:0]  status_base_o,
  output reg          status_whole_o,     // neither half of it is from before
  input  wire [31:0]  status_tag_i,
  input  wire         tx_busy_i,          // memory does not show the TX index yet
  input  wire         rx_busy_i,          // .. those of RX
  input  wire         int_mask_i,
  input  wire         int_force_i,
  output wire         int_write_o,        // INT_CONTROL is written, with its low octet
  output reg          auto_mask_o,
  output wire         rearm_o,            // INT_REARM is written, all of it
  output reg  [15:0]  rx_frames_o,
  output reg  [15:0]  rx_usecs_o,
  output reg  [15:0]  tx_frames_o,
  output reg  [15:0]  tx_usecs_o,
  output reg  [15:0]  max_usecs_o,
  output reg  [15:0]  gap_usecs_o
);
  wire [8:0]  addr = {addr_i, 2'b00};

  // ------------------------------------------------------------ ring on and off, ring reset
  // A reset is asked for and waits for the ring to stop; then it is given, and reads as one until memory shows its indices.
  localparam [3:0] ResetCycles = 4'd15;   // in which the engine's indices have surely followed
  reg       tx_reset_q, rx_reset_q;
  reg [3:0] tx_after_q, rx_after_q;       // cycles since, or 0 when all is over
  wire wr_tx_control = wr_i && addr == `NIC_TX_CONTROL && low_i;
  wire wr_rx_control = wr_i && addr == `NIC_RX_CONTROL && low_i;
  wire tx_turn_on = wr_tx_control && wdata_i[0] && !tx_enable_o;
  wire rx_turn_on = wr_rx_control && wdata_i[0] && !rx_enable_o;
  assign tx_reset_o = tx_reset_q && !tx_running_i;
  assign rx_reset_o = rx_reset_q && !rx_running_i;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {tx_enable_o, rx_enable_o, tx_reset_q, rx_reset_q} <= 4'b0000;
      {tx_after_q, rx_after_q} <= 8'd0;
    end else begin
      if (tx_reset_o) tx_after_q <= 4'd1;
      else if (tx_after_q == ResetCycles) tx_after_q <= tx_busy_i ? ResetCycles : 4'd0;
      else if (tx_after_q != 4'd0) tx_after_q <= tx_after_q + 4'd1;
      if (rx_reset_o) rx_after_q <= 4'd1;
      else if (rx_after_q == ResetCycles) rx_after_q <= rx_busy_i ? ResetCycles : 4'd0;
      else if (rx_after_q != 4'd0) rx_after_q <= rx_after_q + 4'd1;
      if (wr_tx_control) tx_enable_o <= wdata_i[0];
      if (wr_rx_control) rx_enable_o <= wdata_i[0];
      tx_reset_q <= (tx_reset_q && tx_running_i) || (wr_tx_control && wdata_i[1:0] == 2'b10);
      rx_reset_q <= (rx_reset_q && rx_running_i) || (wr_rx_control && wdata_i[1:0] == 2'b10);
    end
  end

  // ------------------------------------------------------------ doorbells
  // A reset that is given late finds the ring enabled again: the doorbells are those of its new turn, and stay.
  // Path step T7: a TX doorbell becomes the producer index that tx_engine sees; R1: the same for RX buffers.
  always @(posedge clk_i) begin
    if (!rst_ni || tx_turn_on || (tx_reset_o && !tx_enable_o)) tx_prod_o <= 32'd0;
    else if (wr_i && addr == `NIC_TX_PROD_IDX) tx_prod_o <= wdata_i;
  end
  always @(posedge clk_i) begin
    if (!rst_ni || rx_turn_on || (rx_reset_o && !rx_enable_o)) begin
      rx_prod_o  <= 32'd0;
      ret_cons_o <= 32'd0;
    end else begin
      if (wr_i && addr == `NIC_RX_PROD_IDX) rx_prod_o <= wdata_i;
      if (wr_i && addr == `NIC_RET_CONS_IDX) ret_cons_o <= wdata_i;
    end
  end

  // ------------------------------------------------------------ settings, and all reads
  wire tx_running = tx_running_i || tx_enable_o || tx_busy_i;
  wire rx_running = rx_running_i || rx_enable_o || rx_busy_i;
  localparam [31:0] TxSizeReset = `NIC_TX_SIZE_RESET, RxSizeReset = `NIC_RX_SIZE_RESET,
                    RetSizeReset = `NIC_RET_SIZE_RESET, RxFramesReset = `NIC_INT_RX_FRAMES_RESET,
                    RxUsecsReset = `NIC_INT_RX_USECS_RESET, TxFramesReset = `NIC_INT_TX_FRAMES_RESET,
                    TxUsecsReset = `NIC_INT_TX_USECS_RESET, MaxUsecsReset = `NIC_INT_MAX_USECS_RESET,
                    GapUsecsReset = `NIC_INT_GAP_USECS_RESET;
  always @(posedge clk_i) begin
    if (!rst_ni) rdata_o <= 32'd0;
    else if (rd_i) begin
      case (addr)
        `NIC_TX_BASE:        rdata_o <= tx_base_o[31:0];
        `NIC_TX_BASE_HI:     rdata_o <= tx_base_o[63:32];
        `NIC_TX_SIZE:        rdata_o <= {28'd0, tx_size_o};
        `NIC_TX_CONTROL:     rdata_o <= {30'd0, tx_reset_q || tx_after_q != 4'd0, tx_enable_o};
        `NIC_TX_PROD_IDX:    rdata_o <= tx_prod_o;
        `NIC_TX_CONS_IDX:    rdata_o <= tx_cons_i;
        `NIC_TX_STATE:       rdata_o <= {30'd0, |tx_error_i, tx_running};
        `NIC_TX_ERROR:       rdata_o <= {28'd0, tx_error_i};
        `NIC_TX_ERROR_IDX:   rdata_o <= tx_error_idx_i;
        `NIC_RX_BASE:        rdata_o <= rx_base_o[31:0];
        `NIC_RX_BASE_HI:     rdata_o <= rx_base_o[63:32];
        `NIC_RX_SIZE:        rdata_o <= {28'd0, rx_size_o};
        `NIC_RX_CONTROL:     rdata_o <= {30'd0, rx_reset_q || rx_after_q != 4'd0, rx_enable_o};
        `NIC_RX_PROD_IDX:    rdata_o <= rx_prod_o;
        `NIC_RX_CONS_IDX:    rdata_o <= rx_cons_i;
        `NIC_RX_STATE:       rdata_o <= {30'd0, |rx_error_i, rx_running};
        `NIC_RX_ERROR:       rdata_o <= {28'd0, rx_error_i};
        `NIC_RX_ERROR_IDX:   rdata_o <= rx_error_idx_i;
        `NIC_RET_BASE:       rdata_o <= ret_base_o[31:0];
        `NIC_RET_BASE_HI:    rdata_o <= ret_base_o[63:32];
        `NIC_RET_SIZE:       rdata_o <= {28'd0, ret_size_o};
        `NIC_RET_CONS_IDX:   rdata_o <= ret_cons_o;
        `NIC_RET_PROD_IDX:   rdata_o <= ret_prod_i;
        `NIC_STATUS_BASE:    rdata_o <= status_base_o[31:0];
        `NIC_STATUS_BASE_HI: rdata_o <= status_base_o[63:32];
        `NIC_STATUS_TAG:     rdata_o <= status_tag_i;
        `NIC_INT_CONTROL:    rdata_o <= {29'd0, int_force_i, auto_mask_o, int_mask_i};
        `NIC_INT_RX_FRAMES:  rdata_o <= {16'd0, rx_frames_o};
        `NIC_INT_RX_USECS:   rdata_o <= {16'd0, rx_usecs_o};
        `NIC_INT_TX_FRAMES:  rdata_o <= {16'd0, tx_frames_o};
        `NIC_INT_TX_USECS:   rdata_o <= {16'd0, tx_usecs_o};
        `NIC_INT_MAX_USECS:  rdata_o <= {16'd0, max_usecs_o};
        `NIC_INT_GAP_USECS:  rdata_o <= {16'd0, gap_usecs_o};
        default:             rdata_o <= 32'd0;
      endcase
    end else if (rd_any_i) rdata_o <= 32'd0;

    if (!rst_ni) begin
      {tx_base_o, rx_base_o, ret_base_o, status_base_o} <= 256'd0;
      status_whole_o <= 1'b0;
      tx_size_o   <= TxSizeReset[3:0];
      rx_size_o   <= RxSizeReset[3:0];
      ret_size_o  <= RetSizeReset[3:0];
      auto_mask_o <= 1'b0;
      rx_frames_o <= RxFramesReset[15:0];
      rx_usecs_o  <= RxUsecsReset[15:0];
      tx_frames_o <= TxFramesReset[15:0];
      tx_usecs_o  <= TxUsecsReset[15:0];
      max_usecs_o <= MaxUsecsReset[15:0];
      gap_usecs_o <= GapUsecsReset[15:0];
    end else if (wr_i) begin
      case (addr)
        `NIC_TX_BASE:        tx_base_o[31:0] <= wdata_i;
        `NIC_TX_BASE_HI:     tx_base_o[63:32] <= wdata_i;
        `NIC_TX_SIZE:        tx_size_o <= wdata_i[3:0];
        `NIC_RX_BASE:        rx_base_o[31:0] <= wdata_i;
        `NIC_RX_BASE_HI:     rx_base_o[63:32] <= wdata_i;
        `NIC_RX_SIZE:        rx_size_o <= wdata_i[3:0];
        `NIC_RET_BASE:       ret_base_o[31:0] <= wdata_i;
        `NIC_RET_BASE_HI:    ret_base_o[63:32] <= wdata_i;
        `NIC_RET_SIZE:       ret_size_o <= wdata_i[3:0];
        `NIC_STATUS_BASE:    {status_whole_o, status_base_o[31:0]} <= {1'b0, wdata_i};
        `NIC_STATUS_BASE_HI: {status_whole_o, status_base_o[63:32]} <= {1'b1, wdata_i};
        `NIC_INT_CONTROL:    auto_mask_o <= wdata_i[1];
        `NIC_INT_RX_FRAMES:  rx_frames_o <= wdata_i[15:0];
        `NIC_INT_RX_USECS:   rx_usecs_o <= wdata_i[15:0];
        `NIC_INT_TX_FRAMES:  tx_frames_o <= wdata_i[15:0];
        `NIC_INT_TX_USECS:   tx_usecs_o <= wdata_i[15:0];
        `NIC_INT_MAX_USECS:  max_usecs_o <= wdata_i[15:0];
        `NIC_INT_GAP_USECS:  gap_usecs_o <= wdata_i[15:0];
        default: ;
      endcase
    end
  end
  assign int_write_o = wr_i && addr == `NIC_INT_CONTROL && low_i;
  assign rearm_o     = wr_i && addr == `NIC_INT_REARM && whole_i;

  // At the end of its cycles a reset waits for a status write, and so for nothing in here
  assign idle_o = !tx_reset_o && !rx_reset_o && (tx_after_q == 4'd0 || (tx_after_q == ResetCycles && tx_busy_i)) &&
                  (rx_after_q == 4'd0 || (rx_after_q == ResetCycles && rx_busy_i));
endmodule
`default_nettype wire
