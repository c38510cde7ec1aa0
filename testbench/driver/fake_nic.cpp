#include "testbench/driver/fake_nic.h"

#include <algorithm>
#include <cstring>

namespace ringside::testbench {

namespace regs = driver::regs;

namespace {

constexpr uint16_t kOtherCapability = 0x40, kMsiCapability = 0x50, kMsixCapability = 0x70, kExpressCapability = 0x90;
constexpr uint32_t kMsixTableOffset = regs::kMsixTableBase;
constexpr uint16_t kCommandMemory = 2, kCommandMaster = 4;
constexpr uint32_t kLinkUp = 1;
constexpr uint32_t kQueueStride = regs::TxBase::address(1) - regs::TxBase::address(0);
constexpr uint32_t kBarAddress = 0xE000'0000;

}  // namespace

FakeNic::FakeNic(FakePlatform& platform) : platform_(platform) {
  platform_.function = this;
  platform_.vendor_id = regs::kVendorId;
  platform_.device_id = regs::kDeviceId;
  regs_[regs::Status::address()] = kLinkUp;
  std::memcpy(&config_[driver::kPciFirstBar], &kBarAddress, 4);
}

// ---- configuration space: header, a capability to skip, MSI, MSI-X, PCI Express ----

// The list in the order of addresses, of what the knobs say is there.
void FakeNic::lay_out_capabilities() {
  const uint16_t id_words[2] = {regs::kVendorId, regs::kDeviceId};
  std::memcpy(&config_[0], id_words, 4);
  config_[0x06] = 0x10;
  config_[0x34] = kOtherCapability;
  config_[kOtherCapability] = 0x01;
  uint16_t last = kOtherCapability;
  const auto add = [&](bool there, uint16_t at, uint8_t capability) {
    if (!there) return;
    config_[last + 1u] = static_cast<uint8_t>(at);
    config_[at] = capability;
    last = at;
  };
  add(has_msi, kMsiCapability, 0x05);
  add(has_msix, kMsixCapability, 0x11);
  add(has_express, kExpressCapability, 0x10);
  config_[last + 1u] = 0;
  config_[kMsiCapability + 2] = static_cast<uint8_t>((config_[kMsiCapability + 2] & 0x71) | 0x80 | 2 << 1);
  config_[kMsiCapability + 3] = 1;  // maskable
  config_[kMsixCapability + 2] = static_cast<uint8_t>(vectors - 1);
  std::memcpy(&config_[kMsixCapability + 4], &kMsixTableOffset, 4);
  config_[kExpressCapability + 2] = static_cast<uint8_t>(express_version);
  config_[kExpressCapability + 7] = 0x10;  // function level reset
}

uint32_t FakeNic::config_read(uint16_t offset, unsigned bytes) {
  if (gone) return bytes == 4 ? 0xFFFFFFFF : (1u << 8 * bytes) - 1;
  lay_out_capabilities();
  uint32_t value = 0;
  std::memcpy(&value, &config_[offset], bytes);
  return value;
}

void FakeNic::config_write(uint16_t offset, unsigned bytes, uint32_t value) {
  platform_.log(FakePlatform::Kind::kConfigWrite, offset, value);
  const bool bar = offset == driver::kPciFirstBar;
  const bool msi = offset >= kMsiCapability + 2 && offset < kMsiCapability + 0x18;
  const bool express = offset == kExpressCapability + 8 || offset == kExpressCapability + 0x28;
  const bool control = offset == 0x04 || offset == kMsixCapability + 2 || express;
  if (bar || msi || control) std::memcpy(&config_[offset], &value, bytes);
  if (offset == kExpressCapability + 8 && value & 0x8000) function_reset();
}

// PCI Express Base 6.6.2: everything but the sticky and the hardware-initialised is as after power-on.
void FakeNic::function_reset() {
  ++function_resets;
  if (command() & (kCommandMemory | kCommandMaster)) violation("function reset of a function in use");
  config_.fill(0);
  soft_reset();
  reset_reads_left_ = 0;
  if (function_reset_kills) gone = true;
  if (!function_reset_heals) return;
  never_stops = reset_never_ends = hold_tx = false;
}

uint16_t FakeNic::command() const {
  return static_cast<uint16_t>(config_[4] | config_[5] << 8);
}

// ---- registers ----

uint32_t FakeNic::reg(uint32_t address) const {
  const auto found = regs_.find(address);
  return found == regs_.end() ? 0 : found->second;
}

uint32_t FakeNic::mmio_read32(unsigned bar, uint32_t offset) {
  platform_.log(FakePlatform::Kind::kMmioRead, offset, 0);
  if (gone) return 0xFFFFFFFF;
  const bool placed = config_[driver::kPciFirstBar + 3] != 0;
  if (bar != 0 || offset >= bar_size || !(command() & kCommandMemory) || !placed)
    violation("MMIO read outside the BAR");
  if (offset >= regs::kQueueBase && offset < regs::kQueueBase + queues * kQueueStride) {
    const unsigned q = (offset - regs::kQueueBase) / kQueueStride;
    return read_queue(q, offset - q * kQueueStride, offset);
  }
  switch (offset) {
    case regs::Id::address():
      return id;
    case regs::Version::address():
      return version;
    case regs::Features::address():
      return queues | 6 << 4 | features;
    case regs::Reset::address():
      if (reset_never_ends || platform_.now_ns() - reset_at_ns_ < reset_takes_ns) return 1;
      return reset_reads_left_ && reset_reads_left_-- ? 1 : 0;
    default:
      return reg(offset);
  }
}

uint32_t FakeNic::read_queue(unsigned q, uint32_t address0, uint32_t offset) {
  const QueueSet& queue = queues_[q];
  switch (address0) {
    case regs::TxState::address(0):
      return (queue.tx_on || never_stops ? 1 : 0) | (queue.tx_error ? 2 : 0);
    case regs::RxState::address(0):
      return (queue.rx_on || never_stops ? 1 : 0) | (queue.rx_error ? 2 : 0);
    case regs::TxConsIdx::address(0):
      return queue.tx_cons;
    case regs::RxConsIdx::address(0):
      return queue.rx_cons;
    case regs::RetProdIdx::address(0):
      return queue.ret_prod;
    case regs::StatusTag::address(0):
      return queue.tag;
    case regs::IntControl::address(0):
      return (queue.mask ? 1 : 0) | (queue.auto_mask ? 2 : 0);
    default:
      return reg(offset);
  }
}

void FakeNic::mmio_write32(unsigned bar, uint32_t offset, uint32_t value) {
  platform_.log(FakePlatform::Kind::kMmioWrite, offset, value);
  if (gone) return;
  const bool placed = config_[driver::kPciFirstBar + 3] != 0;
  if (bar != 0 || offset >= bar_size || !(command() & kCommandMemory) || !placed)
    violation("MMIO write outside the BAR");
  if (before_write) before_write(offset);
  if (offset >= regs::kQueueBase && offset < regs::kMsixTableBase) {
    const unsigned q = (offset - regs::kQueueBase) / kQueueStride;
    if (q >= queues) return violation("write to a queue set that is not there");
    if (write_queue(q, offset - q * kQueueStride, value)) return;
  }
  if (offset == regs::DmaTimeout::address() && (value < 50 || value > 50'000)) violation("DMA_TIMEOUT out of range");
  if (offset == regs::Reset::address()) return soft_reset();
  if (offset == regs::ErrorCause::address()) value = reg(offset) & ~value;
  regs_[offset] = value;
}

// True: the write is done.
bool FakeNic::write_queue(unsigned q, uint32_t address0, uint32_t value) {
  QueueSet& queue = queues_[q];
  check_setup(q, address0);
  switch (address0) {
    case regs::TxControl::address(0):
      return write_tx_control(q, value), true;
    case regs::RxControl::address(0):
      return write_rx_control(q, value), true;
    case regs::StatusBase::address(0) + 4:  // takes effect with HI
      queue.status_base = reg(regs::StatusBase::address(q)) | uint64_t{value} << 32;
      return false;
    case regs::IntControl::address(0):
      return write_int_control(q, value), true;
    case regs::IntRearm::address(0):
      return rearm(q, value), true;
    case regs::RetConsIdx::address(0):
      return queue.ret_cons = value, true;
    case regs::TxProdIdx::address(0):
      queue.tx_prod = value;
      if (queue.tx_prod - queue.tx_cons > entries(regs::TxSize::address(q))) violation("TX doorbell beyond the ring");
      if (!hold_tx) process_tx(SIZE_MAX, q);
      return true;
    case regs::RxProdIdx::address(0):
      queue.rx_prod = value;
      if (queue.rx_prod - queue.rx_cons > entries(regs::RxSize::address(q))) violation("RX doorbell beyond the ring");
      return true;
    default:
      return false;
  }
}

void FakeNic::check_setup(unsigned q, uint32_t address0) {
  const bool tx = address0 >= regs::TxBase::address(0) && address0 <= regs::TxSize::address(0);
  const bool rx = address0 >= regs::RxBase::address(0) && address0 <= regs::RxSize::address(0);
  const bool ret = address0 >= regs::RetBase::address(0) && address0 <= regs::RetSize::address(0);
  if ((tx && queues_[q].tx_on) || ((rx || ret) && queues_[q].rx_on)) {
    violation("base or size written while the ring is on");
  }
}

uint64_t FakeNic::mmio_read64(unsigned bar, uint32_t offset) {
  const uint64_t low = mmio_read32(bar, offset);
  return low | uint64_t{mmio_read32(bar, offset + 4)} << 32;
}

void FakeNic::mmio_write64(unsigned bar, uint32_t offset, uint64_t value) {
  mmio_write32(bar, offset, static_cast<uint32_t>(value));
  mmio_write32(bar, offset + 4, static_cast<uint32_t>(value >> 32));
}

size_t FakeNic::writes_to(uint32_t address) const {
  return static_cast<size_t>(std::count_if(platform_.events.begin(), platform_.events.end(), [&](const auto& event) {
    return event.kind == FakePlatform::Kind::kMmioWrite && event.address == address;
  }));
}

size_t FakeNic::reads_of(uint32_t address) const {
  return static_cast<size_t>(std::count_if(platform_.events.begin(), platform_.events.end(), [&](const auto& event) {
    return event.kind == FakePlatform::Kind::kMmioRead && event.address == address;
  }));
}

// ---- reset, rings on and off ----

void FakeNic::soft_reset() {
  regs_.clear();
  regs_[regs::Status::address()] = kLinkUp;
  for (unsigned v = 0; v < regs::kMsixTableCount; ++v) regs_[regs::VectorControl::address(v)] = 1;
  reset_reads_left_ = reset_takes_reads;
  reset_at_ns_ = platform_.now_ns();
  queues_.fill(QueueSet{});
  if (soft_reset_heals) hold_tx = false;
}

void FakeNic::write_tx_control(unsigned q, uint32_t value) {
  QueueSet& queue = queues_[q];
  if (value & 2) {
    if (queue.tx_on) violation("TX ring reset while it is on");
    queue.tx_prod = queue.tx_cons = 0;
    queue.tx_error = false;
  }
  if ((value & 1) && !queue.tx_on) {
    if (queue.tx_error) violation("TX ring turned on in error");
    if (wide(regs::TxBase::address(q)) % 4096) violation("TX ring not aligned");
    queue.tx_prod = queue.tx_cons = 0;
  }
  queue.tx_on = (value & 1) != 0;
}

void FakeNic::write_rx_control(unsigned q, uint32_t value) {
  QueueSet& queue = queues_[q];
  const auto start = [&] { queue.rx_prod = queue.rx_cons = queue.ret_prod = queue.ret_cons = 0; };
  if (value & 2) {
    if (queue.rx_on) violation("RX ring reset while it is on");
    start();
    queue.rx_error = false;
  }
  if ((value & 1) && !queue.rx_on) {
    if (queue.rx_error) violation("RX ring turned on in error");
    if (wide(regs::RxBase::address(q)) % 4096) violation("RX ring not aligned");
    if (wide(regs::RetBase::address(q)) % 4096) violation("return ring not aligned");
    start();
  }
  queue.rx_on = (value & 1) != 0;
}

// ---- interrupts ----

void FakeNic::write_int_control(unsigned q, uint32_t value) {
  queues_[q].mask = (value & 1) != 0;
  queues_[q].auto_mask = (value & 2) != 0;
  if (value & 4) signal(q);
}

void FakeNic::rearm(unsigned q, uint32_t tag) {
  queues_[q].mask = false;
  if (tag != queues_[q].tag) signal(q);
}

void FakeNic::signal(unsigned q) {
  if (queues_[q].mask) return;
  queues_[q].mask = queues_[q].auto_mask;
  send_message(1 + q);
}

// MSI-X when it is on, or the one MSI that was granted.
void FakeNic::send_message(unsigned vector) {
  if (gone || lose_messages || !(command() & kCommandMaster)) return;
  if ((config_[kMsixCapability + 3] & 0xC0) == 0x80) {
    if (reg(regs::VectorControl::address(vector)) & 1) return;
    return platform_.message(wide(regs::MsgAddr::address(vector)), reg(regs::MsgData::address(vector)));
  }
  if (!(config_[kMsiCapability + 2] & 1)) return;
  uint64_t address;
  uint16_t data;
  std::memcpy(&address, &config_[kMsiCapability + 4], 8);
  std::memcpy(&data, &config_[kMsiCapability + 12], 2);
  if (config_[kMsiCapability + 2] & 0x70) violation("more MSI messages granted than the driver has interrupts");
  platform_.message(address, data);
}

void FakeNic::raise(uint32_t cause) {
  const uint32_t risen = cause & ~reg(regs::ErrorCause::address());
  regs_[regs::ErrorCause::address()] |= cause;
  if (risen & ~reg(regs::ErrorMask::address())) send_message(0);
}

void FakeNic::set_link(bool up) {
  regs_[regs::Status::address()] = up ? kLinkUp : 0;
  raise(1u << 8);
}

void FakeNic::fail_tx(regs::ErrorReason reason, unsigned q) {
  queues_[q].tx_error = true;
  queues_[q].tx_on = false;
  regs_[regs::TxError::address(q)] = static_cast<uint32_t>(reason);
  raise(1u << q);
}

void FakeNic::fail_rx(regs::ErrorReason reason, unsigned q) {
  queues_[q].rx_error = true;
  queues_[q].rx_on = false;
  regs_[regs::RxError::address(q)] = static_cast<uint32_t>(reason);
  raise(1u << q);
}

void FakeNic::write_status(unsigned q) {
  if (hold_status || gone) return;
  QueueSet& queue = queues_[q];
  regs::StatusBlock block{};
  block.tag = ++queue.tag;
  block.tx_cons_idx = queue.tx_cons;
  block.rx_cons_idx = queue.rx_cons;
  block.ret_prod_idx = queue.ret_prod;
  block.tx_stamp_idx = queue.stamp_idx;
  block.tx_stamp = queue.stamp_ns;
  if (corrupt_status) corrupt_status(block);
  uint8_t* to = platform_.device_write(queue.status_base, sizeof block);
  if (to) std::memcpy(to, &block, sizeof block);
  signal(q);
}

}  // namespace ringside::testbench
