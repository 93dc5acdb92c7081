// The scoreboard: issue waits for a place in it; instructions commit in order, so many a cycle.
#include "models/inorder/scoreboard.h"
#include "tests/base/config_message.h"
#include "tests/timing/pipeline_fixture.h"

namespace orrery {
namespace {

Scoreboard::Entry done_at(u64 cycle, OpClass op_class = OpClass::IntAlu) {
  Scoreboard::Entry entry;
  entry.done = Cycle{cycle};
  entry.op_class = op_class;
  return entry;
}
constexpr u32 bit(OpClass c) { return u32{1} << static_cast<unsigned>(c); }

TEST(Scoreboard, CommitsInOrder) {
  Scoreboard board(2, 2, {});
  EXPECT_EQ(board.room(), Cycle{});
  board.take(done_at(10));
  EXPECT_EQ(board.room(), Cycle{});
  board.take(done_at(5));
  EXPECT_EQ(board.room(0), Cycle{12});  // done at 10, commits at 11
  EXPECT_EQ(board.room(1), Cycle{12});  // with it
  EXPECT_EQ(board.room(2), never_cycle);
  board.take(done_at(11));
  EXPECT_EQ(board.commit(Cycle{}, OpClass::IntAlu), Cycle{12});
  EXPECT_EQ(board.commit(Cycle{12}, OpClass::IntAlu), Cycle{13});
}

TEST(Scoreboard, CommitsSoManyACycle) {
  for (const u32 width : {1u, 2u, 3u, 0u}) {
    Scoreboard board(8, width, {});
    for (u64 i = 0; i < 7; ++i) {
      EXPECT_EQ(board.commit(Cycle{10}, OpClass::IntAlu), Cycle{11 + (width != 0 ? i / width : 0)}) << width;
      board.take(done_at(10));
    }
  }
}

// Of results that are there at once: how many cycles later than the first the last one commits.
TEST(Scoreboard, SomeCommitFirstOrAlone) {
  const Scoreboard::Rules rules{bit(OpClass::Store), bit(OpClass::Csr)};
  constexpr OpClass add = OpClass::IntAlu, write = OpClass::Store, csr = OpClass::Csr;
  struct Case {
    u32 width;
    std::vector<OpClass> order;
    u64 cycles;
  };
  const Case cases[] = {
      {2, {add, add}, 0},          {2, {write, add}, 0},      {2, {add, write}, 1},      {2, {write, write}, 1},
      {2, {write, write, add}, 1}, {2, {csr, add}, 1},        {2, {add, csr}, 1},        {2, {csr, csr}, 1},
      {2, {add, csr, add}, 2},     {2, {write, csr}, 1},      {2, {csr, write}, 1},      {1, {write, add}, 1},
      {4, {add, add, write}, 1},   {4, {write, add, add}, 0}, {4, {csr, add, add}, 1},   {0, {add, add, add, write}, 1},
      {0, {csr, add, add}, 1},     {0, {add, add, csr}, 1},   {2, {add, write, add}, 1},
  };
  for (const Case& c : cases) {
    Scoreboard board(8, c.width, rules);
    board.take(done_at(10, c.order[0]));
    EXPECT_EQ(board.last_commit(), Cycle{11});
    for (std::size_t i = 1; i < c.order.size(); ++i) {
      const Cycle at = board.commit(Cycle{10}, c.order[i]);
      board.take(done_at(10, c.order[i]));
      EXPECT_EQ(board.last_commit(), at);
    }
    EXPECT_EQ(board.last_commit() - Cycle{11}, c.cycles) << &c - cases;
  }
}

TEST(Scoreboard, NothingCommitsBehindWhatNeverDoes) {
  Scoreboard board(8, 1, {bit(OpClass::Store), 0});
  board.take(done_at(never_cycle.value()));
  for (const OpClass op_class : {OpClass::IntAlu, OpClass::Store}) {
    EXPECT_EQ(board.commit(Cycle{10}, op_class), never_cycle);
    board.take(done_at(10, op_class));
    EXPECT_EQ(board.last_commit(), never_cycle);
  }
}

using PipelineScoreboard = PipelineTest;

Json limited(u32 scoreboard, u32 commit_width, u32 width) {
  return {{"scoreboard", scoreboard}, {"commit_width", commit_width}, {"width", width}};
}

// A division issues at 0, is done at 20 and commits at 21: its place is free at 22.
TEST_F(PipelineScoreboard, IssueWaitsForAPlace) {
  for (const u32 entries : {1u, 2u, 4u, 8u}) {
    const auto division_and = [&](u32 additions) {
      build(limited(entries, 2, 1));
      const u64 before = rig->attributed(CycleCause::Structural);
      const u64 taken = cycles([&] {
        rig->enter(op(OpClass::IntDiv, 1));
        for (u8 i = 0; i < additions; ++i) rig->enter(alu(static_cast<u8>(2 + i)));
      });
      return std::pair(taken, rig->attributed(CycleCause::Structural) - before);
    };
    EXPECT_EQ(division_and(entries - 1), std::pair(u64{20}, u64{0})) << entries;
    EXPECT_EQ(division_and(entries), std::pair(u64{22 + 1}, u64{22 - entries})) << entries;
  }
}

TEST_F(PipelineScoreboard, CommitsLimitTheIssues) {
  const auto twenty = [&](u32 entries, u32 commit_width) {
    build(limited(entries, commit_width, 2));
    return cycles([&] { for (u8 i = 1; i <= 20; ++i) rig->enter(alu(i)); });
  };
  EXPECT_EQ(twenty(8, 2), 10u);
  EXPECT_EQ(twenty(6, 2), 10u);  // issued at 0, committed at 2, free at 3
  EXPECT_EQ(twenty(4, 2), 14u);  // of three cycles one is lost
  EXPECT_EQ(twenty(4, 1), 19u);  // the fifth issues at 3, one a cycle from there on
}

// Cycles in which a full scoreboard waits for a load are the load's.
TEST_F(PipelineScoreboard, FullBehindALoad) {
  build(limited(4, 2, 1));
  constexpr u64 line = PipelineTest::data + 0x1000;
  const u64 done = cycles([&] { rig->enter(load(1, line)); });
  const u64 use = rig->attributed(CycleCause::LoadUse), miss = rig->attributed(CycleCause::LoadMiss),
            structural = rig->attributed(CycleCause::Structural);
  const auto behind = [&](u64 address) {
    return cycles([&] {
      rig->enter(load(1, address));
      for (u8 i = 2; i <= 5; ++i) rig->enter(alu(i));
    });
  };
  EXPECT_EQ(behind(line + 64), done + 2 + 1);
  EXPECT_EQ(rig->attributed(CycleCause::LoadMiss) - miss, done - 4);
  EXPECT_EQ(rig->attributed(CycleCause::Structural) - structural, 2u);
  EXPECT_EQ(rig->attributed(CycleCause::LoadUse) - use, 0u);
  // A hit is done at 3, its place free at 5.
  EXPECT_EQ(behind(PipelineTest::data), 3u + 2 + 1);
  EXPECT_EQ(rig->attributed(CycleCause::Structural) - structural, 2u + 1);
}

// A store is written when it has committed, behind the division.
TEST_F(PipelineScoreboard, StoresAreWrittenBehindTheirCommit) {
  const auto division_and_store = [&](const Json& core) {
    build(core);
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 1));
      rig->enter(store(PipelineTest::data));
    });
  };
  EXPECT_EQ(division_and_store({{"width", 1}}), 20u);
  EXPECT_EQ(division_and_store(limited(8, 2, 1)), 21u + 2);  // and takes the cache's 2 cycles
  EXPECT_EQ(division_and_store(limited(8, 1, 1)), 22u + 2);
}

