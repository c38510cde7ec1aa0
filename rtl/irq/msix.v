// msix - MSI-X table and pending bits (PCI Local Bus 3.0 section 6.8.2), and the choice of the next message.
//
// Does:      keeps the table (blocks msix_table and msix_pba of the map) for Vectors vectors, the others read zero; a
//            vector that fires becomes pending; a pending vector is offered as a message when MSI-X is on, bus master
//            is on and neither mask is set, in turn. Firing again while pending is one message (P37).
// Handshake: as csr_global. msg_* stay until msg_take_i, but for a mask written meanwhile: then the offer is withdrawn.
// Reset:     the table's memory is not cleared, a flag per word says whether it was written since.
`default_nettype none
`include "nic_regs.vh"
module msix #(
  parameter Vectors = 2     // 1..16
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               rd_i,
  input  wire               wr_i,
  input  wire [15:2]        addr_i,
  input  wire [31:0]        wdata_i,
  input  wire [3:0]         be_i,
  output reg  [31:0]        rdata_o,
  input  wire               enable_i,
  input  wire               function_mask_i,
  input  wire               bus_master_i,
  input  wire [Vectors-1:0] fire_i,
  output wire               msg_valid_o,
  output wire [63:0]        msg_addr_o,
  output wire [31:0]        msg_data_o,
  input  wire               msg_take_i,
  input  wire               msg_redo_i      // the message taken last may not have reached the host: pending again
);
  localparam [4:0] NumVectors = Vectors[4:0];

  reg [31:0] addr_lo_mem [0:15];
  reg [31:0] addr_hi_mem [0:15];
  reg [31:0] data_mem [0:15];
  reg [15:0] has_lo_q, has_hi_q, has_data_q, mask_q, pending_q;
  reg [3:0]  last_q;

  // ------------------------------------------------------------ table
  wire        in_table = addr_i[15:8] == 8'h80 && {1'b0, addr_i[7:4]} < NumVectors;
  wire        in_pba   = {addr_i, 2'b00} == `NIC_PENDING;
  wire [3:0]  entry    = addr_i[7:4];
  wire [31:0] lo       = has_lo_q[entry] ? addr_lo_mem[entry] : 32'd0;
  wire [31:0] hi       = has_hi_q[entry] ? addr_hi_mem[entry] : 32'd0;
  wire [31:0] data     = has_data_q[entry] ? data_mem[entry] : 32'd0;
  wire [31:0] keep     = ~{{8{be_i[3]}}, {8{be_i[2]}}, {8{be_i[1]}}, {8{be_i[0]}}};
  wire        wr_table = wr_i && in_table;
  always @(posedge clk_i) begin
    if (wr_table && addr_i[3:2] == 2'd0) addr_lo_mem[entry] <= (lo & keep) | (wdata_i & ~keep);
    if (wr_table && addr_i[3:2] == 2'd1) addr_hi_mem[entry] <= (hi & keep) | (wdata_i & ~keep);
    if (wr_table && addr_i[3:2] == 2'd2) data_mem[entry] <= (data & keep) | (wdata_i & ~keep);
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {has_lo_q, has_hi_q, has_data_q} <= 48'd0;
      mask_q <= 16'hFFFF;
    end else if (wr_table) begin
      case (addr_i[3:2])
        2'd0: has_lo_q[entry] <= 1'b1;
        2'd1: has_hi_q[entry] <= 1'b1;
        2'd2: has_data_q[entry] <= 1'b1;
        default: if (be_i[0]) mask_q[entry] <= wdata_i[`NIC_VECTOR_CONTROL_MASK_LSB];
      endcase
    end
  end
  always @(posedge clk_i) begin
    if (!rst_ni) rdata_o <= 32'd0;
    else if (rd_i) begin
      rdata_o <= 32'd0;
      if (in_pba) rdata_o <= {16'd0, pending_q};
      if (in_table) case (addr_i[3:2])
        2'd0: rdata_o <= lo;
        2'd1: rdata_o <= hi;
        2'd2: rdata_o <= data;
        default: rdata_o <= {31'd0, mask_q[entry]};
      endcase
    end
  end

  // ------------------------------------------------------------ messages: the next pending vector after the last sent
  function automatic [3:0] lowest(input [15:0] bits);
    reg [15:0] one;
    begin
      one = bits & (~bits + 16'd1);
      lowest = {|(one & 16'hFF00), |(one & 16'hF0F0), |(one & 16'hCCCC), |(one & 16'hAAAA)};
    end
  endfunction
  wire [15:0] ready    = pending_q & ~mask_q;
  wire [15:0] later    = ready & (16'hFFFE << last_q);
  wire [3:0]  vector   = lowest(later != 16'd0 ? later : ready);
  wire [15:0] fired    = {{(16-Vectors){1'b0}}, fire_i};
  wire [15:0] taken    = msg_take_i ? 16'd1 << vector : 16'd0;
  wire [15:0] back     = msg_redo_i ? 16'd1 << last_q : 16'd0;
  assign msg_valid_o = enable_i && !function_mask_i && bus_master_i && ready != 16'd0;
  assign msg_addr_o  = {has_hi_q[vector] ? addr_hi_mem[vector] : 32'd0,
                        (has_lo_q[vector] ? addr_lo_mem[vector] : 32'd0) & 32'hFFFF_FFFC};
  assign msg_data_o  = has_data_q[vector] ? data_mem[vector] : 32'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      pending_q <= 16'd0;
      last_q    <= 4'd0;
    end else begin
      if (fire_i != 0 || msg_take_i || msg_redo_i) pending_q <= (pending_q & ~taken) | fired | back;
      if (msg_take_i) last_q <= vector;
    end
  end
endmodule
`default_nettype wire
