// mac_tx_pack - puts frames one behind the other into wire beats, with the inter-frame gap between them.
//
// Does:    starts each frame on a word of 8 octets. Gap by deficit idle count (IEEE 802.3 clauses 46.3.1.4 and
//          81.3.1.4): counted from /T/ on, 12 octets on average, 5 at least (rule E4). A frame starts
//          floor((frame before + 8 + 12 + deficit) / 8) words behind the one before; the remainder is the new deficit.
// Beats:   stored so that zero is idle: data XOR 07, control inverted. A beat holds one frame's end and another's start
//          at most.
// Waiting: a beat that ends a frame is kept back for the start of the next while more is on its way, or for 8 cycles at
//          most while earlier frames keep the wire busy anyway; then it goes out with idles behind.
// Handshake: ready/valid on both sides. Latency: 1 cycle for full beats, 2 for the last one of a frame without
//          follower.
// Throughput: one beat a cycle.
`default_nettype none
module mac_tx_pack #(
  parameter DataWidth = 64
) (
  input  wire                           clk_i,
  input  wire                           rst_ni,
  input  wire                           in_valid_i,
  output wire                           in_ready_o,
  input  wire                           in_sop_i,
  input  wire                           in_eop_i,
  input  wire [$clog2(DataWidth/8)-1:0] in_end_i,     // where /T/ stands in the eop beat
  input  wire [DataWidth-1:0]           in_data_i,    // zero behind /T/
  input  wire                           more_i,       // another beat is coming behind this one
  input  wire                           wire_busy_i,  // whole frames wait for the wire
  output wire                           out_valid_o,
  input  wire                           out_ready_i,
  output wire [DataWidth-1:0]           out_data_o,
  output wire [DataWidth/8-1:0]         out_ctl_o,
  output wire                           out_sop_o,    // a frame starts in the beat,
  output wire [3:0]                     out_word_o,   //   in this word
  output wire                           out_eop_o,    // a frame ends in the beat (before the other starts)
  output wire                           busy_o
);
  localparam Bytes = DataWidth / 8;
  localparam ByteW = $clog2(Bytes);
  localparam WordCount = DataWidth / 64;
  localparam [3:0] Words = WordCount[3:0];

  reg [DataWidth-1:0] part_data_q;  // a beat being filled, idle behind fill_q words
  reg [Bytes-1:0]     part_ctl_q;
  reg [3:0]           fill_q;       // words of it that are taken or owed to the gap, up to Words + 1
  reg                 part_eop_q;
  reg [2:0]           deficit_q;
  reg [2:0]           wait_q;
  reg                 valid_q, sop_q, eop_q;
  reg [3:0]           word_q;
  reg [DataWidth-1:0] data_q;
  reg [Bytes-1:0]     ctl_q;

  wire free  = !valid_q || out_ready_i;
  wire owed  = fill_q >= Words;               // a beat is full: with it goes out what the gap needs
  wire take  = in_valid_i && free && !owed;
  wire flush = part_eop_q && !in_valid_i && !owed && !more_i && (!wire_busy_i || wait_q == 3'd7);
  assign in_ready_o = free && !owed;

  // The gap (rule E4). Octets from /T/ on are counted in words: the frame's last words, then idle ones.
  wire [6:0] end7    = {{7-ByteW{1'b0}}, in_end_i};
  wire [2:0] lane    = end7[2:0];                        // frame octets modulo 8
  wire [4:0] gap     = {2'b00, lane} + 5'd12 + {2'b00, deficit_q};
  wire [3:0] own     = in_eop_i ? end7[6:3] + 4'd1 : Words;
  wire [3:0] idles   = in_eop_i ? {2'b00, gap[4:3]} - 4'd1 : 4'd0;
  wire [3:0] taken   = fill_q + own;
  wire [4:0] reached = {1'b0, taken} + {1'b0, idles};   // up to 17
  wire [3:0] behind  = reached[3:0] - Words;             // up to 9
  wire       full    = reached >= {1'b0, Words};


  // The beat as it is stored, up to and with /T/; the control bits of /S/ and /T/ stay zero.
  reg [2*DataWidth-1:0] both_data;   // the part and this beat behind it
  reg [2*Bytes-1:0]     both_ctl;
  always @* begin : merge
    reg [DataWidth-1:0] data;
    reg [Bytes-1:0]     ctl;
    both_data = 0;
    both_ctl  = 0;
    data      = 0;
    ctl       = 0;
    if (take) begin
      data = in_data_i ^ {Bytes{8'h07}};
      ctl  = {Bytes{1'b1}};
      if (in_eop_i) begin
        data = data & ~({{DataWidth-8{1'b1}}, 8'h00} << {in_end_i, 3'b000});
        ctl  = ~(ctl << in_end_i);
      end
      if (in_sop_i) ctl[0] = 1'b0;
      both_data = {{DataWidth{1'b0}}, part_data_q} | ({{DataWidth{1'b0}}, data} << {fill_q, 6'b000000});
      both_ctl  = {{Bytes{1'b0}}, part_ctl_q} | ({{Bytes{1'b0}}, ctl} << {fill_q, 3'b000});
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q     <= 1'b0;
      part_data_q <= 0;
      part_ctl_q  <= 0;
      part_eop_q  <= 1'b0;
      fill_q      <= 4'd0;
      deficit_q   <= 3'd0;
      wait_q      <= 3'd0;
    end else begin
      if (free) valid_q <= 1'b0;
      if (part_eop_q && !take && wait_q != 3'd7) wait_q <= wait_q + 3'd1;
      if (take) begin
        wait_q <= 3'd0;
        fill_q <= full ? behind : reached[3:0];
        if (in_eop_i) deficit_q <= gap[2:0];
        if (full) begin
          valid_q <= 1'b1;
          sop_q   <= in_sop_i;
          word_q  <= fill_q;
          eop_q   <= part_eop_q || (in_eop_i && taken <= Words);
          {part_data_q, data_q} <= both_data;
          {part_ctl_q, ctl_q}   <= both_ctl;
          part_eop_q <= in_eop_i && taken > Words;
        end else begin
          part_data_q <= both_data[DataWidth-1:0];
          part_ctl_q  <= both_ctl[Bytes-1:0];
          part_eop_q  <= in_eop_i;
        end
      end else if (free && (owed || flush)) begin
        valid_q     <= 1'b1;
        sop_q       <= 1'b0;
        eop_q       <= part_eop_q;
        data_q      <= part_data_q;
        ctl_q       <= part_ctl_q;
        part_data_q <= 0;
        part_ctl_q  <= 0;
        part_eop_q  <= 1'b0;
        wait_q      <= 3'd0;
        fill_q      <= owed ? fill_q - Words : 4'd0;
      end
    end
  end

  assign out_valid_o = valid_q;
  assign out_data_o  = data_q;
  assign out_ctl_o   = ctl_q;
  assign out_sop_o   = sop_q;
  assign out_word_o  = word_q;
  assign out_eop_o   = eop_q;
  assign busy_o      = valid_q || part_eop_q || owed;
endmodule
`default_nettype wire
