// The commands of the console as words: their names, how they are used, and a line of text taken apart. Knows nothing
// of what they do.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_COMMAND_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_COMMAND_H_

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace ringside::testbench {

// What is wrong with a line, in one line.
class CommandError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Verb : uint8_t {
  kHelp,
  kStep,
  kContinue,
  kFinish,
  kQuit,
  kBreak,
  kInfo,
  kDelete,
  kHost,
  kWhere,
  kRegisters,
  kCounters,
  kRings,
  kRing,
  kDescriptor,
  kPacket,
  kJourney,
  kTlps,
  kEvents,
  kRules,
  kWave
};

struct CommandInfo {
  Verb verb;
  const char* name;
  const char* usage;  // what follows the name
  const char* text;   // in one line
  const char* more;   // in several; empty: nothing more to say
};
const std::vector<CommandInfo>& command_table();

struct Command {
  const CommandInfo* info = nullptr;  // null: an empty line, or a comment (#)
  std::vector<std::string> words;     // behind the name
};

// Names may be shortened as long as they stay unambiguous; a few have a letter of their own (c, s, q, b, ...). Throws
// CommandError, which proposes the nearest name.
Command parse_command(const std::string& line);

// The one of `names` that `word` is or begins; throws CommandError ("step what?") when there is none or more than one.
size_t pick(const std::string& what, const std::string& word, const std::vector<std::string>& names);
// The first of `names` that `word` begins, else the one that takes the fewest edits; empty when that is none of them.
std::string nearest(const std::string& word, const std::vector<std::string>& names);
// A number, decimal or 0x; throws CommandError.
uint64_t parse_number(const std::string& what, const std::string& word);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_COMMAND_H_
