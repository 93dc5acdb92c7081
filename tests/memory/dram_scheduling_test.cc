// What the `ddr` model puts before what: row hits, the write queue, and that promises can be kept.
#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "tests/memory/dram_fixture.h"

namespace orrery {
namespace {

constexpr u64 tCL = 20, tCWL = 16, tRCD = 10, tRP = 12, tRTP = 7;
constexpr u64 miss = tRCD + tCL + burst_ns, hit = tCL + burst_ns;

TEST_F(DdrTest, RowHitsGoBeforeAConflictThatHasToWait) {
  build();
  EXPECT_EQ(done(address(0, 0, 0, 0), 0), miss);                            // open until tRAS at least
  const u64 conflict = done(address(1, 0, 0), 1);
  EXPECT_EQ(conflict, 40 + tRP + miss);
  EXPECT_EQ(done(address(0, 0, 0, 1), 2), miss + 10);                       // row 0, before it
  EXPECT_EQ(done(address(0, 0, 0, 2), 3), miss + 20);                       // its command at 30, tRTP before 40
  EXPECT_GT(done(address(0, 0, 0, 3), 4), conflict);                        // no room for another
  EXPECT_EQ(statistic("row_hits"), 2u);
}

// Two streams in two rows of one bank, in turn.
TEST_F(DdrTest, InterleavedStreamsHitMoreOftenThanInOrder) {
  std::map<std::string, u64> hits, end;
  for (const char* scheduling : {"fcfs", "frfcfs"}) {
    build({{"scheduling", scheduling}});
    for (u64 i = 0; i < 2000; ++i) {
      const u64 row = i % 2 + i / 32 * 2;
      end[scheduling] = std::max(end[scheduling], done(address(row, 0, 0, i / 2 % 16), i * 15));
    }
    hits[scheduling] = statistic("row_hits");
  }
  EXPECT_EQ(hits["fcfs"], 0u);
  EXPECT_GT(hits["frfcfs"], 900u);
  EXPECT_LT(end["frfcfs"], end["fcfs"] * 3 / 4);
}

TEST_F(DdrTest, InOrderMeansDataInOrder) {
  build({{"scheduling", "fcfs"}});
  Random random(3);
  u64 last = 0;
  for (u64 i = 0; i < 2000; ++i) {
    const u64 end = done(random.below(1 << 20) / 64 * 64, i * 20);
    EXPECT_GE(end, last + burst_ns);
    last = end;
  }
}

// Whatever is put between what was promised: the answers, which nobody changes afterwards, are
// those of a bus and banks that keep their times.
TEST_F(DdrTest, AllPromisesTogetherKeepTheTimesOfThePart) {
  for (const char* policy : {"open", "closed", "timeout", "adaptive"}) {
    build({{"row_policy", policy}, {"refresh", "all_bank"}});
    Random random(4);
    struct Read {
      u64 data, row, bank;
    };
    std::vector<Read> reads;
    for (u64 i = 0, now = 0; i < 20'000; ++i) {
      now += random.below(i % 1000 < 500 ? 10 : 30);
      const u64 row = random.below(4), bank = random.below(4);
      const u64 late = random.below(8);  // callers are out of step
      const u64 end = done(address(row, bank / 2, bank % 2, random.below(16)), now + 8 - late);
      ASSERT_GE(end, now + 8 - late + hit);
      reads.push_back({end - burst_ns, row, bank});
    }
    std::sort(reads.begin(), reads.end(), [](const Read& a, const Read& b) { return a.data < b.data; });
    u64 changes = 0;
    std::map<u64, Read> last_of_bank, last_of_group;
    for (std::size_t i = 0; i < reads.size(); ++i) {
      const Read& read = reads[i];
      if (i > 0) { ASSERT_GE(read.data, reads[i - 1].data + burst_ns); }
      const auto group = last_of_group.find(read.bank % 2);
      if (group != last_of_group.end()) { ASSERT_GE(read.data, group->second.data + 10); }
      const auto bank = last_of_bank.find(read.bank);
      if (bank != last_of_bank.end() && bank->second.row != read.row) {
        ++changes;
        ASSERT_GE(read.data, bank->second.data + tRTP + tRP + tRCD);
      }
      const u64 command = read.data - tCL;
      // No command in a refresh, nor sooner behind it than a row is opened.
      if (command >= 10'000) { ASSERT_GE(command % 10'000, 300 + tRCD); }
      last_of_bank[read.bank] = last_of_group[read.bank % 2] = read;
    }
    EXPECT_LE(changes, statistic("row_misses") + statistic("row_conflicts"));
    EXPECT_GT(statistic("row_hits"), 1000u);
  }
}

TEST_F(DdrTest, WritesWaitUntilThereAreEnoughThenGoTogether) {
  build();
  u64 n = 0;
  const auto write_next = [&](u64 now) { return write(address(0, 0, 0, n++), now); };
  for (int i = 0; i < 7; ++i) EXPECT_EQ(write_next(100), 100u);  // taken at once
  EXPECT_EQ(done(address(1, 1, 0), 100), 100 + miss);            // not disturbed
  EXPECT_EQ(statistic("drains"), 0u);
  write_next(200);  // the eighth: six are drained, two stay
  EXPECT_EQ(statistic("drains"), 1u);
  EXPECT_EQ(statistic("written"), 6u);
  EXPECT_EQ(statistic("row_hits"), 5u);
  // Data from 226 on, one every tCCD_L_WR; a read waits for the last and tWTR_S.
  EXPECT_EQ(done(address(0, 0, 1), 201), 200 + tRCD + tCWL + 5 * 11 + burst_ns + 3 + hit);
  for (int i = 0; i < 5; ++i) write_next(1000);
  EXPECT_EQ(statistic("drains"), 1u);  // seven wait
  write_next(1000);
  EXPECT_EQ(statistic("drains"), 2u);
  EXPECT_EQ(statistic("written"), 12u);
}

TEST_F(DdrTest, ADrainComesBehindTheReadsPromised) {
  build();
  for (u64 i = 0; i < 7; ++i) write(address(0, 0, 0, i), 0);
  u64 last = 0;
  for (u64 i = 0; i < 4; ++i) last = done(address(i, 1, 1), 0);  // conflicts, one after the other
  write(address(0, 0, 0, 7), 1);
  // The next read of another bank still finds gaps before the writes.
  EXPECT_LT(done(address(0, 1, 0), 2), last);
  // One that finds none comes behind them.
  EXPECT_EQ(done(address(9, 1, 1), 3), last + 2 + burst_ns + 5 * 11 + 3 + hit);
}

TEST_F(DdrTest, ADrainServesOpenRowsFirst) {
  for (const char* scheduling : {"fcfs", "frfcfs"}) {
    build({{"scheduling", scheduling}, {"write_low", 0}});
    done(address(5, 0, 0), 0);
    for (u64 i = 0; i < 8; ++i) write(address(i % 2 ? 5 : 6, 0, 0, i), 100);
    EXPECT_EQ(statistic("row_conflicts"), std::string(scheduling) == "fcfs" ? 8u : 1u);
  }
}

TEST_F(DdrTest, AnIdleChannelWrites) {
  build({{"write_idle", "100ns"}});
  const u64 read_end = done(address(0, 0, 0), 0);
  for (u64 i = 0; i < 4; ++i) write(address(1, 0, 0, i), 10);
  done(address(0, 0, 0, 1), read_end + 100);  // just not idle
  EXPECT_EQ(statistic("written"), 0u);
  EXPECT_EQ(statistic("row_hits"), 1u);
  const u64 idle = read_end + 100 + hit + 100;
  // The first two writes have begun, the third has not.
  done(address(0, 1, 1), idle + tRP + tRCD + 12);
  EXPECT_EQ(statistic("written"), 2u);
  done(address(0, 1, 1), 5000);
  EXPECT_EQ(statistic("written"), 4u);
  EXPECT_EQ(statistic("drains"), 0u);
}

TEST_F(DdrTest, ReadsOfTheQueueAreAnsweredFromIt) {
  build({{"controller", "5ns"}});
  write(address(0, 0, 0), 0);
  EXPECT_EQ(done(address(0, 0, 0), 10), 15u);
  write(address(0, 0, 0), 20);
  EXPECT_EQ(statistic("forwarded"), 1u);
  EXPECT_EQ(statistic("merged"), 1u);
  // Drained, it stands there until its data has gone.
  for (u64 i = 1; i < 8; ++i) write(address(0, 0, 0, i), 100);
  EXPECT_EQ(done(address(0, 0, 0), 100 + tRCD + tCWL + burst_ns - 1), 100 + tRCD + tCWL + burst_ns - 1 + 5);
  EXPECT_EQ(statistic("forwarded"), 2u);
  EXPECT_EQ(done(address(0, 0, 0), 1000), 1000 + hit + 5);
  EXPECT_EQ(statistic("forwarded"), 2u);
}

TEST_F(DdrTest, AFullQueueTakesAWriteWhenOneHasGone) {
  build({{"write_queue", 8}, {"write_high", 8}, {"write_low", 7}});
  for (u64 i = 0; i < 8; ++i) EXPECT_EQ(write(address(0, 0, 0, i), 0), 0u);
  const u64 gone = tRCD + tCWL + burst_ns;
  EXPECT_EQ(write(address(0, 0, 0, 8), 1), gone);
  EXPECT_EQ(statistic("write_stalls"), 1u);
  EXPECT_EQ(write(address(0, 0, 0, 9), 1), gone + tCWL + burst_ns);  // the write that that one pushed out
}

TEST_F(DdrTest, EveryBurstIsAccountedFor) {
  for (const char* refresh : {"off", "all_bank", "per_bank"}) {
    build({{"refresh", refresh}, {"channels", 2}, {"write_idle", "200ns"}});
    Random random(5);
    u64 now = 0, reads = 0, writes = 0;
    for (int i = 0; i < 30'000; ++i) {
      now += random.below(100) == 0 ? 2000 : random.below(12);
      const u64 at = random.below(2048) * 64;
      const bool is_write = random.below(3) == 0;
      ++(is_write ? writes : reads);
      done(at, now, is_write ? RequestKind::Writeback : RequestKind::Load);
    }
    // Both channels in peace: every write leaves.
    reads += 2;
    done(1 << 20, now + 1'000'000), done((1 << 20) + 64, now + 1'000'000);
    EXPECT_EQ(statistic("reads"), reads);
    EXPECT_EQ(statistic("writes"), writes);
    EXPECT_EQ(statistic("bytes"), (reads + writes) * 64);
    EXPECT_EQ(statistic("queued") + statistic("merged"), writes);
    EXPECT_EQ(statistic("written"), statistic("queued"));
    const u64 served = statistic("row_hits") + statistic("row_misses") + statistic("row_conflicts");
    EXPECT_EQ(served, reads - statistic("forwarded") + statistic("written"));
    EXPECT_EQ(statistic("bus_busy"), served * burst_ns * 1000);
    EXPECT_GT(statistic("drains"), 100u);
    const std::vector<u64> latencies = report_statistics(root, nullptr)["machine.dram.read_latencies"];
    EXPECT_EQ(std::accumulate(latencies.begin(), latencies.end(), u64{0}), reads);
  }
}

}  // namespace
}  // namespace orrery
