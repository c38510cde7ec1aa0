// dma_read_tags - gives each piece a tag, keeps which tags are in use, and watches the time.
//
// Does:      Tags tags (PCI Express Base Specification 2.2.6.2), 32 of them while extended tags are off. A tag is taken
//            when pcie takes its request and is free again when the request retires, which dma_read_judge says.
// Time-out:  2.8. While any tag is in flight one tag after the other is looked at, two cycles each; after timeout_us_i a
//            request retires with `timeout`. A tag retired by time-out or with a bad completion may still be answered:
//            it stays out of use (quarantine) until two time-outs have passed since its request, and one since the
//            youngest tag came there (which may be far apart after Completion Timeout Disable); what comes until then
//            is unexpected. The clean-up runs only while there is other work, so a quiet NIC has no timer running. Time is
//            counted in units of 1024 ns: a request times out 2 us and 128 cycles late at most, never early. Ages are
//            modulo 17 s: a tag may look young again after so long a rest and then stays out of use for two time-outs
//            more; never less.
//            With no_timeout_i a request waits as long as it takes, but not over a reset.
// Quiesce:   no request is sent. A piece that waits is given up at once, so that the engines run dry. What is in flight has
//            its time-out, no_timeout_i or not. Bus Master Enable = 0 holds pieces back until it is one again.
// Handshake: rdreq_valid_o falls without ready only when bus_master_i, quiesce_i or ext_tag_i change.
// Throughput: a request a cycle while the next tag in turn is free; a tag that is not costs a cycle.
`default_nettype none
module dma_read_tags #(
  parameter Tags = 64                                       // a power of two, 32 or 64
) (
  input  wire            clk_i,
  input  wire            rst_ni,
  input  wire [33:10]    time_ns_i,                         // units of 1024 ns, modulo 17 s
  input  wire            quiesce_i,
  output wire            idle_o,
  output wire            pending_o,                         // a request is in flight
  input  wire            bus_master_i,
  input  wire            ext_tag_i,
  input  wire [15:0]     timeout_us_i,
  input  wire            no_timeout_i,                      // Completion Timeout Disable
  input  wire            piece_valid_i,
  output wire            piece_take_o,
  output wire            rdreq_valid_o,
  input  wire            rdreq_ready_i,
  output wire [7:0]      rdreq_tag_o,
  // To and from dma_read_judge. A retirement, a piece given up and a time-out never come in one cycle.
  output wire            sent_o,                            // rdreq_tag_o is in flight from now on
  output reg  [Tags-1:0] busy_o,
  input  wire            retire_i,
  input  wire [$clog2(Tags)-1:0] retire_tag_i,
  input  wire            retire_bad_i,                      // it may still be answered
  input  wire            look_busy_i,                       // the context memory is in use
  input  wire            hand_i,                            // a completion of hand_tag_i is arriving
  input  wire [$clog2(Tags)-1:0] hand_tag_i,
  output wire            give_up_o,
  output wire            expire_o,
  output wire [$clog2(Tags)-1:0] scan_tag_o
);
  localparam TagW = $clog2(Tags);

  // ------------------------------------------------------------ the next tag to give, found ahead
  reg  [Tags-1:0] quarantine_q;
  reg  [TagW-1:0] next_q, tag_q;                            // looked at next; ready to be given
  reg             ready_q;
  wire            allowed = ext_tag_i || TagW == 5 || !tag_q[TagW-1];
  wire            want    = piece_valid_i && bus_master_i;
  wire            refill  = sent_o || (want && !(ready_q && allowed));
  wire            usable  = !busy_o[next_q] && !quarantine_q[next_q];
  assign rdreq_valid_o = want && ready_q && allowed && !quiesce_i;
  assign rdreq_tag_o   = {{8-TagW{1'b0}}, tag_q};
  assign sent_o        = rdreq_valid_o && rdreq_ready_i;
  assign give_up_o     = piece_valid_i && quiesce_i && !retire_i;
  assign piece_take_o  = sent_o || give_up_o;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ready_q <= 1'b0;
      next_q  <= {TagW{1'b0}};
    end else if (refill) begin
      ready_q <= usable;
      tag_q   <= next_q;
      next_q  <= next_q + 1'b1;
    end
  end

  // ------------------------------------------------------------ time-outs: first how old, then what of it
  reg  [23:0]     start_mem [0:Tags-1];                     // when it was sent
  reg  [TagW-1:0] scan_q;
  reg             look_q;                                   // age_q is that of scan_q
  reg  [23:0]     age_q;
  reg  [15:0]     limit_q;                                  // timeout_us_i * 1000 / 1024, rounded up
  reg  [23:0]     newest_q, since_q;                        // when a tag came into quarantine last; how long ago that is
  wire            enter    = expire_o || (retire_i && retire_bad_i);
  wire            scanning = pending_o || want;
  wire            late     = look_q && busy_o[scan_q] && (!no_timeout_i || quiesce_i) && age_q > {8'd0, limit_q} && !(hand_i && hand_tag_i == scan_q);
  wire            over     = look_q && quarantine_q[scan_q] && age_q > {7'd0, limit_q, 1'b0} && since_q > {8'd0, limit_q};
  assign expire_o   = late && !look_busy_i && !retire_i && !give_up_o;
  assign scan_tag_o = scan_q;
  wire [17:0]     three    = {2'd0, timeout_us_i} + {1'd0, timeout_us_i, 1'b0};
  always @(posedge clk_i) begin
    if (sent_o) start_mem[tag_q] <= time_ns_i;
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      scan_q  <= {TagW{1'b0}};
      look_q  <= 1'b0;
    end else if (!scanning) begin
      look_q  <= 1'b0;
    end else if (!look_q) begin
      look_q  <= !(sent_o && tag_q == scan_q);              // its start is just being written
    end else if (!late || expire_o) begin
      look_q  <= 1'b0;
      scan_q  <= scan_q + 1'b1;
    end
    if (scanning && !look_q) begin
      age_q   <= time_ns_i - start_mem[scan_q];
      limit_q <= timeout_us_i - {5'd0, three[17:7]};
      since_q <= time_ns_i - newest_q;
    end
    if (enter) begin
      newest_q <= time_ns_i;
      since_q  <= 24'd0;
    end
  end

  // ------------------------------------------------------------ tags in use
  function [Tags-1:0] mask(input [TagW-1:0] tag, input on);
    mask = {{Tags-1{1'b0}}, on} << tag;
  endfunction
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_o       <= {Tags{1'b0}};
      quarantine_q <= {Tags{1'b0}};
    end else begin
      if (sent_o || retire_i || expire_o)
        busy_o <= (busy_o | mask(tag_q, sent_o)) & ~mask(retire_tag_i, retire_i) & ~mask(scan_q, expire_o);
      if (over || enter)
        quarantine_q <= (quarantine_q & ~mask(scan_q, over)) | mask(scan_q, expire_o) |
                        mask(retire_tag_i, retire_i && retire_bad_i);
    end
  end
  assign pending_o = |busy_o;
  assign idle_o    = !pending_o && !look_q;
  wire unused = &{1'b0, three[6:0]};

`ifdef FORMAL
  // Rule F4, watched on one tag that the solver picks: it is given only while free and not in quarantine, has one owner
  // at a time, and comes back when its request retires, whatever the reason. f_owned is a ledger of its own.
  (* anyconst *) wire [TagW-1:0] f_tag;
  reg         f_past = 1'b0, f_owned = 1'b0;
  reg  [TagW:0] f_free;                                     // tags free or in quarantine, counted by events
  wire        f_give = sent_o && tag_q == f_tag;
  wire        f_back = (retire_i && retire_tag_i == f_tag) || (expire_o && scan_q == f_tag);
  wire [TagW:0] f_delta = {{TagW{1'b0}}, retire_i} + {{TagW{1'b0}}, expire_o} - {{TagW{1'b0}}, sent_o};
  function [TagW:0] f_count(input [Tags-1:0] bits);
    integer k;
    begin
      f_count = 0;
      for (k = 0; k < Tags; k = k + 1) f_count = f_count + {{TagW{1'b0}}, bits[k]};
    end
  endfunction
  always @(posedge clk_i) begin
    f_past  <= 1'b1;
    f_owned <= rst_ni && (f_give || (f_owned && !f_back));
    f_free  <= rst_ni ? f_free + f_delta : Tags[TagW:0];
  end
  always @* begin
    if (!f_past) assume (!rst_ni);
    if (retire_i) assume (busy_o[retire_tag_i]);            // dma_read_judge retires only what is known
    if (retire_i) assume (look_q == 1'b0 || retire_tag_i != scan_q || !expire_o);
    if (f_past) begin
      assert (busy_o[f_tag] == f_owned);
      if (f_give) assert (!f_owned && !quarantine_q[f_tag]);
      if (ready_q && tag_q == f_tag) assert (!busy_o[f_tag] && !quarantine_q[f_tag]);
      assert (!(busy_o[f_tag] && quarantine_q[f_tag]));
      assert (f_free + f_count(busy_o) == Tags[TagW:0]);
      assert ({{TagW{1'b0}}, retire_i} + {{TagW{1'b0}}, give_up_o} + {{TagW{1'b0}}, expire_o} <= 1);
      if (sent_o) assert (bus_master_i && !quiesce_i && (ext_tag_i || rdreq_tag_o < 8'd32));
    end
  end
`endif
endmodule
`default_nettype wire
