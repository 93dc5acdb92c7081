// A cache with a prefetcher: what is sent for, when, and what becomes of it.
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

struct CachePrefetch : CacheFixture {
  // next_line in a cache of 4 MSHRs.
  void build_next_line(const Json& changes = Json::object()) {
    Json json = {{"mshrs", 4}, {"prefetcher", {{"type", "next_line"}}}};
    json.update(changes);
    build(json);
  }
  u64 below_kind(RequestKind kind) const {
    return static_cast<u64>(std::count_if(below.asked.begin(), below.asked.end(),
                                          [&](const auto& call) { return call.request.kind == kind; }));
  }
};

TEST_F(CachePrefetch, MissSendsForTheNextLine) {
  build_next_line();
  Request request = request_for(0x1010);
  request.pc = 0x8000;
  request.hart = 3;
  EXPECT_EQ(cache->submit(request, Tick{10 * cycle}).tick.value(), 112 * cycle);
  ASSERT_EQ(below.asked.size(), 2u);
  const auto& [ahead, when] = below.asked[1];
  EXPECT_EQ(ahead.kind, RequestKind::Prefetch);
  EXPECT_EQ(ahead.want, Want::Line);
  EXPECT_EQ(ahead.address, PhysAddr{0x1040});
  EXPECT_EQ(ahead.size, 64u);
  EXPECT_EQ(ahead.pc, 0x8000u);
  EXPECT_EQ(ahead.hart, 3u);
  EXPECT_EQ(when.value(), 12 * cycle);
  EXPECT_EQ(cache->prefetches_issued.value(), 1u);
}

TEST_F(CachePrefetch, FirstUseIsNoFastHitAndSendsForTheNext) {
  build_next_line();
  access(0x1000, 0);
  EXPECT_FALSE(fast(0x1040, 500));
  EXPECT_EQ(access(0x1040, 500), 502u);
  EXPECT_EQ(below_kind(RequestKind::Prefetch), 2u);
  EXPECT_EQ(below.asked.back().request.address, PhysAddr{0x1080});
  EXPECT_TRUE(fast(0x1040, 700));
  EXPECT_EQ(access(0x1040, 700), 702u);
  EXPECT_EQ(below_kind(RequestKind::Prefetch), 2u);  // no more of it
  EXPECT_EQ(cache->prefetches_useful.value(), 1u);
  EXPECT_EQ(cache->prefetches_late.value(), 0u);
}

TEST_F(CachePrefetch, LateWhenDemandMeetsItUnderWay) {
  build_next_line();
  access(0x1000, 0);
  EXPECT_EQ(access(0x1040, 50), 102u);
  EXPECT_EQ(cache->prefetches_late.value(), 1u);
  EXPECT_EQ(access(0x1080, 150), 152u);  // fetched at 52: arrives at 152
  EXPECT_EQ(cache->prefetches_late.value(), 1u);
  EXPECT_EQ(cache->prefetches_useful.value(), 2u);
}

TEST_F(CachePrefetch, NeverLeavesThePage) {
  build_next_line({{"prefetcher", {{"type", "next_line"}, {"degree", 4}}}});
  access(0x1f80, 0);
  ASSERT_EQ(below.asked.size(), 2u);
  EXPECT_EQ(below.asked[1].request.address, PhysAddr{0x1fc0});
  EXPECT_EQ(cache->prefetches_dropped.value(), 0u);
}

TEST_F(CachePrefetch, LeavesTheLastMshrToDemand) {
  build_next_line({{"mshrs", 3}, {"prefetcher", {{"type", "next_line"}, {"degree", 4}}}});
  access(0x1000, 0);
  EXPECT_EQ(cache->prefetches_issued.value(), 1u);
  EXPECT_EQ(cache->prefetches_dropped.value(), 3u);
  EXPECT_TRUE(cache->submit(request_for(0x2000), Tick{0}).is_done());
  EXPECT_TRUE(cache->submit(request_for(0x3000), Tick{0}).is_refused());
}

TEST_F(CachePrefetch, PrefetchFromAboveIsRefusedRatherThanLost) {
  build({{"mshrs", 2}});
  access(0x1000, 0);
  Request above = request_for(0x2000, RequestKind::Prefetch, 64);
  above.want = Want::Line;
  EXPECT_TRUE(cache->submit(above, Tick{0}).is_refused());
  EXPECT_EQ(cache->submit(above, Tick{102 * cycle}).tick.value(), 204 * cycle);
  EXPECT_NE(cache->find(PhysAddr{0x2000}), LineState::Invalid);
}