// Of the two that are done with the division, the store commits with it only where it may.
TEST_F(PipelineScoreboard, StoresCommitFirst) {
  const auto division_and_store = [&](Json core, u32 additions) {
    core.merge_patch(limited(8, 2, 1));
    build(core);
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 1));
      for (u8 i = 0; i < additions; ++i) rig->enter(alu(static_cast<u8>(2 + i)));
      rig->enter(store(PipelineTest::data));
    });
  };
  for (const Json& rule : {Json{{"commit_first", {"store"}}}, Json{{"commit_alone", {"branch|st*"}}}}) {
    EXPECT_EQ(division_and_store(Json::object(), 0), 21u + 2);
    EXPECT_EQ(division_and_store(rule, 0), 22u + 2);
    EXPECT_EQ(division_and_store(rule, 1), 22u + 2);
    EXPECT_EQ(division_and_store(rule, 2), 23u + 2);
    EXPECT_EQ(division_and_store(Json::object(), 2), 22u + 2);
  }
}

// A write of the same register waits until the one before it has committed, behind the division.
TEST_F(PipelineScoreboard, WritesOfARegisterWaitForTheCommit) {
  const auto two_writes = [&](Json core) {
    core["write_after_write_stall"] = true;
    core["width"] = 1;
    build(core);
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 1));
      rig->enter(alu(2));
      rig->enter(alu(2));
      rig->enter(alu(3));
    });
  };
  EXPECT_EQ(two_writes(Json::object()), 20u);
  EXPECT_EQ(two_writes(limited(8, 2, 1)), 21u + 1 + 1);
  EXPECT_EQ(two_writes(limited(8, 1, 1)), 22u + 1 + 1);
}

