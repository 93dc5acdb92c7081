// Unpack, compute exactly (or with a sticky bit far below the rounding position), round once.
#include "cpu/fp/soft.h"

#include <utility>

#include "cpu/fp/unpacked.h"

namespace orrery::fp::soft {
namespace {

// value = (-1)^sign * significand * 2^(exponent - 126), significand in [2^125, 2^127).
struct Wide {
  bool sign;
  int exponent;
  u128 significand;
};

int leading_zeros(u128 value) {
  const u64 high = static_cast<u64>(value >> 64);
  return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<u64>(value));
}

template <class F>
F round_wide(const Wide& x, Rounding rm, u8& flags) {
  const int up = leading_zeros(x.significand);
  const u64 top = static_cast<u64>(shift_right_jam(x.significand << up, 64));
  return round_pack<F>(x.sign, x.exponent + 1 - up, top, rm, flags);
}

// The sign of an exact zero sum of opposite signs (IEEE 754-2008, 6.3).
template <class F>
F cancelled(Rounding rm) {
  return with_sign<F>(rm == Rounding::Rdn, 0);
}

template <class F>
F zero_plus_zero(bool sign_a, bool sign_b, Rounding rm) {
  return sign_a == sign_b ? with_sign<F>(sign_a, 0) : cancelled<F>(rm);
}

// Significands carry at most 106 leading bits, so bits are lost only by shifts beyond 20; the sum
// then keeps its leading bit at 124 or above, and a sticky bit 0 is far below rounding.
template <class F>
F sum(Wide x, Wide y, Rounding rm, u8& flags) {
  if (x.exponent < y.exponent) std::swap(x, y);
  y.significand = shift_right_jam(y.significand, x.exponent - y.exponent);
  if (x.sign == y.sign) {
    x.significand += y.significand;
  } else if (x.significand >= y.significand) {
    x.significand -= y.significand;
  } else {
    x.significand = y.significand - x.significand;
    x.sign = y.sign;
  }
  if (x.significand == 0) return cancelled<F>(rm);
  return round_wide<F>(x, rm, flags);
}

Wide widen(const Unpacked& x) {
  return {x.sign, x.exponent, static_cast<u128>(x.significand) << 63};
}

// Exact: significands of at most 53 bits are left-aligned, so the product's lowest bit is zero.
Wide product(const Unpacked& a, const Unpacked& b) {
  return {a.sign != b.sign, a.exponent + b.exponent + 1,
          (static_cast<u128>(a.significand) * b.significand) >> 1};
}

// floor(sqrt(radicand * 2^(2*Bits - 64))) for a radicand of 2^62 or more, one bit at a time from
// the top; `exact` says whether nothing remains. The remainder stays at most twice the root.
template <int Bits>
u64 integer_sqrt(u64 radicand, bool& exact) {
  u64 rest = 0;
  u64 root = 0;
  for (int i = 0; i < Bits; ++i) {
    rest = (rest << 2) | (radicand >> 62);
    radicand <<= 2;
    const u64 trial = (root << 2) | 1;
    const bool fits = rest >= trial;
    rest -= fits ? trial : 0;
    root = (root << 1) | (fits ? 1 : 0);
  }
  exact = rest == 0;
  return root;
}

}  // namespace

template <class F>
F add(F a, F b, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  if (x.kind == Unpacked::Nan || y.kind == Unpacked::Nan) return nan_result<F>(flags, a, b);
  if (x.kind == Unpacked::Infinite) {
    return y.kind == Unpacked::Infinite && x.sign != y.sign ? invalid<F>(flags) : a;
  }
  if (y.kind == Unpacked::Infinite) return b;
  if (x.kind == Unpacked::Zero) {
    return y.kind == Unpacked::Zero ? zero_plus_zero<F>(x.sign, y.sign, rm) : b;
  }
  if (y.kind == Unpacked::Zero) return a;
  return sum<F>(widen(x), widen(y), rm, flags);
}

template <class F>
F mul(F a, F b, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  const bool sign = x.sign != y.sign;
  if (x.kind == Unpacked::Nan || y.kind == Unpacked::Nan) return nan_result<F>(flags, a, b);
  if (x.kind == Unpacked::Infinite || y.kind == Unpacked::Infinite) {
    if (x.kind == Unpacked::Zero || y.kind == Unpacked::Zero) return invalid<F>(flags);
    return with_sign<F>(sign, Format<F>::infinity);
  }
  if (x.kind == Unpacked::Zero || y.kind == Unpacked::Zero) return with_sign<F>(sign, 0);
  return round_wide<F>(product(x, y), rm, flags);
}

