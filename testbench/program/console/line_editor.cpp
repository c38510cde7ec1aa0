#include "testbench/program/console/line_editor.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringside::testbench {
namespace {

constexpr char control(char letter) {
  return static_cast<char>(letter - '@');
}
constexpr char kEscape = 27, kDelete = 127;

std::string common_begin(const std::vector<std::string>& words) {
  std::string common = words[0];
  for (const std::string& word : words) {
    size_t same = 0;
    while (same < std::min(common.size(), word.size()) && common[same] == word[same]) ++same;
    common.resize(same);
  }
  return common;
}

}  // namespace

void LineEditor::begin() {
  text_.clear();
  new_.clear();
  escape_.clear();
  choices_.clear();
  cursor_ = 0;
  at_history_ = history_.size();
}

LineEditor::Result LineEditor::key(char byte) {
  if (!escape_.empty()) return escape_key(byte), Result::kMore;
  if (byte == kEscape) return escape_ = byte, Result::kMore;
  return plain_key(static_cast<unsigned char>(byte));
}

LineEditor::Result LineEditor::plain_key(unsigned char byte) {
  switch (byte) {
    case '\r':
    case '\n':
      if (!text_.empty() && (history_.empty() || history_.back() != text_)) history_.push_back(text_);
      if (history_.size() > kMostHistory) history_.erase(history_.begin());
      return Result::kLine;
    case control('D'):
      if (text_.empty()) return Result::kEnd;
      erase(cursor_, cursor_ + 1);
      break;
    case control('A'):
      cursor_ = 0;
      break;
    case control('E'):
      cursor_ = text_.size();
      break;
    case control('B'):
      cursor_ -= cursor_ > 0;
      break;
    case control('F'):
      cursor_ += cursor_ < text_.size();
      break;
    case control('P'):
      recall(at_history_ - 1);
      break;
    case control('N'):
      recall(at_history_ + 1);
      break;
    case control('K'):
      erase(cursor_, text_.size());
      break;
    case control('U'):
      erase(0, cursor_);
      break;
    case control('W'):
      erase(word_begin(), cursor_);
      break;
    case control('H'):
    case kDelete:
      if (cursor_ > 0) erase(cursor_ - 1, cursor_);
      break;
    case '\t':
      complete();
      break;
    default:
      if (byte >= ' ') insert(std::string(1, static_cast<char>(byte)));
  }
  return Result::kMore;
}

// "ESC [ A", "ESC O A", "ESC [ 3 ~".
void LineEditor::escape_key(char byte) {
  escape_ += byte;
  const bool introducer = escape_.size() == 2 && (byte == '[' || byte == 'O');
  if (introducer || (escape_.size() > 2 && (std::string("0123456789;").find(byte) != std::string::npos))) return;
  const std::string sequence = escape_.size() > 2 ? escape_.substr(2) : "";
  escape_.clear();
  if (sequence == "A") recall(at_history_ - 1);
  if (sequence == "B") recall(at_history_ + 1);
  if (sequence == "C") cursor_ += cursor_ < text_.size();
  if (sequence == "D") cursor_ -= cursor_ > 0;
  if (sequence == "H" || sequence == "1~") cursor_ = 0;
  if (sequence == "F" || sequence == "4~") cursor_ = text_.size();
  if (sequence == "3~") erase(cursor_, cursor_ + 1);
}

void LineEditor::insert(const std::string& letters) {
  text_.insert(cursor_, letters);
  cursor_ += letters.size();
}

void LineEditor::erase(size_t from, size_t to) {
  if (from >= text_.size()) return;
  text_.erase(from, to - from);
  cursor_ = from;
}

// An index beyond both ends (or below zero) is nowhere.
void LineEditor::recall(size_t index) {
  if (index > history_.size()) return;
  if (at_history_ == history_.size()) new_ = text_;
  at_history_ = index;
  text_ = index == history_.size() ? new_ : history_[index];
  cursor_ = text_.size();
}

// Of the word before the cursor, with the blanks behind it.
size_t LineEditor::word_begin() const {
  size_t at = cursor_;
  while (at > 0 && text_[at - 1] == ' ') --at;
  while (at > 0 && text_[at - 1] != ' ') --at;
  return at;
}

void LineEditor::complete() {
  const std::string before = text_.substr(0, cursor_);
  const std::vector<std::string> words = completer_(before);
  if (words.empty()) return;
  const size_t begin = before.rfind(' ') == std::string::npos ? 0 : before.rfind(' ') + 1;
  const std::string common = common_begin(words) + (words.size() == 1 ? " " : "");
  if (words.size() > 1 && common.size() <= cursor_ - begin) choices_ = words;
  if (common.size() < cursor_ - begin) return;
  erase(begin, cursor_);
  cursor_ = begin;
  insert(common);
}

// A line that is too long is shown round the cursor.
std::string LineEditor::draw(const std::string& prompt, size_t columns) const {
  const size_t room = columns > prompt.size() + 1 ? columns - prompt.size() - 1 : 1;
  const size_t first = cursor_ > room ? cursor_ - room : 0;
  const std::string back = fmt::format("\r\033[{}C", prompt.size() + cursor_ - first);
  return "\r" + prompt + text_.substr(first, room) + "\033[K" + back;
}

}  // namespace ringside::testbench
