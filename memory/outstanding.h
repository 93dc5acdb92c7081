// How many misses of a cache are under way at once, and for how long: its occupied MSHRs.
//
// Counted exactly, by the time between one miss and the next, up to the latest miss's beginning.
// Times at which nothing is under way count nowhere. At a level that several callers share, a miss
// that comes out of step (memory/port.h) begins with the latest one so far.
#pragma once

#include <span>
#include <vector>

#include "base/archive.h"
#include "base/statistics.h"

namespace orrery {

class Outstanding {
 public:
  Outstanding(Component* owner, u32 mshrs);

  // A miss begins at `now`; `ends` are the times at which the MSHRs' lines arrive, this one's left out.
  void begin(Tick now, std::span<const Tick> ends);

  void state(Archive& a);

  Histogram held;       // time with so many under way
  Counter held_time, busy_time;
  Ratio parallelism;

 private:
  Tick counted_;                // everything before is
  std::vector<Tick> arrivals_;  // while counting
};

}  // namespace orrery
