// mac_rx_check - judges received frames: length, FCS, symbols; counts each bad one for one reason.
//
// Does:    gives each beat to the frame FIFO two cycles later, with the verdict beside the last one. Octets counted
//          with FCS: 64 at least, max_frame_i at most, 4 more for each of up to two VLAN tags (IEEE 802.1Q: type 8100
//          or 88A8 in octets 12-13, 16-17). FCS by the residue of IEEE 802.3 section 3.2.9 (rule E3). rx_enable_i is
//          looked at with the first beat: frames that start while it is low are dropped without a count.
// Order of reasons: lost in the crossing FIFO (counted as overrun), symbol, short (runt, or fragment when the FCS is
//          bad too), long (oversize, or jabber), FCS; one pulse per frame. Frames that were lost whole come as a number
//          and leave one pulse each, in cycles free of others. On a slow core there may be none while a flood of short
//          frames lasts, and at most 150 million are lost in a second: 32 bits hold more than 28 s of it.
// Wire:    ev_wire_o for each of all these frames, with wire_octets_o: FCS included, at most 16383, of a frame lost in
//          the crossing 0 because nobody knows.
// Pause:   good pause frames (mac_pause_rx) are taken out while pause_rx_i is high.
// Latency: 2 cycles. Throughput: one beat or pair of beats a cycle, no ready.
`default_nettype none
module mac_rx_check #(
  parameter DataWidth = 64
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         rx_enable_i,
  input  wire                         strip_fcs_i,
  input  wire [13:0]                  max_frame_i,
  input  wire                         in_valid_i,
  input  wire                         in_sop_i,
  input  wire                         in_eop_i,
  input  wire                         in_pair_i,       // with eop: in_data_i is full, more is in in_tail_i
  input  wire [$clog2(DataWidth/8)+1:0] in_bytes_i,    // of both
  input  wire [DataWidth-1:0]         in_data_i,
  input  wire [DataWidth-1:0]         in_tail_i,
  input  wire                         in_symbol_i,
  input  wire                         in_lost_i,
  input  wire [63:0]                  in_time_i,
  input  wire                         lost_valid_i,
  input  wire [11:0]                  lost_starts_i,
  // To the frame FIFO
  output reg                          out_valid_o,
  output reg                          out_eop_o,
  output wire                         out_good_o,      // with eop: keep the frame
  output reg                          out_pair_o,
  output reg  [DataWidth-1:0]         out_data_o,
  output reg  [DataWidth-1:0]         out_tail_o,
  output reg  [13:0]                  out_len_o,       // with eop: octets to deliver
  output reg                          out_fcs_o,       // with eop: the FCS is among them
  output reg  [63:0]                  out_time_o,
  input  wire                         fifo_overrun_i,  // with eop and good: the FIFO had no room for it
  // To mac_pause_rx
  input  wire                         pause_rx_i,
  input  wire                         is_pause_i,      // one cycle before the verdict
  output wire                         pause_o,         // a pause frame is taken out
  output wire [1:0]                   in_beat_o,       // number of the beat that comes in
  // One pulse per frame dropped
  output reg                          ev_fcs_o,
  output reg                          ev_runt_o,
  output reg                          ev_oversize_o,
  output reg                          ev_symbol_o,
  output reg                          ev_overrun_o,
  output reg                          ev_fragment_o,
  output reg                          ev_jabber_o,
  output reg                          ev_pause_o,
  output reg                          ev_wire_o,       // one pulse per frame of any kind
  output reg  [13:0]                  wire_octets_o,
  output wire                         idle_o
);
  localparam Bytes  = DataWidth / 8;
  localparam CountW = $clog2(Bytes) + 1;
  // Beats and places of the two EtherTypes.
  localparam [1:0] Tag1Beat = (Bytes == 8) ? 2'd1 : 2'd0;
  localparam [1:0] Tag2Beat = (Bytes == 8) ? 2'd2 : (Bytes == 16) ? 2'd1 : 2'd0;
  localparam Tag1At = 8 * (12 % Bytes), Tag2At = 8 * (16 % Bytes);

  // ------------------------------------------------------------ first cycle: octets, tags
  reg                 valid1_q, eop1_q, pair1_q, symbol1_q, lost1_q, enabled1_q;
  reg [DataWidth-1:0] data1_q, tail1_q;
  reg [13:0]          len1_q;      // octets so far, this beat included, at most 16383
  reg [1:0]           beat_q;      // of in_data_i in its frame, at most 3
  reg [1:0]           tags1_q;
  reg [63:0]          time1_q;
  wire                fcs_good, unused_valid;
  wire [31:0]         unused_crc;

  crc32 #(.DataWidth(DataWidth)) u_crc (
    .clk_i(clk_i), .rst_ni(rst_ni), .en_i(in_valid_i), .first_i(in_sop_i), .last_i(in_eop_i), .pair_i(in_pair_i),
    .bytes_i(last_bytes(in_bytes_i, in_pair_i)), .data_i(in_data_i), .tail_i(in_tail_i), .good_o(fcs_good),
    .valid_o(unused_valid), .crc_o(unused_crc)
  );
  function [CountW-1:0] last_bytes(input [CountW:0] bytes, input pair);   // of a pair those in the tail
    last_bytes = {bytes[CountW-1] && !pair, bytes[CountW-2:0]};
  endfunction

  function is_tag(input [15:0] octets);   // first octet in [7:0]
    is_tag = octets == 16'h0081 || octets == 16'hA888;
  endfunction
  wire [1:0]  beat = in_sop_i ? 2'd0 : beat_q;
  wire        tag1 = beat == Tag1Beat && is_tag(in_data_i[Tag1At +: 16]);
  wire        tag2 = beat == Tag2Beat && is_tag(in_data_i[Tag2At +: 16]);
  wire [1:0]  tags = in_sop_i ? 2'd0 : tags1_q;
  wire        has_tag = tag1 || tags != 2'd0;
  wire [14:0] len_d = {1'b0, in_sop_i ? 14'd0 : len1_q} + {{14-CountW{1'b0}}, in_bytes_i};
  assign in_beat_o = beat;

  always @(posedge clk_i) begin
    if (!rst_ni) valid1_q <= 1'b0;
    else valid1_q <= in_valid_i;
  end
  always @(posedge clk_i) begin
    if (in_valid_i) begin
      eop1_q    <= in_eop_i;
      pair1_q   <= in_pair_i;
      data1_q   <= in_data_i;
      if (in_pair_i) tail1_q <= in_tail_i;
      symbol1_q <= in_symbol_i;
      lost1_q   <= in_lost_i;
      len1_q    <= len_d[14] ? 14'h3FFF : len_d[13:0];
      beat_q    <= (beat == 2'd3) ? 2'd3 : beat + 2'd1;
      tags1_q   <= tags + {1'b0, tag1} + {1'b0, tag2 && has_tag};
      if (in_sop_i) begin
        enabled1_q <= rx_enable_i;
        time1_q    <= in_time_i;
      end
    end
  end

  // ------------------------------------------------------------ second cycle: what is known beside the FCS
  reg         symbol_q, lost_q, enabled_q, pause_q, runt_q, oversize_q;
  reg [13:0]  len_q;
  reg [31:0]  lost_starts_q;   // lost, and not counted yet
  reg         more_q;          // so many more: they come late in the cycle
  reg [11:0]  more_starts_q;
  wire [14:0] limit = {1'b0, max_frame_i} + {11'd0, tags1_q, 2'b00};
  always @(posedge clk_i) begin
    if (!rst_ni) out_valid_o <= 1'b0;
    else out_valid_o <= valid1_q;
  end
  always @(posedge clk_i) begin
    if (valid1_q) begin
      out_eop_o  <= eop1_q;
      out_pair_o <= pair1_q;
      out_data_o <= data1_q;
      if (pair1_q) out_tail_o <= tail1_q;
      out_len_o  <= strip_fcs_i ? len1_q - 14'd4 : len1_q;
      out_fcs_o  <= !strip_fcs_i;
      out_time_o <= time1_q;
      symbol_q   <= symbol1_q;
      lost_q     <= lost1_q;
      enabled_q  <= enabled1_q;
      pause_q    <= pause_rx_i && is_pause_i;
      runt_q     <= len1_q < 14'd64;
      oversize_q <= {1'b0, len1_q} > limit;
      len_q      <= len1_q;
    end
  end

  // ------------------------------------------------------------ the verdict
  // Path step R2: length, FCS and symbols of a whole frame.
  wire       judge    = out_valid_o && out_eop_o && enabled_q;
  wire       whole    = judge && !lost_q;
  wire       plain    = !lost_q && !symbol_q && !runt_q && !oversize_q;   // bad for its FCS at most
  wire       good     = plain && fcs_good;
  assign pause_o    = judge && good && pause_q;
  assign out_good_o = enabled_q && good && !pause_q;

  // Whole frames dropped, each counted once.
  wire       dropped  = judge && (lost_q || (good && fifo_overrun_i && !pause_q));
  wire       pay      = lost_starts_q != 32'd0 && !judge && !more_q;
  assign idle_o = !in_valid_i && !valid1_q && !out_valid_o && lost_starts_q == 32'd0 && !more_q && !ev_wire_o;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ev_fcs_o      <= 1'b0;
      ev_runt_o     <= 1'b0;
      ev_oversize_o <= 1'b0;
      ev_symbol_o   <= 1'b0;
      ev_overrun_o  <= 1'b0;
      ev_fragment_o <= 1'b0;
      ev_jabber_o   <= 1'b0;
      ev_pause_o    <= 1'b0;
      ev_wire_o     <= 1'b0;
      lost_starts_q <= 32'd0;
      more_q        <= 1'b0;
    end else begin
      ev_symbol_o   <= whole && symbol_q;
      ev_runt_o     <= whole && !symbol_q && runt_q && fcs_good;
      ev_fragment_o <= whole && !symbol_q && runt_q && !fcs_good;
      ev_oversize_o <= whole && !symbol_q && oversize_q && !runt_q && fcs_good;
      ev_jabber_o   <= whole && !symbol_q && oversize_q && !runt_q && !fcs_good;
      ev_fcs_o      <= judge && plain && !fcs_good;
      ev_pause_o    <= pause_o;
      ev_wire_o     <= judge || pay;
      if (judge || pay) wire_octets_o <= (pay || lost_q) ? 14'd0 : len_q;
      ev_overrun_o  <= dropped || pay;
      lost_starts_q <= lost_starts_q + (more_q ? {20'd0, more_starts_q} : {32{pay}});
      more_q        <= lost_valid_i && rx_enable_i;
    end
    if (lost_valid_i) more_starts_q <= lost_starts_i;
  end
endmodule
`default_nettype wire
