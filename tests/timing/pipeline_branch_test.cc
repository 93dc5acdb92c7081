// Branches: learning, penalties, the wrong path.
#include "tests/timing/pipeline_fixture.h"

namespace orrery {
namespace {

using PipelineBranch = PipelineTest;

TEST_F(PipelineBranch, NotTakenCostsNothing) {
  build();
  EXPECT_EQ(cycles([&] {
              for (int i = 0; i < 10; ++i) {
                rig->enter(branch(rig->pc, false, rig->pc + 64));
                rig->enter(alu(1));
              }
            }),
            10u);
}

TEST_F(PipelineBranch, MispredictCostsResolutionAndFrontEnd) {
  build();
  // Predicted not taken at first: issue, 2 to resolve, 4 through the front end, issue.
  EXPECT_EQ(cycles([&] {
              rig->enter(branch(rig->pc, true, rig->pc + 64));
              rig->enter(alu(1));
            }),
            2u + 4 + 1);
  EXPECT_EQ(rig->attributed(CycleCause::Mispredict), 1u + 2 * (2 + 4 - 1));  // one beside the branch
}

TEST_F(PipelineBranch, LearnedTakenBranchTakesTheFetchBubble) {
  for (const u64 bubble : {0u, 1u, 3u}) {
    build({{"taken_cycles", bubble}});
    const u64 loop = rig->pc;
    const auto iterations = [&](int n) {
      for (int i = 0; i < n; ++i) {
        rig->enter(alu(1));
        rig->enter(branch(rig->pc, true, loop));
      }
    };
    rig->cycles([&] { iterations(10); });
    jump(loop);
    EXPECT_EQ(cycles([&] { iterations(10); }), 9 * (1 + bubble) + 1) << bubble;
  }
}

TEST_F(PipelineBranch, DirectJumpWithoutBtbTurnsRoundInTheDecoder) {
  build({{"decode_redirect_cycles", 3}});
  Record jump = op(OpClass::Jump, no_dest);
  jump.flow = Record::Flow::Direct;
  jump.address = jump.next_pc = rig->pc + 64;
  EXPECT_EQ(cycles([&] {
              rig->enter(jump);
              rig->enter(alu(1));
            }),
            1u + 3 + 1);
  EXPECT_EQ(rig->attributed(CycleCause::TakenBranch), 1u + 2 * 3);
}

TEST_F(PipelineBranch, ReturnsComeFromTheStack) {
  build();
  const u64 function = rig->pc + 256;
  const auto call_and_return = [&] {
    Record call = op(OpClass::Jump, 1);
    call.flow = Record::Flow::Direct;
    call.is_call = true;
    call.address = call.next_pc = function;
    const u64 back = rig->pc + 4;
    rig->enter(call);
    Record ret = op(OpClass::Jump, no_dest, 1);
    ret.flow = Record::Flow::Indirect;
    ret.is_return = true;
    ret.next_pc = back;
    rig->enter(ret);
  };
  rig->cycles([&] { for (int i = 0; i < 8; ++i) call_and_return(); });
  EXPECT_EQ(rig->attributed(CycleCause::Mispredict), 0u);
}

TEST_F(PipelineBranch, WrongPathFollowsItsOwnBranches) {
  build();
  // Not taken as predicted, so the wrong path falls through; there, a jump elsewhere.
  const u64 elsewhere = 0x8300'0000;
  Record jump_away = op(OpClass::Jump, no_dest);
  jump_away.next_pc = elsewhere;
  rig->side.wrong[rig->pc + 4] = jump_away;
  rig->enter(branch(rig->pc, true, rig->pc + 64));
  rig->enter(alu(1));
  rig->core.drain();
  EXPECT_NE(rig->hierarchy.ports(0).l1i.find(PhysAddr{elsewhere}), LineState::Invalid);
}

// Of what is behind the branch, the loads that begin before it is resolved reach the data cache.
TEST_F(PipelineBranch, WrongPathLoadsPolluteUntilTheBranchIsResolved) {
  constexpr u64 cold = 0x8800'0000;
  const auto reached = [&](u64 resolve_cycles, u64 before) {
    build({{"resolve_cycles", resolve_cycles}});
    const u64 path = rig->pc + 4;
    for (u64 i = 0; i < before; ++i) rig->side.wrong[path + 4 * i] = alu(1);
    rig->side.wrong[path + 4 * before] = load(5, cold);
    rig->side.wrong[path + 4 * before + 4] = store(cold + 128);
    const u64 instructions = rig->core.instructions.value();
    rig->enter(branch(rig->pc, true, rig->pc + 64));
    rig->enter(alu(1));
    rig->core.drain();
    EXPECT_EQ(rig->core.instructions.value(), instructions + 2);  // the right path's
    EXPECT_EQ(rig->hierarchy.ports(0).l1d.find(PhysAddr{cold + 128}), LineState::Invalid);
    EXPECT_EQ(rig->attributed(), rig->core.accounting.slots.value());
    const bool there = rig->hierarchy.ports(0).l1d.find(PhysAddr{cold}) != LineState::Invalid;
    EXPECT_EQ(rig->core.wrong_path_loads.value(), there ? 1u : 0u);
    return there;
  };
  EXPECT_FALSE(reached(1, 0));
  EXPECT_TRUE(reached(2, 0));   // with the branch; its access begins a cycle later
  EXPECT_FALSE(reached(2, 1));  // a cycle later: too late
  EXPECT_TRUE(reached(3, 1));
  EXPECT_FALSE(reached(3, 3));
  EXPECT_TRUE(reached(4, 3));
}

TEST_F(PipelineBranch, WrongPathWaitsForOperands) {
  constexpr u64 cold = 0x8800'0000;
  for (const bool depends : {false, true}) {
    build({{"resolve_cycles", 4}});
    rig->side.wrong[rig->pc + 8] = load(6, cold, depends ? 5 : 0);
    rig->enter(load(5, 0x8900'0000));  // misses
    rig->enter(branch(rig->pc, true, rig->pc + 64));
    rig->enter(alu(1));
    rig->core.drain();
    EXPECT_EQ(rig->hierarchy.ports(0).l1d.find(PhysAddr{cold}) != LineState::Invalid, !depends);
  }
}

TEST_F(PipelineBranch, WrongPathFillsTheTlb) {
  build({{"resolve_cycles", 4}});
  constexpr u64 page = 0x8800'0000;
  rig->core.set_space({SpaceId::untranslated, 3});
  rig->side.wrong[rig->pc + 4] = load(6, page);
  rig->enter(branch(rig->pc, true, rig->pc + 64));
  rig->enter(alu(1));
  rig->core.drain();
  EXPECT_TRUE(rig->hierarchy.ports(0).dtlb.holds(page, 3));
  EXPECT_EQ(rig->hierarchy.ports(0).l1d.find(PhysAddr{page}), LineState::Invalid);  // the walk took too long
}

TEST_F(PipelineBranch, WrongPathCanBeSwitchedOff) {
  build({{"wrong_path", false}});
  rig->enter(branch(rig->pc, true, rig->pc + 64));
  rig->enter(alu(1));
  rig->core.drain();
  EXPECT_EQ(rig->core.wrong_path_fetches.value(), 0u);
  EXPECT_EQ(rig->core.wrong_path_issues.value(), 0u);
}

TEST_F(PipelineBranch, WrongPathBringsItsLinesIn) {
  build();
  const u64 before = rig->core.wrong_path_fetches.value();
  // Far from anything fetched: predicted not taken, so the wrong path is what follows the branch.
  jump(0x8200'0000);
  rig->enter(alu(1));
  rig->cycles([&] {});
  jump(0x8200'0038);
  rig->enter(branch(rig->pc, true, 0x8000'0000));  // the line's last but one instruction
  rig->enter(alu(1));
  rig->core.drain();
  EXPECT_GT(rig->core.wrong_path_fetches.value(), before);
  EXPECT_NE(rig->hierarchy.ports(0).l1i.find(PhysAddr{0x8200'0040}), LineState::Invalid);
}

}  // namespace
}  // namespace orrery
