// The readable table.
#include "frontend/report_table.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

ReportColumn column(const char* title, Json statistics, Json host = Json::object()) {
  PhaseResult result;
  result.statistics = std::move(statistics);
  result.host = std::move(host);
  return {title, std::move(result)};
}

TEST(ReportTable, MainFiguresSideBySide) {
  const std::string table = report_table(
      {column("interpreter", {{"machine.instructions", 1'234'567},
                              {"machine.hart0.cycles", 1'234'567}}),
       column("inorder",
              {{"machine.instructions", 1'000},
               {"machine.simulated_seconds", 0.5},
               {"machine.hart0.cycles", 1'500},
               {"machine.hart1.cycles", 500},
               {"machine.inorder.branches_wrong", 7},
               {"machine.hart0.l1d.load_misses", 5},
               {"machine.hart0.l1d.miss_ratio", 0.125}},
              {{"host_seconds", 1.25}, {"mips", 2}})});
  EXPECT_EQ(table,
            "                                        interpreter      inorder\n"
            "instructions                              1 234 567        1 000\n"
            "cycles                                    1 234 567        2 000\n"
            "instructions per cycle                        1.000        0.500\n"
            "mispredictions (per 1000 instructions)            -         7.00\n"
            "simulated time (s)                                -  0.500000000\n"
            "host time (s)                                     -         1.25\n"
            "host speed (MIPS)                                 -         2.00\n"
            "hart0.l1d misses (%)                              -        12.50\n");
}

TEST(ReportTable, UnusedCachesHaveNoMissRate) {
  const std::string table = report_table(
      {column("a", {{"machine.l2.load_hits", 0}, {"machine.l2.miss_ratio", 0.0}})});
  EXPECT_EQ(table.find("l2"), std::string::npos);
}

// The stack adds up to the cycles per instruction; a model without one has dashes.
TEST(ReportTable, CpiStackOfAllCores) {
  const std::string core0 = "machine.inorder.hart0.", core1 = "machine.inorder.hart1.";
  const std::string table = report_table(
      {column("interpreter", {{"machine.instructions", 100}, {"machine.hart0.cycles", 100}}),
       column("inorder",
              {{"machine.instructions", 100},
               {"machine.hart0.cycles", 150},
               {"machine.hart1.cycles", 50},
               {core0 + "slots", 300},
               {core0 + "base_slots", 90},
               {core0 + "load_miss_slots", 210},
               {core0 + "itlb_slots", 0},
               {core0 + "retiring", 0.3},
               {core0 + "memory_bound", 0.7},
               {core1 + "slots", 100},
               {core1 + "base_slots", 10},
               {core1 + "load_miss_slots", 0},
               {core1 + "mispredict_slots", 90},
               {core1 + "retiring", 0.1},
               {core1 + "memory_bound", 0.0},
               {"machine.l2.other_slots", 5}})});
  EXPECT_EQ(table,
            "                           interpreter  inorder\n"
            "instructions                       100      100\n"
            "cycles                             100      200\n"
            "instructions per cycle           1.000    0.500\n"
            "cycles per instruction           1.000    2.000\n"
            "  base                               -    0.500\n"
            "  load miss                          -    1.050\n"
            "  mispredict                         -    0.450\n"
            "retiring (% of slots)                -     25.0\n"
            "memory bound (% of slots)            -     52.5\n");
}

TEST(ReportTable, AllStatisticsByPath) {
  ReportColumn c = column("a", {{"machine.x.y", 3}, {"machine.x.list", {1, 2}}});
  c.result.schema = {{"machine.x.y", {{"unit", "lines"}}},
                     {"machine.x.list", {{"unit", "cycles"}, {"buckets", {"0-1", "2+"}}}}};
  EXPECT_EQ(report_table({c}, true),
            "                              a\n"
            "machine.x.y (lines)           3\n"
            "machine.x.list[0-1] (cycles)  1\n"
            "machine.x.list[2+] (cycles)   2\n");
  EXPECT_EQ(report_table({c}, false), "  a\n");
}

// A file from elsewhere may say less of its lists, or something else.
TEST(ReportTable, BucketsWithoutNamesAreNumbered) {
  ReportColumn c = column("a", {{"machine.x", {1, "?"}}});
  c.result.schema = {{"machine.x", {{"buckets", "none"}}}};
  EXPECT_EQ(report_table({c}, true), "              a\nmachine.x[0]  1\n");
}

}  // namespace
}  // namespace orrery
