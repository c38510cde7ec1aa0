#include "testbench/driver/fake_nic.h"

#include <algorithm>
#include <cstring>

namespace ringside::testbench {

namespace regs = driver::regs;

namespace {

constexpr uint16_t kMsixCapability = 0x70, kOtherCapability = 0x40;
constexpr uint32_t kMsixTableOffset = regs::kMsixTableBase;
constexpr uint16_t kCommandMemory = 2, kCommandMaster = 4;
constexpr uint32_t kLinkUp = 1;

}  // namespace

FakeNic::FakeNic(FakePlatform& platform) : platform_(platform) {
  platform_.function = this;
  platform_.vendor_id = regs::kVendorId;
  platform_.device_id = regs::kDeviceId;
  regs_[regs::Status::address()] = kLinkUp;
}

// ---- configuration space: header, a capability to skip, MSI-X ----

uint32_t FakeNic::config_read(uint16_t offset, unsigned bytes) {
  if (gone) return bytes == 4 ? 0xFFFFFFFF : (1u << 8 * bytes) - 1;
  const uint16_t id_words[2] = {regs::kVendorId, regs::kDeviceId};
  std::memcpy(&config_[0], id_words, 4);
  config_[0x06] = 0x10;
  config_[0x34] = kOtherCapability;
  config_[kOtherCapability] = 0x01;
  config_[kOtherCapability + 1] = has_msix ? kMsixCapability : 0;
  config_[kMsixCapability] = 0x11;
  const auto size = static_cast<uint16_t>(vectors - 1);
  config_[kMsixCapability + 2] = static_cast<uint8_t>(size);
  std::memcpy(&config_[kMsixCapability + 4], &kMsixTableOffset, 4);
  uint32_t value = 0;
  std::memcpy(&value, &config_[offset], bytes);
  return value;
}

void FakeNic::config_write(uint16_t offset, unsigned bytes, uint32_t value) {
  platform_.log(FakePlatform::Kind::kConfigWrite, offset, value);
  if (offset == 0x04 || offset == kMsixCapability + 2) std::memcpy(&config_[offset], &value, bytes);
}

uint16_t FakeNic::command() const { return static_cast<uint16_t>(config_[4] | config_[5] << 8); }

// ---- registers ----

uint32_t FakeNic::reg(uint32_t address) const {
  const auto found = regs_.find(address);
  return found == regs_.end() ? 0 : found->second;
}

uint32_t FakeNic::mmio_read32(unsigned bar, uint32_t offset) {
  platform_.log(FakePlatform::Kind::kMmioRead, offset, 0);
  if (gone) return 0xFFFFFFFF;
  if (bar != 0 || offset >= bar_size || !(command() & kCommandMemory)) violation("MMIO read outside the BAR");
  switch (offset) {
    case regs::Id::address(): return id;
    case regs::Version::address(): return version;
    case regs::Features::address(): return 1 | 6 << 4 | 1 << 8 | 1 << 9;
    case regs::Reset::address():
      if (reset_never_ends || platform_.now_ns() - reset_at_ns_ < reset_takes_ns) return 1;
      return reset_reads_left_ && reset_reads_left_-- ? 1 : 0;
    case regs::TxState::address(0): return (tx_on_ || never_stops ? 1 : 0) | (tx_error_ ? 2 : 0);
    case regs::RxState::address(0): return (rx_on_ || never_stops ? 1 : 0) | (rx_error_ ? 2 : 0);
    case regs::TxConsIdx::address(0): return tx_cons_;
    case regs::RxConsIdx::address(0): return rx_cons_;
    case regs::RetProdIdx::address(0): return ret_prod_;
    case regs::StatusTag::address(0): return tag_;
    case regs::IntControl::address(0): return (mask_ ? 1 : 0) | (auto_mask_ ? 2 : 0);
    default: return reg(offset);
  }
}

void FakeNic::mmio_write32(unsigned bar, uint32_t offset, uint32_t value) {
  platform_.log(FakePlatform::Kind::kMmioWrite, offset, value);
  if (gone) return;
  if (bar != 0 || offset >= bar_size || !(command() & kCommandMemory)) violation("MMIO write outside the BAR");
  if (before_write) before_write(offset);
  const bool tx_setup = offset >= regs::TxBase::address(0) && offset <= regs::TxSize::address(0);
  const bool rx_setup = offset >= regs::RxBase::address(0) && offset <= regs::RxSize::address(0);
  if ((tx_setup && tx_on_) || (rx_setup && rx_on_)) violation("base or size written while the ring is on");
  switch (offset) {
    case regs::Reset::address(): return soft_reset();
    case regs::ErrorCause::address(): regs_[offset] &= ~value; return;
    case regs::TxControl::address(0): return write_tx_control(value);
    case regs::RxControl::address(0): return write_rx_control(value);
    case regs::IntControl::address(0): return write_int_control(value);
    case regs::IntRearm::address(0): return rearm(value);
    case regs::RetConsIdx::address(0): ret_cons_ = value; return;
    case regs::TxProdIdx::address(0):
      tx_prod_ = value;
      if (tx_prod_ - tx_cons_ > 1u << reg(regs::TxSize::address(0))) violation("TX doorbell beyond the ring");
      if (!hold_tx) process_tx();
      return;
    case regs::RxProdIdx::address(0):
      rx_prod_ = value;
      if (rx_prod_ - rx_cons_ > 1u << reg(regs::RxSize::address(0))) violation("RX doorbell beyond the ring");
      return;
    default: regs_[offset] = value;
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
  tx_prod_ = tx_cons_ = rx_prod_ = rx_cons_ = ret_prod_ = ret_cons_ = tag_ = 0;
  tx_on_ = rx_on_ = tx_error_ = rx_error_ = auto_mask_ = false;
  mask_ = true;
}

void FakeNic::write_tx_control(uint32_t value) {
  if (value & 2) {
    if (tx_on_) violation("TX ring reset while it is on");
    tx_prod_ = tx_cons_ = 0;
    tx_error_ = false;
  }
  if ((value & 1) && !tx_on_) {
    if (tx_error_) violation("TX ring turned on in error");
    if (wide(regs::TxBase::address(0)) % 4096) violation("TX ring not aligned");
    tx_prod_ = tx_cons_ = 0;
  }
  tx_on_ = (value & 1) != 0;
}

void FakeNic::write_rx_control(uint32_t value) {
  if (value & 2) {
    if (rx_on_) violation("RX ring reset while it is on");
    rx_prod_ = rx_cons_ = ret_prod_ = ret_cons_ = 0;
    rx_error_ = false;
  }
  if ((value & 1) && !rx_on_) {
    if (rx_error_) violation("RX ring turned on in error");
    if (wide(regs::RxBase::address(0)) % 4096) violation("RX ring not aligned");
    if (wide(regs::RetBase::address(0)) % 4096) violation("return ring not aligned");
    rx_prod_ = rx_cons_ = ret_prod_ = ret_cons_ = 0;
  }
  rx_on_ = (value & 1) != 0;
}

// ---- interrupts ----

void FakeNic::write_int_control(uint32_t value) {
  mask_ = (value & 1) != 0;
  auto_mask_ = (value & 2) != 0;
  if (value & 4) signal();
}

void FakeNic::rearm(uint32_t tag) {
  mask_ = false;
  if (tag != tag_) signal();
}

void FakeNic::signal() {
  if (mask_) return;
  mask_ = auto_mask_;
  send_message(1);
}

void FakeNic::send_message(unsigned vector) {
  const bool enabled = (config_[kMsixCapability + 3] & 0xC0) == 0x80 && (command() & kCommandMaster);
  if (gone || lose_messages || !enabled || reg(regs::VectorControl::address(vector)) & 1) return;
  platform_.message(wide(regs::MsgAddr::address(vector)), reg(regs::MsgData::address(vector)));
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

void FakeNic::fail_tx(regs::ErrorReason reason) {
  tx_error_ = true;
  tx_on_ = false;
  regs_[regs::TxError::address(0)] = static_cast<uint32_t>(reason);
  raise(1);
}

void FakeNic::fail_rx(regs::ErrorReason reason) {
  rx_error_ = true;
  rx_on_ = false;
  regs_[regs::RxError::address(0)] = static_cast<uint32_t>(reason);
  raise(1);
}

void FakeNic::write_status() {
  if (hold_status || gone) return;
  regs::StatusBlock block{++tag_, tx_cons_, rx_cons_, ret_prod_, 0, 0, 0};
  if (corrupt_status) corrupt_status(block);
  uint8_t* to = platform_.device_write(wide(regs::StatusBase::address(0)), sizeof block);
  if (to) std::memcpy(to, &block, sizeof block);
  signal();
}

// ---- frames ----

void FakeNic::process_tx(size_t packets) {
  if (!(reg(regs::Control::address()) & 1) || tx_error_) return;
  const uint32_t before = tx_cons_;
  for (size_t i = 0; i < packets && tx_on_ && tx_cons_ != tx_prod_; ++i) {
    if (!send_one()) return fail_tx(regs::ErrorReason::kBadDescriptor);
  }
  if (tx_cons_ != before) write_status();
}

bool FakeNic::send_one() {
  if (!(command() & kCommandMaster)) violation("DMA without bus master");
  SentPacket packet;
  for (uint32_t index = tx_cons_; index != tx_prod_; ++index) {
    const uint32_t slot = index & ((1u << reg(regs::TxSize::address(0))) - 1);
    regs::TxDescriptor descriptor{};
    const uint64_t bus = wide(regs::TxBase::address(0)) + slot * sizeof descriptor;
    const uint8_t* from = platform_.device_read(bus, sizeof descriptor);
    if (!from) return false;
    std::memcpy(&descriptor, from, sizeof descriptor);
    const uint8_t* bytes = descriptor.length ? platform_.device_read(descriptor.address, descriptor.length) : nullptr;
    if (!bytes || packet.descriptors.size() == 32) return false;
    packet.bytes.insert(packet.bytes.end(), bytes, bytes + descriptor.length);
    packet.descriptors.push_back(descriptor);
    if (!(descriptor.flags & regs::tx_flags::kEop)) continue;
    tx_cons_ = index + 1;
    sent.push_back(std::move(packet));
    return true;
  }
  violation("doorbell covers part of a packet");
  return false;
}

regs::RxDescriptor FakeNic::rx_descriptor(uint32_t index) {
  const uint32_t slot = index & ((1u << reg(regs::RxSize::address(0))) - 1);
  regs::RxDescriptor descriptor{};
  const uint64_t bus = wide(regs::RxBase::address(0)) + slot * sizeof descriptor;
  const uint8_t* from = platform_.device_read(bus, sizeof descriptor);
  if (from) std::memcpy(&descriptor, from, sizeof descriptor);
  return descriptor;
}

bool FakeNic::receive(const std::vector<uint8_t>& frame, uint16_t flags) {
  if (gone || !rx_on_ || !(reg(regs::Control::address()) & 2)) return false;
  uint32_t room = 0, pieces = 0;
  for (; room < frame.size() && pieces < buffers(); ++pieces) room += rx_descriptor(rx_cons_ + pieces).length;
  const uint32_t ret_room = (1u << reg(regs::RetSize::address(0))) - (ret_prod_ - ret_cons_);
  if (room < frame.size() || pieces > ret_room) {
    ++no_buffer;
    return false;
  }
  size_t done = 0;
  for (uint32_t i = 0; i < pieces; ++i) {
    const auto bytes = static_cast<uint32_t>(std::min<size_t>(rx_descriptor(rx_cons_).length, frame.size() - done));
    unsigned piece = i == 0 ? regs::return_flags::kSop : 0u;
    if (i + 1 == pieces) piece |= flags | regs::return_flags::kEop;
    put_piece(rx_cons_++, frame, done, bytes, static_cast<uint16_t>(piece));
    done += bytes;
  }
  write_status();
  return true;
}

void FakeNic::report_late(const std::vector<uint8_t>& frame) {
  const bool was_on = rx_on_;
  rx_on_ = true;
  if (!receive(frame)) violation("no room for the late frame");
  rx_on_ = was_on;
}

void FakeNic::put_piece(uint32_t index, const std::vector<uint8_t>& frame, size_t offset, uint32_t bytes,
                        uint16_t flags) {
  const regs::RxDescriptor descriptor = rx_descriptor(index);
  uint8_t* to = platform_.device_write(descriptor.address, bytes);
  if (to) std::memcpy(to, frame.data() + offset, bytes);
  regs::ReturnEntry entry{};
  entry.opaque = descriptor.opaque;
  entry.length = static_cast<uint16_t>(bytes);
  entry.flags = flags;
  entry.raw_csum = 0x1234;
  entry.timestamp = platform_.now_ns();
  entry.frame_length = static_cast<uint16_t>(frame.size());
  entry.index = ret_prod_;
  if (corrupt_entry) corrupt_entry(entry);
  const uint64_t bus = wide(regs::RetBase::address(0)) +
                       (ret_prod_ & ((1u << reg(regs::RetSize::address(0))) - 1)) * sizeof entry;
  ++ret_prod_;
  if (stage_entries) return platform_.stage(bus, &entry, sizeof entry);
  if (uint8_t* ring = platform_.device_write(bus, sizeof entry)) std::memcpy(ring, &entry, sizeof entry);
}

}  // namespace ringside::testbench
