// Cycles of a core's clock.
#pragma once

#include "base/clock.h"
#include "base/types.h"

namespace orrery {

inline constexpr Cycle never_cycle{~u64{0}};

// The first cycle that does not begin before `at`.
inline Cycle cycle_from(Tick at, u64 period) {
  return at.value() > never.value() - period ? never_cycle : Cycle{(at.value() + period - 1) / period};
}

}  // namespace orrery
