// mac_pause_tx - decides which pause frame is to be sent, and works out its FCS (IEEE 802.3 annex 31B).
//
// Does:    from high_i octets in the receive buffer on: XOFF, a pause of quanta_i; down to low_i: XON, a pause of 0. XON
//          too when sending is turned off in between. The frame's fields go to the MAC domain, where mac_pause_wire
//          sends it and repeats it before it runs out.
// FCS:     bit-serial form, 16 bits a cycle, from behind the destination (whose sum is a constant) to octet 59.
// Latency: 28 cycles from the threshold to word_valid_o. Idle: nothing moves while the fill crosses no threshold.
`default_nettype none
module mac_pause_tx (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        enable_i,
  input  wire [47:0] addr_i,         // first octet in [7:0]
  input  wire [15:0] quanta_i,
  input  wire [15:0] high_i,
  input  wire [15:0] low_i,
  input  wire [16:0] fill_i,         // octets
  output wire        word_valid_o,   // to cdc_word
  input  wire        word_ready_i,
  output wire [95:0] word_o,         // FCS, quanta, source address
  output wire        idle_o
);
  localparam [1:0] StRest = 2'd0, StSum = 2'd1, StSend = 2'd2;
  localparam [4:0] LastStep = 5'd26;   // octets 6 to 59 are 27 steps

  function [31:0] step16(input [31:0] crc, input [15:0] octets);
    integer i;
    begin
      step16 = crc ^ {16'd0, octets};
      for (i = 0; i < 16; i = i + 1) step16 = {1'b0, step16[31:1]} ^ ({32{step16[0]}} & 32'hEDB88320);
    end
  endfunction
  localparam [31:0] AfterDestination = step16(step16(step16(32'hFFFFFFFF, 16'h8001), 16'h00C2), 16'h0100);

  reg [1:0]  state_q;
  reg        xoff_q;                   // the last frame asked for is XOFF
  reg [4:0]  step_q;
  reg [31:0] crc_q;
  reg [95:0] left_q;                   // octets still to be summed
  reg [47:0] addr_q;
  reg [15:0] quanta_q;
  reg        high_q, low_q;
  wire       flip   = xoff_q ? low_q : high_q;
  wire [15:0] quanta = xoff_q ? 16'd0 : quanta_i;   // the frame that flip asks for

  always @(posedge clk_i) begin
    high_q <= rst_ni && enable_i && fill_i >= {1'b0, high_i};
    low_q  <= !enable_i || fill_i <= {1'b0, low_i};
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StRest;
      xoff_q  <= 1'b0;
    end else case (state_q)
      StRest: if (flip) begin
        state_q  <= StSum;
        xoff_q   <= !xoff_q;
        step_q   <= 5'd0;
        crc_q    <= AfterDestination;
        addr_q   <= addr_i;
        quanta_q <= quanta;
        left_q   <= {quanta[7:0], quanta[15:8], 32'h01000888, addr_i};
      end
      StSum: begin
        crc_q  <= step16(crc_q, left_q[15:0]);
        left_q <= {16'd0, left_q[95:16]};
        step_q <= step_q + 5'd1;
        if (step_q == LastStep) state_q <= StSend;
      end
      default: if (word_ready_i) state_q <= StRest;
    endcase
  end
  assign word_valid_o = state_q == StSend;
  assign word_o       = {~crc_q, quanta_q, addr_q};
  assign idle_o       = state_q == StRest && !flip && word_ready_i;
endmodule
`default_nettype wire
