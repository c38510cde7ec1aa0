#include "testbench/driver/fake_platform.h"

#include <algorithm>
#include <cstring>

namespace ringside::testbench {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kMessageBase = 0xFEE0'0000;

}  // namespace

using driver::DmaAddress;
using driver::DmaBlock;
using driver::DmaDirection;
using driver::MsiMessage;

FakePlatform::~FakePlatform() = default;

driver::PciFunction* FakePlatform::find_function(uint16_t vendor, uint16_t device, unsigned n) {
  return vendor == vendor_id && device == device_id && n == 0 ? function : nullptr;
}

// ---- memory ----

DmaBlock FakePlatform::dma_allocate(size_t bytes) {
  if (blocks_left == 0) return {};
  --blocks_left;
  Block block;
  block.storage = std::make_unique<uint8_t[]>(bytes + kPage);
  const auto start = reinterpret_cast<uintptr_t>(block.storage.get());
  block.cpu = block.storage.get() + (kPage - start % kPage) % kPage;
  block.shadow.assign(bytes, 0);
  const uint64_t bus = next_block_;
  next_block_ += (bytes + kPage - 1) / kPage * kPage + kPage;
  const DmaBlock result{block.cpu, DmaAddress{bus}, bytes};
  blocks_.emplace(bus, std::move(block));
  return result;
}

void FakePlatform::dma_free(const DmaBlock& block) {
  if (blocks_.erase(block.bus.value) == 0) violation("dma_free of what was not allocated");
}

DmaAddress FakePlatform::dma_map(const void* cpu, size_t bytes, DmaDirection direction) {
  const uint64_t offset = reinterpret_cast<uintptr_t>(cpu) % kPage;
  if (bytes == 0 || offset + bytes > kPage) violation("dma_map across a page");
  const uint64_t bus = next_mapping_ + offset;
  next_mapping_ += 2 * kPage;
  mappings_.emplace(bus, Mapping{static_cast<uint8_t*>(const_cast<void*>(cpu)), bytes, direction});
  return DmaAddress{bus};
}

void FakePlatform::dma_unmap(DmaAddress address, size_t bytes, DmaDirection direction) {
  const auto found = mappings_.find(address.value);
  if (found == mappings_.end() || found->second.bytes != bytes || found->second.direction != direction) {
    return violation("dma_unmap of what is not mapped");
  }
  mappings_.erase(found);
}

void FakePlatform::write_barrier() {
  log(Kind::kWriteBarrier, 0, 0);
  for (auto& [bus, block] : blocks_) std::memcpy(block.shadow.data(), block.cpu, block.shadow.size());
}

void FakePlatform::read_barrier() {
  log(Kind::kReadBarrier, 0, 0);
  for (const Staged& staged : staged_) std::memcpy(staged.cpu, staged.data.data(), staged.data.size());
  staged_.clear();
  const auto hook = at_read_barrier.find(++read_barriers);
  if (hook != at_read_barrier.end()) hook->second();
}

std::map<uint64_t, FakePlatform::Block>::iterator FakePlatform::block_of(uint64_t bus, size_t bytes) {
  auto found = blocks_.upper_bound(bus);
  if (found == blocks_.begin()) return blocks_.end();
  --found;
  return bus + bytes <= found->first + found->second.shadow.size() ? found : blocks_.end();
}

std::map<uint64_t, FakePlatform::Mapping>::iterator FakePlatform::mapping_of(uint64_t bus, size_t bytes) {
  auto found = mappings_.upper_bound(bus);
  if (found == mappings_.begin()) return mappings_.end();
  --found;
  return bus + bytes <= found->first + found->second.bytes ? found : mappings_.end();
}

const uint8_t* FakePlatform::device_read(uint64_t bus, size_t bytes) {
  if (const auto block = block_of(bus, bytes); block != blocks_.end()) {
    return block->second.shadow.data() + (bus - block->first);
  }
  const auto mapping = mapping_of(bus, bytes);
  if (mapping == mappings_.end() || mapping->second.direction != DmaDirection::kToDevice) {
    violation("device reads what is not mapped for it");
    return nullptr;
  }
  return mapping->second.cpu + (bus - mapping->first);
}

