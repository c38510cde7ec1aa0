// mac_pause_rx - finds pause frames among the frames received (IEEE 802.3 annex 31B).
//
// Does:    looks at the head of each frame: destination 01-80-C2-00-00-01 or own_addr_i, EtherType 8808, opcode 1. What
//          it says about a frame stands one cycle behind its last beat, and mac_rx_check keeps it for its verdict; when
//          that takes the frame (take_i, one more cycle later), the number of quanta goes to the MAC domain. Of pause
//          times that come faster than they cross the last counts.
// Does not: judge the frame, count the time (mac_pause_wire).
// Latency: 1 cycle from in_valid_i to is_pause_o.
`default_nettype none
module mac_pause_rx #(
  parameter DataWidth = 64
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire [47:0]          own_addr_i,
  input  wire                 in_valid_i,
  input  wire [1:0]           in_beat_i,      // number of the beat in its frame, at most 3
  // verilator lint_off UNUSEDSIGNAL
  input  wire [DataWidth-1:0] in_data_i,      // only the head's fields are looked at
  // verilator lint_on UNUSEDSIGNAL
  output wire                 is_pause_o,
  input  wire                 take_i,
  output wire                 word_valid_o,   // to cdc_word
  input  wire                 word_ready_i,
  output wire [15:0]          word_quanta_o,
  output wire                 idle_o
);
  localparam Bytes = DataWidth / 8;
  localparam [47:0] Multicast = 48'h010000C28001;
  localparam [1:0] TypeBeat  = (Bytes == 8) ? 2'd1 : 2'd0;
  localparam [1:0] QuantBeat = (Bytes == 8) ? 2'd2 : (Bytes == 16) ? 2'd1 : 2'd0;
  localparam TypeAt = 8 * (12 % Bytes), QuantAt = 8 * (16 % Bytes);

  reg        valid_q, address_q, type_q, send_q;
  reg [15:0] quanta_q, before_q, word_q;   // before_q: of the frame whose last beat came the cycle before
  always @(posedge clk_i) begin
    if (in_valid_i) begin
      if (in_beat_i == 2'd0) address_q <= in_data_i[47:0] == Multicast || in_data_i[47:0] == own_addr_i;
      if (in_beat_i == TypeBeat) type_q <= in_data_i[TypeAt +: 32] == 32'h01000888;
      if (in_beat_i == QuantBeat) quanta_q <= {in_data_i[QuantAt +: 8], in_data_i[QuantAt + 8 +: 8]};
    end
  end
  always @(posedge clk_i) begin
    if (valid_q) before_q <= quanta_q;
  end
  always @(posedge clk_i) begin
    valid_q <= in_valid_i && rst_ni;
    if (!rst_ni) send_q <= 1'b0;
    else if (take_i) begin
      send_q <= 1'b1;
      word_q <= before_q;
    end else if (word_ready_i) send_q <= 1'b0;
  end
  assign is_pause_o    = address_q && type_q;
  assign word_valid_o  = send_q;
  assign word_quanta_o = word_q;
  assign idle_o        = !valid_q && !send_q && word_ready_i;
endmodule
`default_nettype wire
