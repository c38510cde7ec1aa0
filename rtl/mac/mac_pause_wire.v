// mac_pause_wire - pause in the MAC domain: the time a received pause lasts, and the pause frames of our own.
//
// Does:    counts a received pause in quanta of 512 bit times of the wire; paused_o holds back the next frame of the
//          core. A new pause takes the place of the old one, 0 ends it; with obey_i low there is none. Sends the frame
//          that mac_pause_tx made, and again at half of its time until another one comes; not more often than each
//          MinGap beats. A refresh waits for the frame under way: 141 quanta for one of 9018 octets, 24 for one of
//          1518. So a pause below 300 quanta may run out; one below 128 when no frame above 1518 octets is sent.
// Handshake: want_o until start_i, then the beats of a whole frame with its gap, one a cycle, while sending_o.
// Beats:   stored so that zero is idle (mac_tx_pack).
// Quiet:   quiet_o while no time is being counted and nothing is wanted.
`default_nettype none
module mac_pause_wire #(
  parameter DataWidth = 64
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   obey_i,
  input  wire                   rx_valid_i,     // a pause time was received
  input  wire [15:0]            rx_quanta_i,
  output wire                   paused_o,
  input  wire                   tx_valid_i,     // another frame is to be sent; taken when it starts
  output wire                   tx_ready_o,
  input  wire [95:0]            tx_word_i,      // FCS, quanta, source address
  output wire                   want_o,
  input  wire                   start_i,        // the wire is free from the next beat on
  output wire                   sending_o,
  output reg  [DataWidth-1:0]   data_o,
  output reg  [DataWidth/8-1:0] ctl_o,
  output wire                   quiet_o
);
  localparam Bytes     = DataWidth / 8;
  localparam PerQuant  = 512 / DataWidth;           // beats in a quantum
  localparam Shift     = $clog2(PerQuant);
  localparam TimeW     = 19;                        // of 65535 quanta in beats of 64 bits
  localparam Beats     = (DataWidth == 64) ? 11 : (DataWidth == 128) ? 6 : (DataWidth == 256) ? 3 : 2;
  localparam [3:0] LastBeat = Beats[3:0] - 4'd1;
  localparam [TimeW-1:0] MinGap = 64;
  localparam Octets    = 128;
  localparam FrameEnd  = 72;                        // preamble and frame; /T/ stands here

  // ------------------------------------------------------------ pause received
  reg [TimeW-1:0] left_q;                           // beats, this one included
  reg             paused_q;
  wire [TimeW-1:0] rx_time = {3'd0, rx_quanta_i} << Shift;
  assign paused_o = paused_q;
  always @(posedge clk_i) begin
    if (!rst_ni || !obey_i) begin
      left_q   <= 0;
      paused_q <= 1'b0;
    end else if (rx_valid_i) begin
      left_q   <= rx_time;
      paused_q <= rx_quanta_i != 16'd0;
    end else if (paused_q) begin
      left_q   <= left_q - 1'b1;
      paused_q <= left_q != 1;
    end
  end

  // ------------------------------------------------------------ pause frames of our own
  reg [95:0]       word_q;
  reg              repeat_q;                        // the frame in word_q asks for a pause
  reg [TimeW-1:0]  until_q;                         // beats until it goes out again
  reg              due_q;
  reg              sending_q;
  reg [3:0]        beat_q;
  wire [TimeW-1:0] half = ({3'd0, word_q[63:48]} << Shift) >> 1;
  assign want_o     = (tx_valid_i || due_q) && !sending_q;
  assign tx_ready_o = want_o && start_i;
  assign sending_o  = sending_q;
  assign quiet_o    = !paused_q && !repeat_q && !sending_q && !tx_valid_i && !rx_valid_i;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      repeat_q  <= 1'b0;
      due_q     <= 1'b0;
      sending_q <= 1'b0;
      until_q   <= 0;
    end else if (want_o && start_i) begin
      if (tx_valid_i) begin
        word_q   <= tx_word_i;
        repeat_q <= tx_word_i[63:48] != 16'd0;
      end
      due_q     <= 1'b0;
      sending_q <= 1'b1;
      beat_q    <= 4'd0;
    end else begin
      if (sending_q) begin
        beat_q <= beat_q + 4'd1;
        if (beat_q == LastBeat) sending_q <= 1'b0;
        until_q <= (half > MinGap) ? half : MinGap;
      end else if (repeat_q && !due_q) begin
        until_q <= until_q - 1'b1;
        due_q   <= until_q == 1;
      end
    end
  end

  // The frame as octets from /S/ on, XOR idle.
  wire [8*FrameEnd-1:0] frame = {word_q[95:64], 336'd0, word_q[55:48], word_q[63:56], 32'h01000888, word_q[47:0],
                                 48'h010000C28001, 64'hD5555555555555FB};
  wire [8*Octets-1:0]   image = {{8*(Octets-FrameEnd-1){1'b0}}, 8'hFD ^ 8'h07, frame ^ {FrameEnd{8'h07}}};
  wire [Octets-1:0]     marks = {{Octets-FrameEnd{1'b0}}, {FrameEnd-1{1'b1}}, 1'b0};   // data octets
  always @* begin : pick
    integer i;
    data_o = 0;
    ctl_o  = 0;
    if (sending_q) begin
      for (i = 0; i < Beats; i = i + 1) begin
        if (beat_q == i[3:0]) begin
          data_o = image[DataWidth*i +: DataWidth];
          ctl_o  = marks[Bytes*i +: Bytes];
        end
      end
    end
  end
endmodule
`default_nettype wire
