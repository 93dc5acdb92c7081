// Issue: chains, widths, units, queues, registers, the reorder buffer.
#include <algorithm>

#include "tests/base/config_message.h"
#include "tests/models/outoforder/core_fixture.h"

namespace orrery::ooo {
namespace {

using OooIssue = CoreTest;

TEST_F(OooIssue, DependentChainTakesItsLatencies) {
  build();
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 20; ++i) rig->enter(alu(5, 5)); }), 20u);
}

TEST_F(OooIssue, IndependentOnesGoTogether) {
  build();
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 20; ++i) rig->enter(alu(i)); }), 10u);
}

TEST_F(OooIssue, WidthsBoundTheRate) {
  // A fetch group is four instructions.
  for (const u64 width : {1u, 2u, 4u}) {
    build({{"decode", {{"width", width}}}, {"queues", {{"integer", {{"count", 4}}}}}});
    EXPECT_EQ(cycles([&] { for (int i = 0; i < 40; ++i) rig->enter(alu(static_cast<u8>(1 + i % 8))); }), 40 / width)
        << width;
  }
  build({{"rename", {{"width", 1}}}});
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 40; ++i) rig->enter(alu(1)); }), 40u);
}

TEST_F(OooIssue, YoungerOnesGoAround) {
  build({{"rob", {{"commit_width", 16}}}});
  // The chain of ten hides behind the division.
  EXPECT_EQ(cycles([&] {
              rig->enter(op(OpClass::IntDiv, 5));
              rig->enter(alu(6, 5));
              for (int i = 0; i < 10; ++i) rig->enter(alu(7, 7));
            }),
            20u + 1);
}

TEST_F(OooIssue, DependentIsReadyAtTheResultNotBefore) {
  for (const u64 latency : {2u, 3u, 7u}) {
    build({{"op", {{"int_mul", {{"latency", latency}}}}}});
    EXPECT_EQ(cycles([&] {
                rig->enter(op(OpClass::IntMul, 5));
                rig->enter(alu(6, 5));
              }),
              latency + 1);
  }
}

TEST_F(OooIssue, UnitsAreBusyForTheirInterval) {
  for (const u64 interval : {1u, 4u, 9u}) {
    build({{"op", {{"int_mul", {{"latency", 3}, {"interval", interval}}}}}});
    EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 3; ++i) rig->enter(op(OpClass::IntMul, i)); }), 2 * interval + 3);
  }
}

TEST_F(OooIssue, UnitsStandInThePipesNamed) {
  // Two multipliers, in the two pipes of the two queues; then one.
  build({{"op", {{"int_mul", {{"latency", 3}, {"interval", 3}, {"pipes", 2}}}}}});
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 4; ++i) rig->enter(op(OpClass::IntMul, i)); }), 3u + 3);
  build({{"op", {{"int_mul", {{"latency", 3}, {"interval", 3}, {"first_pipe", 1}, {"pipes", 1}}}}}});
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 4; ++i) rig->enter(op(OpClass::IntMul, i)); }), 3u * 3 + 3);
}

TEST_F(OooIssue, DivisionTakesItsQuotient) {
  build({{"op", {{"int_div", {{"latency", 6}, {"interval", 6}, {"per_bits", 4}, {"remembered", 2}}}}}});
  Record division = op(OpClass::IntDiv, 1);
  division.division_bits = 10;
  division.operands = 77;
  EXPECT_EQ(cycles([&] { rig->enter(division); }), 6u + 3);  // 12 bits of four each
  jump(rig->pc);
  EXPECT_EQ(cycles([&] {
              rig->enter(division);
              division.source[0] = 1;
              rig->enter(division);  // the same again
            }),
            6u + 3 + 6);
}

TEST_F(OooIssue, AddendsAreNeededLate) {
  build({{"op", {{"fp_fma", {{"latency", 5}, {"addend_latency", 3}}}}}});
  Record accumulate = op(OpClass::FpFma, fp_base + 1);
  accumulate.source = {0, 0, fp_base + 1};
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 5; ++i) rig->enter(accumulate); }), 4u * 3 + 5);
  accumulate.source = {fp_base + 1, 0, 0};
  jump(rig->pc);
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 5; ++i) rig->enter(accumulate); }), 5u * 5);
}

