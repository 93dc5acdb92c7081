// Write-back and write-through, and that every access is a hit or a miss.
#include "base/random.h"
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

using CacheWrite = CacheFixture;

TEST_F(CacheWrite, DirtyLineIsWrittenBackWhenReplaced) {
  build();
  access(0x1000, 0, RequestKind::Store);
  EXPECT_EQ(cache->find(PhysAddr{0x1000}), LineState::Modified);
  access(0x2000, 200);
  access(0x3000, 400);  // same set: 0x1000 goes
  ASSERT_EQ(below.asked.size(), 4u);
  EXPECT_EQ(below.asked[3].request.kind, RequestKind::Writeback);
  EXPECT_EQ(below.asked[3].request.address, PhysAddr{0x1000});
  EXPECT_EQ(cache->evictions.value(), 1u);
  EXPECT_EQ(cache->writebacks.value(), 1u);
}

TEST_F(CacheWrite, CleanLineIsDropped) {
  build();
  access(0x1000, 0);
  access(0x2000, 200);
  access(0x3000, 400);
  EXPECT_EQ(below.asked.size(), 3u);
  EXPECT_EQ(cache->evictions.value(), 1u);
  EXPECT_EQ(cache->writebacks.value(), 0u);
}

TEST_F(CacheWrite, StoreFillIsNotAWriteBelow) {
  build();
  access(0x1000, 0, RequestKind::Store);
  EXPECT_FALSE(below.asked.at(0).request.writes());
}

TEST_F(CacheWrite, SharedLineNeedsPermission) {
  build();
  below.shared = true;
  access(0x1000, 0);
  EXPECT_EQ(cache->find(PhysAddr{0x1000}), LineState::Shared);
  EXPECT_FALSE(fast(0x1000, 200, RequestKind::Store));
  EXPECT_EQ(access(0x1000, 200, RequestKind::Store), 302u);
  EXPECT_EQ(below.asked.at(1).request.want, Want::Permission);
  EXPECT_EQ(cache->find(PhysAddr{0x1000}), LineState::Modified);
  EXPECT_EQ(access(0x1000, 400, RequestKind::Store), 402u);
}

TEST_F(CacheWrite, WriteThroughPassesEveryStoreOn) {
  build({{"write", "through"}, {"write_allocate", false}});
  EXPECT_EQ(access(0x1000, 0, RequestKind::Store), 102u);
  EXPECT_EQ(cache->find(PhysAddr{0x1000}), LineState::Invalid);
  access(0x1000, 200);
  EXPECT_EQ(access(0x1000, 400, RequestKind::Store), 502u);
  EXPECT_EQ(cache->find(PhysAddr{0x1000}), LineState::Exclusive);
  EXPECT_TRUE(below.asked.at(2).request.writes());
  EXPECT_EQ(below.asked.at(2).request.size, 8u);
}

TEST_F(CacheWrite, EveryAccessIsAHitOrAMiss) {
  build();
  Random random(1);
  u64 accesses = 0;
  for (u64 now = 0; now < 500'000; now += 120) {
    const auto kind = static_cast<RequestKind>(random.below(request_kinds));
    access(random.below(64) * 64, now, kind);
    ++accesses;
  }
  EXPECT_EQ(hits() + misses(), accesses);
  EXPECT_EQ(cache->refusals.value(), 0u);
}

}  // namespace
}  // namespace orrery
