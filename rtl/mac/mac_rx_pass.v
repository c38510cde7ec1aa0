// mac_rx_pass - gives the beats of the wire on in passes, each with one start of a frame at most.
//
// Does:    a start is a start control character /S/ in octet 0 of a word (IEEE 802.3 clauses 46.2, 81.2), at 64 bits in
//          lane 4 as well; it begins a frame whatever was before. A beat without a start, and one whose only start
//          runs on into the next beat, is one pass. Any other (runts whole in a beat) is a pass with the octets before
//          the first start (head_o) and one for each start; so is one with a start that comes when the SFD of the start
//          before may not have come yet.
// Handshake: a pass stays while hold_i is high; in_ready_o waits for it, and while a beat is in its passes.
// Time:    time_o of a pass with a start is time_ns_i when the beat came.
// Latency: 1 cycle. Throughput: one pass a cycle.
`default_nettype none
module mac_rx_pass #(
  parameter DataWidth = 64,
  parameter Places    = 2       // where a start may stand: every 4 octets at 64 bits, else every 8
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire [63:0]            time_ns_i,
  input  wire                   in_valid_i,
  output wire                   in_ready_o,
  input  wire [DataWidth-1:0]   in_data_i,
  input  wire [DataWidth/8-1:0] in_ctl_i,
  input  wire                   in_lost_i,
  input  wire [11:0]            in_lost_starts_i,
  input  wire                   hold_i,
  output reg                    valid_o,
  output reg                    head_o,         // first pass of a beat: its octets up to the first control character
  output reg  [Places-1:0]      start_o,        // the start of the pass, or zero
  output reg  [DataWidth-1:0]   data_o,
  output reg  [DataWidth/8-1:0] ctl_o,
  output reg                    lost_o,
  output reg  [11:0]            lost_starts_o,
  output reg  [63:0]            time_o
);
  localparam Bytes = DataWidth / 8;
  localparam Step  = Bytes / Places;

  reg [Places-1:0] rest_q;        // starts whose passes are still to come
  reg              more_q;        // there are some
  reg [1:0]        late_q;        // the beat before, the one before that had a start whose SFD may come later
  assign in_ready_o = !more_q && !hold_i;

  reg [Places-1:0] starts, firsts, others;   // places with a start; with a control character first, behind that
  always @* begin : find
    integer p;
    starts = 0;
    firsts = 0;
    others = 0;
    if (in_ctl_i != 0) begin
      for (p = 0; p < Places; p = p + 1) begin
        firsts[p] = in_ctl_i[Step*p];
        others[p] = in_ctl_i[Step*p + 1 +: Step - 1] != 0;
        starts[p] = in_ctl_i[Step*p] && in_data_i[8*Step*p +: 8] == 8'hFB;
      end
    end
  end
  // Places at or behind the first start: a prefix by doubling. Places is 2, 4 or 8 (at 128 bits 2).
  wire [Places-1:0] from2 = starts | (starts << 1);
  wire [Places-1:0] from4 = from2 | (from2 << 2);
  wire [Places-1:0] from  = from4 | (from4 << 4);
  wire              ends  = ((from & others) | ((from << 1) & firsts)) != 0;   // something behind the first start
  wire              late  = late_q[0] || (DataWidth == 64 && late_q[1]);
  wire              split = ends || (late && starts != 0);
  wire [Places-1:0] one   = rest_q & (~rest_q + 1'b1);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      more_q  <= 1'b0;
      late_q  <= 2'd0;
    end else if (more_q && !hold_i) begin
      head_o  <= 1'b0;
      start_o <= one;
      rest_q  <= rest_q & ~one;
      more_q  <= (rest_q & ~one) != 0;
    end else if (!hold_i) begin
      valid_o <= in_valid_i;
      if (in_valid_i) begin
        head_o        <= 1'b1;
        start_o       <= split ? {Places{1'b0}} : starts;
        rest_q        <= split ? starts : {Places{1'b0}};
        more_q        <= split;
        late_q        <= {late_q[0], starts[Places-1 -: 2] != 2'd0};
        data_o        <= in_data_i;
        ctl_o         <= in_ctl_i;
        lost_o        <= in_lost_i;
        lost_starts_o <= in_lost_starts_i;
        if (starts != 0) time_o <= time_ns_i;
      end
    end
  end
endmodule
`default_nettype wire
