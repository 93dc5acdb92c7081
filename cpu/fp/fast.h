// The fast path: the host's own floating-point operation for the common case.
//
// Contract: each function either gives the result and raises exactly the flags that soft.h would,
// or gives nothing and raises nothing; then soft.h is asked. The arithmetic ones assume Rne. The
// host is in its default state: round to nearest even, subnormals neither flushed nor taken as
// zero.
//
// Reading the host's exception flags is slower than the operation. Instead:
// - A finite result above the smallest normal ("ordinary") rules out Overflow, Underflow, DivByZero
//   and Invalid; the smallest normal itself may stand for a tiny result that was rounded up.
// - Inexact is sticky, so when it is already set there is nothing left to find out. Otherwise an
//   exact test decides it, stated at each operation.
//
// Inlined by force: at -O2 the compiler thinks them too big, and the call costs more than the
// operation.
//
// Contraction of a*b+c into a fused operation could not harm here: the only product that is added
// to something is exact. The build sets -ffp-contract=off all the same; -ffast-math is ruled out.
#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "cpu/fp/format.h"
#include "cpu/fp/host_fma.h"

namespace orrery::fp::fast {

static_assert(FLT_EVAL_METHOD == 0 && std::numeric_limits<double>::is_iec559,
              "the host must compute in the formats themselves");

template <class F> using Host = std::conditional_t<sizeof(F) == 4, float, double>;
template <class F> Host<F> to_host(F a) { return std::bit_cast<Host<F>>(a); }
inline u32 to_bits(float a) { return std::bit_cast<u32>(a); }
inline u64 to_bits(double a) { return std::bit_cast<u64>(a); }

template <class F>
bool is_ordinary(F a) {
  constexpr F lowest = Format<F>::min_normal + 1;
  return magnitude(a) - lowest < Format<F>::infinity - lowest;
}

template <class F>
bool is_normal(F a) {
  return magnitude(a) - Format<F>::min_normal < Format<F>::infinity - Format<F>::min_normal;
}

// Of a normal number: an integer with fraction_bits + 1 bits.
template <class F>
u64 significand(F a) {
  return (a & Format<F>::fraction_mask) | Format<F>::min_normal;
}

// What x + y lost, exactly (Knuth's TwoSum; holds for subnormals too). The intermediate results do
// not overflow when |sum| is below the last binade.
template <class T>
T sum_error(T x, T y, T sum) {
  const T y_part = sum - x;
  const T x_part = sum - y_part;
  return (x - x_part) + (y - y_part);
}

// A subnormal sum is always exact, so no Underflow to rule out, and any finite operands will do.
template <class F>
[[gnu::always_inline]] inline std::optional<F> add(F a, F b, u8& flags) {
  const Host<F> x = to_host(a);
  const Host<F> y = to_host(b);
  const Host<F> sum = x + y;
  const F result = to_bits(sum);
  if (magnitude(result) >= Format<F>::infinity - Format<F>::min_normal) return {};
  if ((flags & Inexact) == 0 && sum_error(x, y, sum) != 0) raise(flags, Inexact);
  return result;
}

// The product of the significands has 2 * fraction_bits + 1 bits, or one more; the result keeps the
// upper fraction_bits + 1, so it is exact when the bits below are zero. (If rounding itself moved
// the result up a binade, the product was inexact, and one more bit in the mask does not hide it.)
template <class F>
[[gnu::always_inline]] inline std::optional<F> mul(F a, F b, u8& flags) {
  using T = Format<F>;
  const F result = to_bits(to_host(a) * to_host(b));
  if (!is_ordinary(result)) {
    if (is_zero(result) && (is_zero(a) || is_zero(b))) return result;
    return {};
  }
  if ((flags & Inexact) != 0) return result;
  if (!is_normal(a) || !is_normal(b)) return {};
  const int more = exponent_field(result) + T::bias - exponent_field(a) - exponent_field(b);
  const u64 below = (u64{1} << (T::fraction_bits + more)) - 1;
  if (((significand(a) * significand(b)) & below) != 0) raise(flags, Inexact);
  return result;
}

// With integer significands q, d, n: |q*d - n*2^k| <= d/2 < 2^fraction_bits as q is the nearest,
// and k >= fraction_bits. So the division is exact when q*d is 0 modulo 2^fraction_bits.
template <class F>
[[gnu::always_inline]] inline std::optional<F> div(F a, F b, u8& flags) {
  const F result = to_bits(to_host(a) / to_host(b));
  if (!is_ordinary(result)) {
    if (is_zero(result) && is_zero(a)) return result;
    return {};
  }
  if ((flags & Inexact) != 0) return result;
  if (!is_normal(a) || !is_normal(b)) return {};
  if (((significand(result) * significand(b)) & Format<F>::fraction_mask) != 0) {
    raise(flags, Inexact);
  }
  return result;
}

// With integer significands r, n: |r*r - n*2^k| <= r + 1 as r is the nearest, so 64 bits of both
// decide whether they are equal.
template <class F>
[[gnu::always_inline]] inline std::optional<F> sqrt(F a, u8& flags) {
  using T = Format<F>;
  if (!is_normal(a) || sign_of(a)) {
    if (is_zero(a)) return a;
    return {};
  }
  const F result = to_bits(std::sqrt(to_host(a)));
  if ((flags & Inexact) != 0) return result;
  const int k = exponent_field(a) + T::bias + T::fraction_bits - 2 * exponent_field(result);
  if (significand(result) * significand(result) != significand(a) << k) raise(flags, Inexact);
  return result;
}

// binary64 with Inexact set: the host's instruction, if it has one. Otherwise, when the product is
// exact, its sum with c is the only rounding.
[[gnu::always_inline]] inline std::optional<u64> fused_multiply_add(u64 a, u64 b, u64 c, u8& flags) {
  if ((flags & Inexact) != 0) {
    if (!host_has_fma) return {};
    const u64 result = to_bits(host_fma(to_host(a), to_host(b), to_host(c)));
    if (!is_ordinary(result)) return {};
    return result;
  }
  u8 lost = 0;
  const std::optional<u64> product = fast::mul(a, b, lost);
  if (!product || lost != 0) return {};
  return fast::add(*product, c, flags);
}

// binary32 in binary64: the product is exact; the sum is rounded to odd (cut off, then the last bit
// set if anything was lost), which makes the second rounding right since 53 >= 24 + 2 bits.
[[gnu::always_inline]] inline std::optional<u32> fused_multiply_add(u32 a, u32 b, u32 c, u8& flags) {
  const double product = static_cast<double>(to_host(a)) * static_cast<double>(to_host(b));
  const double addend = static_cast<double>(to_host(c));
  double sum = product + addend;
  if (sum == 0) return to_bits(static_cast<float>(sum));  // exact: nothing underflows in binary64
  const double error = sum_error(product, addend, sum);
  const u64 bits = to_bits(sum);
  if (error != 0 && (bits & 1) == 0) {
    sum = to_host((error > 0) == (sum > 0) ? bits + 1 : bits - 1);
  }
  const float rounded = static_cast<float>(sum);
  const u32 result = to_bits(rounded);
  if (!is_ordinary(result)) return {};
  if (static_cast<double>(rounded) != sum) raise(flags, Inexact);
  return result;
}

// A value that is an integer converts alike in all modes; Rtz is what the host's conversion does.
// Cutting off a fraction leaves a value the format can hold, so the way back is exact.
template <class F>
[[gnu::always_inline]] inline std::optional<i64> to_integer(F a, i64 lowest, i64 highest,
                                                               Rounding rm, u8& flags) {
  if (exponent_field(a) >= Format<F>::bias + 63) return {};
  const Host<F> x = to_host(a);
  const i64 whole = static_cast<i64>(x);
  const bool exact = static_cast<Host<F>>(whole) == x;
  if (whole < lowest || whole > highest || (!exact && rm != Rounding::Rtz)) return {};
  if (!exact) raise(flags, Inexact);
  return whole;
}

// The bound keeps the way back inside i64 after rounding up.
template <class F>
[[gnu::always_inline]] inline std::optional<F> from_integer(i64 value, Rounding rm, u8& flags) {
  constexpr i64 bound = i64{1} << 62;
  if (value <= -bound || value >= bound) return {};
  const Host<F> x = static_cast<Host<F>>(value);
  if (static_cast<i64>(x) != value) {
    if (rm != Rounding::Rne) return {};
    raise(flags, Inexact);
  }
  return to_bits(x);
}

[[gnu::always_inline]] inline std::optional<u64> widen(u32 a) {
  if (is_nan(a)) return {};
  return to_bits(static_cast<double>(to_host(a)));
}

[[gnu::always_inline]] inline std::optional<u32> narrow(u64 a, Rounding rm, u8& flags) {
  const double x = to_host(a);
  const float y = static_cast<float>(x);
  const u32 result = to_bits(y);
  if (!is_ordinary(result)) {
    if (is_zero(a)) return result;
    return {};
  }
  if (static_cast<double>(y) != x) {
    if (rm != Rounding::Rne) return {};
    raise(flags, Inexact);
  }
  return result;
}

}  // namespace orrery::fp::fast
