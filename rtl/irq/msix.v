// msix - MSI-X table and pending bits, MSI, and the choice of the next message.
//
// Does:      keeps the MSI-X table (blocks msix_table and msix_pba of the map) for Vectors vectors, the others read zero; a
//            vector that fires becomes pending; a pending vector is offered as a message when bus master is on and
//            * MSI-X is on and neither mask of it is set (PCI Local Bus 3.0 section 6.8.2), or
//            * MSI is on, MSI-X is off, and the mask bit of its message is not set (6.8.1). With 1 << msi_count_i messages
//              granted, vector v is message v mod that number; one message serves all its pending vectors.
//            In turn. Firing again while pending is one message (P36, P37). With recall_i a vector is pending no more: what
//            raised it is gone (6.8.3.5: no spurious message when the mask is lifted), or it will be fired anew.
// Handshake: as csr_global. msg_* stay until msg_take_i, but for a mask written meanwhile: then the offer is withdrawn.
// Latency:   fire_i to msg_valid_o 2 cycles.
// Reset:     the table's memory is not cleared, a flag per word says whether it was written since.
`default_nettype none
`include "nic_regs.vh"
module msix #(
  parameter Vectors = 2     // 1..16
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  output wire               idle_o,
  input  wire               rd_i,
  input  wire               wr_i,
  input  wire [15:2]        addr_i,
  input  wire [31:0]        wdata_i,
  output reg  [31:0]        rdata_o,
  input  wire               enable_i,
  input  wire               function_mask_i,
  input  wire               msi_enable_i,
  input  wire [63:0]        msi_addr_i,
  input  wire [15:0]        msi_data_i,
  input  wire [2:0]         msi_count_i,    // log2 of the messages granted, 0..3
  input  wire [31:0]        msi_mask_i,
  output reg  [31:0]        msi_pending_o,  // of messages
  input  wire               bus_master_i,
  input  wire [Vectors-1:0] fire_i,
  input  wire [Vectors-1:0] recall_i,       // a message that waits is not to go now
  output wire               ahead_o,        // a message that could go when a register was last read has not been taken yet
  output wire               msg_valid_o,
  output wire [63:0]        msg_addr_o,
  output wire [31:0]        msg_data_o,
  input  wire               msg_take_i,
  input  wire               msg_done_i,     // the message taken last has left pcie
  input  wire               msg_redo_i,     // with it: it may not have reached the host: pending again
  output wire [Vectors-1:0] owed_o,         // fired, and the message has not left yet
  output wire [Vectors-1:0] told_o,         // its message has left
  output wire [Vectors-1:0] waiting_o       // fired, and not taken yet, nor in this cycle
);
  localparam [4:0] NumVectors = Vectors[4:0];
  localparam [15:0] Exist = (16'd1 << Vectors) - 16'd1;

  reg [31:0] addr_lo_mem [0:15];
  reg [31:0] addr_hi_mem [0:15];
  reg [31:0] data_mem [0:15];
  reg [15:0] has_lo_q, has_hi_q, has_data_q, mask_q, pending_q, ahead_q;
  reg [Vectors-1:0] away_q;
  reg [3:0]  last_q;

  // ------------------------------------------------------------ table
  wire        in_table = addr_i[15:8] == 8'h80 && {1'b0, addr_i[7:4]} < NumVectors;
  wire        in_pba   = {addr_i, 2'b00} == `NIC_PENDING;
  wire [3:0]  entry    = addr_i[7:4];
  wire [31:0] lo       = has_lo_q[entry] ? addr_lo_mem[entry] : 32'd0;
  wire [31:0] hi       = has_hi_q[entry] ? addr_hi_mem[entry] : 32'd0;
  wire [31:0] data     = has_data_q[entry] ? data_mem[entry] : 32'd0;
  wire        wr_table = wr_i && in_table;
  wire [15:0] hot      = (16'd1 << entry) & Exist;
  always @(posedge clk_i) begin
    if (wr_table && addr_i[3:2] == 2'd0) addr_lo_mem[entry] <= wdata_i;
    if (wr_table && addr_i[3:2] == 2'd1) addr_hi_mem[entry] <= wdata_i;
    if (wr_table && addr_i[3:2] == 2'd2) data_mem[entry] <= wdata_i;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {has_lo_q, has_hi_q, has_data_q} <= 48'd0;
      mask_q <= Exist;
    end else if (wr_table) begin
      case (addr_i[3:2])
        2'd0: has_lo_q <= has_lo_q | hot;
        2'd1: has_hi_q <= has_hi_q | hot;
        2'd2: has_data_q <= has_data_q | hot;
        default: mask_q <= (mask_q & ~hot) | (wdata_i[`NIC_VECTOR_CONTROL_MASK_LSB] ? hot : 16'd0);
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
  // MSI: the message of each vector, and all vectors of a message
  wire [2:0]  share = msi_count_i >= 3'd3 ? 3'd7 : msi_count_i == 3'd2 ? 3'd3 : msi_count_i == 3'd1 ? 3'd1 : 3'd0;
  reg  [15:0] msi_masked, together;
  wire        by_msi = msi_enable_i && !enable_i;
  wire [15:0] ready    = pending_q & ~(by_msi ? msi_masked : mask_q) & Exist;   // constant where there is no vector
  wire [15:0] later    = ready & (16'hFFFE << last_q);
  reg         chosen_q, recent_q;           // vector_q was ready a cycle ago; pending bits moved a cycle ago
  reg  [3:0]  vector_q;
  wire [3:0]  vector   = vector_q;
  wire [2:0]  message  = vector[2:0] & share;
  always @(*) begin : msi
    integer v;
    msi_masked = 16'd0;
    together   = 16'd1 << vector;
    if (by_msi) for (v = 0; v < 16; v = v + 1) begin
      msi_masked[v] = msi_mask_i[{2'b00, v[2:0] & share}];
      together[v]   = (v[2:0] & share) == message;
    end
  end
  // Message m waits when a vector v with v mod granted = m does
  wire [7:0] one_each = pending_q[7:0] | pending_q[15:8];
  wire [3:0] by_four  = one_each[3:0] | one_each[7:4];
  wire [1:0] by_two   = by_four[1:0] | by_four[3:2];
  always @(posedge clk_i) begin
    if (!rst_ni) msi_pending_o <= 32'd0;
    else if (msi_pending_o != 32'd0 || pending_q != 16'd0)
      msi_pending_o <= {24'd0, share == 3'd7 ? one_each : share == 3'd3 ? {4'd0, by_four} :
                               share == 3'd1 ? {6'd0, by_two} : {7'd0, |by_two}};
  end

  wire [15:0] fired    = {{(16-Vectors){1'b0}}, fire_i};
  wire [15:0] taken    = msg_take_i ? together : 16'd0;
  wire [15:0] back     = msg_redo_i ? {{(16-Vectors){1'b0}}, away_q} : 16'd0;
  wire [15:0] gone     = pending_q & {{(16-Vectors){1'b0}}, recall_i};
  wire        sendable = bus_master_i && (by_msi || (enable_i && !function_mask_i));
  assign ahead_o     = sendable && ahead_q != 16'd0;
  assign owed_o      = pending_q[Vectors-1:0] | away_q;
  assign told_o      = away_q & {Vectors{msg_done_i && !msg_redo_i}};
  assign waiting_o   = pending_q[Vectors-1:0] & ~taken[Vectors-1:0];
  assign msg_valid_o = sendable && chosen_q && ready[vector];
  assign idle_o      = !recent_q && gone == 16'd0 && chosen_q == (ready != 16'd0) && !(sendable && ready != 16'd0);
  assign msg_addr_o  = {by_msi ? msi_addr_i[63:32] : has_hi_q[vector] ? addr_hi_mem[vector] : 32'd0,
                        by_msi ? msi_addr_i[31:2] : has_lo_q[vector] ? addr_lo_mem[vector][31:2] : 30'd0, 2'b00};
  assign msg_data_o  = by_msi ? {16'd0, msi_data_i[15:3], (msi_data_i[2:0] & ~share) | message} :
                       has_data_q[vector] ? data_mem[vector] : 32'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      pending_q <= 16'd0;
      away_q    <= {Vectors{1'b0}};
      ahead_q   <= 16'd0;
      last_q    <= 4'd0;
      chosen_q  <= 1'b0;
      recent_q  <= 1'b0;
      vector_q  <= 4'd0;
    end else begin
      recent_q <= fire_i != 0 || msg_take_i || msg_redo_i || gone != 16'd0;
      if (ready != 16'd0 || chosen_q) begin
        chosen_q <= ready != 16'd0 && !msg_take_i;
        if (!msg_valid_o) vector_q <= lowest(later != 16'd0 ? later : ready);
      end
      if (fire_i != 0 || msg_take_i || msg_redo_i || gone != 16'd0) pending_q <= (pending_q & ~taken & ~gone) | fired | back;
      if (msg_take_i) last_q <= vector;
      if (rd_i || ahead_q != 16'd0) ahead_q <= (rd_i ? ready : ahead_q & ready) & ~taken;
      if (msg_take_i || msg_done_i) away_q <= taken[Vectors-1:0] & pending_q[Vectors-1:0];
    end
  end
  wire unused = &{1'b0, msi_addr_i[1:0]};
endmodule
`default_nettype wire
