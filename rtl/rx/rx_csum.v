// rx_csum - checksums of the frames that stream past, and the verdict.
//
// Does:      adds, in one pass and at full rate, three ones' complement sums: everything behind the Ethernet header as
//            delivered (raw sum), the IPv4 header, and the TCP or UDP packet with its pseudo header (the addresses are
//            summed where they stand in the IP header). RFC 1071; RFC 9293 3.1, RFC 768, RFC 8200 8.1. Rules C2 to C15.
// How:       a sum of 32-bit words is a sum of 16-bit words modulo 2^16 - 1, and the order of the octets in a word only
//            turns the result; so little-endian 32-bit lanes are masked by the header places and added.
// Verdict:   fragments, packets not wholly in the frame, headers too short for their protocol and UDP whose length is
//            not that of the IP packet are not checked. UDP without a checksum: not checked on IPv4, bad on IPv6.
// Latency:   7 cycles from a frame's last beat to its verdict. Throughput: one beat a cycle.
`default_nettype none
module rx_csum #(
  parameter DataWidth = 512,
  parameter VerdictW  = 26,
  parameter BeatW     = 14 - $clog2(DataWidth/8)
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // From rx_stream, see there
  input  wire                 beat_i,
  input  wire                 beat_eop_i,
  input  wire [BeatW-1:0]     beat_no_i,
  input  wire [DataWidth-1:0] beat_data_i,
  input  wire                 strip_i,
  input  wire [1:0]           tags_i,
  input  wire                 ipv4_i,
  input  wire                 ipv6_i,
  input  wire                 fragment_i,
  input  wire                 whole_i,
  input  wire                 chain_i,
  input  wire [7:0]           proto_i,
  input  wire [11:0]          l4_i,
  input  wire [15:0]          rest_i,
  input  wire [14:0]          ip_end_i,
  input  wire [13:0]          end_i,
  output reg                  verdict_valid_o,
  output wire [VerdictW-1:0]  verdict_o     // {csum bad, raw sum[15:0], return_flags[13:9], return_flags[5:2]}
);
  localparam Bytes  = DataWidth / 8;
  localparam ByteW  = $clog2(Bytes);
  localparam LaneW  = ByteW - 2;
  localparam Groups = (DataWidth > 128) ? DataWidth / 128 : 1;   // of up to four lanes
  localparam GroupW = DataWidth / Groups;
  localparam PartW  = 34;
  localparam PartsW = Groups * 64;

  // ------------------------------------------------------------ stage 0: which octets of the beat
  // From place `at` of the frame on
  function [Bytes-1:0] from(input [14:0] at, input [BeatW-1:0] beat);
    from = ({1'b0, beat} > at[14:ByteW])  ? {Bytes{1'b1}} :
           ({1'b0, beat} == at[14:ByteW]) ? {Bytes{1'b1}} << at[ByteW-1:0] : {Bytes{1'b0}};
  endfunction
  wire [3:0]  ip_n    = 4'd3 + {2'd0, tags_i};
  wire [14:0] ip      = {9'd0, ip_n, 2'd2};
  wire [14:0] addr_lo = ip + (ipv4_i ? 15'd12 : 15'd8);      // the addresses in the IP header
  wire [14:0] addr_hi = ip + (ipv4_i ? 15'd20 : 15'd40);
  wire [14:0] l4      = {1'b0, l4_i, 2'd2};
  wire        tcp     = (ipv4_i || ipv6_i) && !fragment_i && !chain_i && proto_i == 8'd6;
  wire        udp     = (ipv4_i || ipv6_i) && !fragment_i && !chain_i && proto_i == 8'd17;
  wire [11:0] udp_at  = l4_i + 12'd2;                        // UDP length and checksum: octets 4n - 2 .. 4n + 1
  reg                 s0_valid_q, s0_first_q, s0_last_q, s0_here_q, s0_fit_q;
  reg [DataWidth-1:0] s0_data_q;
  reg [Bytes-1:0]     raw_mask_q, hdr_mask_q, l4_mask_q;
  reg [15:0]          s0_rest_q, before_q;                   // before_q: the last two octets of the beat before
  reg [4:0]           s0_kind_q;                             // {fragment, udp, tcp, ipv6, ipv4}
  reg [LaneW-1:0]     s0_lane_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s0_valid_q <= 1'b0;
    end else begin
      s0_valid_q <= beat_i;
      if (beat_i) begin
        s0_first_q <= beat_no_i == 0;
        s0_last_q  <= beat_eop_i;
        s0_data_q  <= beat_data_i;
        before_q   <= s0_data_q[DataWidth-1:DataWidth-16];
        raw_mask_q <= from(strip_i ? 15'd18 : 15'd14, beat_no_i) & ~from({1'b0, end_i}, beat_no_i);
        hdr_mask_q <= from(ip, beat_no_i) & ~from(l4, beat_no_i);
        l4_mask_q  <= (from(l4, beat_no_i) & ~from(ip_end_i, beat_no_i)) |
                      (from(addr_lo, beat_no_i) & ~from(addr_hi, beat_no_i));
        s0_here_q  <= udp_at[11:LaneW] == beat_no_i;
        s0_lane_q  <= udp_at[LaneW-1:0];
        s0_rest_q  <= rest_i;
        s0_kind_q  <= {fragment_i, udp, tcp, ipv6_i, ipv4_i};
        s0_fit_q   <= whole_i && rest_i >= (tcp ? 16'd20 : 16'd8);
      end
    end
  end

  // ------------------------------------------------------------ stage 1: partial sums of a beat
  // Each sum stands alone in 64 bits, the upper ones zero: a simulator then stores whole words.
  function [63:0] add_group(input [GroupW-1:0] d, input [GroupW/8-1:0] m);
    integer i;
    begin
      add_group = 64'd0;
`ifdef SYNTHESIS
      for (i = 0; i < GroupW / 32; i = i + 1)
        add_group[PartW-1:0] = add_group[PartW-1:0] +
                    {2'b00, d[32*i +: 32] & {{8{m[4*i+3]}}, {8{m[4*i+2]}}, {8{m[4*i+1]}}, {8{m[4*i]}}}};
`else
      // The same by cases, of which most are the first: two `if`, as of `else` Verilator may evaluate both sides.
      if (&m) for (i = 0; i < GroupW / 32; i = i + 1) add_group = add_group + {32'd0, d[32*i +: 32]};
      if (|m && !(&m)) for (i = 0; i < GroupW / 32; i = i + 1)
        add_group = add_group + {32'd0, d[32*i +: 32] & {{8{m[4*i+3]}}, {8{m[4*i+2]}}, {8{m[4*i+1]}}, {8{m[4*i]}}}};
`endif
    end
  endfunction
  function [PartsW-1:0] add_beat(input [DataWidth-1:0] d, input [Bytes-1:0] m);
    integer i;
    for (i = 0; i < Groups; i = i + 1)
      add_beat[64*i +: 64] = add_group(d[GroupW*i +: GroupW], m[GroupW/8*i +: GroupW/8]);
  endfunction

  reg               s1_valid_q, s1_first_q, s1_last_q, s1_fit_q;
  reg [PartsW-1:0]  raw_part_q, hdr_part_q, l4_part_q;
  reg [31:0]        udp_q;                    // {checksum, length} as they stand
  reg [15:0]        s1_rest_q;
  reg [4:0]         s1_kind_q;
  wire [DataWidth-1:0] s0_lanes = {s0_data_q[DataWidth-17:0], before_q};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
    end else begin
      s1_valid_q <= s0_valid_q;
      if (s0_valid_q) begin
        s1_first_q <= s0_first_q;
        s1_last_q  <= s0_last_q;
        raw_part_q <= add_beat(s0_data_q, raw_mask_q);
        hdr_part_q <= {PartsW{1'b0}};
        if (hdr_mask_q != 0) hdr_part_q <= add_beat(s0_data_q, hdr_mask_q);
        l4_part_q  <= add_beat(s0_data_q, l4_mask_q);
        s1_rest_q  <= s0_rest_q;
        s1_kind_q  <= s0_kind_q;
        s1_fit_q   <= s0_fit_q;
        if (s0_here_q) udp_q <= s0_lanes[{s0_lane_q, 5'd0} +: 32];
      end
    end
  end

  // ------------------------------------------------------------ stage 2: sums of a beat
  localparam BeatSumW = 37;
  function [BeatSumW-1:0] total(input [PartsW-1:0] parts);
    integer i;
    begin
      total = 0;
      for (i = 0; i < Groups; i = i + 1) total = total + {{BeatSumW-PartW{1'b0}}, parts[64*i +: PartW]};
    end
  endfunction
  reg                s2_valid_q, s2_first_q, s2_last_q, s2_check_q, s2_none_q;
  reg [BeatSumW-1:0] raw_beat_q, hdr_beat_q, l4_beat_q;
  reg [15:0]         s2_rest_q;
  reg [4:0]          s2_kind_q;
  wire               s1_tcp = s1_kind_q[2], s1_udp = s1_kind_q[3], s1_ipv4 = s1_kind_q[0];
  wire               s1_none = s1_udp && udp_q[31:16] == 16'd0;
  wire               s1_odd  = {udp_q[7:0], udp_q[15:8]} != s1_rest_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s2_valid_q <= 1'b0;
    end else begin
      s2_valid_q <= s1_valid_q;
      if (s1_valid_q) begin
        s2_first_q <= s1_first_q;
        s2_last_q  <= s1_last_q;
        raw_beat_q <= total(raw_part_q);
        hdr_beat_q <= total(hdr_part_q);
        l4_beat_q  <= total(l4_part_q);
        s2_rest_q  <= s1_rest_q;
        s2_kind_q  <= s1_kind_q;
        s2_none_q  <= s1_none;
        s2_check_q <= s1_fit_q && (s1_tcp || (s1_udp && !s1_odd && !(s1_ipv4 && s1_none)));
      end
    end
  end

  // ------------------------------------------------------------ stage 3: sums of the frame
  localparam SumW = 44;
  reg            s3_last_q, s3_check_q, s3_none_q;
  reg [SumW-1:0] raw_q, hdr_q, l4_q;
  reg [16:0]     pseudo_q;                    // the rest of the pseudo header
  reg [4:0]      s3_kind_q;
  function [SumW-1:0] sum(input [SumW-1:0] old, input first, input [BeatSumW-1:0] beat);
    sum = (old & {SumW{!first}}) + {{SumW-BeatSumW{1'b0}}, beat};
  endfunction

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s3_last_q <= 1'b0;
    end else begin
      s3_last_q <= s2_valid_q && s2_last_q;
      if (s2_valid_q) begin
        raw_q      <= sum(raw_q, s2_first_q, raw_beat_q);
        hdr_q      <= sum(hdr_q, s2_first_q, hdr_beat_q);
        l4_q       <= sum(l4_q, s2_first_q, l4_beat_q);
        // Octets turned as the lanes are: length; zero and protocol
        pseudo_q   <= {1'b0, s2_rest_q[7:0], s2_rest_q[15:8]} + {1'b0, s2_kind_q[2] ? 8'd6 : 8'd17, 8'd0};
        s3_kind_q  <= s2_kind_q;
        s3_none_q  <= s2_none_q;
        s3_check_q <= s2_check_q;
      end
    end
  end

  // ------------------------------------------------------------ stage 4: first fold
  function [18:0] fold(input [SumW-1:0] s, input [16:0] more);
    fold = {3'd0, s[15:0]} + {3'd0, s[31:16]} + {7'd0, s[43:32]} + {2'd0, more};
  endfunction
  reg        s4_last_q, s4_check_q, s4_none_q;
  reg [18:0] raw_fold_q, hdr_fold_q, l4_fold_q;
  reg [4:0]  s4_kind_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s4_last_q <= 1'b0;
    end else begin
      s4_last_q <= s3_last_q;
      if (s3_last_q) begin
        raw_fold_q <= fold(raw_q, 17'd0);
        hdr_fold_q <= fold(hdr_q, 17'd0);
        l4_fold_q  <= fold(l4_q, pseudo_q);
        s4_kind_q  <= s3_kind_q;
        s4_check_q <= s3_check_q;
        s4_none_q  <= s3_none_q;
      end
    end
  end

  // ------------------------------------------------------------ stage 5: folded until it fits, and judged
  // A sum folds to FFFF when it is a multiple of it, and not zero.
  function full(input [18:0] f);
    full = f == 19'h0FFFF || f == 19'h1FFFE || f == 19'h2FFFD || f == 19'h3FFFC;
  endfunction
  wire [16:0] raw_once  = {1'b0, raw_fold_q[15:0]} + {14'd0, raw_fold_q[18:16]};
  wire [15:0] raw_twice = raw_once[15:0] + {15'd0, raw_once[16]};
  reg [15:0]  raw_sum_q;
  reg [4:0]   kind_q;
  reg         ip_good_q, l4_good_q, check_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      verdict_valid_o <= 1'b0;
    end else begin
      verdict_valid_o <= s4_last_q;
      if (s4_last_q) begin
        raw_sum_q <= {raw_twice[7:0], raw_twice[15:8]};
        ip_good_q <= s4_kind_q[0] && full(hdr_fold_q);
        check_q   <= s4_check_q;
        l4_good_q <= s4_check_q && !s4_none_q && full(l4_fold_q);
        kind_q    <= s4_kind_q;
      end
    end
  end

  // ------------------------------------------------------------ outputs
  assign verdict_o = {(kind_q[0] && !ip_good_q) || (check_q && !l4_good_q), raw_sum_q, kind_q, l4_good_q, check_q,
                      ip_good_q, kind_q[0]};
  assign idle_o    = !s0_valid_q && !s1_valid_q && !s2_valid_q && !s3_last_q && !s4_last_q && !verdict_valid_o;
endmodule
`default_nettype wire
