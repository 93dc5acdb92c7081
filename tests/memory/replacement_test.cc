// Which way each policy gives up.
#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "memory/replacement.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

std::unique_ptr<ReplacementPolicy> policy(const char* type, u32 sets, u32 ways) {
  return read_config(Json{{"type", type}}, ReplacementPolicies::Choice("lru")).create({sets, ways});
}

TEST(Replacement, LruGivesUpTheOldest) {
  const auto lru = policy("lru", 2, 4);
  for (const u32 way : {2u, 0u, 3u, 1u}) lru->fill(1, way, {});
  EXPECT_EQ(lru->victim(1), 2u);
  lru->hit(1, 2, {});
  EXPECT_EQ(lru->victim(1), 0u);
  lru->hit(1, 2, {});  // again: nothing changes
  EXPECT_EQ(lru->victim(1), 0u);
}

TEST(Replacement, LruIsExactAgainstAList) {
  const auto lru = policy("lru", 1, 16);
  std::vector<u32> order(16);  // oldest first
  for (u32 i = 0; i < 16; ++i) lru->fill(0, order[i] = i, {});
  Random random(5);
  for (int i = 0; i < 10'000; ++i) {
    const auto way = static_cast<u32>(random.below(16));
    std::erase(order, way);
    order.push_back(way);
    lru->hit(0, way, {});
    ASSERT_EQ(lru->victim(0), order.front());
  }
}

TEST(Replacement, TreePlruPointsAwayFromTheLastTouch) {
  const auto plru = policy("tree_plru", 1, 4);
  for (const u32 way : {0u, 1u, 2u, 3u}) plru->fill(0, way, {});
  EXPECT_EQ(plru->victim(0), 0u);
  plru->hit(0, 0, {});
  EXPECT_EQ(plru->victim(0), 2u);
  plru->hit(0, 2, {});
  EXPECT_EQ(plru->victim(0), 1u);
}

TEST(Replacement, TreePlruNeverGivesUpTheLastTouched) {
  for (const u32 ways : {2u, 3u, 5u, 6u, 8u, 12u}) {
    const auto plru = policy("tree_plru", 1, ways);
    Random random(ways);
    for (int i = 0; i < 1000; ++i) {
      const auto way = static_cast<u32>(random.below(ways));
      plru->hit(0, way, {});
      ASSERT_LT(plru->victim(0), ways);
      ASSERT_NE(plru->victim(0), way);
    }
  }
}

TEST(Replacement, RandomUsesEveryWay) {
  const auto random = policy("random", 1, 4);
  std::map<u32, int> counts;
  for (int i = 0; i < 4000; ++i) ++counts[random->victim(0)];
  ASSERT_EQ(counts.size(), 4u);
  for (const auto& [way, count] : counts) EXPECT_NEAR(count, 1000, 150) << way;
}

TEST(Replacement, UnknownPolicyIsAMistakeWithItsPath) {
  try {
    policy("lruu", 1, 1);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("test.type: unknown \"lruu\""), std::string::npos);
  }
}

}  // namespace
}  // namespace orrery
