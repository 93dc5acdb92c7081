// The parts of tage_sc_l by themselves: paths, entries and their replacement, loops, parameters.
#include <gtest/gtest.h>

#include "base/json.h"
#include "models/predictor/direction.h"
#include "models/predictor/tage/loop.h"
#include "models/predictor/tage/tables.h"
#include "tests/base/config_message.h"
#include "tests/memory/mock_below.h"

namespace orrery::tage {
namespace {

TEST(TageLengths, GrowByAFactorFromFirstToLast) {
  EXPECT_EQ(geometric_lengths(4, 64, 5), (std::vector<u32>{4, 8, 16, 32, 64}));
  EXPECT_EQ(geometric_lengths(1, 4, 4), (std::vector<u32>{1, 2, 3, 4}));
  EXPECT_EQ(geometric_lengths(3, 3, 1), (std::vector<u32>{3}));
  for (u32 tables = 2; tables <= Tables::most_tables; ++tables)
    for (const u32 longest : {40u, 640u, 3000u}) {
      const std::vector<u32> lengths = geometric_lengths(4, longest, tables);
      EXPECT_EQ(lengths.front(), 4u);
      EXPECT_EQ(lengths.back(), longest);
      EXPECT_EQ(std::adjacent_find(lengths.begin(), lengths.end(), std::greater_equal<>()), lengths.end());
    }
}

u64 hash(const Path& path, std::size_t window) {
  std::vector<u64> hashes;
  path.each_hash([&](u64 value) { hashes.push_back(value); });
  return hashes.at(window);
}

TEST(TagePath, HashesExactlyItsWindow) {
  Path path({3, 8}), same({3, 8}), other({3, 8});
  for (int i = 0; i < 100; ++i) {
    path.push(static_cast<u8>(i * 7));
    same.push(static_cast<u8>(i * 5));
    other.push(static_cast<u8>(i * 5));
  }
  other.push(1);  // the eighth from the end
  same.push(2);
  path.push(2);
  for (u8 i = 0; i < 7; ++i) {
    path.push(i);
    same.push(i);
    other.push(i);
  }
  EXPECT_EQ(hash(path, 0), hash(same, 0));
  EXPECT_EQ(hash(path, 1), hash(same, 1));
  EXPECT_EQ(hash(path, 0), hash(other, 0));
  EXPECT_NE(hash(path, 1), hash(other, 1));
  path.push(9);
  other.push(9);
  EXPECT_EQ(hash(path, 1), hash(other, 1));
}

struct TageTablesTest : testing::Test {
  void build(const Json& json) { tables = std::make_unique<Tables>(read_config<TablesConfig>(json)); }
  Tables::Lookup look_up(u64 pc) {
    Tables::Lookup lookup;
    tables->look_up(pc, lookup);
    return lookup;
  }
  // One branch, as if nothing stood above the tables.
  Tables::Lookup run(u64 pc, bool taken) {
    const Tables::Lookup lookup = look_up(pc);
    tables->update(lookup, taken, lookup.taken == taken, random);
    return lookup;
  }
  Json saved() {
    Archive archive = Archive::saving("p");
    tables->state(archive);
    return archive.take();
  }
  // Entries that hold a tag.
  u64 used() {
    u64 result = 0;
    const Json state = saved();
    const auto& tags = state.at("tags").get_binary();
    for (std::size_t i = 0; i < tags.size(); i += 2) result += tags[i] != 0 || tags[i + 1] != 0;
    return result;
  }