// So is a trap taken.
TEST_F(PipelineScoreboard, TrapsAreTakenAtTheirCommit) {
  const auto division_and_trap = [&](Json core) {
    core["trap_cycles"] = 5;
    build(core);
    Record trapping = alu(2);
    trapping.trapped = true;
    trapping.next_pc = rig->pc + 64;
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 1));
      rig->enter(trapping);
      rig->enter(alu(3));
    });
  };
  EXPECT_EQ(division_and_trap({{"width", 1}}), 20u);
  EXPECT_EQ(division_and_trap(limited(8, 2, 1)), 21u + 5 + 4 + 1);
  EXPECT_EQ(division_and_trap(limited(8, 1, 1)), 22u + 5 + 4 + 1);
}

TEST_F(PipelineScoreboard, WrongPathsTakePlaces) {
  const auto issued = [&](const Json& core) {
    build(core);
    const u64 before = rig->core.wrong_path_issues.value();
    rig->enter(op(OpClass::IntDiv, 1));
    rig->enter(branch(rig->pc, true, rig->pc + 64));
    rig->enter(alu(1));
    rig->core.drain();
    return rig->core.wrong_path_issues.value() - before;
  };
  const auto with = [](u32 scoreboard) {
    Json core = limited(scoreboard, 0, 1);
    core["resolve_cycles"] = 10;
    return core;
  };
  EXPECT_EQ(issued(with(2)), 0u);
  EXPECT_EQ(issued(with(3)), 1u);
  EXPECT_EQ(issued(with(5)), 3u);
  EXPECT_GT(issued(with(0)), 3u);
}

TEST_F(PipelineScoreboard, WhatMakesNoSenseIsRefused) {
  const auto refused = [&](const Json& core) { return config_message([&] { build(core); }); };
  EXPECT_NE(refused({{"scoreboard", 65}}).find("scoreboard: must be 0, or width..64"), std::string::npos);
  EXPECT_NE(refused({{"scoreboard", 1}}).find("scoreboard: must be 0, or width..64"), std::string::npos);
  EXPECT_NE(refused({{"scoreboard", 8}, {"commit_width", 9}}).find("commit_width: must be 0..8"), std::string::npos);
  EXPECT_NE(refused({{"commit_width", 2}}).find("commit_width: has no effect"), std::string::npos);
  const auto rules = [&](u32 scoreboard, u32 width, const Json& first, const Json& alone) {
    return refused({{"scoreboard", scoreboard}, {"commit_width", width}, {"commit_first", first}, {"commit_alone", alone}});
  };
  const Json store = Json::array({"store"}), none = Json::array();
  EXPECT_NE(rules(8, 1, store, none).find("commit_first: \"store\" has no effect"), std::string::npos);
  EXPECT_NE(rules(0, 0, none, store).find("commit_alone: \"store\" has no effect"), std::string::npos);
  EXPECT_NE(rules(8, 2, store, store).find("commit_first: \"store\" has no effect"), std::string::npos);
  EXPECT_NE(rules(8, 2, {"load|stor"}, none).find("\"stor\" is no class"), std::string::npos);
}

}  // namespace
}  // namespace orrery
