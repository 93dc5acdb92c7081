// Comparing checkpoints, and what may change at a restore.
#include "checkpoint/compare.h"

#include <gtest/gtest.h>

#include "tests/base/config_message.h"
#include "tests/checkpoint/small_machine.h"

namespace orrery {
namespace {

TEST(Compare, NamesFieldsAndAddresses) {
  ScratchDirectory scratch;
  SmallMachine machine;
  machine.fill(1);
  machine.part.counter = 0x10;
  machine.save(scratch / "a");
  machine.part.counter = 0x11;
  machine.cache.tags[3] = 0;
  machine.ram.clear();
  machine.save(scratch / "empty");
  machine.ram.host(PhysAddr{0x8010'0000})[0] = 5;  // chunk 1 on one side only
  machine.ram.host(PhysAddr{0x8000'0008})[0] = 6;
  machine.ram.host(PhysAddr{0x8000'0010})[0] = 7;
  machine.save(scratch / "b");
  const Checkpoint a = Checkpoint::open(scratch / "a"), b = Checkpoint::open(scratch / "b"),
                   empty = Checkpoint::open(scratch / "empty");
  EXPECT_TRUE(diff_checkpoints(b, b, 10).empty());
  EXPECT_EQ(diff_checkpoints(empty, b, 10),
            (std::vector<std::string>{"ram 0x80000008..0x80000017: 0x0 and 0x6, ...",
                                      "ram 0x80100000..0x80100007: 0x0 and 0x5"}));
  EXPECT_EQ(diff_checkpoints(a, b, 1),
            std::vector<std::string>{"machine.part.counter: 0x10 and 0x11"});
  EXPECT_EQ(diff_checkpoints(a, b, 7).size(), 7u);
}

TEST(Compare, OnlyFixedParametersMustStay) {
  const std::vector<std::string> fixed = {"machine.harts", "machine.memory", "machine.board.disk"};
  const Json saved = {{"machine", {{"harts", 2}, {"memory", "1GiB"}, {"clock", "1GHz"},
                                   {"board", {{"disk", nullptr}}}}}};
  EXPECT_TRUE(check_restorable(saved, saved, fixed).empty());
  Json now = saved;
  now["machine"]["clock"] = "2GHz";
  now["machine"]["l2"] = {{"size", "1MiB"}};
  EXPECT_EQ(check_restorable(saved, now, fixed).dump(),
            R"({"machine.clock":{"saved":"1GHz","now":"2GHz"},)"
            R"("machine.l2":{"saved":null,"now":{"size":"1MiB"}}})");
  now["machine"]["memory"] = "2GiB";
  EXPECT_EQ(config_message([&] { check_restorable(saved, now, fixed); }),
            "machine.memory: was \"1GiB\" when the machine was saved or recorded and cannot become "
            "\"2GiB\"; only these must stay as they were: machine.harts machine.memory machine.board.disk");
  now = saved;
  now["machine"]["board"]["disk"] = {{"file", "x"}};
  EXPECT_TRUE(config_message([&] { check_restorable(saved, now, fixed); })
                  .starts_with("machine.board.disk: was null when the machine was saved"));
  now["machine"].erase("board");
  config_message([&] { check_restorable(saved, now, fixed); });
  config_message([&] { check_restorable(Json(3), now, fixed); });
}

}  // namespace
}  // namespace orrery
