// The NIC's counters, and the self test: registers, DMA, and a frame through the MAC and back.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr uint64_t kStatusLimitNs = 10'000;
constexpr uint64_t kLoopLimitNs = 1'000'000;
constexpr size_t kTestFrameBytes = 82;  // fits the smallest MTU
constexpr unsigned kTestFrames = 4;
constexpr uint8_t kLocalExperiment[2] = {0x88, 0xB5};  // EtherType, IEEE 802 clause 9.2.3: not for the world outside

}  // namespace

std::array<uint64_t, regs::kNumCounters> NicDriver::nic_counters() const {
  std::array<uint64_t, regs::kNumCounters> counters{};
  if (!running()) return counters;
  for (size_t i = 0; i < counters.size(); ++i) counters[i] = nic_.read_counter(i);
  return counters;
}

SelfTest NicDriver::self_test() {
  SelfTest result;
  if (!running()) return result;
  result.scratch = test_scratch();
  result.identity = nic_.read<regs::Id>().bits == regs::Id::kResetValue;
  const auto before = nic_counters(), after = nic_counters();
  result.counters = result.status = true;
  for (size_t i = 0; i < before.size(); ++i) result.counters = result.counters && after[i] >= before[i];
  for (auto& queue : queues_) result.status = result.status && test_status(*queue);
  result.loopback = result.scratch && result.identity && test_loopback();
  return result;
}

bool NicDriver::test_scratch() {
  const uint32_t saved = nic_.read<regs::Scratch>().bits;
  bool good = true;
  for (const uint32_t pattern : {0x00000000u, 0xFFFFFFFFu, 0xAAAAAAAAu, 0x55555555u, 0x00FF00FFu, 0x12345678u}) {
    nic_.write<regs::Scratch>(pattern);
    good = good && nic_.read<regs::Scratch>().bits == pattern;
  }
  nic_.write<regs::Scratch>(saved);
  return good;
}

// The block in memory must not lag behind the register for long: DMA of this queue's status arrives.
bool NicDriver::test_status(Queue& queue) {
  return wait_until(platform_, kStatusLimitNs, [&] {
    const uint32_t tag = nic_.read<regs::StatusTag>(queue.number).bits;
    return !later_than(tag, queue.status.tag());
  });
}

// Frames of this host to itself, through everything but the wire: rings, DMA, MAC. What is on its way out is let go
// first; what others send meanwhile is lost, as on any card under an offline test.
bool NicDriver::test_loopback() {
  for (auto& queue : queues_) drain(*queue);
  const bool before = std::exchange(loopback_, true);
  testing_loopback_ = true;
  write_mac_control();
  bool good = true;
  for (unsigned number = 0; number < kTestFrames; ++number) good = good && loop_a_frame(number);
  testing_loopback_ = false;
  loopback_ = before;
  write_mac_control();
  return good;
}

bool NicDriver::loop_a_frame(unsigned number) {
  stack::Packet packet = stack::Packet::with_headroom(rx_pool_.allocate(), 0);
  uint8_t* frame = packet.empty() ? nullptr : packet.append(kTestFrameBytes);
  if (!frame) return false;
  std::copy(config_.mac.begin(), config_.mac.end(), frame);
  std::copy(config_.mac.begin(), config_.mac.end(), frame + 6);
  std::copy(std::begin(kLocalExperiment), std::end(kLocalExperiment), frame + 12);
  std::iota(frame + 14, frame + kTestFrameBytes, static_cast<uint8_t>(number));
  const std::vector<uint8_t> sent(frame, frame + kTestFrameBytes);
  looped_frame_.clear();
  if (transmit(packet, false) != stack::TxResult::kSent) return false;
  wait_until(platform_, kLoopLimitNs, [&] {
    for (auto& queue : queues_) receive_all(*queue);
    return !looped_frame_.empty();
  });
  for (auto& queue : queues_) drain(*queue);
  return looped_frame_ == sent;
}

bool NicDriver::is_test_frame(const stack::Packet& packet) const {
  uint8_t header[14] = {};
  packet.copy_out(0, header, sizeof header);
  return std::equal(config_.mac.begin(), config_.mac.end(), header + 6) &&
         std::equal(std::begin(kLocalExperiment), std::end(kLocalExperiment), header + 12);
}

void NicDriver::force_interrupt(unsigned queue) {
  if (!running() || queue >= queues_.size()) return;
  auto control = nic_.read<regs::IntControl>(queue);
  nic_.write(control.with(regs::IntControl::kForce, 1), queue);
}

}  // namespace ringside::driver
