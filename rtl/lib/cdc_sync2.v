// cdc_sync2 - two-flop synchronizer into the domain of clk_i.
//
// Does:    lets a signal of another clock domain settle before it is used. The one place, with cdc_counter built on it,
//          where a signal may cross. A vector may cross only if it changes one bit at a time, or if its bits mean
//          something each alone.
// Does not: stretch pulses; the source holds a level for longer than one period of clk_i.
// Latency: 2 edges of clk_i, one more where the first flop resolves to the old value.
`default_nettype none
module cdc_sync2 #(
  parameter Width = 1
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire [Width-1:0] d_i,
  output wire [Width-1:0] q_o
);
  (* ASYNC_REG = "TRUE" *) reg [Width-1:0] meta_q, sync_q;
  assign q_o = sync_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      meta_q <= 0;
      sync_q <= 0;
    end else begin
      meta_q <= d_i;
      sync_q <= meta_q;
    end
  end
endmodule
`default_nettype wire
