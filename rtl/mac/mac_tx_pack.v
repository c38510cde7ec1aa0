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
// Throughput: one beat out a cycle, which is a frame of 64 octets in 1.3 cycles at 512 bits.
`default_nettype none
module mac_tx_pack #(
  parameter DataWidth = 64
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,
  input  wire                    in_valid_i,
  output wire                    in_ready_o,
  input  wire                    in_sop_i,
  input  wire                    in_eop_i,
  input  wire [3:0]              in_words_i,   // DataWidth/64, in the eop beat up to and with /T/
  input  wire [2:0]              in_lane_i,    // where /T/ stands in its word
  input  wire [DataWidth+127:0]  in_data_i,    // zero is idle
  input  wire [DataWidth/8+15:0] in_ctl_i,
  input  wire                    more_i,       // another beat is coming behind this one
  input  wire                    wire_busy_i,  // whole frames wait for the wire
  output wire                    out_valid_o,
  input  wire                    out_ready_i,
  output wire [DataWidth-1:0]    out_data_o,
  output wire [DataWidth/8-1:0]  out_ctl_o,
  output wire                    out_sop_o,    // a frame starts in the beat,
  output wire [3:0]              out_word_o,   //   in this word
  output wire                    out_eop_o,    // a frame ends in the beat (before the other starts)
  output wire                    busy_o
);
  localparam Bytes = DataWidth / 8;
  localparam WordCount = DataWidth / 64;
  localparam [4:0] Words = WordCount[4:0];

  // A beat comes with two words more than the wire takes, so a word more than a beat may be left over here.
  reg [DataWidth+63:0]  part_data_q;  // what goes out next, idle behind fill_q words
  reg [Bytes+7:0]       part_ctl_q;
  reg [4:0]             fill_q;       // words of it that are taken or owed to the gap, up to Words + 3
  reg                   owed_q;       // a beat is full: with it goes out what the gap needs
  reg [3:0]             ends_q;       // the word behind /T/ of a frame in it, 0 when there is none
  reg [2:0]             deficit_q;
  reg [2:0]             wait_q;
  reg                   valid_q, sop_q, eop_q;
  reg [3:0]             word_q;
  reg [DataWidth-1:0]   data_q;
  reg [Bytes-1:0]       ctl_q;

  wire free  = !valid_q || out_ready_i;
  wire take  = in_valid_i && free && !owed_q;
  wire flush = ends_q != 4'd0 && !in_valid_i && !owed_q && !more_i && (!wire_busy_i || wait_q == 3'd7);
  assign in_ready_o = free && !owed_q;

  // The gap (rule E4). Octets from /T/ on are counted in words: the frame's last words, then idle ones.
  wire [4:0] gap     = {2'b00, in_lane_i} + 5'd12 + {2'b00, deficit_q};
  wire [4:0] idles   = in_eop_i ? {3'b000, gap[4:3]} - 5'd1 : 5'd0;
  wire [4:0] taken   = fill_q + {1'b0, in_words_i};
  wire [4:0] reached = taken + idles;                    // up to 19
  wire       full    = reached >= Words;
  wire [4:0] behind  = reached - Words;
  wire [4:0] over    = fill_q - Words;                   // what is left behind a beat that was owed
  wire       ends_in = {1'b0, ends_q} <= Words;          // in the next beat to go out

  // A beat that is taken finds less than Words words: so far it moves up at most.
  localparam [4:0] Most = Words - 5'd1;
  wire [4:0] up = fill_q & Most;
  reg [2*DataWidth+63:0] both_data;   // the part and this beat behind it
  reg [2*Bytes+7:0]      both_ctl;
  always @* begin : merge
    both_data = 0;
    both_ctl  = 0;
    if (take) begin
      both_data = {{DataWidth{1'b0}}, part_data_q} | cut_data({{DataWidth{1'b0}}, in_data_i} << {up, 6'b000000});
      both_ctl  = {{Bytes{1'b0}}, part_ctl_q} | cut_ctl({{Bytes{1'b0}}, in_ctl_i} << {up, 3'b000});
    end
  end
  // Nothing is cut off.
  // verilator lint_off UNUSEDSIGNAL
  function [2*DataWidth+63:0] cut_data(input [2*DataWidth+127:0] x);
    cut_data = x[2*DataWidth+63:0];
  endfunction
  function [2*Bytes+7:0] cut_ctl(input [2*Bytes+15:0] x);
    cut_ctl = x[2*Bytes+7:0];
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q     <= 1'b0;
      part_data_q <= 0;
      part_ctl_q  <= 0;
      ends_q      <= 4'd0;
      fill_q      <= 5'd0;
      owed_q      <= 1'b0;
      deficit_q   <= 3'd0;
      wait_q      <= 3'd0;
    end else begin
      if (free) valid_q <= 1'b0;
      if (ends_q != 4'd0 && !take && wait_q != 3'd7) wait_q <= wait_q + 3'd1;
      if (take) begin
        wait_q <= 3'd0;
        fill_q <= full ? behind : reached;
        owed_q <= full && behind >= Words;
        if (in_eop_i) deficit_q <= gap[2:0];
        if (full) begin
          valid_q <= 1'b1;
          sop_q   <= in_sop_i;
          word_q  <= fill_q[3:0];
          eop_q   <= ends_q != 4'd0 || (in_eop_i && taken <= Words);
          {part_data_q, data_q} <= both_data;
          {part_ctl_q, ctl_q}   <= both_ctl;
          ends_q <= (in_eop_i && taken > Words) ? taken[3:0] - Words[3:0] : 4'd0;
        end else begin
          part_data_q <= both_data[DataWidth+63:0];
          part_ctl_q  <= both_ctl[Bytes+7:0];
          ends_q      <= in_eop_i ? taken[3:0] : 4'd0;
        end
      end else if (free && (owed_q || flush)) begin
        valid_q     <= 1'b1;
        sop_q       <= 1'b0;
        eop_q       <= ends_q != 4'd0 && ends_in;
        data_q      <= part_data_q[DataWidth-1:0];
        ctl_q       <= part_ctl_q[Bytes-1:0];
        part_data_q <= {{DataWidth{1'b0}}, part_data_q[DataWidth +: 64]};
        part_ctl_q  <= {{Bytes{1'b0}}, part_ctl_q[Bytes +: 8]};
        ends_q      <= (ends_q != 4'd0 && !ends_in) ? ends_q - Words[3:0] : 4'd0;
        wait_q      <= 3'd0;
        fill_q      <= owed_q ? over : 5'd0;
        owed_q      <= owed_q && over >= Words;
      end
    end
  end

  assign out_valid_o = valid_q;
  assign out_data_o  = data_q;
  assign out_ctl_o   = ctl_q;
  assign out_sop_o   = sop_q;
  assign out_word_o  = word_q;
  assign out_eop_o   = eop_q;
  assign busy_o      = valid_q || ends_q != 4'd0 || owed_q;
endmodule
`default_nettype wire
