// pcie_rx - sorts the TLPs of the host: completions straight to the DMA engine, requests into one queue in order.
//
// Does:      parses the header beside the sop beat (Base Specification 2.2), checks the rules whose breach makes a TLP
//            malformed (2.2.1 defined Fmt/Type, 2.2.2 payload within Max_Payload_Size and as long as Length says),
//            keeps the credits (2.6.1). Everything about a request is decided on its sop beat, because a request that
//            is carried out has at most 8 octets of data.
// Does not:  look at address, byte enables or configuration: pcie_target does. Reserved fields are ignored (2.2.1).
// Handshake: no back-pressure on the TLP side. Requests: valid and ready. Completions: none, combinational from the
//            input; fields valid with sop, cpl_poisoned_o is also high on the last beat of a completion that ends
//            before its Length; its data must not be used. One that does not end there has more beats than Length.
// Credits:   PH 8, PD 64 (one payload of 1024 octets), NPH 8, NPD 8. Posted ones come back when the request has been
//            carried out or dropped, non-posted ones when its completion has been sent (np_return_i): so the
//            completion queue always has room and a request never waits for the host's credits; writes behind a read
//            go on (2.4.1, deadlock avoidance). Data credits come back at once: what is kept of the data, 8 octets, has
//            its place in the request's own entry.
// Drops:     malformed TLPs, completions for another requester or of a locked read, memory writes that are poisoned or
//            longer than 2 DWs, messages that are not supported, requests beyond the credits: one cycle of drop_o each.
//            Messages that an endpoint has to take or to ignore (2.2.8: Unlock, PM_Active_State_Nak, PME_Turn_Off, the
//            Ignored Messages, Set_Slot_Power_Limit, vendor-defined type 1) have no effect, they are not counted.
`default_nettype none
module pcie_rx #(
  parameter DataWidth = 512
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  output wire                 idle_o,
  input  wire                 tlp_valid_i,
  input  wire                 tlp_sop_i,
  input  wire                 tlp_eop_i,
  input  wire [127:0]         tlp_hdr_i,
  input  wire [DataWidth-1:0] tlp_data_i,
  output wire [7:0]           fc_ph_o,
  output wire [11:0]          fc_pd_o,
  output wire [7:0]           fc_nph_o,
  output wire [11:0]          fc_npd_o,
  input  wire [2:0]           mps_i,
  input  wire [15:0]          bdf_i,
  // Completions
  output wire                 cpl_valid_o,
  output wire                 cpl_sop_o,
  output wire                 cpl_eop_o,
  output wire [7:0]           cpl_tag_o,
  output wire [2:0]           cpl_status_o,
  output wire [12:0]          cpl_byte_count_o,
  output wire [6:0]           cpl_lower_addr_o,
  output wire [10:0]          cpl_len_o,
  output wire                 cpl_poisoned_o,
  output wire [DataWidth-1:0] cpl_data_o,
  // Requests, one at a time
  output wire                 req_valid_o,
  input  wire                 req_ready_i,
  output wire [2:0]           req_kind_o,       // Kind* below
  output wire [2:0]           req_tc_o,
  output wire [2:0]           req_attr_o,
  output wire [15:0]          req_requester_o,
  output wire [7:0]           req_tag_o,
  output wire [3:0]           req_first_be_o,
  output wire [3:0]           req_last_be_o,
  output wire [10:0]          req_len_o,        // DWs, 1..1024
  output wire [63:2]          req_addr_o,       // configuration: DW 2 of the header in [31:2]
  output wire [63:0]          req_data_o,
  output wire                 req_poisoned_o,
  input  wire                 posted_return_i,  // the posted request at the head is done
  input  wire                 np_return_i,      // a completion has been sent
  output wire                 drop_o,
  // Why, one cycle each; what is none of these was dropped as poisoned
  output wire                 malformed_o,
  output wire                 unexpected_o,     // a completion for another requester, or of a locked read
  output wire                 posted_ur_o,      // a write longer than 2 DWs, a message that is not supported
  output wire                 poisoned_o,       // something poisoned came in:
  output wire                 poisoned_cpl_o    //   a completion
);
  localparam KindMemRead = 3'd0, KindMemWrite = 3'd1, KindCfgRead = 3'd2, KindCfgWrite = 3'd3,
             KindOther = 3'd4, KindLockedRead = 3'd5, KindAtomic = 3'd6, KindCas = 3'd7;
  localparam BeatLog2  = $clog2(DataWidth / 32);  // DWs of a beat
  localparam ReqW      = 1 + 3 + 3 + 3 + 16 + 8 + 8 + 11 + 62 + 64;
  localparam InitialPh = 8'd8, InitialNph = 8'd8;
  localparam InitialPd = 12'd64, InitialNpd = 12'd8;

  // ------------------------------------------------------------ header, valid with sop
  wire [2:0]  fmt    = tlp_hdr_i[127:125];
  wire [4:0]  typ    = tlp_hdr_i[124:120];
  wire        data   = fmt[1];
  wire        dw4    = fmt[0];
  wire        ep     = tlp_hdr_i[110];
  wire [10:0] length = {tlp_hdr_i[105:96] == 10'd0, tlp_hdr_i[105:96]};

  // Worked out with sop only, else zero.
  wire       sop      = tlp_valid_i && tlp_sop_i;
  wire       one_beat = !data || length <= (11'd1 << BeatLog2);
  wire       too_long = data && length > (11'd32 << mps_i);
  reg        is_mem, is_locked, is_io, is_cfg0, is_cfg1, is_cpl, is_cpl_lk, is_msg, is_add, is_cas, posted, nonposted;
  reg        malformed;
  always @(*) begin : decode
    {is_mem, is_locked, is_io, is_cfg0, is_cfg1, is_cpl, is_cpl_lk, is_msg, is_add, is_cas, posted, nonposted} = 12'd0;
    malformed = 1'b0;
    if (sop) begin
      is_mem    = !fmt[2] && typ == 5'b00000;
      is_locked = fmt[2:1] == 2'b00 && typ == 5'b00001;
      is_io     = !fmt[2] && !dw4 && typ == 5'b00010;
      is_cfg0   = !fmt[2] && !dw4 && typ == 5'b00100;
      is_cfg1   = !fmt[2] && !dw4 && typ == 5'b00101;
      is_cpl    = !fmt[2] && !dw4 && typ == 5'b01010;
      is_cpl_lk = !fmt[2] && !dw4 && typ == 5'b01011;
      is_msg    = !fmt[2] && dw4 && typ[4:3] == 2'b10;
      is_add    = fmt[2:1] == 2'b01 && (typ == 5'b01100 || typ == 5'b01101);
      is_cas    = fmt[2:1] == 2'b01 && typ == 5'b01110;
      posted    = (is_mem && data) || is_msg;
      nonposted = (is_mem && !data) || is_locked || is_io || is_cfg0 || is_cfg1 || is_add || is_cas;
      // Only what fits a beat can be checked for its end; longer requests are dropped or answered without their data.
      malformed = !(posted || nonposted || is_cpl || is_cpl_lk) || too_long || (one_beat && !tlp_eop_i) ||
                  (!one_beat && tlp_eop_i && !is_cpl);
    end
  end

  // ------------------------------------------------------------ checks
  wire stray     = is_cpl_lk || tlp_hdr_i[63:48] != bdf_i;  // of no use to the DMA engine
  wire cpl_good  = is_cpl && !malformed && !stray;
  wire req_good  = nonposted || (is_mem && !ep && length <= 11'd2);
  reg  msg_ur;
  always @(*) begin
    msg_ur = 1'b0;
    if (is_msg)
      case (tlp_hdr_i[71:64])                    // Message Code
        8'h00, 8'h14, 8'h19, 8'h40, 8'h41, 8'h43, 8'h44, 8'h45, 8'h47, 8'h48, 8'h50, 8'h7F: ;
        default: msg_ur = 1'b1;
      endcase
  end
  wire req_push  = sop && !malformed && !is_cpl && req_good;
  wire req_room;
  wire req_drop  = sop && ((malformed && !posted && !nonposted) || ((is_cpl || is_cpl_lk) && !cpl_good) ||
                           ((posted || nonposted) && (malformed || msg_ur || (!is_msg && !req_good) || (req_push && !req_room))));

  // ------------------------------------------------------------ completions
  // Path step T8: data of a DMA read enters the NIC here.
  reg        in_cpl_q;
  reg [10:0] cpl_left_q;  // DWs still to come after this beat
  wire       cpl_last = tlp_sop_i ? one_beat : cpl_left_q <= (11'd1 << BeatLog2);
  reg        cpl_over_q;  // it has run on beyond its length: dma_read finds more beats than it wants
  wire       cpl_over  = cpl_over_q && !tlp_sop_i;
  wire       cpl_short = tlp_eop_i && !cpl_last && !cpl_over;
  wire       cpl_runs_on = cpl_last && !tlp_eop_i && !cpl_over;

  assign cpl_valid_o      = tlp_valid_i && (tlp_sop_i ? cpl_good : in_cpl_q);
  assign cpl_sop_o        = tlp_sop_i;
  assign cpl_eop_o        = tlp_eop_i;
  assign cpl_tag_o        = tlp_hdr_i[47:40];
  assign cpl_status_o     = tlp_hdr_i[79:77];
  assign cpl_byte_count_o = {tlp_hdr_i[75:64] == 12'd0, tlp_hdr_i[75:64]};
  assign cpl_lower_addr_o = tlp_hdr_i[38:32];
  assign cpl_len_o        = data ? length : 11'd0;
  assign cpl_poisoned_o   = (tlp_sop_i && data && ep) || cpl_short;
  assign cpl_data_o       = tlp_data_i;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      in_cpl_q   <= 1'b0;
      cpl_over_q <= 1'b0;
      cpl_left_q <= 11'd0;
    end else if (cpl_valid_o) begin
      in_cpl_q   <= !tlp_eop_i;
      cpl_over_q <= !tlp_eop_i && (cpl_runs_on || cpl_over);
      cpl_left_q <= (tlp_sop_i ? length : cpl_left_q) - (11'd1 << BeatLog2);
    end else if (sop) begin
      in_cpl_q   <= 1'b0;
    end
  end
  assign drop_o     = req_drop || (cpl_valid_o && (cpl_short || cpl_runs_on));
  wire   req_over    = sop && req_push && !req_room;       // the host overdrew its credits
  assign malformed_o  = (sop && malformed) || req_over || (cpl_valid_o && (cpl_short || cpl_runs_on));
  assign unexpected_o = sop && (is_cpl || is_cpl_lk) && !malformed && stray;
  assign posted_ur_o  = sop && !malformed && (msg_ur || (is_mem && data && !ep && length > 11'd2));
  assign poisoned_o     = sop && data && ep && !malformed;
  assign poisoned_cpl_o = poisoned_o && (is_cpl || is_cpl_lk);

  // ------------------------------------------------------------ requests
  // Path step T7: a doorbell enters the NIC here, as a memory write.
  wire [2:0] kind = is_mem ? (data ? KindMemWrite : KindMemRead) : is_locked ? KindLockedRead :
                    is_cfg0 ? (data ? KindCfgWrite : KindCfgRead) :
                    is_add ? KindAtomic : is_cas ? KindCas : KindOther;
  wire [63:2] addr = dw4 ? tlp_hdr_i[63:2] : {32'd0, tlp_hdr_i[63:34]};
  wire [4:0]  req_count;
  sync_fifo #(.Width(ReqW), .DepthLog2(4)) u_requests (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .wr_valid_i(req_push), .wr_ready_o(req_room),
    .wr_data_i({data && ep, kind, tlp_hdr_i[118:116], tlp_hdr_i[114], tlp_hdr_i[109:108], tlp_hdr_i[95:80], tlp_hdr_i[79:72],
                tlp_hdr_i[67:64], tlp_hdr_i[71:68], length, addr, tlp_data_i[63:0]}),
    .rd_valid_o(req_valid_o), .rd_ready_i(req_ready_i),
    .rd_data_o({req_poisoned_o, req_kind_o, req_tc_o, req_attr_o, req_requester_o, req_tag_o, req_first_be_o, req_last_be_o,
                req_len_o, req_addr_o, req_data_o}),
    .count_o(req_count)
  );

  // ------------------------------------------------------------ credits given to the host
  reg [7:0]  ph_q, nph_q;
  reg [11:0] pd_q, npd_q;
  wire [11:0] units     = data ? {3'd0, length[10:2]} + {11'd0, |length[1:0]} : 12'd0;
  wire        posted_in = sop && posted;
  wire        ph_now    = posted_in && !(req_push && req_room);
  wire        np_drop   = sop && nonposted && !(req_push && req_room);
  assign fc_ph_o  = ph_q;
  assign fc_pd_o  = pd_q;
  assign fc_nph_o = nph_q;
  assign fc_npd_o = npd_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ph_q <= InitialPh;
      pd_q <= InitialPd;
    end else begin
      if (ph_now || posted_return_i) ph_q <= ph_q + {7'd0, ph_now} + {7'd0, posted_return_i};
      if (posted_in) pd_q <= pd_q + units;
    end
  end
  wire np_units_now = sop && nonposted && data;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      nph_q <= InitialNph;
      npd_q <= InitialNpd;
    end else begin
      if (np_drop || np_return_i) nph_q <= nph_q + {7'd0, np_drop} + {7'd0, np_return_i};
      if (np_units_now) npd_q <= npd_q + units;
    end
  end

  // ------------------------------------------------------------ outputs
  assign idle_o = !tlp_valid_i && req_count == 5'd0;
  wire unused = &{1'b0, tlp_hdr_i[119], tlp_hdr_i[115], tlp_hdr_i[113:111], tlp_hdr_i[107:106],
                  tlp_hdr_i[76], tlp_hdr_i[1:0]};
endmodule
`default_nettype wire
