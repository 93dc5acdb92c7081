// The host's floating-point unit as an oracle: results and flags in its four rounding modes. Needs
// a host that detects tininess after rounding, as x86-64 does.
//
// The tests are built with -frounding-math. Besides, operands and results pass through volatile
// objects, so that no operation is folded at compile time or moved across the calls that set the
// mode and read the flags.
#pragma once

#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <ostream>

#include "cpu/fp/fast.h"

namespace orrery::fp::test {

inline constexpr std::array host_modes{Rounding::Rne, Rounding::Rtz, Rounding::Rdn, Rounding::Rup};

class HostRounding {
 public:
  explicit HostRounding(Rounding rm) : before_(std::fegetround()) {
    constexpr std::array modes{FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    std::fesetround(modes[static_cast<std::size_t>(rm)]);
  }
  ~HostRounding() { std::fesetround(before_); }
  HostRounding(const HostRounding&) = delete;
  HostRounding& operator=(const HostRounding&) = delete;

 private:
  int before_;
};

template <class B>
struct Outcome {
  B bits;
  u8 flags;
  bool operator==(const Outcome&) const = default;
};

template <class B>
std::ostream& operator<<(std::ostream& out, const Outcome<B>& o) {
  return out << std::hex << "bits " << +o.bits << " flags " << +o.flags << std::dec;
}

inline u8 host_flags() {
  const int raised = std::fetestexcept(FE_ALL_EXCEPT);
  u8 flags = 0;
  if (raised & FE_INEXACT) raise(flags, Inexact);
  if (raised & FE_UNDERFLOW) raise(flags, Underflow);
  if (raised & FE_OVERFLOW) raise(flags, Overflow);
  if (raised & FE_DIVBYZERO) raise(flags, DivByZero);
  if (raised & FE_INVALID) raise(flags, Invalid);
  return flags;
}

template <class F> using Host = fast::Host<F>;

template <class T>
T through_memory(T value) {
  volatile T held = value;
  return held;
}

// Runs `operation` on host values; its result type decides the format of the outcome.
template <class Operation, class... Values>
auto host_outcome(Operation operation, Values... values) {
  std::feclearexcept(FE_ALL_EXCEPT);
  volatile auto result = operation(through_memory(values)...);
  const u8 flags = host_flags();
  auto bits = fast::to_bits(result);
  if (is_nan(bits)) bits = Format<decltype(bits)>::canonical_nan;
  return Outcome<decltype(bits)>{bits, flags};
}

// Runs one of ours with cleared flags.
template <class Operation>
auto our_outcome(Operation operation) {
  u8 flags = 0;
  const auto bits = operation(flags);
  return Outcome<std::remove_const_t<decltype(bits)>>{bits, flags};
}

}  // namespace orrery::fp::test
