// A run is a list of phases: boot fast until the console says so, warm up, measure.
//
//   [{"cpu": "direct",      "until": ["console=\"~ # \""], "type": "coremarklike 100\n"},
//    {"until": ["marker=2"], "save": "at_loop"},
//    {"cpu": "inorder",     "until": ["insts=1M"]},
//    {"until": ["marker=3", "insts=1G"], "stats": "loop.json"}]
//
// A phase begins by changing the CPU model and taking a snapshot of the statistics; it ends at the
// first condition met, and then, in this order: drains, writes statistics, saves, types. Without
// conditions it ends when the guest powers off. The flags of the command line are sugar for a list
// of one phase (run_options.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "frontend/condition.h"

namespace orrery {

class Params;

struct Phase {
  std::string cpu;                  // "": the model that is there
  std::vector<Condition> until;     // the first one met; none: poweroff
  std::string save;                 // directory of a checkpoint, "" for none
  bool replace = false;             // an existing checkpoint gives way
  std::string stats;                // file, "-" for the readable table, "" for none
  std::string stats_series;         // file for them interval by interval, "-" for standard output
  std::optional<Condition> stats_every;    // the length of an interval
  std::vector<std::string> stats_columns;  // patterns of their names; none: all
  bool reset_stats = true;          // count from this phase's beginning, or go on counting
  bool drain = false;               // let everything in flight finish at the end
  std::string type;                 // text for the console, at the end

  void visit(Params& p);
  bool awaits(Condition::Kind kind) const;
};

// `path` is what errors begin with, `models` the CPU models that there are.
std::vector<Phase> parse_phases(const Json& list, const std::string& path,
                                const std::vector<std::string>& models);

// The same from a file.
std::vector<Phase> read_phases(const std::string& file, const std::vector<std::string>& models);

}  // namespace orrery
