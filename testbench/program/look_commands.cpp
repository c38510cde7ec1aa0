#include "testbench/program/look_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "testbench/program/explain_json.h"
#include "testbench/program/journey_file.h"
#include "testbench/program/output_file.h"
#include "testbench/program/report_data.h"
#include "testbench/program/rules_text.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/report/report_page.h"

namespace ringside::testbench {
namespace {

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? kExitOk : kExitFailed;
}

int journey(const LookOptions& options) {
  JourneyFile file(options.out);
  const std::optional<JourneyLine> line = file.find(options.packet);
  if (!line) throw UsageError(fmt::format("there is no packet {} in {}/journeys.tsv", options.packet, options.out));
  return print(to_table(*line));
}

int explain(const LookOptions& options) {
  const std::string path = (std::filesystem::path(options.out) / "result.json").string();
  std::ifstream file(path);
  if (!file) throw UsageError(fmt::format("cannot read {}: run something first", path));
  try {
    const auto json = nlohmann::ordered_json::parse(file);
    if (json.value("outcome", "") == "crashed")
      throw UsageError(fmt::format("{}: the run crashed; there is nothing to explain", path));
    return print(explain_text(explanation_of(json.at("explain"))));
  } catch (const nlohmann::json::exception& error) {
    if (dynamic_cast<const nlohmann::json::parse_error*>(&error) != nullptr)
      throw UsageError(fmt::format("{} is not whole: the run was ended before it could write its results", path));
    throw UsageError(fmt::format("{} does not explain itself: {}", path, error.what()));
  }
}

int report(const LookOptions& options) {
  const nlohmann::ordered_json data = report_data(options.out);
  const std::string page = report_page(data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                                       fmt::format("Ringside: {}", data.at("run").at("scenario").get<std::string>()));
  OutputFile file((std::filesystem::path(options.out) / "report.html").string());
  file.append(page.data(), page.size());
  file.end_record();
  file.close();
  if (file.failed()) throw OutputError(file.error());
  fmt::print("{}\n", file.path());
  return kExitOk;
}

}  // namespace

int look(const LookOptions& options) {
  switch (options.what) {
    case Look::kJourney:
      return journey(options);
    case Look::kExplain:
      return explain(options);
    case Look::kReport:
      return report(options);
    case Look::kRules:
      return print(rules_text(options.asked));
    case Look::kNothing:
      break;
  }
  return kExitUsage;
}

}  // namespace ringside::testbench
