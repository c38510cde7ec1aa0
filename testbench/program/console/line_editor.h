// Editing one line at a terminal: keys in, the line and what to draw out. Knows no terminal (line_source.cpp does).
//
// Keys: letters, Backspace, Delete, Left, Right, Home, End, Up and Down through earlier lines, Tab completes; Ctrl-A,
// E, B, F, P, N, K, U, W, L, and Ctrl-D at the end of input, as in other tools.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LINE_EDITOR_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LINE_EDITOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ringside::testbench {

class LineEditor {
 public:
  // What the last word of a text may become.
  using Completer = std::function<std::vector<std::string>(const std::string& text)>;
  enum class Result : uint8_t { kMore, kLine, kEnd };

  explicit LineEditor(Completer completer) : completer_(std::move(completer)) {}

  void begin();  // a new line
  Result key(char byte);
  const std::string& text() const { return text_; }
  // Redraws the line in a terminal of so many columns.
  std::string draw(const std::string& prompt, size_t columns) const;
  // What Tab could not decide between, to be shown once above the line.
  std::vector<std::string> take_choices() { return std::move(choices_); }

 private:
  static constexpr size_t kMostHistory = 500;

  Result plain_key(unsigned char byte);
  void escape_key(char byte);
  void insert(const std::string& letters);
  void erase(size_t from, size_t to);
  void recall(size_t index);
  void complete();
  size_t word_begin() const;

  const Completer completer_;
  std::vector<std::string> history_;
  size_t at_history_ = 0;  // the line shown; history_.size(): the new one
  std::string new_;        // the new line, while an earlier one is shown
  std::string text_;
  size_t cursor_ = 0;
  std::string escape_;  // an escape sequence that has begun
  std::vector<std::string> choices_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LINE_EDITOR_H_
