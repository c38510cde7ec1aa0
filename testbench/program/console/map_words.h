// Registers and entries of rings in the map's words, field by field. From the generated tables alone; no simulation.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_MAP_WORDS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_MAP_WORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringside::testbench {

// A register with its index, as a user names it: "TX_PROD_IDX[0]".
struct RegisterPlace {
  std::string name;
  std::string word;  // in the map's tables: "TX_PROD_IDX"
  uint32_t address = 0;
  uint32_t high = 0;  // of its upper half; 0: it has none
  bool write_only = false;
};

// All registers that exist with so many queues, in the order of the map.
std::vector<RegisterPlace> registers_of(unsigned queues);
// Those whose name the pattern is a part of; an empty one: all but tables and counters.
std::vector<RegisterPlace> registers_like(const std::string& pattern, unsigned queues);
// Exactly this one, or all elements when no index is given. Empty: there is none.
std::vector<RegisterPlace> registers_named(const std::string& name, unsigned queues);
// The name that comes nearest; empty: none does.
std::string register_near(const std::string& name);

// "tx_enable 1, rx_enable 0"; of an upper half that is a part of a number: nothing.
std::string field_words(const std::string& word, uint32_t value);

// Lines "  address      8 bytes   0x1000 (bus address)".
enum class Layout : uint8_t { kTxDescriptor, kRxDescriptor, kReturnEntry, kStatusBlock };
std::vector<std::string> layout_words(Layout layout, const uint8_t* entry);
uint32_t layout_bytes(Layout layout);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_MAP_WORDS_H_
