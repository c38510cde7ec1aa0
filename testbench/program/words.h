// Words as people write them, in capitals or not.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WORDS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WORDS_H_

#include <algorithm>
#include <cctype>
#include <string>

namespace ringside::testbench {

inline std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WORDS_H_
