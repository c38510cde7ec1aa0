#include "testbench/program/wave_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

constexpr std::string_view kHeaderEnd = "$enddefinitions $end\n";
// Longer than any code that Verilator gives, so that the two never meet.
std::string track_code(unsigned track) {
  return fmt::format("~~~~~~{}", static_cast<char>('!' + track));
}

// A string value ends at the first blank; what readers cannot show is left out.
std::string without_blanks(const std::string& words) {
  std::string text;
  for (const char c : words) text += c == ' ' ? "_" : (c > ' ' && c < 0x7F) ? std::string(1, c) : "?";
  return text.empty() ? "-" : text;
}

std::string_view next_word(std::string_view& line) {
  const size_t from = std::min(line.find_first_not_of(' '), line.size());
  const size_t to = std::min(line.find(' ', from), line.size());
  const std::string_view word = line.substr(from, to - from);
  line.remove_prefix(to);
  return word;
}

// Where the first time step from `at` on begins: a line that starts with '#'.
size_t find_step(std::string_view text, size_t at) {
  if (at < text.size() && text[at] == '#') return at;
  const size_t before = text.find("\n#", at);
  return before == std::string_view::npos ? before : before + 1;
}

}  // namespace

size_t code_number(std::string_view code) {
  size_t number = 0;
  for (size_t i = code.size(); i-- > 0;) number = number * 94 + static_cast<size_t>(code[i] - '!') + 1;
  return number;
}

WaveFile::WaveFile(const std::string& path, std::vector<std::string> scopes, TimePs from_ps, TimePs to_ps)
    : file_(path), scopes_(std::move(scopes)), from_ps_(from_ps), to_ps_(to_ps) {}

unsigned WaveFile::add_track(const std::string& name) {
  tracks_.push_back(name);
  first_words_.push_back("-");
  ends_.push_back(sc_model::kNever);
  return static_cast<unsigned>(tracks_.size() - 1);
}

void WaveFile::note(unsigned track, TimePs from, TimePs to, const std::string& words) {
  if (from > to_ps_) return;
  if (from > from_ps_ || began_) {
    notes_.insert({from, {track, to, without_blanks(words)}});
  } else if (to > from_ps_) {
    first_words_[track] = without_blanks(words);
    ends_[track] = to;
  }
}

void WaveFile::text(const char* bytes, size_t count) {
  held_.append(bytes, count);
  if (in_header_) take_header();
  if (in_header_ || held_.empty()) return;
  if (held_[0] != '#') held_.erase(0, std::min(find_step(held_, 0), held_.size()));  // empty lines behind the header
  const size_t last = held_.rfind("\n#");
  if (last == std::string::npos) return;
  TimePs latest = 0;
  std::from_chars(held_.data() + last + 2, held_.data() + held_.size(), latest);
  if (latest > kHoldPs) take_steps(latest - kHoldPs);
}

// ---------------------------------------------------------------- header

void WaveFile::take_header() {
  const size_t end = held_.find(kHeaderEnd);
  if (end == std::string::npos) return;
  std::string_view header(held_);
  header = header.substr(0, end);
  while (!header.empty()) {
    const size_t line_end = std::min(header.find('\n'), header.size() - 1);
    header_line(header.substr(0, line_end + 1));
    header.remove_prefix(line_end + 1);
  }
  append_tracks();
  put(kHeaderEnd);
  in_header_ = false;
  held_.erase(0, end + kHeaderEnd.size());
}

// Variables of scopes that nobody wants are left out; their scopes stay, so that what is wanted keeps its path.
void WaveFile::header_line(std::string_view line) {
  std::string_view rest = line.substr(0, line.find('\n'));
  const std::string_view word = next_word(rest);
  if (word == "$scope") {
    next_word(rest);  // "module"
    enter_scope(next_word(rest));
  } else if (word == "$upscope") {
    if (!path_.empty()) path_.pop_back();
  } else if (word == "$var" && !scopes_.empty()) {
    if (!wanted()) return;
    next_word(rest);  // type
    next_word(rest);  // bits
    const size_t code = code_number(next_word(rest));
    if (wanted_codes_.size() <= code) wanted_codes_.resize(code + 1024);
    wanted_codes_[code] = true;
  }
  put(line);
}

void WaveFile::enter_scope(std::string_view name) {
  std::string path = path_.empty() ? "" : path_.back();
  if (name.substr(0, 2) == "u_") path += (path.empty() ? "" : ".") + std::string(name);
  path_.push_back(path);
}

bool WaveFile::wanted() const {
  const std::string& here = path_.back();
  return std::any_of(scopes_.begin(), scopes_.end(), [&here](const std::string& scope) {
    return here.compare(0, scope.size(), scope) == 0 && (here.size() == scope.size() || here[scope.size()] == '.');
  });
}

