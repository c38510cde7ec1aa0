// rx_hash - Toeplitz hash over the addresses and ports of a frame, one or two words of 32 bits a cycle, ports beside them.
//
// Does:       adds (XOR) to the hash, for each bit of a word that is one, the 32 bits of the key that begin at that bit's
//             place in the input. Input is in network order: source address, destination address, source port,
//             destination port; first octet first, most significant bit first. "RSS hashing functions" and "Verifying the
//             RSS hash calculation" of the Windows driver documentation.
// Does not:   find the words; rx_head shows them.
// Handshake:  clear_i, then one step_i for each group of words; word_i counts from the start of the input, on by Words with
//             each step. The bits of the key that a step needs are put by in the cycle before it.
// Ports:      with one word a step they are one more word. With two, port_i takes them beside any step, into port_hash_o: the
//             hash with them is hash_o ^ port_hash_o.
// Latency:    hash_o one cycle after a step, port_hash_o after port_i. Nothing moves without.
`default_nettype none
module rx_hash #(
  parameter Words = 2                      // 1 or 2 words a step
) (
  input  wire                clk_i,
  input  wire [319:0]        key_i,        // first octet in [7:0]
  input  wire                clear_i,
  input  wire                step_i,
  input  wire [3:0]          word_i,       // number of the first word of the step, 0..8
  input  wire [32*Words-1:0] data_i,       // first word in the upper half, each in network order
  output wire [31:0]         hash_o,
  input  wire                port_i,       // of two words a step
  input  wire                port_v4_i,    // with clear_i: they stand behind the addresses of IPv4, else of IPv6
  input  wire [31:0]         port_data_i,
  output wire [31:0]         port_hash_o
);
  localparam Bits = 32 * Words;

  // A word of the key as a string of bits, the first one on the left
  function [31:0] turned(input [31:0] word);
    turned = {word[7:0], word[15:8], word[23:16], word[31:24]};
  endfunction

  // The parity of x; three bits of the data under three of the key fill a LUT, which Yosys does not see by itself.
  function parity(input [Bits-1:0] x);
`ifdef SYNTHESIS
    // verilator lint_off BLKSEQ
    // A function is no part of the clocked process that calls it, as Verilator 5.032 (Debian 13) has it.
    integer            n;
    reg [36*Words-1:0] bits;                            // groups of three, and of six of those
    reg [12*Words-1:0] threes;
    begin
      bits = {{36*Words-Bits{1'b0}}, x};
      for (n = 0; n < 12 * Words; n = n + 1) threes[n] = ^bits[3*n +: 3];
      parity = 1'b0;
      for (n = 0; n < 2 * Words; n = n + 1) parity = parity ^ (^threes[6*n +: 6]);
    end
    // verilator lint_on BLKSEQ
`else
    parity = ^x;
`endif
  endfunction
  // Bit 31 - j of the sum: parity of the data under the key from its bit j on
  function [31:0] sum(input [Bits-1:0] data, input [Bits+31:0] bits);
    integer j;
    for (j = 0; j < 32; j = j + 1) sum[31-j] = parity(data & bits[Bits+31-j -: Bits]);
  endfunction

  // bits_q: the bits of the key under the step's words, and the 31 behind. Behind the end of the key anything may stand: no
  // step needs it.
  wire [255:0]     later;                                 // words that the first step does not need
  wire [7:0]       at    = {word_i[2:Words-1], {4+Words{1'b0}}};
  wire [Bits-1:0]  fresh = later[at +: Bits];             // those that the next step needs and this one does not
  reg  [Bits+31:0] bits_q;
  reg  [31:0]      hash_q;
  generate
    if (Words == 1) begin : g_one
      assign later       = key_i[319:64];
      assign port_hash_o = 32'd0;
      wire unused_port   = &{1'b0, port_i, port_v4_i, port_data_i};
    end else begin : g_two
      reg  [31:0] port_q;
      reg  [63:0] port_bits_q;
      wire [63:0] port_key = port_v4_i ? key_i[127:64] : key_i[319:256];
      always @(posedge clk_i) begin
        if (clear_i) port_bits_q <= {turned(port_key[31:0]), turned(port_key[63:32])};
        if (port_i) port_q <= sum({port_data_i, 32'd0}, {port_bits_q, 32'd0});
      end
      assign later       = {32'd0, key_i[319:96]};
      assign port_hash_o = port_q;
    end
  endgenerate
  always @(posedge clk_i) begin : step
    integer n;
    if (clear_i) hash_q <= 32'd0;
    else if (step_i) hash_q <= hash_q ^ sum(data_i, bits_q);
    if (clear_i) begin
      for (n = 0; n <= Words; n = n + 1) bits_q[32*(Words-n) +: 32] <= turned(key_i[32*n +: 32]);
    end else if (step_i) begin
      bits_q[Bits +: 32] <= bits_q[31:0];
      for (n = 0; n < Words; n = n + 1) bits_q[32*(Words-1-n) +: 32] <= turned(fresh[32*n +: 32]);
    end
  end
  assign hash_o = hash_q;
  wire unused = &{1'b0, word_i};
endmodule
`default_nettype wire
