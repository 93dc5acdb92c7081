// Why a cache misses, on streams made by hand: 8 lines in 4 sets of 2 ways.
#include <algorithm>
#include <list>
#include <set>

#include "base/random.h"
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

struct MissClassesTest : CacheFixture {
  struct Counts {
    u64 compulsory = 0, capacity = 0, conflict = 0, coherence = 0;
    bool operator==(const Counts&) const = default;
  };
  MissClassesTest() { build(); }
  void build(const Json& changes = Json::object()) {
    Json all = {{"classify_misses", true}};
    all.update(changes);
    cache.reset();
    CacheFixture::build(all);
  }

  u64 statistic(const char* name) const {
    return report_statistics(root, nullptr).at(std::string("machine.cache.") + name).get<u64>();
  }
  Counts counts() const {
    return {statistic("compulsory_misses"), statistic("capacity_misses"),
            statistic("conflict_misses"), statistic("coherence_misses")};
  }
  void touch(u64 line, RequestKind kind = RequestKind::Load) { access(line * 64, now += 1000, kind); }
  u64 now = 0;
};

void PrintTo(const MissClassesTest::Counts& c, std::ostream* out) {
  *out << c.compulsory << " compulsory, " << c.capacity << " capacity, " << c.conflict << " conflict, "
       << c.coherence << " coherence";
}

TEST_F(MissClassesTest, TheFirstTimeIsCompulsory) {
  for (u64 line = 0; line < 8; ++line) touch(line);
  for (u64 line = 0; line < 8; ++line) touch(line);
  EXPECT_EQ(counts(), (Counts{8, 0, 0, 0}));
}

// Three lines of one set of two ways; there is room for eight.
TEST_F(MissClassesTest, ASetThatIsTooSmallIsAConflict) {
  for (int round = 0; round < 5; ++round)
    for (const u64 line : {0, 4, 8}) touch(line);
  EXPECT_EQ(counts(), (Counts{3, 0, 12, 0}));
}

// Nine lines in turn, of which LRU never has the next one.
TEST_F(MissClassesTest, ACacheThatIsTooSmallIsCapacity) {
  for (int round = 0; round < 3; ++round)
    for (u64 line = 0; line < 12; ++line) touch(line);
  EXPECT_EQ(counts(), (Counts{12, 24, 0, 0}));
}

// Both caches are asked for the hits, too: line 0 stays recent by them.
TEST_F(MissClassesTest, HitsMakeALineRecent) {
  touch(0);
  for (u64 line = 1; line < 8; ++line) touch(line);  // all eight are in both
  EXPECT_FALSE(fast(0, now + 500));                  // nothing goes past the classes
  touch(0);
  touch(4);
  touch(8);   // set 0 has 4 and 8 now; the other cache has lost 1, the least recent
  touch(0);
  EXPECT_EQ(counts(), (Counts{9, 0, 1, 0}));
  touch(9);   // set 1 has 5 and 9; the other cache loses 2
  touch(1);
  EXPECT_EQ(counts(), (Counts{10, 1, 1, 0}));
}

TEST_F(MissClassesTest, WhatAnotherCacheTookIsCoherence) {
  touch(3);
  cache->snoop(PhysAddr{3 * 64}, Snoop::Take);
  touch(3);
  cache->snoop(PhysAddr{3 * 64}, Snoop::Share);  // it stays, shared
  touch(3);
  cache->snoop(PhysAddr{5 * 64}, Snoop::Take);   // has never been here
  touch(5);
  EXPECT_EQ(counts(), (Counts{2, 0, 0, 1}));
  for (const u64 line : {7, 11, 3}) touch(line);  // an eviction since then
  EXPECT_EQ(counts(), (Counts{4, 0, 1, 1}));
}

TEST_F(MissClassesTest, AnEmptiedCacheIsCoherence) {
  for (const u64 line : {0, 1, 4, 8}) touch(line);  // 0 is evicted
  cache->fence_i();
  for (const u64 line : {0, 1, 4, 8}) touch(line);
  EXPECT_EQ(counts(), (Counts{4, 0, 1, 3}));
}

TEST_F(MissClassesTest, PrefetchesBringLinesAndAreNotCounted) {
  touch(1, RequestKind::Prefetch);
  touch(1);
  touch(2, RequestKind::Writeback);  // passes by
  touch(2);
  EXPECT_EQ(counts(), (Counts{1, 0, 0, 0}));
}

TEST_F(MissClassesTest, StoresWithoutAllocationDoNotEnter) {
  build({{"write", "through"}, {"write_allocate", false}});
  for (int round = 0; round < 3; ++round) touch(1, RequestKind::Store);
  EXPECT_EQ(counts(), (Counts{3, 0, 0, 0}));
  touch(1);
  touch(1, RequestKind::Store);
  EXPECT_EQ(counts(), (Counts{4, 0, 0, 0}));
}

// Against the definitions, written down once more, and against a cache that does not classify.
TEST_F(MissClassesTest, RandomStreamsAgreeWithTheDefinitions) {
  Component plain_root{nullptr, "machine"};
  Cache plain(&plain_root, "cache", read_config<CacheConfig>(description()),
              Clock(Frequency{1'000'000'000}), below, uncacheable);
  Random random(5);
  std::set<u64> seen, gone;
  std::list<u64> lru;
  Counts expected;
  for (int i = 0; i < 20'000; ++i) {
    const u64 line = random.below(2) ? random.below(6) : random.below(24);
    if (random.below(40) == 0) {
      const bool here = cache->find(PhysAddr{line * 64}) != LineState::Invalid;
      cache->snoop(PhysAddr{line * 64}, Snoop::Take);
      plain.snoop(PhysAddr{line * 64}, Snoop::Take);
      if (here) gone.insert(line), lru.remove(line);
      continue;
    }
    const auto kind = random.below(3) ? RequestKind::Load : RequestKind::Store;
    const u64 before = misses();
    touch(line, kind);
    const Tick at{now * cycle};
    if (!plain.fast_hit(PhysAddr{line * 64}, 8, kind, at)) plain.submit(request_for(line * 64, kind), at);
    const bool in_lru = std::find(lru.begin(), lru.end(), line) != lru.end();
    if (misses() != before) {
      u64& count = gone.contains(line)    ? expected.coherence
                   : !seen.contains(line) ? expected.compulsory
                   : in_lru               ? expected.conflict
                                          : expected.capacity;
      ++count;
    }
    seen.insert(line);
    gone.erase(line);
    lru.remove(line);
    lru.push_front(line);
    if (lru.size() > 8) lru.pop_back();
  }
  EXPECT_EQ(counts(), expected);
  EXPECT_GT(std::min({expected.compulsory, expected.capacity, expected.conflict, expected.coherence}), 20u);
  const Json all = report_statistics(root, nullptr), without = report_statistics(plain_root, nullptr);
  for (const auto& [path, value] : without.items()) EXPECT_EQ(all.at(path), value) << path;
}

}  // namespace
}  // namespace orrery
