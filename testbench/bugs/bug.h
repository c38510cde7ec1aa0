// One bug that can be switched on, and the list of them all. The numbers are those of a collection of bugs that real
// cards and drivers had; the text says in our words what this one does here.
#ifndef RINGSIDE_TESTBENCH_BUGS_BUG_H_
#define RINGSIDE_TESTBENCH_BUGS_BUG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sc_model/violation.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

// Hosts of the demo.
inline constexpr size_t kSends = 0, kReceives = 1;

struct Bug {
  uint8_t number;
  sc_model::Side side;  // which is wrong, and so must be the verdict
  size_t host;          // in which host it is
  const char* rules;    // the verdict's rule is one of these, words
  const char* text;
  // What the demo needs to bring it out; null: nothing. Of a bug of the host model: the bug itself, of any scenario.
  void (*prepare)(Scenario& scenario) = nullptr;
};

const std::vector<Bug>& all_bugs();

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_BUGS_BUG_H_
