// Broken on purpose: a latch.
module broken #(parameter DataWidth = 64) (input wire [DataWidth-1:0] a_i, input wire en_i, output reg b_o);
  always @* if (en_i) b_o = ^a_i;
endmodule
