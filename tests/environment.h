// What the environment asks of a test: ORRERY_LONG (sh tests/run.sh --long), ORRERY_SEED (one seed
// again), ORRERY_FUZZ (sh tests/long/fuzz.sh).
#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/types.h"

namespace orrery {

// A number; nothing when it is not set, or set to nothing.
inline std::optional<u64> variable(const char* name) {
  const char* text = std::getenv(name);
  if (!text || !*text) return std::nullopt;
  return std::strtoull(text, nullptr, 0);
}

inline bool long_run() { return variable("ORRERY_LONG").value_or(0) != 0; }

// How much longer than usual readers are fed with random bytes.
inline int fuzz_scale() {
  return static_cast<int>(std::clamp<u64>(variable("ORRERY_FUZZ").value_or(1), 1, 10'000));
}

}  // namespace orrery
