// rx_desc_mem - RX descriptors on chip: 256 for each queue, written by DMA, read one at a time.
//
// Does:    takes the descriptor part of the DMA read bus (16-octet units at 16-octet addresses, any lanes of a row) and
//          gives back whole descriptors. Slot s of queue q is at byte address q * 4096 + s * 16.
// Latency: rd_data_o holds the descriptor of the slot given with rd_en_i in the cycle before, until the next read. A
//          read sees what was written in earlier cycles.
// Layout:  one bank per 16-octet lane of the row, so that a beat that wraps into the next row (wr_next_i) writes both
//          rows at once; at 64 bits two banks of half a descriptor.
`default_nettype none
module rx_desc_mem #(
  parameter DataWidth = 512,
  parameter Queues    = 1,
  parameter RowW      = 18 - $clog2(DataWidth/8),
  parameter SlotW     = 8 + $clog2(Queues)
) (
  input  wire                   clk_i,
  input  wire                   wr_valid_i,
  input  wire [RowW-1:0]        wr_row_i,
  input  wire [DataWidth/8-1:0] wr_be_i,
  input  wire [DataWidth/8-1:0] wr_next_i,
  input  wire [DataWidth-1:0]   wr_data_i,
  input  wire                   rd_en_i,
  input  wire [SlotW-1:0]       rd_slot_i,   // {queue, slot}
  output wire [127:0]           rd_data_o
);
  generate
    if (DataWidth == 64) begin : g_halves
      reg [63:0] low  [0:(1<<SlotW)-1];
      reg [63:0] high [0:(1<<SlotW)-1];
      reg [63:0] rd_low_q, rd_high_q;
      wire       wr = wr_valid_i && wr_be_i[0];
      always @(posedge clk_i) begin
        if (wr && !wr_row_i[0]) low[wr_row_i[SlotW:1]] <= wr_data_i;
        if (rd_en_i) rd_low_q <= low[rd_slot_i];
      end
      always @(posedge clk_i) begin
        if (wr && wr_row_i[0]) high[wr_row_i[SlotW:1]] <= wr_data_i;
        if (rd_en_i) rd_high_q <= high[rd_slot_i];
      end
      assign rd_data_o = {rd_high_q, rd_low_q};
      wire unused = &{1'b0, wr_row_i, wr_be_i, wr_next_i};
    end else begin : g_lanes
      localparam Lanes = DataWidth / 128;
      localparam LaneW = $clog2(Lanes);
      wire [DataWidth-1:0] row;
      genvar g;
      for (g = 0; g < Lanes; g = g + 1) begin : g_bank
        reg [127:0] mem [0:(1<<(SlotW-LaneW))-1];
        reg [127:0] rd_q;
        wire [SlotW-LaneW-1:0] at = wr_row_i[SlotW-LaneW-1:0] + {{SlotW-LaneW-1{1'b0}}, wr_next_i[16*g]};
        always @(posedge clk_i) begin
          if (wr_valid_i && wr_be_i[16*g]) mem[at] <= wr_data_i[128*g +: 128];
          if (rd_en_i) rd_q <= mem[rd_slot_i[SlotW-1:LaneW]];
        end
        assign row[128*g +: 128] = rd_q;
      end
      if (Lanes == 1) begin : g_one
        assign rd_data_o = row;
      end else begin : g_pick
        reg [LaneW-1:0] lane_q;
        always @(posedge clk_i) if (rd_en_i) lane_q <= rd_slot_i[LaneW-1:0];
        assign rd_data_o = row[{lane_q, 7'd0} +: 128];
      end
      wire unused = &{1'b0, wr_row_i, wr_be_i, wr_next_i};
    end
  endgenerate
endmodule
`default_nettype wire
