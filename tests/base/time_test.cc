// Clocks, and the random numbers that may reach the machine.
#include <gtest/gtest.h>

#include <bit>

#include "base/bits.h"
#include "base/clock.h"
#include "base/random.h"

namespace orrery {
namespace {

TEST(Clock, CyclesStartAtTickZero) {
  const Clock clock(Frequency{1'000'000'000});
  EXPECT_EQ(clock.period(), 1000u);
  EXPECT_EQ(clock.cycle(Tick{999}), Cycle{0});
  EXPECT_EQ(clock.cycle(Tick{1000}), Cycle{1});
  EXPECT_EQ(clock.tick(Cycle{7}), Tick{7000});
}

TEST(Clock, EdgeIsAtOrAfter) {
  const Clock clock(Frequency{1'000'000'000});
  EXPECT_EQ(clock.edge(Tick{0}), Tick{0});
  EXPECT_EQ(clock.edge(Tick{1}), Tick{1000});
  EXPECT_EQ(clock.edge(Tick{1000}), Tick{1000});
  EXPECT_EQ(clock.edge(Tick{1001}), Tick{2000});
  EXPECT_EQ(clock.edge(never), never);
  EXPECT_EQ(clock.edge(never - 1), never);
}

TEST(Timebase, CountsExactly) {
  const Timebase timebase(Frequency{3});
  EXPECT_EQ(timebase.count(Tick{ticks_per_second}), 3u);
  EXPECT_EQ(timebase.first_tick(1), Tick{333'333'333'334});
  EXPECT_EQ(timebase.first_tick(~u64{0}), never);
  for (u64 count = 0; count < 100; ++count) {
    const Tick at = timebase.first_tick(count);
    EXPECT_EQ(timebase.count(at), count);
    if (count > 0) {
      EXPECT_EQ(timebase.count(at - 1), count - 1);
    }
  }
}

TEST(Clock, LaterEndsAtNever) {
  EXPECT_EQ(later(Tick{5}, 7), Tick{12});
  EXPECT_EQ(later(Tick{5}, ~u64{0}), never);
  EXPECT_EQ(later(never, 1), never);
}

TEST(Random, SameSeedSameNumbersAndStateGoesOn) {
  Random a(1), b(1), c(2);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
  b.next();
  c.words() = a.words();
  EXPECT_EQ(a.next(), c.next());
  // Fixed for ever: recorded experiments depend on it.
  EXPECT_EQ(Random(0).next(), 0x99ec5f36cb75f2b4);
}

TEST(Random, BelowStaysBelowAndReachesAll) {
  Random random(3);
  u64 seen = 0;
  for (int i = 0; i < 1000; ++i) {
    const u64 value = random.below(10);
    ASSERT_LT(value, 10u);
    seen |= u64{1} << value;
  }
  EXPECT_EQ(seen, 0x3ffu);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Bits, FieldsAndSigns) {
  EXPECT_EQ(bits(0xabcd, 4, 8), 0xbcu);
  EXPECT_EQ(bits(~u64{0}, 0, 64), ~u64{0});
  EXPECT_TRUE(bit(0x8000'0000'0000'0000, 63));
  EXPECT_EQ(sign_extend(0x800, 12), ~u64{0x7ff});
  EXPECT_EQ(sign_extend(0x7ff, 12), 0x7ffu);
  EXPECT_EQ(merge(0b1010, 0b0101, 0b0011), 0b1001u);
  EXPECT_EQ(align_down(0x1fff, 0x1000), 0x1000u);
  EXPECT_EQ(align_up(0x1001, 0x1000), 0x2000u);
  EXPECT_FALSE(is_power_of_two(0));
}

}  // namespace
}  // namespace orrery
