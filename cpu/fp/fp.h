// IEEE 754 arithmetic as RISC-V's F and D extensions define it (unprivileged manual, chapters F and
// D).
//
// Contract
// - Values are raw bits: F is u32 (binary32) or u64 (binary64). NaN boxing is the caller's
//   business.
// - Each operation ORs the exceptions it raises into `flags`, in the encoding of `fflags`. Pass the
//   accumulated flags themselves, not a fresh zero: a set Inexact lets the fast path skip finding
//   out whether this operation was inexact. Result and new flags are the same either way.
// - `rm` is one of the five modes, already resolved from `frm`.
// - A NaN result is always the canonical NaN. Tininess is detected after rounding.
// - Pure: no state is kept, and the host's rounding mode and flags are neither changed for nor
//   shown to the caller. (The host's sticky exception flags may be set as a side effect; nothing
//   reads them.) The host runs in its default floating-point state.
//
// Each operation asks the host (fast.h) and, where that has no safe answer, computes in software
// (soft.h). Comparisons, min, max and classify are in compare.h.
#pragma once

#include <limits>
#include <type_traits>

#include "cpu/fp/compare.h"
#include "cpu/fp/fast.h"
#include "cpu/fp/format.h"
#include "cpu/fp/soft.h"

namespace orrery::fp {

template <class F>
F add(F a, F b, Rounding rm, u8& flags) {
  if (rm == Rounding::Rne) {
    if (const auto result = fast::add(a, b, flags)) return *result;
  }
  return soft::add(a, b, rm, flags);
}

// Signs of NaNs do not matter, so subtraction is the addition of the negated operand.
template <class F>
F sub(F a, F b, Rounding rm, u8& flags) {
  return add(a, negate(b), rm, flags);
}

template <class F>
F mul(F a, F b, Rounding rm, u8& flags) {
  if (rm == Rounding::Rne) {
    if (const auto result = fast::mul(a, b, flags)) return *result;
  }
  return soft::mul(a, b, rm, flags);
}

template <class F>
F div(F a, F b, Rounding rm, u8& flags) {
  if (rm == Rounding::Rne) {
    if (const auto result = fast::div(a, b, flags)) return *result;
  }
  return soft::div(a, b, rm, flags);
}

template <class F>
F sqrt(F a, Rounding rm, u8& flags) {
  if (rm == Rounding::Rne) {
    if (const auto result = fast::sqrt(a, flags)) return *result;
  }
  return soft::sqrt(a, rm, flags);
}

// a * b + c, rounded once. FMSUB, FNMSUB and FNMADD negate operands: (a,b,-c), (-a,b,c), (-a,b,-c).
template <class F>
F fused_multiply_add(F a, F b, F c, Rounding rm, u8& flags) {
  if (rm == Rounding::Rne) {
    if (const auto result = fast::fused_multiply_add(a, b, c, flags)) return *result;
  }
  return soft::fused_multiply_add(a, b, c, rm, flags);
}

// To integers: out of range (after rounding) saturates and raises Invalid alone; a NaN gives the
// highest value. 32-bit results, unsigned ones too, are sign-extended as RV64 wants them in a
// register.

template <class F>
u64 to_i32(F a, Rounding rm, u8& flags) {
  using Limits = std::numeric_limits<i32>;
  if (const auto whole = fast::to_integer(a, Limits::min(), Limits::max(), rm, flags)) {
    return static_cast<u64>(*whole);
  }
  return soft::to_i32(a, rm, flags);
}

template <class F>
u64 to_u32(F a, Rounding rm, u8& flags) {
  if (const auto whole = fast::to_integer(a, 0, std::numeric_limits<u32>::max(), rm, flags)) {
    return static_cast<u64>(static_cast<i64>(static_cast<i32>(static_cast<u32>(*whole))));
  }
  return soft::to_u32(a, rm, flags);
}

template <class F>
u64 to_i64(F a, Rounding rm, u8& flags) {
  using Limits = std::numeric_limits<i64>;
  if (const auto whole = fast::to_integer(a, Limits::min(), Limits::max(), rm, flags)) {
    return static_cast<u64>(*whole);
  }
  return soft::to_i64(a, rm, flags);
}

template <class F>
u64 to_u64(F a, Rounding rm, u8& flags) {
  if (const auto whole = fast::to_integer(a, 0, std::numeric_limits<i64>::max(), rm, flags)) {
    return static_cast<u64>(*whole);
  }
  return soft::to_u64(a, rm, flags);
}

// From integers: from_i64<u32>(value, rm, flags) is FCVT.S.L.

template <class F>
F from_i64(i64 value, Rounding rm, u8& flags) {
  if (const auto result = fast::from_integer<F>(value, rm, flags)) return *result;
  return soft::from_i64<F>(value, rm, flags);
}

template <class F>
F from_u64(u64 value, Rounding rm, u8& flags) {
  if (value <= static_cast<u64>(std::numeric_limits<i64>::max())) {
    return from_i64<F>(static_cast<i64>(value), rm, flags);
  }
  return soft::from_u64<F>(value, rm, flags);
}

template <class F>
F from_i32(i32 value, Rounding rm, u8& flags) {
  return from_i64<F>(value, rm, flags);
}

template <class F>
F from_u32(u32 value, Rounding rm, u8& flags) {
  return from_i64<F>(i64{value}, rm, flags);
}

// Between formats: convert<u64>(u32 value, ...) is FCVT.D.S and always exact, convert<u32>(u64
// value, ...) is FCVT.S.D and rounds. A signalling NaN raises Invalid in both.
template <class To, class From>
To convert(From a, Rounding rm, u8& flags) {
  if constexpr (std::is_same_v<To, u64> && std::is_same_v<From, u32>) {
    if (const auto result = fast::widen(a)) return *result;
  } else if constexpr (std::is_same_v<To, u32> && std::is_same_v<From, u64>) {
    if (const auto result = fast::narrow(a, rm, flags)) return *result;
  }
  return soft::convert<To>(a, rm, flags);
}

}  // namespace orrery::fp
