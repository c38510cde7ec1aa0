// A NIC as it looks at its pins, played by hand: register writes and completions go to it, requests, writes and messages
// come from it. Behind it stands a DeviceRingChecker and nothing else. One queue set, rings of 8 entries.
//
//   PinRig nic(log);              // up: rings on, vector 1 open, interrupts armed, 8 buffers of 256 bytes posted
//   nic.post_tx({{0x50000, 100, kEop}});   // what the driver put into the ring, and the doorbell
//   nic.fetch_tx(1); nic.read_tx(0); nic.status(1, 0, 0); nic.message();
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PIN_RIG_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PIN_RIG_H_

#include <cstring>
#include <vector>

#include "driver/nic_regs.h"
#include "sc_model/check_ring_device.h"
#include "sc_model/tlp.h"

namespace ringside::testbench {

namespace regs = driver::regs;

class PinRig {
 public:
  static constexpr uint64_t kBar = 0xE000'0000, kTxRing = 0x1'0000, kRxRing = 0x2'0000, kRetRing = 0x3'0000,
                            kStatus = 0x4'0000, kMessage = 0xFEE0'1000, kBuffers = 0x6'0000;
  static constexpr uint32_t kMessageData = 0x4021, kBufferBytes = 256;

  explicit PinRig(sc_model::ViolationLog& log, bool bring_up = true) : checker("a.nic", settings, accused, log) {
    settings.bar0 = kBar;
    settings.function = sc_model::PciId::of(1, 0, 0);
    settings.pcie_capability = 0x40;
    settings.msix_capability = 0x70;
    if (bring_up) up();
  }

  // ---- the host
  template <class Reg, class... At>
  void write(uint32_t value, At... at) { write_at(Reg::address(at...), value); }
  template <class Reg>
  void write_wide(uint64_t value) {
    write_at(Reg::address(0), static_cast<uint32_t>(value));
    write_at(Reg::address(0) + 4, static_cast<uint32_t>(value >> 32));
  }
  void write_at(uint32_t offset, uint32_t value) {
    to_device(sc_model::make_memory_write(pool, kRoot, kBar + offset, &value, 4));
  }
  // The driver reads a register and the device answers.
  void read_back(uint32_t offset, uint32_t value) {
    const sc_model::TlpPtr request = sc_model::make_memory_read(pool, kRoot, 1, kBar + offset, 4);
    to_device(request);
    sc_model::TlpPtr reply = sc_model::make_completion_data(pool, settings.function, *request, kBar + offset, 4, 4);
    std::memcpy(reply->payload, &value, 4);
    from_device(reply);
  }
  void msix(bool enable) {
    to_device(sc_model::make_config_write(pool, kRoot, 2, settings.function, 0x72, 2, enable ? 0x8000 : 0));
  }
  void up() {
    write_wide<regs::MsgAddr>(0);
    write_at(regs::MsgAddr::address(1), static_cast<uint32_t>(kMessage));
    write_at(regs::MsgData::address(1), kMessageData);
    write_at(regs::VectorControl::address(1), 0);
    msix(true);
    write_wide<regs::StatusBase>(kStatus);
    write_wide<regs::TxBase>(kTxRing);
    write_wide<regs::RxBase>(kRxRing);
    write_wide<regs::RetBase>(kRetRing);
    for (uint32_t at : {regs::TxSize::address(0), regs::RxSize::address(0), regs::RetSize::address(0)}) write_at(at, 3);
    write<regs::IntControl>(3, 0u);
    write<regs::TxControl>(1, 0u);
    write<regs::RxControl>(1, 0u);
    write<regs::Control>(3);
    write<regs::IntRearm>(0, 0u);
    for (uint32_t i = 0; i < 8; ++i)
      rx.push_back({kBuffers + i * 4096, static_cast<uint16_t>(kBufferBytes), 0, 0x100 + i});
    write<regs::RxProdIdx>(8, 0u);
  }
  void post_tx(const std::vector<regs::TxDescriptor>& descriptors) {
    tx.insert(tx.end(), descriptors.begin(), descriptors.end());
    write<regs::TxProdIdx>(static_cast<uint32_t>(tx.size()), 0u);
  }

