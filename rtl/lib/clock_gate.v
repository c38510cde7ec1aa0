// clock_gate - the clock of a part that may rest.
//
// Does:    clk_o follows clk_i in the cycles that begin with en_i, and stays low in the others. en_i is looked at while
//          clk_i is low, so it may be made of flops and registered inputs of the same cycle, and clk_o has no glitch.
// Contract: en_i is high in each cycle in which a flop of the part would change, and in reset; what the part gives out is
//          then the same with and without the gate. A part's enable is its idle_o, which looks at its inputs too.
// Two bodies: for synthesis a wire, as an FPGA saves little by four more clock nets (a cell that latches its enable in the
//          low phase may stand here: an integrated clock gate, a BUFGCE); for simulation the gate, as code that does not
//          run is the only cheap code. rtl.nic.synthesis.* holds a NIC of each equal pin for pin.
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
  reg en_q;
  always @(negedge clk_i) en_q <= en_i;
  assign clk_o = clk_i && en_q;
`endif
endmodule
`default_nettype wire
