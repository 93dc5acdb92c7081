// A bank, or the ports of an array: so many accesses may begin in one cycle, a later one waits for a
// cycle with room. Accesses are not given in the order of their times (a page walk asks ahead), so
// those to come and the latest ones are remembered one by one, and what is free between them stays free.
#pragma once

#include <algorithm>
#include <vector>

#include "base/archive.h"
#include "memory/saved_ticks.h"

namespace orrery {

class CycleSlots {
 public:
  CycleSlots(u32 per_cycle, u64 period)
      : per_cycle_(per_cycle), period_(period), ends_(std::size_t{16} * per_cycle) {}

  // From `now` on, when another access may begin.
  Tick first(Tick now) const {
    for (;;) {
      u32 begun = 0;
      Tick next = never;
      for (const Tick end : ends_) {
        if (end <= now || end >= now + 2 * period_) continue;
        ++begun;
        next = std::min(next, end);
      }
      if (begun < per_cycle_) return now;
      now = next;
    }
  }
  // Of an access that came at `now`.
  void take(Tick now, Tick begin) {
    const auto earliest = std::min_element(ends_.begin(), ends_.end());
    if (*earliest <= now) {
      *earliest = begin + period_;
    } else {
      ends_.push_back(begin + period_);
    }
  }

  // When the last access that has been given a cycle leaves it.
  Tick last_end() const { return *std::max_element(ends_.begin(), ends_.end()); }

  void state(Archive& a, const char* name) {
    const std::size_t least = std::size_t{16} * per_cycle_;
    a.resizable(name, ends_, most);
    a.require(ends_.size() >= least, name, "fewer than are remembered");
    require_reachable(a, name, ends_);
  }

 private:
  static constexpr std::size_t most = 1 << 20;

  const u32 per_cycle_;
  const u64 period_;
  std::vector<Tick> ends_;  // of the cycles of the latest accesses
};

}  // namespace orrery