void WaveFile::append_tracks() {
  if (tracks_.empty()) return;
  put(" $scope module transactions $end\n");
  for (unsigned i = 0; i < tracks_.size(); ++i)
    put(fmt::format("  $var string 1 {} {} $end\n", track_code(i), tracks_[i]));
  put(" $upscope $end\n");
}

// ---------------------------------------------------------------- time steps

void WaveFile::take_steps(TimePs before) {
  size_t from = 0;
  const std::string_view all(held_);
  while (from < all.size() && !file_.failed()) {
    const size_t next = find_step(all, from + 1);
    if (next == std::string_view::npos && before != sc_model::kNever) break;  // it may go on
    TimePs at = 0;
    std::from_chars(all.data() + from + 1, all.data() + all.size(), at);
    if (at >= before) break;
    const size_t end = std::min(next, all.size());
    write_step(all.substr(from, end - from));
    from = end;
  }
  held_.erase(0, file_.failed() ? held_.size() : from);
}

void WaveFile::write_step(std::string_view step) {
  const size_t line_end = std::min(step.find('\n'), step.size());
  TimePs at = 0;
  std::from_chars(step.data() + 1, step.data() + line_end, at);
  if (!began_) {
    write_time(std::min(from_ps_, at));
    for (unsigned i = 0; i < tracks_.size(); ++i) write_note(i, first_words_[i]);
  }
  write_notes(at);
  write_time(at);
  write_values(step.substr(std::min(line_end + 1, step.size())));
  file_.end_record();
}

// Those before `until`; those of that very time come behind its values.
void WaveFile::write_notes(TimePs until) {
  for (;;) {
    const TimePs next = notes_.empty() ? sc_model::kNever : notes_.begin()->first;
    if (end_note(std::min(until, next))) continue;
    if (next >= until) return;
    const Note note = notes_.begin()->second;
    notes_.erase(notes_.begin());
    write_time(std::max(next, written_ps_));
    write_note(note.track, note.words);
    ends_[note.track] = note.to;
    file_.end_record();
  }
}

// The earliest end of what a track shows, when it is before `until`.
bool WaveFile::end_note(TimePs until) {
  const auto first = std::min_element(ends_.begin(), ends_.end());
  if (first == ends_.end() || *first >= until) return false;
  write_time(std::max(*first, written_ps_));
  write_note(static_cast<unsigned>(first - ends_.begin()), "-");
  *first = sc_model::kNever;
  file_.end_record();
  return true;
}

void WaveFile::write_time(TimePs at) {
  if (!began_ || at > written_ps_) put(fmt::format("#{}\n", at));
  began_ = true;
  written_ps_ = at;
}

void WaveFile::write_note(unsigned track, const std::string& words) {
  put(fmt::format("s{} {}\n", words, track_code(track)));
}

void WaveFile::write_values(std::string_view lines) {
  if (scopes_.empty()) return put(lines);
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size() - 1);
    const std::string_view line = lines.substr(0, end + 1);
    const bool vector = line[0] == 'b' || line[0] == 'r';
    const size_t code_at = vector ? line.find(' ') + 1 : 1;
    const size_t code = code_at < end ? code_number(line.substr(code_at, end - code_at)) : 0;
    if (code < wanted_codes_.size() && wanted_codes_[code]) put(line);
    lines.remove_prefix(end + 1);
  }
}

void WaveFile::close(TimePs until_ps) {
  take_steps(sc_model::kNever);
  const TimePs end = std::min(to_ps_, until_ps);
  write_notes(end + 1);
  if (began_ && end > written_ps_) {
    write_time(end);
    file_.end_record();
  }
  file_.close();
}

void WaveFile::save_in_a_crash(TimePs now) {
  take_steps(sc_model::kNever);
  const TimePs end = std::min(to_ps_, now);
  write_notes(end + 1);
  if (began_ && end > written_ps_) write_time(end);
  file_.flush();
}

// ---------------------------------------------------------------- repair

void cut_to_whole_steps(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  struct stat status;
  std::string tail;
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    tail.resize(std::min<size_t>(static_cast<size_t>(status.st_size), 1 << 20));
    const off_t at = status.st_size - static_cast<off_t>(tail.size());
    const ssize_t got = ::pread(fd, tail.data(), tail.size(), at);
    const bool whole = got > 0 && tail[static_cast<size_t>(got) - 1] == '\n';  // saved in the crash
    const size_t step = got > 0 && !whole ? tail.rfind("\n#", static_cast<size_t>(got)) : std::string::npos;
    if (step != std::string::npos) static_cast<void>(!::ftruncate(fd, at + static_cast<off_t>(step) + 1));
  }
  ::close(fd);
}

}  // namespace ringside::testbench
