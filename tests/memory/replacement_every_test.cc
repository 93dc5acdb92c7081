// What holds for every registered replacement policy.
#include <gtest/gtest.h>

#include "memory/tag_array.h"
#include "tests/memory/hostile.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

struct EveryReplacement : testing::TestWithParam<std::string> {
  static std::unique_ptr<TagArray> array(u32 sets = 8, u32 ways = 6) {
    const auto choice = read_config(Json{{"type", GetParam()}}, ReplacementPolicies::Choice("lru"));
    return std::make_unique<TagArray>(CacheGeometry{sets, ways}, choice);
  }

  // One random access; the entry it ends at. With `skip`, settled hits are left out.
  static std::size_t step(TagArray& tags, Random& random, bool skip = false) {
    const u64 key = random.below(3) ? random.below(60) : random.below(2000);
    const Use use{random.below(16) * 4, static_cast<RequestKind>(random.below(request_kinds))};
    if (random.below(50) == 0) {
      if (const std::size_t entry = tags.find(key); entry != TagArray::none) tags.remove(entry);
    }
    if (skip && tags.find_recent(key) != TagArray::none) return tags.find_recent(key);
    std::size_t entry = tags.find(key);
    if (entry != TagArray::none) {
      tags.touch(entry, use);
    } else {
      entry = tags.room_for(key);
      EXPECT_LT(entry, tags.size());
      EXPECT_EQ(entry / 6, key % 8);  // a way of its set
      tags.put(entry, key, use);
    }
    return entry;
  }
  static Json saved(TagArray& tags) {
    Archive a = Archive::saving("tags");
    tags.state(a);
    return a.take();
  }
};

TEST_P(EveryReplacement, SettledHitsChangeNothing) {
  const auto all = array(), some = array();
  Random random(1), same(1);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(step(*all, random), step(*some, same, true)) << i;
  EXPECT_EQ(differences(saved(*all), saved(*some), 10), std::vector<std::string>{});
}

TEST_P(EveryReplacement, RestoredEqualsKeptRunning) {
  const auto kept = array(), restored = array();
  Random random(2), same(2);
  for (int i = 0; i < 3000; ++i) step(*kept, random);
  same.words() = random.words();
  const Json state = saved(*kept);
  Archive loading = Archive::loading("tags", state);
  restored->state(loading);
  loading.finish();
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(step(*kept, random), step(*restored, same)) << i;
  EXPECT_EQ(differences(saved(*kept), saved(*restored), 10), std::vector<std::string>{});
}

TEST_P(EveryReplacement, HostileStateIsRefusedOrRuns) {
  const auto good = array();
  Random random(3);
  for (int i = 0; i < 1000; ++i) step(*good, random);
  const Json state = saved(*good);
  for (int i = 0; i < 200; ++i) {
    const auto victim = array();
    const Json bad = damaged(state, random);
    try {
      Archive loading = Archive::loading("tags", bad);
      victim->state(loading);
    } catch (const ConfigError&) {
      continue;
    }
    for (u64 key = 0; key < 500; ++key)
      if (victim->find(key) == TagArray::none) {
        const std::size_t entry = victim->room_for(key);
        ASSERT_LT(entry, victim->size());
        victim->put(entry, key);
      }
  }
}

TEST_P(EveryReplacement, ExtremeShapesWork) {
  for (const auto& [sets, ways] : {std::pair{1u, 1u}, {1u, 16u}, {64u, 1u}, {2u, 3u}}) {
    const auto tags = array(sets, ways);
    Random random(4);
    for (int i = 0; i < 2000; ++i) {
      const u64 key = random.below(u64{3} * sets * ways);
      if (const std::size_t entry = tags->find(key); entry != TagArray::none) {
        tags->touch(entry);
      } else {
        tags->put(tags->room_for(key), key);
      }
      ASSERT_NE(tags->find(key), TagArray::none);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryReplacement, testing::ValuesIn(ReplacementPolicies::names()));

}  // namespace
}  // namespace orrery
