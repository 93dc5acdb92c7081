// DRAM: open row, closed bank, row conflict, banks side by side, the data bus; the fixed memory.
#include <gtest/gtest.h>

#include "memory/dram.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

// Two banks of 1 KiB rows; times in ticks.
const Json banked = {{"type", "banked"}, {"channels", 1},     {"banks", 2},
                     {"row", "1KiB"},    {"burst", "64B"},    {"controller", "0ps"},
                     {"tRCD", "100ps"},  {"tRP", "200ps"},    {"tCL", "1000ps"},
                     {"tRAS", "400ps"},  {"tBURST", "10ps"}};

struct DramTest : testing::Test {
  void build(const Json& json) {
    dram = read_config(json, Drams::Choice("banked")).create(root);
  }
  u64 done(u64 address, u64 now, u32 size = 64, RequestKind kind = RequestKind::Load) {
    const Answer answer = dram->submit(request_for(address, kind, size), Tick{now});
    EXPECT_TRUE(answer.is_done());
    return answer.tick.value();
  }
  u64 statistic(const char* name) {
    return report_statistics(root, nullptr)[std::string("machine.dram.") + name];
  }
  Component root{nullptr, "machine"};
  std::unique_ptr<Dram> dram;
};

TEST_F(DramTest, ClosedBankActivates) {
  build(banked);
  EXPECT_EQ(done(0, 5000), 5000u + 100 + 1000 + 10);
  EXPECT_EQ(statistic("row_misses"), 1u);
}

TEST_F(DramTest, OpenRowOnlyReads) {
  build(banked);
  done(0, 0);
  EXPECT_EQ(done(64, 5000), 5000u + 1000 + 10);
  EXPECT_EQ(statistic("row_hits"), 1u);
}

TEST_F(DramTest, ConflictClosesTheOtherRow) {
  build(banked);
  done(0, 0);
  EXPECT_EQ(done(2048, 5000), 5000u + 200 + 100 + 1000 + 10);  // bank 0, row 1
  EXPECT_EQ(statistic("row_conflicts"), 1u);
}

TEST_F(DramTest, RowStaysOpenForItsLeastTime) {
  build(banked);
  done(0, 0);  // opened at 0: may not be closed before 400
  EXPECT_EQ(done(2048, 150), 400u + 200 + 100 + 1000 + 10);
}

TEST_F(DramTest, BanksOverlapButShareTheBus) {
  build(banked);
  EXPECT_EQ(done(0, 0), 1110u);
  EXPECT_EQ(done(1024, 0), 1120u);  // bank 1: its burst waits for the first
}

TEST_F(DramTest, OneBankServesInTurn) {
  build(banked);
  EXPECT_EQ(done(0, 0), 1110u);
  EXPECT_EQ(done(64, 0), 1120u);
}

TEST_F(DramTest, ChannelsHaveTheirOwnBus) {
  Json two = banked;
  two["channels"] = 2;
  build(two);
  EXPECT_EQ(done(0, 0), 1110u);
  EXPECT_EQ(done(64, 0), 1110u);
}

TEST_F(DramTest, CountsBytesAndDirections) {
  build(banked);
  done(0, 0);
  done(64, 0, 64, RequestKind::Writeback);
  EXPECT_EQ(statistic("reads"), 1u);
  EXPECT_EQ(statistic("writes"), 1u);
  EXPECT_EQ(statistic("bytes"), 128u);
}

TEST_F(DramTest, FixedMemoryTransfersBeatByBeat) {
  build({{"type", "fixed"}, {"latency", "100ns"}, {"write_latency", "50ns"}, {"beat", "1ns"}, {"beat_size", "8B"}});
  EXPECT_EQ(done(0, 0), 108'000u);
  EXPECT_EQ(done(0, 0), 116'000u);  // the bus is taken
  EXPECT_EQ(done(0, 200'000, 8, RequestKind::Writeback), 251'000u);
}

TEST_F(DramTest, FixedMemoryOneAtATime) {
  build({{"type", "fixed"}, {"latency", "100ns"}, {"beat", "1ns"}, {"beat_size", "64B"}, {"pipelined", false}});
  EXPECT_EQ(done(0, 0), 101'000u);
  EXPECT_EQ(done(0, 1000), 202'000u);
}

}  // namespace
}  // namespace orrery
