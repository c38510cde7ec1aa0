// tx_csum - ones' complement sum (RFC 1071) of each packet, taken while its octets pass to packet memory.
//
// Does:    adds every octet at packet offset csum_start or later into its slot's sum, in whatever order they come and
//          however they are split. A packet starts at a row and rows have an even number of octets, so an octet's lane
//          tells whether it is the first or the second of its 16-bit word. Sums are kept little-endian (octet at an even
//          offset in [7:0]); a ones' complement sum does not mind, RFC 1071 section 2 (B).
// Latency: 5 cycles from the write bus to the sum. Throughput: one beat a cycle, so offload costs no cycle.
`default_nettype none
module tx_csum #(
  parameter DataWidth = 512,
  parameter RowW      = 9
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   alloc_i,
  input  wire [5:0]             alloc_slot_i,
  input  wire [RowW-1:0]        alloc_row_i,
  input  wire                   alloc_csum_i,
  input  wire [13:0]            alloc_start_i,
  input  wire                   wr_valid_i,
  input  wire [5:0]             wr_slot_i,
  input  wire [RowW-1:0]        wr_row_i,
  input  wire [DataWidth/8-1:0] wr_be_i,
  input  wire [DataWidth/8-1:0] wr_next_i,
  input  wire [DataWidth-1:0]   wr_data_i,
  input  wire [5:0]             sum_slot_i,
  output wire [15:0]            sum_o
);
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam [Bytes-1:0] All = {Bytes{1'b1}};

  // ------------------------------------------------------------ 1: which octets count
  localparam FarW  = 14 - LaneW;              // rows up to csum_start
  localparam DistW = RowW + 1 > FarW + 1 ? RowW + 1 : FarW + 1;
  reg [RowW+14:0] start_mem [0:63];
  always @(posedge clk_i) begin
    if (alloc_i) start_mem[alloc_slot_i] <= {alloc_csum_i, alloc_row_i - 1'b1, alloc_start_i};
  end
  wire             csum;
  wire [RowW-1:0]  row_before;                // of the packet's first one
  wire [FarW-1:0]  far;
  wire [LaneW-1:0] lane;
  assign {csum, row_before, far, lane} = start_mem[wr_slot_i];
  // From the row after the one written (its own may be the one before the packet's first, when a completion starts
  // inside a DW) to the row of csum_start, signed.
  wire [RowW-1:0]  row       = wr_row_i - row_before;
  wire [DistW-1:0] ahead     = {{(DistW-FarW){1'b0}}, far} - {{(DistW-RowW){1'b0}}, row};
  wire             begun     = ahead[DistW-1];                          // it lies before the row after
  wire             just      = &ahead;                                  // it is the row written
  wire             next      = ahead == {DistW{1'b0}};                  // it is the row after
  wire [Bytes-1:0] from      = All << lane;
  wire [Bytes-1:0] mask_here = !begun ? {Bytes{1'b0}} : just ? from : All;
  wire [Bytes-1:0] mask_next = begun ? All : next ? from : {Bytes{1'b0}};

  reg                 s1_valid_q;
  reg [5:0]           s1_slot_q;
  reg [Bytes-1:0]     s1_mask_q;
  reg [DataWidth-1:0] s1_data_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
    end else begin
      s1_valid_q <= wr_valid_i && csum;
      if (wr_valid_i && csum) begin
        s1_slot_q <= wr_slot_i;
        s1_mask_q <= wr_be_i & ((mask_here & ~wr_next_i) | (mask_next & wr_next_i));
        s1_data_q <= wr_data_i;
      end
    end
  end

  // ------------------------------------------------------------ 2: sums of 16 octets each
  localparam Groups = Bytes < 16 ? 1 : Bytes / 16;
  localparam GroupW = DataWidth / Groups;
  function [18:0] add_group(input [GroupW-1:0] d, input [GroupW/8-1:0] m);
    integer i;
`ifdef SYNTHESIS
    begin
      add_group = 19'd0;
      for (i = 0; i < GroupW / 16; i = i + 1)
        add_group = add_group + {3'd0, d[i*16 +: 16] & {{8{m[i*2+1]}}, {8{m[i*2]}}}};
    end
`else
    // By double words, whose sum modulo FFFF is the same, and most often of all octets: half the operations or less.
    reg [63:0] sum;
    begin
      sum = 64'd0;
      if (&m) for (i = 0; i < GroupW / 32; i = i + 1) sum = sum + {32'd0, d[i*32 +: 32]};
      if (|m && !(&m)) for (i = 0; i < GroupW / 32; i = i + 1)
        sum = sum + {32'd0, d[i*32 +: 32] & {{8{m[i*4+3]}}, {8{m[i*4+2]}}, {8{m[i*4+1]}}, {8{m[i*4]}}}};
      add_group = {3'd0, sum[15:0]} + {3'd0, sum[31:16]} + {3'd0, sum[47:32]};
    end
`endif
  endfunction
  reg                 s2_valid_q;
  reg [5:0]           s2_slot_q;
  reg [Groups*32-1:0] s2_sum_q;               // 19 bits each; whole words are stored cheaper in a simulator
  always @(posedge clk_i) begin : add_words
    integer g;
    if (!rst_ni) begin
      s2_valid_q <= 1'b0;
    end else begin
      s2_valid_q <= s1_valid_q;
      if (s1_valid_q) begin
        for (g = 0; g < Groups; g = g + 1)
          s2_sum_q[g*32 +: 32] <= {13'd0, add_group(s1_data_q[g*GroupW +: GroupW], s1_mask_q[g*GroupW/8 +: GroupW/8])};
        s2_slot_q <= s1_slot_q;
      end
    end
  end

  // ------------------------------------------------------------ 3: of the beat
  reg        s3_valid_q;
  reg [5:0]  s3_slot_q;
  reg [20:0] s3_sum_q;
  always @(posedge clk_i) begin : add_groups
    integer g;
    reg [20:0] sum;
    if (!rst_ni) begin
      s3_valid_q <= 1'b0;
    end else begin
      s3_valid_q <= s2_valid_q;
      if (s2_valid_q) begin
        sum = 21'd0;
        for (g = 0; g < Groups; g = g + 1) sum = sum + {2'd0, s2_sum_q[g*32 +: 19]};
        s3_sum_q  <= sum;
        s3_slot_q <= s2_slot_q;
      end
    end
  end

  // ------------------------------------------------------------ 4: in 16 bits
  reg         s4_valid_q;
  reg  [5:0]  s4_slot_q;
  reg  [15:0] s4_sum_q;
  wire [16:0] folding = {1'b0, s3_sum_q[15:0]} + {12'd0, s3_sum_q[20:16]};  // with a carry the rest is below 31
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s4_valid_q <= 1'b0;
    end else begin
      s4_valid_q <= s3_valid_q;
      if (s3_valid_q) s4_sum_q  <= {folding[15:5], folding[4:0] + {4'd0, folding[16]}};
      if (s3_valid_q) s4_slot_q <= s3_slot_q;
    end
  end

  // ------------------------------------------------------------ 5: sum of the packet
  // Each word of sum_mem has a turn bit. It counts only when it is the slot's of this turn, so a slot starts at zero
  // without a write of its own (a memory has one write port, and flops for 64 slots would cost more than it all).
  reg         turn_mem [0:63];
  reg  [16:0] sum_mem [0:63];
  wire [16:0] word_old = sum_mem[s4_slot_q];
  wire        turn     = turn_mem[s4_slot_q];
  wire [15:0] sum_old  = word_old[16] == turn ? word_old[15:0] : 16'd0;
  wire [16:0] sum_new  = {1'b0, sum_old} + {1'b0, s4_sum_q};
  wire [15:0] fold     = sum_new[15:0] + {15'd0, sum_new[16]};        // cannot carry again, C10
  wire [16:0] word_last = sum_mem[alloc_slot_i];
  always @(posedge clk_i) begin
    if (s4_valid_q) sum_mem[s4_slot_q] <= {turn, fold};
  end
  always @(posedge clk_i) begin
    if (alloc_i) turn_mem[alloc_slot_i] <= !word_last[16];
  end
  wire [16:0] word_out = sum_mem[sum_slot_i];
  assign sum_o = word_out[16] == turn_mem[sum_slot_i] ? word_out[15:0] : 16'd0;
  wire unused_ok = &{1'b0, word_last[15:0]};
endmodule
`default_nettype wire
