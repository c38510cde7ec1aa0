// csr_global - registers of the blocks global and mac, and what raises vector 0.
//
// Does:      ID to DMA_TIMEOUT and MAC_CONTROL to PAUSE_THRESHOLD of rtl/regs/nic_regs.toml; ERROR_CAUSE and its mask.
//            TIME is read by csr_counters, which freezes upper halves.
// Handshake: rd_i and wr_i one cycle each with the address and, to write, the whole word (csr_bus merges partial writes);
//            rdata_o holds the answer from the next cycle until the next read, and zero after a read of any other block,
//            so that the blocks' answers may be ORed.
// Vector 0:  error_o is one cycle, when a bit of ERROR_CAUSE rises that the mask does not hide, or when the mask is
//            lifted from a bit that is set. An event in the cycle in which its bit is cleared sets it again. Without
//            error_stands_o its message need not go any more.
`default_nettype none
`include "nic_regs.vh"
module csr_global #(
  parameter DataWidth = 512,
  parameter Queues    = 1
) (
  input  wire              clk_i,
  input  wire              rst_ni,            // restores everything
  output wire              idle_o,
  input  wire              rd_i,
  input  wire              wr_i,
  input  wire [15:2]       addr_i,
  input  wire [31:0]       wdata_i,
  output reg  [31:0]       rdata_o,
  // State shown
  input  wire              resetting_i,
  input  wire              dma_idle_i,
  input  wire              mac_tx_busy_i,
  input  wire              link_up_i,
  input  wire              local_fault_i,
  input  wire              remote_fault_i,
  // Causes of vector 0
  input  wire [Queues-1:0] tx_error_i,        // levels
  input  wire [Queues-1:0] rx_error_i,
  input  wire              ev_unexpected_cpl_i,
  input  wire              ev_malformed_i,
  output reg               error_o,
  output wire              error_stands_o,    // a bit is set that the mask does not hide
  // Settings
  output wire              soft_reset_o,      // one cycle
  output reg               tx_enable_o,
  output reg               rx_enable_o,
  output reg  [15:0]       dma_timeout_us_o,
  output wire [47:0]       mac_addr_o,
  output reg  [63:0]       mac_hash_o,
  output wire              accept_broadcast_o,
  output wire              accept_all_multicast_o,
  output wire              promiscuous_o,
  output wire              strip_fcs_o,
  output wire              loopback_o,
  output wire              pause_rx_o,
  output wire              pause_tx_o,
  output wire              vlan_strip_o,
  output reg  [13:0]       max_frame_o,
  output reg  [15:0]       pause_quanta_o,
  output reg  [15:0]       pause_high_o,
  output reg  [15:0]       pause_low_o
);
  localparam WidthLog2 = $clog2(DataWidth / 8);
  // queues, width, then what this RTL has: all there is
  localparam [31:0] Features = {16'd0, 8'b1111_1111, WidthLog2[3:0], Queues[3:0]};

  localparam [31:0] TimeoutReset = `NIC_DMA_TIMEOUT_RESET, ControlReset = `NIC_MAC_CONTROL_RESET,
                    FrameReset = `NIC_MAX_FRAME_RESET, MaskReset = `NIC_ERROR_MASK_RESET;

  reg [31:0] scratch_q;
  reg [63:0] mac_addr_q;
  reg [7:0]  mac_control_q;
  reg [10:0] cause_q, cause_mask_q;

  // ------------------------------------------------------------ writes
  wire [15:0] addr = {addr_i, 2'b00};
  wire        wr_cause = wr_i && addr == `NIC_ERROR_CAUSE;
  wire        wr_mask  = wr_i && addr == `NIC_ERROR_MASK;
  wire [10:0] next_mask = wr_mask ? wdata_i[10:0] : cause_mask_q;
  assign soft_reset_o = wr_i && addr == `NIC_RESET && wdata_i[`NIC_RESET_SOFT_LSB];

  // ------------------------------------------------------------ causes of vector 0
  reg  [Queues-1:0] tx_error_q, rx_error_q;  // of their own: the one must be told while the other stands
  reg               link_q;                 // survives soft reset: the link has not changed then
  wire [Queues-1:0] queue_rise = (tx_error_i & ~tx_error_q) | (rx_error_i & ~rx_error_q);
  wire [15:0] queue_event = {{(16-Queues){1'b0}}, queue_rise};
  wire [10:0] event_bits  = {ev_malformed_i, ev_unexpected_cpl_i, link_up_i != link_q, queue_event[7:0]};
  wire [10:0] cleared     = wr_cause ? wdata_i[10:0] : 11'd0;
  wire        changed     = event_bits != 11'd0 || tx_error_i != tx_error_q || rx_error_i != rx_error_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      cause_q       <= 11'd0;
      tx_error_q    <= {Queues{1'b0}};
      rx_error_q    <= {Queues{1'b0}};
      error_o       <= 1'b0;
    end else begin
      if (changed || wr_cause) cause_q <= (cause_q & ~cleared) | event_bits;
      tx_error_q    <= tx_error_i;
      rx_error_q    <= rx_error_i;
      error_o       <= |(event_bits & ~(cause_q & ~cleared) & ~next_mask) || |(cause_q & cause_mask_q & ~next_mask);
    end
  end
  always @(posedge clk_i) link_q <= link_up_i;
  assign error_stands_o = (cause_q & ~cause_mask_q) != 11'd0;

  // ------------------------------------------------------------ settings, and all reads
  always @(posedge clk_i) begin
    if (!rst_ni) rdata_o <= 32'd0;
    else if (rd_i) begin
      case (addr)
        `NIC_ID:          rdata_o <= `NIC_ID_RESET;
        `NIC_VERSION:     rdata_o <= `NIC_VERSION_RESET;
        `NIC_FEATURES:    rdata_o <= Features;
        `NIC_CONTROL:     rdata_o <= {30'd0, rx_enable_o, tx_enable_o};
        `NIC_RESET:       rdata_o <= {31'd0, resetting_i};
        `NIC_STATUS:      rdata_o <= {29'd0, !mac_tx_busy_i, dma_idle_i, link_up_i};
        `NIC_ERROR_CAUSE: rdata_o <= {21'd0, cause_q};
        `NIC_ERROR_MASK:  rdata_o <= {21'd0, cause_mask_q};
        `NIC_SCRATCH:     rdata_o <= scratch_q;
        `NIC_DMA_TIMEOUT: rdata_o <= {16'd0, dma_timeout_us_o};
        `NIC_MAC_CONTROL: rdata_o <= {24'd0, mac_control_q};
        `NIC_MAC_ADDR:    rdata_o <= mac_addr_q[31:0];
        `NIC_MAC_ADDR_HI: rdata_o <= mac_addr_q[63:32];
        `NIC_MAC_HASH:    rdata_o <= mac_hash_o[31:0];
        `NIC_MAC_HASH_HI: rdata_o <= mac_hash_o[63:32];
        `NIC_MAX_FRAME:   rdata_o <= {18'd0, max_frame_o};
        `NIC_MAC_STATUS:  rdata_o <= {29'd0, remote_fault_i, local_fault_i, link_up_i};
        `NIC_PAUSE_QUANTA:    rdata_o <= {16'd0, pause_quanta_o};
        `NIC_PAUSE_THRESHOLD: rdata_o <= {pause_high_o, pause_low_o};
        default:          rdata_o <= 32'd0;
      endcase
    end

    if (!rst_ni) begin
      {rx_enable_o, tx_enable_o} <= 2'b00;
      scratch_q        <= `NIC_SCRATCH_RESET;
      dma_timeout_us_o <= TimeoutReset[15:0];
      mac_control_q    <= ControlReset[7:0];
      mac_addr_q       <= `NIC_MAC_ADDR_RESET;
      mac_hash_o       <= `NIC_MAC_HASH_RESET;
      max_frame_o      <= FrameReset[13:0];
      {pause_quanta_o, pause_high_o, pause_low_o} <= 48'd0;
      cause_mask_q     <= MaskReset[10:0];
    end else if (wr_i) begin
      cause_mask_q <= next_mask;
      case (addr)
        `NIC_CONTROL:     {rx_enable_o, tx_enable_o} <= wdata_i[1:0];
        `NIC_SCRATCH:     scratch_q <= wdata_i;
        `NIC_DMA_TIMEOUT: dma_timeout_us_o <= wdata_i[15:0];
        `NIC_MAC_CONTROL: mac_control_q <= wdata_i[7:0];
        `NIC_MAC_ADDR:    mac_addr_q[31:0] <= wdata_i;
        `NIC_MAC_ADDR_HI: mac_addr_q[63:32] <= wdata_i;
        `NIC_MAC_HASH:    mac_hash_o[31:0] <= wdata_i;
        `NIC_MAC_HASH_HI: mac_hash_o[63:32] <= wdata_i;
        `NIC_MAX_FRAME:   max_frame_o <= wdata_i[13:0];
        `NIC_PAUSE_QUANTA:    pause_quanta_o <= wdata_i[15:0];
        `NIC_PAUSE_THRESHOLD: {pause_high_o, pause_low_o} <= wdata_i;
        default: ;
      endcase
    end
  end
  assign mac_addr_o = mac_addr_q[47:0];
  assign {vlan_strip_o, pause_tx_o, pause_rx_o, loopback_o, accept_all_multicast_o, strip_fcs_o, promiscuous_o,
          accept_broadcast_o} = mac_control_q;

  assign idle_o = !changed && !error_o;
  wire unused = &{1'b0, queue_event[15:8]};
endmodule
`default_nettype wire
