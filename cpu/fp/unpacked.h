// Internal to the software path: a number taken apart, and the one place that rounds.
#pragma once

#include <bit>

#include "cpu/fp/format.h"

namespace orrery::fp::soft {

// Finite: value = (-1)^sign * significand * 2^(exponent - 63), with bit 63 of the significand set
// (subnormals are normalized; the exponent just goes lower). Otherwise only kind and sign count.
struct Unpacked {
  enum Kind : u8 { Zero, Finite, Infinite, Nan };
  Kind kind;
  bool sign;
  int exponent;
  u64 significand;
};

template <class F>
Unpacked unpack(F a) {
  using T = Format<F>;
  const bool sign = sign_of(a);
  const int field = exponent_field(a);
  const u64 fraction = a & T::fraction_mask;
  if (field == T::exponent_max) {
    return {fraction == 0 ? Unpacked::Infinite : Unpacked::Nan, sign, 0, 0};
  }
  constexpr int spare = 63 - T::fraction_bits;
  if (field != 0) {
    return {Unpacked::Finite, sign, field - T::bias, (fraction | T::min_normal) << spare};
  }
  if (fraction == 0) return {Unpacked::Zero, sign, 0, 0};
  const int up = std::countl_zero(fraction);
  return {Unpacked::Finite, sign, 1 - T::bias + spare - up, fraction << up};
}

// Shifts right; a one that falls out stays as a one in bit 0 ("sticky"). As long as bit 0 lies
// below the rounding position and its half, rounding cannot tell the jammed value from the exact
// one.
template <class U>
U shift_right_jam(U value, int count) {
  constexpr int width = static_cast<int>(sizeof(U) * 8);
  if (count == 0) return value;
  if (count >= width) return value != 0;
  return (value >> count) | ((value << (width - count)) != 0);
}

// Does a magnitude move away from zero? `rest` holds the discarded bits, left-aligned: 2^63 is
// half.
inline bool rounds_up(Rounding rm, bool sign, bool odd, u64 rest) {
  constexpr u64 half = u64{1} << 63;
  switch (rm) {
    case Rounding::Rne: return rest > half || (rest == half && odd);
    case Rounding::Rtz: return false;
    case Rounding::Rdn: return sign && rest != 0;
    case Rounding::Rup: return !sign && rest != 0;
    case Rounding::Rmm: return rest >= half;
  }
  return false;
}

template <class F>
F overflow(bool sign, Rounding rm, u8& flags) {
  raise(flags, Overflow | Inexact);
  const bool stays_finite = rm == Rounding::Rtz || (rm == Rounding::Rdn && !sign) ||
                            (rm == Rounding::Rup && sign);
  return with_sign<F>(sign, stays_finite ? Format<F>::largest : Format<F>::infinity);
}

// Rounds (-1)^sign * significand * 2^(exponent - 63), bit 63 set, bit 0 possibly sticky.
// Tininess is detected after rounding (unprivileged manual, F chapter, "Subnormal Arithmetic"): a
// result is tiny when, rounded with an unbounded exponent, it lies below the smallest normal.
template <class F>
F round_pack(bool sign, int exponent, u64 significand, Rounding rm, u8& flags) {
  using T = Format<F>;
  constexpr int dropped = 63 - T::fraction_bits;
  const auto rounding = [&](u64 s) {
    return rounds_up(rm, sign, ((s >> dropped) & 1) != 0, s << (64 - dropped));
  };
  int field = exponent + T::bias;
  if (field >= T::exponent_max) return overflow<F>(sign, rm, flags);
  bool tiny = false;
  if (field < 1) {
    const bool all_ones = ~significand >> dropped == 0;
    tiny = field < 0 || !(all_ones && rounding(significand));
    significand = shift_right_jam(significand, 1 - field);
    field = 1;
  }
  // The leading bit, if there, adds one to the exponent field; so does a carry out of rounding.
  const u64 packed = (static_cast<u64>(field - 1) << T::fraction_bits) + (significand >> dropped) +
                     (rounding(significand) ? 1 : 0);
  if (packed >= T::infinity) return overflow<F>(sign, rm, flags);
  if (significand << (64 - dropped) != 0) raise(flags, tiny ? Underflow | Inexact : Inexact);
  return with_sign<F>(sign, static_cast<F>(packed));
}

template <class F>
F invalid(u8& flags) {
  raise(flags, Invalid);
  return Format<F>::canonical_nan;
}

// The result when an operand is a NaN: payloads are never propagated (F chapter, "NaN Generation
// and Propagation").
template <class F, class... Operands>
F nan_result(u8& flags, Operands... operands) {
  if ((is_signalling(operands) || ...)) raise(flags, Invalid);
  return Format<F>::canonical_nan;
}

}  // namespace orrery::fp::soft
