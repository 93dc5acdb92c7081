// The vocabulary of cpu/fp: rounding modes, exception flags, and the layout of each binary format.
//
// A floating-point value is always its raw bits, in the unsigned integer of its width (`F` below):
// u32 is binary32, u64 is binary64. A new format is one more `Format` line here and one more
// instantiation line at the end of soft.cc and soft_convert.cc.
#pragma once

#include "base/types.h"

namespace orrery::fp {

// Encoded as in the `rm` field of an instruction and in `frm` (unprivileged manual, "Floating-Point
// Control and Status Register"). Dyn and the reserved encodings never get here: the caller resolves
// `frm` and refuses reserved modes first.
enum class Rounding : u8 {
  Rne = 0,  // to nearest, ties to even
  Rtz = 1,  // towards zero
  Rdn = 2,  // down, towards minus infinity
  Rup = 3,  // up, towards plus infinity
  Rmm = 4,  // to nearest, ties to maximum magnitude
};

// Encoded as the bits of `fflags`.
enum Flag : u8 {
  Inexact = 1,
  Underflow = 2,
  Overflow = 4,
  DivByZero = 8,
  Invalid = 16,
};

inline void raise(u8& flags, unsigned which) { flags = static_cast<u8>(flags | which); }

template <class B, int ExponentBits, int FractionBits>
struct Ieee {
  using Bits = B;
  static constexpr int fraction_bits = FractionBits;
  static constexpr int bias = (1 << (ExponentBits - 1)) - 1;
  static constexpr int exponent_max = (1 << ExponentBits) - 1;  // the field of infinities and NaNs
  static constexpr B sign_bit = static_cast<B>(B{1} << (ExponentBits + FractionBits));
  static constexpr B infinity = static_cast<B>(static_cast<B>(exponent_max) << FractionBits);
  static constexpr B largest = static_cast<B>(infinity - 1);
  static constexpr B min_normal = static_cast<B>(B{1} << FractionBits);
  static constexpr B fraction_mask = static_cast<B>(min_normal - 1);
  static constexpr B quiet_bit = static_cast<B>(B{1} << (FractionBits - 1));
  static constexpr B canonical_nan = static_cast<B>(infinity | quiet_bit);
};

template <class F> struct Format;
template <> struct Format<u32> : Ieee<u32, 8, 23> {};
template <> struct Format<u64> : Ieee<u64, 11, 52> {};

// Questions about one value.

template <class F> constexpr bool sign_of(F a) { return (a & Format<F>::sign_bit) != 0; }
template <class F> constexpr F negate(F a) { return static_cast<F>(a ^ Format<F>::sign_bit); }
template <class F> constexpr F magnitude(F a) { return static_cast<F>(a & ~Format<F>::sign_bit); }
template <class F> constexpr int exponent_field(F a) {
  return static_cast<int>(magnitude(a) >> Format<F>::fraction_bits);
}
template <class F> constexpr bool is_zero(F a) { return magnitude(a) == 0; }
template <class F> constexpr bool is_nan(F a) { return magnitude(a) > Format<F>::infinity; }
template <class F> constexpr bool is_signalling(F a) {
  return is_nan(a) && (a & Format<F>::quiet_bit) == 0;
}
template <class F> constexpr F with_sign(bool sign, F positive) {
  return sign ? negate(positive) : positive;
}

}  // namespace orrery::fp