template <class F>
F div(F a, F b, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  const bool sign = x.sign != y.sign;
  if (x.kind == Unpacked::Nan || y.kind == Unpacked::Nan) return nan_result<F>(flags, a, b);
  if (x.kind == Unpacked::Infinite) {
    return y.kind == Unpacked::Infinite ? invalid<F>(flags)
                                        : with_sign<F>(sign, Format<F>::infinity);
  }
  if (y.kind == Unpacked::Infinite) return with_sign<F>(sign, 0);
  if (y.kind == Unpacked::Zero) {
    if (x.kind == Unpacked::Zero) return invalid<F>(flags);
    raise(flags, DivByZero);
    return with_sign<F>(sign, Format<F>::infinity);
  }
  if (x.kind == Unpacked::Zero) return with_sign<F>(sign, 0);
  // Shift the dividend so that the quotient has exactly 64 bits.
  const int borrow = x.significand < y.significand ? 1 : 0;
  const u128 dividend = static_cast<u128>(x.significand) << (63 + borrow);
  const u64 quotient = static_cast<u64>(dividend / y.significand);
  const bool exact = static_cast<u128>(quotient) * y.significand == dividend;
  return round_pack<F>(sign, x.exponent - y.exponent - borrow, quotient | (exact ? 0 : 1), rm,
                       flags);
}

template <class F>
F sqrt(F a, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  if (x.kind == Unpacked::Nan) return nan_result<F>(flags, a);
  if (x.kind == Unpacked::Zero) return a;
  if (x.sign) return invalid<F>(flags);
  if (x.kind == Unpacked::Infinite) return a;
  // An even power of two leaves the root. The significand's last bit is zero; the root needs one
  // bit beyond the fraction, and the rest is sticky.
  constexpr int bits = Format<F>::fraction_bits + 2;
  const int odd = x.exponent & 1;
  bool exact = false;
  u64 root = integer_sqrt<bits>(x.significand >> (1 - odd), exact);
  root = (root << (64 - bits)) | (exact ? 0 : 1);
  return round_pack<F>(false, (x.exponent - odd) / 2, root, rm, flags);
}

template <class F>
F fused_multiply_add(F a, F b, F c, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  const Unpacked z = unpack(c);
  const bool sign = x.sign != y.sign;
  const bool infinite = x.kind == Unpacked::Infinite || y.kind == Unpacked::Infinite;
  const bool zero = x.kind == Unpacked::Zero || y.kind == Unpacked::Zero;
  // Infinity times zero is invalid even when the addend is a quiet NaN (F chapter,
  // "Single-Precision Floating-Point Computational Instructions").
  if (infinite && zero) raise(flags, Invalid);
  if (x.kind == Unpacked::Nan || y.kind == Unpacked::Nan || z.kind == Unpacked::Nan) {
    return nan_result<F>(flags, a, b, c);
  }
  if (infinite) {
    if (zero || (z.kind == Unpacked::Infinite && z.sign != sign)) return invalid<F>(flags);
    return with_sign<F>(sign, Format<F>::infinity);
  }
  if (z.kind == Unpacked::Infinite) return c;
  if (zero) return z.kind == Unpacked::Zero ? zero_plus_zero<F>(sign, z.sign, rm) : c;
  if (z.kind == Unpacked::Zero) return round_wide<F>(product(x, y), rm, flags);
  return sum<F>(product(x, y), widen(z), rm, flags);
}

#define ORRERY_FP_INSTANTIATE(F)                       \
  template F add<F>(F, F, Rounding, u8&);              \
  template F mul<F>(F, F, Rounding, u8&);              \
  template F div<F>(F, F, Rounding, u8&);              \
  template F sqrt<F>(F, Rounding, u8&);                \
  template F fused_multiply_add<F>(F, F, F, Rounding, u8&);
ORRERY_FP_INSTANTIATE(u32)
ORRERY_FP_INSTANTIATE(u64)
#undef ORRERY_FP_INSTANTIATE

}  // namespace orrery::fp::soft
