// Rings and what lies in them, read from the host's memory by the bus addresses that the driver gave the NIC.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "driver/nic_regs.h"
#include "testbench/program/console/command.h"
#include "testbench/program/console/looker.h"
#include "testbench/program/console/map_words.h"

namespace ringside::testbench {
namespace {

namespace regs = driver::regs;
using Ring = NicWords::Ring;

constexpr uint32_t kMostEntries = 32;  // of a ring, when nobody says how many
const std::vector<std::string> kRings = {"tx", "rx", "ret", "status"};

Layout layout_of(Ring ring) {
  return static_cast<Layout>(ring);
}  // in the same order

// "17", "3..9", in free-running indices.
std::pair<uint32_t, uint32_t> parse_range(const std::string& word) {
  const size_t dots = word.find("..");
  const auto first = static_cast<uint32_t>(parse_number("ring: ", word.substr(0, dots)));
  if (dots == std::string::npos) return {first, first + 1};
  const auto last = static_cast<uint32_t>(parse_number("ring: ", word.substr(dots + 2)));
  if (last - first >= 4096) throw CommandError(fmt::format("ring {}: ends before it begins", word));
  return {first, last + 1};
}

unsigned parse_queue(const std::string& what, const std::string& word) {
  const uint64_t queue = parse_number(what, word);
  if (queue >= NicWords::kQueues) throw CommandError(fmt::format("{}{}: queues are 0 to 7", what, word));
  return static_cast<unsigned>(queue);
}

}  // namespace

const uint8_t* Looker::memory(uint64_t bus) {
  return nic_host().iommu().peek(bus);
}

uint32_t Looker::status_word(size_t host, unsigned queue, size_t offset) {
  const NicWords::RingPlace& place = feed_.words(host).ring(Ring::kStatus, queue);
  const uint8_t* at = place.entries == 0 ? nullptr : machine_.host(host).machine().iommu().peek(place.base + offset);
  uint32_t value = 0;
  if (at != nullptr) std::memcpy(&value, at, sizeof value);
  return value;
}

Looker::RingState Looker::ring_state(size_t host, Ring ring, unsigned queue) {
  const auto written = [&](uint32_t address) { return static_cast<uint32_t>(feed_.last_write(host, address)); };
  RingState state;
  state.place = feed_.words(host).ring(ring, queue);
  if (ring == Ring::kTx) {
    state.first = status_word(host, queue, offsetof(regs::StatusBlock, tx_cons_idx));
    state.end = written(regs::TxProdIdx::address(queue));
  } else if (ring == Ring::kRx) {
    state.first = status_word(host, queue, offsetof(regs::StatusBlock, rx_cons_idx));
    state.end = written(regs::RxProdIdx::address(queue));
  } else if (ring == Ring::kReturn) {
    state.first = written(regs::RetConsIdx::address(queue));
    state.end = status_word(host, queue, offsetof(regs::StatusBlock, ret_prod_idx));
  }
  return state;
}

std::string Looker::ring_line(size_t host, Ring ring, unsigned queue) {
  const RingState state = ring_state(host, ring, queue);
  const std::string name = fmt::format("{} {}{}", machine_.host(host).name(), kRings[static_cast<size_t>(ring)], queue);
  if (ring == Ring::kStatus) {
    const uint8_t* block = machine_.host(host).machine().iommu().peek(state.place.base);
    return fmt::format("{:<11} 0x{:<10x} {}\n", name, state.place.base, block ? status_block_words(block) : "?");
  }
  const char* whose = ring == Ring::kReturn ? "not taken by the driver" : "with the NIC";
  return fmt::format("{:<11} 0x{:<10x} {:>4} entries, {:>4} {}: {} to {}\n", name, state.place.base,
                     state.place.entries, state.end - state.first, whose, state.first, state.end);
}

std::string Looker::rings() {
  std::string text;
  for (size_t host = 0; host < 2; ++host) {
    for (unsigned queue = 0; queue < NicWords::kQueues; ++queue) {
      for (const Ring ring : {Ring::kTx, Ring::kRx, Ring::kReturn, Ring::kStatus}) {
        if (feed_.words(host).ring(ring, queue).entries != 0) text += ring_line(host, ring, queue);
      }
    }
  }
  return text.empty() ? "no ring is set up yet\n" : text;
}

const uint8_t* Looker::entry(Ring ring, const RingState& state, uint32_t index) {
  const uint32_t slot = state.place.entries == 0 ? 0 : index % state.place.entries;
  return memory(state.place.base + uint64_t{slot} * layout_bytes(layout_of(ring)));
}

// What the slot holds when it is not the entry of this index.
const char* Looker::instead_of(const RingState& state, uint32_t index) {
  const auto behind = static_cast<int32_t>(state.end - index);
  if (behind <= 0) return "not handed over yet: ";
  return static_cast<uint32_t>(behind) > state.place.entries ? "overwritten since by: " : "";
}

std::string Looker::entry_line(Ring ring, const RingState& state, uint32_t index) {
  const uint8_t* at = entry(ring, state, index);
  const std::string words = at == nullptr       ? "not mapped any more"
                            : ring == Ring::kTx ? tx_descriptor_words(at)
                            : ring == Ring::kRx ? rx_descriptor_words(at)
                                                : return_entry_words(at);
  const bool owned = index - state.first < state.end - state.first;
  return fmt::format("{} {:>6} [{:>4}]  {}{}\n", owned ? '*' : ' ', index, index % state.place.entries,
                     instead_of(state, index), words);
}

std::string Looker::ring(const Words& words) {
  if (words.size() < 2 || words.size() > 3) throw CommandError("ring: say ring tx 0, ring rx 0 5..9, ring ret 0 17");
  const auto which = static_cast<Ring>(pick("ring ", words[0], {"tx", "rx", "ret"}));
  const unsigned queue = parse_queue("ring: queue ", words[1]);
  const RingState state = ring_state(host_, which, queue);
  if (state.place.entries == 0) throw CommandError(fmt::format("ring {} {}: is not set up", words[0], queue));
  auto [first, end] = words.size() == 3 ? parse_range(words[2]) : std::pair(state.first, state.end);
  std::string text = ring_line(host_, which, queue);
  const uint32_t shown = std::min(end - first, words.size() == 3 ? state.place.entries : kMostEntries);
  for (uint32_t i = 0; i < shown; ++i) text += entry_line(which, state, first + i);
  if (shown < end - first) text += fmt::format("... and {} more, up to {}\n", end - first - shown, end - 1);
  return text;
}

std::string Looker::descriptor(const Words& words) {
  static const char* kHow = "descriptor: say descriptor tx 0 17, rx 0 17, ret 0 17 or status 0";
  if (words.empty()) throw CommandError(kHow);
  const auto which = static_cast<Ring>(pick("descriptor ", words[0], kRings));
  const bool status = which == Ring::kStatus;
  if (words.size() != (status ? 2u : 3u)) throw CommandError(kHow);
  const unsigned queue = parse_queue("descriptor: queue ", words[1]);
  const RingState state = ring_state(host_, which, queue);
  if (state.place.entries == 0) throw CommandError(fmt::format("descriptor {} {}: is not set up", words[0], queue));
  const auto index = status ? 0 : static_cast<uint32_t>(parse_number("descriptor: ", words[2]));
  const uint8_t* at = entry(which, state, index);
  if (at == nullptr) throw CommandError("descriptor: its memory is not mapped any more");
  std::string text = fmt::format("{} {}{}[{}]: {}", machine_.host(host_).name(), kRings[static_cast<size_t>(which)],
                                 queue, index % state.place.entries, status ? "" : instead_of(state, index));
  for (const std::string& line : layout_words(layout_of(which), at)) text += line + "\n";
  return text;
}

}  // namespace ringside::testbench
