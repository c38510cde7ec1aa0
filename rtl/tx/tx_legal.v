// tx_legal - the descriptors of a packet, one a cycle: keeps the packet's settings and says what is wrong with them.
//
// Does:      at begin_i forgets the last packet; with scan_i takes desc_i as entry pos_i of the packet. desc_bad_o judges
//            that entry (wrong: this entry). Behind the last entry bad_o judges the packet (wrong: the entry in front of
//            the data when bad_at_first_o, else the first data descriptor).
// Entry:     extension descriptor: only first; length 0; flags extension, vlan, tso, timestamp. Data descriptor: length 1
//            or more; flags eop, on the first one csum; eop at the latest on the 32nd; in all at most MaxOctets, 65,535
//            with tso.
// Packet:    a checksum ends inside its packet: csum_start + csum_offset + 2 <= length. vlan: at least 14 octets.
//            tso: csum, csum_offset 16; ip_start even and 14 or more, csum_start even and 20 behind it or more,
//            header_length even, 20 behind that or more, at most 256 and less than the packet; MSS 48 or more,
//            header_length + MSS at most MaxOctets. What the header must hold is tx_header's to check.
// Latency:   desc_bad_o, total_d_o with the entry; all else from the next cycle on, judgement of tso from the one after.
`default_nettype none
module tx_legal #(
  parameter MaxOctets = 9014
) (
  input  wire         clk_i,
  input  wire         begin_i,
  input  wire         scan_i,
  input  wire [5:0]   pos_i,
  input  wire [127:0] desc_i,
  output wire         ext_now_o,      // this entry is the extension
  output wire         desc_bad_o,
  output wire [16:0]  total_d_o,      // octets up to this entry's end
  output wire         bad_o,
  output wire         bad_at_first_o,
  output wire [16:0]  total_o,
  output wire         ext_o,
  output wire         vlan_o,
  output wire [15:0]  tci_o,
  output wire         tso_o,
  output wire         stamp_o,
  output wire [15:0]  mss_o,
  output wire [8:0]   header_o,       // header_length
  output wire [7:0]   ip_o,           // ip_start
  output wire         csum_o,
  output wire [15:0]  start_o,        // csum_start
  output wire [15:0]  field_o,        // of the checksum
  output wire         udp_o           // the field lies where UDP has it
);
  `include "nic_regs.vh"
  localparam [15:0] One       = 16'd1;
  localparam [15:0] DataFlags = (One << `NIC_TX_FLAGS_EOP_BIT) | (One << `NIC_TX_FLAGS_CSUM_BIT);
  localparam [15:0] ExtFlags  = (One << `NIC_TX_FLAGS_EXTENSION_BIT) | (One << `NIC_TX_FLAGS_VLAN_BIT) |
                                (One << `NIC_TX_FLAGS_TSO_BIT) | (One << `NIC_TX_FLAGS_TIMESTAMP_BIT);
  localparam [15:0] MinMss    = 16'd48;

  reg         ext_q, vlan_q, tso_q, stamp_q, csum_q;
  reg  [15:0] tci_q, mss_q, header_q, ip_q, start_q, offset_q;
  reg  [17:0] end_q;                  // of the checksum field
  reg  [16:0] total_q, room_q;        // room_q: MaxOctets less total_q, so that too_long waits for one sum, not two

  wire [15:0] length = desc_i[`NIC_TX_DESCRIPTOR_LENGTH_LSB +: 16];
  wire [15:0] flags  = desc_i[`NIC_TX_DESCRIPTOR_FLAGS_LSB +: 16];
  wire [15:0] start  = desc_i[`NIC_TX_DESCRIPTOR_CSUM_START_LSB +: 16];
  wire [15:0] offset = desc_i[`NIC_TX_DESCRIPTOR_CSUM_OFFSET_LSB +: 16];
  wire        first  = pos_i == 6'd0;
  wire        is_32nd = pos_i == {ext_q, {5{!ext_q}}};
  wire        data_1st = pos_i == {5'd0, ext_q};
  assign ext_now_o = first && flags[`NIC_TX_FLAGS_EXTENSION_BIT];
  assign total_d_o = total_q + {1'b0, length};
  wire [16:0] room_d = room_q - {1'b0, length};
  wire   too_long  = tso_q ? total_d_o[16] : room_d[16];
  assign desc_bad_o = ext_now_o ? length != 16'd0 || (flags & ~ExtFlags) != 16'd0 :
                      length == 16'd0 || (flags & ~DataFlags) != 16'd0 || too_long ||
                      (!data_1st && flags[`NIC_TX_FLAGS_CSUM_BIT]) || (is_32nd && !flags[`NIC_TX_FLAGS_EOP_BIT]);

  always @(posedge clk_i) begin
    if (begin_i) begin
      {ext_q, vlan_q, tso_q, stamp_q, csum_q} <= 5'd0;
      total_q <= 17'd0;
      room_q  <= MaxOctets[16:0];
    end else if (scan_i && ext_now_o) begin
      ext_q    <= 1'b1;
      vlan_q   <= flags[`NIC_TX_FLAGS_VLAN_BIT];
      tso_q    <= flags[`NIC_TX_FLAGS_TSO_BIT];
      stamp_q  <= flags[`NIC_TX_FLAGS_TIMESTAMP_BIT];
      tci_q    <= desc_i[`NIC_TX_EXTENSION_VLAN_LSB +: 16];
      mss_q    <= desc_i[`NIC_TX_EXTENSION_MSS_LSB +: 16];
      header_q <= desc_i[`NIC_TX_EXTENSION_HEADER_LENGTH_LSB +: 16];
      ip_q     <= desc_i[`NIC_TX_EXTENSION_IP_START_LSB +: 16];
    end else if (scan_i) begin
      total_q <= total_d_o;
      room_q  <= room_d;
      if (data_1st) begin
        csum_q   <= flags[`NIC_TX_FLAGS_CSUM_BIT];
        start_q  <= start;
        offset_q <= offset;
        end_q    <= {2'b00, start} + {2'b00, offset} + 18'd2;
      end
    end
  end

  // ------------------------------------------------------------ the packet as a whole
  wire vlan_bad = vlan_q && total_q < 17'd14;
  wire csum_bad = csum_q && end_q > {1'b0, total_q};
  wire tso_bad  = ip_q < 16'd14 || ip_q[0] || start_q[0] || header_q[0] ||
                  {1'b0, start_q} < {1'b0, ip_q} + 17'd20 || {1'b0, header_q} < {1'b0, start_q} + 17'd20 ||
                  header_q > 16'd256 || {1'b0, header_q} >= total_q || mss_q < MinMss ||
                  {1'b0, mss_q} + {1'b0, header_q} > MaxOctets[16:0];
  wire csum_not = tso_q && (!csum_q || offset_q != 16'd16);
  reg  tso_bad_q;                     // a stage of its own: these are many comparisons
  always @(posedge clk_i) begin
    if (tso_q) tso_bad_q <= tso_bad;
  end
  assign bad_at_first_o = vlan_bad || (tso_q && tso_bad_q);
  assign bad_o    = bad_at_first_o || csum_bad || csum_not;
  assign total_o  = total_q;
  assign ext_o    = ext_q;
  assign vlan_o   = vlan_q;
  assign tci_o    = tci_q;
  assign tso_o    = tso_q;
  assign stamp_o  = stamp_q;
  assign mss_o    = mss_q;
  assign header_o = header_q[8:0];
  assign ip_o     = ip_q[7:0];
  assign csum_o   = csum_q;
  assign start_o  = start_q;
  assign field_o  = end_q[15:0] - 16'd2;
  assign udp_o    = offset_q == 16'd6;
endmodule
`default_nettype wire
