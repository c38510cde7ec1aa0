// dma_write - memory writes: whole requests of the clients become write TLPs.
//
// Does:       takes a request (any bus byte address, 1..16383 octets) and its data, cuts it into memory writes that
//             hold at most Max_Payload_Size and never cross 4 KB, as few as those two rules allow, and turns the bytes
//             so that a TLP's first DW is at byte 0 of its sop beat. PCI Express Base Specification 2.2.2 (payload),
//             2.2.5 (byte enables), 2.2.7 (4 KB); rules P3, P4, P7 to P10.
// Does not:   build the header's bits, look at credits (pcie does), reorder, merge requests.
// Clients:    0 rx_engine, 1 status and interrupt writer; round robin, a request at a time. Data of a request follows
//             as ceil((skip + len) / Bytes) beats; its first octet is byte `skip` of the first beat. Data never stands
//             before its request: a client may offer it at once, it is taken when its turn comes.
// Handshake:  a request, a beat, a TLP beat moves when valid and ready are high. wr_addr, wr_len and the byte enables
//             hold for all beats of a TLP. Octets whose byte enable is low in the first DW are zero.
// Done:       one pulse for each request, in order, when pcie takes its last beat: what pcie takes later is behind it.
// Bus master: while bus_master_i is low no TLP starts: it is taken and dropped here (`done` comes all the same). This
//             is the one case in which wr_valid_o falls without wr_ready_i.
// Latency:    3 cycles from request to first TLP beat. Throughput: one beat a cycle, also from TLP to TLP and from
//             request to request; one cycle more when an unaligned TLP ends in a beat of its own, or skip is above the
//             offset in the DW.
`default_nettype none
module dma_write #(
  parameter DataWidth = 512,
  parameter SkipW     = $clog2(DataWidth/8)
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  output wire                   idle_o,
  input  wire                   bus_master_i,
  input  wire [2:0]             mps_i,          // 128 << n octets, n 0..5
  // Clients, one slice each
  input  wire [1:0]             req_valid_i,
  output wire [1:0]             req_ready_o,
  input  wire [127:0]           req_addr_i,     // bus address
  input  wire [27:0]            req_len_i,      // octets, 1..16383
  input  wire [2*SkipW-1:0]     req_skip_i,     // octets of the first beat that come before the data
  input  wire [1:0]             data_valid_i,
  output wire [1:0]             data_ready_o,
  input  wire [2*DataWidth-1:0] data_i,
  output wire [1:0]             done_o,
  // Write TLPs to pcie
  output wire                   wr_valid_o,
  input  wire                   wr_ready_i,
  output wire                   wr_sop_o,
  output wire                   wr_eop_o,
  output wire [63:2]            wr_addr_o,
  output wire [10:0]            wr_len_o,       // DWs, 1..1024
  output wire [3:0]             wr_first_be_o,
  output wire [3:0]             wr_last_be_o,
  output wire [DataWidth-1:0]   wr_data_o
);
  localparam Bytes = DataWidth / 8;
  localparam PosW  = SkipW + 1;                 // 0..2*Bytes-1

  // ------------------------------------------------------------ a request
  reg             req_valid_q, req_client_q, req_first_q;
  reg [63:0]      req_addr_q;
  reg [13:0]      req_left_q;
  reg [SkipW-1:0] req_skip_q;
  wire            req_free, cut_free, cut_last;

  wire pick = req_valid_i[1] && (!req_valid_i[0] || !req_client_q);  // both ask: the one that was not served last
  assign req_free    = !req_valid_q || (cut_free && cut_last);
  assign req_ready_o = {req_free && pick, req_free && !pick};

  // ------------------------------------------------------------ the next TLP of it
  wire [1:0]  offset  = req_addr_q[1:0];
  wire [12:0] to_page = 13'd4096 - {1'b0, req_addr_q[11:0]};
  wire [12:0] to_mps  = (13'd128 << mps_i) - {11'd0, offset};
  wire [12:0] most    = (to_page < to_mps) ? to_page : to_mps;
  assign      cut_last = req_left_q <= {1'b0, most};
  wire [12:0] cut     = cut_last ? req_left_q[12:0] : most;
  wire [12:0] span    = cut + {11'd0, offset};          // from the first DW's first octet, 1..4096
  wire [10:0] dws     = span[12:2] + {10'd0, |span[1:0]};
  wire [3:0]  end_be  = {span[1:0] == 2'd0, span[1:0] == 2'd0 || span[1:0] == 2'd3, span[1:0] != 2'd1, 1'b1};
  wire        one_dw  = dws == 11'd1;
  wire        next_page = to_page <= to_mps;            // where the request goes on, if it does

  reg            tlp_valid_q, tlp_client_q, tlp_first_q, tlp_last_q;
  reg [63:2]     tlp_addr_q;
  reg [12:0]     tlp_span_q;
  reg [10:0]     tlp_len_q;
  reg [3:0]      tlp_first_be_q, tlp_last_be_q;
  reg [PosW-1:0] tlp_pos_q;
  wire           tlp_done;
  assign cut_free = !tlp_valid_q || tlp_done;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_q  <= 1'b0;
      req_client_q <= 1'b0;
      tlp_valid_q  <= 1'b0;
    end else begin
      if (cut_free && req_valid_q) begin
        tlp_valid_q    <= 1'b1;
        tlp_client_q   <= req_client_q;
        tlp_first_q    <= req_first_q;
        tlp_last_q     <= cut_last;
        tlp_addr_q     <= req_addr_q[63:2];
        tlp_span_q     <= span;
        tlp_len_q      <= dws;
        tlp_first_be_q <= (4'hF << offset) & (one_dw ? end_be : 4'hF);
        tlp_last_be_q  <= one_dw ? 4'h0 : end_be;
        tlp_pos_q      <= {1'b1, req_skip_q} - {{PosW-2{1'b0}}, offset};
        req_first_q    <= 1'b0;
        req_addr_q     <= {next_page ? req_addr_q[63:12] + 52'd1 : req_addr_q[63:12], req_addr_q[11:0] + cut[11:0]};
        req_left_q     <= req_left_q - {1'b0, cut};
        if (cut_last) req_valid_q <= 1'b0;
      end else if (tlp_done) begin
        tlp_valid_q <= 1'b0;
      end
      if (req_free && req_valid_i != 2'b00) begin
        req_valid_q  <= 1'b1;
        req_client_q <= pick;
        req_first_q  <= 1'b1;
        req_addr_q   <= pick ? req_addr_i[127:64] : req_addr_i[63:0];
        req_left_q   <= pick ? req_len_i[27:14] : req_len_i[13:0];
        req_skip_q   <= pick ? req_skip_i[2*SkipW-1:SkipW] : req_skip_i[SkipW-1:0];
      end
    end
  end

  // ------------------------------------------------------------ the bytes
  // Wide data stands in functions that are called where a beat moves: nothing wide is evaluated in other cycles.
  function [DataWidth-1:0] offer(input [2*DataWidth-1:0] data, input client);
    offer = client ? data[2*DataWidth-1:DataWidth] : data[DataWidth-1:0];
  endfunction
  function [DataWidth-1:0] turn(input [DataWidth-1:0] now, input [DataWidth-1:0] prev, input [SkipW:0] by,
                                input [31:0] mask);
    begin
      turn       = (prev >> {by, 3'b000}) | (now << {Bytes[SkipW:0] - by, 3'b000});
      turn[31:0] = turn[31:0] & mask;
    end
  endfunction

  // The window is the beat on offer above the one before it. A TLP beat starts at byte pos (1..Bytes) of the window and
  // has n octets; it needs the beat on offer when it reaches into it, and then uses that beat up. A request starts at
  // Bytes + skip - offset: beyond Bytes the first beat must become the one before.
  reg [DataWidth-1:0] before_q;
  reg [PosW-1:0]      pos_q;
  reg [12:0]          left_q;                   // octets of the TLP after the beats sent
  reg                 middle_q, primed_q;       // inside a TLP; inside a request
  wire                 offered    = tlp_client_q ? data_valid_i[1] : data_valid_i[0];
  wire [PosW-1:0]      pos        = (tlp_first_q && !primed_q) ? tlp_pos_q : pos_q;
  wire [12:0]          left       = middle_q ? left_q : tlp_span_q;
  wire                 ends       = left <= Bytes[12:0];
  wire [PosW-1:0]      n          = ends ? left[PosW-1:0] : Bytes[PosW-1:0];
  wire                 prime      = pos > Bytes[PosW-1:0];
  wire [PosW:0]        next_pos   = {1'b0, pos} + {1'b0, n};
  wire                 need       = next_pos > Bytes[PosW:0];
  wire                 out_free;
  wire                 go         = tlp_valid_q && !prime && out_free && (offered || !need);
  wire                 take       = tlp_valid_q && (prime || (out_free && need));
  wire [31:0]          first_mask = {{8{tlp_first_be_q[3]}}, {8{tlp_first_be_q[2]}},
                                     {8{tlp_first_be_q[1]}}, {8{tlp_first_be_q[0]}}};
  assign tlp_done     = go && ends;
  assign data_ready_o = {take && tlp_client_q, take && !tlp_client_q};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      middle_q <= 1'b0;
      primed_q <= 1'b0;
    end else begin
      if (take && offered) begin
        before_q <= offer(data_i, tlp_client_q);
        if (prime) begin
          pos_q    <= pos - Bytes[PosW-1:0];
          primed_q <= 1'b1;
        end
      end
      if (go) begin
        pos_q    <= need ? next_pos[PosW-1:0] - Bytes[PosW-1:0] : next_pos[PosW-1:0];
        left_q   <= left - {{13-PosW{1'b0}}, n};
        middle_q <= !ends;
        primed_q <= !(ends && tlp_last_q);
      end
    end
  end

  // ------------------------------------------------------------ one beat on its way to pcie
  reg                 out_valid_q, out_sop_q, out_eop_q, out_last_q, out_client_q, drop_q;
  reg [63:2]          out_addr_q;
  reg [10:0]          out_len_q;
  reg [3:0]           out_first_be_q, out_last_be_q;
  reg [DataWidth-1:0] out_data_q;
  wire                drop     = out_sop_q ? !bus_master_i : drop_q;
  wire                out_take = out_valid_q && (wr_ready_i || drop);
  assign out_free = !out_valid_q || out_take;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q <= 1'b0;
      drop_q      <= 1'b0;
    end else begin
      if (out_take) drop_q <= drop && !out_eop_q;
      if (out_free && out_valid_q) out_valid_q <= 1'b0;
      if (go) begin
        out_valid_q    <= 1'b1;
        out_sop_q      <= !middle_q;
        out_eop_q      <= ends;
        out_last_q     <= ends && tlp_last_q;
        out_client_q   <= tlp_client_q;
        out_addr_q     <= tlp_addr_q;
        out_len_q      <= tlp_len_q;
        out_first_be_q <= tlp_first_be_q;
        out_last_be_q  <= tlp_last_be_q;
        out_data_q     <= turn(offer(data_i, tlp_client_q), before_q, pos, first_mask | {32{middle_q}});
      end
    end
  end

  // ------------------------------------------------------------ outputs
  assign done_o        = {out_take && out_last_q && out_client_q, out_take && out_last_q && !out_client_q};
  assign wr_valid_o    = out_valid_q && !drop;
  assign wr_sop_o      = out_sop_q;
  assign wr_eop_o      = out_eop_q;
  assign wr_addr_o     = out_addr_q;
  assign wr_len_o      = out_len_q;
  assign wr_first_be_o = out_first_be_q;
  assign wr_last_be_o  = out_last_be_q;
  assign wr_data_o     = out_data_q;
  assign idle_o        = !req_valid_q && !tlp_valid_q && !out_valid_q && req_valid_i == 2'b00;
endmodule
`default_nettype wire
