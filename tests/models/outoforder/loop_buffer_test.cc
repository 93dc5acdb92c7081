// The loop buffer: which loops it holds, and what they cost.
#include "models/outoforder/loop_buffer.h"

#include "tests/models/outoforder/core_fixture.h"

namespace orrery::ooo {
namespace {

using Step = LoopBuffer::Step;

struct LoopBufferTest : testing::Test {
  // The branch at the end of the loop from `begin` on, two bytes long.
  Step ends(u64 pc, u64 begin, bool taken = true) { return buffer.branch(pc, 2, begin, taken); }
  void hold(u64 pc, u64 begin) {
    EXPECT_EQ(ends(pc, begin), Step::None);  // remembered
    EXPECT_EQ(ends(pc, begin), Step::None);
    EXPECT_TRUE(buffer.fills());
    EXPECT_EQ(ends(pc, begin), Step::Enters);
    EXPECT_TRUE(buffer.feeds());
  }
  LoopBuffer buffer{LoopBufferConfig{.bytes = 30}};
};

TEST_F(LoopBufferTest, HoldsALoopFromTheThirdTimeOnUntilItEnds) {
  hold(0x11c, 0x100);
  EXPECT_EQ(ends(0x11c, 0x100), Step::None);
  EXPECT_EQ(ends(0x11c, 0x100, false), Step::Leaves);
  EXPECT_FALSE(buffer.feeds());
  EXPECT_EQ(ends(0x11c, 0x100), Step::Enters);  // it is still there
}

TEST_F(LoopBufferTest, StopsAndForgets) {
  hold(0x110, 0x100);
  buffer.stop();
  EXPECT_FALSE(buffer.feeds());
  EXPECT_EQ(ends(0x110, 0x100), Step::Enters);
  buffer.clear();
  hold(0x110, 0x100);
}

TEST_F(LoopBufferTest, LongLoopsAreNotRemembered) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ends(0x11e, 0x100), Step::None);
  EXPECT_FALSE(buffer.fills());
}

TEST_F(LoopBufferTest, RefusesJumpsAndEarlyEnds) {
  const auto refused = [&] {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(ends(0x110, 0x100), Step::None);
    EXPECT_FALSE(buffer.fills());
    buffer.clear();
  };
  const auto fill = [&] {
    ends(0x110, 0x100);
    ends(0x110, 0x100);
    EXPECT_TRUE(buffer.fills());
  };
  fill();
  buffer.refuse();  // a jump
  refused();
  fill();
  ends(0x110, 0x100, false);
  refused();
  fill();
  buffer.branch(0x104, 2, 0x102, false);  // a branch back inside
  refused();
  fill();
  buffer.branch(0x104, 2, 0x120, false);  // a branch out of it
  refused();
  fill();
  EXPECT_EQ(buffer.branch(0x104, 2, 0x108, false), Step::Records);
  buffer.branch(0x108, 2, 0x10c, false);  // a second one inside
  refused();
}

TEST_F(LoopBufferTest, WhatWasJumpedOverIsFetchedOnce) {
  ends(0x110, 0x100);
  ends(0x110, 0x100);
  EXPECT_EQ(buffer.branch(0x104, 2, 0x108, true), Step::Records);
  EXPECT_EQ(ends(0x110, 0x100), Step::Enters);
  EXPECT_EQ(buffer.branch(0x104, 2, 0x108, true), Step::None);
  EXPECT_EQ(ends(0x110, 0x100), Step::None);
  EXPECT_EQ(buffer.branch(0x104, 2, 0x108, false), Step::Leaves);
  EXPECT_EQ(ends(0x110, 0x100), Step::Enters);
  EXPECT_EQ(buffer.branch(0x104, 2, 0x108, false), Step::None);
}

TEST_F(LoopBufferTest, OneLoopIsHeldAndTwoAreRemembered) {
  hold(0x110, 0x100);
  ends(0x110, 0x100, false);
  EXPECT_EQ(ends(0x210, 0x200), Step::None);  // remembered, which empties the buffer
  EXPECT_EQ(ends(0x110, 0x100), Step::None);  // fills again
  EXPECT_TRUE(buffer.fills());
  EXPECT_EQ(ends(0x110, 0x100), Step::Enters);
}

// An outer loop would drive out the inner one.
TEST_F(LoopBufferTest, RefusesALoopAroundTheLatest) {
  hold(0x108, 0x104);
  ends(0x108, 0x104, false);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ends(0x110, 0x100), Step::None);
  EXPECT_FALSE(buffer.fills());
}

// What the branch inside jumped over comes from the buffer only when it has come to the loop's end once.
TEST_F(LoopBufferTest, WhatWasJumpedOverIsHeldAtTheEndOnly) {
  const auto inside = [&](bool taken) { return buffer.branch(0x104, 2, 0x10a, taken); };
  ends(0x110, 0x100);
  ends(0x110, 0x100);
  EXPECT_EQ(inside(true), Step::Records);
  EXPECT_EQ(ends(0x110, 0x100), Step::Enters);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(inside(false), Step::Leaves) << i;
    buffer.stop();  // the branch inside was mispredicted
    EXPECT_EQ(ends(0x110, 0x100), Step::Enters) << i;
  }
  EXPECT_EQ(inside(false), Step::Leaves);
  EXPECT_EQ(ends(0x110, 0x100), Step::Enters);
  EXPECT_EQ(inside(false), Step::None);
}

using OooLoopBuffer = CoreTest;

// Four instructions, one fetch group: three go to the decoder, then the branch alone.
TEST_F(OooLoopBuffer, GivesWhatIsDecodedUpToABranch) {
  const auto run = [&](u64 bytes, int iterations) {
    build({{"decode", {{"width", 3}}},
           {"fetch", {{"loop_buffer", {{"bytes", bytes}}}}},
           {"queues", {{"integer", {{"count", 4}}}}}});
    const u64 begin = (rig->pc + 63) / 64 * 64;
    const auto loop = [&](int n) {
      jump(begin);
      return rig->cycles([&] {
        for (int i = 0; i < n; ++i) {
          for (int k = 0; k < 3; ++k) rig->enter(alu(no_dest));
          rig->enter(branch(rig->pc, true, begin));
        }
      });
    };
    loop(20);
    const u64 some = loop(20);
    return loop(20 + iterations) - some;
  };
  EXPECT_EQ(run(16, 30), 60u);
  EXPECT_EQ(run(0, 30), 40u);
}

// What follows the loop is fetched two cycles behind its branch, three before the decoder has it.
TEST_F(OooLoopBuffer, LeavingItTurnsTheFrontEnd) {
  const auto run = [&](u64 leave) {
    build({{"fetch", {{"loop_buffer", {{"bytes", 16}, {"leave_cycles", leave}}}}},
           {"predictor", {{"direction", {{"type", "bimode"}}}}}});
    const u64 begin = (rig->pc + 63) / 64 * 64;
    u64 last = 0;
    for (int times = 0; times < 60; ++times) {
      jump(begin);
      last = rig->cycles([&] {
        for (int i = 0; i < 6; ++i) {
          for (int k = 0; k < 3; ++k) rig->enter(alu(no_dest));
          rig->enter(branch(rig->pc, i != 5, begin));
        }
        rig->enter(alu(1));
      });
    }
    return last;
  };
  EXPECT_EQ(run(6) - run(2), 4u);
}

}  // namespace
}  // namespace orrery::ooo
