// Saved state, damaged: one leaf of it replaced by values that are dangerous to run with.
#pragma once

#include <cstring>
#include <iterator>
#include <vector>

#include "base/json.h"
#include "base/random.h"

namespace orrery {

inline Json damaged(Json state, Random& random) {
  static const std::vector<u64> values = {0, 1, 3, 255, ~u64{0}, u64{1} << 63, (u64{1} << 62) - 1, u64{1} << 31};
  Json* at = &state;
  while (at->is_structured() && !at->empty()) {
    auto child = at->begin();
    std::advance(child, static_cast<std::ptrdiff_t>(random.below(at->size())));
    at = &*child;
  }
  const u64 value = values[random.below(values.size())];
  if (!at->is_binary()) {
    *at = value;
    return state;
  }
  auto& bytes = at->get_binary();
  const u64 step = 1 + random.below(16);
  for (std::size_t i = 0; i < bytes.size(); i += step)
    std::memcpy(&bytes[i], &value, std::min<std::size_t>(8, bytes.size() - i));
  return state;
}

}  // namespace orrery
