// mac_rx_wire - receive side of the XGMII, in the MAC domain: what of the wire is worth passing on.
//
// Does:    registers the wire; passes beats that belong to a frame or start one into the crossing FIFO, and one beat
//          more, so that a frame cut short by idles is seen to end; squashes the rest (idles, ordered sets).
// Loopback: loop_i chooses what is registered. When it turns, one beat of idle comes between, which ends an open frame as
//          a bad one; what follows without a start is nothing.
// Starts:  a start control character /S/ in octet 0 of a word (IEEE 802.3 clauses 46.2, 81.2), at 64 bits in lane 4 as
//          well.
// Overflow: with the FIFO full, beats are lost until it is half empty. The first beat passed then carries lost_o and
//          the number of frame starts among the lost, so that the core side counts every frame hit and none twice.
// Faults:  local and remote fault by the link fault state machine of 46.3.4 / 81.3.4: four ordered sets of one kind
//          with fewer than 128 columns between two of them set it, 128 columns without one clear it. A column is 4
//          octets at 64 bits, else 8. link_up_o: no fault, and since reset a word of idle or a start has been seen.
// Latency: 1 cycle from the pins to fifo_valid_o. Throughput: one beat a cycle.
// quiet_o: no flop will change while the wire shows the same idles (or the same ordered sets) again.
`default_nettype none
module mac_rx_wire #(
  parameter DataWidth = 64,
  parameter DepthLog2 = 6     // of the crossing FIFO
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire [DataWidth-1:0]   xgmii_rxd_i,
  input  wire [DataWidth/8-1:0] xgmii_rxc_i,
  input  wire                   loop_i,              // receive what is sent, not the pins
  input  wire [DataWidth-1:0]   loop_data_i,
  input  wire [DataWidth/8-1:0] loop_ctl_i,
  output wire                   fifo_valid_o,
  input  wire                   fifo_ready_i,
  input  wire [DepthLog2:0]     fifo_count_i,
  output wire [DataWidth-1:0]   fifo_data_o,
  output wire [DataWidth/8-1:0] fifo_ctl_o,
  output wire                   fifo_lost_o,         // beats were lost before this one
  output wire [7:0]             fifo_lost_starts_o,  // with this many starts of frames among them
  output wire                   link_up_o,
  output wire                   local_fault_o,
  output wire                   remote_fault_o,
  output wire                   quiet_o
);
  localparam Bytes    = DataWidth / 8;
  localparam StepOct  = (DataWidth == 64) ? 4 : 8;   // octets between places where a start or ordered set may stand
  localparam Places   = Bytes / StepOct;
  localparam QuietMax = 128 / Places;                // beats that make 128 columns
  localparam QuietW   = $clog2(QuietMax) + 1;
  localparam [QuietW-1:0] QuietEnd = {1'b0, {QuietW-1{1'b1}}};
  localparam Last     = Bytes - 8;                   // first octet of the last word

  reg [DataWidth-1:0] rxd_q;
  reg [Bytes-1:0]     rxc_q;
  reg                 loop_q;
  always @(posedge clk_i) begin
    loop_q <= loop_i && rst_ni;
    if (loop_q != loop_i) begin
      rxd_q <= {Bytes{8'h07}};
      rxc_q <= {Bytes{1'b1}};
    end else begin
      rxd_q <= loop_q ? loop_data_i : xgmii_rxd_i;
      rxc_q <= (loop_q ? loop_ctl_i : xgmii_rxc_i) & {Bytes{rst_ni}};
    end
  end

  // ------------------------------------------------------------ what stands in the beat
  // An ordered set has data octets behind its control character; without such a pair none is looked for.
  reg [3:0] starts, locals, remotes;
  reg       any_idle;
  always @* begin : classify
    integer p;
    starts   = 4'd0;
    locals   = 4'd0;
    remotes  = 4'd0;
    any_idle = rxc_q[0] && rxd_q[7:0] == 8'h07;
    for (p = 0; p < Places; p = p + 1)
      if (rxc_q[p*StepOct] && rxd_q[p*StepOct*8 +: 8] == 8'hFB) starts = starts + 4'd1;
    if ((rxc_q & ~(rxc_q >> 1)) != 0) begin
      for (p = 0; p < Places; p = p + 1) begin
        if (rxc_q[p*StepOct +: 4] == 4'b0001) begin
          if (rxd_q[p*StepOct*8 +: 32] == 32'h0100009C) locals = locals + 4'd1;
          if (rxd_q[p*StepOct*8 +: 32] == 32'h0200009C) remotes = remotes + 4'd1;
        end
      end
    end
  end

  // A frame runs on behind this beat when in the last word nothing ends it, or a start follows what ends it.
  reg runs_on;
  always @* begin : last_word
    integer i;
    runs_on = 1'b1;
    if (rxc_q[Last +: 8] != 0) begin
      for (i = 0; i < 8; i = i + 1) begin
        if (rxc_q[Last + i])
          runs_on = i % StepOct == 0 && rxd_q[(Last + i)*8 +: 8] == 8'hFB;
      end
    end
  end

  // ------------------------------------------------------------ passing on, losing
  reg       open_q;        // the beat before ran on: this one belongs to a frame
  reg       lost_q;
  reg [7:0] lost_starts_q;
  wire      worth = open_q || starts != 4'd0;
  wire      resume = !lost_q || fifo_count_i < (1 << (DepthLog2 - 1));
  wire      pass = (worth || lost_q) && fifo_ready_i && resume;
  wire [8:0] lost_starts_d = {1'b0, lost_starts_q} + {5'd0, starts};

  assign fifo_valid_o       = (worth || lost_q) && resume;
  assign fifo_data_o        = rxd_q;
  assign fifo_ctl_o         = rxc_q;
  assign fifo_lost_o        = lost_q;
  assign fifo_lost_starts_o = lost_starts_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q        <= 1'b0;
      lost_q        <= 1'b0;
      lost_starts_q <= 8'd0;
    end else begin
      open_q <= worth && runs_on;
      if (pass) begin
        lost_q        <= 1'b0;
        lost_starts_q <= 8'd0;
      end else if (worth) begin
        lost_q        <= 1'b1;
        lost_starts_q <= lost_starts_d[8] ? 8'hFF : lost_starts_d[7:0];
      end
    end
  end

  // ------------------------------------------------------------ link fault
  reg              seen_q, fault_q, remote_q;   // remote_q: which kind is counted or set
  reg [2:0]        sets_q;                      // ordered sets seen, up to 4
  reg [QuietW-1:0] quiet_q;                     // beats since the last of them
  wire             any_set = locals != 4'd0 || remotes != 4'd0;
  wire             is_remote = locals == 4'd0;
  wire [4:0]       sets_d = ((sets_q == 3'd0 || is_remote == remote_q) ? {2'b0, sets_q} : 5'd0) +
                            {1'b0, is_remote ? remotes : locals};
  assign link_up_o      = seen_q && !fault_q;
  assign local_fault_o  = fault_q && !remote_q;
  assign remote_fault_o = fault_q && remote_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      seen_q   <= 1'b0;
      fault_q  <= 1'b0;
      remote_q <= 1'b0;
      sets_q   <= 3'd0;
      quiet_q  <= 0;
    end else begin
      if (any_idle || starts != 4'd0) seen_q <= 1'b1;
      if (any_set) begin
        quiet_q  <= 0;
        remote_q <= is_remote;
        sets_q   <= (sets_d >= 5'd4) ? 3'd4 : sets_d[2:0];
        fault_q  <= sets_d >= 5'd4;
      end else if (sets_q != 3'd0) begin
        quiet_q <= quiet_q + 1'b1;
        if (quiet_q == QuietEnd) begin
          fault_q <= 1'b0;
          sets_q  <= 3'd0;
          quiet_q <= 0;
        end
      end
    end
  end
  assign quiet_o = !worth && !lost_q && (sets_q == 3'd0 || any_set);
endmodule
`default_nettype wire
