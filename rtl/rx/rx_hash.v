// rx_hash - Toeplitz hash over the addresses and ports of a frame, one or two words of 32 bits a cycle.
//
// Does:       adds (XOR) to the hash, for each bit of a word that is one, the 32 bits of the key that begin at that bit's
//             place in the input. Input is in network order: source address, destination address, source port,
//             destination port; first octet first, most significant bit first. "RSS hashing functions" and "Verifying the
//             RSS hash calculation" of the Windows driver documentation.
// Does not:   find the words; rx_head shows them.
// Handshake:  clear_i, then one step_i for each group of words; word_i counts from the start of the input.
// Latency:    hash_o one cycle after a step. Nothing moves without a step.
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
  output wire [31:0]         hash_o
);
  localparam Bits = 32 * Words;

  // The key as a string of bits, the first one on the left
  function [319:0] turned(input [319:0] key);
    integer i;
    for (i = 0; i < 40; i = i + 1) turned[8*(39-i) +: 8] = key[8*i +: 8];
  endfunction

  // Bit 31 - j of the sum: parity of the data under the key from its bit j on
  function [31:0] sum(input [Bits-1:0] data, input [Bits+31:0] bits);
    integer j;
    for (j = 0; j < 32; j = j + 1) sum[31-j] = ^(data & bits[Bits+31-j -: Bits]);
  endfunction

  // The key from the first bit of a word on; zeros stand behind it: the last of two words may be none
  wire [383:0] string_k = {turned(key_i), 64'd0};
  wire [8:0]   at       = 9'd384 - 9'd32 - Bits[8:0] - {word_i, 5'd0};

  reg [31:0] hash_q;
  always @(posedge clk_i) begin
    if (clear_i) hash_q <= 32'd0;
    else if (step_i) hash_q <= hash_q ^ sum(data_i, string_k[at +: Bits+32]);
  end
  assign hash_o = hash_q;
endmodule
`default_nettype wire
