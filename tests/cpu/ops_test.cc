// The pure operations: the manual's corner cases, and random values against plain definitions.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <type_traits>

#include "base/random.h"
#include "cpu/isa/immediates.h"
#include "cpu/isa/ops.h"

namespace orrery {
namespace {

constexpr u64 least = u64{1} << 63, minus_one = ~u64{0};
constexpr u64 least32 = 0xffffffff80000000;

// The list has every operation once, with the arity that ops.h gives it.
TEST(Ops, AreAllListed) {
  std::set<std::string> names;
  const auto listed = [&names](const char* name) { EXPECT_TRUE(names.insert(name).second) << name; };
#define PURE1(name) static_assert(std::is_same_v<decltype(&ops::name), u64 (*)(u64)>); listed(#name);
#define PURE2(name) static_assert(std::is_same_v<decltype(&ops::name), u64 (*)(u64, u64)>); listed(#name);
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2
  std::ifstream header(ORRERY_SOURCE_DIR "/cpu/isa/ops.h");
  std::size_t defined = 0;
  for (std::string line; std::getline(header, line);) {
    if (!line.starts_with("constexpr u64 ")) continue;
    ++defined;
    const std::string name = line.substr(14, line.find('(') - 14);
    EXPECT_TRUE(names.contains(name)) << name;
  }
  EXPECT_EQ(defined, names.size());
}

// I, 12.2, table 12: division never traps.
TEST(Ops, DivisionCorners) {
  EXPECT_EQ(ops::div(7, 0), minus_one);
  EXPECT_EQ(ops::divu(7, 0), minus_one);
  EXPECT_EQ(ops::rem(7, 0), 7u);
  EXPECT_EQ(ops::remu(7, 0), 7u);
  EXPECT_EQ(ops::div(least, minus_one), least);
  EXPECT_EQ(ops::rem(least, minus_one), 0u);
  EXPECT_EQ(ops::div(static_cast<u64>(-7), 2), static_cast<u64>(-3));
  EXPECT_EQ(ops::rem(static_cast<u64>(-7), 2), static_cast<u64>(-1));
  EXPECT_EQ(ops::rem(7, static_cast<u64>(-2)), 1u);
  EXPECT_EQ(ops::divw(7, u64{1} << 32), minus_one);   // only the low halves count
  EXPECT_EQ(ops::divuw(7, 0), minus_one);
  EXPECT_EQ(ops::remw(0x180000005, 0), sign_extend(0x80000005, 32));
  EXPECT_EQ(ops::remuw(0x80000005, 0), sign_extend(0x80000005, 32));
  EXPECT_EQ(ops::divw(least32, minus_one), least32);
  EXPECT_EQ(ops::remw(least32, minus_one), 0u);
  EXPECT_EQ(ops::divuw(0xffffffff, 1), minus_one);
}

TEST(Ops, MultiplyHigh) {
  EXPECT_EQ(ops::mulh(least, least), u64{1} << 62);
  EXPECT_EQ(ops::mulh(minus_one, minus_one), 0u);
  EXPECT_EQ(ops::mulhu(minus_one, minus_one), minus_one - 1);
  EXPECT_EQ(ops::mulhsu(minus_one, minus_one), minus_one);
  EXPECT_EQ(ops::mulhsu(1, minus_one), 0u);
  EXPECT_EQ(ops::mulw(0x7fffffff, 2), static_cast<u64>(-2));
}

TEST(Ops, ShiftsUseTheLowBits) {
  EXPECT_EQ(ops::sll(1, 64 + 3), 8u);
  EXPECT_EQ(ops::sra(least, 63), minus_one);
  EXPECT_EQ(ops::srl(least, 63), 1u);
  EXPECT_EQ(ops::sllw(1, 32 + 31), least32);
  EXPECT_EQ(ops::srlw(minus_one, 0), minus_one);
  EXPECT_EQ(ops::srlw(minus_one, 1), 0x7fffffffu);
  EXPECT_EQ(ops::sraw(0x80000000, 31), minus_one);
  EXPECT_EQ(ops::rol(least | 1, 1), 3u);
  EXPECT_EQ(ops::ror(1, 65), least);
  EXPECT_EQ(ops::rolw(0x80000000, 1), 1u);
  EXPECT_EQ(ops::rorw(1, 1), least32);
}

TEST(Ops, CountsOfZero) {
  EXPECT_EQ(ops::clz(0), 64u);
  EXPECT_EQ(ops::ctz(0), 64u);
  EXPECT_EQ(ops::clzw(u64{1} << 32), 32u);
  EXPECT_EQ(ops::ctzw(u64{1} << 32), 32u);
  EXPECT_EQ(ops::cpopw(minus_one), 32u);
  EXPECT_EQ(ops::cpop(minus_one), 64u);
}

TEST(Ops, Bytes) {
  EXPECT_EQ(ops::rev8(0x0102030405060708), 0x0807060504030201u);
  EXPECT_EQ(ops::orcb(0x0001800000ff1000), 0x00ffff0000ffff00u);
  EXPECT_EQ(ops::sext8(0x180), static_cast<u64>(-128));
  EXPECT_EQ(ops::sext16(0x18000), static_cast<u64>(-32768));
  EXPECT_EQ(ops::zext16(0x18000), 0x8000u);
}

TEST(Ops, OrcbOfEveryBitPosition) {
  for (unsigned bit = 0; bit < 64; ++bit)
    EXPECT_EQ(ops::orcb(u64{1} << bit), u64{0xff} << (bit / 8 * 8));
}

TEST(Ops, MinimumAndMaximum) {
  EXPECT_EQ(ops::min(minus_one, 1), minus_one);
  EXPECT_EQ(ops::max(minus_one, 1), 1u);
  EXPECT_EQ(ops::minu(minus_one, 1), 1u);
  EXPECT_EQ(ops::maxu(minus_one, 1), minus_one);
}

// High product by schoolbook multiplication of halves.
u64 high_product(u64 a, u64 b) {
  const u64 al = a & 0xffffffff, ah = a >> 32, bl = b & 0xffffffff, bh = b >> 32;
  const u64 middle = ah * bl + (al * bl >> 32), other = al * bh + (middle & 0xffffffff);
  return ah * bh + (middle >> 32) + (other >> 32);
}

TEST(Ops, RandomProductsAndQuotients) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    const u64 a = random.next() >> random.below(64), b = random.next() >> random.below(64);
    const u64 unsigned_high = high_product(a, b);
    ASSERT_EQ(ops::mulhu(a, b), unsigned_high);
    ASSERT_EQ(ops::mulhsu(a, b), unsigned_high - (a >> 63 ? b : 0));
    ASSERT_EQ(ops::mulh(a, b), unsigned_high - (a >> 63 ? b : 0) - (b >> 63 ? a : 0));
    ASSERT_EQ(ops::divu(a, b) * b + ops::remu(a, b), a);
    ASSERT_EQ(ops::div(a, b) * b + ops::rem(a, b), a);
    ASSERT_EQ(ops::sext32(ops::divw(a, b) * b + ops::remw(a, b)), ops::sext32(a));
  }
}