uint8_t* FakePlatform::device_write(uint64_t bus, size_t bytes) {
  if (const auto block = block_of(bus, bytes); block != blocks_.end()) return block->second.cpu + (bus - block->first);
  const auto mapping = mapping_of(bus, bytes);
  if (mapping == mappings_.end() || mapping->second.direction != DmaDirection::kFromDevice) {
    violation("device writes what is not mapped for it");
    return nullptr;
  }
  return mapping->second.cpu + (bus - mapping->first);
}

void FakePlatform::stage(uint64_t bus, const void* data, size_t bytes) {
  uint8_t* cpu = device_write(bus, bytes);
  if (!cpu) return;
  const auto* from = static_cast<const uint8_t*>(data);
  staged_.push_back({cpu, std::vector<uint8_t>(from, from + bytes)});
}

// ---- interrupts, polls, timers ----

MsiMessage FakePlatform::irq_request(std::function<void()> handler) {
  if (irqs_left == 0) return {};
  --irqs_left;
  const int irq = next_handle_++;
  irqs_.emplace(irq, std::move(handler));
  return {kMessageBase, static_cast<uint32_t>(irq), irq};
}

void FakePlatform::irq_free(int irq) {
  if (irqs_.erase(irq) == 0) violation("irq_free of an unknown interrupt");
}

void FakePlatform::message(uint64_t address, uint32_t data) {
  if (address != kMessageBase || irqs_.count(static_cast<int>(data)) == 0) return violation("message to nowhere");
  messages_.push_back(static_cast<int>(data));
}

int FakePlatform::poll_register(std::function<bool()> poll) {
  polls_.emplace(next_handle_, std::move(poll));
  return next_handle_++;
}

void FakePlatform::poll_schedule(int poll) {
  if (polls_.count(poll) == 0) return violation("poll_schedule of an unknown poll");
  if (std::find(scheduled_.begin(), scheduled_.end(), poll) == scheduled_.end()) scheduled_.push_back(poll);
}

void FakePlatform::poll_unregister(int poll) {
  if (polls_.erase(poll) == 0) violation("poll_unregister of an unknown poll");
  scheduled_.erase(std::remove(scheduled_.begin(), scheduled_.end(), poll), scheduled_.end());
}

int FakePlatform::timer_register(std::function<void()> expired) {
  timers_[next_handle_].expired = std::move(expired);
  return next_handle_++;
}

void FakePlatform::timer_start(int timer, uint64_t delay_ns) {
  if (timers_.count(timer) == 0) return violation("timer_start of an unknown timer");
  timers_[timer].pending = true;
  timers_[timer].at_ns = now_ns_ + delay_ns;
}

void FakePlatform::timer_stop(int timer) {
  if (timers_.count(timer) == 0) return violation("timer_stop of an unknown timer");
  timers_[timer].pending = false;
}

void FakePlatform::timer_unregister(int timer) {
  if (timers_.erase(timer) == 0) violation("timer_unregister of an unknown timer");
}

void FakePlatform::delay_ns(uint64_t delay) { now_ns_ += delay; }

// ---- the test's side ----

void FakePlatform::run_messages() {
  while (!messages_.empty()) {
    const int irq = messages_.front();
    messages_.pop_front();
    if (irqs_.count(irq)) irqs_[irq]();
  }
}

bool FakePlatform::run_one_poll() {
  if (scheduled_.empty()) return false;
  const int poll = scheduled_.front();
  scheduled_.pop_front();
  if (polls_[poll]()) poll_schedule(poll);
  return true;
}

void FakePlatform::run() {
  for (unsigned turn = 0; turn < 100'000; ++turn) {
    run_messages();
    if (!run_one_poll() && messages_.empty()) return;
  }
  violation("run() does not come to rest");
}

bool FakePlatform::timer_pending() const {
  return std::any_of(timers_.begin(), timers_.end(), [](const auto& timer) { return timer.second.pending; });
}

void FakePlatform::advance(uint64_t delay_ns) {
  const uint64_t end_ns = now_ns_ + delay_ns;
  for (;;) {
    auto next = timers_.end();
    for (auto timer = timers_.begin(); timer != timers_.end(); ++timer) {
      if (!timer->second.pending || timer->second.at_ns > end_ns) continue;
      if (next == timers_.end() || timer->second.at_ns < next->second.at_ns) next = timer;
    }
    if (next == timers_.end()) break;
    now_ns_ = std::max(now_ns_, next->second.at_ns);
    next->second.pending = false;
    next->second.expired();
    run();
  }
  now_ns_ = std::max(now_ns_, end_ns);
}

}  // namespace ringside::testbench
