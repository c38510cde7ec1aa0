// pcie_cfg - configuration space of the function, type 0 header and four capabilities.
//
// Map:       00h header (PCI 3.0 chapter 6, Base Specification 2.x 7.5), 40h power management (D0 and D3hot), 50h MSI
//            (PCI 3.0 6.8.1: 64 bits, a mask and a pending bit for each message), 70h PCI Express capability version 2
//            (7.8), B0h MSI-X (PCI 3.0 6.8.2). Everything else, extended space included, reads zero.
// MSI:       as many messages as vectors, rounded up to a power of two, at most 8; a grant above that counts as that.
//            Messages are sent elsewhere; this keeps the settings and shows the pending bits handed in.
// Status:    Device Status and the error bits of Status (7.5.1.2, 7.8.5) without AER. What the standard lets a
//            role-based function treat as advisory (6.2.3.2.4: a non-posted request answered UR, poisoned data that was
//            read, an unexpected completion) is a correctable error; a posted request that is not supported, poisoned
//            data that the host wrote (2.7.2.2; a configuration write is answered UR, but told as this alone) and a
//            completion time-out are non-fatal; a malformed TLP is fatal.
// Handshake: rdata_o is combinational from addr_i; write_i with be_i and wdata_i takes effect in the next cycle.
// Reset:     rst_ni; writing Initiate FLR gives flr_o for one cycle and restores all but Max_Payload_Size, Link Control
//            and the captured bus and device number (6.6.2).
// Choices:   relaxed ordering and no-snoop are hardwired off (7.8.4 allows it, the function never uses them); INTx pin
//            is 0 (no INTx).
`default_nettype none
`include "nic_regs.vh"
module pcie_cfg #(
  parameter LinkWidth = 16,
  parameter Vectors   = 9
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        write_i,
  input  wire [11:2] addr_i,
  input  wire [31:0] wdata_i,
  input  wire [3:0]  be_i,
  input  wire [15:3] bus_dev_i,       // from the request's target address, captured with write_i
  output reg  [31:0] rdata_o,
  // Events that set status bits
  input  wire        ev_ur_i,         // a non-posted request was answered UR
  input  wire        ev_posted_ur_i,  // a posted request was dropped as unsupported
  input  wire        ev_unexpected_i, // a completion that nobody waits for, or that does not fit its read
  input  wire        ev_timeout_i,    // a completion did not come
  input  wire        ev_malformed_i,
  input  wire        ev_poisoned_i,   // poisoned data received:
  input  wire        ev_poisoned_cpl_i,   // with a completion
  input  wire        ev_cpl_ur_i,     // a request of ours was answered with UR, with CA
  input  wire        ev_cpl_ca_i,
  // Levels
  input  wire        pending_i,       // a request of ours is not completed yet
  input  wire [31:0] msi_pending_i,
  output wire        memory_o,
  output wire        bus_master_o,
  output wire [63:16] bar_o,
  output wire        ext_tag_o,
  output wire        no_timeout_o,    // Completion Timeout Disable
  output wire [2:0]  mps_o,
  output wire [2:0]  mrrs_o,
  output wire [15:0] bdf_o,
  output wire        msix_enable_o,
  output wire        msix_mask_o,
  output wire        msi_enable_o,
  output wire [63:0] msi_addr_o,
  output wire [15:0] msi_data_o,
  output wire [2:0]  msi_count_o,     // log2 of the messages granted
  output wire [31:0] msi_mask_o,
  output reg         flr_o
);
  localparam [7:0] CapPm = 8'h40, CapMsi = 8'h50, CapPcie = 8'h70, CapMsix = 8'hB0;
  localparam [10:0] VectorsMinus1 = Vectors[10:0] - 11'd1;
  localparam [5:0]  Width = LinkWidth[5:0];
  localparam [2:0]  MsiLog2 = Vectors > 4 ? 3'd3 : Vectors > 2 ? 3'd2 : Vectors > 1 ? 3'd1 : 3'd0;
  localparam        Messages = 1 << MsiLog2;

  // Command: memory space, bus master, parity error response, SERR enable, interrupt disable.
  reg         memory_q, master_q, parity_q, serr_q, intx_off_q;
  reg         det_parity_q, rx_master_abort_q, rx_target_abort_q, data_parity_q;
  reg [63:16] bar_q;
  reg [7:0]   cache_line_q, int_line_q;
  reg [1:0]   power_q;                    // 0 D0, 3 D3hot
  reg [3:0]   report_q;                   // Device Control 3:0
  reg [2:0]   mps_q, mrrs_q;
  reg         ext_tag_q, no_timeout_q;
  reg [3:0]   dev_status_q;               // correctable, non-fatal, fatal, unsupported request
  reg [7:0]   link_q;                     // Link Control 7:0 (ASPM, RCB, common clock, extended synch)
  reg [3:0]   link_speed_q;               // Link Control 2, target speed
  reg         msix_enable_q, msix_mask_q;
  reg [15:3]  bus_dev_q;
  reg         msi_enable_q;
  reg [2:0]   msi_count_q;
  reg [63:2]  msi_addr_q;
  reg [15:0]  msi_data_q;
  reg [Messages-1:0] msi_mask_q;

  wire [31:0] command = {det_parity_q, 1'b0, rx_master_abort_q, rx_target_abort_q, 3'd0, data_parity_q, 3'd0, 1'b1,
                         4'd0, 5'd0, intx_off_q, 1'b0, serr_q, 1'b0, parity_q, 3'd0, master_q, memory_q, 1'b0};
  wire [31:0] device_control = {10'd0, pending_i, 1'b0, dev_status_q, 1'b0, mrrs_q, 3'd0, ext_tag_q, mps_q, 1'b0, report_q};

  always @(*) begin
    case ({addr_i, 2'b00})
      12'h000: rdata_o = {`NIC_DEVICE_ID, `NIC_VENDOR_ID};
      12'h004: rdata_o = command;
      12'h008: rdata_o = {`NIC_CLASS_CODE, `NIC_REVISION_ID};
      12'h00C: rdata_o = {24'd0, cache_line_q};
      12'h010: rdata_o = {bar_q[31:16], 16'h0004};           // memory, 64 bits, not prefetchable
      12'h014: rdata_o = bar_q[63:32];
      12'h02C: rdata_o = {`NIC_DEVICE_ID, `NIC_VENDOR_ID};   // subsystem
      12'h034: rdata_o = {24'd0, CapPm};
      12'h03C: rdata_o = {24'd0, int_line_q};
      12'h040: rdata_o = {16'h0003, CapMsi, 8'h01};          // version 3, no PME
      12'h044: rdata_o = {28'd0, 2'b10, power_q};            // No_Soft_Reset
      12'h050: rdata_o = {7'd0, 1'b1, 1'b1, msi_count_q, MsiLog2, msi_enable_q, CapPcie, 8'h05};
      12'h054: rdata_o = {msi_addr_q[31:2], 2'b00};
      12'h058: rdata_o = msi_addr_q[63:32];
      12'h05C: rdata_o = {16'd0, msi_data_q};
      12'h060: rdata_o = {{32-Messages{1'b0}}, msi_mask_q};
      12'h064: rdata_o = {{32-Messages{1'b0}}, msi_pending_i[Messages-1:0]};
      12'h070: rdata_o = {16'h0002, CapMsix, 8'h10};         // version 2, endpoint
      12'h074: rdata_o = 32'h1000_8023;                      // payload to 1024, 8-bit tags, role-based errors, FLR
      12'h078: rdata_o = device_control;
      12'h07C: rdata_o = {8'd0, 1'b0, 1'b1, 6'd0, 6'd0, Width, 4'd3};
      12'h080: rdata_o = {3'd0, 1'b1, 2'd0, Width, 4'd3, 8'd0, link_q};
      12'h094: rdata_o = 32'h0000_0010;                      // Completion Timeout Disable, no ranges
      12'h098: rdata_o = {27'd0, no_timeout_q, 4'd0};
      12'h09C: rdata_o = 32'h0000_000E;                      // 2.5, 5 and 8 GT/s
      12'h0A0: rdata_o = {28'd0, link_speed_q};
      12'h0B0: rdata_o = {msix_enable_q, msix_mask_q, 3'd0, VectorsMinus1, 8'h00, 8'h11};
      12'h0B4: rdata_o = {16'd0, `NIC_MSIX_TABLE_BASE};      // BAR 0
      12'h0B8: rdata_o = {16'd0, `NIC_MSIX_PBA_BASE};
      default: rdata_o = 32'd0;
    endcase
  end

  // Written bytes over what is read at the same address; and the ones written, for write-one-clear bits.
  wire [31:0] mask = {{8{be_i[3]}}, {8{be_i[2]}}, {8{be_i[1]}}, {8{be_i[0]}}};
  wire [31:0] ones = wdata_i & mask;
  wire [31:0] next = (rdata_o & ~mask) | ones;
  wire        write_device = write_i && {addr_i, 2'b00} == 12'h078;
  wire        function_reset = !rst_ni || flr_o;

  always @(posedge clk_i) begin
    if (function_reset) begin
      {memory_q, master_q, parity_q, serr_q, intx_off_q} <= 5'd0;
      bar_q         <= 48'd0;
      cache_line_q  <= 8'd0;
      int_line_q    <= 8'd0;
      power_q       <= 2'd0;
      report_q      <= 4'd0;
      mrrs_q        <= 3'd2;  // 512 octets
      ext_tag_q     <= 1'b0;
      no_timeout_q  <= 1'b0;
      msix_enable_q <= 1'b0;
      msix_mask_q   <= 1'b0;
      msi_enable_q  <= 1'b0;
      msi_count_q   <= 3'd0;
      msi_addr_q    <= 62'd0;
      msi_data_q    <= 16'd0;
      msi_mask_q    <= {Messages{1'b0}};
    end else if (write_i) begin
      case ({addr_i, 2'b00})
        12'h004: {intx_off_q, serr_q, parity_q, master_q, memory_q} <= {next[10], next[8], next[6], next[2:1]};
        12'h00C: cache_line_q <= next[7:0];
        12'h010: bar_q[31:16] <= next[31:16];
        12'h014: bar_q[63:32] <= next;
        12'h03C: int_line_q <= next[7:0];
        12'h044: if (next[1:0] == 2'd0 || next[1:0] == 2'd3) power_q <= next[1:0];
        12'h050: {msi_count_q, msi_enable_q} <= {next[22:20], next[16]};
        12'h054: msi_addr_q[31:2] <= next[31:2];
        12'h058: msi_addr_q[63:32] <= next;
        12'h05C: msi_data_q <= next[15:0];
        12'h060: msi_mask_q <= next[Messages-1:0];
        12'h078: {mrrs_q, ext_tag_q, report_q} <= {next[14:12], next[8], next[3:0]};
        12'h098: no_timeout_q <= next[4];
        12'h0B0: {msix_enable_q, msix_mask_q} <= next[31:30];
        default: ;
      endcase
    end
  end
  // What survives FLR.
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      mps_q        <= 3'd0;   // 128 octets
      link_q       <= 8'd0;
      link_speed_q <= 4'd3;
      bus_dev_q    <= 13'd0;
    end else if (write_i) begin
      bus_dev_q <= bus_dev_i;
      if (write_device) mps_q <= next[7:5];
      if ({addr_i, 2'b00} == 12'h080) link_q <= next[7:0] & 8'hCB;
      if ({addr_i, 2'b00} == 12'h0A0) link_speed_q <= next[3:0];
    end
  end
  // Status bits: an event beats a clear in the same cycle.
  wire        clear_status = write_i && {addr_i, 2'b00} == 12'h004;
  wire [3:0]  clear_device = ones[19:16] & {4{write_device}};
  wire [31:0] clear        = ones & {32{clear_status}};
  wire        ev_any = ev_ur_i || ev_posted_ur_i || ev_unexpected_i || ev_timeout_i || ev_malformed_i ||
                       ev_poisoned_i || ev_cpl_ur_i || ev_cpl_ca_i;
  always @(posedge clk_i) begin
    if (function_reset) begin
      {det_parity_q, rx_master_abort_q, rx_target_abort_q, data_parity_q} <= 4'd0;
      dev_status_q <= 4'd0;
    end else if (write_i || ev_any) begin
      det_parity_q      <= (det_parity_q && !clear[31]) || ev_poisoned_i;
      rx_master_abort_q <= (rx_master_abort_q && !clear[29]) || ev_cpl_ur_i;
      rx_target_abort_q <= (rx_target_abort_q && !clear[28]) || ev_cpl_ca_i;
      data_parity_q     <= (data_parity_q && !clear[24]) || (ev_poisoned_cpl_i && parity_q);
      dev_status_q      <= (dev_status_q & ~clear_device) |
                           {ev_ur_i || ev_posted_ur_i, ev_malformed_i,
                            ev_posted_ur_i || ev_timeout_i || (ev_poisoned_i && !ev_poisoned_cpl_i),
                            ev_ur_i || ev_poisoned_cpl_i || ev_unexpected_i};
    end
  end
  always @(posedge clk_i) begin
    flr_o <= rst_ni && write_device && ones[15];
  end

  assign memory_o      = memory_q && power_q == 2'd0;
  assign bus_master_o  = master_q && power_q == 2'd0;
  assign bar_o         = bar_q;
  assign ext_tag_o     = ext_tag_q;
  assign no_timeout_o  = no_timeout_q;
  assign mps_o         = mps_q > 3'd3 ? 3'd3 : mps_q;      // what 74h says is supported
  assign mrrs_o        = mrrs_q > 3'd5 ? 3'd5 : mrrs_q;
  assign bdf_o         = {bus_dev_q, 3'd0};
  assign msix_enable_o = msix_enable_q;
  assign msix_mask_o   = msix_mask_q;
  assign msi_enable_o  = msi_enable_q;
  assign msi_addr_o    = {msi_addr_q, 2'b00};
  assign msi_data_o    = msi_data_q;
  assign msi_count_o   = msi_count_q > MsiLog2 ? MsiLog2 : msi_count_q;
  assign msi_mask_o    = {{32-Messages{1'b0}}, msi_mask_q};
  wire unused = &{1'b0, msi_pending_i, clear[30], clear[27:25], clear[23:0]};
endmodule
`default_nettype wire
