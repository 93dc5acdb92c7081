// The dispatching operations (fast path first) against the software path alone, in all five modes
// and with every kind of flags already set: same result, same flags.
#include <gtest/gtest.h>

#include "cpu/fp/fp.h"
#include "tests/cpu/fp/host.h"
#include "tests/cpu/fp/operands.h"

namespace orrery::fp::test {
namespace {

const int cases = campaign(60'000);

template <class F>
class Fast : public testing::Test {
 protected:
  template <class Dispatch, class Soft>
  void same(Rounding rm, Dispatch dispatch, Soft soft, const testing::Message& context) {
    for (const u8 before : {u8{0}, u8{Inexact}, u8{Invalid | Underflow}}) {
      const auto run = [&](auto operation) {
        u8 flags = before;
        const u64 bits = operation(rm, flags);
        return Outcome<u64>{bits, flags};
      };
      ASSERT_EQ(run(dispatch), run(soft))
          << context << " mode " << static_cast<int>(rm) << " flags before " << +before;
    }
  }
};
using Formats = testing::Types<u32, u64>;
TYPED_TEST_SUITE(Fast, Formats);

// Mostly Rne, the mode with the fast path.
template <class F>
Rounding mode(Operands<F>& operands) {
  const int pick = operands.below(20);
  return pick < 5 ? static_cast<Rounding>(pick) : Rounding::Rne;
}

#define SAME(call)                                                  \
  this->same(                                                       \
      rm, [&](Rounding r, u8& f) -> u64 { return fp::call; },       \
      [&](Rounding r, u8& f) -> u64 { return soft::call; },         \
      testing::Message() << #call << std::hex << " " << +a << " " << +b << " " << +c)

TYPED_TEST(Fast, Arithmetic) {
  using F = TypeParam;
  Operands<F> operands(1);
  for (int i = 0; i < cases && !this->HasFailure(); ++i) {
    const Rounding rm = mode(operands);
    const F a = operands.any();
    const F b = operands.partner(a);
    u8 ignored = 0;
    const F product = soft::mul(a, b, Rounding::Rne, ignored);
    const F c = operands.below(2) == 0 ? operands.any() : operands.partner(product);
    SAME(add(a, b, r, f));
    SAME(sub(a, b, r, f));
    SAME(mul(a, b, r, f));
    SAME(div(a, b, r, f));
    SAME(sqrt(a, r, f));
    SAME(fused_multiply_add(a, b, c, r, f));
    // Exact ones, which random operands seldom give.
    SAME(div(product, b, r, f));
    SAME(sqrt(soft::mul(a, a, Rounding::Rtz, ignored), r, f));
  }
}

TYPED_TEST(Fast, Conversions) {
  using F = TypeParam;
  Operands<F> operands(2);
  for (int i = 0; i < cases && !this->HasFailure(); ++i) {
    const Rounding rm = mode(operands);
    const F a = i % 4 == 0 ? operands.any() : operands.near_integer();
    const u64 b = operands.integer();
    const i64 c = static_cast<i64>(b);
    SAME(to_i32(a, r, f));
    SAME(to_u32(a, r, f));
    SAME(to_i64(a, r, f));
    SAME(to_u64(a, r, f));
    SAME(template from_i64<F>(c, r, f));
    SAME(template from_u64<F>(b, r, f));
    if constexpr (std::is_same_v<F, u32>) SAME(template convert<u64>(a, r, f));
    else SAME(template convert<u32>(a, r, f));
  }
}

TEST(FastNarrow, NearBinary32) {
  Operands<u32> targets(3);
  for (int i = 0; i < cases; ++i) {
    const u32 target = targets.any();
    u8 ignored = 0;
    const u64 a = soft::convert<u64>(target, Rounding::Rne, ignored) + (targets.bits() & 7) - 3 +
                  ((targets.bits() & 3) << 28);
    const Rounding rm = mode(targets);
    const auto got = our_outcome([&](u8& flags) { return convert<u32>(a, rm, flags); });
    const auto want = our_outcome([&](u8& flags) { return soft::convert<u32>(a, rm, flags); });
    ASSERT_EQ(got, want) << std::hex << a;
  }
}

}  // namespace
}  // namespace orrery::fp::test
