// What a description of a DRAM part may say: times, orders of address fields, sizes.
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "memory/dram_mapping.h"
#include "memory/dram_timing.h"
#include "tests/base/config_message.h"
#include "tests/memory/dram_fixture.h"

namespace orrery {
namespace {

TEST(DramTiming, TimesAndClocks) {
  DramTiming timing;  // 3200 MT/s: a clock is 625 ps
  EXPECT_EQ(timing.ticks("13.75ns"), 13'750u);
  EXPECT_EQ(timing.ticks("22nCK"), 13'750u);
  EXPECT_EQ(timing.ticks(" 22 nCK "), 13'750u);
  EXPECT_EQ(timing.ticks("max(4nCK, 7.5ns)"), 7'500u);
  EXPECT_EQ(timing.ticks("max(16nCK,7.5ns)"), 10'000u);
  EXPECT_EQ(timing.burst(), 2'500u);
  timing.data_rate = 6400;  // 312.5 ps: exact in sums
  EXPECT_EQ(timing.ticks("52nCK"), 16'250u);
  timing.transfers_per_clock = 8;
  EXPECT_EQ(timing.ticks("1nCK"), 1'250u);
  for (const char* wrong : {"", "22", "ns", "22 clocks", "nCK", "1.5nCK", "max(1ns)", "max(1ns, 2)", "max(1ns, 2ns", "-1ns", "2s", "9999999nCK"})
    EXPECT_FALSE(timing.ticks(wrong)) << wrong;
}

TEST(DramMapping, EveryBurstHasAPlaceOfItsOwn) {
  const DramGeometry geometry{4, 2, 4, 2, 16, 8, 2};
  for (const char* order : {"row:rank:bank:column:channel:burst", "row:rank:bank:column:group:channel:burst",
                            "channel:rank:row:column:group:bank:burst", "column:row:bank:channel:rank:group:burst"})
    for (const bool hash : {false, true}) {
      ASSERT_TRUE(DramMapping::is_order(order));
      const DramMapping mapping(geometry, order, hash);
      // As many bursts in each row as it has columns; twice the capacity has twice the rows.
      std::map<std::tuple<u32, u32, u64>, u64> bursts_of;
      for (u64 burst = 0; burst < 2 * 4 * 2 * 4 * 2 * 16 * 8; ++burst) {
        const DramPlace place = mapping.find(burst);
        ASSERT_LT(place.channel, 4u);
        ASSERT_EQ(place.bank / 8, place.rank);
        ASSERT_EQ(place.bank % 8 / 2, place.group);
        ++bursts_of[{place.channel, place.bank, place.row}];
        const DramPlace next = mapping.find(burst ^ 1);  // interleaved: stays
        ASSERT_EQ(std::tie(next.channel, next.bank, next.row), std::tie(place.channel, place.bank, place.row));
      }
      EXPECT_EQ(bursts_of.size(), 4u * 2 * 4 * 2 * 32);
      for (const auto& [place, count] : bursts_of) ASSERT_EQ(count, 8u);
    }
}

TEST(DramMapping, TheOrderIsTheOneWritten) {
  const DramGeometry geometry{2, 1, 4, 4, 16, 8, 1};
  const DramMapping mapping(geometry, "row:rank:bank:column:group:channel:burst", false);
  EXPECT_EQ(mapping.find(1).channel, 1u);
  EXPECT_EQ(mapping.find(2).group, 1u);
  EXPECT_EQ(mapping.find(8).bank, 0u);  // a column
  EXPECT_EQ(mapping.find(64).bank, 1u);
  EXPECT_EQ(mapping.find(256).row, 1u);
  // Without "group" its bits are the lowest of the bank.
  EXPECT_EQ(DramMapping(geometry, "row:rank:bank:column:channel:burst", false).find(16).group, 1u);
}

// Rows at the distance of a power of two meet in one bank, unless they are hashed.
TEST(DramMapping, HashSpreadsRowsOverBanks) {
  const DramGeometry geometry{1, 1, 4, 4, 1024, 8, 1};
  for (const bool hash : {false, true}) {
    const DramMapping mapping(geometry, "row:rank:bank:column:group:channel:burst", hash);
    for (u64 distance = 128; distance < u64{1} << 30; distance *= 2) {
      std::set<u32> banks;
      for (u64 i = 0; i < 16; ++i) banks.insert(mapping.find(i * distance).bank);
      EXPECT_EQ(banks.size(), hash ? 16u : 1u) << distance;
    }
  }
}

TEST(DramMapping, WrongOrdersAreRefused) {
  for (const char* wrong : {"", "burst", "row:rank:bank:column:channel", "row:rank:bank:column:channel:row:burst",
                            "row:rank:bank:column:chanel:burst", "row:rank:bank:column:burst:channel",
                            "row:rank:bank:group:group:column:channel:burst", "row::rank:bank:column:channel:burst"})
    EXPECT_FALSE(DramMapping::is_order(wrong)) << wrong;
}

struct DdrDescription : DdrTest {
  std::string complaint(const char* name, const Json& value) {
    return config_message([&] { build({{name, value}}); });
  }
};

TEST_F(DdrDescription, MistakesAreNamed) {
  EXPECT_EQ(complaint("tRCD", "13.75"),
            "test.tRCD: must be a time up to 1s as \"13.75ns\", in clocks as \"22nCK\", or the greater of two as "
            "\"max(4nCK, 7.5ns)\", found \"13.75\"");
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, Json>>{
           {"channels", 3}, {"channels", 0}, {"channels", 128}, {"ranks", 32}, {"bank_groups", 3}, {"banks", 0},
           {"rows", 1000}, {"row", "32B"}, {"row", "1000B"}, {"width", 12}, {"burst_length", 12}, {"burst_length", 0},
           {"data_rate", 0}, {"transfers_per_clock", 0}, {"interleave", "2KiB"}, {"mapping", "row"}, {"write_queue", 0},
           {"write_high", 17}, {"write_low", 8}, {"tREFI", "500ns"}, {"tRRD_L", "1ns"}, {"tCCD_L", "1ns"},
           {"tWTR_L", "1ns"}, {"scheduling", "fifo"}, {"row_policy", "shut"}, {"refresh", "on"}, {"controller", "2s"}})
    EXPECT_TRUE(complaint(name, value).starts_with("test." + std::string(name) + ":")) << name << ' ' << value;
}

}  // namespace
}  // namespace orrery
