// A statistic per second of simulated time, declared as the others are (statistics.h):
//
//   Counter bytes{this, "bytes", "bytes", "bytes transferred"};
//   Rate bandwidth{this, "bandwidth", "bytes per second", {&bytes}, "of simulated time"};
//
// Counting costs what its counters cost: the rate is computed when statistics are reported.
#pragma once

#include "base/statistics.h"

namespace orrery {

// The root of a component tree, which knows what time it is.
class SimulatedTime {
 public:
  virtual ~SimulatedTime() = default;
  virtual Tick now() const = 0;
};

// Sum of counters per second; 0 when no time has passed, and where the root knows no time.
class Rate final : public Statistic {
 public:
  Rate(Component* owner, const char* name, const char* unit, std::initializer_list<const Counter*> counters,
       const char* text);

  // The ticks since the last reset.
  std::vector<u64> raw() const override;
  void set_raw(const std::vector<u64>& raw) override;
  Json report(const StatisticsSnapshot* since) const override;

 private:
  u64 now() const;

  const Component* const owner_;
  const std::vector<const Counter*> counters_;
  u64 begin_ = 0;  // tick
};

}  // namespace orrery
