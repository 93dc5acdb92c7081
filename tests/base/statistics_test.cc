// Statistics: the declaration is the whole addition; a region is a difference of snapshots.
#include "base/statistics.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace orrery {
namespace {

struct Cache : Component {
  using Component::Component;
  Counter hits{this, "hits", "accesses", "found"};
  Counter misses{this, "misses", "accesses", "not found"};
  Ratio miss_ratio{this, "miss_ratio", "misses per access", {&misses}, {&hits, &misses}, "how bad"};
  Histogram distance{this, "distance", "accesses", "how far", 3};
};

struct Tree {
  Component root{nullptr, "machine"};
  Cache cache{&root, "l1d"};
};

TEST(Statistics, ReportIsFlatAndNamedByPath) {
  Tree t;
  t.cache.hits += 3;
  ++t.cache.misses;
  t.cache.distance.add(1);
  t.cache.distance.add(99);
  EXPECT_EQ(report_statistics(t.root, nullptr).dump(),
            R"({"machine.l1d.hits":3,"machine.l1d.misses":1,"machine.l1d.miss_ratio":0.25,)"
            R"("machine.l1d.distance":[0,1,1]})");
}

TEST(Statistics, ARegionIsADifferenceOfSnapshots) {
  Tree t;
  t.cache.hits += 100;
  t.cache.distance.add(0);
  const StatisticsSnapshot begin = snapshot_statistics(t.root);
  t.cache.hits += 1;
  t.cache.misses += 3;
  t.cache.distance.add(0);
  const Json region = report_statistics(t.root, &begin);
  EXPECT_EQ(region["machine.l1d.hits"], 1u);
  EXPECT_EQ(region["machine.l1d.miss_ratio"], 0.75);
  EXPECT_EQ(region["machine.l1d.distance"], Json({1, 0, 0}));
}

TEST(Statistics, AnEmptyBaseIsZero) {
  Tree t;
  EXPECT_EQ(report_statistics(t.root, nullptr)["machine.l1d.miss_ratio"], 0.0);
}

TEST(Statistics, AResetAfterTheSnapshotDoesNotUnderflow) {
  Tree t;
  t.cache.hits += 100;
  t.cache.distance.add(0);
  const StatisticsSnapshot begin = snapshot_statistics(t.root);
  reset_statistics(t.root);
  t.cache.hits += 2;
  const Json region = report_statistics(t.root, &begin);
  EXPECT_EQ(region["machine.l1d.hits"], 2u);
  EXPECT_EQ(region["machine.l1d.distance"], Json({0, 0, 0}));
}

TEST(Statistics, WhatWasBornAfterTheSnapshotCountsWhole) {
  Tree t;
  const StatisticsSnapshot begin = snapshot_statistics(t.root);
  Cache late(&t.root, "late");
  late.hits += 5;
  EXPECT_EQ(report_statistics(t.root, &begin)["machine.late.hits"], 5u);
}

TEST(Statistics, EveryOneHasUnitAndText) {
  Tree t;
  const Json described = describe_statistics(t.root);
  EXPECT_EQ(described.size(), 4u);
  for (const auto& [path, entry] : described.items()) {
    EXPECT_FALSE(entry["unit"].get<std::string>().empty()) << path;
    EXPECT_FALSE(entry["text"].get<std::string>().empty()) << path;
  }
}

TEST(StatisticsDeathTest, DefectsEndTheProgram) {
  Tree t;
  EXPECT_DEATH(Counter(&t.cache, "hits", "u", "t"), "two statistics machine.l1d.hits");
  EXPECT_DEATH(Histogram(&t.cache, "empty", "u", "t", 0), "without buckets");
}

}  // namespace
}  // namespace orrery
