// MSHRs: as many lines under way as there are, then refusal without effect.
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

using CacheMshr = CacheFixture;

TEST_F(CacheMshr, ThirdMissIsRefusedUntilTheFirstArrives) {
  build();
  access(0x1000, 0);
  access(0x2000, 1);
  const auto third = [this](u64 now) { return cache->submit(request_for(0x3000), Tick{now * cycle}); };
  EXPECT_TRUE(third(2).is_refused());
  EXPECT_EQ(third(2).tick.value(), 102 * cycle);  // when trying again is worth it
  EXPECT_TRUE(third(101).is_refused());
  EXPECT_TRUE(third(102).is_done());
}

TEST_F(CacheMshr, RefusalChangesNothing) {
  build();
  access(0x1000, 0);
  access(0x2000, 0);
  Archive before = Archive::saving("cache"), after = Archive::saving("cache");
  cache->state(before);
  EXPECT_TRUE(cache->submit(request_for(0x3000), Tick{0}).is_refused());
  cache->state(after);
  EXPECT_EQ(differences(before.take(), after.take(), 10), std::vector<std::string>{});
  EXPECT_EQ(misses(), 2u);
  EXPECT_EQ(cache->refusals.value(), 1u);
}

TEST_F(CacheMshr, HitsAndMergedMissesNeedNone) {
  build();
  access(0x1000, 0);
  access(0x2000, 0);
  EXPECT_EQ(access(0x1008, 1), 102u);
}

TEST_F(CacheMshr, RefusalBelowIsPassedOnInOwnTime) {
  build();
  below.refuse_until = Tick{50 * cycle};
  const Answer answer = cache->submit(request_for(0x1000), Tick{10 * cycle});
  EXPECT_TRUE(answer.is_refused());
  EXPECT_EQ(answer.tick.value(), 48 * cycle);
  EXPECT_TRUE(cache->submit(request_for(0x1000), answer.tick).is_done());
}

// The half that is done cannot be undone, and time has no end.
TEST_F(CacheMshr, HalfOfAnAccessIsNotRefusedForEver) {
  build();
  below.refuse_line = PhysAddr{0x1040};
  Request crossing = request_for(0x103c);
  crossing.size = 8;
  EXPECT_DEATH(cache->submit(crossing, Tick{10 * cycle}), "cache: half of an access is done, and the rest is refused");
  below.refuse_line = PhysAddr{0x1000};  // the first half: nothing is done
  EXPECT_TRUE(cache->submit(crossing, Tick{10 * cycle}).is_refused());
}

TEST_F(CacheMshr, PrefetchIsDroppedRatherThanRefused) {
  build();
  access(0x1000, 0);
  access(0x2000, 0);
  EXPECT_TRUE(cache->submit(request_for(0x3000, RequestKind::Prefetch), Tick{0}).is_done());
  EXPECT_EQ(cache->find(PhysAddr{0x3000}), LineState::Invalid);
}

}  // namespace
}  // namespace orrery
