// Cycles of a core's clock.
#pragma once

#include "base/clock.h"
#include "base/types.h"

namespace orrery {

inline constexpr Cycle never_cycle{~u64{0}};

// Of two cycles the one or the other: by value, so that no branch chooses between two places in memory,
// as it does for std::max() and std::min().
constexpr Cycle later(Cycle a, Cycle b) { return a < b ? b : a; }
constexpr Cycle earlier(Cycle a, Cycle b) { return b < a ? b : a; }

// The first cycle that does not begin before `at`.
inline Cycle cycle_from(Tick at, u64 period) {
  return at.value() > never.value() - period ? never_cycle : Cycle{(at.value() + period - 1) / period};
}

}  // namespace orrery
