// Broken on purpose: SystemVerilog, not Verilog-2005.
module broken #(parameter DataWidth = 64) (input wire [DataWidth-1:0] a_i, output logic b_o);
  always_comb b_o = ^a_i;
endmodule
