// Conversions between formats and to and from integers.
#include "cpu/fp/soft.h"
#include "cpu/fp/unpacked.h"

namespace orrery::fp::soft {
namespace {

struct Range {
  u64 negative;  // magnitude of the lowest value
  u64 positive;  // the highest value
};
constexpr Range range_i32{u64{1} << 31, (u64{1} << 31) - 1};
constexpr Range range_u32{0, (u64{1} << 32) - 1};
constexpr Range range_i64{u64{1} << 63, (u64{1} << 63) - 1};
constexpr Range range_u64{0, ~u64{0}};

// The integer part of the rounded value, as two's complement. Out of range saturates and raises
// Invalid in place of Inexact; a NaN counts as too high (F chapter, table "Domains of
// float-to-integer conversions and behavior for invalid inputs"). A negative value that rounds to
// zero is in range.
template <class F>
u64 to_integer(F a, const Range& range, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  if (x.kind == Unpacked::Zero) return 0;
  const bool negative = x.sign && x.kind != Unpacked::Nan;
  const u64 limit = negative ? range.negative : range.positive;
  const auto saturate = [&] {
    raise(flags, Invalid);
    return negative ? u64{0} - limit : limit;
  };
  if (x.kind != Unpacked::Finite || x.exponent > 63) return saturate();

  u64 whole = 0;
  u64 rest = 1;  // below one half: any nonzero value
  if (x.exponent >= 0) {
    const int fraction_bits = 63 - x.exponent;
    whole = x.significand >> fraction_bits;
    rest = fraction_bits == 0 ? 0 : x.significand << (64 - fraction_bits);
  } else if (x.exponent == -1) {
    rest = x.significand;
  }
  // No carry out: with 64 integer bits nothing is left to round.
  if (rounds_up(rm, negative, (whole & 1) != 0, rest)) ++whole;
  if (whole > limit) return saturate();
  if (rest != 0) raise(flags, Inexact);
  return negative ? u64{0} - whole : whole;
}

u64 sign_extend_32(u64 value) {
  return static_cast<u64>(static_cast<i64>(static_cast<i32>(static_cast<u32>(value))));
}

template <class F>
F from_integer(bool sign, u64 value, Rounding rm, u8& flags) {
  if (value == 0) return 0;
  const int up = std::countl_zero(value);
  return round_pack<F>(sign, 63 - up, value << up, rm, flags);
}

}  // namespace

template <class F>
u64 to_i32(F a, Rounding rm, u8& flags) {
  return to_integer(a, range_i32, rm, flags);
}

template <class F>
u64 to_u32(F a, Rounding rm, u8& flags) {
  return sign_extend_32(to_integer(a, range_u32, rm, flags));
}

template <class F>
u64 to_i64(F a, Rounding rm, u8& flags) {
  return to_integer(a, range_i64, rm, flags);
}

template <class F>
u64 to_u64(F a, Rounding rm, u8& flags) {
  return to_integer(a, range_u64, rm, flags);
}

template <class F>
F from_i64(i64 value, Rounding rm, u8& flags) {
  const u64 bits = static_cast<u64>(value);
  return from_integer<F>(value < 0, value < 0 ? u64{0} - bits : bits, rm, flags);
}

template <class F>
F from_u64(u64 value, Rounding rm, u8& flags) {
  return from_integer<F>(false, value, rm, flags);
}

template <class To, class From>
To convert(From a, Rounding rm, u8& flags) {
  const Unpacked x = unpack(a);
  switch (x.kind) {
    case Unpacked::Nan: return nan_result<To>(flags, a);
    case Unpacked::Infinite: return with_sign<To>(x.sign, Format<To>::infinity);
    case Unpacked::Zero: return with_sign<To>(x.sign, 0);
    case Unpacked::Finite: break;
  }
  return round_pack<To>(x.sign, x.exponent, x.significand, rm, flags);
}

#define ORRERY_FP_INSTANTIATE(F)                \
  template u64 to_i32<F>(F, Rounding, u8&);     \
  template u64 to_u32<F>(F, Rounding, u8&);     \
  template u64 to_i64<F>(F, Rounding, u8&);     \
  template u64 to_u64<F>(F, Rounding, u8&);     \
  template F from_i64<F>(i64, Rounding, u8&);   \
  template F from_u64<F>(u64, Rounding, u8&);
ORRERY_FP_INSTANTIATE(u32)
ORRERY_FP_INSTANTIATE(u64)
#undef ORRERY_FP_INSTANTIATE
template u64 convert<u64, u32>(u32, Rounding, u8&);
template u32 convert<u32, u64>(u64, Rounding, u8&);

}  // namespace orrery::fp::soft
