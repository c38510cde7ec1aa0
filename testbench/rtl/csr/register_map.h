// The registers of rtl/regs/nic_regs.toml as flat words, for tests that must hold for all of them.
//
// Read from the map itself at run time: a register added there is tested without a line here. Throws on a map it does
// not understand.
#ifndef RINGSIDE_TESTBENCH_RTL_CSR_REGISTER_MAP_H_
#define RINGSIDE_TESTBENCH_RTL_CSR_REGISTER_MAP_H_

#include <cstdint>
#include <map>
#include <string>

namespace ringside::testbench::csr {

struct RegisterWord {
  std::string name;
  uint32_t reset = 0;
  uint32_t writable = 0;      // bits that keep what is written
  bool read_only = false;
  std::string access;
};

// By byte address; `queues` and `vectors` say how many copies of the strided blocks exist.
std::map<uint32_t, RegisterWord> load_register_map(const std::string& path, unsigned queues, unsigned vectors);

}  // namespace ringside::testbench::csr

#endif  // RINGSIDE_TESTBENCH_RTL_CSR_REGISTER_MAP_H_
