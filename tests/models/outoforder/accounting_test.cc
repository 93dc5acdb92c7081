// Every cycle has one cause; stopping anywhere changes nothing; saving and resuming does what draining
// does; instructions that run alone; a core that stands still says so.
#include <numeric>

#include "base/archive.h"
#include "base/random.h"
#include "tests/models/outoforder/core_fixture.h"

namespace orrery::ooo {
namespace {

// A random but repeatable mix of everything.
void mix(OutOfOrderRig& rig, u64 seed, int count) {
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    const auto dest = static_cast<u8>(1 + random.below(31));
    const auto source = static_cast<u8>(random.below(64));
    const u64 address = 0x8010'0000 + random.below(random.below(8) ? 64 : 65536) * 4;
    switch (random.below(16)) {
      case 0: case 1: case 2: rig.enter(load(dest, address, source)); break;
      case 3: case 4: rig.enter(store(address, source, static_cast<u8>(random.below(64)), 4)); break;
      case 5: case 6: {
        const u64 target = 0x8000'0000 + random.below(1024) * 4;
        if (random.below(4) == 0) rig.side.wrong_path.assign(random.below(64), load(dest, address, dest));
        rig.enter(branch(rig.pc, random.below(3) == 0, target == rig.pc ? target + 4 : target, source));
        break;
      }
      case 7: rig.enter(op(OpClass::IntDiv, dest, source)); break;
      case 8: rig.enter(op(OpClass::FpFma, static_cast<u8>(fp_base + dest), source)); break;
      case 9: {
        Record r = alu(dest);
        r.length = 2;
        rig.enter(r);
        break;
      }
      case 10:
        if (random.below(8) == 0) {
          Record r = op(OpClass::Csr, dest);
          r.alone = true;
          r.restarts = random.below(2);
          rig.enter(r);
          break;
        }
        if (random.below(8) == 0) {
          Record r = load(dest, address);
          r.op_class = OpClass::Atomic;
          r.memory = Record::Memory::Atomic;
          rig.enter(r);
          break;
        }
        [[fallthrough]];
      default: rig.enter(alu(dest, source)); break;
    }
    if (rig.pc > 0x8000'8000) {
      rig.core.redirect(0x8000'0000);
      rig.pc = 0x8000'0000;
    }
  }
}

const Json configurations[] = {
    Json::object(),
    {{"rename", {{"recover", "commit"}}}, {"load_store", {{"reserve", "issue"}, {"load_queue", 2}, {"store_queue", 2}}}},
    {{"rob", {{"entries", 2}}}, {"queues", {{"integer", {{"entries", 1}}}, {"memory", {{"entries", 1}}}}}},
    {{"load_store", {{"dependence", "ignore"}, {"write_buffer", 1}, {"write_merge", 8}}}, {"rob", {{"fold", 3}}}},
};

struct OooAccounting : CoreTest, testing::WithParamInterface<int> {};

TEST_P(OooAccounting, EveryCycleHasOneCause) {
  for (const Json& core : configurations) {
    build(core);
    rig->core.set_space({1, 1});
    const u64 cycles_before = rig->core.accounting.cycles.value();
    const u64 instructions = rig->core.instructions.value();
    const u64 before = rig->core.now().value();
    mix(*rig, static_cast<u64>(GetParam()), 5000);
    rig->core.drain();
    EXPECT_EQ(rig->core.accounting.cycles.value() - cycles_before, rig->core.now().value() - before);
    EXPECT_EQ(rig->attributed(), rig->core.accounting.slots.value());
    EXPECT_EQ(rig->core.instructions.value() - instructions, 5000u);
  }
}

TEST_P(OooAccounting, SmallestStepsChangeNothing) {
  for (const Json& core : configurations) {
    u64 ends[2];
    for (const bool step : {false, true}) {
      build(core);
      rig->step = step;
      mix(*rig, static_cast<u64>(GetParam()), 3000);
      rig->core.drain();
      ends[step] = rig->core.now().value();
    }
    EXPECT_EQ(ends[0], ends[1]);
  }
}

TEST_P(OooAccounting, ResumedGoesOnAsDrained) {
  build();
  mix(*rig, static_cast<u64>(GetParam()), 2000);
  rig->core.drain();
  OutOfOrderRig other(Json::object(), Json::object());
  std::vector<Component*> to;
  other.machine.for_each([&](Component& c) { to.push_back(&c); });
  std::size_t n = 0;
  rig->machine.for_each([&](Component& c) {
    Archive saving = Archive::saving("c");
    c.state(saving);
    const Json saved = saving.take();
    Archive loading = Archive::loading("c", saved);
    to[n++]->state(loading);
  });
  other.machine.for_each([](Component& c) { c.after_restore(); });
  other.pc = rig->pc;
  other.core.start(rig->core.now(), rig->pc);
  for (OutOfOrderRig* each : {rig.get(), &other}) {
    mix(*each, 99, 2000);
    each->core.drain();
  }
  EXPECT_EQ(rig->core.now(), other.core.now());
}

INSTANTIATE_TEST_SUITE_P(Seeds, OooAccounting, testing::Range(1, 6));

using OooAlone = CoreTest;

TEST_F(OooAlone, EntersAnEmptyCore) {
  build();
  Record read = op(OpClass::Csr, 5);
  read.alone = true;
  rig->core.drain();
  const u64 start = rig->core.now().value();
  rig->enter(op(OpClass::IntDiv, 6));  // issued at 6, done at 26, committed at 27
  EXPECT_EQ(rig->enter(read), start + 6 + 20 + 1);
}

TEST_F(OooAlone, TrapsAndInterruptsTurnTheFrontEnd) {
  build({{"trap_cycles", 5}});
  Record trapping = alu(1);
  trapping.trapped = true;
  trapping.next_pc = 0x8000'0100;
  // Committed 2 cycles after its issue, then the handler through the whole front end.
  EXPECT_EQ(cycles([&] {
              rig->enter(trapping);
              rig->enter(alu(1));
            }),
            2u + 5 + 3 + 2 + 1 + 1);
  rig->pc = 0x8000'0000;
  EXPECT_EQ(cycles([&] {
              rig->core.redirect(rig->pc);
              rig->enter(alu(1));
            }),
            5u + 1);
}

TEST_F(OooAlone, IdleTimeIsIdle) {
  build();
  rig->core.drain();
  const Cycle asleep = rig->core.now();
  rig->core.count_cycles(asleep + 200);  // somebody looks meanwhile
  EXPECT_EQ(rig->attributed(CycleCause::Idle), 4u * 200);
  rig->core.drain();  // as before every resume(): counts nothing again
  rig->core.resume(asleep + 500, rig->pc);
  EXPECT_EQ(rig->attributed(CycleCause::Idle), 4u * 500);
}

// A branch that is fetched as a load, which no model tells a core of, is never resolved.
TEST(OooStuckDeathTest, PrintsItsQueues) {
  OutOfOrderRig rig({{"fetch", {{"wrong_path", false}}}}, Json::object());
  EXPECT_DEATH(
      {
        Record branching = load(5, 0x8000'0000);
        branching.flow = Record::Flow::Conditional;
        branching.next_pc = rig.pc + 64;
        for (int i = 0; i < 2; ++i) rig.enter(branching);
      },
      "stands still(.|\n)*window: head(.|\n)*queue 0");
}

// Waits whose end is known are none, however long.
TEST_F(OooAccounting, LongWaitsAreNoStandstill) {
  build({{"stuck_cycles", 10'000}, {"op", {{"int_div", {{"latency", 10'000}}}}}});
  EXPECT_GT(cycles([&] { for (int i = 0; i < 3; ++i) rig->enter(op(OpClass::IntDiv, 5, 5)); }), 29'999u);
}