  std::unique_ptr<Tables> tables;
  ShiftRegister random;
};

TEST_F(TageTablesTest, OnlyMispredictionsGetEntries) {
  build(Json::object());
  run(0x1000, false);
  run(0x1000, false);
  EXPECT_EQ(used(), 0u);
  EXPECT_EQ(look_up(0x1000).provider, Tables::base);
  run(0x1000, true);
  EXPECT_GE(used(), 1u);
  EXPECT_LE(used(), 2u);
  EXPECT_NE(look_up(0x1000).provider, Tables::base);
}

TEST_F(TageTablesTest, LongestMatchProvidesAndTheNextIsItsAlternate) {
  build({{"tables", 4}, {"shortest", 2}, {"longest", 16}});
  // The path stands still, so every table knows the branch in the end.
  for (int i = 0; i < 200; ++i) run(0x1000, i & 1);
  const Tables::Lookup lookup = look_up(0x1000);
  EXPECT_EQ(lookup.provider, 3);
  EXPECT_GE(lookup.alternate, 0);
  EXPECT_LT(lookup.alternate, 3);
  tables->push(1);  // another path: nobody knows it
  EXPECT_EQ(look_up(0x1000).provider, Tables::base);
}

TEST_F(TageTablesTest, UsefulEntriesStayUntilTheyAge) {
  // Two entries in one table: each branch maps to one of them.
  build({{"tables", 1}, {"entries", 2}, {"shortest", 1}, {"longest", 1}, {"age_after", 4}, {"base_entries", 2}, {"useful_bits", 1}});
  // 0x1000 goes against a base that 0x1008 shares: its entry becomes useful.
  for (int i = 0; i < 8; ++i) {
    run(0x1000, true);
    run(0x1008, false);
    run(0x1008, false);
    run(0x1008, false);
  }
  ASSERT_EQ(look_up(0x1000).provider, 0);
  // A rival for its entry: of two, the upper bit of what is mixed tells.
  const u64 mixed = look_up(0x1000).mixed[0];
  u64 rival = 0x1010;
  while (look_up(rival).mixed[0] >> 63 != mixed >> 63 || look_up(rival).provider != Tables::base) rival += 4;
  int survived = 0;
  for (; survived < 10 && look_up(0x1000).provider == 0; ++survived) {
    const Tables::Lookup lookup = look_up(rival);
    tables->update(lookup, !lookup.taken, false, random);
  }
  EXPECT_GE(survived, 4);
  EXPECT_LT(survived, 10);
}

struct LoopsTest : testing::Test {
  // Branches behind the same pc go on `trips` times and then end; true when the end was predicted.
  bool run(u32 trips) {
    bool right = true;
    for (u32 i = 0; i <= trips; ++i) {
      const bool taken = i != trips;
      const Loops::Lookup lookup = loops.look_up(0x1000);
      right = right && lookup.sure && lookup.taken == taken;
      // The others always say that it goes on.
      loops.update(0x1000, lookup, taken, true, lookup.sure ? lookup.taken == taken : taken, random);
    }
    return right;
  }
  LoopConfig config = read_config<LoopConfig>({{"sure_after", 3}, {"longest", 50}});
  Loops loops{config};
  ShiftRegister random;
};

TEST_F(LoopsTest, SureAfterAsManyEqualOnes) {
  while (loops.look_up(0x1000).entry == Loops::none) run(20);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(run(20)) << i;  // the first is measured, three confirm it
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(run(20)) << i;
}

TEST_F(LoopsTest, AnotherLengthIsFoundAnew) {
  for (int i = 0; i < 100; ++i) run(20);
  ASSERT_TRUE(run(20));
  EXPECT_FALSE(run(30));
  for (int i = 0; i < 60; ++i) run(30);
  EXPECT_TRUE(run(30));
}

TEST_F(LoopsTest, IrregularAndLongOnesAreNeverPredicted) {
  for (u32 i = 0; i < 300; ++i) EXPECT_FALSE(run(5 + i % 2));
  for (u32 i = 0; i < 300; ++i) EXPECT_FALSE(run(51));
}

TEST(TageConfig, ParametersAreBounded) {
  const auto read = [](Json json) {
    json["type"] = "tage_sc_l";
    read_config(json, DirectionPredictors::Choice("gshare"));
  };
  const auto complaint = [&](const Json& json) { return config_message([&] { read(json); }); };
  EXPECT_EQ(complaint({{"tage", {{"tables", 17}}}}), "test.tage.tables: must be 1..16, found 17");
  EXPECT_EQ(complaint({{"tage", {{"entries", 3}}}}),
            "test.tage.entries: must be a power of two from 2 to 1048576, found 3");
  EXPECT_EQ(complaint({{"tage", {{"base_entries", 0}}}}),
            "test.tage.base_entries: must be a power of two up to 16777216, found 0");
  EXPECT_EQ(complaint({{"tage", {{"tag_bits", 3}}}}), "test.tage.tag_bits: must be 4..16, found 3");
  EXPECT_EQ(complaint({{"tage", {{"shortest", 0}}}}), "test.tage.shortest: must be 1..1000, found 0");
  EXPECT_EQ(complaint({{"tage", {{"tables", 12}, {"shortest", 4}, {"longest", 14}}}}),
            "test.tage.longest: must be up to 4096, and leave each table a longer path than the one before, found 14");
  EXPECT_NO_THROW(read({{"tage", {{"tables", 12}, {"shortest", 4}, {"longest", 15}}}}));
  EXPECT_EQ(complaint({{"tage", {{"counter_bits", 8}}}}), "test.tage.counter_bits: must be 2..7, found 8");
  EXPECT_EQ(complaint({{"tage", {{"useful_bits", 0}}}}), "test.tage.useful_bits: must be 1..7, found 0");
  EXPECT_EQ(complaint({{"tage", {{"age_after", 0}}}}), "test.tage.age_after: must be 1..1048576, found 0");
  EXPECT_EQ(complaint({{"corrector", {{"global_tables", 4}, {"global_longest", 7}}}}),
            "test.corrector.global_longest: must be from twice the number of tables, and 4, to 64, found 7");
  EXPECT_EQ(complaint({{"corrector", {{"local_longest", 17}}}}),
            "test.corrector.local_longest: must be from twice the number of tables, and 4, to 16, found 17");
  EXPECT_EQ(complaint({{"corrector", {{"counter_bits", 9}}}}), "test.corrector.counter_bits: must be 2..8, found 9");
  EXPECT_EQ(complaint({{"loop", {{"entries", 60}}}}),
            "test.loop.entries: must be ways x a power of two, up to 65536, found 60");
  EXPECT_EQ(complaint({{"loop", {{"longest", 65535}}}}), "test.loop.longest: must be 1..65534, found 65535");
  EXPECT_EQ(complaint({{"loop", {{"sure_after", 0}}}}), "test.loop.sure_after: must be 1..255, found 0");
  EXPECT_NO_THROW(read({{"loop", nullptr}, {"corrector", nullptr}}));
}

}  // namespace
}  // namespace orrery::tage
