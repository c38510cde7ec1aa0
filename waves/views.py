"""The saved views: what each shows, from top to bottom. generate.py makes a file for GTKWave and one for Surfer of each.

A row is a heading (a string) or (signal, range, format, decoder): the signal's path below nic.nic_top, "" for one bit; the
range as in the file, two of them where the data path's width decides (64 bits, 512 bits); hex, dec, bit or text; what turns
values into words: the name of a module with states, "registers", or None. Strings of `transactions` stand beside the NIC."""


def words(*names):
    return [("transactions." + name, "", "text", None) for name in names]


def bits(*paths):
    return [(path, "", "bit", None) for path in paths]


def state(path, width, module):
    return (path + ".state_q", f"[{width - 1}:0]", "hex", module)


C = "u_core."
HOST, IRQ, TX, RX = C + "u_host.", C + "u_csr.u_irq.", C + "u_tx.", C + "u_rx."
REST = ["At rest: the whole, and parts"] + bits(C + "clk_i", C + "idle_o", C + "clk_tx", C + "clk_rx", C + "u_csr.clk")

VIEWS = {
    "tx_path": ["Transactions"] + words("register", "descriptors", "tlp_to_nic", "tlp_from_nic", "frame_sent") + [
        "1 Doorbell: TX_PROD_IDX"] + bits(C + "csr_valid", C + "csr_write") + [
        (C + "csr_addr", "[15:2]", "hex", "registers"), (C + "csr_wdata", "[31:0]", "dec", None),
        "2 Descriptors fetched", state(TX + "u_fetch", 2, "tx_fetch"), (C + "dr_req_valid", "[2:0]", "bin", None),
        (C + "dr_req_ready", "[2:0]", "bin", None),
        "3 Payload gathered", state(TX + "u_gather", 3, "tx_gather")] + bits(C + "dmar_valid") + [
        (C + "dmar_client", "[1:0]", "dec", None)] + bits(C + "dmar_done") + [
        (C + "dmar_done_bytes", "[12:0]", "dec", None),
        "4 Segmented", state(TX + "u_header", 2, "tx_header"), state(TX + "u_segment", 4, "tx_segment"),
        "5 Frame to the MAC, and on the wire"] + bits(C + "mac_tx_valid_o", C + "mac_tx_sop_o", C + "mac_tx_eop_o",
                                                     C + "mac_tx_ready_i") + [
        ("xgmii_txc_o", ("[7:0]", "[63:0]"), "hex", None), ("xgmii_txd_o", ("[63:0]", "[511:0]"), "hex", None),
        "6 Told: status block, message", (C + "q_tx_cons", "[127:0]", "hex", None), state(IRQ + "u_writer", 2, "irq_writer")]
    + bits(C + "st_req_valid", IRQ + "msg_valid") + REST,

    "rx_path": ["Transactions"] + words("frame_received", "descriptors", "tlp_from_nic", "interrupt") + [
        "1 From the wire", ("xgmii_rxc_i", ("[7:0]", "[63:0]"), "hex", None),
        ("xgmii_rxd_i", ("[63:0]", "[511:0]"), "hex", None), state("u_mac.u_rx_align", 2, "mac_rx_align"),
        "2 Out of the MAC"] + bits(C + "mac_rx_valid_i", C + "mac_rx_sop_i", C + "mac_rx_eop_i", C + "mac_rx_ready_o") + [
        (C + "mac_rx_len_i", "[13:0]", "dec", None),
        "3 Planned: filter, queue, buffers"] + bits(RX + "line_valid", RX + "plan_valid") + [
        state(RX + "u_plan", 3, "rx_plan"), state(RX + "u_rings", 2, "rx_rings"),
        "4 Written to memory"] + bits(C + "rxw_req_valid", C + "rxw_req_ready") + [
        (C + "rxw_req_addr", "[63:0]", "hex", None), (C + "rxw_req_len", "[13:0]", "dec", None)] + bits(
            C + "rxw_data_valid", C + "rxw_data_ready", C + "rxw_done") + [
        "5 Verdict and return entry"] + bits(RX + "verdict_valid", RX + "order_valid") + [
        (C + "q_ret_prod", "[127:0]", "hex", None),
        "6 Dropped, and why"] + bits(C + "ev_rx_delivered", C + "ev_rx_no_buffer", C + "ev_rx_filtered",
                                     C + "ev_rx_overrun_i", C + "ev_rx_fcs_i") + REST,

    "dma_ordering": ["Transactions"] + words("tlp_from_nic", "tlp_to_nic", "descriptors", "interrupt") + [
        "Read requests", (C + "dr_req_valid", "[2:0]", "bin", None)] + bits(
            HOST + "rdreq_valid", HOST + "rdreq_ready") + [
        (HOST + "rdreq_addr", "[63:2]", "hex", None), (HOST + "rdreq_len", "[10:0]", "dec", None),
        (HOST + "rdreq_tag", "[7:0]", "dec", None),
        "Completions"] + bits(HOST + "cpl_valid", HOST + "cpl_sop", HOST + "cpl_eop") + [
        (HOST + "cpl_tag", "[7:0]", "dec", None), (HOST + "cpl_status", "[2:0]", "dec", None),
        "Posted writes in turn"] + bits(
            C + "rxw_req_valid", C + "st_req_valid", HOST + "u_dma_write.u_turn.out_valid_q",
            HOST + "u_dma_write.u_turn.out_client_q") + [
        (HOST + "u_dma_write.u_turn.out_addr_q", "[63:2]", "hex", None)] + bits(
            HOST + "u_dma_write.u_turn.out_last_q", C + "rxw_done", C + "st_done") + [
        "Pins: beats and credits"] + bits(C + "tx_tlp_valid_o", C + "tx_tlp_ready_i", C + "rx_tlp_valid_i") + [
        (C + "tx_fc_ph_i", "[7:0]", "dec", None), (C + "tx_fc_pd_i", "[11:0]", "dec", None),
        (C + "tx_fc_nph_i", "[7:0]", "dec", None)] + REST,

    "interrupt_moderation": ["Transactions"] + words("interrupt", "register", "frame_received", "frame_sent") + [
        "What happened (a bit per queue)", (IRQ + "ev_rx_i", "[3:0]", "bin", None), (IRQ + "ev_tx_i", "[3:0]", "bin", None),
        "The engine, queue by queue", state(IRQ + "u_engine", 3, "irq_engine"),
        (IRQ + "u_engine.sel_q", "[1:0]", "dec", None), (IRQ + "u_engine.rx_frames_q", "[15:0]", "dec", None),
        (IRQ + "u_engine.rx_limit_q", "[15:0]", "dec", None), (IRQ + "u_engine.rx_age_q", "[47:0]", "dec", None),
        (IRQ + "u_engine.tx_frames_q", "[15:0]", "dec", None), (IRQ + "u_engine.tx_age_q", "[47:0]", "dec", None)]
    + bits(IRQ + "u_engine.due", IRQ + "u_engine.fire", IRQ + "u_engine.want") + [
        "Masks (a bit per queue)", (IRQ + "u_engine.mask_i", "[3:0]", "bin", None),
        (IRQ + "u_engine.auto_mask_i", "[3:0]", "bin", None), (IRQ + "u_engine.unmask_i", "[3:0]", "bin", None),
        "Written: status block, then message", state(IRQ + "u_writer", 2, "irq_writer")] + bits(
            IRQ + "ev_status_o", IRQ + "msg_valid", IRQ + "ev_message_o") + [
        (IRQ + "msg_data", "[31:0]", "hex", None)] + REST,

    "recovery": ["Transactions"] + words("register", "tlp_to_nic", "tlp_from_nic") + [
        "Reset, from the request to its end"] + bits(C + "u_csr.u_reset.request_i", C + "flr") + [
        state(C + "u_csr.u_reset", 2, "csr_reset")] + bits(C + "quiesce", C + "u_csr.u_reset.all_idle_i",
                                                            C + "engine_rst_n") + [
        "Who is still busy"] + bits(C + "pcie_idle", C + "dmar_idle", C + "dmaw_idle", C + "txe_idle", C + "rxe_idle",
                                    C + "irq_idle", C + "csr_idle") + [
        "Queues: on, running, reset, error"] + [(C + name, rng, "bin" if rng == "[3:0]" else "hex", None) for name, rng in (
            ("q_tx_enable", "[3:0]"), ("q_tx_running", "[3:0]"), ("q_tx_reset", "[3:0]"), ("q_tx_error", "[15:0]"),
            ("q_rx_enable", "[3:0]"), ("q_rx_running", "[3:0]"), ("q_rx_reset", "[3:0]"), ("q_rx_error", "[15:0]"))] + [
        "Errors"] + bits(C + "ev_malformed", C + "ev_unexpected_cpl", C + "ev_tx_dma_error", C + "ev_rx_dma_error",
                         C + "ev_tx_bad_desc") + [(C + "dmar_done_error", "[3:0]", "dec", None)] + bits(
            C + "link_up_i", C + "local_fault_i", C + "remote_fault_i") + REST,
}
