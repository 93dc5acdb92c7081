// orrery report FILE...: statistics files side by side.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "frontend/options.h"
#include "frontend/output.h"
#include "frontend/report_table.h"
#include "frontend/subcommand.h"

namespace orrery {
namespace {

constexpr std::size_t most_results = 64;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Directories stand for the results in them, and a result's other files, which a pattern of the
// shell finds too, for the result.
std::vector<std::string> statistics_files(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    std::error_code error;
    if (!std::filesystem::is_directory(name, error)) {
      const auto result = result_beside(name);
      if (!result) files.push_back(name);
      if (result && !contains(names, *result) && !contains(files, *result)) files.push_back(*result);
      continue;
    }
    const auto found = result_files(name);
    if (found.empty()) config_error("{}: holds no statistics files", name);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

// The model when that tells the columns apart, otherwise the file.
std::vector<std::string> titles(const std::vector<std::string>& files,
                                const std::vector<PhaseResult>& results) {
  std::vector<std::string> models, names;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto cpu = results[i].phase.find("cpu");
    models.push_back(cpu != results[i].phase.end() && cpu->is_string() ? cpu->get<std::string>() : "");
    names.push_back(std::filesystem::path(files[i]).filename().string());
  }
  for (std::size_t i = 0; i < models.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      if (models[i].empty() || (i != j && models[i] == models[j])) return names;
  return models;
}

}  // namespace

int report_command(const Arguments& args) {
  std::vector<std::string> names;
  bool all = false;
  Options options("report FILE... [flags]",
                  "Prints statistics files (or all of a directory) side by side as a table.");
  options.flag("all", all, "every statistic, not only what people look at first")
      .arguments("FILE", names, 1, 3 * most_results);  // a pattern finds three files of each
  if (!options.parse(args)) return 0;
  const std::vector<std::string> files = statistics_files(names);
  if (files.size() > most_results) config_error("report: {} results, at most {} fit side by side", files.size(), most_results);
  std::vector<PhaseResult> results;
  for (const std::string& file : files) results.push_back(read_result(file));
  const std::vector<std::string> heads = titles(files, results);
  std::vector<ReportColumn> columns;
  for (std::size_t i = 0; i < results.size(); ++i)
    columns.push_back({heads[i], std::move(results[i])});
  print(report_table(columns, all));
  return 0;
}

}  // namespace orrery
