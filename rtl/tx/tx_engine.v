`default_nettype none
module tx_engine #(
  parameter DataWidth   = 512,
  parameter Queues      = 1,
  parameter BufferBytes = 32768
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            quiesce_i,
  output wire                            idle_o,
  input  wire                            enable_i,
  input  wire [Queues*64-1:0]            q_base_i,
  input  wire [Queues*4-1:0]             q_size_i,
  input  wire [Queues-1:0]               q_enable_i,
  input  wire [Queues-1:0]               q_reset_i,
  output wire [Queues-1:0]               q_running_o,
  input  wire [Queues*32-1:0]            q_prod_i,
  output wire [Queues*32-1:0]            q_cons_o,
  output wire [Queues*4-1:0]             q_error_o,
  output wire [Queues*32-1:0]            q_error_idx_o,
  output wire                            desc_req_valid_o,
  input  wire                            desc_req_ready_i,
  output wire [63:0]                     desc_req_addr_o,
  output wire [16:0]                     desc_req_len_o,
  output wire [17:0]                     desc_req_dst_o,
  output wire [7:0]                      desc_req_cookie_o,
  output wire                            data_req_valid_o,
  input  wire                            data_req_ready_i,
  output wire [63:0]                     data_req_addr_o,
  output wire [16:0]                     data_req_len_o,
  output wire [17:0]                     data_req_dst_o,
  output wire [7:0]                      data_req_cookie_o,
  input  wire                            dmar_valid_i,
  input  wire [1:0]                      dmar_client_i,
  input  wire [7:0]                      dmar_cookie_i,
  input  wire [17-$clog2(DataWidth/8):0] dmar_row_i,
  input  wire [DataWidth/8-1:0]          dmar_be_i,
  input  wire [DataWidth/8-1:0]          dmar_next_i,
  input  wire [DataWidth-1:0]            dmar_data_i,
  input  wire                            dmar_done_i,
  input  wire [1:0]                      dmar_done_client_i,
  input  wire [7:0]                      dmar_done_cookie_i,
  input  wire [12:0]                     dmar_done_bytes_i,
  input  wire [3:0]                      dmar_done_error_i,
  output wire                            mac_valid_o,
  input  wire                            mac_ready_i,
  output wire                            mac_sop_o,
  output wire                            mac_eop_o,
  output wire [$clog2(DataWidth/8):0]    mac_bytes_o,
  output wire [DataWidth-1:0]            mac_data_o,
  output wire [Queues-1:0]               ev_packet_o,
  output wire                            ev_frame_o,
  output wire                            ev_broadcast_o,
  output wire                            ev_multicast_o,
  output wire                            ev_dma_error_o,
  output wire                            ev_bad_desc_o,
  output wire [13:0]                     frame_octets_o
);
  assign idle_o = 1'b1;
  assign {q_running_o, q_cons_o, q_error_o, q_error_idx_o} = 0;
  assign {desc_req_valid_o, desc_req_addr_o, desc_req_len_o, desc_req_dst_o, desc_req_cookie_o} = 0;
  assign {data_req_valid_o, data_req_addr_o, data_req_len_o, data_req_dst_o, data_req_cookie_o} = 0;
  assign {mac_valid_o, mac_sop_o, mac_eop_o, mac_bytes_o, mac_data_o} = 0;
  assign {ev_packet_o, ev_frame_o, ev_broadcast_o, ev_multicast_o, ev_dma_error_o, ev_bad_desc_o, frame_octets_o} = 0;
endmodule
`default_nettype wire
