// Ticks of timing state as they come from a checkpoint: within what any machine reaches, so that
// adding latencies to them never wraps round.
#pragma once

#include <algorithm>
#include <span>

#include "base/archive.h"

namespace orrery {

inline void require_reachable(const Archive& a, const char* name, std::span<const Tick> ticks) {
  constexpr Tick latest{u64{1} << 62};
  a.require(std::all_of(ticks.begin(), ticks.end(), [&](Tick t) { return t <= latest; }), name,
            "a time that no machine reaches");
}

}  // namespace orrery
