// Software arithmetic against the host, four rounding modes, results and flags.
#include <gtest/gtest.h>

#include "cpu/fp/soft.h"
#include "tests/cpu/fp/host.h"
#include "tests/cpu/fp/operands.h"

namespace orrery::fp::test {
namespace {

template <class F>
class ArithmeticHost : public testing::Test {};
using Formats = testing::Types<u32, u64>;
TYPED_TEST_SUITE(ArithmeticHost, Formats);

const int cases = campaign(80'000);

template <class F, class Ours, class Theirs>
void compare_binary(u64 seed, Ours ours, Theirs theirs) {
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<F> operands(seed);
    for (int i = 0; i < cases; ++i) {
      const F a = operands.any();
      const F b = operands.partner(a);
      const auto got = our_outcome([&](u8& flags) { return ours(a, b, rm, flags); });
      const auto want = host_outcome(theirs, fast::to_host(a), fast::to_host(b));
      ASSERT_EQ(got, want) << std::hex << +a << " " << +b << " mode " << static_cast<int>(rm);
    }
  }
}

TYPED_TEST(ArithmeticHost, Add) {
  compare_binary<TypeParam>(1, soft::add<TypeParam>, [](auto x, auto y) { return x + y; });
}

TYPED_TEST(ArithmeticHost, Sub) {
  compare_binary<TypeParam>(2, soft::sub<TypeParam>, [](auto x, auto y) { return x - y; });
}

TYPED_TEST(ArithmeticHost, Mul) {
  compare_binary<TypeParam>(3, soft::mul<TypeParam>, [](auto x, auto y) { return x * y; });
}

TYPED_TEST(ArithmeticHost, Div) {
  compare_binary<TypeParam>(4, soft::div<TypeParam>, [](auto x, auto y) { return x / y; });
}

TYPED_TEST(ArithmeticHost, Sqrt) {
  using F = TypeParam;
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<F> operands(5);
    for (int i = 0; i < cases; ++i) {
      F a = operands.any();
      if (operands.below(4) != 0) a = magnitude(a);
      const auto got = our_outcome([&](u8& flags) { return soft::sqrt(a, rm, flags); });
      const auto want = host_outcome([](auto x) { return std::sqrt(x); }, fast::to_host(a));
      ASSERT_EQ(got, want) << std::hex << +a << " mode " << static_cast<int>(rm);
    }
  }
}

TYPED_TEST(ArithmeticHost, FusedMultiplyAdd) {
  using F = TypeParam;
  for (const Rounding rm : host_modes) {
    const HostRounding rounding(rm);
    Operands<F> operands(6);
    for (int i = 0; i < cases; ++i) {
      const F a = operands.any();
      const F b = operands.partner(a);
      // Half of the addends come close to the product, or to its negation.
      u8 ignored = 0;
      const F product = soft::mul(a, b, Rounding::Rne, ignored);
      const F c = operands.below(2) == 0 ? operands.any() : operands.partner(product);
      const auto got =
          our_outcome([&](u8& flags) { return soft::fused_multiply_add(a, b, c, rm, flags); });
      auto want = host_outcome([](auto x, auto y, auto z) { return std::fma(x, y, z); },
                               fast::to_host(a), fast::to_host(b), fast::to_host(c));
      // IEEE 754 leaves it open whether inf * 0 + qNaN is invalid; RISC-V says yes, x86 says no.
      constexpr F infinity = Format<F>::infinity;
      if ((magnitude(a) == infinity && is_zero(b)) || (magnitude(b) == infinity && is_zero(a))) {
        raise(want.flags, Invalid);
      }
      ASSERT_EQ(got, want) << std::hex << +a << " " << +b << " " << +c << " mode "
                           << static_cast<int>(rm);
    }
  }
}

}  // namespace
}  // namespace orrery::fp::test
