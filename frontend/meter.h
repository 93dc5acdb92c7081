// Measures a phase: what the machine counted since the phase's beginning, and what it cost the host.
//
// Statistics are the difference of two snapshots, plus the figures that every hart has whatever its
// model: instructions, cycles, time. They are the same on every host. Host figures (seconds, MIPS,
// versions) are kept apart (design: deterministic by construction).
#pragma once

#include <chrono>

#include "base/json.h"
#include "base/statistics.h"
#include "models/machine.h"

namespace orrery {

class Meter {
 public:
  explicit Meter(Machine& machine);

  // Counts from here on.
  void restart();

  // Around Machine::use_model(): the old model's statistics die, the new one's begin at zero.
  void model_leaves();

  Tick begin() const { return time_; }
  u64 steps() const;
  Tick elapsed() const;
  double host_seconds() const;
  double mips() const;

  Json statistics() const;  // flat: path -> number
  Json schema() const;      // path -> {"unit", "text"}
  Json host() const;  // the model's own figures among them

 private:
  struct HartFigures {
    u64 retired = 0;
    u64 untaken = 0;
    u64 cycles = 0;
  };
  struct Row;
  std::vector<Row> rows() const;
  static HartFigures figures(const Hart& hart);

  Machine& machine_;
  StatisticsSnapshot snapshot_;
  std::vector<HostFigure> host_figures_;
  std::vector<HartFigures> harts_;
  u64 steps_ = 0;
  Tick time_;
  std::chrono::steady_clock::time_point host_;
  double cpu_seconds_ = 0;
};

// Processor time of this process, in seconds.
double cpu_seconds();

}  // namespace orrery