// Two cycles behind a multiplication its pipe issues nothing for the ALU.
TEST_F(OooIssue, MultiplicationHoldsItsPipe) {
  const auto run = [&](u64 holds, int muls, int adds) {
    build({{"queues", {{"integer", {{"count", 1}, {"width", 1}, {"entries", 64}, {"accepts", 4}}}}},
           {"op", {{"int_mul", {{"latency", 4}, {"holds_pipe", holds}, {"pipes", 1}}}}}});
    return cycles([&] {
      for (int i = 0; i < muls; ++i) rig->enter(op(OpClass::IntMul, no_dest));
      for (int i = 0; i < adds; ++i) rig->enter(op(OpClass::IntAlu, no_dest));
    });
  };
  // One at 0 holds 2, one at 1 holds 3, ...: of four the first two hold what the others take.
  for (const int muls : {1, 2, 4}) EXPECT_EQ(run(2, muls, 12) - run(0, muls, 12), u64(std::min(muls, 2)));
  EXPECT_EQ(run(2, 8, 0) - run(0, 8, 0), 0u);  // nor does one wait for another
}

// Of the instructions dispatched together those that only one queue can take come first; the others
// share the places that are left, from the first queue on.
TEST_F(OooIssue, QueuesAreFilledAroundWhatHasNoChoice) {
  const auto run = [&](std::initializer_list<OpClass> classes) {
    build({{"queues", {{"integer", {{"count", 2}, {"accepts", 2}}}}},
           {"op", {{"int_mul", {{"latency", 4}, {"first_pipe", 1}, {"pipes", 1}}}}}});
    return cycles([&] {
      u8 dest = 8;
      for (const OpClass c : classes) rig->enter(op(c, dest++));
    });
  };
  const auto mul = OpClass::IntMul, add = OpClass::IntAlu;
  // add and add share the first queue, where the second waits a cycle, as mul is in the other.
  EXPECT_EQ(run({add, add, mul}), run({mul, add, add}));
  EXPECT_EQ(run({mul, mul, add, add}), run({add, add, mul, mul}));
}

// Of three for a queue that takes two the third goes with the next three; two that are left go alone.
TEST_F(OooIssue, GroupsAreNotMixed) {
  const auto run = [&](bool groups, int count) {
    const Json queue = {{"count", 1}, {"width", 4}, {"accepts", 2}, {"entries", 32}};
    build({{"decode", {{"width", 3}}},
           {"rename", {{"width", 4}, {"groups", groups}, {"fp_registers", 200}}},
           {"queues",
            {{"integer", queue},
             {"fp", queue},
             {"branch", {{"accepts", 2}}},
             {"memory", {{"accepts", 2}}},
             {"store_data", {{"accepts", 2}}}}}});
    return cycles([&] {
      for (int i = 0; i < count; ++i) rig->enter(i % 6 < 3 ? alu(1) : op(OpClass::FpAdd, fp_base + 1));
    });
  };
  EXPECT_EQ(run(false, 60) - run(false, 30), 10u);
  EXPECT_EQ(run(true, 60) - run(true, 30), 15u);
}

// A load waits with what stands in its group for a queue that is full: it is issued a cycle behind what
// makes room there, 41 cycles behind the division, and not 2.
TEST_F(OooIssue, GroupsWaitAsAWhole) {
  const auto run = [&](bool groups) {
    const Json two = {{"accepts", 2}, {"entries", 2}};
    build({{"decode", {{"width", 2}}},
           {"rename", {{"width", 2}, {"groups", groups}}},
           {"op", {{"int_div", {{"latency", 40}}}}},
           {"queues", {{"integer", {{"count", 1}, {"accepts", 2}, {"entries", 2}}}, {"branch", two}, {"memory", two},
                       {"store_data", two}, {"fp", two}}}});
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 5));
      rig->enter(alu(6, 5));
      rig->enter(alu(7, 5));
      rig->enter(op(OpClass::FpAdd, fp_base + 1));
      rig->enter(load(8, cold));
      rig->enter(alu(9));
    });
  };
  EXPECT_EQ(run(true) - run(false), 39u);
}

