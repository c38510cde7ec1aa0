// Where the console's lines come from: first a file of commands, if there is one, then the standard input: a terminal,
// where a line can be edited, or anything else. Lines that nobody types are shown behind the prompt, so that what comes
// out reads like a session.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LINE_SOURCE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LINE_SOURCE_H_

#include <fstream>
#include <optional>
#include <string>

#include "testbench/program/console/line_editor.h"

namespace ringside::testbench {

class LineSource {
 public:
  // An empty name: no file. Throws UsageError when it cannot be read.
  explicit LineSource(const std::string& file);

  struct Line {
    std::string text;
    std::string where;  // "FILE:3", of a line of the file
  };
  // Nothing: there are no more, or a signal wants the program to end. Ctrl-C at the prompt gives an empty line, and
  // interrupted() is true.
  std::optional<Line> next(const std::string& prompt);
  bool interrupted() const { return interrupted_; }

 private:
  std::optional<std::string> read_plain(const std::string& prompt);
  std::optional<std::string> read_terminal(const std::string& prompt);
  bool fill();

  std::string name_;
  std::ifstream file_;
  unsigned number_ = 0;
  const bool terminal_;
  LineEditor editor_;
  std::string rest_;  // of the standard input, read and not used yet
  bool interrupted_ = false;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LINE_SOURCE_H_
