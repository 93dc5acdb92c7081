// How much longer than usual tests feed readers with random bytes: ORRERY_FUZZ (tests/long/fuzz.sh).
#pragma once

#include <algorithm>
#include <cstdlib>

namespace orrery {

inline int fuzz_scale() {
  const char* text = std::getenv("ORRERY_FUZZ");
  return text ? std::clamp(std::atoi(text), 1, 10'000) : 1;
}

}  // namespace orrery
