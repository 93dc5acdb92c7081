// Hand-picked cases, one table per sentence of the unprivileged manual's F chapter (D is alike),
// given to the dispatching operations.
#include <gtest/gtest.h>

#include "cpu/fp/fp.h"
#include "tests/cpu/fp/host.h"
#include "tests/cpu/fp/operands.h"

namespace orrery::fp::test {
namespace {

constexpr u32 one = 0x3f800000;
constexpr u32 two = 0x40000000;
constexpr u32 zero = 0;
constexpr u32 minus_zero = 0x80000000;
constexpr u32 inf = 0x7f800000;
constexpr u32 minus_inf = 0xff800000;
constexpr u32 qnan = 0x7fc00000;
constexpr u32 payload_nan = 0xffc12345;
constexpr u32 snan = 0x7f800001;
constexpr u32 largest = 0x7f7fffff;
constexpr u32 min_normal = 0x00800000;
constexpr u32 min_subnormal = 0x00000001;
constexpr auto rne = Rounding::Rne;

using Float = Outcome<u32>;
using Integer = Outcome<u64>;
using Truth = Outcome<bool>;

#define OURS(call) our_outcome([](u8& f) { return call; })

TEST(Manual, NanResultsAreCanonical) {
  EXPECT_EQ(OURS(add(payload_nan, one, rne, f)), (Float{qnan, 0}));
  EXPECT_EQ(OURS(mul(one, snan, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(sqrt(payload_nan, rne, f)), (Float{qnan, 0}));
  EXPECT_EQ(OURS(sqrt(negate(one), rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(convert<u64>(payload_nan, rne, f)), (Integer{0x7ff8000000000000, 0}));
  EXPECT_EQ(OURS(convert<u64>(snan, rne, f)), (Integer{0x7ff8000000000000, Invalid}));
  EXPECT_EQ(OURS(convert<u32>(u64{0xfff0000000000001}, rne, f)), (Float{qnan, Invalid}));
}

TEST(Manual, InvalidOperations) {
  EXPECT_EQ(OURS(sub(inf, inf, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(add(inf, minus_inf, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(mul(zero, minus_inf, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(div(zero, minus_zero, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(div(inf, inf, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(sqrt(minus_inf, rne, f)), (Float{qnan, Invalid}));
}

TEST(Manual, DivideByZero) {
  EXPECT_EQ(OURS(div(one, minus_zero, rne, f)), (Float{minus_inf, DivByZero}));
  EXPECT_EQ(OURS(div(inf, zero, rne, f)), (Float{inf, 0}));
  EXPECT_EQ(OURS(div(qnan, zero, rne, f)), (Float{qnan, 0}));
}

TEST(Manual, SignedZeros) {
  EXPECT_EQ(OURS(sub(one, one, rne, f)), (Float{zero, 0}));
  EXPECT_EQ(OURS(sub(one, one, Rounding::Rdn, f)), (Float{minus_zero, 0}));
  EXPECT_EQ(OURS(add(minus_zero, minus_zero, Rounding::Rup, f)), (Float{minus_zero, 0}));
  EXPECT_EQ(OURS(sqrt(minus_zero, rne, f)), (Float{minus_zero, 0}));
  EXPECT_EQ(OURS(fused_multiply_add(one, zero, minus_zero, rne, f)), (Float{zero, 0}));
  EXPECT_EQ(OURS(fused_multiply_add(one, one, negate(one), Rounding::Rdn, f)),
            (Float{minus_zero, 0}));
}

// "must set the invalid operation exception flag when the multiplicands are infinity and zero, even
// when the addend is a quiet NaN".
TEST(Manual, FusedInfinityTimesZero) {
  EXPECT_EQ(OURS(fused_multiply_add(inf, zero, qnan, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(fused_multiply_add(minus_zero, inf, one, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(fused_multiply_add(inf, one, qnan, rne, f)), (Float{qnan, 0}));
  EXPECT_EQ(OURS(fused_multiply_add(inf, one, minus_inf, rne, f)), (Float{qnan, Invalid}));
  EXPECT_EQ(OURS(fused_multiply_add(one, one, snan, rne, f)), (Float{qnan, Invalid}));
}

TEST(Manual, FusedRoundsOnce) {
  // (1 + 2^-12)^2 - 1: the product's last bit would not survive a rounding in between.
  EXPECT_EQ(OURS(fused_multiply_add(u32{0x3f800800}, u32{0x3f800800}, negate(one), rne, f)),
            (Float{0x3a000400, 0}));
}

TEST(Manual, OverflowByMode) {
  struct Row { Rounding rm; u32 positive, negative; };
  for (const Row row : {Row{Rounding::Rne, inf, minus_inf}, {Rounding::Rtz, largest, negate(largest)},
                        {Rounding::Rdn, largest, minus_inf}, {Rounding::Rup, inf, negate(largest)},
                        {Rounding::Rmm, inf, minus_inf}}) {
    const auto times_two = [&](u32 a) {
      return our_outcome([&](u8& f) { return mul(a, two, row.rm, f); });
    };
    EXPECT_EQ(times_two(largest), (Float{row.positive, Overflow | Inexact}));
    EXPECT_EQ(times_two(negate(largest)), (Float{row.negative, Overflow | Inexact}));
  }
}

// "tininess is detected after rounding". With m the smallest normal and s the smallest subnormal, m
// - s/2 and m - s/8 both round to m. With an unbounded exponent m - s/2 would fit in 24 bits as it
// is, so it is tiny; m - s/8 would still round to m, so it is not.
TEST(Manual, TininessAfterRounding) {
  EXPECT_EQ(OURS(mul(min_normal, u32{0x3f7fffff}, rne, f)), (Float{min_normal, Underflow | Inexact}));
  EXPECT_EQ(OURS(fused_multiply_add(min_subnormal, u32{0xbe000000}, min_normal, rne, f)),
            (Float{min_normal, Inexact}));
  EXPECT_EQ(OURS(mul(min_subnormal, u32{0x3f000000}, rne, f)), (Float{zero, Underflow | Inexact}));
  EXPECT_EQ(OURS(mul(min_subnormal, u32{0x3f000000}, Rounding::Rmm, f)),
            (Float{min_subnormal, Underflow | Inexact}));
  EXPECT_EQ(OURS(mul(min_normal, u32{0x3f000000}, rne, f)), (Float{0x00400000, 0}))
      << "tiny but exact: no underflow";
}

// Table "Domains of float-to-integer conversions and behavior for invalid inputs".
TEST(Manual, ConversionSaturation) {
  constexpr u64 i32_min = 0xffffffff80000000, i32_max = 0x7fffffff;
  constexpr u64 i64_min = u64{1} << 63, i64_max = i64_min - 1, all = ~u64{0};
  struct Row { u32 a; u64 w, wu, l, lu; };
  for (const Row row : {Row{0xff7fffff, i32_min, 0, i64_min, 0}, {minus_inf, i32_min, 0, i64_min, 0},
                        {0x7f7fffff, i32_max, all, i64_max, all}, {inf, i32_max, all, i64_max, all},
                        {qnan, i32_max, all, i64_max, all}, {payload_nan, i32_max, all, i64_max, all},
                        {snan, i32_max, all, i64_max, all}}) {
    const auto ours = [&](auto to) {
      return our_outcome([&](u8& f) { return to(row.a, rne, f); });
    };
    EXPECT_EQ(ours(to_i32<u32>), (Integer{row.w, Invalid})) << std::hex << row.a;
    EXPECT_EQ(ours(to_u32<u32>), (Integer{row.wu, Invalid})) << std::hex << row.a;
    EXPECT_EQ(ours(to_i64<u32>), (Integer{row.l, Invalid})) << std::hex << row.a;
    EXPECT_EQ(ours(to_u64<u32>), (Integer{row.lu, Invalid})) << std::hex << row.a;
  }
}

TEST(Manual, ConversionEdges) {
  constexpr u64 i32_end = 0x41e0000000000000;      // 2^31
  constexpr u64 below_end = 0x41dfffffffe00000;    // 2^31 - 0.5
  constexpr u64 i32_start = 0xc1e0000000000000;    // -2^31
  constexpr u64 below_start = 0xc1e0000000100000;  // -2^31 - 0.5
  constexpr u64 minus_half = 0xbfe0000000000000;
  constexpr u64 minus_one = 0xbff0000000000000;
  constexpr u64 three_billion = 0x41e65a0bc0000000;
  constexpr auto rtz = Rounding::Rtz;
  EXPECT_EQ(OURS(to_i32(i32_end, rtz, f)), (Integer{0x7fffffff, Invalid}));
  EXPECT_EQ(OURS(to_i32(below_end, rtz, f)), (Integer{0x7fffffff, Inexact}));
  EXPECT_EQ(OURS(to_i32(below_end, Rounding::Rup, f)), (Integer{0x7fffffff, Invalid}));
  EXPECT_EQ(OURS(to_i32(i32_start, rtz, f)), (Integer{0xffffffff80000000, 0}));
  EXPECT_EQ(OURS(to_i32(below_start, rtz, f)), (Integer{0xffffffff80000000, Inexact}));
  EXPECT_EQ(OURS(to_i32(below_start, Rounding::Rdn, f)), (Integer{0xffffffff80000000, Invalid}));
  EXPECT_EQ(OURS(to_u32(three_billion, rtz, f)), (Integer{0xffffffffb2d05e00, 0}))
      << "sign-extended, unsigned or not";
  EXPECT_EQ(OURS(to_u64(minus_half, rtz, f)), (Integer{0, Inexact}));
  EXPECT_EQ(OURS(to_u64(minus_half, rne, f)), (Integer{0, Inexact}));
  EXPECT_EQ(OURS(to_u64(minus_half, Rounding::Rmm, f)), (Integer{0, Invalid}));
  EXPECT_EQ(OURS(to_u64(minus_one, rtz, f)), (Integer{0, Invalid}));
  EXPECT_EQ(OURS(to_i64(u64{1} << 63, rtz, f)), (Integer{0, 0}));
}

TEST(Manual, FromIntegers) {
  EXPECT_EQ(OURS(from_i32<u32>(-1, rne, f)), (Float{0xbf800000, 0}));
  EXPECT_EQ(OURS(from_u32<u32>(0xffffffff, rne, f)), (Float{0x4f800000, Inexact}));
  EXPECT_EQ(OURS(from_u32<u64>(0xffffffff, rne, f)), (Integer{0x41efffffffe00000, 0}));
  EXPECT_EQ(OURS(from_u64<u64>(~u64{0}, Rounding::Rtz, f)), (Integer{0x43efffffffffffff, Inexact}));
  EXPECT_EQ(OURS(from_i64<u32>(0, Rounding::Rdn, f)), (Float{zero, 0}));
  EXPECT_EQ(OURS(from_i32<u32>(16777217, Rounding::Rmm, f)), (Float{0x4b800001, Inexact}));
}

// "-0.0 is considered to be less than +0.0"; one NaN gives the other operand; both, the canonical
// NaN; a signalling NaN sets invalid "even when the result is not NaN".
TEST(Manual, MinimumAndMaximum) {
  struct Row { u32 a, b, least, greatest; u8 flags; };
  for (const Row row : {Row{minus_zero, zero, minus_zero, zero, 0},
                        {one, two, one, two, 0},
                        {negate(one), negate(two), negate(two), negate(one), 0},
                        {minus_inf, largest, minus_inf, largest, 0},
                        {min_subnormal, minus_zero, minus_zero, min_subnormal, 0},
                        {qnan, one, one, one, 0},
                        {snan, one, one, one, Invalid},
                        {qnan, payload_nan, qnan, qnan, 0},
                        {snan, payload_nan, qnan, qnan, Invalid}}) {
    for (const auto& [a, b] : {std::pair{row.a, row.b}, std::pair{row.b, row.a}}) {
      const auto context = testing::Message() << std::hex << a << " " << b;
      u8 flags = 0;
      EXPECT_EQ(min(a, b, flags), row.least) << context;
      EXPECT_EQ(flags, row.flags) << context;
      flags = 0;
      EXPECT_EQ(max(a, b, flags), row.greatest) << context;
      EXPECT_EQ(flags, row.flags) << context;
    }
  }
}

// "FLT.S and FLE.S perform signaling comparisons ... FEQ.S performs a quiet comparison".
TEST(Manual, ComparisonsWithNans) {
  EXPECT_EQ(OURS(eq(qnan, qnan, f)), (Truth{false, 0}));
  EXPECT_EQ(OURS(eq(one, snan, f)), (Truth{false, Invalid}));
  EXPECT_EQ(OURS(lt(one, qnan, f)), (Truth{false, Invalid}));
  EXPECT_EQ(OURS(le(qnan, qnan, f)), (Truth{false, Invalid}));
  EXPECT_EQ(OURS(eq(zero, minus_zero, f)), (Truth{true, 0}));
  EXPECT_EQ(OURS(le(zero, minus_zero, f)), (Truth{true, 0}));
  EXPECT_EQ(OURS(lt(minus_zero, zero, f)), (Truth{false, 0}));
}

template <class F>
void compare_like_host() {
  Operands<F> operands(1);
  for (int i = 0; i < campaign(60'000); ++i) {
    const F a = operands.any();
    const F b = operands.below(4) == 0 ? static_cast<F>(a + static_cast<F>(operands.below(3)) - 1)
                                       : operands.partner(a);
    const auto x = fast::to_host(a);
    const auto y = fast::to_host(b);
    const bool unordered = std::isunordered(x, y);
    const u8 quiet = is_signalling(a) || is_signalling(b) ? u8{Invalid} : u8{0};
    const u8 loud = unordered ? u8{Invalid} : u8{0};
    const auto context = testing::Message() << std::hex << +a << " " << +b;
    ASSERT_EQ(our_outcome([&](u8& f) { return eq(a, b, f); }), (Truth{x == y, quiet})) << context;
    ASSERT_EQ(our_outcome([&](u8& f) { return lt(a, b, f); }), (Truth{x < y, loud})) << context;
    ASSERT_EQ(our_outcome([&](u8& f) { return le(a, b, f); }), (Truth{x <= y, loud})) << context;
    if (unordered || (is_zero(a) && is_zero(b))) continue;
    ASSERT_EQ(our_outcome([&](u8& f) { return min(a, b, f); }), (Outcome<F>{x < y ? a : b, 0}));
    ASSERT_EQ(our_outcome([&](u8& f) { return max(a, b, f); }), (Outcome<F>{x < y ? b : a, 0}));
  }
}

TEST(Manual, ComparisonsLikeHost) {
  compare_like_host<u32>();
  compare_like_host<u64>();
}

// Table "Format of result of FCLASS instruction".
TEST(Manual, Classify) {
  constexpr std::array singles{minus_inf, negate(one), 0x807fffffu, minus_zero, zero,
                               min_subnormal, min_normal, inf, snan, payload_nan};
  constexpr std::array<u64, 10> doubles{0xfff0000000000000, 0xbff0000000000000, 0x800fffffffffffff,
                                        0x8000000000000000, 0, 1, 0x0010000000000000,
                                        0x7ff0000000000000, 0xfff7ffffffffffff, 0x7ff8000000000000};
  for (std::size_t bit = 0; bit < 10; ++bit) {
    EXPECT_EQ(classify(singles[bit]), u64{1} << bit);
    EXPECT_EQ(classify(doubles[bit]), u64{1} << bit);
  }
}

TEST(Manual, FlagsAccumulate) {
  u8 flags = Invalid;
  (void)div(one, zero, rne, flags);
  EXPECT_EQ(flags, Invalid | DivByZero);
}

}  // namespace
}  // namespace orrery::fp::test
