// Bring-up and taking down, in the steps of REFERENCE.md sections 8 and 13.
#include <algorithm>
#include <utility>

#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr uint64_t kResetLimitNs = 100'000'000;  // REFERENCE.md section 8, step 4: longer than DMA_TIMEOUT
constexpr uint64_t kRingLimitNs = 100'000'000;   // REFERENCE.md section 12, step 3: longer than DMA_TIMEOUT
constexpr uint32_t kVersionMajor = regs::Version::kResetValue >> 16;

uint32_t log2_of(uint32_t entries) {
  uint32_t log2 = 0;
  while (1u << log2 < entries) ++log2;
  return log2;
}

}  // namespace

const char* to_string(BringUp result) {
  switch (result) {
    case BringUp::kUp:
      return "up";
    case BringUp::kNotFound:
      return "no such PCI function";
    case BringUp::kBadBar:
      return "BAR missing or too small";
    case BringUp::kNotRinging:
      return "not a Ringside NIC, or another version of it";
    case BringUp::kResetTimeout:
      return "soft reset does not end";
    case BringUp::kNoVectors:
      return "no MSI-X with enough vectors, and no MSI";
    case BringUp::kNoInterrupt:
      return "the machine has no interrupt left";
    case BringUp::kNoMemory:
      return "no DMA memory left";
    case BringUp::kAlreadyUp:
      return "already up";
  }
  return "unknown";
}

NicDriver::NicDriver(Platform& platform, stack::BufferPool& rx_pool, const NicConfig& config)
    : platform_(platform), rx_pool_(rx_pool), config_(config) {
  validate(config_);
}

NicDriver::~NicDriver() {
  remove();
}

BringUp NicDriver::bring_up() {
  if (state_ != State::kDown) return BringUp::kAlreadyUp;
  const BringUp result = bring_up_steps();
  if (result != BringUp::kUp) release_all();
  return result;
}

BringUp NicDriver::bring_up_steps() {
  if (!find_function()) return BringUp::kNotFound;  // 1 Find the function
  if (function_->bar_bytes(regs::kBar) < regs::kBarBytes) return BringUp::kBadBar;
  set_command(*function_, kPciCommandMemorySpace | kPciCommandBusMaster, 0);              // 2 Decoding, bus mastering
  if (const BringUp result = identify(); result != BringUp::kUp) return result;           // 3 Check identity
  if (!soft_reset()) return BringUp::kResetTimeout;                                       // 4 Soft reset
  if (!set_up_memory()) return BringUp::kNoMemory;                                        // 5 Memory
  if (const BringUp result = set_up_interrupts(); result != BringUp::kUp) return result;  // 6 Interrupts
  set_up_mac();                                                                           // 7 MAC
  set_up_queues();                                                                        // 8 to 10
  let_traffic_in();                                                                       // 11 Errors, 12 Traffic
  return BringUp::kUp;
}

bool NicDriver::find_function() {
  function_ = platform_.find_function(regs::kVendorId, regs::kDeviceId, config_.function);
  nic_ = Registers(function_);
  return function_ != nullptr;
}

BringUp NicDriver::identify() {
  if (nic_.read<regs::Id>().bits != regs::Id::kResetValue) return BringUp::kNotRinging;
  if (nic_.read<regs::Version>().bits >> 16 != kVersionMajor) return BringUp::kNotRinging;
  nic_features_ = nic_.read<regs::Features>();
  return nic_features_.get(regs::Features::kQueues) >= 1 ? BringUp::kUp : BringUp::kNotRinging;
}

bool NicDriver::soft_reset() {
  nic_.write<regs::Reset>(regs::Reset::kSoft.mask());
  return wait_until(platform_, kResetLimitNs, [&] { return !nic_.read<regs::Reset>().test(regs::Reset::kSoft); });
}

bool NicDriver::set_up_memory() {
  const unsigned count = std::min<unsigned>(config_.queues, nic_features_.get(regs::Features::kQueues));
  for (unsigned q = 0; q < count; ++q) {
    queues_.push_back(std::make_unique<Queue>(platform_, q));
    Queue& queue = *queues_.back();
    queue.tx = new_tx_ring(config_.rings);
    queue.rx = new_rx_ring(config_.rings);
    if (!queue.status.allocated() || !queue.tx || !queue.rx) return false;
  }
  return true;
}

