#include "testbench/program/console/map_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "driver/nic_regs.h"
#include "testbench/driver/register_table.h"
#include "testbench/program/console/command.h"
#include "testbench/program/map_table.h"
#include "testbench/program/words.h"

namespace ringside::testbench {
namespace {

namespace regs = driver::regs;

constexpr std::array<const char*, 4> kLayouts = {"tx_descriptor", "rx_descriptor", "return_entry", "status_block"};

bool ends(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool has_half(const std::string& name) {
  return std::any_of(kRegisterWords.begin(), kRegisterWords.end(),
                     [&](const RegisterWord& word) { return word.name == name + "_HI"; });
}

bool is_half(const std::string& name) {
  return ends(name, "_HI") && has_half(name.substr(0, name.size() - 3));
}

bool of_queue(uint32_t address) {
  return address >= regs::kQueueBase && address < regs::kQueueBase + regs::kQueueStride;
}

bool is_counter(uint32_t address) {
  return address >= regs::counter_address(0) && address < regs::counter_address(regs::kNumCounters);
}

RegisterPlace place_of(const RegisterWord& word, uint32_t index) {
  RegisterPlace place;
  place.word = word.name;
  place.name = word.count == 1 ? word.name : fmt::format("{}[{}]", word.name, index);
  place.address = word.address + index * word.step;
  place.high = has_half(word.name) ? place.address + 4 : 0;
  place.write_only = word.wo != 0 && (word.ro | word.rw | word.rw1c | word.w1s) == 0;
  return place;
}

uint64_t number_at(const uint8_t* entry, const MapLayoutField& field) {
  uint64_t value = 0;
  std::memcpy(&value, entry + field.offset, field.bytes);  // little-endian, as this CPU is (nic_regs.h)
  return value;
}

std::string flag_words(const std::string& set, uint64_t value) {
  std::string text;
  for (const MapFlag& flag : kMapFlags) {
    if (set == flag.set && (value >> flag.bit & 1) != 0) text += (text.empty() ? "" : " ") + std::string(flag.name);
  }
  return text.empty() ? "none" : text;
}

std::string value_words(const std::string& field, uint32_t value) {
  for (const MapValue& known : kMapValues) {
    if (field == "reason" && known.value == value) return fmt::format("{} ({})", value, known.name);
  }
  return fmt::format("{}", value);
}

std::string layout_name(Layout layout, const uint8_t* entry) {
  if (layout != Layout::kTxDescriptor) return kLayouts[static_cast<size_t>(layout)];
  regs::TxDescriptor descriptor;
  std::memcpy(&descriptor, entry, sizeof descriptor);
  return (descriptor.flags & regs::tx_flags::kExtension) != 0 ? "tx_extension" : "tx_descriptor";
}

}  // namespace

std::vector<RegisterPlace> registers_of(unsigned queues) {
  std::vector<RegisterPlace> places;
  for (const RegisterWord& word : kRegisterWords) {
    if (is_half(word.name)) continue;
    const uint32_t count = of_queue(word.address) ? std::min(word.count, queues) : word.count;
    for (uint32_t i = 0; i < count; ++i) places.push_back(place_of(word, i));
  }
  return places;
}

std::vector<RegisterPlace> registers_like(const std::string& pattern, unsigned queues) {
  std::vector<RegisterPlace> fitting;
  const std::string wanted = upper(pattern);
  for (const RegisterPlace& place : registers_of(queues)) {
    const bool table = is_counter(place.address) || place.word == "RSS_KEY" || place.word == "RSS_TABLE" ||
                       place.address >= regs::kMsixTableBase;  // and the pending bits behind it
    if (pattern.empty() ? !table : place.name.find(wanted) != std::string::npos) fitting.push_back(place);
  }
  return fitting;
}

std::vector<RegisterPlace> registers_named(const std::string& name, unsigned queues) {
  std::vector<RegisterPlace> fitting;
  const std::string wanted = upper(name);
  for (const RegisterPlace& place : registers_of(queues)) {
    if (place.name == wanted || place.word == wanted) fitting.push_back(place);
  }
  return fitting;
}

std::string register_near(const std::string& name) {
  std::vector<std::string> names;
  for (const RegisterWord& word : kRegisterWords) names.push_back(word.name);
  return nearest(upper(name.substr(0, name.find('['))), names);
}

std::string field_words(const std::string& word, uint32_t value) {
  std::string text;
  for (const MapField& field : kMapFields) {
    if (word != field.reg || (field.lsb == 0 && field.width == 32)) continue;
    const uint32_t mask = field.width == 32 ? ~0u : (1u << field.width) - 1;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.name,
                        value_words(field.name, value >> field.lsb & mask));
  }
  return text;
}

std::vector<std::string> layout_words(Layout layout, const uint8_t* entry) {
  const std::string name = layout_name(layout, entry);
  std::vector<std::string> lines = {name};
  for (const MapLayoutField& field : kMapLayoutFields) {
    if (name != field.layout) continue;
    const uint64_t value = number_at(entry, field);
    const std::string unit = field.unit;
    std::string words = unit == "bus address" || std::string(field.name) == "hash" ? fmt::format("0x{:x}", value)
                                                                                   : fmt::format("{}", value);
    if (std::string(field.name) == "flags")
      words = fmt::format("0x{:x}: {}", value, flag_words(name == "return_entry" ? "return_flags" : "tx_flags", value));
    else if (!unit.empty() && unit != "bus address")
      words += " " + unit;
    lines.push_back(fmt::format("  {:<14} {}", field.name, words));
  }
  return lines;
}

uint32_t layout_bytes(Layout layout) {
  uint32_t bytes = 0;
  for (const MapLayoutField& field : kMapLayoutFields) {
    if (std::string(kLayouts[static_cast<size_t>(layout)]) == field.layout)
      bytes = std::max<uint32_t>(bytes, field.offset + field.bytes);
  }
  return bytes;
}

}  // namespace ringside::testbench
