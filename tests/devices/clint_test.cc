#include "devices/clint.h"

#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

// 10 MHz: one count is 100'000 ticks.
struct ClintTest : testing::Test, Bench {
  Levels harts[2];
  Clint clint{&root, "clint", 2, Timebase{Frequency{10'000'000}}, events};

  ClintTest() {
    for (u32 i = 0; i < 2; ++i) {
      clint.software(i).connect(harts[i], 3);
      clint.timer(i).connect(harts[i], 7);
    }
    clint.reset();
  }
};

TEST_F(ClintTest, msip_drives_the_software_interrupt_of_its_hart) {
  write(clint, 4, 4, 1);
  EXPECT_FALSE(harts[0][3]);
  EXPECT_TRUE(harts[1][3]);
  write(clint, 4, 4, 0);
  EXPECT_FALSE(harts[1][3]);
}

TEST_F(ClintTest, msip_keeps_bit_0_only) {
  write(clint, 0, 4, 0xffff'fffe);
  EXPECT_EQ(read(clint, 0, 4), 0u);
  EXPECT_FALSE(harts[0][3]);
}

TEST_F(ClintTest, mtime_counts_simulated_time) {
  now = Tick{99'999};
  EXPECT_EQ(read(clint, 0xbff8, 8), 0u);
  now = Tick{100'000};
  EXPECT_EQ(read(clint, 0xbff8, 8), 1u);
}

TEST_F(ClintTest, mtime_reads_in_halves) {
  now = Tick{0x1'2345'6789 * u64{100'000}};
  EXPECT_EQ(read(clint, 0xbff8, 4), 0x2345'6789u);
  EXPECT_EQ(read(clint, 0xbffc, 4), 1u);
}

TEST_F(ClintTest, writes_to_mtime_do_nothing) {
  write(clint, 0xbff8, 8, 1234);
  EXPECT_EQ(read(clint, 0xbff8, 8), 0u);
}

TEST_F(ClintTest, timer_fires_at_the_first_tick_of_its_count) {
  write(clint, 0x4008, 8, 5);
  EXPECT_EQ(events.next(), Tick{500'000});
  advance_to(Tick{499'999});
  EXPECT_FALSE(harts[1][7]);
  advance_to(Tick{500'000});
  EXPECT_TRUE(harts[1][7]);
  EXPECT_FALSE(harts[0][7]);
}

TEST_F(ClintTest, timer_in_the_past_fires_at_once) {
  now = Tick{1'000'000};
  write(clint, 0x4000, 8, 10);
  EXPECT_TRUE(harts[0][7]);
  EXPECT_EQ(events.next(), never);
}

TEST_F(ClintTest, setting_the_timer_anew_lowers_and_replaces_it) {
  now = Tick{1'000'000};
  write(clint, 0x4000, 8, 10);
  write(clint, 0x4000, 8, 20);
  EXPECT_FALSE(harts[0][7]);
  write(clint, 0x4000, 8, 30);
  EXPECT_EQ(events.next(), Tick{3'000'000});
}

TEST_F(ClintTest, mtimecmp_is_written_in_halves) {
  write(clint, 0x4004, 4, 0);
  write(clint, 0x4000, 4, 7);
  EXPECT_EQ(read(clint, 0x4000, 8), 7u);
  EXPECT_EQ(events.next(), Tick{700'000});
}

TEST_F(ClintTest, a_count_beyond_simulated_time_never_fires) {
  write(clint, 0x4000, 8, ~u64{0} - 1);
  EXPECT_EQ(events.next(), never);
}

TEST_F(ClintTest, harts_that_do_not_exist_are_unmapped) {
  write(clint, 8, 4, 1);
  EXPECT_EQ(read(clint, 0x4010, 8), 0u);
  EXPECT_EQ(clint.unmapped_writes.value(), 1u);
  EXPECT_EQ(clint.unmapped_reads.value(), 1u);
}

TEST_F(ClintTest, bytes_are_bus_errors) {
  u64 value = 0;
  EXPECT_FALSE(clint.read(0, 1, value, now));
  EXPECT_FALSE(clint.write(0x4002, 4, 0, now));
  EXPECT_EQ(clint.refused.value(), 2u);
}

TEST(Timebase, first_tick_is_the_first_with_that_count) {
  for (const u64 hertz : {u64{1}, u64{32'768}, u64{24'000'001}, ticks_per_second}) {
    const Timebase timebase{Frequency{hertz}};
    for (const u64 count : {u64{1}, u64{2}, u64{12'345}, u64{18'000'000}}) {
      const Tick tick = timebase.first_tick(count);
      EXPECT_GE(timebase.count(tick), count) << hertz;
      EXPECT_LT(timebase.count(tick - 1), count) << hertz;
    }
  }
}

}  // namespace
}  // namespace orrery::test
