// --stats-series FILE --stats-every INTERVAL: what was counted in each interval of a phase, a row
// each, in the order of time. CSV, or, in a file that ends with .jsonl, JSON:
//
//   interval,end_steps,end_ticks,machine.instructions,...,machine.hart0.l1d.load_misses,...
//   1,1000000,1412000000,1000000,...
//   {"interval": 1, "end_steps": 1000000, "end_ticks": 1412000000, "statistics": {...}}
//
// end_steps and end_ticks count from the phase's beginning to the interval's end. The last interval
// ends with the phase, so that the rows add up to the phase's statistics; a ratio is that of its
// row. A bucket of a histogram is a column of its own, path[bucket]. Intervals are as exact as
// Machine::look_at(), and none begins late because the one before ended late.
#pragma once

#include <string>
#include <vector>

#include "frontend/meter.h"
#include "frontend/phases.h"
#include "frontend/trace_file.h"
#include "models/machine.h"

namespace orrery {

class StatsSeries {
 public:
  // From here on, as the phase says. ConfigError when a pattern of its columns names nothing. The
  // machine outlives it.
  StatsSeries(Machine& machine, const Phase& phase);
  ~StatsSeries() { machine_.look_at({}, {}); }
  StatsSeries(const StatsSeries&) = delete;
  StatsSeries& operator=(const StatsSeries&) = delete;

  // The phase is over: the last row. ConfigError when anything could not be written.
  void finish();

 private:
  void write_head();
  void write_row();
  void wait_for_end();
  Json selected() const;

  Machine& machine_;
  Meter interval_;
  const Condition every_;
  const std::vector<std::string> columns_;  // paths of statistics; none: all
  const u64 begin_steps_;
  const Tick begin_time_;
  u64 rows_ = 0;
  bool is_json_;
  TraceFile file_;
};

}  // namespace orrery
