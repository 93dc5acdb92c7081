// Times of the `ddr` model: rows, banks, groups, ranks, turnaround, refresh, row policies.
#include "tests/memory/dram_fixture.h"

namespace orrery {
namespace {

constexpr u64 tCL = 20, tCWL = 16, tRCD = 10, tRP = 12, tRAS = 40, tRTP = 7, tWR = 15;
constexpr u64 miss = tRCD + tCL + burst_ns, hit = tCL + burst_ns, conflict = tRP + tRCD + tCL + burst_ns;

TEST_F(DdrTest, IdleLatenciesAreTheSumsOfTheirTimes) {
  build({{"controller", "100ns"}});
  EXPECT_EQ(done(address(0, 0, 0), 1000), 1000 + miss + 100);
  EXPECT_EQ(done(address(0, 0, 0, 1), 2000), 2000 + hit + 100);
  EXPECT_EQ(done(address(1, 0, 0), 3000), 3000 + conflict + 100);
  EXPECT_EQ(statistic("row_misses"), 1u);
  EXPECT_EQ(statistic("row_hits"), 1u);
  EXPECT_EQ(statistic("row_conflicts"), 1u);
  EXPECT_EQ(statistic("read_time"), (miss + hit + conflict + 300) * 1000);
}

TEST_F(DdrTest, RowStaysOpenForItsLeastTime) {
  build();
  done(address(0, 0, 0), 0);
  EXPECT_EQ(done(address(1, 0, 0), 20), tRAS + conflict);  // tRC, and on
}

TEST_F(DdrTest, ReadIsFinishedBeforeItsRowCloses) {
  build();
  done(address(0, 0, 0), 0);
  done(address(0, 0, 0, 1), 100);  // command at 100
  EXPECT_EQ(done(address(1, 0, 0), 101), 100 + tRTP + conflict);
}

TEST_F(DdrTest, WriteIsFinishedBeforeItsRowCloses) {
  build({{"write_high", 1}, {"write_low", 0}});
  write(address(0, 0, 0), 0);  // opened at 0, command at 10
  EXPECT_EQ(done(address(1, 0, 0), 1), tRCD + tCWL + burst_ns + tWR + conflict);
}

TEST_F(DdrTest, BankGroupsShareTheBusSoonerThanBanksOfOne) {
  build();
  for (u64 group = 0; group < 2; ++group)
    for (u64 column = 0; column < 1; ++column) done(address(0, 0, group, column), 0);
  EXPECT_EQ(done(address(0, 0, 0, 1), 1000), 1000 + hit);
  EXPECT_EQ(done(address(0, 0, 1, 1), 1000), 1000 + hit + 8);   // tCCD_S, a burst
  EXPECT_EQ(done(address(0, 0, 1, 2), 1000), 1000 + hit + 18);  // tCCD_L
}

TEST_F(DdrTest, OpeningsKeepTheirDistance) {
  build({{"banks", 4}, {"tCCD_S", "1ns"}, {"burst_length", 1}, {"width", 512}, {"tCCD_L", "1ns"}});
  const auto at = [](u64 bank, u64 group) { return (bank * 2 + group) * 1024; };
  const u64 first = tRCD + tCL + 1;
  EXPECT_EQ(done(at(0, 0), 0), first);
  EXPECT_EQ(done(at(0, 1), 0), first + 4);       // tRRD_S
  EXPECT_EQ(done(at(1, 1), 0), first + 10);      // tRRD_L
  EXPECT_EQ(done(at(1, 0), 0), first + 14);
  EXPECT_EQ(done(at(2, 0), 0), first + 50);      // the fifth: tFAW after the first
  EXPECT_EQ(done(at(2, 1), 0), first + 54);
}

TEST_F(DdrTest, RanksHaveBanksOfTheirOwnAndShareTheBus) {
  build({{"ranks", 2}});
  const u64 other_rank = 4 * 16 * 64;
  EXPECT_EQ(done(0, 0), miss);
  EXPECT_EQ(done(other_rank, 0), miss + burst_ns + 1);  // tRTRS
  EXPECT_EQ(done(64, 500), 500 + hit);
}

TEST_F(DdrTest, ChannelsHaveTheirOwnBus) {
  build({{"channels", 2}});
  EXPECT_EQ(done(0, 0), miss);
  EXPECT_EQ(done(64, 0), miss);
}

TEST_F(DdrTest, WideRequestsAreSeveralBursts) {
  build();
  EXPECT_EQ(done(0, 0, RequestKind::Load, 128), miss + 10);
  EXPECT_EQ(done(60, 1000, RequestKind::Load, 8), 1000 + hit + 10);  // across two
  EXPECT_EQ(statistic("bytes"), 136u);
}

TEST_F(DdrTest, TheBusTurnsRound) {
  build({{"write_high", 1}, {"write_low", 0}});
  done(address(0, 0, 0), 0), done(address(0, 0, 1), 0);
  // Data of the write from 1016 on, behind it the read: tWTR_L or tWTR_S, then tCL.
  write(address(0, 0, 0, 1), 1000);
  EXPECT_EQ(done(address(0, 0, 0, 2), 1000), 1000 + tCWL + burst_ns + 5 + hit);
  write(address(0, 0, 0, 3), 2000);
  EXPECT_EQ(done(address(0, 0, 1, 2), 2000), 2000 + tCWL + burst_ns + 3 + hit);
  // Data of the read 3020..3028, of the write 2 ns later, and the next read behind it.
  done(address(0, 0, 0, 4), 3000);
  write(address(0, 0, 0, 5), 3000);
  EXPECT_EQ(done(address(0, 0, 0, 6), 3000), 3028 + 2 + burst_ns + 5 + hit);
}

TEST_F(DdrTest, ClosedRowsAreOpenOnlyForThoseThatWait) {
  build({{"row_policy", "closed"}});
  done(address(0, 0, 0), 0);                                             // closes at tRAS
  EXPECT_EQ(done(address(0, 0, 0, 1), 20), 20 + hit);                    // came before that
  EXPECT_EQ(done(address(0, 0, 0, 2), 200), 200 + miss);
  EXPECT_EQ(done(address(1, 0, 0), 400), 400 + miss);                    // no conflict
  EXPECT_EQ(done(address(2, 0, 0), 401 + tRAS), 401 + tRAS + miss + tRP - 1);  // is just closing
}

TEST_F(DdrTest, RowsCloseAfterTheirTimeout) {
  build({{"row_policy", "timeout"}, {"row_timeout", "100ns"}});
  done(address(0, 0, 0), 0);                             // command at 10, closes at 110
  EXPECT_EQ(done(address(0, 0, 0, 1), 110), 110 + hit);  // closes at 210
  EXPECT_EQ(done(address(0, 0, 0, 2), 211), 211 + (tRP - 1) + miss);
  EXPECT_EQ(done(address(1, 0, 0), 300), 300 + conflict);
}

TEST_F(DdrTest, AdaptiveTimeoutsLearn) {
  build({{"row_policy", "adaptive"}, {"row_timeout", "100ns"}});
  u64 now = 0;
  // The same row every 300 ns: closed in vain at first, then kept.
  for (int i = 0; i < 20; ++i) done(address(0, 0, 0), now += 300);
  EXPECT_LE(statistic("row_misses"), 4u);
  // Another row every 300 ns: conflicts at first, then closed in time.
  for (u64 i = 1; i <= 20; ++i) done(address(i, 0, 0), now += 300);
  EXPECT_LE(statistic("row_conflicts"), 4u);
}

TEST_F(DdrTest, RefreshClosesRowsAndTakesItsTime) {
  build({{"refresh", "all_bank"}});
  done(address(0, 0, 0), 9000);
  EXPECT_EQ(done(address(0, 0, 0, 1), 9500), 9500 + hit);
  // At 10 us refresh begins. A read that could not close its row by then waits.
  EXPECT_EQ(done(address(0, 0, 0, 2), 10'000 - tRP - tRTP), 10'000 - tRP - tRTP + hit);
  EXPECT_EQ(done(address(0, 0, 0, 3), 10'000 - tRP - tRTP + 1), 10'300 + miss);
  EXPECT_EQ(statistic("refresh_waits"), 1u);
  EXPECT_EQ(done(address(0, 0, 1), 10'150), 10'300 + miss + burst_ns);  // its data behind the other's
  EXPECT_EQ(done(address(0, 0, 0), 20'300), 20'300 + miss);      // closed by the next
  EXPECT_EQ(statistic("row_conflicts"), 0u);
  EXPECT_EQ(statistic("refreshes"), 2u);
}

TEST_F(DdrTest, ARowIsNotOpenedWhereARefreshWouldCutItsTime) {
  build({{"refresh", "all_bank"}});
  EXPECT_EQ(done(address(0, 0, 0), 10'000 - tRP - tRAS), 10'000 - tRP - tRAS + miss);
  EXPECT_EQ(done(address(0, 1, 0), 10'000 - tRP - tRAS + 7), 10'300 + miss);
}

TEST_F(DdrTest, RefreshOfOneBankLeavesTheOthers) {
  build({{"refresh", "per_bank"}});
  EXPECT_EQ(done(address(0, 0, 0), 10'000), 10'200 + miss);
  EXPECT_EQ(done(address(0, 0, 1), 10'100), 10'100 + miss);  // bank 2 of the channel: from 15 us on
  EXPECT_EQ(done(address(1, 0, 1), 15'000), 15'200 + miss);
  EXPECT_EQ(statistic("refreshes"), 2u);  // and bank 1's, at 12.5 us
}

// Reads at every phase of tREFI: what they wait for in sum is tRFC, and the time before it in which
// no row can be opened and closed again.
TEST_F(DdrTest, RefreshStealsItsPartOfTheTime) {
  build({{"refresh", "all_bank"}, {"row_policy", "closed"}});
  u64 waited = 0;
  for (u64 refresh = 0; refresh < 10'000; ++refresh) {
    // One request an interval, at another phase each time.
    const u64 now = (refresh + 1) * 10'000 + refresh;
    waited += done(address(refresh % 512, refresh % 2, 0), now) - now - miss;
  }
  const u64 of_refresh = 300 * 301 / 2;
  u64 before = 0;
  for (u64 early = 1; early < tRP + tRAS; ++early) before += early + 300;
  EXPECT_EQ(waited, of_refresh + before);
  EXPECT_EQ(statistic("refreshes"), 9999u);
}

}  // namespace
}  // namespace orrery
