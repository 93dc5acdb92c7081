// Round to nearest, ties to maximum magnitude: no host has this mode, so it is derived.
//
// Rmm differs from Rne on ties only. A tie is an exact result halfway between its neighbours, the
// host's Rdn and Rup results. That midpoint, and so the exact result if it is a tie, fits in long
// double (64 bits of significand): the operation done there is then exact and equals the midpoint.
// Flags are those of Rne: a tie at the smallest normal or at overflow rounds away in both modes.
#include <gtest/gtest.h>

#include <limits>

#include "cpu/fp/soft.h"
#include "tests/cpu/fp/host.h"
#include "tests/cpu/fp/operands.h"

namespace orrery::fp::test {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64, "the oracle needs x87's format");

const int cases = campaign(60'000);

class Ties : public testing::Test {
 protected:
  // `narrow` computes in F, `exact` in long double; both from the same values.
  template <class F, class Narrow, class Exact>
  Outcome<F> expected(Narrow narrow, Exact exact) {
    const auto in_mode = [&](Rounding rm) {
      const HostRounding rounding(rm);
      return host_outcome([&](int) { return narrow(); }, 0);
    };
    Outcome<F> want = in_mode(Rounding::Rne);
    const F low = in_mode(Rounding::Rdn).bits;
    const F high = in_mode(Rounding::Rup).bits;
    if (magnitude(low) == magnitude(high) || magnitude(low) >= Format<F>::infinity ||
        magnitude(high) >= Format<F>::infinity) {
      return want;
    }
    const long double middle = (static_cast<long double>(fast::to_host(low)) +
                                static_cast<long double>(fast::to_host(high))) / 2;
    std::feclearexcept(FE_ALL_EXCEPT);
    volatile long double wide = exact();
    if (wide == middle && !std::fetestexcept(FE_INEXACT)) {
      ++ties_;
      want.bits = magnitude(low) < magnitude(high) ? high : low;
    }
    return want;
  }

  int ties_ = 0;
};

template <class F> long double wide(F a) { return static_cast<long double>(fast::to_host(a)); }

template <class F>
class ArithmeticTies : public Ties {};
using Formats = testing::Types<u32, u64>;
TYPED_TEST_SUITE(ArithmeticTies, Formats);

TYPED_TEST(ArithmeticTies, AddMulDiv) {
  using F = TypeParam;
  Operands<F> operands(1);
  for (int i = 0; i < cases; ++i) {
    const F a = operands.any();
    const F b = operands.partner(a);
    if (is_nan(a) || is_nan(b)) continue;
    volatile Host<F> x = fast::to_host(a);
    volatile Host<F> y = fast::to_host(b);
    volatile long double wide_x = x;
    volatile long double wide_y = y;
    const auto context = testing::Message() << std::hex << +a << " " << +b;
    const auto ours = [&](auto operation) {
      return our_outcome([&](u8& flags) { return operation(a, b, Rounding::Rmm, flags); });
    };
    ASSERT_EQ(ours(soft::add<F>), this->template expected<F>([&] { return x + y; },
                                                            [&] { return wide_x + wide_y; }))
        << context << " add";
    ASSERT_EQ(ours(soft::mul<F>), this->template expected<F>([&] { return x * y; },
                                                            [&] { return wide_x * wide_y; }))
        << context << " mul";
    ASSERT_EQ(ours(soft::div<F>), this->template expected<F>([&] { return x / y; },
                                                            [&] { return wide_x / wide_y; }))
        << context << " div";
  }
  EXPECT_GT(this->ties_, cases / 200) << "the operands no longer make ties";
}

TYPED_TEST(ArithmeticTies, FusedMultiplyAdd) {
  using F = TypeParam;
  Operands<F> operands(2);
  for (int i = 0; i < cases; ++i) {
    const F a = operands.any();
    const F b = operands.partner(a);
    u8 ignored = 0;
    const F c = operands.partner(soft::mul(a, b, Rounding::Rne, ignored));
    if (is_nan(a) || is_nan(b) || is_nan(c)) continue;
    volatile Host<F> x = fast::to_host(a);
    volatile Host<F> y = fast::to_host(b);
    volatile Host<F> z = fast::to_host(c);
    const auto got = our_outcome(
        [&](u8& flags) { return soft::fused_multiply_add(a, b, c, Rounding::Rmm, flags); });
    const auto want = this->template expected<F>(
        [&] { return std::fma(Host<F>{x}, Host<F>{y}, Host<F>{z}); },
        [&] { return std::fma(wide(a), wide(b), wide(c)); });
    ASSERT_EQ(got, want) << std::hex << +a << " " << +b << " " << +c;
  }
  EXPECT_GT(this->ties_, cases / 200) << "the operands no longer make ties";
}

// A root that is a tie would need a radicand with twice as many bits: Rmm equals Rne.
TYPED_TEST(ArithmeticTies, SqrtHasNone) {
  using F = TypeParam;
  Operands<F> operands(3);
  for (int i = 0; i < cases; ++i) {
    const F a = magnitude(operands.any());
    const auto got = our_outcome([&](u8& f) { return soft::sqrt(a, Rounding::Rmm, f); });
    const auto want = our_outcome([&](u8& f) { return soft::sqrt(a, Rounding::Rne, f); });
    ASSERT_EQ(got, want) << std::hex << +a;
  }
}

// std::round rounds halves away from zero in any mode.
TYPED_TEST(ArithmeticTies, ToInteger) {
  using F = TypeParam;
  Operands<F> operands(4);
  int halves = 0;
  for (int i = 0; i < cases; ++i) {
    const F a = operands.near_integer();
    if (exponent_field(a) >= Format<F>::bias + 62) continue;
    const Host<F> x = fast::to_host(a);
    const Host<F> rounded = std::round(x);
    if (std::fabs(x - std::trunc(x)) == Host<F>{0.5}) ++halves;
    const auto got = our_outcome([&](u8& flags) { return soft::to_i64(a, Rounding::Rmm, flags); });
    const Outcome<u64> want{static_cast<u64>(static_cast<i64>(rounded)),
                            rounded == x ? u8{0} : u8{Inexact}};
    ASSERT_EQ(got, want) << std::hex << +a;
  }
  EXPECT_GT(halves, cases / 200);
}

TYPED_TEST(ArithmeticTies, FromI64) {
  using F = TypeParam;
  Operands<F> operands(5);
  for (int i = 0; i < cases; ++i) {
    volatile i64 value = static_cast<i64>(operands.integer());
    const auto got =
        our_outcome([&](u8& flags) { return soft::from_i64<F>(value, Rounding::Rmm, flags); });
    const auto want =
        this->template expected<F>([&] { return static_cast<Host<F>>(value); },
                                   [&] { return static_cast<long double>(value); });
    ASSERT_EQ(got, want) << value;
  }
  EXPECT_GT(this->ties_, cases / 200);
}

TEST_F(Ties, Narrow) {
  Operands<u64> operands(6);
  Operands<u32> targets(7);
  for (int i = 0; i < cases; ++i) {
    u8 ignored = 0;
    const u32 near = targets.any();
    const u64 a = soft::convert<u64>(near, Rounding::Rne, ignored) + ((operands.bits() & 3) << 28) +
                  (operands.bits() % 5 == 0 ? 1 : 0);
    if (is_nan(a)) continue;
    volatile double x = fast::to_host(a);
    const auto got =
        our_outcome([&](u8& flags) { return soft::convert<u32>(a, Rounding::Rmm, flags); });
    const auto want = this->template expected<u32>([&] { return static_cast<float>(x); },
                                                   [&] { return static_cast<long double>(x); });
    ASSERT_EQ(got, want) << std::hex << a;
  }
  EXPECT_GT(ties_, cases / 200);
}

}  // namespace
}  // namespace orrery::fp::test
