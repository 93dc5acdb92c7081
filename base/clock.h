// A clock domain turns ticks into cycles. Cycle 0 starts at tick 0; periods are whole ticks.
// A timebase turns ticks into the counter behind `time` and `mtime`, without rounding its period.
#pragma once

#include "base/types.h"
#include "base/units.h"

namespace orrery {

class Clock {
 public:
  explicit Clock(Frequency frequency) : period_(frequency.period_ticks()) {}

  u64 period() const { return period_; }  // ticks
  Cycle cycle(Tick now) const { return Cycle{now.value() / period_}; }
  Tick tick(Cycle cycle) const { return Tick{cycle.value() * period_}; }
  // The first edge at or after `now`; never, when simulated time ends before it.
  Tick edge(Tick now) const {
    const u64 since_edge = now.value() % period_;
    if (since_edge == 0) return now;
    const u64 until_edge = period_ - since_edge;
    return until_edge > never - now ? never : now + until_edge;
  }

 private:
  u64 period_;
};

// The counter that every hart's `time` and the CLINT's `mtime` show: floor(now x frequency), exact
// at every tick.
class Timebase {
 public:
  explicit Timebase(Frequency frequency) : hertz_(frequency.hertz) {}

  u64 hertz() const { return hertz_; }
  u64 count(Tick now) const {
    return static_cast<u64>(u128{now.value()} * hertz_ / ticks_per_second);
  }
  // The first tick at which count() >= `count`; `never` when simulated time ends before.
  Tick first_tick(u64 count) const {
    const u128 tick = (u128{count} * ticks_per_second + hertz_ - 1) / hertz_;
    return tick < never.value() ? Tick{static_cast<u64>(tick)} : never;
  }

 private:
  u64 hertz_;
};

// `ticks` after `now`; `never` when simulated time ends before.
constexpr Tick later(Tick now, u64 ticks) {
  return ticks < never - now ? now + ticks : never;
}

}  // namespace orrery
