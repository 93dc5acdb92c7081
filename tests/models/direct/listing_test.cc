// What the model direct tells of its translations.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/models/direct/small_guest.h"

namespace orrery {
namespace {

class Listing : public testing::Test {
 protected:
  void SetUp() override {
    guest.run(1000);
    if (guest.machine->model().host_figures().front().value == 0)
      GTEST_SKIP() << "this host has no translator";
    guest.machine->model().forget(PhysAddr{0}, 0);
    guest.restart();
    guest.machine->set_listener(&listener);
  }

  SmallGuest guest;
  Listener listener;
};

TEST_F(Listing, HoldsEachInstructionOnceInOrder) {
  std::set<u64> seen;
  listener.on_translated = [&](const Translation& t) {
    std::set<u64> here;
    for (const TranslatedPiece& piece : t.pieces) {
      ASSERT_FALSE(piece.instructions.empty());
      u64 pc = piece.instructions.front().pc;
      for (const TranslatedInstruction& each : piece.instructions) {
        EXPECT_EQ(each.pc, pc);
        EXPECT_EQ(each.physical.value(), pc);
        EXPECT_TRUE(here.insert(pc).second) << "twice in a translation";
        pc += each.length;
      }
    }
    EXPECT_EQ(here.size(), t.instructions());
    seen.merge(here);
  };
  guest.run(10'000);
  // All that was executed before the trap.
  for (const u64 offset : {0, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 26, 30})
    EXPECT_EQ(seen.count(small_entry + offset), 1u) << offset;
}

TEST_F(Listing, HostCodeIsInTheOrderOfTheInstructions) {
  unsigned seen = 0;
  listener.on_translated = [&](const Translation& t) {
    ++seen;
    u64 offset = 0;
    for (const TranslatedPiece& piece : t.pieces) {
      EXPECT_GE(piece.host_offset, offset);
      offset = piece.host_offset + 1;  // the budget is looked at before the first instruction
      for (const TranslatedInstruction& each : piece.instructions) {
        EXPECT_GE(each.host_offset, offset);
        offset = each.host_offset;
      }
    }
    EXPECT_GE(t.body_end, offset);
    EXPECT_LE(t.body_end, t.code.size());
  };
  guest.run(10'000);
  EXPECT_GT(seen, 0u);
}

TEST_F(Listing, IrIsWhatThePassesLeft) {
  std::map<u64, std::vector<std::string>> ir;
  listener.on_translated = [&](const Translation& t) {
    for (const TranslatedPiece& piece : t.pieces)
      for (const TranslatedInstruction& each : piece.instructions) {
        ir[each.pc].clear();
        for (const direct::Ref root : each.roots) ir[each.pc].push_back(text(*piece.ir, root));
      }
  };
  guest.run(10'000);
  EXPECT_EQ(ir.at(small_loop + 10), std::vector<std::string>{});  // lui, overwritten
  EXPECT_EQ(ir.at(small_loop + 12), std::vector<std::string>{"x13 = 0x11000"});
}

TEST_F(Listing, ListenerStaysWhenModelsAreExchanged) {
  unsigned seen = 0;
  listener.on_translated = [&](const Translation&) { ++seen; };
  guest.run(1000);
  EXPECT_GT(seen, 0u);
  EXPECT_EQ(listener.clears, 0u);
  guest.machine->use_model("interpreter");
  EXPECT_EQ(listener.clears, 1u);
  const unsigned before = seen;
  guest.run(1000);
  EXPECT_EQ(seen, before);
  EXPECT_TRUE(guest.machine->model().host_figures().empty());
  guest.machine->use_model("direct");
  guest.restart();
  guest.run(1000);
  EXPECT_GT(seen, before);
}

TEST_F(Listing, FiguresCountWhatIsTold) {
  const auto begin = guest.machine->model().host_figures();
  u64 regions = 0, blocks = 0, instructions = 0, bytes = 0;
  listener.on_translated = [&](const Translation& t) {
    ++regions;
    blocks += t.pieces.size();
    instructions += t.instructions();
    bytes += t.code.size();
  };
  guest.run(10'000);
  const auto end = guest.machine->model().host_figures();
  std::map<std::string, u64> figures;
  for (std::size_t i = 0; i < end.size(); ++i) figures[end[i].name] = end[i].value - begin[i].value;
  EXPECT_EQ(figures, (std::map<std::string, u64>{{"regions_translated", regions},
                                                 {"blocks_translated", blocks},
                                                 {"instructions_translated", instructions},
                                                 {"host_code_bytes", bytes},
                                                 {"code_cache_flushes", 0}}));
}

}  // namespace
}  // namespace orrery
