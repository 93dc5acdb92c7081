// When an access to a cache is done: hit, miss, merged miss, straddling.
#include "base/random.h"
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

using CacheLatency = CacheFixture;

TEST_F(CacheLatency, MissWaitsForTheLevelBelow) {
  build();
  EXPECT_EQ(access(0x1000, 10), 10u + 2 + 100);
  ASSERT_EQ(below.asked.size(), 1u);
  EXPECT_EQ(below.asked[0].now.value(), 12 * cycle);
  EXPECT_EQ(below.asked[0].request.size, 64u);
  EXPECT_EQ(below.asked[0].request.want, Want::Line);
}

TEST_F(CacheLatency, HitTakesItsLatency) {
  build();
  access(0x1000, 0);
  EXPECT_EQ(access(0x1038, 500), 502u);
  EXPECT_EQ(below.asked.size(), 1u);
}

TEST_F(CacheLatency, AccessToALineUnderWayWaitsForIt) {
  build();
  EXPECT_EQ(access(0x1000, 0), 102u);
  EXPECT_EQ(access(0x1008, 1), 102u);
  EXPECT_EQ(access(0x1010, 99), 102u);
  EXPECT_EQ(access(0x1010, 101), 103u);
  EXPECT_EQ(cache->merged.value(), 2u);
  EXPECT_EQ(below.asked.size(), 1u);
}

TEST_F(CacheLatency, FastHitOnlyWhenTheLineHasArrived) {
  build();
  access(0x1000, 0);
  EXPECT_FALSE(fast(0x1000, 101));
  EXPECT_TRUE(fast(0x1000, 102));
}

TEST_F(CacheLatency, StraddlingAccessTouchesTwoLines) {
  build();
  EXPECT_EQ(access(0x103c, 0), 102u);
  EXPECT_EQ(below.asked.size(), 2u);
  EXPECT_FALSE(fast(0x103c, 500));
  EXPECT_EQ(access(0x103c, 500), 502u);
}

TEST_F(CacheLatency, UncacheableAccessGoesThrough) {
  uncacheable.add(PhysAddr{0x1000}, 0x1000);
  build();
  EXPECT_EQ(access(0x1000, 0), 100u);
  EXPECT_EQ(access(0x1000, 200), 300u);
  EXPECT_EQ(hits() + misses(), 0u);
  EXPECT_EQ(access(0x2000, 400), 502u);
}

TEST_F(CacheLatency, FastHitsAnswerAsSubmitDoes) {
  build();
  auto slow = std::make_unique<Cache>(&root, "slow", read_config<CacheConfig>(description()),
                                      Clock(Frequency{1'000'000'000}), below, uncacheable);
  Random random(7);
  u64 fast_hits = 0;
  for (u64 now = 0; now < 200'000; now += 3) {
    const auto kind = random.below(2) ? RequestKind::Load : RequestKind::Store;
    const u64 address = 0x1000 + (random.below(4) ? random.below(4) : random.below(200)) * 16;
    const Answer right = slow->submit(request_for(address, kind), Tick{now * cycle});
    if (fast(address, now, kind)) {
      ++fast_hits;
      ASSERT_EQ(right.tick.value(), (now + 2) * cycle);
    } else {
      const Answer answer = cache->submit(request_for(address, kind), Tick{now * cycle});
      ASSERT_EQ(answer.kind, right.kind);
      ASSERT_EQ(answer.tick, right.tick);
    }
  }
  EXPECT_GT(fast_hits, 1000u);
  Archive a = Archive::saving("a"), b = Archive::saving("b");
  cache->state(a);
  slow->state(b);
  EXPECT_EQ(differences(a.take(), b.take(), 10), std::vector<std::string>{});
}

}  // namespace
}  // namespace orrery
