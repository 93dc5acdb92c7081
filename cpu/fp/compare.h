// Comparisons, minimum and maximum, classification: a few integer operations on the bits, so there
// is one path only. None of them rounds.
#pragma once

#include "cpu/fp/format.h"

namespace orrery::fp {

namespace detail {

// a < b for operands that are not NaN; minus zero is below plus zero when `zeros_differ`.
template <class F>
bool below(F a, F b, bool zeros_differ) {
  if (sign_of(a) != sign_of(b)) return sign_of(a) && (zeros_differ || !is_zero<F>(a | b));
  return sign_of(a) ? a > b : a < b;
}

}  // namespace detail

// FEQ is quiet: only a signalling NaN raises Invalid.
template <class F>
bool eq(F a, F b, u8& flags) {
  if (is_nan(a) || is_nan(b)) {
    if (is_signalling(a) || is_signalling(b)) raise(flags, Invalid);
    return false;
  }
  return a == b || (is_zero(a) && is_zero(b));
}

// FLT and FLE are signalling: any NaN raises Invalid.
template <class F>
bool lt(F a, F b, u8& flags) {
  if (is_nan(a) || is_nan(b)) {
    raise(flags, Invalid);
    return false;
  }
  return detail::below(a, b, false);
}

template <class F>
bool le(F a, F b, u8& flags) {
  if (is_nan(a) || is_nan(b)) {
    raise(flags, Invalid);
    return false;
  }
  return !detail::below(b, a, false);
}

namespace detail {

// minimumNumber/maximumNumber of IEEE 754-2019 (F chapter, FMIN.S and FMAX.S, since version 2.2):
// one NaN gives the other operand, two give the canonical NaN, a signalling one raises Invalid all
// the same.
template <class F>
F extreme(F a, F b, bool want_lower, u8& flags) {
  if (is_signalling(a) || is_signalling(b)) raise(flags, Invalid);
  if (is_nan(a)) return is_nan(b) ? Format<F>::canonical_nan : b;
  if (is_nan(b)) return a;
  return below(a, b, true) == want_lower ? a : b;
}

}  // namespace detail

template <class F> F min(F a, F b, u8& flags) { return detail::extreme(a, b, true, flags); }
template <class F> F max(F a, F b, u8& flags) { return detail::extreme(a, b, false, flags); }

// FCLASS: exactly one of ten bits.
template <class F>
u64 classify(F a) {
  enum Bit { NegInfinite, NegNormal, NegSubnormal, NegZero, PosZero, PosSubnormal, PosNormal,
             PosInfinite, SignallingNan, QuietNan };
  using T = Format<F>;
  const F m = magnitude(a);
  const bool sign = sign_of(a);
  Bit bit = sign ? NegNormal : PosNormal;
  if (m > T::infinity) bit = is_signalling(a) ? SignallingNan : QuietNan;
  else if (m == T::infinity) bit = sign ? NegInfinite : PosInfinite;
  else if (m == 0) bit = sign ? NegZero : PosZero;
  else if (m < T::min_normal) bit = sign ? NegSubnormal : PosSubnormal;
  return u64{1} << bit;
}

}  // namespace orrery::fp
