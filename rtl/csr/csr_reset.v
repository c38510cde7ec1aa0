// csr_reset - soft reset and function level reset, in this order: stop asking, wait for what is in flight, reset.
//
// Does:      quiesce_o high; then waits until the engines, the status writer and the transmitter are idle, at most the
//            completion time-out and one millisecond more (Base Specification 6.6.2 wants an FLR done in 100 ms); then
//            holds engine_rst_no and regs_rst_no low for 8 cycles; then releases all three.
// Latency:   at least 16 cycles from the request. Hard reset starts at the last step.
// Idle:      idle_o only while nothing is under way.
`default_nettype none
module csr_reset (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire [63:0] time_ns_i,
  output wire        idle_o,
  input  wire        request_i,       // one cycle; while under way: no effect
  input  wire        all_idle_i,
  input  wire [15:0] timeout_us_i,
  output wire        quiesce_o,
  output reg         engine_rst_no,
  output reg         regs_rst_no
);
  localparam StRun = 2'd0, StQuiesce = 2'd1, StReset = 2'd2;
  reg [1:0]  state_q;
  reg [2:0]  count_q;
  reg [31:0] start_q;    // ns; the wait is far below its wrap at 4.3 s
  wire [31:0] elapsed = time_ns_i[31:0] - start_q;
  wire [31:0] bound   = {6'd0, timeout_us_i, 10'd0} + 32'd1_000_000;  // 1024 ns a microsecond: on the safe side

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= StReset;
      count_q       <= 3'd0;
      start_q       <= 32'd0;
      engine_rst_no <= 1'b0;
      regs_rst_no   <= 1'b0;
    end else case (state_q)
      StRun: if (request_i) begin
        state_q <= StQuiesce;
        start_q <= time_ns_i[31:0];
      end
      // Eight cycles first: what was asked in the cycle of the request must have become visible as "not idle".
      StQuiesce: if (count_q != 3'd7) count_q <= count_q + 3'd1;
      else if (all_idle_i || elapsed > bound) begin
        state_q       <= StReset;
        count_q       <= 3'd0;
        engine_rst_no <= 1'b0;
        regs_rst_no   <= 1'b0;
      end
      default: begin
        count_q <= count_q + 3'd1;
        if (count_q == 3'd7) begin
          state_q       <= StRun;
          engine_rst_no <= 1'b1;
          regs_rst_no   <= 1'b1;
        end
      end
    endcase
  end
  assign quiesce_o = state_q != StRun;
  assign idle_o    = state_q == StRun;
  wire unused = &{1'b0, time_ns_i[63:32]};
endmodule
`default_nettype wire