  // ---- the device
  // Requests only; answers come by reply().
  sc_model::TlpPtr ask(unsigned pcie_tag, uint64_t address, uint32_t bytes) {
    sc_model::TlpPtr request = sc_model::make_memory_read(pool, settings.function, pcie_tag, address, bytes);
    from_device(request);
    return request;
  }
  void reply(const sc_model::TlpPtr& request, const void* data, uint32_t bytes) {
    const uint64_t address = sc_model::enabled_bytes(*request).address;
    sc_model::TlpPtr completion = sc_model::make_completion_data(pool, kRoot, *request, address, bytes, bytes);
    if (data != nullptr) std::memcpy(completion->payload + (address & 3), data, bytes);
    to_device(completion);
  }
  void fetch_tx(uint32_t count) {
    const uint32_t bytes = count * 16;
    const auto request = ask(3, kTxRing + 16 * (tx_fetched % 8), bytes);
    reply(request, tx.data() + tx_fetched, bytes);
    tx_fetched += count;
  }
  void fetch_rx(uint32_t count) {
    const auto request = ask(4, kRxRing + 16 * (rx_fetched % 8), count * 16);
    reply(request, rx.data() + rx_fetched, count * 16);
    rx_fetched += count;
  }
  void read_tx(uint32_t index) { reply(ask(5, tx[index].address, tx[index].length), nullptr, tx[index].length); }
  // A whole packet of one descriptor, up to the status block.
  void send_one() {
    post_tx({{kBuffers + 0x8000 + 0x1000 * tx.size(), 100, regs::tx_flags::kEop, 0, 0}});
    fetch_tx(1);
    read_tx(static_cast<uint32_t>(tx.size()) - 1);
    status(static_cast<uint32_t>(tx.size()), ret_prod, ret_prod);
  }
  void store(uint64_t address, const void* data, uint32_t bytes) {
    from_device(sc_model::make_memory_write(pool, settings.function, address, data, bytes));
  }
  void payload(uint32_t index, uint32_t bytes) {
    std::vector<uint8_t> frame(bytes, 0x22);
    store(rx[index].address, frame.data(), bytes);
  }
  regs::ReturnEntry entry(uint32_t index, uint16_t bytes) const {
    regs::ReturnEntry e{};
    e.opaque = rx[index].opaque;
    e.length = e.frame_length = bytes;
    e.flags = regs::return_flags::kSop | regs::return_flags::kEop;
    e.index = index;
    return e;
  }
  void give_back(const regs::ReturnEntry& e, uint32_t index) { store(kRetRing + 32 * (index % 8), &e, sizeof e); }
  void receive_one() {
    if (rx_fetched == ret_prod) fetch_rx(1);
    payload(ret_prod, 64);
    give_back(entry(ret_prod, 64), ret_prod);
    ++ret_prod;
  }
  regs::StatusBlock block(uint32_t tx_cons, uint32_t rx_cons, uint32_t ret) {
    regs::StatusBlock b{};
    b.tag = ++tag;
    b.tx_cons_idx = tx_cons;
    b.rx_cons_idx = rx_cons;
    b.ret_prod_idx = ret;
    return b;
  }
  void status(uint32_t tx_cons, uint32_t rx_cons, uint32_t ret) {
    const regs::StatusBlock b = block(tx_cons, rx_cons, ret);
    store(kStatus, &b, sizeof b);
  }
  void message() { store(kMessage, &kMessageData, 4); }
  // The link to the host is the slowest there is, and busy for some 45 us from now on with what has no effect.
  void busy_link() {
    static const sc_model::LinkRate kSlow(1, 1);
    checker.set_link(&kSlow);
    for (unsigned i = 0; i < 350; ++i) {
      const uint32_t nothing = 0;
      sc_model::TlpPtr write = sc_model::make_memory_write(pool, settings.function, kStatus, &nothing, 4);
      write->dw[1] &= ~0xFFu;  // byte enables
      from_device(write);
    }
  }

  void wait_us(uint64_t us) {
    now += us * sc_model::kPsPerUs;
    checker.check_time(now);
  }

  static constexpr sc_model::PciId kRoot = sc_model::PciId::of(0, 0, 0);
  sc_model::TlpPool pool;
  sc_model::PcieSettings settings;
  sc_model::Accused accused;
  sc_model::DeviceRingChecker checker;
  sc_model::TimePs now = 10 * sc_model::kPsPerUs;
  std::vector<regs::TxDescriptor> tx;
  std::vector<regs::RxDescriptor> rx;
  uint32_t tx_fetched = 0, rx_fetched = 0, ret_prod = 0, tag = 0;

 private:
  void to_device(const sc_model::TlpPtr& tlp) { tell(sc_model::TlpDirection::kToDevice, *tlp); }
  void from_device(const sc_model::TlpPtr& tlp) { tell(sc_model::TlpDirection::kFromDevice, *tlp); }
  void tell(sc_model::TlpDirection direction, const sc_model::Tlp& tlp) {
    checker.on_tlp({now += 4'000, direction, &tlp});
  }
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PIN_RIG_H_
