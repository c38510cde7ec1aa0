#include "testbench/program/console/line_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "testbench/program/scenario_reader.h"
#include "testbench/program/signals.h"

namespace ringside::testbench {

LineSource::LineSource(const std::string& file) : name_(file), terminal_(::isatty(STDIN_FILENO) != 0) {
  if (file.empty()) return;
  file_.open(file);
  if (!file_) throw UsageError(fmt::format("cannot read {}", file));
}

std::optional<LineSource::Line> LineSource::next(const std::string& prompt) {
  interrupted_ = false;
  std::string text;
  if (file_.is_open() && std::getline(file_, text)) {
    fmt::print("{}{}\n", prompt, text);
    std::fflush(stdout);
    return Line{text, fmt::format("{}:{}", name_, ++number_)};
  }
  file_.close();
  const std::optional<std::string> typed = read_input(prompt);
  if (!typed) return std::nullopt;
  return Line{*typed, ""};
}

std::optional<std::string> LineSource::read_input(const std::string& prompt) {
  fmt::print("{}", prompt);
  std::fflush(stdout);
  size_t end;
  while ((end = rest_.find('\n')) == std::string::npos) {
    char bytes[4096];
    const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (got > 0) {
      rest_.append(bytes, static_cast<size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR && signal_caught() == 0) continue;
    fmt::print("\n");
    if (got < 0 && errno == EINTR && signal_caught() == SIGINT) {
      interrupted_ = true;
      return std::string();
    }
    if (rest_.empty() || signal_caught() != 0) return std::nullopt;
    rest_ += '\n';  // the last line may lack its end
  }
  std::string line = rest_.substr(0, end);
  rest_.erase(0, end + 1);
  if (!terminal_) fmt::print("{}\n", line);
  return line;
}

}  // namespace ringside::testbench
