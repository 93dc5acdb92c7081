#include "frontend/phases.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/json_io.h"
#include "base/params.h"
#include "frontend/files.h"

namespace orrery {

void Phase::visit(Params& p) {
  p("cpu", cpu, "CPU model from here on; empty leaves the one that is there");
  std::vector<std::string> conditions;
  p("until", conditions, "the first of these conditions ends the phase; none: poweroff");
  for (std::size_t i = 0; i < conditions.size(); ++i)
    until.push_back(parse_condition(conditions[i], fmt::format("{}.until[{}]", p.path(), i)));
  p("save", save, "directory of the checkpoint saved at the end; empty for none");
  p("replace", replace, "the checkpoint may replace an existing one");
  p("stats", stats, "file for the phase's statistics, \"-\" for a table; empty for none");
  p("stats_series", stats_series,
    "file for the statistics of each interval (CSV; JSON lines, if it ends with .jsonl); empty for none");
  std::string every;
  p("stats_every", every, "length of an interval: insts=1M or time=1ms");
  p("stats_columns", stats_columns, "patterns (* and ?) of the statistics in a series; none: all");
  if (!every.empty()) stats_every = parse_interval(every, p.path() + ".stats_every");
  p.require(stats_series.empty() == every.empty(), "stats_every", "must be given with stats_series, and only then");
  p.require(stats_columns.empty() || !stats_series.empty(), "stats_columns", "needs stats_series");
  p("reset_stats", reset_stats, "count from this phase's beginning; otherwise go on counting");
  p("drain", drain, "let the CPU model finish what is in flight at the end");
  p("type", type, "text typed on the console at the end");
}

bool Phase::awaits(Condition::Kind kind) const {
  return std::any_of(until.begin(), until.end(),
                     [kind](const Condition& c) { return c.kind == kind; });
}

std::vector<Phase> parse_phases(const Json& list, const std::string& path,
                                const std::vector<std::string>& models) {
  if (!list.is_array() || list.empty())
    config_error("{}: expected a list of phases [{{...}}, ...], found {}", path, list.dump());
  std::vector<Phase> result;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Json source = list[i];
    // One condition may stand without the brackets.
    if (source.is_object() && source.contains("until") && source["until"].is_string())
      source["until"] = Json::array({source["until"]});
    Params params(source, fmt::format("{}[{}]", path, i));
    Phase phase;
    phase.visit(params);
    if (!phase.cpu.empty() && std::find(models.begin(), models.end(), phase.cpu) == models.end())
      config_error("{}.cpu: unknown \"{}\"; known: {}", params.path(), phase.cpu,
                   fmt::join(models, " "));
    params.finish();
    result.push_back(std::move(phase));
  }
  return result;
}

std::vector<Phase> read_phases(const std::string& file, const std::vector<std::string>& models) {
  return parse_phases(parse_json(read_text_file(file), file), file + ": phases", models);
}

}  // namespace orrery