std::unique_ptr<TxRing> NicDriver::new_tx_ring(const RingSizes& sizes) {
  auto ring = std::make_unique<TxRing>(platform_, sizes.tx);
  return ring->allocated() ? std::move(ring) : nullptr;
}

std::unique_ptr<RxRing> NicDriver::new_rx_ring(const RingSizes& sizes) {
  auto ring = std::make_unique<RxRing>(platform_, rx_pool_, sizes.rx, sizes.ret, config_.rx_buffer_bytes);
  return ring->allocated() ? std::move(ring) : nullptr;
}

BringUp NicDriver::set_up_interrupts() {
  service_poll_ = platform_.poll_register([this] { return service(); });
  watchdog_ = platform_.timer_register([this] {
    watchdog_running_ = false;
    watchdog_expired_ = true;
    platform_.poll_schedule(service_poll_);
  });
  std::vector<Interrupts::Handler> handlers = {[this] { on_service_interrupt(); }};
  for (auto& entry : queues_) {
    Queue& queue = *entry;
    queue.poll = platform_.poll_register([this, &queue] { return poll(queue); });
    handlers.push_back([this, &queue] { on_interrupt(queue); });
  }
  switch (interrupts_.open(function_, config_.interrupts, handlers, [this] { on_shared_interrupt(); })) {
    case Interrupts::Open::kNoCapability:
      return BringUp::kNoVectors;
    case Interrupts::Open::kNoneLeft:
      return BringUp::kNoInterrupt;
    case Interrupts::Open::kDone:
      break;
  }
  interrupts_.enable();
  for (unsigned v = 0; observer_ && v < interrupts_.messages().size(); ++v)
    observer_->on_vector(v, interrupts_.messages()[v]);
  return BringUp::kUp;
}

void NicDriver::set_up_mac() {
  write_mac_address();
  nic_.write<regs::MacHash>(multicast_hash_);
  write_max_frame();
  nic_.write<regs::DmaTimeout>(config_.dma_timeout_us);
  write_pause();
  write_rss();
  write_mac_control();
}

void NicDriver::set_up_queues() {
  for (auto& queue : queues_) {
    set_up_queue(*queue);  // 8 Queue set
    turn_on_tx(*queue);    // 9 Turn the rings on
    turn_on_rx(*queue);
    provide(*queue);  // 10 Provide buffers
  }
}

void NicDriver::set_up_queue(Queue& queue) {
  queue.status.clear();
  nic_.write<regs::StatusBase>(queue.status.bus().value, queue.number);
  write_coalescing(queue);
  write_int_control(queue);
}

void NicDriver::turn_on_tx(Queue& queue) {
  queue.tx->start();
  if (observer_) observer_->on_tx_ring(queue.number, {queue.tx->bus(), queue.status.bus(), queue.tx->entries()});
  nic_.write<regs::TxBase>(queue.tx->bus().value, queue.number);
  nic_.write<regs::TxSize>(log2_of(queue.tx->entries()), queue.number);
  nic_.write<regs::TxProdIdx>(0, queue.number);
  queue.tx_floor_tag = nic_.read<regs::StatusTag>(queue.number).bits;
  queue.last_stamp_ns = queue.status.tx_stamp();  // of the ring's last turn, taken or not: its index comes again
  queue.tx_moved_ns = platform_.now_ns();
  if (std::exchange(queue.stamp_id, 0)) ++statistics_.tx_stamps_lost;
  queue.tx_broken = false;
  nic_.write<regs::TxControl>(regs::TxControl::kEnable.mask(), queue.number);
}

void NicDriver::turn_on_rx(Queue& queue) {
  queue.rx->start();
  if (observer_)
    observer_->on_rx_ring(queue.number, {queue.rx->rx_bus(), queue.rx->ret_bus(), queue.status.bus(),
                                         queue.rx->rx_entries(), queue.rx->ret_entries()});
  nic_.write<regs::RxBase>(queue.rx->rx_bus().value, queue.number);
  nic_.write<regs::RxSize>(log2_of(queue.rx->rx_entries()), queue.number);
  nic_.write<regs::RetBase>(queue.rx->ret_bus().value, queue.number);
  nic_.write<regs::RetSize>(log2_of(queue.rx->ret_entries()), queue.number);
  nic_.write<regs::RxProdIdx>(0, queue.number);
  nic_.write<regs::RetConsIdx>(0, queue.number);
  queue.rx_floor_tag = nic_.read<regs::StatusTag>(queue.number).bits;
  queue.rx_broken = queue.ret_broken = false;
  nic_.write<regs::RxControl>(regs::RxControl::kEnable.mask(), queue.number);
}

