// crc32 - CRC-32 of IEEE 802.3 section 3.2.9, up to two beats a cycle, the last one with any number of octets.
//
// Does:    sums all octets from the beat with first_i to the one with last_i. crc_o, with valid_o, is the register of
//          the bit-reflected form (polynomial EDB88320, first bit in bit 0) behind them; the FCS is ~crc_o, octet [7:0]
//          first on the wire. good_o: they end with their FCS (the register is DEBB20E3, rule E3).
// Pairs:   with pair_i a last beat comes beside the full one before it, so that it costs no cycle of its own.
// Latency: from last_i 2 cycles to good_o, which holds until the next beat; 4 to valid_o. Throughput: sums one behind
//          the other, a beat or a pair a cycle.
// How:     the last beat is filled up with zeros, so each beat goes through one fixed map (crc32_map). A good register
//          is then another constant for each number of zeros; and the zeros are taken off the register, 1, 2, 4, ...
//          octets of them at a time (the step of the register has an inverse).
// Two bodies: the above for synthesis; slicing tables for simulation, where a matrix is ten times slower.
//          testbench/rtl/lib/crc32_test.cpp holds both equal to the bit-serial form (F15).
`default_nettype none
module crc32 #(
  parameter DataWidth = 64
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         en_i,
  input  wire                         first_i,   // this beat starts a new sum
  input  wire                         last_i,    // and this ends it
  input  wire                         pair_i,    // with last_i: data_i is full, the last octets are in tail_i
  input  wire [$clog2(DataWidth/8):0] bytes_i,   // with last_i: octets of it (with pair_i of tail_i)
  input  wire [DataWidth-1:0]         data_i,
  input  wire [DataWidth-1:0]         tail_i,
  output wire                         good_o,
  output wire                         valid_o,
  output wire [31:0]                  crc_o
);
  localparam Bytes = DataWidth / 8;
  localparam ByteW = $clog2(Bytes);
  localparam [31:0] Residue = 32'hDEBB20E3;

  reg        en1_q, first1_q, pair1_q;
  reg [3:0]  last_q;      // of the beat that is 1 to 4 cycles old
  reg [31:0] crc2_q, crc3_q, crc4_q;
  wire [31:0] start = first1_q ? 32'hFFFFFFFF : crc2_q;
  assign valid_o = last_q[3];
  assign crc_o   = crc4_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      en1_q  <= 1'b0;
      last_q <= 4'd0;
    end else begin
      en1_q  <= en_i;
      last_q <= {last_q[2:0], en_i && last_i};
    end
  end

`ifdef SYNTHESIS
  // ------------------------------------------------------------ matrices
  // Register values, each with one octet of zeros more behind.
  function [32*Bytes-1:0] residues(input [31:0] first);
    integer    n, b;
    reg [31:0] c;
    begin
      c = first;
      residues = 0;
      for (n = 0; n < Bytes; n = n + 1) begin
        residues[32*n +: 32] = c;
        for (b = 0; b < 8; b = b + 1) c = {1'b0, c[31:1]} ^ ({32{c[0]}} & 32'hEDB88320);
      end
    end
  endfunction
  // Column b of the inverse of some octets of zeros: what register bit b was before. The inverse of a single step moves
  // a bit up by one, so column b is b steps more.
  function [1023:0] undo_columns(input integer octets);
    integer    n;
    reg [31:0] c;
    begin
      c = 32'd1;
      undo_columns = 0;
      for (n = 0; n < 32 + 8 * octets; n = n + 1) begin
        if (n >= 8 * octets) undo_columns[32*(n - 8*octets) +: 32] = c;
        c = {c[30:0] ^ (31'h6DB88320 & {31{c[31]}}), c[31]};
      end
    end
  endfunction
  localparam [32*Bytes-1:0] Residues = residues(Residue);
  localparam Low = (ByteW + 1) / 2;                    // steps of taking off that the third cycle does

  wire [DataWidth-1:0] mask = ~({DataWidth{1'b1}} << {bytes_i, 3'b000});
  wire [31:0]          map, map_tail, step, step_tail;
  reg  [31:0]          map1_q, tail1_q;
  reg                  none1_q;                        // a last beat of no octets
  reg  [ByteW-1:0]     over1_q, over2_q, over3_q;      // octets that were filled up
  wire [31:0]          crc = map1_q ^ step;
  crc32_map #(.DataWidth(DataWidth)) u_map (
    .data_i((data_i & (mask | {DataWidth{pair_i || !last_i}})) ^ {{DataWidth-32{1'b0}}, {32{first_i}}}), .map_o(map)
  );
  crc32_map #(.DataWidth(DataWidth)) u_tail (.data_i(tail_i & mask), .map_o(map_tail));
  crc32_map #(.DataWidth(DataWidth)) u_step (
    .data_i({{DataWidth-32{1'b0}}, crc2_q & {32{!first1_q}}}), .map_o(step)
  );
  crc32_map #(.DataWidth(DataWidth)) u_step_tail (.data_i({{DataWidth-32{1'b0}}, crc}), .map_o(step_tail));

  assign good_o = crc2_q == Residues[32*over2_q +: 32];
  genvar j, i, b;
  generate
    for (j = 0; j < ByteW; j = j + 1) begin : gen_step
      localparam [1023:0] Columns = undo_columns(1 << j);
      wire [31:0] from, undone, after;
      wire        take = (j < Low) ? over2_q[j] : over3_q[j];
      if (j == 0) begin : gen_first
        assign from = crc2_q;
      end else if (j == Low) begin : gen_low
        assign from = crc3_q;
      end else begin : gen_next
        assign from = gen_step[j-1].after;
      end
      for (i = 0; i < 32; i = i + 1) begin : gen_bit
        wire [31:0] row;
        for (b = 0; b < 32; b = b + 1) begin : gen_row
          assign row[b] = Columns[32*b + i];
        end
        assign undone[i] = ^(from & row);
      end
      assign after = take ? undone : from;
    end
  endgenerate
  always @(posedge clk_i) begin
    if (en_i) begin
      first1_q <= first_i;
      pair1_q  <= pair_i;
      map1_q   <= map;
      tail1_q  <= map_tail;
      none1_q  <= last_i && !pair_i && bytes_i == 0;
      over1_q  <= last_i ? {ByteW{1'b0}} - bytes_i[ByteW-1:0] : {ByteW{1'b0}};
    end
    if (en1_q) begin
      crc2_q  <= none1_q ? start : pair1_q ? tail1_q ^ step_tail : crc;
      over2_q <= over1_q;
    end
    if (last_q[1]) begin
      crc3_q  <= gen_step[Low-1].after;
      over3_q <= over2_q;
    end
    if (last_q[2]) crc4_q <= gen_step[ByteW-1].after;
  end
`else
  // ------------------------------------------------------------ tables
  // table[256*n + v]: the register after octet v and n zero octets, from zero. Eight tables, used for one word of 8
  // octets after the other: they stay in the processor's first cache.
  localparam [ByteW:0] FullBeat = {1'b1, {ByteW{1'b0}}};   // Bytes, a power of two
  reg [31:0]          table_q [0:2047];
  reg                 last1_q;
  reg [ByteW:0]       bytes1_q;
  reg [DataWidth-1:0] data1_q, tail1_q;
  initial begin : fill
    integer    n, v, b;
    reg [31:0] c;
    for (v = 0; v < 256; v = v + 1) begin
      c = v;
      for (n = 0; n < 8; n = n + 1) begin
        for (b = 0; b < 8; b = b + 1) c = {1'b0, c[31:1]} ^ ({32{c[0]}} & 32'hEDB88320);
        table_q[256*n + v] = c;
      end
    end
  end
  function [31:0] word(input [63:0] x);
    word = table_q[{3'd7, x[7:0]}]   ^ table_q[{3'd6, x[15:8]}]  ^ table_q[{3'd5, x[23:16]}] ^
           table_q[{3'd4, x[31:24]}] ^ table_q[{3'd3, x[39:32]}] ^ table_q[{3'd2, x[47:40]}] ^
           table_q[{3'd1, x[55:48]}] ^ table_q[{3'd0, x[63:56]}];
  endfunction
  function [31:0] full(input [31:0] crc, input [DataWidth-1:0] beat);
    integer w;
    begin
      full = crc;
      for (w = 0; w < DataWidth / 64; w = w + 1) full = word(beat[64*w +: 64] ^ {32'b0, full});
    end
  endfunction
  // The beat is moved up, so that its last octet is the topmost: what stands before it is zero and changes nothing.
  // With fewer than 4 octets the rest of the register is shifted down beside it.
  function [31:0] partial(input [31:0] crc, input [DataWidth-1:0] beat, input [ByteW:0] bytes);
    partial = full(32'd0, (beat ^ {{DataWidth-32{1'b0}}, crc}) << {FullBeat - bytes, 3'b000}) ^
              (crc >> {bytes, 3'b000});
  endfunction
  // Step by step: of an if with an else Verilator makes a ?: whose functions are all evaluated, in every beat.
  function [31:0] sum(input [31:0] crc);
    begin
      sum = crc;
      if (pair1_q || !last1_q) sum = full(sum, data1_q);
      if (pair1_q || last1_q) sum = partial(sum, pair1_q ? tail1_q : data1_q, bytes1_q);
    end
  endfunction
  assign good_o = crc2_q == Residue;
  always @(posedge clk_i) begin
    if (en_i) begin
      first1_q <= first_i;
      pair1_q  <= pair_i;
      last1_q  <= last_i && bytes_i != FullBeat;
      bytes1_q <= bytes_i;
      data1_q  <= data_i;
      if (pair_i) tail1_q <= tail_i;
    end
    if (en1_q) crc2_q <= sum(start);
    if (last_q[1]) crc3_q <= crc2_q;
    if (last_q[2]) crc4_q <= crc3_q;
  end
`endif
endmodule
`default_nettype wire
