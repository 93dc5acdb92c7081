// Page-walk caches: what of a walk is left to read.
#include <gtest/gtest.h>

#include "memory/walk_cache.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

struct Walk {
  std::array<PhysAddr, 5> entries;
  u8 count = 0;
  u8 level = 0;
};

struct WalkCacheTest : testing::Test {
  static WalkCacheConfig config(u32 entries) {
    return read_config<WalkCacheConfig>({{"entries", entries}, {"ways", entries}});
  }
  // Entries left of a walk of three levels, named 1, 2, 3 from the root; of two for a page of 2 MiB.
  std::vector<u64> left(u64 address, u32 context = 0, u8 level = 0) {
    Walk walk;
    walk.level = level;
    walk.count = static_cast<u8>(3 - level);
    for (u64 i = 0; i < walk.count; ++i) walk.entries[i] = PhysAddr{i + 1};
    cache.shorten(address, context, walk);
    std::vector<u64> result;
    for (u8 i = 0; i < walk.count; ++i) result.push_back(walk.entries[i].value());
    return result;
  }

  using Left = std::vector<u64>;
  static constexpr u64 giga = u64{1} << 30, mega = 1 << 20;
  Component root{nullptr, "machine"};
  WalkCache cache{&root, "walk_cache", config(4)};
};

TEST_F(WalkCacheTest, WalkBeginsAtTheDeepestTableAtHand) {
  EXPECT_EQ(left(0), (Left{1, 2, 3}));
  EXPECT_EQ(left(0x1000), (Left{3}));
  EXPECT_EQ(left(2 * mega - 1), (Left{3}));
  EXPECT_EQ(left(2 * mega), (Left{2, 3}));
  EXPECT_EQ(left(2 * mega), (Left{3}));
  EXPECT_EQ(left(giga), (Left{1, 2, 3}));
  EXPECT_EQ(cache.hits.value(), 4u);
  EXPECT_EQ(cache.misses.value(), 2u);
  EXPECT_EQ(cache.skipped.value(), 2u + 2 + 1 + 2);
}

TEST_F(WalkCacheTest, ThePagesOwnEntryIsAlwaysRead) {
  EXPECT_EQ(left(0, 0, 1), (Left{1, 2}));
  EXPECT_EQ(left(0, 0, 1), (Left{2}));
  EXPECT_EQ(left(2 * mega, 0, 1), (Left{2}));
  EXPECT_EQ(left(4 * mega), (Left{2, 3}));  // the root's entry serves all pages below it
  EXPECT_EQ(left(0, 0, 2), (Left{1}));      // a page of 1 GiB
}

TEST_F(WalkCacheTest, ContextsAreApart) {
  EXPECT_EQ(left(0, 1), (Left{1, 2, 3}));
  EXPECT_EQ(left(0, 2), (Left{1, 2, 3}));
  EXPECT_EQ(left(0, 1), (Left{3}));
}

TEST_F(WalkCacheTest, OldestEntryMakesRoom) {
  left(0);         // two of the four entries
  left(giga);      // all
  left(2 * giga);  // in place of the first two
  EXPECT_EQ(left(giga), (Left{3}));
  EXPECT_EQ(left(0), (Left{1, 2, 3}));
}

TEST_F(WalkCacheTest, FlushEmpties) {
  left(0);
  cache.flush();
  EXPECT_EQ(left(0), (Left{1, 2, 3}));
}

TEST_F(WalkCacheTest, StateComesBack) {
  left(0, 3);
  Archive saving = Archive::saving("walk_cache");
  cache.state(saving);
  const Json saved = saving.take();
  cache.flush();
  Archive loading = Archive::loading("walk_cache", saved);
  cache.state(loading);
  loading.finish();
  EXPECT_EQ(left(0, 3), (Left{3}));
}

}  // namespace
}  // namespace orrery
