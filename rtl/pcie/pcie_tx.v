// pcie_tx - sends posted writes, read requests and completions in an order the standard allows, within the credits.
//
// Does:      headers (Base Specification 2.2.4.1: 3 DWs when address[63:32] is zero, else 4; TC 0, attributes 0), order
//            (2.4.1), credits of all six kinds (2.6.1).
// Order:     posted writes leave in the order taken. A read or completion waits for the posted writes that were in the
//            queue when it came to be next; it never waits for later ones, so they cannot starve it. A posted write or
//            a completion passes a read that lacks credits; a posted write passes a completion that does.
// Handshake: wr_* fills the queue (32 beats); rdreq_ready_o is high in the cycle in which the request leaves, so a
//            request that waits can still be withdrawn; completions valid and ready. tx_tlp_*: ready latency of 2 from
//            the pin, one of it is the input register, the other the output register here.
// Latency:   wr_* 2 cycles, rdreq_* and completions 1; a change of the credits acts 1 cycle later. Throughput: a beat in
//            each cycle, also for TLPs of one beat.
// Done:      done_o pulses for a client when the last TLP of a request of its (wr_last_i) has left the queue, to the pins
//            or dropped: nothing that is asked for later passes it, and who saw bus_master_i low since it asked knows that
//            it may be lost.
// Drops:     while engine_rst_ni or bus_master_i is low, posted writes of the queue that have not started on the pins; one
//            that has goes on to its end. Those of before a reset are forgotten without `done`. When the reset has ended,
//            or bus mastering is on again, no new write is let in (wr_ready_o is low at a sop) until the queue is empty
//            of them, so nothing that comes afterwards is dropped.
`default_nettype none
module pcie_tx #(
  parameter DataWidth = 512
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 engine_rst_ni,
  input  wire                 bus_master_i,
  output reg                  idle_o,
  input  wire [15:0]          bdf_i,
  // Posted writes
  input  wire                 wr_valid_i,
  output wire                 wr_ready_o,
  input  wire                 wr_sop_i,
  input  wire                 wr_eop_i,
  input  wire                 wr_last_i,     // with wr_eop_i: of its request, wr_client_i's
  input  wire                 wr_client_i,
  input  wire [63:2]          wr_addr_i,
  input  wire [10:0]          wr_len_i,
  input  wire [3:0]           wr_first_be_i,
  input  wire [3:0]           wr_last_be_i,
  input  wire [DataWidth-1:0] wr_data_i,
  output wire [1:0]           done_o,
  // Read requests
  input  wire                 rdreq_valid_i,
  output wire                 rdreq_ready_o,
  input  wire [63:2]          rdreq_addr_i,
  input  wire [10:0]          rdreq_len_i,
  input  wire [3:0]           rdreq_first_be_i,
  input  wire [3:0]           rdreq_last_be_i,
  input  wire [7:0]           rdreq_tag_i,
  // Completions
  input  wire                 cpl_valid_i,
  output wire                 cpl_ready_o,
  input  wire [95:0]          cpl_hdr_i,
  input  wire [63:0]          cpl_data_i,
  // TLPs
  output reg                  tlp_valid_o,
  output reg                  tlp_sop_o,
  output reg                  tlp_eop_o,
  output reg  [127:0]         tlp_hdr_o,
  output reg  [DataWidth-1:0] tlp_data_o,
  input  wire                 tlp_ready_i,
  input  wire [7:0]           fc_ph_i,
  input  wire [11:0]          fc_pd_i,
  input  wire [7:0]           fc_nph_i,
  input  wire [11:0]          fc_npd_i,
  input  wire [7:0]           fc_cplh_i,
  input  wire [11:0]          fc_cpld_i,
  output wire                 ev_read_tlp_o,
  output wire                 ev_write_tlp_o
);
  localparam FifoLog2 = 5;
  localparam PostedW  = 4 + 62 + 11 + 9 + 8 + DataWidth;

  // ------------------------------------------------------------ queue of posted writes
  wire                 p_valid, p_pop, p_sop, p_eop, p_last, p_client;
  wire [63:2]          p_addr;
  wire [10:0]          p_len;
  wire [3:0]           p_first_be, p_last_be;
  wire [8:0]           p_units;      // data credits
  wire [8:0]           wr_units = wr_len_i[10:2] + {8'd0, |wr_len_i[1:0]};
  wire                 room;
  reg                  flush_q, stale_q;   // drop what there is; it is of before a reset
  wire [DataWidth-1:0] p_data;
  wire [FifoLog2:0]    p_beats;
  sync_fifo #(.Width(PostedW), .DepthLog2(FifoLog2)) u_posted (
    .clk_i(clk_i), .rst_ni(rst_ni), .wr_valid_i(wr_valid_i && wr_ready_o), .wr_ready_o(room),
    .wr_data_i({wr_sop_i, wr_eop_i, wr_last_i, wr_client_i, wr_addr_i, wr_len_i, wr_units, wr_first_be_i, wr_last_be_i,
                wr_data_i}),
    .rd_valid_o(p_valid), .rd_ready_i(p_pop),
    .rd_data_o({p_sop, p_eop, p_last, p_client, p_addr, p_len, p_units, p_first_be, p_last_be, p_data}), .count_o(p_beats)
  );
  assign wr_ready_o = room && !(wr_sop_i && flush_q && (stale_q || bus_master_i));

  // TLPs that have begun to enter the queue and have not left it.
  reg  [FifoLog2:0] tlps_q;
  wire              tlp_in  = wr_valid_i && wr_ready_o && wr_sop_i;
  wire              tlp_out = p_pop && p_eop;
  assign done_o = {p_client, !p_client} & {2{tlp_out && p_last && !stale_q}};
  always @(posedge clk_i) begin
    if (!rst_ni) tlps_q <= 0;
    else if (tlp_in != tlp_out) tlps_q <= tlp_in ? tlps_q + 1'b1 : tlps_q - 1'b1;
  end

  // ------------------------------------------------------------ order: how many posted TLPs are still ahead of the
  // read and of the completion that are next
  reg               rd_seen_q, cpl_seen_q;
  reg  [FifoLog2:0] rd_ahead_q, cpl_ahead_q;
  wire [FifoLog2:0] rd_ahead  = rd_seen_q ? rd_ahead_q : tlps_q;
  wire [FifoLog2:0] cpl_ahead = cpl_seen_q ? cpl_ahead_q : tlps_q;
  always @(posedge clk_i) begin
    if (!rst_ni) rd_seen_q <= 1'b0;
    else rd_seen_q <= rdreq_valid_i && !rdreq_ready_o;
    if (rdreq_valid_i) rd_ahead_q <= rd_ahead - {{FifoLog2{1'b0}}, tlp_out && rd_ahead != 0};
  end
  always @(posedge clk_i) begin
    if (!rst_ni) cpl_seen_q <= 1'b0;
    else cpl_seen_q <= cpl_valid_i && !cpl_ready_o;
    if (cpl_valid_i) cpl_ahead_q <= cpl_ahead - {{FifoLog2{1'b0}}, tlp_out && cpl_ahead != 0};
  end

  // ------------------------------------------------------------ credits: limit - consumed modulo 2^n, nothing when it is
  // above 2^(n-1). What is left is kept in flops, exact but for the age of the limit.
  reg  [7:0]  ph_q, nph_q, cplh_q;
  reg  [11:0] pd_q, cpld_q;
  reg         ph_ok_q, nph_ok_q, cplh_ok_q, cpld_ok_q;
  reg  [11:0] pd_left_q;
  wire        p_start, rd_go, cpl_go;
  wire        cpl_data = cpl_hdr_i[94];
  function ok8(input [7:0] left);
    ok8 = left != 8'd0 && left <= 8'd128;
  endfunction
  function [11:0] left12(input [11:0] left);
    left12 = left > 12'd2048 ? 12'd0 : left;
  endfunction
  function ok12(input [11:0] left);
    ok12 = left != 12'd0 && left <= 12'd2048;
  endfunction
  wire [7:0]  ph_left   = fc_ph_i - ph_q;
  wire [7:0]  nph_left  = fc_nph_i - nph_q;
  wire [7:0]  cplh_left = fc_cplh_i - cplh_q;
  wire [11:0] pd_left   = fc_pd_i - pd_q;
  wire [11:0] cpld_left = fc_cpld_i - cpld_q;
  always @(posedge clk_i) begin
    if (!rst_ni) {ph_ok_q, nph_ok_q, cplh_ok_q, cpld_ok_q, pd_left_q} <= 16'd0;
    else begin
      ph_ok_q   <= ok8(ph_left);
      nph_ok_q  <= ok8(nph_left);
      cplh_ok_q <= ok8(cplh_left);
      cpld_ok_q <= ok12(cpld_left);
      pd_left_q <= left12(pd_left);
      if (p_start) ph_ok_q <= ok8(ph_left - 8'd1);
      if (rd_go) nph_ok_q <= ok8(nph_left - 8'd1);
      if (cpl_go) cplh_ok_q <= ok8(cplh_left - 8'd1);
      if (cpl_go && cpl_data) cpld_ok_q <= ok12(cpld_left - 12'd1);
      if (p_start) pd_left_q <= left12(pd_left - {3'd0, p_units});
    end
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {ph_q, nph_q, cplh_q} <= 24'd0;
      {pd_q, cpld_q}        <= 24'd0;
    end else begin
      if (p_start) ph_q <= ph_q + 8'd1;
      if (p_start) pd_q <= pd_q + {3'd0, p_units};
      if (rd_go) nph_q <= nph_q + 8'd1;
      if (cpl_go) cplh_q <= cplh_q + 8'd1;
      if (cpl_go && cpl_data) cpld_q <= cpld_q + 12'd1;
    end
  end
  wire        p_credit   = ph_ok_q && {3'd0, p_units} <= pd_left_q;
  wire        cpl_credit = cplh_ok_q && (cpld_ok_q || !cpl_data);

  // ------------------------------------------------------------ choice: completions first (they are few), posted
  // writes and reads in turn
  reg  in_posted_q, rd_turn_q, flush_mid_q;   // flush_mid: a TLP that is dropped has not ended
  wire free    = tlp_ready_i && !in_posted_q;
  wire p_can   = p_valid && p_credit && !flush_q && bus_master_i;
  wire rd_can  = rdreq_valid_i && rd_ahead == 0 && nph_ok_q;
  assign cpl_go  = free && cpl_valid_i && cpl_ahead == 0 && cpl_credit;
  assign rd_go   = free && !cpl_go && rd_can && (rd_turn_q || !p_can);
  assign p_start = free && !cpl_go && !rd_go && p_can;
  wire p_old   = p_valid || flush_mid_q || in_posted_q;
  wire p_flush = flush_q && !in_posted_q && p_valid;
  wire p_go    = p_start || (tlp_ready_i && in_posted_q && p_valid);
  assign p_pop         = p_go || p_flush;
  assign rdreq_ready_o = rd_go;
  assign cpl_ready_o   = cpl_go;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      in_posted_q <= 1'b0;
      rd_turn_q   <= 1'b0;
      flush_q     <= 1'b0;
      stale_q     <= 1'b0;
      flush_mid_q <= 1'b0;
    end else begin
      if (p_go) in_posted_q <= !p_eop;
      if (p_start || rd_go) rd_turn_q <= p_start;
      if (p_flush) flush_mid_q <= !p_eop;
      flush_q <= !engine_rst_ni || !bus_master_i || (flush_q && p_old);
      stale_q <= !engine_rst_ni || (stale_q && p_old);
    end
  end
  // ------------------------------------------------------------ output register
  // Path step T8: descriptor and payload reads leave here; R4, R5, T10: writes to the host.
  always @(posedge clk_i) begin : header
    reg [63:2] addr;
    reg [9:0]  len;
    reg [7:0]  be;
    reg        dw4;
    if (!rst_ni) tlp_valid_o <= 1'b0;
    else tlp_valid_o <= cpl_go || rd_go || p_go;
    if (rd_go || p_start) begin
      addr = rd_go ? rdreq_addr_i : p_addr;
      len  = rd_go ? rdreq_len_i[9:0] : p_len[9:0];
      be   = rd_go ? {rdreq_last_be_i, rdreq_first_be_i} : {p_last_be, p_first_be};
      dw4  = addr[63:32] != 32'd0;
      tlp_hdr_o[127:64] <= {1'b0, !rd_go, dw4, 5'b00000, 14'd0, len, bdf_i, rd_go ? rdreq_tag_i : 8'd0, be};
      tlp_hdr_o[63:0]   <= dw4 ? {addr, 2'b00} : {addr[31:2], 2'b00, 32'd0};
    end
    if (cpl_go) tlp_hdr_o <= {cpl_hdr_i, 32'd0};
    if (cpl_go || rd_go || p_go) begin
      tlp_sop_o <= !in_posted_q;
      tlp_eop_o <= !p_go || p_eop;
    end
    if (p_go) tlp_data_o <= p_data;
    else if (cpl_go) tlp_data_o[63:0] <= cpl_data_i;
  end

  assign ev_read_tlp_o  = rd_go;
  assign ev_write_tlp_o = p_start;
  // The credits are settled, that is, they change no more while nothing goes.
  always @(*) begin
    idle_o = 1'b0;
    if (!p_valid && !cpl_valid_i && !rdreq_valid_i && !wr_valid_i && !tlp_valid_o && (!flush_q || !bus_master_i))
      idle_o = {ok8(ph_left), ok8(nph_left), ok8(cplh_left), ok12(cpld_left), left12(pd_left)} ==
               {ph_ok_q, nph_ok_q, cplh_ok_q, cpld_ok_q, pd_left_q};
  end
  wire unused = &{1'b0, p_sop, p_beats, fc_npd_i, rdreq_len_i[10], p_len[10]};
endmodule
`default_nettype wire
