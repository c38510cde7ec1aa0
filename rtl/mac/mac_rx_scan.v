// mac_rx_scan - looks a wire beat over before mac_rx_align works on it: where do frames end and start in it?
//
// Does:    takes a beat, registers it with what stands in it: the end of an open frame (first control character), the
//          first start and the SFD behind it, the SFD of a start in an earlier beat, the last control character. At 64
//          bits a start may stand in lane 4, else in octet 0 of a word only (IEEE 802.3 clauses 46.2, 81.2).
// Again:   mac_rx_align says next_i when it is done with the beat, again_i to have it looked over from octet from_i on
//          (2 cycles), neither to keep it for another pass.
// Latency: 1 cycle. Throughput: one beat a cycle.
`default_nettype none
module mac_rx_scan #(
  parameter DataWidth = 64
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         in_valid_i,
  output wire                         in_ready_o,
  input  wire [DataWidth-1:0]         in_data_i,
  input  wire [DataWidth/8-1:0]       in_ctl_i,
  input  wire                         in_lost_i,
  input  wire [7:0]                   in_lost_starts_i,
  // The beat and what stands in it
  output reg                          valid_o,
  output reg                          first_o,        // nothing has been done with it yet
  output reg  [DataWidth-1:0]         data_o,
  output reg                          lost_o,
  output reg  [7:0]                   lost_starts_o,
  output reg                          end_o,          // a frame that was open ends
  output reg                          end_clean_o,    //   by /T/
  output reg  [$clog2(DataWidth/8):0] end_pos_o,      //   here
  output reg                          start_o,        // a start; it is never before the end
  output reg                          sfd_o,          //   with its SFD in this beat
  output reg                          failed_o,       //   or with none among the 16 octets behind it
  output reg  [$clog2(DataWidth/8):0] start_next_o,   //   first octet behind the SFD or behind the failure
  output reg  [4:0]                   start_count_o,  //   neither: octets behind the start so far
  output reg                          pre_o,          // a D5 or control character among the first 16 octets, looked for
  output reg                          pre_ctl_o,      //   when a start of an earlier beat has no SFD yet
  output reg  [4:0]                   pre_idx_o,
  output reg  [$clog2(DataWidth/8):0] ctl_last_o,     // last control character, when there is one (end_o)
  input  wire                         next_i,
  input  wire                         again_i,
  input  wire [$clog2(DataWidth/8):0] from_i,
  output wire                         idle_o
);
  localparam Bytes   = DataWidth / 8;
  localparam StepOct = (DataWidth == 64) ? 4 : 8;
  localparam Places  = Bytes / StepOct;
  localparam CountW  = $clog2(Bytes) + 1;
  localparam Window  = (Bytes < 16) ? Bytes : 16;      // octets of a beat among which the SFD is looked for
  localparam [CountW-1:0] FullBeat = {1'b1, {CountW-1{1'b0}}};

  reg              rescan_q;
  reg [Bytes-1:0]  ctl_q;
  reg              open_q;        // a start without its SFD has been seen
  reg [CountW-1:0] from_q;
  wire                 load = rescan_q || ((!valid_o || next_i) && in_valid_i);
  wire [DataWidth-1:0] beat = rescan_q ? data_o : in_data_i;
  wire [Bytes-1:0]     all_ctl = rescan_q ? ctl_q : in_ctl_i;
  wire [Bytes-1:0]     ctl  = rescan_q ? all_ctl & ({Bytes{1'b1}} << from_q) : all_ctl;
  wire                 look = load && ctl != 0;
  assign in_ready_o = !rescan_q && (!valid_o || next_i);
  assign idle_o     = !valid_o && !rescan_q && !in_valid_i;

  // ------------------------------------------------------------ end, and last control character
  reg              end_clean;
  reg [CountW-1:0] end_pos, ctl_last;
  always @* begin : find_end
    integer i;
    end_clean = 1'b0;
    end_pos   = 0;
    ctl_last  = 0;
    if (look) begin
      for (i = Bytes - 1; i >= 0; i = i - 1) begin
        if (ctl[i]) begin
          end_clean = beat[8*i +: 8] == 8'hFD;
          end_pos   = i[CountW-1:0];
        end
      end
      for (i = 0; i < Bytes; i = i + 1) if (ctl[i]) ctl_last = i[CountW-1:0];
    end
  end

  // ------------------------------------------------------------ start, and the 16 octets behind it
  reg              start, hit, hit_ctl;
  reg [CountW-1:0] start_pos;
  reg [4:0]        hit_idx;
  reg [8*Window-1:0] win_data;
  reg [Window-1:0] win_ctl;
  always @* begin : find_start
    integer i;
    start     = 1'b0;
    start_pos = 0;
    hit       = 1'b0;
    hit_ctl   = 1'b0;
    hit_idx   = 5'd0;
    win_data  = 0;
    win_ctl   = 0;
    if (look) begin
      for (i = Places - 1; i >= 0; i = i - 1) begin
        if (ctl[i*StepOct] && beat[8*i*StepOct +: 8] == 8'hFB) begin
          start     = 1'b1;
          start_pos = i[CountW-1:0] * StepOct[CountW-1:0];
        end
      end
      if (start) begin
        win_data = window_data((beat >> 8) >> {start_pos, 3'b000});
        win_ctl  = window_ctl((ctl >> 1) >> start_pos);
        for (i = Window - 1; i >= 0; i = i - 1) begin
          if (win_ctl[i] || win_data[8*i +: 8] == 8'hD5) begin
            hit     = 1'b1;
            hit_ctl = win_ctl[i];
            hit_idx = i[4:0];
          end
        end
      end
    end
  end

  // ------------------------------------------------------------ SFD of a start in an earlier beat
  reg       pre, pre_ctl;
  reg [4:0] pre_idx;
  always @* begin : find_sfd
    integer i;
    pre     = 1'b0;
    pre_ctl = 1'b0;
    pre_idx = 5'd0;
    if (load && open_q) begin
      for (i = Window - 1; i >= 0; i = i - 1) begin
        if (ctl[i] || beat[8*i +: 8] == 8'hD5) begin
          pre     = 1'b1;
          pre_ctl = ctl[i];
          pre_idx = i[4:0];
        end
      end
    end
  end

  // Functions that cut the low end out of a shifted vector: what they cut off is unused on purpose.
  // verilator lint_off UNUSEDSIGNAL
  function [8*Window-1:0] window_data(input [DataWidth-1:0] x);
    window_data = x[8*Window-1:0];
  endfunction
  function [Window-1:0] window_ctl(input [Bytes-1:0] x);
    window_ctl = x[Window-1:0];
  endfunction
  function [CountW-1:0] position(input [7:0] x);   // at most Bytes where it is used
    position = x[CountW-1:0];
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  wire [CountW-1:0] behind  = FullBeat - 1'b1 - start_pos;                    // octets of the beat behind the start
  wire [7:0]        behind8 = {{8-CountW{1'b0}}, behind};
  wire              used_up = start && !hit && behind8 >= 8'd16;
  wire [4:0]        skip    = hit ? hit_idx + {4'd0, !hit_ctl} : 5'd16;
  wire [CountW-1:0] start_next = position({{8-CountW{1'b0}}, start_pos} + {3'd0, skip} + 8'd1);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o  <= 1'b0;
      rescan_q <= 1'b0;
      open_q   <= 1'b0;
    end else if (load) begin
      valid_o       <= 1'b1;
      first_o       <= !rescan_q;
      rescan_q      <= 1'b0;
      end_o         <= look;
      end_clean_o   <= end_clean;
      end_pos_o     <= end_pos;
      start_o       <= start;
      sfd_o         <= hit && !hit_ctl;
      failed_o      <= (hit && hit_ctl) || used_up;
      start_next_o  <= start_next;
      start_count_o <= behind8[4:0];
      pre_o         <= pre;
      pre_ctl_o     <= pre_ctl;
      pre_idx_o     <= pre_idx;
      open_q        <= start ? !hit && !used_up : open_q && !pre;
      ctl_last_o    <= ctl_last;
      if (!rescan_q) begin
        data_o        <= in_data_i;
        ctl_q         <= in_ctl_i;
        lost_o        <= in_lost_i;
        lost_starts_o <= in_lost_starts_i;
      end
    end else if (again_i) begin
      valid_o  <= 1'b0;
      rescan_q <= 1'b1;
      from_q   <= from_i;
    end else begin
      first_o <= 1'b0;
      if (next_i) valid_o <= 1'b0;
    end
  end
endmodule
