// Operands for the floating-point campaigns: random, but biased to where rounding goes wrong.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>

#include "cpu/fp/format.h"

namespace orrery::fp::test {

// How many cases a loop runs: `count`, times ORRERY_FP_TEST_SCALE from the environment if set.
inline int campaign(int count) {
  const char* scale = std::getenv("ORRERY_FP_TEST_SCALE");
  return scale == nullptr ? count : count * std::max(1, std::atoi(scale));
}

inline constexpr std::array all_modes{Rounding::Rne, Rounding::Rtz, Rounding::Rdn, Rounding::Rup,
                               Rounding::Rmm};

template <class F>
class Operands {
 public:
  using T = Format<F>;
  explicit Operands(u64 seed) : random_(seed) {}

  u64 bits() { return random_(); }
  int below(int n) { return static_cast<int>(random_() % static_cast<u64>(n)); }

  F any() {
    switch (below(8)) {
      case 0: return landmark();
      case 1: return static_cast<F>(landmark() + static_cast<F>(below(9)) - 4);
      case 2: return subnormal();
      case 3: return number(below(T::exponent_max + 1), fraction());
      default: return number(T::bias - 40 + below(80), fraction());
    }
  }

  // A number whose integer part has about as many bits as an integer type, often on a half.
  F near_integer() {
    return number(T::bias - 3 + below(69), below(3) == 0 ? static_cast<F>(bits() & T::fraction_mask)
                                                         : fraction());
  }

  // An integer of any length, often with long runs of equal bits.
  u64 integer() {
    const u64 value = bits() >> below(64);
    switch (below(4)) {
      case 0: return u64{0} - value;
      case 1: return (u64{1} << below(64)) + (u64{1} << below(64)) - static_cast<u64>(below(3));
      default: return value;
    }
  }

  // A second operand in some relation to the first.
  F partner(F a) {
    switch (below(6)) {
      case 0: return negate(static_cast<F>(a + static_cast<F>(below(9)) - 4));
      case 1: {
        const int distance = below(2 * T::fraction_bits + 8) - T::fraction_bits - 4;
        return number(exponent_field(a) + distance, fraction());
      }
      // A product, then a quotient, at the lower and upper end of the exponents.
      case 2: return number(edge() + T::bias - exponent_field(a), fraction());
      case 3: return number(exponent_field(a) + T::bias - edge(), fraction());
      default: return any();
    }
  }

 private:
  F number(int exponent, F fraction) {
    const int field = std::clamp(exponent, 0, T::exponent_max);
    const F positive = static_cast<F>((static_cast<F>(field) << T::fraction_bits) | fraction);
    return with_sign(below(2) == 0, positive);
  }

  int edge() {
    return below(2) == 0 ? below(5) - 2 - below(2) * below(T::fraction_bits)
                         : T::exponent_max - 2 + below(4);
  }

  // Zeros, ones, a few bits at either end: sums and products then meet halves and carries.
  F fraction() {
    const int shift = below(T::fraction_bits);
    const F random = static_cast<F>(bits() & T::fraction_mask);
    switch (below(6)) {
      case 0: return static_cast<F>(below(4));
      case 1: return static_cast<F>(T::fraction_mask - static_cast<F>(below(4)));
      case 2: return static_cast<F>((random >> shift) << shift);
      case 3: return static_cast<F>((T::fraction_mask << shift) & T::fraction_mask);
      case 4: return static_cast<F>(random >> shift);
      default: return random;
    }
  }

  F subnormal() { return with_sign(below(2) == 0, fraction()); }

  F landmark() {
    constexpr F one = static_cast<F>(static_cast<F>(T::bias) << T::fraction_bits);
    constexpr std::array<F, 12> list{0, 1, static_cast<F>(T::min_normal - 1), T::min_normal, one,
                                     static_cast<F>(one + T::min_normal),
                                     static_cast<F>(one - T::min_normal), T::largest, T::infinity,
                                     static_cast<F>(T::infinity + 1), T::canonical_nan,
                                     static_cast<F>(T::canonical_nan + 5)};
    return with_sign(below(2) == 0, list[static_cast<std::size_t>(below(12))]);
  }

  std::mt19937_64 random_;
};

}  // namespace orrery::fp::test
