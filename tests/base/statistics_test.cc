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
  Histogram distance{this, "distance", "accesses", "how far", Buckets::linear(3)};
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

std::vector<std::string> names(const Buckets& buckets) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < buckets.size(); ++i) result.push_back(buckets.name(i));
  return result;
}

TEST(Buckets, HoldTheValuesThatTheirNamesSay) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(Buckets::linear(3)), (Names{"0", "1", "2+"}));
  EXPECT_EQ(names(Buckets::linear(3, 4)), (Names{"0-3", "4-7", "8+"}));
  EXPECT_EQ(names(Buckets::log2(5)), (Names{"0", "1", "2-3", "4-7", "8+"}));
  EXPECT_EQ(names(Buckets::up_to(64, 4)), (Names{"0-31", "32-63", "64+"}));
  EXPECT_EQ(names(Buckets::up_to(3, 16)), (Names{"0", "1", "2", "3+"}));
  for (const Buckets& b : {Buckets::linear(7), Buckets::linear(5, 8), Buckets::log2(9), Buckets::log2(65)})
    for (u64 value = 0; value < 300; ++value) {
      const std::string name = b.name(b.of(value));
      const std::size_t dash = name.find('-');
      const u64 first = std::stoull(name);
      EXPECT_LE(first, value) << name;
      if (dash != name.npos) {
        EXPECT_GE(std::stoull(name.substr(dash + 1)), value) << name;
      } else if (name.back() != '+') {
        EXPECT_EQ(first, value);
      }
    }
  EXPECT_EQ(Buckets::log2(65).of(~u64{0}), 64u);
  EXPECT_EQ(Buckets::linear(2).of(~u64{0}), 1u);
}

TEST(Statistics, AHistogramWeighsAndNamesItsBuckets) {
  Component root{nullptr, "machine"};
  Histogram held{&root, "held", "cycles", "entries in use", Buckets::log2(4)};
  held.add(0, 10);
  held.add(3, 5);
  const StatisticsSnapshot begin = snapshot_statistics(root);
  held.add(2, 7);
  held.add(1000, 2);
  EXPECT_EQ(report_statistics(root, nullptr)["machine.held"], Json({10, 0, 12, 2}));
  EXPECT_EQ(report_statistics(root, &begin)["machine.held"], Json({0, 0, 7, 2}));
  EXPECT_EQ(describe_statistics(root)["machine.held"]["buckets"], Json({"0", "1", "2-3", "4+"}));
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
  EXPECT_DEATH(Histogram(&t.cache, "empty", "u", "t", Buckets::linear(0)), "without buckets");
}

}  // namespace
}  // namespace orrery
