// dma_write_turn - fetches the data of the TLPs that dma_write_cut makes and turns the octets into their lanes.
//
// Window:    the beat on offer above the one before it, without that one's first byte, which is never needed. A TLP beat
//            starts at byte pos (0..Bytes-1) of the window and has n octets; it needs the beat on offer when it ends in
//            there, and then uses that beat up. A request starts at Bytes - 1 + skip - offset: from Bytes on the first
//            beat must become the one before first (`prime`).
// Handshake, abandon: see dma_write.
// Latency:   1 cycle from TLP and data to wr_valid_o. Throughput: a beat a cycle.
`default_nettype none
module dma_write_turn #(
  parameter DataWidth = 512
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   engine_rst_ni,
  output wire                   idle_o,
  output reg                    abandon_o,
  input  wire                   tlp_valid_i,
  output wire                   tlp_take_o,
  input  wire                   tlp_client_i,
  input  wire                   tlp_first_i,
  input  wire                   tlp_last_i,
  input  wire [63:2]            tlp_addr_i,
  input  wire [1:0]             tlp_offset_i,
  input  wire [12:0]            tlp_span_i,
  input  wire [$clog2(DataWidth/8):0] tlp_pos_i,
  input  wire [1:0]             data_valid_i,
  output wire [1:0]             data_ready_o,
  input  wire [2*DataWidth-1:0] data_i,
  output wire                   wr_valid_o,
  input  wire                   wr_ready_i,
  output wire                   wr_sop_o,
  output wire                   wr_eop_o,
  output wire                   wr_last_o,
  output wire                   wr_client_o,
  output wire [63:2]            wr_addr_o,
  output wire [10:0]            wr_len_o,
  output wire [3:0]             wr_first_be_o,
  output wire [3:0]             wr_last_be_o,
  output wire [DataWidth-1:0]   wr_data_o
);
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam PosW  = LaneW + 1;                 // 0..2*Bytes-1
  localparam Two   = 2 * Bytes;

  // A comparison with a power of two without a carry chain: data_ready_o has a long way behind it.
  function one_beat(input [12:0] octets);       // at most Bytes
    one_beat = octets[12:LaneW+1] == 0 && (!octets[LaneW] || octets[LaneW-1:0] == 0);
  endfunction

  // ------------------------------------------------------------ the TLP in hand
  reg [DataWidth-1:0]  before_q;
  reg [LaneW-1:0]      pos_q;
  reg [12:0]           left_q;                  // octets of the TLP after the beats sent
  reg                  middle_q, primed_q;      // inside a TLP; inside a request
  reg                  ends_q;                  // left_q is at most a beat
  wire                 out_free;
  wire                 offered    = tlp_client_i ? data_valid_i[1] : data_valid_i[0];
  wire [PosW-1:0]      pos        = (tlp_first_i && !primed_q) ? tlp_pos_i : {1'b0, pos_q};
  wire [12:0]          left       = middle_q ? left_q : tlp_span_i;
  wire                 ends       = middle_q ? ends_q : one_beat(tlp_span_i);
  wire [PosW-1:0]      n          = ends ? left[PosW-1:0] : Bytes[PosW-1:0];
  wire                 prime      = pos[LaneW];
  wire [PosW-1:0]      reach      = pos + left[PosW-1:0];  // with `ends`: where it ends in the window
  wire                 need       = !ends || reach[LaneW];
  wire                 go         = tlp_valid_i && !abandon_o && !prime && out_free && (offered || !need);
  wire                 take       = tlp_valid_i && !abandon_o && (prime || (out_free && need));
  assign tlp_take_o   = go && ends;
  assign data_ready_o = {take && tlp_client_i, take && !tlp_client_i};

  // Byte enables and Length. A mask of the first DW keeps what stands before the first octet out of the TLP.
  wire [10:0] dws    = tlp_span_i[12:2] + {10'd0, |tlp_span_i[1:0]};
  wire        one_dw = tlp_span_i <= 13'd4;
  wire [3:0]  end_be = {tlp_span_i[1:0] == 2'd0, tlp_span_i[1:0] == 2'd0 || tlp_span_i[1:0] == 2'd3,
                        tlp_span_i[1:0] != 2'd1, 1'b1};
  wire [3:0]  first_be = (4'hF << tlp_offset_i) & (one_dw ? end_be : 4'hF);
  wire [31:0] first_mask = {{8{first_be[3]}}, {8{first_be[2]}}, {8{first_be[1]}}, {8{first_be[0]}}};

  // ------------------------------------------------------------ one beat on its way to pcie
  reg                 out_valid_q, out_sop_q, out_eop_q, out_last_q, out_client_q, drop_q;
  reg [63:2]          out_addr_q;
  reg [10:0]          out_len_q;
  reg [3:0]           out_first_be_q, out_last_be_q;
  reg [DataWidth-1:0] out_data_q;
  wire                drop     = out_sop_q ? abandon_o : drop_q;
  wire                out_take = out_valid_q && (wr_ready_i || drop);
  wire                make_up  = abandon_o && out_free && middle_q;
  assign out_free = !out_valid_q || out_take;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      middle_q  <= 1'b0;
      primed_q  <= 1'b0;
      abandon_o <= 1'b0;
    end else begin
      if (take && offered) begin
        if (tlp_client_i) before_q <= data_i[2*DataWidth-1:DataWidth];
        if (!tlp_client_i) before_q <= data_i[DataWidth-1:0];
        if (prime) begin
          pos_q    <= pos[LaneW-1:0];
          primed_q <= 1'b1;
        end
      end
      if (go) begin
        pos_q    <= ends ? reach[LaneW-1:0] : pos[LaneW-1:0];
        primed_q <= !(ends && tlp_last_i);
      end
      if (go || make_up) begin
        left_q   <= left - {{13-PosW{1'b0}}, n};
        ends_q   <= left <= Two[12:0];
        middle_q <= !ends;
      end
      abandon_o <= !engine_rst_ni || (abandon_o && (middle_q || out_valid_q));
      if (abandon_o) primed_q <= 1'b0;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q <= 1'b0;
      drop_q      <= 1'b0;
    end else begin
      if (out_take) drop_q <= drop && !out_eop_q;
      if (out_take) out_valid_q <= 1'b0;
      if (go || make_up) begin
        out_valid_q <= 1'b1;
        out_sop_q   <= !middle_q;
        out_eop_q   <= ends;
        out_last_q  <= ends && tlp_last_i;
      end
      if (go && !middle_q) begin
        out_client_q   <= tlp_client_i;
        out_addr_q     <= tlp_addr_i;
        out_len_q      <= dws;
        out_first_be_q <= first_be;
        out_last_be_q  <= one_dw ? 4'h0 : end_be;
      end
    end
  end

  // The window from byte pos on. From the largest step to the smallest, so that few lanes above the result are moved. Wide
  // data is touched only where a beat moves; `if` without `else`, of which a simulator would evaluate both sides.
  always @(posedge clk_i) begin : turn
    integer k, i;
    reg [2*DataWidth-1:0] window;
    if (go) begin
      window[DataWidth-1:0] = before_q;
      if (tlp_client_i) window[2*DataWidth-1:DataWidth] = data_i[2*DataWidth-1:DataWidth];
      if (!tlp_client_i) window[2*DataWidth-1:DataWidth] = data_i[DataWidth-1:0];
      for (k = LaneW - 1; k >= 2; k = k - 1)
        if (pos[k]) for (i = 0; i < (Bytes + (1 << k)) / 4; i = i + 1) window[32*i +: 32] = window[32*i + (8 << k) +: 32];
      if (pos[1:0] == 2'd0) window[DataWidth-1:0] = window[8 +: DataWidth];
      if (pos[1:0] == 2'd1) window[DataWidth-1:0] = window[16 +: DataWidth];
      if (pos[1:0] == 2'd2) window[DataWidth-1:0] = window[24 +: DataWidth];
      if (pos[1:0] == 2'd3) window[DataWidth-1:0] = window[32 +: DataWidth];
      window[31:0] = window[31:0] & (first_mask | {32{middle_q}});
      out_data_q <= window[DataWidth-1:0];
    end
    if (make_up) out_data_q <= {DataWidth{1'b0}};
  end

  // ------------------------------------------------------------ outputs
  assign wr_valid_o    = out_valid_q && !drop;
  assign wr_sop_o      = out_sop_q;
  assign wr_eop_o      = out_eop_q;
  assign wr_last_o     = out_last_q;
  assign wr_client_o   = out_client_q;
  assign wr_addr_o     = out_addr_q;
  assign wr_len_o      = out_len_q;
  assign wr_first_be_o = out_first_be_q;
  assign wr_last_be_o  = out_last_be_q;
  assign wr_data_o     = out_data_q;
  assign idle_o        = !out_valid_q && !middle_q && !abandon_o;
endmodule
`default_nettype wire
