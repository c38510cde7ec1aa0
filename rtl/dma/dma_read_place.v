// dma_read_place - turns the beats of a completion into writes to a client's memory.
//
// Does:    rotates a beat so that each octet stands in the lane of its destination address and says which lanes belong
//          to the row and which to the row after it. Lanes that are not written are garbage in wr_data_o.
// Input:   payload octets a_first_i .. a_end_i - 1 of the beat are wanted; octet 0 of the beat would go to lane a_rot_i
//          of row a_row_i.
// Latency: 1 cycle; `done` keeps step, so it comes with or behind the last write of its request.
// Throughput: one beat a cycle, no back-pressure.
`default_nettype none
module dma_read_place #(
  parameter DataWidth = 512
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            a_valid_i,
  input  wire [1:0]                      a_client_i,
  input  wire [11:0]                     a_cookie_i,
  input  wire [1:0]                      a_first_i,
  input  wire [$clog2(DataWidth/8):0]    a_end_i,
  input  wire [$clog2(DataWidth/8)-1:0]  a_rot_i,
  input  wire [17-$clog2(DataWidth/8):0] a_row_i,
  input  wire [DataWidth-1:0]            a_data_i,
  input  wire                            a_done_i,
  input  wire [1:0]                      a_done_client_i,
  input  wire [11:0]                     a_done_cookie_i,
  input  wire [12:0]                     a_done_bytes_i,
  input  wire [3:0]                      a_done_error_i,
  output reg                             wr_valid_o,
  output reg  [1:0]                      wr_client_o,
  output reg  [11:0]                     wr_cookie_o,
  output reg  [17-$clog2(DataWidth/8):0] wr_row_o,
  output reg  [DataWidth/8-1:0]          wr_be_o,
  output reg  [DataWidth/8-1:0]          wr_next_o,
  output reg  [DataWidth-1:0]            wr_data_o,
  output reg                             done_valid_o,
  output reg  [1:0]                      done_client_o,
  output reg  [11:0]                     done_cookie_o,
  output reg  [12:0]                     done_bytes_o,
  output reg  [3:0]                      done_error_o
);
  localparam Bytes = DataWidth / 8;
  localparam LaneW = $clog2(Bytes);
  localparam [Bytes-1:0] All = {Bytes{1'b1}};

  wire [Bytes-1:0] wanted = ~(All << a_end_i) & (All << a_first_i);
  // Rotations up by a number of lanes, in functions that are called where a beat moves.
  function [DataWidth-1:0] turn(input [DataWidth-1:0] data, input [LaneW-1:0] by);
    integer k;
    begin
      turn = data;
      for (k = 0; k < LaneW; k = k + 1) if (by[k]) turn = (turn << (8 << k)) | (turn >> (DataWidth - (8 << k)));
    end
  endfunction
  function [Bytes-1:0] turn_lanes(input [Bytes-1:0] lanes, input [LaneW-1:0] by);
    integer k;
    begin
      turn_lanes = lanes;
      for (k = 0; k < LaneW; k = k + 1)
        if (by[k]) turn_lanes = (turn_lanes << (1 << k)) | (turn_lanes >> (Bytes - (1 << k)));
    end
  endfunction

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_valid_o <= 1'b0;
    end else begin
      wr_valid_o <= a_valid_i;
      if (a_valid_i) begin
        wr_client_o <= a_client_i;
        wr_cookie_o <= a_cookie_i;
        wr_row_o    <= a_row_i;
        wr_be_o     <= turn_lanes(wanted, a_rot_i);
        wr_next_o   <= ~(All << a_rot_i);
        wr_data_o   <= turn(a_data_i, a_rot_i);
      end
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      done_valid_o <= 1'b0;
    end else begin
      done_valid_o <= a_done_i;
      if (a_done_i) begin
        done_client_o <= a_done_client_i;
        done_cookie_o <= a_done_cookie_i;
        done_bytes_o  <= a_done_bytes_i;
        done_error_o  <= a_done_error_i;
      end
    end
  end
endmodule
`default_nettype wire
