// How many misses are under way: 100 cycles each below a cache of 2 cycles with 4 MSHRs.
#include "base/random.h"
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

struct OutstandingTest : CacheFixture {
  OutstandingTest() { build({{"count_outstanding", true}, {"mshrs", 4}}); }
  Json statistic(const char* name) const {
    return report_statistics(root, nullptr).at(std::string("machine.cache.") + name);
  }
  // Cycles with 1, 2, 3 and 4 misses under way.
  std::vector<u64> held() const {
    std::vector<u64> result = statistic("misses_held").get<std::vector<u64>>();
    EXPECT_EQ(result.size(), 5u);
    EXPECT_EQ(result.at(0), 0u);
    result.erase(result.begin());
    for (u64& time : result) time /= cycle;
    return result;
  }
};

TEST_F(OutstandingTest, OneAfterTheOther) {
  access(0, 1000);
  access(64, 5000);
  EXPECT_EQ(held(), (std::vector<u64>{102, 0, 0, 0}));  // the second one is still under way
  access(128, 5040);
  EXPECT_EQ(held(), (std::vector<u64>{142, 0, 0, 0}));
  EXPECT_EQ(statistic("miss_parallelism"), 1.0);
}

// 1000 to 1102, 1010 to 1112 and 1050 to 1152: 10 and 40 alone, two from 1102 to 1112.
TEST_F(OutstandingTest, OverlappingMisses) {
  access(0, 1000);
  access(64, 1010);
  access(128, 1050);
  access(0, 1060);  // merged: no miss of its own
  access(256, 9000);
  EXPECT_EQ(held(), (std::vector<u64>{10 + 40, 40 + 10, 52, 0}));
  EXPECT_EQ(statistic("miss_time"), 3 * 102 * cycle);
  EXPECT_EQ(statistic("miss_busy_time"), 152 * cycle);
}

// Against a count cycle by cycle.
TEST_F(OutstandingTest, RandomMissesAgreeWithEveryCycle) {
  Random random(7);
  std::vector<std::pair<u64, u64>> misses_made;
  u64 now = 1000;
  for (u64 line = 0; line < 500; ++line) {
    now += random.below(random.below(10) ? 60 : 600);
    const Answer answer = cache->submit(request_for(line * 64), Tick{now * cycle});
    if (answer.is_done()) misses_made.emplace_back(now, answer.tick.value() / cycle);
  }
  std::vector<u64> expected(4);
  const u64 end = misses_made.back().first;
  for (u64 at = 1000; at < end; ++at) {
    std::size_t under_way = 0;
    for (const auto& [from, to] : misses_made) under_way += from <= at && at < to;
    if (under_way != 0) ++expected.at(under_way - 1);
  }
  EXPECT_EQ(held(), expected);
  EXPECT_GT(expected[3], 100u);
}

TEST_F(CacheFixture, NothingOfItWithoutTheParameter) {
  build();
  const Json all = report_statistics(root, nullptr);
  for (const auto& [path, value] : all.items()) {
    EXPECT_EQ(path.find("misses_held"), path.npos);
    EXPECT_EQ(path.find("compulsory"), path.npos);
  }
}

}  // namespace
}  // namespace orrery
