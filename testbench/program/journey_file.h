// Reads journeys.tsv back, for `ringside journey` and `report`. Line by line: a file may be larger than
// memory.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_FILE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_FILE_H_

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "testbench/program/journey.h"

namespace ringside::testbench {

// A line of the file.
struct JourneyLine {
  Journey journey;  // without fate and head
  std::string from, to, fate, head;
};

class JourneyFile {
 public:
  // Throws UsageError: there is no such file, or it has other columns than this program writes.
  explicit JourneyFile(const std::string& folder);
  bool next(JourneyLine* line);  // false: the end, or a line that was not written to its end
  std::optional<JourneyLine> find(uint64_t id);

 private:
  std::ifstream file_;
};

// A packet's way as a table: times, time since the step before, share of the whole.
std::string to_table(const JourneyLine& line);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_FILE_H_