// Every cycle counts once for each buffer, and none holds more than it has places.
TEST_F(OooAccounting, OccupancyAddsUp) {
  build({{"count_occupancy", true}, {"rob", {{"entries", 12}}}});
  rig->core.set_space({1, 1});
  mix(*rig, 1, 3000);
  rig->core.drain();
  const Occupancy& held = *rig->core.occupancy;
  for (const Histogram* histogram : {&held.fetched, &held.rob, &held.queues[0], &held.queues[2], &held.loads,
                                     &held.stores, &held.writes}) {
    const std::vector<u64> counts = histogram->raw();
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), u64{0}), rig->core.accounting.cycles.value());
  }
  const std::vector<u64> rob = held.rob.raw();
  EXPECT_NE(rob[0], 0u);
  EXPECT_NE(rob[12], 0u);
  EXPECT_EQ(std::accumulate(rob.begin() + 13, rob.end(), u64{0}), 0u);
}

// What is in the way is the chain's latency, as soon as its queue is full, though one commits each cycle.
TEST_F(OooAccounting, AChainUsesASlotACycle) {
  build();
  rig->core.drain();
  const u64 base = rig->attributed(CycleCause::Base), execute = rig->attributed(CycleCause::Execute);
  const u64 taken = cycles([&] {
    for (int i = 0; i < 400; ++i) rig->enter(alu(5, 5));
  });
  EXPECT_EQ(taken, 400u);
  EXPECT_EQ(rig->attributed(CycleCause::Base) - base, 400u);
  EXPECT_GT((rig->attributed(CycleCause::Execute) - execute) * 10, 3 * taken * 9);
}

