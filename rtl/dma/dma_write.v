// dma_write - memory writes: whole requests of the clients become write TLPs.
`default_nettype none
module dma_write #(
  parameter DataWidth = 512
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  output wire                   idle_o,
  input  wire                   bus_master_i,
  input  wire [2:0]             mps_i,          // 128 << n octets
  // Clients, one slice each
  input  wire [1:0]             req_valid_i,
  output wire [1:0]             req_ready_o,
  input  wire [127:0]           req_addr_i,
  input  wire [27:0]            req_len_i,
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
  output wire [10:0]            wr_len_o,
  output wire [3:0]             wr_first_be_o,
  output wire [3:0]             wr_last_be_o,
  output wire [DataWidth-1:0]   wr_data_o
);
  assign idle_o = 1'b1;
  assign req_ready_o = 0;
  assign data_ready_o = 0;
  assign done_o = 0;
  assign wr_valid_o = 0;
  assign wr_sop_o = 0;
  assign wr_eop_o = 0;
  assign wr_addr_o = 0;
  assign wr_len_o = 0;
  assign wr_first_be_o = 0;
  assign wr_last_be_o = 0;
  assign wr_data_o = 0;
  wire unused = &{1'b0, clk_i, rst_ni, bus_master_i, mps_i, req_valid_i, req_addr_i, req_len_i, data_valid_i, data_i, wr_ready_i};
endmodule
`default_nettype wire
