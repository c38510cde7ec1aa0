// rx_stream - the bytes of the frames, from the line to dma_write, and past rx_csum on their way.
//
// Does:      takes the orders of rx_write (payload of a buffer, or a frame to drop) and beats from the line; moves the
//            octets of a stripped VLAN tag out: the two addresses move up by four, the first four octets are skipped.
//            Follows IPv6 extension headers (RFC 8200 4) in the beat that stands at the end of the line, two cycles
//            each, and holds the beat meanwhile.
// Chains:    looks behind hop-by-hop and destination options and authentication headers, at most eight of them. A fragment
//            header ends the chain; so does any other: a routing header (its last address counts in the sum), ESP, an
//            unknown one. So a chain costs at most 18 cycles a frame.
// Handshake: at a buffer's end inside a beat the beat is offered again for the next buffer; rx_csum sees it once.
// Throughput: a beat a cycle, no cycle between buffers or frames.
`default_nettype none
module rx_stream #(
  parameter DataWidth = 512,
  parameter SkipW     = $clog2(DataWidth/8),
  parameter BeatW     = 14 - $clog2(DataWidth/8)
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  // Orders
  input  wire                 order_valid_i,
  output wire                 order_done_o,
  input  wire [SkipW+15:0]    order_i,       // {drop, eop, length, skip}
  // The line
  input  wire                 line_valid_i,
  output wire                 line_ready_o,
  input  wire                 line_eop_i,
  input  wire [DataWidth-1:0] line_data_i,
  // Header places from rx_head, one a frame
  input  wire                 sum_valid_i,
  output wire                 sum_ready_o,
  input  wire [65:0]          sum_i,         // as in rx_head
  // Payload
  output wire                 pay_valid_o,
  input  wire                 pay_ready_i,
  output wire [DataWidth-1:0] pay_data_o,
  // To rx_csum: a beat, its number in the frame, and the places (octets from the frame's start, or 4n + 2: n)
  output wire                 beat_o,
  output wire                 beat_eop_o,
  output wire [BeatW-1:0]     beat_no_o,
  output wire                 strip_o,
  output wire [1:0]           tags_o,
  output wire                 ipv4_o,
  output wire                 ipv6_o,
  output wire                 fragment_o,
  output wire                 whole_o,
  output wire                 chain_o,       // not followed to its end
  output wire [7:0]           proto_o,
  output wire [11:0]          l4_o,          // n; not before this, as far as known yet
  output wire [15:0]          rest_o,        // octets from there to ip_end
  output wire [14:0]          ip_end_o,
  output wire [13:0]          end_o
);
  localparam Bytes = DataWidth / 8;
  localparam LaneW = SkipW - 2;

  wire             drop, last_buf;
  wire [13:0]      order_len;
  wire [SkipW-1:0] order_skip;
  assign {drop, last_buf, order_len, order_skip} = order_i;

  // ------------------------------------------------------------ places of the frame at the line's end
  reg             loaded_q, strip_q, ipv4_q, ipv6_q, frag_q, whole_q, chain_q;
  reg [1:0]       tags_q;
  reg [7:0]       proto_q;
  reg [11:0]      l4_q;
  reg [15:0]      rest_q;
  reg [14:0]      ip_end_q;
  reg [13:0]      end_q;
  reg [BeatW-1:0] beat_q;
  wire            frame_gone;          // its last beat goes
  wire            load = sum_valid_i && (!loaded_q || frame_gone);
  assign sum_ready_o   = load;

  // ------------------------------------------------------------ the chain
  function chained(input [7:0] proto);   // hop-by-hop, destination options, authentication, fragment
    chained = proto == 8'd0 || proto == 8'd60 || proto == 8'd51 || proto == 8'd44;
  endfunction
  reg              step_q;               // ext_q holds the header's first two octets
  reg [3:0]        steps_q;
  reg [15:0]       ext_q;
  wire [LaneW-1:0] lane    = l4_q[LaneW-1:0];
  wire             here    = loaded_q && chain_q && l4_q[11:LaneW] == beat_q;
  wire [9:0]       ext_n   = {2'd0, ext_q[15:8]} + 10'd1;
  wire [9:0]       ext_len = (proto_q == 8'd51) ? ext_n + 10'd1 : {ext_n[8:0], 1'b0};   // in four octets
  wire [16:0]      rest    = {1'b0, rest_q} - {5'd0, ext_len, 2'd0};

  // ------------------------------------------------------------ the bytes
  reg              middle_q;             // inside a buffer
  reg [13:0]       left_q;
  wire [13:0]      left     = middle_q ? left_q : order_len;
  wire [SkipW-1:0] skip     = middle_q ? {SkipW{1'b0}} : order_skip;
  wire [SkipW:0]   in_beat  = Bytes[SkipW:0] - {1'b0, skip};
  wire [13:0]      behind   = left - {{13-SkipW{1'b0}}, in_beat};
  wire             buf_ends = left <= {{13-SkipW{1'b0}}, in_beat};
  wire             beat_end = !buf_ends || last_buf || left[SkipW:0] == in_beat;
  wire             held     = here || step_q;
  wire             ready    = order_valid_i && line_valid_i && loaded_q;
  wire             moved    = pay_valid_o && pay_ready_i;
  wire             thrown   = ready && drop;
  // Path step R4: the frame goes to the host buffer, and past the checksum on its way
  assign pay_valid_o  = ready && !drop && !held;
  assign order_done_o = (moved && buf_ends) || (thrown && line_eop_i);
  assign line_ready_o = (moved && beat_end) || thrown;
  assign frame_gone   = line_ready_o && line_eop_i;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      loaded_q <= 1'b0;
      middle_q <= 1'b0;
      step_q   <= 1'b0;
      beat_q   <= 0;
    end else begin
      if (moved) begin
        middle_q <= !buf_ends;
        left_q   <= behind;
      end
      if (line_ready_o) beat_q <= line_eop_i ? 0 : beat_q + 1'b1;
      if (frame_gone) loaded_q <= 1'b0;
      step_q <= ready && !drop && here && !step_q;
      if (ready && !drop && here && !step_q) ext_q <= line_data_i[{lane, 5'd16} +: 16];
      if (step_q) begin
        steps_q <= steps_q + 4'd1;
        if (proto_q == 8'd44) begin
          frag_q  <= 1'b1;
          chain_q <= 1'b0;
        end else begin
          l4_q    <= l4_q + {2'd0, ext_len};
          rest_q  <= rest[15:0];
          proto_q <= ext_q[7:0];
          chain_q <= chained(ext_q[7:0]) && steps_q != 4'd7 && !rest[16] && rest[15:3] != 13'd0;
          if (rest[16]) whole_q <= 1'b0;     // the header ends behind the packet
        end
      end
      if (load) begin
        loaded_q <= 1'b1;
        steps_q  <= 4'd0;
        {end_q, ip_end_q, rest_q} <= sum_i[65:21];
        l4_q     <= {7'd0, sum_i[20:16]};
        {proto_q, chain_q, whole_q, frag_q, ipv6_q, ipv4_q, tags_q, strip_q} <= sum_i[15:0];
      end
    end
  end

  // ------------------------------------------------------------ the tag: twelve octets move up by four
  generate
    if (DataWidth == 64) begin : g_narrow
      reg [31:0] above_q;
      always @(posedge clk_i) if (moved && beat_q == 0) above_q <= line_data_i[63:32];
      wire up = strip_q && beat_q[BeatW-1:1] == 0;
      assign pay_data_o = up ? {line_data_i[31:0], above_q} : line_data_i;
    end else begin : g_wide
      wire up = strip_q && beat_q == 0;
      if (DataWidth > 128) begin : g_rest
        assign pay_data_o[DataWidth-1:128] = line_data_i[DataWidth-1:128];
      end
      assign pay_data_o[127:0] = up ? {line_data_i[95:0], 32'd0} : line_data_i[127:0];
    end
  endgenerate

  // ------------------------------------------------------------ outputs
  assign beat_o     = moved && beat_end;
  assign beat_eop_o = line_eop_i;
  assign beat_no_o  = beat_q;
  assign {strip_o, tags_o, ipv4_o, ipv6_o, fragment_o} = {strip_q, tags_q, ipv4_q, ipv6_q, frag_q};
  assign {whole_o, chain_o, proto_o, l4_o} = {whole_q, chain_q, proto_q, l4_q};
  assign {rest_o, ip_end_o, end_o} = {rest_q, ip_end_q, end_q};
  assign idle_o     = !order_valid_i && !line_valid_i && !(sum_valid_i && !loaded_q);
endmodule
`default_nettype wire
