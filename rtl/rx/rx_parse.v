// rx_parse - finds the headers of the frames that stream past: Ethernet, VLAN tags, IPv4, IPv6.
//
// Does:      holds the first 64 octets of a frame in a line of beats (at 512 bits one beat), reads all Ethernet and IP
//            fields from it at once, then lets the beats go on to rx_csum with the places to sum. Follows IPv6
//            extension headers as they pass, one a cycle, and holds a beat while more of them are in it. IEEE 802.3
//            3.2.6 and 802.1Q 9.6 (tags 0x8100, 0x88A8, up to two), RFC 791 3.1, RFC 8200 3 and 4.
// Does not:  look behind anything but hop-by-hop and destination options and the authentication header: with a routing
//            header (its last address counts in the sum), a fragment, ESP or an unknown header L4 is not looked at.
//            IPv4 with a total length beyond the frame, or IPv6 with such a payload length or none, likewise.
// Handshake: elastic; in_ready_o is low only while the line is full and held. A frame's beats may come with gaps.
// Latency:   64 / Bytes + 1 cycles. Throughput: one beat a cycle, and one cycle more per frame and extension header.
`default_nettype none
module rx_parse #(
  parameter DataWidth = 512
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire                 in_valid_i,
  output wire                 in_ready_o,
  input  wire                 in_sop_i,
  input  wire                 in_eop_i,
  input  wire [13:0]          in_end_i,      // octets of the frame without FCS
  input  wire [DataWidth-1:0] in_data_i,
  // To rx_csum; positions are octets from the start of the frame
  output wire                 beat_o,
  output wire                 beat_sop_o,
  output wire                 beat_eop_o,
  output wire [DataWidth-1:0] beat_data_o,
  output wire [14:0]          pos_o,         // of the beat's first octet
  output wire [14:0]          end_o,         // of the frame
  output wire [4:0]           ip_o,          // IP header
  output wire [6:0]           ip_hdr_end_o,  // end of the IPv4 header
  output wire [14:0]          l4_o,          // TCP or UDP header; not before this, as far as known yet
  output wire [14:0]          ip_end_o,      // end of the IP packet
  output wire                 ipv4_o,
  output wire                 ipv6_o,
  output wire                 fragment_o,
  output wire                 whole_o,       // the IP packet is wholly in the frame
  output wire                 chain_o,       // extension headers go on
  output wire [7:0]           proto_o        // what stands at l4_o
);
  localparam Bytes = DataWidth / 8;
  localparam Slots = 64 / Bytes;
  localparam PosW  = $clog2(Bytes);

  // ------------------------------------------------------------ the line; slot 0 is its front
  reg [Slots-1:0]           valid_q, sop_q, eop_q;
  reg [511:0]               data_q;
  reg [Slots*14-1:0]        end_q;
  reg [Slots-1:0]           move;    // the slot's beat goes on
  wire                      leave;
  wire                      in_take = in_valid_i && in_ready_o;

  always @* begin : moving
    integer i;
    move[0] = leave;
    for (i = 1; i < Slots; i = i + 1) move[i] = valid_q[i] && (!valid_q[i-1] || move[i-1]);
  end
  assign in_ready_o = !valid_q[Slots-1] || move[Slots-1];

  always @(posedge clk_i) begin : line
    integer i;
    for (i = 0; i < Slots - 1; i = i + 1)
      if (move[i+1]) begin
        sop_q[i] <= sop_q[i+1];
        eop_q[i] <= eop_q[i+1];
        end_q[14*i +: 14] <= end_q[14*(i+1) +: 14];
        data_q[DataWidth*i +: DataWidth] <= data_q[DataWidth*(i+1) +: DataWidth];
      end
    if (in_take) begin
      sop_q[Slots-1] <= in_sop_i;
      eop_q[Slots-1] <= in_eop_i;
      end_q[14*(Slots-1) +: 14] <= in_end_i;
      data_q[DataWidth*(Slots-1) +: DataWidth] <= in_data_i;
    end
  end
  always @(posedge clk_i) begin : filling
    integer i;
    if (!rst_ni) valid_q <= 0;
    else begin
      for (i = 0; i < Slots - 1; i = i + 1) valid_q[i] <= move[i+1] || (valid_q[i] && !move[i]);
      valid_q[Slots-1] <= in_take || (valid_q[Slots-1] && !move[Slots-1]);
    end
  end

  // ------------------------------------------------------------ Ethernet and IP from the first 64 octets
  // A header's first word in network order: {first octet, second octet}.
  wire [15:0]  type0 = {data_q[103:96], data_q[111:104]};
  wire [15:0]  type1 = {data_q[135:128], data_q[143:136]};
  wire [15:0]  type2 = {data_q[167:160], data_q[175:168]};
  wire         tag0  = type0 == 16'h8100 || type0 == 16'h88A8;
  wire         tag1  = tag0 && (type1 == 16'h8100 || type1 == 16'h88A8);
  wire [15:0]  type_ip = tag1 ? type2 : tag0 ? type1 : type0;
  wire [4:0]   ip    = tag1 ? 5'd22 : tag0 ? 5'd18 : 5'd14;
  wire [79:0]  hdr   = tag1 ? data_q[255:176] : tag0 ? data_q[223:144] : data_q[191:112];
  wire [14:0]  octets = {1'b0, end_q[13:0]};
  wire [5:0]   ihl     = {hdr[3:0], 2'b00};
  wire [15:0]  v4_len  = {hdr[23:16], hdr[31:24]};
  wire [15:0]  v6_len  = {hdr[39:32], hdr[47:40]};
  wire         v4_frag = hdr[53:48] != 6'd0 || hdr[63:56] != 8'd0;   // more fragments, or an offset
  wire [6:0]   v4_end  = {2'd0, ip} + {1'b0, ihl};
  wire [14:0]  v6_end  = {10'd0, ip} + 15'd40;
  wire         v4      = type_ip == 16'h0800 && hdr[7:4] == 4'd4 && hdr[3:0] >= 4'd5 && {8'd0, v4_end} <= octets;
  wire         v6      = type_ip == 16'h86DD && hdr[7:4] == 4'd6 && v6_end <= octets;
  wire [16:0]  v4_stop = {1'b0, v4_len} + {12'd0, ip};
  wire [16:0]  v6_stop = {1'b0, v6_len} + {2'd0, v6_end};
  wire [16:0]  stop    = v4 ? v4_stop : v6_stop;

  reg          parsed_q, ipv4_q, ipv6_q, frag_q, whole_q, chain_q;
  reg [4:0]    ip_q;
  reg [6:0]    hdr_end_q;
  reg [14:0]   l4_q, ip_end_q, pos_q;
  reg [7:0]    proto_q;

  // ------------------------------------------------------------ IPv6 extension headers
  function chained(input [7:0] proto);   // hop-by-hop, destination options, authentication, fragment
    chained = proto == 8'd0 || proto == 8'd60 || proto == 8'd51 || proto == 8'd44;
  endfunction
  wire [DataWidth-1:0] front   = data_q[DataWidth-1:0];
  wire [14:0]          at      = l4_q - pos_q;
  wire                 here    = at < Bytes[14:0];
  wire                 step    = valid_q[0] && parsed_q && chain_q && here;
  wire [15:0]          ext     = front[{at[PosW-1:0], 3'b000} +: 16];   // {length, next header}
  wire [8:0]           ext_n   = {1'b0, ext[15:8]} + ((proto_q == 8'd51) ? 9'd2 : 9'd1);
  wire [11:0]          ext_len = (proto_q == 8'd51) ? {1'b0, ext_n, 2'b00} : {ext_n, 3'b000};
  wire [14:0]          ext_end = l4_q + {3'd0, ext_len};

  wire full  = &valid_q || |(valid_q & eop_q);   // the first 64 octets, or the whole of a shorter frame
  wire parse = valid_q[0] && sop_q[0] && !parsed_q && full;
  assign leave = valid_q[0] && parsed_q && !step;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      parsed_q <= 1'b0;
    end else begin
      if (parse) begin
        parsed_q  <= 1'b1;
        pos_q     <= 15'd0;
        ipv4_q    <= v4;
        ipv6_q    <= v6;
        ip_q      <= ip;
        hdr_end_q <= v4_end;
        ip_end_q  <= stop[14:0];
        whole_q   <= (v4 && v4_len >= {10'd0, ihl} || v6 && v6_len != 16'd0) && stop <= {2'd0, octets};
        frag_q    <= v4 && v4_frag;
        l4_q      <= v4 ? {8'd0, v4_end} : v6_end;
        proto_q   <= v4 ? hdr[79:72] : hdr[55:48];
        chain_q   <= v6 && chained(hdr[55:48]) && v6_len >= 16'd8 && v6_stop <= {2'd0, octets};
      end
      if (step) begin
        if (proto_q == 8'd44) begin
          frag_q  <= 1'b1;
          chain_q <= 1'b0;
        end else begin
          l4_q    <= ext_end;
          proto_q <= ext[7:0];
          chain_q <= chained(ext[7:0]) && ext_end + 15'd8 <= ip_end_q;
        end
      end
      if (leave) begin
        pos_q <= pos_q + Bytes[14:0];
        if (eop_q[0]) parsed_q <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------ outputs
  assign beat_o       = leave;
  assign beat_sop_o   = sop_q[0];
  assign beat_eop_o   = eop_q[0];
  assign beat_data_o  = front;
  assign pos_o        = pos_q;
  assign end_o        = octets;
  assign ip_o         = ip_q;
  assign ip_hdr_end_o = hdr_end_q;
  assign l4_o         = l4_q;
  assign ip_end_o     = ip_end_q;
  assign ipv4_o       = ipv4_q;
  assign ipv6_o       = ipv6_q;
  assign fragment_o   = frag_q;
  assign whole_o      = whole_q;
  assign chain_o      = chain_q;
  assign proto_o      = proto_q;
  assign idle_o       = valid_q == 0;

  wire unused = &{1'b0, hdr};
endmodule
`default_nettype wire
