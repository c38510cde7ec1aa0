// mac_rx_scan - looks each pass over before mac_rx_align works on it: where does a frame end, where are its octets?
//
// Does:    finds the control character that ends a frame, the first of the beat in a pass with head, else the first
//          behind the start; and the SFD: the first D5 among the 16 octets behind the start, or, in a pass without a
//          start, among the first 16 of the beat, for a start of the beat before. A control character ends the search.
// Latency: 2 cycles. Throughput: one pass a cycle; all wait while hold_i is high.
`default_nettype none
module mac_rx_scan #(
  parameter DataWidth = 64,
  parameter Places    = 2
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         in_valid_i,
  input  wire                         in_head_i,
  input  wire [Places-1:0]            in_start_i,
  input  wire [DataWidth-1:0]         in_data_i,
  input  wire [DataWidth/8-1:0]       in_ctl_i,
  input  wire                         in_lost_i,
  input  wire [11:0]                  in_lost_starts_i,
  input  wire [63:0]                  in_time_i,
  input  wire                         hold_i,
  output reg                          valid_o,
  output reg                          head_o,
  output reg  [DataWidth-1:0]         data_o,
  output reg                          lost_o,         // in a pass with head
  output reg  [11:0]                  lost_starts_o,
  output reg  [63:0]                  time_o,         // of the start
  output reg                          end_o,          // a control character that ends a frame,
  output reg                          end_clean_o,    //   /T/,
  output reg  [$clog2(DataWidth/8):0] end_pos_o,      //   here
  output reg                          start_o,
  output reg  [4:0]                   count_o,        //   octets behind it in the beat, at most 16
  output reg                          hit_o,          // a D5 or a control character in the window
  output reg                          hit_ctl_o,      //   it is a control character
  output reg  [4:0]                   hit_idx_o,      //   its place there
  output reg  [$clog2(DataWidth/8):0] next_pos_o,     //   place in the beat of the octet behind it
  output wire                         idle_o
);
  localparam Bytes  = DataWidth / 8;
  localparam Step   = Bytes / Places;
  localparam CountW = $clog2(Bytes) + 1;
  localparam Window = (Bytes < 16) ? Bytes : 16;      // octets of a beat among which the SFD is looked for

  reg                 valid1_q, head1_q, lost1_q, start1_q, end1_q, wait1_q;
  reg [DataWidth-1:0] data1_q;
  reg [11:0]          lost_starts1_q;
  reg [63:0]          time1_q;
  reg [CountW-1:0]    end_pos1_q, base1_q;            // base: the window's first octet
  reg [4:0]           count1_q;
  reg [8*Window-1:0]  win1_q;
  reg [Window-1:0]    win_ctl1_q;
  assign idle_o = !in_valid_i && !valid1_q && !valid_o;

  // ------------------------------------------------------------ first cycle: the end, and the window
  wire [Places-1:0] from2 = in_start_i | (in_start_i << 1);
  wire [Places-1:0] from4 = from2 | (from2 << 2);
  wire [Places-1:0] from  = from4 | (from4 << 4);     // at or behind the start
  reg  [Bytes-1:0]  ctl;                              // control characters that may be the end
  reg  [63:0]       upto;                             // octets at or behind the first of them
  // verilator lint_off UNUSEDSIGNAL
  reg  [5:0]        end_pos;                          // with fewer octets its top bits stay zero
  // verilator lint_on UNUSEDSIGNAL
  always @* begin : find_end
    integer p;
    upto    = 64'd0;
    end_pos = 6'd0;
    ctl     = in_ctl_i;
    if (in_ctl_i != 0) begin
      if (!in_head_i)
        for (p = 0; p < Places; p = p + 1) begin
          ctl[Step*p] = in_ctl_i[Step*p] && from[p] && !in_start_i[p];
          ctl[Step*p + 1 +: Step - 1] = in_ctl_i[Step*p + 1 +: Step - 1] & {Step-1{from[p]}};
        end
      upto[Bytes-1:0] = ctl;
      upto = upto | (upto << 1);
      upto = upto | (upto << 2);
      upto = upto | (upto << 4);
      upto = upto | (upto << 8);
      upto = upto | (upto << 16);
      upto = upto | (upto << 32);
      upto = upto & ~(upto << 1);                     // that one alone
      end_pos = {|(upto & 64'hFFFFFFFF00000000), |(upto & 64'hFFFF0000FFFF0000), |(upto & 64'hFF00FF00FF00FF00),
                 |(upto & 64'hF0F0F0F0F0F0F0F0), |(upto & 64'hCCCCCCCCCCCCCCCC), |(upto & 64'hAAAAAAAAAAAAAAAA)};
    end
  end
  reg [8*Window-1:0] win;
  reg [Window-1:0]   win_ctl;
  reg [CountW-1:0]   base, behind;
  wire [DataWidth+8*Window-1:0] far_data = {{8*Window{1'b0}}, in_data_i};
  wire [Bytes+Window-1:0]       far_ctl  = {{Window{1'b0}}, in_ctl_i};
  always @* begin : find_window
    integer p;
    win     = in_data_i[8*Window-1:0];
    win_ctl = in_ctl_i[Window-1:0];
    base    = 0;
    behind  = 0;
    if (in_start_i != 0) begin
      win     = 0;
      win_ctl = 0;
      for (p = 0; p < Places; p = p + 1) begin
        win     = win | (far_data[8*(Step*p + 1) +: 8*Window] & {8*Window{in_start_i[p]}});
        win_ctl = win_ctl | (far_ctl[Step*p + 1 +: Window] & {Window{in_start_i[p]}});
        base    = base | (place(Step*p + 1) & {CountW{in_start_i[p]}});
        behind  = behind | (place(Bytes - 1 - Step*p) & {CountW{in_start_i[p]}});
      end
    end
  end
  // verilator lint_off UNUSEDSIGNAL
  function [CountW-1:0] place(input integer octets);   // at most Bytes
    place = octets[CountW-1:0];
  endfunction
  // verilator lint_on UNUSEDSIGNAL
  wire [7:0] behind8 = {{8-CountW{1'b0}}, behind};
  always @(posedge clk_i) begin
    if (!rst_ni) valid1_q <= 1'b0;
    else if (!hold_i) valid1_q <= in_valid_i;
  end
  always @(posedge clk_i) begin
    if (in_valid_i && !hold_i) begin
      head1_q        <= in_head_i;
      data1_q        <= in_data_i;
      lost1_q        <= in_lost_i;
      lost_starts1_q <= in_lost_starts_i;
      start1_q       <= in_start_i != 0;
      end1_q         <= ctl != 0;
      end_pos1_q     <= {1'b0, end_pos[CountW-2:0]};
      win1_q         <= win;
      win_ctl1_q     <= win_ctl;
      base1_q        <= base;
      count1_q       <= (behind8 >= 8'd16) ? 5'd16 : behind8[4:0];
      if (in_start_i != 0) time1_q <= in_time_i;
    end
  end

  // ------------------------------------------------------------ second cycle: the SFD, and what the end is
  reg        hit, hit_ctl;
  reg [3:0]  hit_idx;
  reg [15:0] found;
  always @* begin : find_sfd
    integer i;
    hit     = 1'b0;
    hit_ctl = 1'b0;
    hit_idx = 4'd0;
    found   = 16'd0;
    if (start1_q || wait1_q) begin
      for (i = 0; i < Window; i = i + 1) found[i] = win1_q[8*i +: 8] == 8'hD5 || win_ctl1_q[i];
      hit = found != 16'd0;
      found = found | (found << 1);
      found = found | (found << 2);
      found = found | (found << 4);
      found = found | (found << 8);
      found = found & ~(found << 1);
      hit_ctl = (found[Window-1:0] & win_ctl1_q) != 0;
      hit_idx = {|(found & 16'hFF00), |(found & 16'hF0F0), |(found & 16'hCCCC), |(found & 16'hAAAA)};
    end
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      wait1_q <= 1'b0;
    end else if (!hold_i) begin
      valid_o <= valid1_q;
      if (valid1_q) wait1_q <= (start1_q || (wait1_q && !end1_q)) && !hit;   // the next pass may hold the SFD
    end
  end
  always @(posedge clk_i) begin
    if (valid1_q && !hold_i) begin
      head_o        <= head1_q;
      data_o        <= data1_q;
      lost_o        <= lost1_q;
      lost_starts_o <= lost_starts1_q;
      end_o         <= end1_q;
      end_clean_o   <= data1_q[8*end_pos1_q[CountW-2:0] +: 8] == 8'hFD;
      end_pos_o     <= end_pos1_q;
      start_o       <= start1_q;
      count_o       <= count1_q;
      hit_o         <= hit;
      hit_ctl_o     <= hit_ctl;
      hit_idx_o     <= {1'b0, hit_idx};
      next_pos_o    <= base1_q + place({28'd0, hit_idx}) + 1'b1;
      if (start1_q) time_o <= time1_q;
    end
  end
endmodule
`default_nettype wire
