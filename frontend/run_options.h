// The flags of `run` and `resume`, and what they are sugar for: settings of the description and a
// list of phases.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "frontend/options.h"
#include "frontend/phases.h"

namespace orrery {

struct RunOptions {
  std::string source;                      // CONFIG, or the checkpoint to resume
  std::vector<std::string> set;            // "path=value", as given
  std::vector<std::string> add;            // "FILE:/path"
  std::vector<std::optional<std::string>> sugar;  // values of the flags in sugar_flags(), in order

  std::vector<std::string> until;
  std::optional<std::string> save, stats, stats_series, stats_every, stats_columns, phases;
  bool replace = false;

  std::optional<std::string> trace, trace_file, profile, hot_spots, record, replay, signature, out;
  std::vector<std::string> symbols;
  std::optional<std::string> pace, console;
  bool progress = false, quiet = false;
};

// A flag that sets one path of the description.
struct SugarFlag {
  const char* flag;
  const char* what;
  const char* path;
  const char* text;
  bool at_power_on = false;  // says what is loaded then, and means nothing to a resumed machine
};
const std::vector<SugarFlag>& sugar_flags();

enum class RunKind { Run, Resume };

// Nothing when --help was asked for.
std::optional<RunOptions> parse_run_options(RunKind kind, const std::vector<std::string>& args);

// What the flags set, each a path of the description and its value; --set comes after these.
std::vector<std::pair<std::string, Json>> settings(const RunOptions& options);

// Sets them, and what --set says.
void apply_settings(Json& description, const RunOptions& options);

// The flags for these, which other subcommands have too.
void add_setting_flags(Options& flags, RunKind kind, RunOptions& options);

// The list of phases that the flags stand for.
std::vector<Phase> phases_of(const RunOptions& options, const std::vector<std::string>& models);

// Where a result named on the command line goes: relative names stand in --out, when given.
std::string result_path(const RunOptions& options, const std::string& name);

}  // namespace orrery
