// rx_head - reads the headers of each frame before the frame moves: filter, queue, tag, and what rx_csum must sum.
//
// Does:      lets the beats of the MAC pass on to the line (a FIFO in rx_engine) and keeps the first 86 octets of a frame
//            in a window: enough for two VLAN tags, the longest IPv4 header and the ports behind it. Reads Ethernet,
//            802.1Q and IP fields there, hashes addresses and ports (rx_hash), asks the indirection table for the queue,
//            and gives one head record a frame, in order. IEEE 802.3 3.2.6, 802.1Q 9.6 (tags 0x8100 and 0x88A8, up to
//            two), RFC 791 3.1, RFC 8200 3.
// Hash:      TCP and UDP types take addresses and ports; not of fragments, of ports behind the frame's end, or behind IPv6
//            extension headers: then the type of the IP version takes the addresses alone, if it is on. Without a hash:
//            queue 0.
// Does not:  look behind IPv6 extension headers (rx_stream does), drop anything but the rest of a frame that a reset has
//            cut in two.
// Latency:   from the beat that completes the window, or the frame, 3 cycles and one for each hash step to the record.
//            At 256 bits and more a step takes two words of the addresses, the first one the ports too: IPv4 has one, IPv6
//            four. Below a step takes one word.
// Throughput: a frame every 2 cycles when 512 bits hold its window (IPv4; IPv6 5 cycles), else its beats and 1 (4) at 256
//            bits, 3 (9) below.
`default_nettype none
module rx_head #(
  parameter DataWidth = 512,
  parameter PlanW     = 19,
  parameter SumW      = 66,
  parameter NoteW     = 144
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // Settings, see rx_engine
  input  wire [47:0]          mac_addr_i,
  input  wire [63:0]          mac_hash_i,
  input  wire                 accept_broadcast_i,
  input  wire                 accept_all_multicast_i,
  input  wire                 promiscuous_i,
  input  wire                 vlan_strip_i,
  input  wire [6:0]           rss_control_i,
  input  wire [319:0]         rss_key_i,
  output wire [6:0]           rss_idx_o,
  input  wire [2:0]           rss_queue_i,
  // From the MAC; the same beats to the line
  input  wire                 mac_valid_i,
  output wire                 mac_ready_o,
  input  wire                 mac_sop_i,
  input  wire                 mac_eop_i,
  input  wire [DataWidth-1:0] mac_data_i,
  input  wire [13:0]          mac_len_i,
  input  wire                 mac_fcs_i,      // with sop, as the length: the FCS is the frame's last four octets
  input  wire [63:0]          mac_time_i,
  output wire                 line_valid_o,
  input  wire                 line_ready_i,
  // Records: what rx_csum needs and what the return entry needs, and a cycle later what rx_plan needs
  input  wire                 room_i,         // for three more frames
  output wire                 note_valid_o,
  output wire [SumW-1:0]      sum_o,          // {end, ip_end, rest, l4, proto, chain, whole, fragment, ipv6, ipv4, tags, strip}
  output wire [NoteW-1:0]     note_o,         // {octets, length, multicast, broadcast, stripped, tci, hashed, hash, time}
  output wire                 plan_valid_o,
  output wire [PlanW-1:0]     plan_o          // {length, pass, strip, queue}
);
  localparam RssEnable = 0, RssIpv4 = 1, RssTcp4 = 2, RssIpv6 = 3, RssTcp6 = 4, RssUdp4 = 5, RssUdp6 = 6;
  localparam Bytes  = DataWidth / 8;
  localparam Beats  = (86 + Bytes - 1) / Bytes;      // of the window
  localparam Bits   = 86 * 8;
  localparam Words  = (DataWidth >= 256) ? 2 : 1;    // a hash step

  // ------------------------------------------------------------ the window
  reg             in_frame_q;      // behind a sop, up to the eop
  reg             open_q;          // beats of the window still come
  reg             full_q;          // its octets are there
  reg             busy_q;          // fields are read, the hash goes on
  reg [3:0]       beat_q;
  reg [Bits-1:0]  win_q;
  reg [13:0]      len_q;
  reg             with_fcs_q;
  reg [63:0]      time_q;
  wire            parse, release_w;
  wire            free   = !open_q && !full_q && (!busy_q || release_w);
  wire            take   = mac_valid_i && mac_ready_o && (mac_sop_i || in_frame_q);
  wire            first  = take && mac_sop_i;
  wire            fill   = first || (take && open_q);
  wire [3:0]      beat   = mac_sop_i ? 4'd0 : beat_q;
  wire            filled = fill && (mac_eop_i || beat == Beats[3:0] - 4'd1);

  assign line_valid_o = mac_valid_i && (mac_sop_i ? free : in_frame_q);
  assign mac_ready_o  = mac_sop_i ? free && line_ready_i : line_ready_i || !in_frame_q;

  genvar g;
  generate
    for (g = 0; g < Beats; g = g + 1) begin : g_window
      localparam From = g * DataWidth;
      localparam Size = (Bits - From < DataWidth) ? Bits - From : DataWidth;
      always @(posedge clk_i) if (fill && beat == g) win_q[From +: Size] <= mac_data_i[Size-1:0];
    end
  endgenerate
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      in_frame_q <= 1'b0;
      open_q     <= 1'b0;
      full_q     <= 1'b0;
      busy_q     <= 1'b0;
    end else begin
      if (take) in_frame_q <= !mac_eop_i;
      if (fill) begin
        beat_q <= beat + 4'd1;
        open_q <= !filled;
      end
      if (first) begin
        len_q      <= mac_len_i;
        with_fcs_q <= mac_fcs_i;
        time_q     <= mac_time_i;
      end
      if (filled) full_q <= 1'b1;
      else if (parse) full_q <= 1'b0;
      if (parse) busy_q <= 1'b1;
      else if (release_w) busy_q <= 1'b0;
    end
  end

  // ------------------------------------------------------------ step 1: which headers
  wire [15:0] type0  = {win_q[103:96], win_q[111:104]};
  wire [15:0] type1  = {win_q[135:128], win_q[143:136]};
  wire [15:0] type2  = {win_q[167:160], win_q[175:168]};
  wire        tag0   = type0 == 16'h8100 || type0 == 16'h88A8;
  wire        tag1   = tag0 && (type1 == 16'h8100 || type1 == 16'h88A8);
  wire        is_v4  = tag1 ? type2 == 16'h0800 : tag0 ? type1 == 16'h0800 : type0 == 16'h0800;
  wire        is_v6  = tag1 ? type2 == 16'h86DD : tag0 ? type1 == 16'h86DD : type0 == 16'h86DD;
  wire        pass, broadcast, multicast;
  rx_filter u_filter (
    .da_i(win_q[47:0]), .mac_addr_i(mac_addr_i), .mac_hash_i(mac_hash_i), .accept_broadcast_i(accept_broadcast_i),
    .accept_all_multicast_i(accept_all_multicast_i), .promiscuous_i(promiscuous_i), .pass_o(pass),
    .broadcast_o(broadcast), .multicast_o(multicast)
  );

  reg [1:0]  tags_q;
  reg        v4_type_q, v6_type_q, pass_q, broadcast_q, multicast_q, strip_q, fcs_q;
  reg [15:0] tci_q;
  reg [79:0] hdr_q;                  // first ten octets of the IP header
  reg [13:0] a_len_q;
  reg [63:0] a_time_q;
  reg        second_q;               // step 2 is due
  reg        rss_on_q;               // as it was at step 1: turned off meanwhile, the hash would end half way
  assign parse = full_q && room_i && !busy_q;

  always @(posedge clk_i) begin
    if (!rst_ni) second_q <= 1'b0;
    else second_q <= parse;
    if (parse) begin
      tags_q      <= {tag1, tag0 && !tag1};
      v4_type_q   <= is_v4;
      v6_type_q   <= is_v6;
      hdr_q       <= tag1 ? win_q[255:176] : tag0 ? win_q[223:144] : win_q[191:112];
      pass_q      <= pass;
      broadcast_q <= broadcast;
      multicast_q <= multicast;
      strip_q     <= vlan_strip_i && type0 == 16'h8100;
      tci_q       <= {win_q[119:112], win_q[127:120]};
      fcs_q       <= with_fcs_q;
      a_len_q     <= len_q;
      a_time_q    <= time_q;
      rss_on_q    <= rss_control_i[RssEnable];
    end
  end

  // ------------------------------------------------------------ step 2: lengths. Places are 4n + 2 octets: kept as n
  wire [13:0] octets  = fcs_q ? a_len_q - 14'd4 : a_len_q;
  wire [3:0]  ihl     = hdr_q[3:0];
  wire [15:0] v4_len  = {hdr_q[23:16], hdr_q[31:24]};
  wire [15:0] v6_len  = {hdr_q[39:32], hdr_q[47:40]};
  wire        v4_frag = hdr_q[53:48] != 6'd0 || hdr_q[63:56] != 8'd0;   // more fragments, or an offset
  wire [4:0]  ip_at   = 5'd3 + {3'd0, tags_q};
  wire [4:0]  l4_at   = ip_at + (v4_type_q ? {1'b0, ihl} : 5'd10);
  wire        holds   = {7'd0, l4_at, 2'd2} <= octets;                   // the whole IP header
  wire        v4      = v4_type_q && hdr_q[7:4] == 4'd4 && ihl >= 4'd5 && holds;
  wire        v6      = v6_type_q && hdr_q[7:4] == 4'd6 && holds;
  wire [16:0] ip_end  = v4_type_q ? {1'b0, v4_len} + {10'd0, ip_at, 2'd2} : {1'b0, v6_len} + {10'd0, l4_at, 2'd2};
  wire        in_time = ip_end <= {3'd0, octets};
  wire [7:0]  proto   = v4_type_q ? hdr_q[79:72] : hdr_q[55:48];
  wire        frag    = v4 && v4_frag;
  wire        tcp     = proto == 8'd6, udp = proto == 8'd17;
  wire        ports   = !frag && {7'd0, l4_at, 2'd2} + 14'd4 <= octets &&
                        ((tcp && (v4 ? rss_control_i[RssTcp4] : rss_control_i[RssTcp6])) ||
                         (udp && (v4 ? rss_control_i[RssUdp4] : rss_control_i[RssUdp6])));
  wire        addrs   = v4 ? rss_control_i[RssIpv4] : rss_control_i[RssIpv6];

  reg         v4_q, v6_q, frag_q, whole_q, chain_q, ports_q, hashed_q;
  reg [4:0]   l4_q;
  reg [7:0]   proto_q;
  reg [14:0]  ip_end_q;
  reg [15:0]  rest_q;                // octets from l4 to the end of the IP packet
  reg [13:0]  octets_q;
  always @(posedge clk_i) begin
    if (second_q) begin
      v4_q     <= v4;
      v6_q     <= v6;
      frag_q   <= frag;
      whole_q  <= in_time && (v4 ? v4_len >= {10'd0, ihl, 2'd0} : v6_len != 16'd0);
      chain_q  <= v6 && in_time && v6_len >= 16'd8 &&
                  (proto == 8'd0 || proto == 8'd60 || proto == 8'd51 || proto == 8'd44);
      l4_q     <= l4_at;
      proto_q  <= proto;
      ip_end_q <= ip_end[14:0];
      rest_q   <= v4_type_q ? v4_len - {10'd0, ihl, 2'd0} : v6_len;
      octets_q <= octets;
      ports_q  <= ports;
      hashed_q <= rss_on_q && (v4 || v6) && (ports || addrs);
    end
  end

  // ------------------------------------------------------------ the hash: words of the window, 4n + 2 octets in
  function [31:0] swap(input [31:0] d);
    swap = {d[7:0], d[15:8], d[23:16], d[31:24]};
  endfunction
  reg  [3:0]  place_q;               // of the step's first word, n - 5
  reg  [3:0]  word_q;
  wire [511:0] words = win_q[Bits-1:Bits-512];
  wire [31:0] word0  = swap(words[{place_q, 5'd0} +: 32]);
  wire [3:0]  addr_n = v4_type_q ? 4'd2 : 4'd8;             // words of the addresses
  wire [3:0]  next_w = word_q + Words[3:0];
  wire        not_ip = !v4_type_q && !v6_type_q;
  wire [3:0]  l4_place = {2'd0, tags_q} + (v4_type_q ? ihl - 4'd2 : 4'd8);   // of the ports
  wire        ended;
  assign release_w   = busy_q && (not_ip || ended);

  always @(posedge clk_i) begin
    if (parse) begin
      word_q  <= 4'd0;
      place_q <= {2'd0, tag1, tag0 && !tag1} + (is_v4 ? 4'd1 : 4'd0);
    end else if (busy_q) begin
      word_q  <= next_w;
      place_q <= (Words == 1 && v4_type_q && next_w == addr_n) ? l4_place : place_q + Words[3:0];
    end
  end
  wire [31:0] hash;
  generate
    if (Words == 2) begin : g_two
      // Whether the ports count is known a cycle after their step, so they have a sum of their own
      wire [3:0]  place1 = place_q + 4'd1;
      wire [31:0] of_addrs, of_ports;
      rx_hash #(.Words(2)) u_hash (
        .clk_i(clk_i), .key_i(rss_key_i), .clear_i(parse), .step_i(busy_q && rss_on_q), .word_i(word_q),
        .data_i({word0, swap(words[{place1, 5'd0} +: 32])}), .hash_o(of_addrs), .port_i(second_q && rss_on_q),
        .port_v4_i(is_v4), .port_data_i(swap(words[{l4_place, 5'd0} +: 32])), .port_hash_o(of_ports)
      );
      assign ended = next_w == addr_n;
      assign hash  = of_addrs ^ (of_ports & {32{ports_q}});
    end else begin : g_one
      wire        is_port = word_q == addr_n;
      wire [31:0] unused_ports;
      rx_hash #(.Words(1)) u_hash (
        .clk_i(clk_i), .key_i(rss_key_i), .clear_i(parse),
        .step_i(busy_q && rss_on_q && (!is_port || ports_q)), .word_i(word_q), .data_i(word0),
        .hash_o(hash), .port_i(1'b0), .port_v4_i(1'b0), .port_data_i(32'd0), .port_hash_o(unused_ports)
      );
      assign ended = (next_w == addr_n && !ports_q) || next_w > addr_n;
    end
  endgenerate

  // ------------------------------------------------------------ the records; the table answers in the second cycle
  reg         note_q, plan_q, p_pass_q, p_strip_q, p_hashed_q;
  reg [13:0]  p_len_q;
  wire [13:0] length = strip_q ? a_len_q - 14'd4 : a_len_q;      // as delivered
  wire [13:0] counted = strip_q ? octets_q - 14'd4 : octets_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      note_q <= 1'b0;
      plan_q <= 1'b0;
    end else begin
      note_q <= release_w;
      plan_q <= note_q;
    end
    if (note_q) begin
      p_len_q    <= length;
      p_pass_q   <= pass_q;
      p_strip_q  <= strip_q;
      p_hashed_q <= hashed_q;
    end
  end

  assign rss_idx_o    = hash[6:0];
  assign note_valid_o = note_q;
  assign sum_o        = {octets_q, ip_end_q, rest_q, l4_q, proto_q, chain_q, whole_q, frag_q, v6_q, v4_q, tags_q, strip_q};
  assign note_o       = {counted, length, multicast_q, broadcast_q, strip_q, strip_q ? tci_q : 16'd0, hashed_q,
                         hashed_q ? hash : 32'd0, a_time_q};
  assign plan_valid_o = plan_q;
  assign plan_o       = {p_len_q, p_pass_q, p_strip_q, p_hashed_q ? rss_queue_i : 3'd0};
  assign idle_o       = !mac_valid_i && !in_frame_q && !full_q && !busy_q && !note_q && !plan_q;

  wire unused = &{1'b0, win_q[95:48], hdr_q};   // source address; type of service and the like
endmodule
`default_nettype wire
