// Branches: learning, penalties, the fast BTB, the wrong path.
#include "tests/models/outoforder/core_fixture.h"

namespace orrery::ooo {
namespace {

using OooBranch = CoreTest;

TEST_F(OooBranch, MispredictCostsResolutionAndFrontEnd) {
  for (const u64 resolve : {1u, 4u}) {
    build({{"resolve_cycles", resolve}});
    // Issue, resolution, 3 + 2 through the front end, rename, issue.
    EXPECT_EQ(cycles([&] {
                rig->enter(branch(rig->pc, true, rig->pc + 64));
                rig->enter(alu(1));
              }),
              resolve + 3 + 2 + 1 + 1);
  }
}

TEST_F(OooBranch, RecoveryAtCommitWaitsForOlderOnes) {
  // A division of 40 is older than the branch, which does not wait for it.
  const Json slow = {{"int_div", {{"latency", 40}}}};
  const auto run = [&] {
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 5));
      rig->enter(branch(rig->pc, true, rig->pc + 64));
      for (int i = 0; i < 20; ++i) rig->enter(alu(1, 1));
    });
  };
  build({{"op", slow}});
  EXPECT_EQ(run(), 40u + 5);  // 22 commit with and behind the division, four a cycle
  build({{"op", slow}, {"rename", {{"recover", "commit"}, {"recover_cycles", 2}}}});
  // Commit one after the result, two to recover, issue after rename; the chain of 20.
  EXPECT_EQ(run(), 40u + 1 + 2 + 1 + 20);
}

TEST_F(OooBranch, FastBtbTakesTheBubblesAway) {
  for (const u64 entries : {0u, 16u}) {
    build({{"predictor", {{"fast_btb", {{"entries", entries}}}, {"btb", {{"bubbles", 2}}}}}});
    const u64 loop = rig->pc;
    const auto iterations = [&](int n) {
      for (int i = 0; i < n; ++i) {
        rig->enter(alu(1));
        rig->enter(branch(rig->pc, true, loop));
      }
    };
    rig->cycles([&] { iterations(20); });
    jump(loop);
    const u64 some = rig->cycles([&] { iterations(20); });
    jump(loop);
    const u64 more = rig->cycles([&] { iterations(40); });
    EXPECT_EQ(more - some, 20 * (entries == 0 ? 1 + 2 : 1u));
  }
}

TEST_F(OooBranch, ReturnsComeFromTheStack) {
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

TEST_F(OooBranch, WrongPathReachesTheCaches) {
  build();
  for (int i = 0; i < 8; ++i) rig->side.wrong_path.push_back(load(5, cold + static_cast<u64>(i) * 64));
  rig->side.wrong_path.push_back(store(cold + 0x1000));
  const u64 committed = rig->core.instructions.value();
  rig->cycles([&] {
    rig->enter(op(OpClass::IntDiv, 6));
    rig->enter(branch(rig->pc, true, rig->pc + 64, 6));  // resolved late
    rig->enter(alu(1));
  });
  EXPECT_EQ(rig->core.instructions.value() - committed, 3u);
  EXPECT_EQ(rig->core.wrong_path.value(), 9u);
  EXPECT_NE(rig->hierarchy.ports(0).l1d.find(PhysAddr{cold}), LineState::Invalid);
  EXPECT_EQ(rig->hierarchy.ports(0).l1d.find(PhysAddr{cold + 0x1000}), LineState::Invalid);  // never committed
}

TEST_F(OooBranch, WrongPathTeachesTheBtb) {
  const auto run = [&](bool was_on_wrong_path) {
    build({{"predictor", {{"fast_btb", {{"entries", 0}}}, {"btb", {{"bubbles", 1}}}, {"decode_bubbles", 9}}}});
    const u64 place = rig->pc + 4;
    Record direct = op(OpClass::Jump, no_dest);
    direct.flow = Record::Flow::Direct;
    direct.address = direct.next_pc = place + 256;
    if (was_on_wrong_path) rig->side.wrong_path.push_back(direct);
    rig->cycles([&] {
      rig->enter(branch(rig->pc, true, rig->pc + 64));
      rig->enter(alu(1));
    });
    EXPECT_EQ(rig->core.wrong_path.value(), was_on_wrong_path ? 1u : 0u);
    jump(place);
    return rig->cycles([&] {
      rig->enter(direct);
      rig->enter(alu(1));
    });
  };
  EXPECT_EQ(run(false), run(true) + 9 - 1);
}

TEST_F(OooBranch, WithoutWrongPathNothingIsFetched) {
  build({{"fetch", {{"wrong_path", false}}}});
  rig->side.wrong_path.assign(4, load(5, cold));
  rig->cycles([&] {
    rig->enter(branch(rig->pc, true, rig->pc + 64));
    rig->enter(alu(1));
  });
  EXPECT_EQ(rig->core.wrong_path.value(), 0u);
  EXPECT_EQ(rig->hierarchy.ports(0).l1d.find(PhysAddr{cold}), LineState::Invalid);
}

}  // namespace
}  // namespace orrery::ooo
