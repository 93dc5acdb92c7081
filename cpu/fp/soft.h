// The software path: always right, for every operand, rounding mode and format.
//
// Contract: as in fp.h; results and flags depend on the arguments alone, never on the host's
// floating-point unit, which is not used. Defined for the formats instantiated in the .cc files.
#pragma once

#include "cpu/fp/format.h"

namespace orrery::fp::soft {

// soft.cc
template <class F> F add(F a, F b, Rounding rm, u8& flags);
template <class F> F mul(F a, F b, Rounding rm, u8& flags);
template <class F> F div(F a, F b, Rounding rm, u8& flags);
template <class F> F sqrt(F a, Rounding rm, u8& flags);
template <class F> F fused_multiply_add(F a, F b, F c, Rounding rm, u8& flags);
template <class F> F sub(F a, F b, Rounding rm, u8& flags) {
  return soft::add(a, negate(b), rm, flags);
}

// soft_convert.cc
template <class F> u64 to_i32(F a, Rounding rm, u8& flags);
template <class F> u64 to_u32(F a, Rounding rm, u8& flags);
template <class F> u64 to_i64(F a, Rounding rm, u8& flags);
template <class F> u64 to_u64(F a, Rounding rm, u8& flags);
template <class F> F from_i64(i64 value, Rounding rm, u8& flags);
template <class F> F from_u64(u64 value, Rounding rm, u8& flags);
template <class To, class From> To convert(From a, Rounding rm, u8& flags);

}  // namespace orrery::fp::soft