TEST_F(CachePrefetch, RefusedBelowIsDropped) {
  build_next_line();
  access(0x1000, 0);
  below.refuse_until = Tick{1000 * cycle};
  EXPECT_EQ(access(0x1040, 200), 202u);  // the first use; its prefetch is not taken
  EXPECT_EQ(cache->prefetches_dropped.value(), 1u);
  EXPECT_EQ(cache->find(PhysAddr{0x1080}), LineState::Invalid);
}

TEST_F(CachePrefetch, UselessWhenItLeavesUnused) {
  build_next_line();
  access(0x1000, 0);      // brings 0x1040
  access(0x2000, 200);    // and 0x2040
  access(0x3000, 400);    // and 0x3040, in place of 0x1040
  EXPECT_EQ(cache->prefetches_useless.value(), 1u);
  cache->snoop(PhysAddr{0x2040}, Snoop::Share);
  EXPECT_EQ(cache->prefetches_useless.value(), 1u);
  cache->snoop(PhysAddr{0x2040}, Snoop::Take);
  EXPECT_EQ(cache->prefetches_useless.value(), 2u);
  cache->fence_i();
  EXPECT_EQ(cache->prefetches_useless.value(), 3u);
  EXPECT_EQ(cache->prefetches_issued.value(), 3u);
}

TEST_F(CachePrefetch, WalksWritebacksAndPrefetchesTrainNothing) {
  build_next_line();
  for (const auto kind : {RequestKind::Walk, RequestKind::Writeback, RequestKind::Prefetch})
    access(0x1000 * (1 + static_cast<u64>(kind)), 1000 * static_cast<u64>(kind), kind);
  EXPECT_EQ(cache->prefetches_issued.value(), 0u);
}

TEST_F(CachePrefetch, UncacheableLinesAreLeftOut) {
  uncacheable.add(PhysAddr{0x1040}, 0x40);
  build_next_line();
  access(0x1000, 0);
  EXPECT_EQ(below.asked.size(), 1u);
}

TEST_F(CachePrefetch, StrideSeesHitsThatWouldBeFast) {
  build({{"mshrs", 4}, {"prefetcher", {{"type", "stride"}, {"distance", 1}, {"degree", 1}}}});
  for (u64 i = 0; i < 3; ++i) {
    Request request = request_for(0x1000 + 8 * i);
    request.pc = 0x44;
    EXPECT_FALSE(fast(request.address.value(), i * 200));
    cache->submit(request, Tick{i * 200 * cycle});
  }
  EXPECT_EQ(below.asked.size(), 1u);
  Request request = request_for(0x1018);
  request.pc = 0x44;
  cache->submit(request, Tick{600 * cycle});
  ASSERT_EQ(below.asked.size(), 2u);
  EXPECT_EQ(below.asked[1].request.address, PhysAddr{0x1040});
}

// A walk through memory, and each of them covers most of it.
TEST_F(CachePrefetch, EveryOneCoversASequence) {
  for (const std::string& type : Prefetchers::names()) {
    cache.reset();
    build({{"size", "4KiB"}, {"ways", 4}, {"mshrs", 16}, {"prefetcher", {{"type", type}}}});
    u64 now = 0;
    for (u64 address = 0; address < 1 << 20; address += 16, now += 25) {
      Request request = request_for(address);
      request.pc = 0x1234;
      ASSERT_TRUE(cache->submit(request, Tick{now * cycle}).is_done());
    }
    const u64 misses = cache->misses[static_cast<unsigned>(RequestKind::Load)].value();
    const u64 useful = cache->prefetches_useful.value();
    EXPECT_EQ(misses + useful, u64{1 << 14}) << type;
    if (type == "none") {
      EXPECT_EQ(useful, 0u);
    } else {
      EXPECT_GT(useful, u64{1 << 14} * 80 / 100) << type;
      EXPECT_LT(cache->prefetches_useless.value(), u64{1 << 14} / 20) << type;
    }
  }
}

}  // namespace
}  // namespace orrery
