// Bit fields and sign extension.
#pragma once

#include "base/types.h"

namespace orrery {

// The `width` bits of `value` from bit `low` upward.
constexpr u64 bits(u64 value, unsigned low, unsigned width) {
  return width >= 64 ? value >> low : (value >> low) & ((u64{1} << width) - 1);
}

constexpr bool bit(u64 value, unsigned position) { return (value >> position) & 1; }

// `value` with its low `width` bits read as two's complement.
constexpr u64 sign_extend(u64 value, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<u64>(static_cast<i64>(value << shift) >> shift);
}

// `old` with the bits of `mask` taken from `value`.
constexpr u64 merge(u64 old, u64 value, u64 mask) { return (old & ~mask) | (value & mask); }

constexpr u64 align_down(u64 value, u64 power_of_two) { return value & ~(power_of_two - 1); }
constexpr u64 align_up(u64 value, u64 power_of_two) {
  return (value + power_of_two - 1) & ~(power_of_two - 1);
}
constexpr bool is_power_of_two(u64 value) { return value != 0 && (value & (value - 1)) == 0; }

}  // namespace orrery