// All that is lost between the branch and the right path is the misprediction's.
TEST_F(OooAccounting, AMispredictionIsLostSlots) {
  u64 taken[2], lost[2];
  for (const bool mispredicted : {false, true}) {
    build({{"fetch", {{"wrong_path", false}}}});
    rig->core.drain();
    const u64 before = rig->attributed(CycleCause::Mispredict);
    taken[mispredicted] = cycles([&] {
      rig->enter(branch(rig->pc, mispredicted, rig->pc + 4));
      rig->enter(alu(5));
    });
    lost[mispredicted] = rig->attributed(CycleCause::Mispredict) - before;
  }
  EXPECT_EQ(lost[false], 0u);
  EXPECT_GE(lost[true], 4 * (taken[true] - taken[false]));
  EXPECT_LE(lost[true], 4 * (taken[true] - taken[false]) + 3);
}

// Stores that nothing waits for but the store queue: not the fault of what was fetched last.
TEST_F(OooAccounting, AFullStoreQueueIsTheWriteBuffers) {
  build({{"load_store", {{"store_queue", 2}, {"write_buffer", 1}}}});
  const u64 before = rig->attributed(CycleCause::WriteBuffer), full = rig->core.full_stores.value();
  const u64 taken = cycles([&] {
    for (u64 i = 0; i < 16; ++i) rig->enter(store(0x8800'0000 + 64 * i));
  });
  const u64 waited = rig->attributed(CycleCause::WriteBuffer) - before;
  EXPECT_GT(waited * 10, 4 * taken * 9);
  EXPECT_GT((rig->core.full_stores.value() - full) * 10, taken * 7);  // cycles, not attempts
  EXPECT_EQ(rig->attributed(), rig->core.accounting.slots.value());
}

// An instruction that runs alone waits for its bytes as others do.
TEST_F(OooAccounting, InstructionCacheMissesOfWhatRunsAlone) {
  build();
  Record fence = op(OpClass::Fence, no_dest);
  fence.alone = true;
  const u64 warm = cycles([&] { rig->enter(fence); });
  jump(0x8900'0000);
  EXPECT_EQ(cycles([&] { rig->enter(fence); }), warm + 100);
}

}  // namespace
}  // namespace orrery::ooo
