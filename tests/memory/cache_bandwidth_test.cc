// Banks, ports and the write buffer: what waits, and until when.
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

struct CacheBandwidth : CacheFixture {
  // With the lines 0x1000 to 0x10c0, of banks 0, 1, 0, 1 of two, present from cycle 400 on.
  void build_warm(const Json& changes) {
    build(changes);
    for (u64 i = 0; i < 4; ++i) access(0x1000 + i * 64, i * 110);
    ASSERT_EQ(cache->bank_conflicts.value(), 0u);
  }
};

TEST_F(CacheBandwidth, NoLimitByDefault) {
  build_warm(Json::object());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(access(0x1000, 500), 502u);
}

TEST_F(CacheBandwidth, BankBeginsOneAccessACycle) {
  build_warm({{"banks", 2}});
  EXPECT_EQ(access(0x1000, 500), 502u);
  EXPECT_EQ(access(0x1040, 500), 502u);  // the other bank
  EXPECT_EQ(access(0x1080, 500), 503u);
  EXPECT_EQ(access(0x1000, 500), 504u);
  EXPECT_EQ(access(0x1080, 502), 505u);  // 500, 501 and 502 are taken
  EXPECT_EQ(access(0x1000, 504), 506u);
  EXPECT_EQ(cache->bank_conflicts.value(), 3u);
  EXPECT_FALSE(fast(0x1000, 600));
}

TEST_F(CacheBandwidth, PortsAreForAllLines) {
  build_warm({{"ports", 2}});
  EXPECT_EQ(access(0x1000, 500), 502u);
  EXPECT_EQ(access(0x1000, 500), 502u);
  EXPECT_EQ(access(0x1040, 500), 503u);
  EXPECT_EQ(access(0x1080, 501), 503u);
  EXPECT_EQ(access(0x1080, 501), 504u);
  EXPECT_EQ(cache->bank_conflicts.value(), 2u);
}

// However many wait: no cycle is given twice, and what is free before them stays free.
TEST_F(CacheBandwidth, NoBacklogIsForgotten) {
  build_warm({{"ports", 1}});
  for (u64 i = 0; i < 100; ++i) EXPECT_EQ(access(0x1000, 500), 502 + i);
  EXPECT_EQ(access(0x1000, 590), 602u);
  EXPECT_EQ(access(0x1000, 490), 492u);
}

TEST_F(CacheBandwidth, BankAndPortMustBeFreeAtOnce) {
  build_warm({{"banks", 2}, {"ports", 1}});
  EXPECT_EQ(access(0x1000, 500), 502u);
  EXPECT_EQ(access(0x1040, 500), 503u);  // its bank is free, the port is not
  EXPECT_EQ(access(0x1000, 501), 504u);
}

TEST_F(CacheBandwidth, CyclesBeforeAnEarlyPromiseStayFree) {
  build_warm({{"banks", 1}});
  EXPECT_EQ(access(0x1000, 505), 507u);  // of a page walk, say
  EXPECT_EQ(access(0x1000, 500), 502u);
  EXPECT_EQ(access(0x1000, 504), 506u);
  EXPECT_EQ(access(0x1000, 504), 508u);  // 504 and 505 are taken
}

TEST_F(CacheBandwidth, MissesWaitForTheirBankToo) {
  build_warm({{"banks", 1}});
  EXPECT_EQ(access(0x1000, 500), 502u);
  EXPECT_EQ(access(0x2000, 500), 603u);
  EXPECT_EQ(below.asked.back().now.value(), 503 * cycle);
}

TEST_F(CacheBandwidth, RefusedAccessTakesNoBank) {
  build_warm({{"banks", 1}, {"mshrs", 1}});
  EXPECT_EQ(access(0x2000, 500), 602u);
  EXPECT_TRUE(cache->submit(request_for(0x3000), Tick{501 * cycle}).is_refused());
  EXPECT_EQ(access(0x1040, 501), 503u);
}

// Lines 0x100 apart share a set; below takes what is written after 100 cycles.
struct CacheWriteBuffer : CacheFixture {
  // Cycle from which on the access is worth trying again; 0: it was taken.
  u64 refused_until(u64 address, u64 now) {
    const Answer answer = cache->submit(request_for(address), Tick{now * cycle});
    return answer.is_refused() ? answer.tick.value() / cycle : 0;
  }
  // Sets 0 and 1 are full of dirty lines by cycle 1000.
  void build_dirty(const Json& changes) {
    build(changes);
    for (u64 i = 0; i < 4; ++i) access(0x1000 * (1 + i / 2) + i % 2 * 0x40, i * 200, RequestKind::Store);
  }
};

TEST_F(CacheWriteBuffer, EvictedLineHoldsItUntilTaken) {
  build_dirty({{"write_buffer", 1}, {"mshrs", 4}});
  EXPECT_EQ(refused_until(0x3000, 1000), 0u);  // 0x1000 leaves at 1002, and is taken at 1102
  EXPECT_EQ(refused_until(0x3040, 1001), 1102u);
  EXPECT_EQ(refused_until(0x3040, 1101), 1102u);
  EXPECT_EQ(cache->write_buffer_refusals.value(), 2u);
  EXPECT_EQ(cache->refusals.value(), 0u);
  EXPECT_EQ(refused_until(0x3040, 1102), 0u);
}

TEST_F(CacheWriteBuffer, TwoEntriesTakeTwo) {
  build_dirty({{"write_buffer", 2}, {"mshrs", 4}});
  EXPECT_EQ(refused_until(0x3000, 1000), 0u);
  EXPECT_EQ(refused_until(0x3040, 1001), 0u);
  EXPECT_EQ(refused_until(0x4000, 1050), 1102u);
}

TEST_F(CacheWriteBuffer, OnlyMissesThatMayEvictADirtyLineWait) {
  build_dirty({{"write_buffer", 1}, {"mshrs", 4}});
  EXPECT_EQ(refused_until(0x3000, 1000), 0u);
  EXPECT_EQ(refused_until(0x1080, 1001), 0u);  // a set with room
  EXPECT_EQ(refused_until(0x1040, 1001), 0u);  // a hit
}

TEST_F(CacheWriteBuffer, NoLimitByDefault) {
  build_dirty({{"mshrs", 4}});
  EXPECT_EQ(refused_until(0x3000, 1000), 0u);
  EXPECT_EQ(refused_until(0x3040, 1001), 0u);
}

TEST_F(CacheWriteBuffer, RefusalChangesNothing) {
  build_dirty({{"write_buffer", 1}, {"mshrs", 4}, {"replacement", {{"type", "random"}}}});
  EXPECT_EQ(refused_until(0x3000, 1000), 0u);
  Archive before = Archive::saving("cache"), after = Archive::saving("cache");
  cache->state(before);
  EXPECT_NE(refused_until(0x3040, 1001), 0u);
  cache->state(after);
  EXPECT_EQ(differences(before.take(), after.take(), 10), std::vector<std::string>{});
}

}  // namespace
}  // namespace orrery
