// rx_csum - checksums of the frames that stream past, and the verdict.
//
// Does:      adds, in one pass and at full rate, three ones' complement sums: everything behind the Ethernet header
//            (raw sum), the IPv4 header, and the TCP or UDP packet with its pseudo header (the addresses are summed
//            where they stand in the IP header). RFC 1071; RFC 9293 3.1, RFC 768, RFC 8200 8.1. Rules C2 to C15.
// How:       a sum of 32-bit words is a sum of 16-bit words modulo 2^16 - 1, and the order of the octets in a word only
//            turns the result; so little-endian 32-bit lanes are masked by the header places and added.
// Verdict:   fragments, packets not wholly in the frame, headers too short for their protocol and UDP whose length is
//            not that of the IP packet are not checked. UDP without a checksum: not checked on IPv4, bad on IPv6.
// Latency:   5 cycles from a frame's last beat to its verdict. Throughput: one beat a cycle.
`default_nettype none
module rx_csum #(
  parameter DataWidth = 512,
  parameter VerdictW  = 26
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // From rx_parse, see there
  input  wire                 beat_i,
  input  wire                 beat_sop_i,
  input  wire                 beat_eop_i,
  input  wire [DataWidth-1:0] beat_data_i,
  input  wire [14:0]          pos_i,
  input  wire [14:0]          end_i,
  input  wire [4:0]           ip_i,
  input  wire [6:0]           ip_hdr_end_i,
  input  wire [14:0]          l4_i,
  input  wire [14:0]          ip_end_i,
  input  wire                 ipv4_i,
  input  wire                 ipv6_i,
  input  wire                 fragment_i,
  input  wire                 whole_i,
  input  wire                 chain_i,
  input  wire [7:0]           proto_i,
  output reg                  verdict_valid_o,
  output wire [VerdictW-1:0]  verdict_o     // {csum bad, raw sum[15:0], return_flags[13:9], return_flags[5:2]}
);
  localparam Bytes  = DataWidth / 8;
  localparam PosW   = $clog2(Bytes) + 1;
  localparam Groups = (DataWidth > 128) ? DataWidth / 128 : 1;   // of up to four lanes
  localparam GroupW = DataWidth / Groups;
  localparam PartW  = 34;

  // ------------------------------------------------------------ which octets of the beat
  // Octets [from, to) of the frame as a mask of bits of the beat.
  function [PosW-1:0] clip(input [15:0] at, input [14:0] pos);
    reg [15:0] rel;
    begin
      rel  = at - {1'b0, pos};
      clip = rel[15] ? 0 : (rel > Bytes[15:0]) ? Bytes[PosW-1:0] : rel[PosW-1:0];
    end
  endfunction
  // Called where a beat is added: nothing wide is evaluated in other cycles.
  function [DataWidth-1:0] span(input [14:0] from, input [14:0] to, input [14:0] pos);
    span = ({DataWidth{1'b1}} << {clip({1'b0, from}, pos), 3'b000}) &
           ~({DataWidth{1'b1}} << {clip({1'b0, to}, pos), 3'b000});
  endfunction
  function [PartW-1:0] add_group(input [GroupW-1:0] d);
    integer i;
    begin
      add_group = 0;
      for (i = 0; i < GroupW / 32; i = i + 1) add_group = add_group + {2'b00, d[32*i +: 32]};
    end
  endfunction
  function [Groups*PartW-1:0] add_beat(input [DataWidth-1:0] d);
    integer i;
    for (i = 0; i < Groups; i = i + 1) add_beat[PartW*i +: PartW] = add_group(d[GroupW*i +: GroupW]);
  endfunction

  wire [14:0] ip       = {10'd0, ip_i};
  wire [14:0] addr_lo  = ip + (ipv4_i ? 15'd12 : 15'd8);      // the addresses in the IP header
  wire [14:0] addr_hi  = ip + (ipv4_i ? 15'd20 : 15'd40);

  // ------------------------------------------------------------ stage 1: partial sums of a beat
  localparam PartsW = Groups * PartW;
  reg               s1_valid_q, s1_first_q, s1_last_q;
  reg [PartsW-1:0]  raw_part_q, hdr_part_q, l4_part_q;
  reg               udp_none_q, udp_odd_q;    // UDP checksum zero; UDP length not that of the packet
  reg [14:0]        s1_l4_len_q;
  reg [4:0]         s1_kind_q;                // {fragment, udp, tcp, ipv6, ipv4}
  reg               s1_fit_q;
  wire [14:0] l4_len   = ip_end_i - l4_i;
  wire        tcp      = (ipv4_i || ipv6_i) && !fragment_i && !chain_i && proto_i == 8'd6;
  wire        udp      = (ipv4_i || ipv6_i) && !fragment_i && !chain_i && proto_i == 8'd17;
  wire        fit      = whole_i && ip_end_i >= l4_i && l4_len >= (tcp ? 15'd20 : 15'd8);
  wire [14:0] len_at   = l4_i + 15'd4 - pos_i;
  wire [14:0] sum_at   = l4_i + 15'd6 - pos_i;
  wire [15:0] len_word = beat_data_i[{len_at[PosW-2:0], 3'b000} +: 16];
  wire [15:0] sum_word = beat_data_i[{sum_at[PosW-2:0], 3'b000} +: 16];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
    end else begin
      s1_valid_q <= beat_i;
      if (beat_i) begin
        s1_first_q  <= beat_sop_i;
        s1_last_q   <= beat_eop_i;
        raw_part_q  <= add_beat(beat_data_i & span(15'd14, end_i, pos_i));
        hdr_part_q  <= add_beat(beat_data_i & span(ip, {8'd0, ip_hdr_end_i}, pos_i));
        l4_part_q   <= add_beat(beat_data_i & (span(l4_i, ip_end_i, pos_i) | span(addr_lo, addr_hi, pos_i)));
        s1_l4_len_q <= l4_len;
        s1_kind_q   <= {fragment_i, udp, tcp, ipv6_i, ipv4_i};
        s1_fit_q    <= fit;
        udp_odd_q   <= (len_at < Bytes[14:0]) ? {len_word[7:0], len_word[15:8]} != {1'b0, l4_len}
                                              : udp_odd_q && !beat_sop_i;
        udp_none_q  <= (sum_at < Bytes[14:0]) ? sum_word == 16'd0 : udp_none_q && !beat_sop_i;
      end
    end
  end

  // ------------------------------------------------------------ stage 2: sums of the frame
  localparam SumW = 44;
  function [SumW-1:0] total(input [PartsW-1:0] parts);
    integer i;
    begin
      total = 0;
      for (i = 0; i < Groups; i = i + 1) total = total + {{SumW-PartW{1'b0}}, parts[PartW*i +: PartW]};
    end
  endfunction
  reg            s2_last_q;
  reg [SumW-1:0] raw_q, hdr_q, l4_q;
  reg [16:0]     pseudo_q;                    // the rest of the pseudo header
  reg [4:0]      s2_kind_q;
  reg            s2_check_q, s2_none_q;
  wire           s1_tcp = s1_kind_q[2], s1_udp = s1_kind_q[3], s1_ipv4 = s1_kind_q[0];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s2_last_q <= 1'b0;
    end else begin
      s2_last_q <= s1_valid_q && s1_last_q;
      if (s1_valid_q) begin
        raw_q       <= (s1_first_q ? {SumW{1'b0}} : raw_q) + total(raw_part_q);
        hdr_q       <= (s1_first_q ? {SumW{1'b0}} : hdr_q) + total(hdr_part_q);
        l4_q        <= (s1_first_q ? {SumW{1'b0}} : l4_q) + total(l4_part_q);
        // Octets turned as the lanes are: length; zero and protocol
        pseudo_q    <= {1'b0, s1_l4_len_q[7:0], 1'b0, s1_l4_len_q[14:8]} + {1'b0, s1_tcp ? 8'd6 : 8'd17, 8'd0};
        s2_kind_q   <= s1_kind_q;
        s2_none_q   <= s1_udp && udp_none_q;
        s2_check_q  <= s1_fit_q && (s1_tcp || (s1_udp && !udp_odd_q && !(s1_ipv4 && udp_none_q)));
      end
    end
  end

  // ------------------------------------------------------------ stage 3: first fold
  function [18:0] fold(input [SumW-1:0] sum, input [16:0] more);
    fold = {3'd0, sum[15:0]} + {3'd0, sum[31:16]} + {7'd0, sum[43:32]} + {2'd0, more};
  endfunction
  reg        s3_last_q, s3_check_q, s3_none_q;
  reg [18:0] raw_fold_q, hdr_fold_q, l4_fold_q;
  reg [4:0]  s3_kind_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      s3_last_q <= 1'b0;
    end else begin
      s3_last_q <= s2_last_q;
      if (s2_last_q) begin
        raw_fold_q <= fold(raw_q, 17'd0);
        hdr_fold_q <= fold(hdr_q, 17'd0);
        l4_fold_q  <= fold(l4_q, pseudo_q);
        s3_kind_q  <= s2_kind_q;
        s3_check_q <= s2_check_q;
        s3_none_q  <= s2_none_q;
      end
    end
  end

  // ------------------------------------------------------------ stage 4: folded until it fits, and judged
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
      verdict_valid_o <= s3_last_q;
      if (s3_last_q) begin
        raw_sum_q <= {raw_twice[7:0], raw_twice[15:8]};
        ip_good_q <= s3_kind_q[0] && full(hdr_fold_q);
        check_q   <= s3_check_q;
        l4_good_q <= s3_check_q && !s3_none_q && full(l4_fold_q);
        kind_q    <= s3_kind_q;
      end
    end
  end

  // ------------------------------------------------------------ outputs
  assign verdict_o = {(kind_q[0] && !ip_good_q) || (check_q && !l4_good_q), raw_sum_q, kind_q, l4_good_q, check_q,
                      ip_good_q, kind_q[0]};
  assign idle_o    = !s1_valid_q && !s2_last_q && !s3_last_q && !verdict_valid_o;
endmodule
`default_nettype wire
