// What the host and the wire found wrong with the NIC. Tests want it empty; nothing here prints.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_VERDICTS_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_VERDICTS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace ringside::testbench::nic {

class Verdicts {
 public:
  // The rule's id (P1, E4, ...), what happened, and up to two numbers that belong to it.
  void say(const char* rule, const std::string& what, uint64_t a = 0, uint64_t b = 0);
  bool none() const { return count_ == 0; }
  uint64_t count() const { return count_; }
  std::string text() const;

 private:
  static constexpr size_t kKept = 8;  // the first ones tell the story
  uint64_t count_ = 0;
  std::vector<std::string> kept_;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_VERDICTS_H_
