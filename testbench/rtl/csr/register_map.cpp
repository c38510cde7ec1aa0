#include "testbench/rtl/csr/register_map.h"

#include <stdexcept>
#include <toml++/toml.h>

namespace ringside::testbench::csr {
namespace {
uint32_t mask_of(const std::string& bits) {
  const size_t colon = bits.find(':');
  const unsigned high = static_cast<unsigned>(std::stoul(bits));
  const unsigned low = colon == std::string::npos ? high : static_cast<unsigned>(std::stoul(bits.substr(colon + 1)));
  const uint64_t upper = (uint64_t{1} << (high + 1)) - 1, lower = (uint64_t{1} << low) - 1;
  return static_cast<uint32_t>(upper & ~lower);
}

// Bits of a register that keep what is written; self-clearing fields are tested on their own.
uint32_t writable_bits(const toml::table& reg, const std::string& access) {
  const toml::array* fields = reg["fields"].as_array();
  if (access != "rw") return 0;
  if (fields == nullptr) return 0xFFFFFFFF;
  uint32_t mask = 0;
  for (const toml::node& node : *fields) {
    const toml::table& field = *node.as_table();
    if (field["access"].value_or(access) != "rw") continue;
    mask |= mask_of(field["bits"].value_or(std::string("0")));
  }
  return mask;
}

void add(std::map<uint32_t, RegisterWord>& map, uint32_t address, const toml::table& reg, const std::string& suffix) {
  RegisterWord word;
  word.name = reg["name"].value_or(std::string("?")) + suffix;
  word.access = reg["access"].value_or(std::string("?"));
  word.read_only = word.access == "ro";
  word.reset = static_cast<uint32_t>(reg["reset"].value_or(int64_t{0}));
  word.writable = writable_bits(reg, word.access);
  if (!map.emplace(address, word).second) throw std::runtime_error("two registers at one address: " + word.name);
  if (reg["wide"].value_or(false) && suffix.find("_hi") == std::string::npos) {
    RegisterWord high = word;
    high.name += "_hi";
    high.reset = 0;
    map.emplace(address + 4, high);
  }
}
}  // namespace

std::map<uint32_t, RegisterWord> load_register_map(const std::string& path, unsigned queues, unsigned vectors) {
  std::map<uint32_t, RegisterWord> map;
  const toml::table file = toml::parse_file(path);
  for (const toml::node& node : *file["block"].as_array()) {
    const toml::table& block = *node.as_table();
    if (block["counters"].value_or(false)) continue;
    const std::string name = block["name"].value_or(std::string());
    const uint32_t base = static_cast<uint32_t>(block["base"].value_or(int64_t{0}));
    const uint32_t stride = static_cast<uint32_t>(block["stride"].value_or(int64_t{0}));
    const unsigned copies = name == "queue" ? queues : name == "msix_table" ? vectors : 1;
    for (unsigned copy = 0; copy < copies; ++copy)
      for (const toml::node& reg_node : *block["regs"].as_array()) {
        const toml::table& reg = *reg_node.as_table();
        const int64_t count = reg["count"].value_or(int64_t{1});
        for (int64_t i = 0; i < count; ++i)
          add(map, base + copy * stride + static_cast<uint32_t>(reg["offset"].value_or(int64_t{0}) + 4 * i), reg,
              copies > 1 ? "." + std::to_string(copy) : "");
      }
  }
  return map;
}

}  // namespace ringside::testbench::csr
