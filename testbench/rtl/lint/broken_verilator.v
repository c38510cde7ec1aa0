// Broken on purpose: the width of the assignment does not fit.
module broken #(parameter DataWidth = 64) (input wire [DataWidth-1:0] a_i, output wire [7:0] b_o);
  assign b_o = a_i + 1'b1;
endmodule
