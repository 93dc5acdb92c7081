// Software conversions against the host, four rounding modes, results and flags.
#include <gtest/gtest.h>

#include <math.h>

#include <limits>

#include "cpu/fp/soft.h"
#include "tests/cpu/fp/host.h"
#include "tests/cpu/fp/operands.h"

namespace orrery::fp::test {
namespace {

template <class F>
class ConvertHost : public testing::Test {};
using Formats = testing::Types<u32, u64>;
TYPED_TEST_SUITE(ConvertHost, Formats);

const int cases = campaign(80'000);

// The host rounds to an integral double; what fits in `Integer` is then plain. (Called through a
// pointer, since what g++ puts in its place is right in Rne only, without -frounding-math.)
template <class Integer, class F>
Outcome<u64> host_to_integer(F a) {
  static double (*volatile round_integral)(double) = ::rint;
  using Limits = std::numeric_limits<Integer>;
  const auto extend = [](Integer value) {
    return static_cast<u64>(static_cast<i64>(static_cast<std::make_signed_t<Integer>>(value)));
  };
  const double x = static_cast<double>(fast::to_host(a));
  if (std::isnan(x)) return {extend(Limits::max()), Invalid};
  const double rounded = round_integral(x);
  const double end = std::ldexp(1.0, Limits::digits);
  const double start = Limits::is_signed ? -end : 0.0;
  if (rounded >= end) return {extend(Limits::max()), Invalid};
  if (rounded < start) return {extend(Limits::min()), Invalid};
  return {extend(static_cast<Integer>(rounded)), rounded == x ? u8{0} : u8{Inexact}};
}

template <class F, class Integer, class Ours>
void compare_to_integer(u64 seed, Ours ours) {
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<F> operands(seed);
    for (int i = 0; i < cases; ++i) {
      const F a = i % 4 == 0 ? operands.any() : operands.near_integer();
      const auto got = our_outcome([&](u8& flags) { return ours(a, rm, flags); });
      ASSERT_EQ(got, (host_to_integer<Integer, F>(a)))
          << std::hex << +a << " mode " << static_cast<int>(rm);
    }
  }
}

TYPED_TEST(ConvertHost, ToI32) { compare_to_integer<TypeParam, i32>(1, soft::to_i32<TypeParam>); }
TYPED_TEST(ConvertHost, ToU32) { compare_to_integer<TypeParam, u32>(2, soft::to_u32<TypeParam>); }
TYPED_TEST(ConvertHost, ToI64) { compare_to_integer<TypeParam, i64>(3, soft::to_i64<TypeParam>); }
TYPED_TEST(ConvertHost, ToU64) { compare_to_integer<TypeParam, u64>(4, soft::to_u64<TypeParam>); }

TYPED_TEST(ConvertHost, FromI64) {
  using F = TypeParam;
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<F> operands(5);
    for (int i = 0; i < cases; ++i) {
      const i64 value = static_cast<i64>(operands.integer());
      const auto got = our_outcome([&](u8& flags) { return soft::from_i64<F>(value, rm, flags); });
      const auto want = host_outcome([](i64 v) { return static_cast<Host<F>>(v); }, value);
      ASSERT_EQ(got, want) << value << " mode " << static_cast<int>(rm);
    }
  }
}

// The host has no such instruction; the upper half goes through long double, which holds 64 bits.
TYPED_TEST(ConvertHost, FromU64) {
  using F = TypeParam;
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<F> operands(6);
    for (int i = 0; i < cases; ++i) {
      const u64 value = operands.integer();
      const auto got = our_outcome([&](u8& flags) { return soft::from_u64<F>(value, rm, flags); });
      const long double half = static_cast<long double>(static_cast<i64>(value >> 1));
      const long double whole = half * 2 + static_cast<long double>(static_cast<i64>(value & 1));
      const auto want = host_outcome([](long double v) { return static_cast<Host<F>>(v); }, whole);
      ASSERT_EQ(got, want) << value << " mode " << static_cast<int>(rm);
    }
  }
}

TEST(ConvertFormatsHost, Widen) {
  Operands<u32> operands(7);
  for (int i = 0; i < cases; ++i) {
    const u32 a = operands.any();
    const auto got = our_outcome([&](u8& f) { return soft::convert<u64>(a, Rounding::Rne, f); });
    const auto want =
        host_outcome([](float x) { return static_cast<double>(x); }, fast::to_host(a));
    ASSERT_EQ(got, want) << std::hex << a;
  }
}

TEST(ConvertFormatsHost, Narrow) {
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<u64> operands(8);
    Operands<u32> targets(9);
    for (int i = 0; i < cases; ++i) {
      u64 a = operands.any();
      if (i % 2 == 0) {
        // Near a binary32 value or halfway between two.
        u8 ignored = 0;
        a = soft::convert<u64>(targets.any(), Rounding::Rne, ignored);
        a += (operands.bits() & 7) - 3 + ((operands.bits() & 3) << 28);
      }
      const auto got = our_outcome([&](u8& flags) { return soft::convert<u32>(a, rm, flags); });
      const auto want =
          host_outcome([](double x) { return static_cast<float>(x); }, fast::to_host(a));
      ASSERT_EQ(got, want) << std::hex << a << " mode " << static_cast<int>(rm);
    }
  }
}

}  // namespace
}  // namespace orrery::fp::test
