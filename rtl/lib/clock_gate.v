// clock_gate - the clock of a part that may rest.
//
// Does:    clk_o follows clk_i while en_i is high and for three cycles more, and stays low in the others. en_i is sampled
//          where clk_i falls, so it may be made of flops and registered inputs of the same cycle, and clk_o has no glitch.
// Contract: en_i is high in each cycle in which anything new comes to the part, and in reset, which lasts four cycles at
//          least; then the part needs at most three cycles to settle. What it puts out is the same with and without the gate.
// Two bodies: for synthesis a wire, as an FPGA saves little by five more clock nets (an integrated clock gate or a BUFGCE
//          may stand here, with the same enable); for simulation the gate, as code that does not run is the only cheap
//          code. rtl.nic.synthesis.* runs a NIC of each side by side, equal pin for pin.
// Latency: none.
`default_nettype none
module clock_gate (
  input  wire clk_i,
  input  wire en_i,
  output wire clk_o
);
`ifdef SYNTHESIS
  assign clk_o = clk_i;
  wire unused = &{1'b0, en_i};
`else
  reg [3:0] en_q;
  always @(negedge clk_i) en_q <= {en_q[2:0], en_i};
  assign clk_o = clk_i && en_q != 4'd0;
`endif
endmodule
`default_nettype wire
