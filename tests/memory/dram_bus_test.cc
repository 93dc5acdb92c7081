// The gaps of a data bus and of a rank, against every pair and every window, in random traffic.
#include <gtest/gtest.h>

#include "base/random.h"
#include "memory/dram_bus.h"

namespace orrery {
namespace {

DramTiming timing_of_the_test() {
  DramTiming t;
  t.data_rate = 1000;  // a burst of 8 takes 8 ns
  const auto set = [&](DramTime& time, u64 ns) { time.ticks = ns * 1000; };
  set(t.tCL, 20), set(t.tCCD_S, 8), set(t.tCCD_L, 10), set(t.tCCD_L_WR, 11), set(t.tWTR_S, 3), set(t.tWTR_L, 5);
  set(t.tRTW, 2), set(t.tRTRS, 1), set(t.tRRD_S, 4), set(t.tRRD_L, 6), set(t.tFAW, 50);
  return t;
}

// Least distance of the data of two bursts, from the rules themselves.
u64 least(const DramBurst& a, const DramBurst& b) {
  if (a.rank != b.rank) return !a.is_write && b.is_write ? 8'000 + 2'000 : 8'000 + 1'000;
  const bool same = a.group == b.group;
  if (a.is_write && !b.is_write) return 8'000 + (same ? 5'000 : 3'000) + 20'000;
  if (!a.is_write && b.is_write) return 8'000 + 2'000;
  return !same ? 8'000 : a.is_write ? 11'000 : 10'000;
}

TEST(DramBus, NeverTooCloseAndNeverLaterThanNeeded) {
  Random random(1);
  for (int round = 0; round < 30; ++round) {
    DramBus bus(timing_of_the_test());
    std::vector<DramBurst> all;
    Tick now{1'000'000};
    for (int i = 0; i < 100; ++i) {
      now += random.below(20'000);
      DramBurst burst{{}, static_cast<u32>(random.below(2)), static_cast<u16>(random.below(2)), round % 3 && random.below(3) == 0};
      const auto fits = [&](Tick start) {
        return std::all_of(all.begin(), all.end(), [&](const DramBurst& other) {
          return other.start <= start ? start >= other.start + least(other, burst) : other.start >= start + least(burst, other);
        });
      };
      burst.start = bus.find(burst, now, never);
      ASSERT_TRUE(fits(burst.start));
      for (Tick earlier = now; earlier < burst.start; earlier += 500) ASSERT_FALSE(fits(earlier));
      ASSERT_EQ(bus.find(burst, now, burst.start), burst.start);
      ASSERT_EQ(bus.find(burst, now, Tick{burst.start.value() - 1}), never);
      bus.add(burst);
      all.push_back(burst);
    }
  }
}

TEST(DramBus, NothingIsPutBeforeWhatIsForgotten) {
  DramBus bus(timing_of_the_test());
  DramBurst burst;
  for (u64 i = 1; i <= 129; ++i) {
    burst.start = Tick{i * 100'000};
    bus.add(burst);
  }
  EXPECT_EQ(bus.find(burst, Tick{0}, never), Tick{100'000 + 33'000});  // the longest distance, from a write to a read
  EXPECT_EQ(bus.last(), Tick{12'900'000});
}

TEST(DramOpenings, NeverTooCloseAndNeverLaterThanNeeded) {
  Random random(2);
  for (int round = 0; round < 10; ++round) {
    DramOpenings rank(timing_of_the_test());
    std::vector<DramOpening> all;
    Tick now{1'000'000};
    for (int i = 0; i < 100; ++i) {
      now += random.below(25'000);
      DramOpening opening{{}, random.below(2)};
      const auto fits = [&](Tick start) {
        std::vector<DramOpening> with = all;
        with.push_back({start, opening.group});
        std::stable_sort(with.begin(), with.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
        for (std::size_t a = 0; a < with.size(); ++a)
          for (std::size_t b = a + 1; b < with.size(); ++b)
            if (with[b].start < with[a].start + (with[a].group == with[b].group ? 6'000u : 4'000u) ||
                (b >= a + 4 && with[b].start < with[a].start + 50'000))
              return false;
        return true;
      };
      opening.start = rank.find(opening.group, now);
      ASSERT_TRUE(fits(opening.start)) << i;
      for (Tick earlier = now; earlier < opening.start; earlier += 500) ASSERT_FALSE(fits(earlier)) << i;
      rank.add(opening);
      all.push_back(opening);
    }
  }
}

}  // namespace
}  // namespace orrery
