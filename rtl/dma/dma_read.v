`default_nettype none
module dma_read #(
  parameter DataWidth = 512
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire [63:0]                     time_ns_i,
  input  wire                            quiesce_i,
  output wire                            idle_o,
  input  wire                            bus_master_i,
  input  wire                            ext_tag_i,
  input  wire [2:0]                      mrrs_i,
  input  wire [15:0]                     timeout_us_i,
  input  wire [2:0]                      req_valid_i,
  output wire [2:0]                      req_ready_o,
  input  wire [3*64-1:0]                 req_addr_i,
  input  wire [3*17-1:0]                 req_len_i,
  input  wire [3*18-1:0]                 req_dst_i,
  input  wire [3*8-1:0]                  req_cookie_i,
  output wire                            wr_valid_o,
  output wire [1:0]                      wr_client_o,
  output wire [7:0]                      wr_cookie_o,
  output wire [17-$clog2(DataWidth/8):0] wr_row_o,
  output wire [DataWidth/8-1:0]          wr_be_o,
  output wire [DataWidth/8-1:0]          wr_next_o,
  output wire [DataWidth-1:0]            wr_data_o,
  output wire                            done_valid_o,
  output wire [1:0]                      done_client_o,
  output wire [7:0]                      done_cookie_o,
  output wire [12:0]                     done_bytes_o,
  output wire [3:0]                      done_error_o,
  output wire                            rdreq_valid_o,
  input  wire                            rdreq_ready_i,
  output wire [63:2]                     rdreq_addr_o,
  output wire [10:0]                     rdreq_len_o,
  output wire [3:0]                      rdreq_first_be_o,
  output wire [3:0]                      rdreq_last_be_o,
  output wire [7:0]                      rdreq_tag_o,
  input  wire                            cpl_valid_i,
  input  wire                            cpl_sop_i,
  input  wire                            cpl_eop_i,
  input  wire [7:0]                      cpl_tag_i,
  input  wire [2:0]                      cpl_status_i,
  input  wire [12:0]                     cpl_byte_count_i,
  input  wire [6:0]                      cpl_lower_addr_i,
  input  wire [10:0]                     cpl_len_i,
  input  wire                            cpl_poisoned_i,
  input  wire [DataWidth-1:0]            cpl_data_i,
  output wire                            ev_unexpected_cpl_o
);
  assign idle_o = 1'b1;
  assign req_ready_o = 3'b0;
  assign {wr_valid_o, wr_client_o, wr_cookie_o, wr_row_o, wr_be_o, wr_next_o, wr_data_o} = 0;
  assign {done_valid_o, done_client_o, done_cookie_o, done_bytes_o, done_error_o} = 0;
  assign {rdreq_valid_o, rdreq_addr_o, rdreq_len_o, rdreq_first_be_o, rdreq_last_be_o, rdreq_tag_o} = 0;
  assign ev_unexpected_cpl_o = 1'b0;
endmodule
`default_nettype wire