void NicDriver::let_traffic_in() {
  nic_.write<regs::ErrorMask>(0);
  const auto both = regs::Value<regs::Control>{}.with(regs::Control::kTxEnable, 1).with(regs::Control::kRxEnable, 1);
  nic_.write(both);
  state_ = State::kRunning;
  for (auto& queue : queues_) rearm(*queue, queue->rx_floor_tag);
  update_link();
  // The rings have been at work since they were turned on: what failed meanwhile told nobody who listened.
  if (nic_.read<regs::ErrorCause>().bits) platform_.poll_schedule(service_poll_);
}

// Off, and what was fetched has finished.
bool NicDriver::stop_tx(Queue& queue) {
  nic_.write<regs::TxControl>(0, queue.number);
  return wait_until(platform_, kRingLimitNs,
                    [&] { return !nic_.read<regs::TxState>(queue.number).test(regs::TxState::kRunning); });
}

bool NicDriver::stop_rx(Queue& queue) {
  nic_.write<regs::RxControl>(0, queue.number);
  return wait_until(platform_, kRingLimitNs,
                    [&] { return !nic_.read<regs::RxState>(queue.number).test(regs::RxState::kRunning); });
}

// Reset of a stopped ring: afterwards the NIC knows nothing of its memory.
bool NicDriver::clear_tx(Queue& queue) {
  nic_.write<regs::TxControl>(static_cast<uint32_t>(regs::TxControl::kReset.mask()), queue.number);
  return wait_until(platform_, kRingLimitNs,
                    [&] { return !nic_.read<regs::TxControl>(queue.number).test(regs::TxControl::kReset); });
}

bool NicDriver::clear_rx(Queue& queue) {
  nic_.write<regs::RxControl>(static_cast<uint32_t>(regs::RxControl::kReset.mask()), queue.number);
  return wait_until(platform_, kRingLimitNs,
                    [&] { return !nic_.read<regs::RxControl>(queue.number).test(regs::RxControl::kReset); });
}

void NicDriver::remove() {
  if (state_ == State::kDown) return;
  const bool reachable = state_ == State::kRunning;
  state_ = State::kDown;
  link_up_ = false;
  if (reachable) quiesce();
  release_all();
}

// REFERENCE.md section 13. What does not end in time is ended by the soft reset and by taking bus mastering away.
void NicDriver::quiesce() {
  nic_.write<regs::Control>(0);  // 1 No traffic, no interrupts
  nic_.write<regs::ErrorMask>(static_cast<uint32_t>(regs::ErrorMask::kBits.mask()));
  for (auto& queue : queues_) {
    nic_.write<regs::IntControl>(regs::IntControl::kMask.mask(), queue->number);
    stop_tx(*queue);  // 2 Rings off
    stop_rx(*queue);
  }
  if (!soft_reset()) ++statistics_.reset_timeouts;  // 3 Soft reset
}

// Whatever bring-up has taken so far, in reverse order. Memory last: the NIC must not reach it any more.
void NicDriver::release_all() {
  interrupts_.disable();  // 4 Vectors, bus mastering
  if (function_) set_command(*function_, 0, kPciCommandBusMaster);
  interrupts_.close();
  if (service_poll_ >= 0) platform_.poll_unregister(service_poll_);
  if (watchdog_ >= 0) platform_.timer_unregister(watchdog_);
  for (auto& queue : queues_) {
    if (queue->poll >= 0) platform_.poll_unregister(queue->poll);
  }
  service_poll_ = watchdog_ = -1;
  watchdog_running_ = watchdog_expired_ = false;
  queues_.clear();  // 5 Rings, packets, buffers
  resets_in_a_row_ = 0;
  loopback_ = false;
  function_ = nullptr;
}

}  // namespace ringside::driver
