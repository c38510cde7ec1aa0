#include "testbench/rtl/nic/verdicts.h"

#include <cinttypes>
#include <cstdio>

namespace ringside::testbench::nic {

void Verdicts::say(const char* rule, const std::string& what, uint64_t a, uint64_t b) {
  ++count_;
  if (kept_.size() >= kKept) return;
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " (0x%" PRIx64 ", 0x%" PRIx64 ")", a, b);
  kept_.push_back(std::string(rule) + ": " + what + numbers);
}

std::string Verdicts::text() const {
  std::string all = count_ > kept_.size() ? std::to_string(count_) + " in all, the first:\n" : "";
  for (const std::string& line : kept_) all += line + "\n";
  return all;
}

}  // namespace ringside::testbench::nic
