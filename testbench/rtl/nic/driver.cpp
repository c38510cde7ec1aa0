#include "testbench/rtl/nic/driver.h"

#include <cstring>
#include <stdexcept>

namespace ringside::testbench::nic {
namespace {

// PCI Local Bus 3.0 chapter 6, PCI Express Base 2.x section 7.8.
constexpr unsigned kCommand = 0x04, kBar0 = 0x10, kCapabilities = 0x34;
constexpr unsigned kMemorySpace = 2, kBusMaster = 4;
constexpr unsigned kMsixId = 0x11, kExpressId = 0x10;
constexpr uint32_t kMsixEnable = 1u << 31, kMsixMask = 1u << 30;
constexpr uint64_t kAnswerCycles = 100'000;
constexpr unsigned kEnable = 1, kReset = 2, kRunning = 1;

unsigned size_code(unsigned octets) {  // of MPS and MRRS: 128 << code
  unsigned code = 0;
  while ((128u << code) < octets) ++code;
  return code;
}

uint32_t word_of(const uint8_t* octets) {
  uint32_t word;
  std::memcpy(&word, octets, sizeof word);
  return word;
}

}  // namespace

Driver::Driver(Card& card, const DriverSettings& settings)
    : card_(card), settings_(settings), next_free_(card.host.settings.memory_base) {}

uint64_t Driver::allocate(size_t bytes, size_t alignment) {
  const uint64_t address = (next_free_ + alignment - 1) / alignment * alignment;
  next_free_ = address + bytes;
  card_.host.memory(address, bytes);  // throws when the memory is used up
  return address;
}

uint64_t Driver::allocate_at(size_t bytes, unsigned page_offset) {
  const uint64_t page = allocate(page_offset + bytes, 4096);
  return page + page_offset;
}

// ---------------------------------------------------------------- registers
const Host::Answer& Driver::wait_for(unsigned ticket) {
  const Host::Answer& answer = card_.host.answer(ticket);
  if (!card_.until([&] { return answer.done; }, kAnswerCycles)) card_.verdicts.say("P39", "no answer", ticket);
  return answer;
}

uint32_t Driver::read(uint32_t offset) {
  const Host::Answer& answer = wait_for(card_.host.read32(offset));
  return answer.status == 0 ? answer.data : ~0u;
}

uint64_t Driver::read64(uint32_t offset) {  // section 2: LO, then HI
  const uint32_t low = read(offset);
  return uint64_t{read(offset + 4)} << 32 | low;
}

uint32_t Driver::config(unsigned offset) {
  return wait_for(card_.host.config_read(offset)).data;
}

void Driver::config_write(unsigned offset, uint32_t value, unsigned be) {
  wait_for(card_.host.config_write(offset, value, be));
}

unsigned Driver::find_capability(unsigned id) {
  unsigned at = config(kCapabilities) & 0xFC;
  for (unsigned hops = 0; at != 0 && hops < 48; ++hops) {
    const uint32_t header = config(at);
    if ((header & 0xFF) == id) return at;
    at = header >> 8 & 0xFC;
  }
  return 0;
}

std::array<uint64_t, regs::kNumCounters> Driver::counters() {
  std::array<uint64_t, regs::kNumCounters> values{};
  for (size_t i = 0; i < values.size(); ++i) values[i] = read64(regs::kCountersBase + 8 * static_cast<uint32_t>(i));
  return values;
}

bool Driver::wait_for_zero(uint32_t offset, uint32_t mask) {
  constexpr unsigned kReads = 20'000;
  for (unsigned i = 0; i < kReads; ++i)
    if ((read(offset) & mask) == 0) return true;
  return false;
}

// ---------------------------------------------------------------- section 8
bool Driver::bring_up() {
  if (!find_function()) return false;  // 1, 2
  if (read(regs::Id::address()) != regs::Id::kResetValue) return fail("3: ID");
  if (read(regs::Version::address()) >> 16 != 1) return fail("3: VERSION");
  const regs::Value<regs::Features> features{read(regs::Features::address())};
  if (features.get(regs::Features::kQueues) < settings_.queues) return fail("3: FEATURES");
  if (!soft_reset()) return fail("4: soft reset");
  queues_ = {};
  allocate_rings();  // 5
  if (!set_up_msix()) return fail("6: MSI-X");
  set_up_mac();  // 7
  set_up_rss();
  for (unsigned q = 0; q < settings_.queues; ++q) set_up_queue(q);  // 8, 9
  write(regs::ErrorCause::address(), 0x7FF);                        // 11
  write(regs::ErrorMask::address(), 0);
  write(regs::Control::address(), regs::Control::kTxEnable.mask() | regs::Control::kRxEnable.mask());  // 12
  for (unsigned q = 0; settings_.interrupts && q < settings_.queues; ++q) rearm(q);
  flush();
  return true;
}

bool Driver::find_function() {
  config_write(0, 0);  // a configuration write gives the function its bus and device number
  if (config(0) != (uint32_t{regs::kDeviceId} << 16 | regs::kVendorId)) return fail("1: vendor and device");
  config_write(kBar0, ~0u);
  config_write(kBar0 + 4, ~0u);
  const uint64_t size = ~(uint64_t{config(kBar0 + 4)} << 32 | (config(kBar0) & ~0xFu)) + 1;
  if (size != regs::kBarBytes) return fail("1: size of BAR 0");
  config_write(kBar0, static_cast<uint32_t>(Host::kBarBase));
  config_write(kBar0 + 4, static_cast<uint32_t>(Host::kBarBase >> 32));
  const unsigned express = find_capability(kExpressId);
  if (express == 0) return fail("1: PCI Express capability");
  // MPS and MRRS are the machine's to set, and this is the machine too. Extended tags (bit 8) likewise.
  config_write(express + 8,
               size_code(card_.host.settings.mps) << 5 | size_code(card_.host.settings.mrrs) << 12 | 1u << 8, 0x3);
  config_write(kCommand, kMemorySpace | kBusMaster, 0x3);
  return true;
}

bool Driver::soft_reset() {
  write(regs::Reset::address(), 1);
  return wait_for_zero(regs::Reset::address(), 1);
}

void Driver::allocate_rings() {
  for (unsigned q = 0; q < settings_.queues; ++q) {
    QueueState& state = queues_[q];
    state.tx_ring = allocate(size_t{16} << settings_.tx_log2, 4096);
    state.rx_ring = allocate(size_t{16} << settings_.rx_log2, 4096);
    state.ret_ring = allocate(size_t{32} << settings_.ret_log2, 4096);
    std::memset(card_.host.memory(state.tx_ring, size_t{16} << settings_.tx_log2), 0xFF,
                size_t{16} << settings_.tx_log2);
    std::memset(card_.host.memory(state.rx_ring, size_t{16} << settings_.rx_log2), 0xFF,
                size_t{16} << settings_.rx_log2);
    std::memset(card_.host.memory(state.ret_ring, size_t{32} << settings_.ret_log2), 0xFF,
                size_t{32} << settings_.ret_log2);
    if (state.status == 0) allocate_status_block(&state);
  }
}

void Driver::allocate_status_block(QueueState* state) {
  state->status = allocate(64, 64);
  std::memset(card_.host.memory(state->status, 64), 0, 64);
  card_.host.status_blocks.push_back(state->status);
}

bool Driver::set_up_msix() {
  msix_ = find_capability(kMsixId);
  if (msix_ == 0) return false;
  const unsigned vectors = (config(msix_) >> 16 & 0x7FF) + 1;
  const uint32_t table = config(msix_ + 4);
  if (vectors < settings_.queues + 1 || (table & 7) != 0 || (table & ~7u) != regs::kMsixTableBase) return false;
  for (unsigned v = 0; v <= settings_.queues; ++v) {
    card_.host.write32(regs::MsgAddr::address(v), static_cast<uint32_t>(Host::kMessageBase));
    card_.host.write32(regs::MsgAddr::address(v) + 4, static_cast<uint32_t>(Host::kMessageBase >> 32));
    card_.host.write32(regs::MsgData::address(v), v);
    card_.host.write32(regs::VectorControl::address(v), 0);
  }
  config_write(msix_, kMsixEnable, 0xC);
  return true;
}

void Driver::set_up_mac() {
  write(regs::MacAddr::address(), static_cast<uint32_t>(settings_.mac_address));
  write(regs::MacAddr::address() + 4, static_cast<uint32_t>(settings_.mac_address >> 32));
  write(regs::MacHash::address(), static_cast<uint32_t>(settings_.mac_hash));
  write(regs::MacHash::address() + 4, static_cast<uint32_t>(settings_.mac_hash >> 32));
  write(regs::MaxFrame::address(), settings_.max_frame);
  write(regs::MacControl::address(), settings_.mac_control);
}

void Driver::set_up_rss() {
  const RssSettings& rss = settings_.rss;
  if (rss.control == 0) return;
  for (unsigned i = 0; i < rss.key.size() / 4; ++i) write(regs::RssKey::address(i), word_of(&rss.key[4 * i]));
  for (unsigned i = 0; i < rss.table.size() / 4; ++i) write(regs::RssTable::address(i), word_of(&rss.table[4 * i]));
  write(regs::RssControl::address(), rss.control);
}

void Driver::set_up_queue(unsigned q) {
  card_.host.write64(regs::StatusBase::address(q), queues_[q].status);
  set_rings(q);
  write(regs::IntRxFrames::address(q), settings_.rx_frames);
  write(regs::IntRxUsecs::address(q), settings_.rx_usecs);
  write(regs::IntTxFrames::address(q), settings_.tx_frames);
  write(regs::IntTxUsecs::address(q), settings_.tx_usecs);
  write(regs::IntMaxUsecs::address(q), settings_.max_usecs);
  write(regs::IntControl::address(q), regs::IntControl::kMask.mask() | regs::IntControl::kAutoMask.mask());
  write(regs::TxControl::address(q), kEnable);
  write(regs::RxControl::address(q), kEnable);
  queues_[q].tag = read(regs::StatusTag::address(q));
}

void Driver::set_rings(unsigned q) {
  const QueueState& state = queues_[q];
  card_.host.write64(regs::TxBase::address(q), state.tx_ring);
  card_.host.write64(regs::RxBase::address(q), state.rx_ring);
  card_.host.write64(regs::RetBase::address(q), state.ret_ring);
  write(regs::TxSize::address(q), settings_.tx_log2);
  write(regs::RxSize::address(q), settings_.rx_log2);
  write(regs::RetSize::address(q), settings_.ret_log2);
}

bool Driver::take_down() {  // section 13
  write(regs::Control::address(), 0);
  write(regs::ErrorMask::address(), ~0u);
  for (unsigned q = 0; q < settings_.queues; ++q) {
    write(regs::IntControl::address(q), regs::IntControl::kMask.mask());
    write(regs::TxControl::address(q), 0);
    write(regs::RxControl::address(q), 0);
    if (!wait_for_zero(regs::TxState::address(q), kRunning)) return fail("2: TX running");
    if (!wait_for_zero(regs::RxState::address(q), kRunning)) return fail("2: RX running");
  }
  if (!soft_reset()) return fail("3: soft reset");
  config_write(msix_, 0, 0xC);
  config_write(kCommand, kMemorySpace, 0x3);
  return true;
}

// ---------------------------------------------------------------- section 12
bool Driver::recover_tx(unsigned q) {
  write(regs::TxControl::address(q), 0);
  if (!wait_for_zero(regs::TxState::address(q), kRunning)) return fail("2: TX running");
  write(regs::TxControl::address(q), kReset);
  if (!wait_for_zero(regs::TxControl::address(q), kReset)) return fail("4: TX reset");
  queues_[q].tx_prod = queues_[q].tx_cons = 0;
  queues_[q].tx_since = read(regs::StatusTag::address(q));
  write(regs::TxControl::address(q), kEnable);
  return true;
}

bool Driver::recover_rx(unsigned q) {
  write(regs::RxControl::address(q), 0);
  if (!wait_for_zero(regs::RxState::address(q), kRunning)) return fail("2: RX running");
  write(regs::RxControl::address(q), kReset);
  if (!wait_for_zero(regs::RxControl::address(q), kReset)) return fail("4: RX reset");
  QueueState& state = queues_[q];
  state.rx_prod = state.rx_cons = state.ret_prod = state.ret_cons = state.ret_told = 0;
  state.rx_since = read(regs::StatusTag::address(q));
  write(regs::RxControl::address(q), kEnable);
  return true;
}

bool Driver::reset_rings(unsigned q) {
  write(regs::TxControl::address(q), 0);
  write(regs::RxControl::address(q), 0);
  if (!wait_for_zero(regs::TxState::address(q), kRunning)) return fail("2: TX running");
  if (!wait_for_zero(regs::RxState::address(q), kRunning)) return fail("2: RX running");
  write(regs::TxControl::address(q), kReset);
  write(regs::RxControl::address(q), kReset);
  if (!wait_for_zero(regs::TxControl::address(q), kReset)) return fail("4: TX reset");
  return wait_for_zero(regs::RxControl::address(q), kReset) || fail("4: RX reset");
}

bool Driver::change_rings(unsigned tx_log2, unsigned rx_log2, unsigned ret_log2) {
  for (unsigned q = 0; q < settings_.queues; ++q)
    if (!reset_rings(q)) return false;
  settings_.tx_log2 = tx_log2;
  settings_.rx_log2 = rx_log2;
  settings_.ret_log2 = ret_log2;
  allocate_rings();
  for (unsigned q = 0; q < settings_.queues; ++q) {
    QueueState& state = queues_[q];
    set_rings(q);
    state.tx_prod = state.tx_cons = state.rx_prod = state.rx_cons = state.ret_prod = state.ret_cons = state.ret_told =
        0;
    state.tx_since = state.rx_since = read(regs::StatusTag::address(q));
    write(regs::TxControl::address(q), kEnable);
    write(regs::RxControl::address(q), kEnable);
  }
  return true;
}

}  // namespace ringside::testbench::nic
