// pcie_target - carries out the host's requests one after the other: configuration, registers, or Unsupported Request.
//
// Does:      memory reads and writes of 1 or 2 DWs that hit BAR 0 become one or two register accesses, the lower
//            address first, each with its byte enables; type 0 configuration requests for function 0; a completion for
//            every non-posted request (Base Specification 2.2.9, 2.3.1): ids, TC and attributes copied, Byte Count and
//            Lower Address from the byte enables. A zero-length read is answered with one DW.
//            The answer to a configuration write waits for a message that was on its way before: behind a mask (MSI, MSI-X:
//            function mask, enable bits) none comes (PCI 3.0 6.8.3.4). It waits as csr_bus does, at most until the time has
//            passed two marks: requests behind must not depend on posted credits of the host (2.4.1).
// UR:        memory reads longer than 2 DWs, outside BAR 0, over a 4 KB boundary or with memory space off; locked
//            reads, I/O, AtomicOps, type 1 and poisoned configuration writes, other functions, configuration length not
//            1.
// Handshake: requests valid and ready (ready when done); completions valid and ready; registers as in pcie.
// Latency:   request to csr_valid_o 1 cycle, csr_ack_i to completion 2.
// Drops:     memory writes that would be UR as reads: one cycle of drop_o each, kept off the cycles of busy_drop_i.
`default_nettype none
module pcie_target (
  input  wire         clk_i,
  input  wire         rst_ni,
  output wire         idle_o,
  input  wire         req_valid_i,
  output wire         req_ready_o,
  input  wire [2:0]   req_kind_i,
  input  wire [2:0]   req_tc_i,
  input  wire [2:0]   req_attr_i,
  input  wire [15:0]  req_requester_i,
  input  wire [7:0]   req_tag_i,
  input  wire [3:0]   req_first_be_i,
  input  wire [3:0]   req_last_be_i,
  input  wire [10:0]  req_len_i,
  input  wire [63:2]  req_addr_i,
  input  wire [63:0]  req_data_i,
  input  wire         req_poisoned_i,
  output wire         posted_return_o,
  // Configuration space
  input  wire         memory_i,
  input  wire [63:16] bar_i,
  input  wire [15:0]  bdf_i,
  output wire         cfg_write_o,
  input  wire [31:0]  cfg_rdata_i,
  input  wire         message_i,       // a message of ours is on its way to the pins
  input  wire         mark_i,          // changes every 0.52 ms
  // Registers
  output reg          csr_valid_o,
  output reg          csr_write_o,
  output reg  [15:2]  csr_addr_o,
  output reg  [31:0]  csr_wdata_o,
  output reg  [3:0]   csr_be_o,
  input  wire [31:0]  csr_rdata_i,
  input  wire         csr_ack_i,
  // Completions: DW 0 to 2 of the header and up to 2 DWs of data
  output wire         cpl_valid_o,
  input  wire         cpl_ready_i,
  output wire [95:0]  cpl_hdr_o,
  output wire [63:0]  cpl_data_o,
  // Events
  input  wire         busy_drop_i,
  output wire         drop_o,
  output wire         ur_o             // a request is not supported; not of a configuration write that is only poisoned
);
  localparam KindMemRead = 3'd0, KindMemWrite = 3'd1, KindCfgRead = 3'd2, KindCfgWrite = 3'd3,
             KindLockedRead = 3'd5, KindAtomic = 3'd6, KindCas = 3'd7;
  localparam StIdle = 3'd0, StLow = 3'd1, StHigh = 3'd2, StCpl = 3'd3, StDrop = 3'd4, StWait = 3'd5;
  localparam StatusSc = 3'd0, StatusUr = 3'd1;

  reg [2:0]  state_q;
  reg        ur_q;
  reg [63:0] data_q;

  wire is_mem    = req_kind_i == KindMemRead || req_kind_i == KindMemWrite;
  wire is_cfg    = req_kind_i == KindCfgRead || req_kind_i == KindCfgWrite;
  wire is_write  = req_kind_i == KindMemWrite;
  wire two       = req_len_i == 11'd2;
  wire mem_hit   = memory_i && req_addr_i[63:16] == bar_i && (req_len_i == 11'd1 || two) &&
                   !(two && req_addr_i[11:2] == 10'h3FF);
  wire cfg_hit   = req_addr_i[18:16] == 3'd0 && req_len_i == 11'd1;

  // ------------------------------------------------------------ state
  wire start = state_q == StIdle && req_valid_i;
  reg  known, supported;                  // looked at with start only
  always @(*) begin
    {known, supported} = 2'b00;
    if (start) begin
      known     = is_mem ? mem_hit : is_cfg && cfg_hit;
      supported = known && !req_poisoned_i;
    end
  end
  wire late;
  two_marks u_late (.clk_i(clk_i), .begin_i(start), .wait_i(state_q == StWait), .mark_i(mark_i), .late_o(late));
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      ur_q        <= 1'b0;
      csr_valid_o <= 1'b0;
      csr_write_o <= 1'b0;
      csr_addr_o  <= 14'd0;
      csr_wdata_o <= 32'd0;
      csr_be_o    <= 4'd0;
      data_q      <= 64'd0;
    end else case (state_q)
      StIdle: if (req_valid_i) begin
        ur_q <= !supported;
        if (is_mem && supported) begin
          csr_valid_o <= 1'b1;
          csr_write_o <= is_write;
          csr_addr_o  <= req_addr_i[15:2];
          csr_wdata_o <= req_data_i[31:0];
          csr_be_o    <= req_first_be_i;
          state_q     <= StLow;
        end else begin
          data_q      <= {32'd0, cfg_rdata_i};
          state_q     <= is_write ? StDrop : cfg_write_o ? StWait : StCpl;
        end
      end
      StLow: begin
        csr_valid_o <= 1'b0;
        if (csr_ack_i) begin
          data_q[31:0] <= csr_rdata_i;
          if (two) begin
            csr_valid_o   <= 1'b1;
            csr_addr_o    <= csr_addr_o + 14'd1;
            csr_wdata_o   <= req_data_i[63:32];
            csr_be_o      <= req_last_be_i;
            state_q       <= StHigh;
          end else state_q <= is_write ? StIdle : StCpl;
        end
      end
      StHigh: begin
        csr_valid_o <= 1'b0;
        if (csr_ack_i) begin
          data_q[63:32] <= csr_rdata_i;
          state_q       <= is_write ? StIdle : StCpl;
        end
      end
      StWait:  if (!message_i || late) state_q <= StCpl;
      StCpl:   if (cpl_ready_i) state_q <= StIdle;
      default: if (!busy_drop_i) state_q <= StIdle;
    endcase
  end
  wire written = is_write && csr_ack_i && ((state_q == StLow && !two) || state_q == StHigh);
  assign drop_o          = state_q == StDrop && !busy_drop_i;
  assign ur_o            = start && !known && !is_write;
  assign posted_return_o = written || drop_o;
  assign req_ready_o     = posted_return_o || (cpl_valid_o && cpl_ready_i);
  assign cfg_write_o     = supported && req_kind_i == KindCfgWrite;

  // ------------------------------------------------------------ completion
  // Octets asked for, without the disabled ones at both ends; a zero-length read counts as one (table 2-37).
  function automatic [11:0] byte_count(input [10:0] len, input [3:0] first, input [3:0] last);
    reg [2:0] skip_low, skip_high;
    reg [3:0] high;
    begin
      high      = len == 11'd1 ? first : last;
      skip_low  = first[0] ? 3'd0 : first[1] ? 3'd1 : first[2] ? 3'd2 : first[3] ? 3'd3 : 3'd0;
      skip_high = high[3] ? 3'd0 : high[2] ? 3'd1 : high[1] ? 3'd2 : high[0] ? 3'd3 : 3'd0;
      byte_count = len == 11'd1 && first == 4'd0 ? 12'd1 :
                   {len[9:0], 2'b00} - {9'd0, skip_low} - {9'd0, skip_high};
    end
  endfunction

  wire        mem_read = req_kind_i == KindMemRead || req_kind_i == KindLockedRead;
  wire        has_data = !ur_q && (req_kind_i == KindMemRead || req_kind_i == KindCfgRead);
  wire [1:0]  low_be   = req_first_be_i[0] ? 2'd0 : req_first_be_i[1] ? 2'd1 : req_first_be_i[2] ? 2'd2 :
                         req_first_be_i[3] ? 2'd3 : 2'd0;
  reg  [11:0] count;
  assign cpl_valid_o = state_q == StCpl;
  always @(*) begin
    count = 12'd4;
    if (cpl_valid_o) begin
      if (mem_read) count = byte_count(req_len_i, req_first_be_i, req_last_be_i);
      if (req_kind_i == KindAtomic) count = {req_len_i[9:0], 2'b00};
      if (req_kind_i == KindCas) count = {req_len_i, 1'b0};
    end
  end
  assign cpl_data_o  = data_q;
  assign cpl_hdr_o   = {1'b0, has_data, 1'b0, 4'b0101, req_kind_i == KindLockedRead, 1'b0, req_tc_i, 1'b0,
                        req_attr_i[2], 4'd0, req_attr_i[1:0], 2'd0, has_data ? req_len_i[9:0] : 10'd0,
                        bdf_i, ur_q ? StatusUr : StatusSc, 1'b0, count,
                        req_requester_i, req_tag_i, 1'b0, mem_read ? {req_addr_i[6:2], low_be} : 7'd0};

  assign idle_o = state_q == StIdle;
  wire unused = &{1'b0, req_addr_i};
endmodule
`default_nettype wire
