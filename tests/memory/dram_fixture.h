// A small `ddr` memory with round times, all different: two bank groups of two banks, rows of 1 KiB
// (16 bursts of 64 bytes), one channel and rank; no refresh, writes stay in the queue.
#pragma once

#include <gtest/gtest.h>

#include "memory/dram.h"
#include "tests/memory/mock_below.h"

namespace orrery {

inline const Json small_ddr = {
    {"type", "ddr"},      {"bank_groups", 2},   {"banks", 2},           {"row", "1KiB"},
    {"rows", 1024},       {"width", 64},        {"data_rate", 1000},    {"burst_length", 8},
    {"tCL", "20ns"},      {"tCWL", "16ns"},     {"tRCD", "10ns"},       {"tRP", "12ns"},
    {"tRAS", "40ns"},     {"tRRD_S", "4ns"},    {"tRRD_L", "6ns"},      {"tFAW", "50ns"},
    {"tCCD_S", "8ns"},    {"tCCD_L", "10ns"},   {"tCCD_L_WR", "11ns"},  {"tWR", "15ns"},
    {"tRTP", "7ns"},      {"tWTR_S", "3ns"},    {"tWTR_L", "5ns"},      {"tRTW", "2ns"},
    {"tRTRS", "1ns"},     {"tREFI", "10us"},    {"tRFC", "300ns"},      {"tRFCpb", "200ns"},
    {"refresh", "off"},   {"controller", "0ns"}, {"write_idle", "1s"},  {"write_queue", 16},
    {"write_high", 8},    {"write_low", 2},     {"mapping", "row:rank:bank:group:column:channel:burst"}};
constexpr u64 burst_ns = 8;

struct DdrTest : testing::Test {
  void build(const Json& changes = Json::object()) {
    Json json = small_ddr;
    json.update(changes);
    dram.reset();
    dram = read_config(json, Drams::Choice("banked")).create(root);
  }
  // In nanoseconds.
  u64 done(u64 address, u64 now, RequestKind kind = RequestKind::Load, u32 size = 64) {
    const Answer answer = dram->submit(request_for(address, kind, size), Tick{now * 1000});
    EXPECT_TRUE(answer.is_done());
    return answer.tick.value() / 1000;
  }
  u64 write(u64 address, u64 now) { return done(address, now, RequestKind::Writeback); }
  // Of the small memory.
  static u64 address(u64 row, u64 bank, u64 group, u64 column = 0) {
    return (((row * 2 + bank) * 2 + group) * 16 + column) * 64;
  }
  u64 statistic(const std::string& name) {
    return report_statistics(root, nullptr)["machine.dram." + name];
  }

  Component root{nullptr, "machine"};
  std::unique_ptr<Dram> dram;
};

}  // namespace orrery
