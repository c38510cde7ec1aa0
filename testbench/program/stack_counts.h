// Every counter of a host's stack under one name each, "tcp.retransmitted_segments".
#ifndef RINGSIDE_TESTBENCH_PROGRAM_STACK_COUNTS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_STACK_COUNTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stack/stack.h"

namespace ringside::testbench {

struct StackCount {
  std::string name;
  uint64_t value = 0;
  bool is_drop = false;  // packets or bytes lost for the reason in the name
};

std::vector<StackCount> stack_counts(stack::Stack& stack);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_STACK_COUNTS_H_
