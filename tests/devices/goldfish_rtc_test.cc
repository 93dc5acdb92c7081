#include "devices/goldfish_rtc.h"

#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

constexpr u64 second_ticks = ticks_per_second;
constexpr u64 second_ns = 1'000'000'000;

struct RtcTest : testing::Test, Bench {
  Levels line;
  GoldfishRtc rtc{&root, "rtc", GoldfishRtc::Config{1'000'000'000}, events};
  RtcTest() {
    rtc.interrupt.connect(line, 11);
    rtc.reset();
  }
  u64 time() {
    const u64 low = read(rtc, 0, 4);
    return read(rtc, 4, 4) << 32 | low;
  }
  void set_alarm(u64 ns) {
    write(rtc, 0x0c, 4, ns >> 32);
    write(rtc, 0x08, 4, bits(ns, 0, 32));
    write(rtc, 0x10, 4, 1);
  }
};

TEST_F(RtcTest, begins_at_the_epoch_and_follows_simulated_time) {
  EXPECT_EQ(time(), 1'000'000'000 * second_ns);
  now = Tick{3 * second_ticks / 2};
  EXPECT_EQ(time(), 1'000'000'001 * second_ns + second_ns / 2);
}

TEST_F(RtcTest, the_high_word_belongs_to_the_low_word_read_last) {
  const u64 before = time();
  now = Tick{100 * second_ticks};
  EXPECT_EQ(read(rtc, 4, 4), before >> 32);
}

TEST_F(RtcTest, the_clock_can_be_set) {
  const u64 wanted = 1'700'000'000 * second_ns;
  write(rtc, 4, 4, wanted >> 32);
  write(rtc, 0, 4, bits(wanted, 0, 32));
  EXPECT_EQ(time(), wanted);
  now = Tick{second_ticks};
  EXPECT_EQ(time(), wanted + second_ns);
}

TEST_F(RtcTest, the_alarm_interrupts_on_time) {
  set_alarm(1'000'000'002 * second_ns);
  EXPECT_EQ(read(rtc, 0x18, 4), 1u);
  advance_to(Tick{2 * second_ticks - 1});
  EXPECT_FALSE(line[11]);
  advance_to(Tick{2 * second_ticks});
  EXPECT_TRUE(line[11]);
  EXPECT_EQ(read(rtc, 0x18, 4), 0u);
}

TEST_F(RtcTest, an_alarm_in_the_past_interrupts_at_once) {
  set_alarm(second_ns);
  EXPECT_TRUE(line[11]);
}

TEST_F(RtcTest, clearing_the_interrupt_lowers_the_wire) {
  set_alarm(second_ns);
  write(rtc, 0x1c, 4, 1);
  EXPECT_FALSE(line[11]);
}

TEST_F(RtcTest, a_cleared_alarm_does_not_come) {
  set_alarm(1'000'000'002 * second_ns);
  write(rtc, 0x14, 4, 1);
  EXPECT_EQ(events.next(), never);
  EXPECT_EQ(read(rtc, 0x18, 4), 0u);
}

TEST_F(RtcTest, a_disabled_interrupt_waits_until_enabled) {
  set_alarm(second_ns);
  write(rtc, 0x10, 4, 0);
  EXPECT_FALSE(line[11]);
  write(rtc, 0x10, 4, 1);
  EXPECT_TRUE(line[11]);
}

TEST_F(RtcTest, setting_the_clock_moves_the_alarm) {
  set_alarm(1'000'000'002 * second_ns);
  const u64 wanted = 1'000'000'001 * second_ns;
  write(rtc, 4, 4, wanted >> 32);
  write(rtc, 0, 4, bits(wanted, 0, 32));
  EXPECT_EQ(events.next(), Tick{second_ticks});
}

TEST_F(RtcTest, an_alarm_after_the_end_of_simulated_time_is_harmless) {
  set_alarm(~u64{0});
  EXPECT_EQ(events.next(), never);
}

}  // namespace
}  // namespace orrery::test
