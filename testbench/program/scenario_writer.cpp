#include "testbench/program/scenario_writer.h"

#include <fmt/format.h>

#include <vector>

#include "testbench/program/scenario_fields.h"

namespace ringside::testbench {
namespace {

// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

// The visitor of scenario_fields.h that prints one table.
class TableWriter {
 public:
  TableWriter(std::string& out, std::string title) : out_(out), title_(std::move(title)) {}

  void place(const std::string&) {}
  void field(const char* key, const bool& value, const char* comment) { line(key, value ? "true" : "false", comment); }
  template <typename Integer>
  void field(const char* key, const Integer& value, const char* comment, const IntegerLimits& limits) {
    line(key, fmt::format("{}", value), with_limits(comment, limits));
  }
  void field(const char* key, const double& value, const char* comment, const NumberLimits&) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    line(key, text, comment);
  }
  void field(const char* key, const std::string& value, const char* comment, const OneOf& choice) {
    std::string text = comment;
    for (auto known = choice.values.begin(); known != choice.values.end(); ++known) {
      text += fmt::format("{}\"{}\"", known != choice.values.begin() ? ", " : text.empty() ? "" : ": ", *known);
    }
    line(key, quoted(value), text);
  }
  template <typename T>
  void table(const char* key, T& value, const char* comment) {
    head(sub_title(key), comment);
    TableWriter sub(out_, sub_title(key));
    describe(sub, value);
  }
  template <typename T>
  void tables(const char* key, std::vector<T>& values, const char* comment) {
    for (T& value : values) {
      head("[" + sub_title(key) + "]", comment);
      TableWriter sub(out_, sub_title(key));
      describe(sub, value);
    }
  }

 private:
  std::string sub_title(const char* key) const { return title_.empty() ? key : title_ + "." + key; }
  void head(const std::string& title, const char* comment) { out_ += fmt::format("\n# {}.\n[{}]\n", comment, title); }
  void line(const char* key, const std::string& value, const std::string& comment) {
    const std::string text = fmt::format("{} = {}", key, value);
    out_ += comment.empty() ? text + "\n" : fmt::format("{:<32}# {}\n", text, comment);
  }
  static std::string with_limits(const std::string& comment, const IntegerLimits& limits) {
    if (limits.max == INT64_MAX || limits.max >= 1'000'000) return comment;
    const std::string range = fmt::format("{}..{}", limits.min, limits.max);
    return comment.empty() ? range : fmt::format("{} ({})", comment, range);
  }

  std::string& out_;
  std::string title_;
};

}  // namespace

std::string to_toml(const Scenario& scenario, const std::string& bug) {
  std::string out = "# A Ringside scenario. Run it with: ringside run FILE";
  if (!bug.empty())
    out += fmt::format(" --bug {}\n# Without --bug there is no bug: a scenario does not name one.", bug);
  out +=
      "\n"
      "# A key that is left out keeps its default; a key that is not known is an error.\n\n";
  Scenario copy = scenario;  // describe() takes what could be written to
  TableWriter writer(out, "");
  describe(writer, copy);
  return out;
}

}  // namespace ringside::testbench
