// Times as people write them: "170us", "0.5ms", "12ps", "2s". A number alone is nanoseconds.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_TIME_TEXT_H_
#define RINGSIDE_TESTBENCH_PROGRAM_TIME_TEXT_H_

#include <optional>
#include <string_view>

namespace ringside::testbench {

struct TimeText {
  double ps = 0;  // finite, not negative
  bool has_unit = false;
};
// Nothing: it is no time. What is too long or too short is the caller's to say.
std::optional<TimeText> read_time(std::string_view text);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_TIME_TEXT_H_
