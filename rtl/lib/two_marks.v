// two_marks - how long something may wait: until the time has passed two marks since it began, which takes more than one
//             and at most two of their distances, without a counter.
//
// Handshake: begin_i is one cycle; wait_i is high from then on, as long as late_o is looked at.
// Latency:   late_o 1 cycle behind the second mark; low from the cycle behind begin_i.
`default_nettype none
module two_marks (
  input  wire clk_i,
  input  wire begin_i,
  input  wire wait_i,
  input  wire mark_i,        // changes at each mark
  output reg  late_o
);
  reg mark_q, passed_q;      // the mark as seen last; it has passed once
  always @(posedge clk_i) begin
    if (begin_i || (wait_i && mark_q != mark_i)) begin
      mark_q   <= mark_i;
      passed_q <= !begin_i;
      late_o   <= !begin_i && (passed_q || late_o);
    end
  end
endmodule
`default_nettype wire
