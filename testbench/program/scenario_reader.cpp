#include "testbench/program/scenario_reader.h"

#include <fmt/format.h>

#include <stdexcept>

namespace {
// The library asserts what a file may well lack: that a key begins with a letter or a quote ("[[["). Then it is the
// file that is wrong.
class BrokenKey : public std::logic_error {
 public:
  BrokenKey() : std::logic_error("a key that is none") {}
};
[[noreturn]] void broken_key() {
  throw BrokenKey();
}
}  // namespace
#define TOML_ASSERT(expression) ((expression) ? void() : broken_key())
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <type_traits>
#include <vector>

#include "testbench/program/scenario_check.h"
#include "testbench/program/scenario_fields.h"

namespace ringside::testbench {
namespace {

std::string place_of(const std::string& file, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", file, region.begin.line, region.begin.column);
}

const char* type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

// The visitor of scenario_fields.h that assigns from one table of the file.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string title, const std::string& file)
      : table_(table), title_(std::move(title)), file_(file) {}

  void place(std::string& where) { where = place_of(file_, table_.source()); }

  void field(const char* key, bool& value, const char*) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_boolean()) fail_type(*node, key, "true or false");
    value = node->as_boolean()->get();
  }

  template <typename Integer>
  void field(const char* key, Integer& value, const char*, const IntegerLimits& limits) {
    static_assert(std::is_integral_v<Integer>);
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_integer()) fail_type(*node, key, "an integer");
    const int64_t read = node->as_integer()->get();
    const bool is_power = !limits.power_of_two || (read > 0 && (read & (read - 1)) == 0);
    if (read < limits.min || read > limits.max || !is_power) {
      fail(node->source(), fmt::format("{} = {}: must be {}", key, read, words(limits)));
    }
    value = static_cast<Integer>(read);
  }

  void field(const char* key, double& value, const char*, const NumberLimits& limits) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_number()) fail_type(*node, key, "a number");
    const double read =
        node->is_integer() ? static_cast<double>(node->as_integer()->get()) : node->as_floating_point()->get();
    if (!(read >= limits.min && read <= limits.max)) {
      fail(node->source(), fmt::format("{} = {}: must be {} to {}", key, read, limits.min, limits.max));
    }
    value = read;
  }

  void field(const char* key, std::string& value, const char*, const OneOf& choice) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_string()) fail_type(*node, key, "a string");
    const std::string read = node->as_string()->get();
    const auto& known = choice.values;
    if (known.size() > 0 && std::find(known.begin(), known.end(), read) == known.end()) {
      fail(node->source(), fmt::format("{} = \"{}\": must be {}", key, read, join(known.begin(), known.end(), " or ")));
    }
    value = read;
  }

  template <typename T>
  void table(const char* key, T& value, const char*) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_table()) fail_type(*node, key, "a table");
    read_table(*node->as_table(), sub_title(key), value);
  }

  template <typename T>
  void tables(const char* key, std::vector<T>& values, const char*) {
    const toml::node* node = find(key);
    if (!node) return;
    if (!node->is_array_of_tables()) fail_type(*node, key, fmt::format("an array of tables: [[{}]]", key));
    for (const toml::node& item : *node->as_array()) {
      read_table(*item.as_table(), fmt::format("[{}]", sub_title(key)), values.emplace_back());
    }
  }

  template <typename T>
  void read(T& value) {
    describe(*this, value);
    for (auto&& [key, node] : table_) {
      const std::string_view name = key.str();
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const std::string in = title_.empty() ? "" : fmt::format(" in [{}]", title_);
      fail(key.source(),
           fmt::format("unknown key \"{}\"{}; known: {}", name, in, join(known_.begin(), known_.end(), ", ")));
    }
  }

 private:
  template <typename T>
  void read_table(const toml::table& table, std::string title, T& value) {
    TableReader(table, std::move(title), file_).read(value);
  }

  const toml::node* find(const char* key) {
    known_.push_back(key);
    return table_.get(key);
  }
  std::string sub_title(const char* key) const {
    return title_.empty() ? key : fmt::format("{}.{}", bare(title_), key);
  }
  static std::string bare(const std::string& title) {
    return title.front() == '[' ? title.substr(1, title.size() - 2) : title;
  }

  static std::string words(const IntegerLimits& limits) {
    std::string range = limits.max == INT64_MAX ? fmt::format("{} or more", limits.min)
                                                : fmt::format("{} to {}", limits.min, limits.max);
    return limits.power_of_two ? "a power of two, " + range : range;
  }
  template <typename Iterator>
  static std::string join(Iterator begin, Iterator end, std::string_view between) {
    std::string text;
    for (Iterator i = begin; i != end; ++i) text.append(i == begin ? "" : between).append(*i);
    return text;
  }
  [[noreturn]] void fail(const toml::source_region& where, const std::string& text) const {
    throw UsageError(place_of(file_, where) + ": " + text);
  }
  [[noreturn]] void fail_type(const toml::node& node, const char* key, std::string_view wanted) const {
    fail(node.source(), fmt::format("{} must be {}, not {}", key, wanted, type_name(node)));
  }

  const toml::table& table_;
  std::string title_;  // "host.nic", or "[host]" for an array of tables
  const std::string& file_;
  std::vector<std::string_view> known_;
};

std::string slurp(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  if (std::filesystem::is_directory(path)) throw UsageError(path + ": is a directory, not a scenario file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(fmt::format("cannot read scenario file {}: {}", path, std::strerror(errno)));
  text << file.rdbuf();
  return text.str();
}

bool has_broken_key(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const BrokenKey&) {
    return true;
  } catch (const toml::parse_error&) {  // what it ends in goes on in the next line
  }
  return false;
}

// The first line with which the library gives up: it does not say.
size_t broken_line(std::string_view text) {
  std::vector<size_t> ends;
  for (size_t at = 0; at < text.size(); ++at)
    if (text[at] == '\n') ends.push_back(at + 1);
  const auto first = std::partition_point(ends.begin(), ends.end(),
                                          [&](size_t end) { return !has_broken_key(text.substr(0, end)); });
  return static_cast<size_t>(first - ends.begin()) + 1;
}

}  // namespace

Scenario parse_scenario(std::string_view text, const std::string& name) {
  Scenario scenario;
  try {
    const toml::table table = toml::parse(text, name);
    TableReader(table, "", name).read(scenario);
  } catch (const toml::parse_error& error) {
    throw UsageError(place_of(name, error.source()) + ": " + std::string(error.description()));
  } catch (const BrokenKey&) {
    const size_t line = broken_line(text);
    throw UsageError(fmt::format("{}:{}: not TOML: a key or the name of a table is malformed", name, line));
  }
  check_scenario(scenario, name);
  return scenario;
}

Scenario read_scenario(const std::string& path) {
  Scenario scenario = parse_scenario(slurp(path), path == "-" ? "standard input" : path);
  if (path == "-") return scenario;
  const auto folder = std::filesystem::path(path).parent_path();
  for (ApplicationParameters& application : scenario.applications) {
    const std::filesystem::path file = application.file;
    if (!file.empty() && file.is_relative()) application.file = (folder / file).string();
  }
  return scenario;
}

}  // namespace ringside::testbench