// Each immediate shape: a walking one lands at the bit that the manual's figure says.
TEST(Immediates, EveryBitOfTheWideShapes) {
  EXPECT_EQ(imm_i(0xfff00000), -1);
  EXPECT_EQ(imm_i(0x7ff00000), 2047);
  EXPECT_EQ(imm_s(0x80000000), -2048);
  EXPECT_EQ(imm_s(0x00000f80), 31);
  EXPECT_EQ(imm_s(0x02000000), 32);
  EXPECT_EQ(imm_b(0x80000000), -4096);
  EXPECT_EQ(imm_b(0x00000080), 2048);
  EXPECT_EQ(imm_b(0x7e000000), 0x7e0);
  EXPECT_EQ(imm_b(0x00000f00), 0x1e);
  EXPECT_EQ(imm_u(0xfffff000), -4096);
  EXPECT_EQ(imm_j(0x80000000), -0x100000);
  EXPECT_EQ(imm_j(0x000ff000), 0xff000);
  EXPECT_EQ(imm_j(0x00100000), 0x800);
  EXPECT_EQ(imm_j(0x7fe00000), 0x7fe);
}

TEST(Immediates, EveryBitOfTheCompressedShapes) {
  const struct {
    i32 (*shape)(u32);
    unsigned bit;
    i32 value;
  } cases[] = {
      {imm_ci, 12, -32}, {imm_ci, 6, 16}, {imm_ci, 2, 1},
      {imm_ci16, 12, -512}, {imm_ci16, 6, 16}, {imm_ci16, 5, 64}, {imm_ci16, 4, 256}, {imm_ci16, 3, 128}, {imm_ci16, 2, 32},
      {imm_ciw, 12, 32}, {imm_ciw, 11, 16}, {imm_ciw, 10, 512}, {imm_ciw, 7, 64}, {imm_ciw, 6, 4}, {imm_ciw, 5, 8},
      {imm_cw, 12, 32}, {imm_cw, 10, 8}, {imm_cw, 6, 4}, {imm_cw, 5, 64},
      {imm_cd, 12, 32}, {imm_cd, 10, 8}, {imm_cd, 6, 128}, {imm_cd, 5, 64},
      {imm_cwsp, 12, 32}, {imm_cwsp, 4, 4}, {imm_cwsp, 3, 128}, {imm_cwsp, 2, 64},
      {imm_cdsp, 12, 32}, {imm_cdsp, 5, 8}, {imm_cdsp, 4, 256}, {imm_cdsp, 2, 64},
      {imm_cswsp, 12, 32}, {imm_cswsp, 9, 4}, {imm_cswsp, 8, 128}, {imm_cswsp, 7, 64},
      {imm_csdsp, 12, 32}, {imm_csdsp, 10, 8}, {imm_csdsp, 9, 256}, {imm_csdsp, 7, 64},
      {imm_cj, 12, -2048}, {imm_cj, 11, 16}, {imm_cj, 10, 512}, {imm_cj, 9, 256},
      {imm_cj, 8, 1024}, {imm_cj, 7, 64}, {imm_cj, 6, 128}, {imm_cj, 3, 2}, {imm_cj, 2, 32},
      {imm_cb, 12, -256}, {imm_cb, 11, 16}, {imm_cb, 10, 8}, {imm_cb, 6, 128}, {imm_cb, 5, 64}, {imm_cb, 3, 2}, {imm_cb, 2, 32},
  };
  for (const auto& c : cases) EXPECT_EQ(c.shape(u32{1} << c.bit), c.value) << c.bit << " " << c.value;
}

}  // namespace
}  // namespace orrery
