// What the command lines of all programs here have in common: help, and a wrong word told in one line with exit code 2.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_OPTION_WORDS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_OPTION_WORDS_H_

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "testbench/program/exit_codes.h"

namespace ringside::testbench {

// A number's limits do not hold NaN back: CLI::Range lets it through.
inline CLI::Validator not_nan() {
  return CLI::Validator(
      [](std::string& word) { return std::isnan(std::strtod(word.c_str(), nullptr)) ? "is no number" : ""; }, "");
}

// What is wrong, in one line.
inline int complain(const std::string& text) {
  std::fprintf(stderr, "ringside: %s\n", text.c_str());
  return kExitUsage;
}

// The exit code when there is nothing to go on with: help was asked for, or something is wrong.
inline std::optional<int> parse_options(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return complain(std::string(error.what()) + " (see --help)");
  }
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_OPTION_WORDS_H_
