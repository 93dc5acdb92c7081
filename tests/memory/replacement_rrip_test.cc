// The RRIP family: values and victims by hand, and what each member is good at.
#include <gtest/gtest.h>

#include "base/random.h"
#include "memory/tag_array.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

ReplacementPolicies::Choice choice(const Json& json) {
  return read_config(json, ReplacementPolicies::Choice("lru"));
}

// Counts hits of a sequence of keys.
struct Tags {
  Tags(const Json& policy, u32 sets, u32 ways) : array({sets, ways}, choice(policy)) {}

  bool use(u64 key, u64 pc = 0) {
    const Use how{pc, RequestKind::Load};
    if (const std::size_t entry = array.find(key); entry != TagArray::none) {
      array.touch(entry, how);
      ++hits;
      return true;
    }
    array.put(array.room_for(key), key, how);
    return false;
  }

  TagArray array;
  u64 hits = 0;
};

TEST(Rrip, SrripVictimsByHand) {
  const auto srrip = choice({{"type", "srrip"}}).create({2, 4});
  for (u32 way = 0; way < 4; ++way) EXPECT_FALSE(srrip->fill(1, way, {}));  // 2 2 2 2
  EXPECT_TRUE(srrip->hit(1, 1, {}));                                         // 2 0 2 2
  EXPECT_EQ(srrip->victim(1), 0u);                                           // 3 1 3 3
  srrip->fill(1, 0, {});                                                     // 2 1 3 3
  EXPECT_EQ(srrip->victim(1), 2u);
  srrip->fill(1, 2, {});                                                     // 2 1 2 3
  EXPECT_EQ(srrip->victim(1), 3u);
  srrip->fill(1, 3, {});                                                     // 2 1 2 2
  EXPECT_EQ(srrip->victim(1), 0u);                                           // 3 2 3 3
  srrip->fill(1, 0, {});                                                     // 2 2 3 3
  srrip->hit(1, 2, {});                                                      // 2 2 0 3
  srrip->hit(1, 3, {});                                                      // 2 2 0 0
  EXPECT_EQ(srrip->victim(1), 0u);                                           // 3 3 1 1
  srrip->fill(1, 0, {});
  EXPECT_EQ(srrip->victim(1), 1u);
}

TEST(Rrip, WritebacksAndPrefetchesAreNoUses) {
  for (const char* type : {"srrip", "drrip", "ship"}) {
    const auto policy = choice({{"type", type}}).create({1, 2});
    policy->fill(0, 0, {});
    policy->fill(0, 1, {});
    EXPECT_FALSE(policy->hit(0, 0, {0, RequestKind::Writeback})) << type;
    EXPECT_FALSE(policy->hit(0, 0, {0, RequestKind::Prefetch})) << type;
    EXPECT_TRUE(policy->hit(0, 1, {})) << type;
    EXPECT_EQ(policy->victim(0), 0u) << type;
  }
}

// 8 hot lines, used twice and then between scans of 12 new ones: LRU loses them each time.
TEST(Rrip, SrripKeepsTheHotLinesOfAScan) {
  const auto hits = [](const char* type) {
    Tags tags({{"type", type}}, 1, 16);
    u64 next = 1000;
    for (u64 line = 0; line < 8; ++line) tags.use(line);
    for (int round = 0; round < 50; ++round) {
      for (u64 line = 0; line < 8; ++line) tags.use(line);
      for (int i = 0; i < 12; ++i) tags.use(next++);
    }
    return tags.hits;
  };
  EXPECT_EQ(hits("lru"), 8u);
  EXPECT_EQ(hits("srrip"), 50u * 8);
}

// A loop of twice what fits, which SRRIP never hits.
u64 loop_hits(const Json& policy) {
  Tags tags(policy, 64, 16);
  for (int round = 0; round < 50; ++round)
    for (u64 line = 0; line < 2048; ++line) tags.use(line);
  return tags.hits;
}

// Every line is used a second time when its set has seen two others, and never again: what comes in as
// distant is gone by then.
u64 second_use_hits(const Json& policy) {
  Tags tags(policy, 64, 16);
  for (u64 line = 128; line < 50'000; ++line) {
    tags.use(line);
    tags.use(line - 128);
  }
  return tags.hits;
}

TEST(Rrip, DrripFollowsTheBetterSide) {
  const Json srrip = {{"type", "srrip"}}, drrip = {{"type", "drrip"}, {"leader_sets", 4}};
  EXPECT_EQ(loop_hits(srrip), 0u);
  EXPECT_GT(loop_hits(drrip), 40'000u);  // of the 51,200 that could hit at best
  EXPECT_GT(second_use_hits(srrip), 40'000u);
  EXPECT_GT(second_use_hits(drrip), second_use_hits(srrip) * 92 / 100);  // 60 of 64 sets
}

TEST(Rrip, DrripPrefetchesDoNotVote) {
  const auto psel = [](RequestKind kind) {
    const auto drrip = choice({{"type", "drrip"}, {"leader_sets", 1}}).create({2, 1});
    for (int i = 0; i < 3; ++i) drrip->fill(0, 0, {0, kind});  // set 0 leads for SRRIP
    Archive a = Archive::saving("drrip");
    drrip->state(a);
    return a.take()["psel"].get<u64>();
  };
  EXPECT_EQ(psel(RequestKind::Prefetch), 511u);
  EXPECT_EQ(psel(RequestKind::Load), 514u);
}

TEST(Rrip, DrripWithOneSetIsSrrip) {
  Tags drrip({{"type", "drrip"}}, 1, 8), srrip({{"type", "srrip"}}, 1, 8);
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const u64 key = random.below(20);
    ASSERT_EQ(drrip.use(key), srrip.use(key)) << i;
  }
}

TEST(Rrip, ShipLearnsWhoseLinesAreDead) {
  const auto ship = choice({{"type", "ship"}}).create({1, 2});
  const Use scan{0x100, RequestKind::Load}, hot{0x200, RequestKind::Load};
  ship->fill(0, 0, scan);             // unknown: far, 2
  ship->fill(0, 1, hot);              // 2 2
  ship->hit(0, 1, hot);               // 2 0
  EXPECT_EQ(ship->victim(0), 0u);     // 3 1, and the scan's lines are dead
  ship->fill(0, 0, scan);             // 3 1
  EXPECT_EQ(ship->victim(0), 0u);
  ship->fill(0, 0, hot);              // 2 1
  EXPECT_EQ(ship->victim(0), 0u);     // 3 2
  ship->fill(0, 0, scan);             // 3 2
  ship->hit(0, 0, scan);              // 0 2, and they are not
  EXPECT_EQ(ship->victim(0), 1u);     // 1 3
  ship->fill(0, 1, scan);             // 1 2
  ship->hit(0, 0, {0x100, RequestKind::Load});
  EXPECT_EQ(ship->victim(0), 1u);
}

// Scans long enough to age the hot lines out of SRRIP.
TEST(Rrip, ShipKeepsWhatLongScansTakeFromSrrip) {
  const auto hits = [](const char* type) {
    Tags tags({{"type", type}}, 1, 8);
    u64 next = 1000;
    for (int round = 0; round < 50; ++round) {
      for (int twice = 0; twice < 2; ++twice)
        for (u64 line = 0; line < 4; ++line) tags.use(line, 0x100 + line);
      for (int i = 0; i < 64; ++i) tags.use(next++, 0x4000);
    }
    return tags.hits;
  };
  EXPECT_EQ(hits("srrip"), 50u * 4);
  EXPECT_EQ(hits("ship"), 50u * 8 - 4);
}

}  // namespace
}  // namespace orrery
