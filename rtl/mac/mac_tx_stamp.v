// mac_tx_stamp - time of departure of the frames that asked for it.
//
// Does:    numbers the frames taken from the core and notes which asked; when the count of frames started on the wire,
//          which crosses back from the MAC domain, passes such a number: one pulse with the time. In order, one for
//          each, also for frames that a link fault threw away at that point. Not for frames that were taken before a flush
//          has ended: who asked has forgotten them (a soft reset waits for the wire, but not for ever).
// Time:    time_ns_i, 2 to 3 core cycles after the edge that puts /S/ on the pins (the crossing), one more when starts
//          come faster than core cycles.
`default_nettype none
module mac_tx_stamp #(
  parameter CountW = 9            // of the counts, modulo 2^CountW
) (
  input  wire              clk_i,
  input  wire              rst_ni,
  input  wire [63:0]       time_ns_i,
  input  wire              sop_i,       // the first beat of a frame is taken
  input  wire              asked_i,
  input  wire              flush_i,     // high for two cycles at least
  input  wire [CountW-1:0] started_i,   // frames started on the wire
  output reg               valid_o,
  output reg  [63:0]       time_o,
  output wire              idle_o
);
  // Frames between here and the wire: 16384 octets of 72 at least in the crossing, and a few before it. Below 256.
  reg              asked [0:255];
  reg [7:0]        taken_q;
  reg [CountW-1:0] told_q;
  wire             tell = told_q != started_i;
  reg              old_q;               // frames up to old_end_q are of before a flush
  reg  [7:0]       old_end_q;
  wire             old  = old_q && told_q[7:0] != old_end_q;
  assign idle_o = !tell && !valid_o;

  always @(posedge clk_i) begin
    if (sop_i) asked[taken_q] <= asked_i;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) old_q <= 1'b0;
    else if (flush_i || old_q) old_q <= flush_i || old;
    if (flush_i) old_end_q <= taken_q;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      taken_q <= 8'd0;
      told_q  <= 0;
      valid_o <= 1'b0;
    end else begin
      if (sop_i) taken_q <= taken_q + 8'd1;
      if (tell) told_q <= told_q + 1'b1;
      valid_o <= tell && asked[told_q[7:0]] && !flush_i && !old;
      if (tell) time_o <= time_ns_i;
    end
  end
endmodule
`default_nettype wire
