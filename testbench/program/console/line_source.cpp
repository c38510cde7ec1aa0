#include "testbench/program/console/line_source.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "testbench/program/console/completion.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/signals.h"

namespace ringside::testbench {
namespace {

bool can_edit() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && term != nullptr &&
         std::string_view(term) != "dumb";
}

size_t columns() {
  struct winsize size = {};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Keys come one by one and are not shown by the terminal, as long as it lives. Ctrl-C stays a signal.
class SingleKeys {
 public:
  SingleKeys() {
    ::tcgetattr(STDIN_FILENO, &before_);
    struct termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
  }
  ~SingleKeys() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }
  SingleKeys(const SingleKeys&) = delete;
  SingleKeys& operator=(const SingleKeys&) = delete;

 private:
  struct termios before_;
};

void show(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void show_choices(const std::vector<std::string>& choices) {
  if (choices.empty()) return;
  std::string text = "\n";
  size_t column = 0;
  for (const std::string& choice : choices) {
    if (column + choice.size() + 2 > columns()) text += "\n", column = 0;
    text += choice + "  ";
    column += choice.size() + 2;
  }
  show(text + "\n");
}

}  // namespace

LineSource::LineSource(const std::string& file) : name_(file), terminal_(can_edit()), editor_(completions) {
  if (file.empty()) return;
  file_.open(file);
  if (!file_) throw UsageError(fmt::format("cannot read {}", file));
}

std::optional<LineSource::Line> LineSource::next(const std::string& prompt) {
  interrupted_ = false;
  std::string text;
  if (file_.is_open() && std::getline(file_, text)) {
    show(prompt + text + "\n");
    return Line{text, fmt::format("{}:{}", name_, ++number_)};
  }
  file_.close();
  const std::optional<std::string> line = terminal_ ? read_terminal(prompt) : read_plain(prompt);
  if (line) return Line{*line, ""};
  show("\n");
  if (signal_caught() != SIGINT) return std::nullopt;
  interrupted_ = true;
  return Line{};
}

// Waits for more of the standard input. False: its end, or a signal. Signals are let in only while it waits, so that
// none comes between the look at them and the wait.
bool LineSource::fill() {
  sigset_t signals, before;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  int ready = -1;
  while (signal_caught() == 0 && (ready = ::ppoll(&input, 1, nullptr, &before)) < 0 && errno == EINTR) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (signal_caught() != 0 || ready <= 0) return false;
  char bytes[4096];
  const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (got <= 0) return false;
  rest_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::optional<std::string> LineSource::read_plain(const std::string& prompt) {
  show(prompt);
  size_t end;
  while ((end = rest_.find('\n')) == std::string::npos) {
    if (fill()) continue;
    if (rest_.empty() || signal_caught() != 0) return std::nullopt;
    rest_ += '\n';  // the last line may lack its end
  }
  std::string line = rest_.substr(0, end);
  rest_.erase(0, end + 1);
  if (::isatty(STDIN_FILENO) == 0) show(line + "\n");
  return line;
}

std::optional<std::string> LineSource::read_terminal(const std::string& prompt) {
  const SingleKeys keys;
  editor_.begin();
  show(prompt);
  while (true) {
    if (rest_.empty() && !fill()) return std::nullopt;
    const char byte = rest_[0];
    rest_.erase(0, 1);
    const LineEditor::Result result = editor_.key(byte);
    if (result == LineEditor::Result::kEnd) return std::nullopt;
    if (byte == '\f') show("\033[H\033[2J");  // Ctrl-L
    show_choices(editor_.take_choices());
    show(editor_.draw(prompt, columns()));
    if (result != LineEditor::Result::kLine) continue;
    show("\n");
    return editor_.text();
  }
}

}  // namespace ringside::testbench