// A place is taken again so long after the issue, with a cycle in the queue before that.
TEST_F(OooIssue, QueuesReleasePlacesLate) {
  const auto run = [&](u64 release, int count) {
    build({{"queues", {{"integer", {{"count", 1}, {"entries", 2}, {"release_cycles", release}}}}}});
    return cycles([&] { for (int i = 0; i < count; ++i) rig->enter(alu(1)); });
  };
  EXPECT_EQ(run(0, 40) - run(0, 20), 20u);
  for (const u64 release : {1u, 3u, 7u}) EXPECT_EQ(run(release, 40) - run(release, 20), 20 * (release + 1) / 2);
}

TEST_F(OooIssue, MemoryQueueReleasesPlacesLate) {
  const auto run = [&](u64 release, bool stores, int count) {
    build({{"queues", {{"memory", {{"entries", 2}, {"release_cycles", release}}}}}});
    const auto enter = [&] { rig->enter(stores ? store(cold) : load(1, cold)); };
    enter();
    rig->core.drain();
    return cycles([&] { for (int i = 0; i < count; ++i) enter(); });
  };
  for (const bool stores : {false, true})
    for (const u64 release : {3u, 7u})
      EXPECT_EQ(run(release, stores, 40) - run(release, stores, 20), 20 * (release + 1) / 2);
}

// Loads of lines far away, eight instructions apart.
u64 with_window(const Json& core) {
  OutOfOrderRig rig(core, {{"l1d", {{"mshrs", 32}}}});
  const u64 start = rig.pc;
  const auto run = [&](u64 data) {
    rig.core.drain();
    rig.pc = start;
    rig.core.start(rig.core.now(), start);
    return rig.cycles([&] {
      for (u64 i = 0; i < 32; ++i) {
        rig.enter(load(static_cast<u8>(1 + i % 8), data + i * 64));
        for (int k = 0; k < 7; ++k) rig.enter(alu(9));
      }
    });
  };
  run(0x8800'0000);  // brings the code in
  return run(0x8900'0000);
}

TEST_F(OooIssue, LargerWindowsFindMoreMisses) {
  u64 before = ~u64{0};
  for (const u64 entries : {8u, 16u, 32u, 64u, 128u, 256u}) {
    const u64 now = with_window({{"rob", {{"entries", entries}}}, {"rename", {{"int_registers", 400}}}});
    EXPECT_LT(now, before) << entries;
    before = now;
  }
  before = ~u64{0};
  for (const u64 registers : {40u, 64u, 96u, 160u}) {
    const u64 now = with_window({{"rob", {{"entries", 256}}}, {"rename", {{"int_registers", registers}}}});
    EXPECT_LT(now, before) << registers;
    before = now;
  }
  before = ~u64{0};
  for (const u64 loads : {2u, 4u, 8u, 16u}) {
    const u64 now = with_window({{"rob", {{"entries", 256}}}, {"load_store", {{"load_queue", loads}}}});
    EXPECT_LT(now, before) << loads;
    before = now;
  }
}

TEST_F(OooIssue, FoldedArithmeticSharesEntries) {
  const Json folded = {{"rob", {{"entries", 16}, {"fold", 4}}}}, plain = {{"rob", {{"entries", 16}}}};
  EXPECT_LT(with_window(folded), with_window(plain));
}

TEST_F(OooIssue, CommitWidthBoundsTheRate) {
  for (const u64 width : {1u, 2u}) {
    build({{"rob", {{"commit_width", width}}}, {"queues", {{"integer", {{"count", 4}}}}}});
    EXPECT_EQ(cycles([&] { for (int i = 0; i < 40; ++i) rig->enter(alu(1)); }), 40 / width) << width;
  }
}

TEST_F(OooIssue, PipesThatAreNotThereAreRefused) {
  const auto refusal = [&](const Json& changes) { return config_message([&] { build(changes); }); };
  EXPECT_EQ(refusal({{"op", {{"int_mul", {{"first_pipe", 4}}}}}, {"queues", {{"integer", {{"count", 2}, {"width", 2}}}}}}),
            "test.op.int_mul.first_pipe: must be 0..3, one of the pipes of its queues, found 4");
  EXPECT_EQ(refusal({{"op", {{"fp_div", {{"first_pipe", 1}}}}}, {"queues", {{"fp", {{"count", 1}, {"width", 1}}}}}}),
            "test.op.fp_div.first_pipe: must be 0..0, one of the pipes of its queues, found 1");
}

}  // namespace
}  // namespace orrery::ooo
