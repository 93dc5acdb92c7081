// Every cycle has one cause; saving and resuming does what draining does; instructions that run alone.
#include "base/random.h"
#include "tests/timing/pipeline_fixture.h"

namespace orrery {
namespace {

// A random but repeatable mix of everything.
void mix(PipelineRig& rig, u64 seed, int count) {
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    const auto dest = static_cast<u8>(1 + random.below(31));
    const auto source = static_cast<u8>(random.below(64));
    const u64 address = 0x8010'0000 + random.below(random.below(8) ? 256 : 65536) * 8;
    switch (random.below(16)) {
      case 0: case 1: case 2: rig.enter(load(dest, address, source)); break;
      case 3: case 4: rig.enter(store(address, source)); break;
      case 5: case 6: {
        const u64 target = 0x8000'0000 + random.below(1024) * 4;
        rig.enter(branch(rig.pc, random.below(3) == 0, target == rig.pc ? target + 4 : target));
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
    {{"scoreboard", 4}, {"commit_width", 1}},
};

struct PipelineAccounting : PipelineTest, testing::WithParamInterface<u64> {};

TEST_P(PipelineAccounting, EveryCycleHasOneCause) {
  for (const Json& core : configurations) {
    build(core);
    rig->core.set_space({1, 1});
    const u64 cycles_before = rig->core.accounting.cycles.value();
    const u64 before = rig->core.now().value();
    mix(*rig, GetParam(), 5000);
    rig->core.drain();
    EXPECT_EQ(rig->core.accounting.cycles.value() - cycles_before, rig->core.now().value() - before);
    EXPECT_EQ(rig->attributed(), rig->core.accounting.slots.value());
  }
}

TEST_P(PipelineAccounting, RestoredEqualsDrained) {
  for (const Json& core : configurations) {
    PipelineRig kept(core, Json::object());
    kept.core.set_space({1, 1});
    mix(kept, GetParam(), 3000);
    kept.core.drain();

    const Json saved = save_tree(kept.machine, true);
    PipelineRig restored(core, Json::object());
    load_tree(restored.machine, saved, true);
    restored.core.set_space({1, 1});
    restored.pc = kept.pc;
    restored.core.start(kept.core.now(), kept.pc);

    const StatisticsSnapshot before = snapshot_statistics(kept.machine);
    const StatisticsSnapshot none = snapshot_statistics(restored.machine);
    mix(kept, GetParam() + 100, 3000);
    mix(restored, GetParam() + 100, 3000);
    kept.core.drain();
    restored.core.drain();
    EXPECT_EQ(kept.core.now(), restored.core.now());
    EXPECT_EQ(differences(report_statistics(kept.machine, &before),
                          report_statistics(restored.machine, &none), 10),
              std::vector<std::string>{});
    EXPECT_EQ(differences(save_tree(kept.machine, true), save_tree(restored.machine, true), 10),
              std::vector<std::string>{});
  }
}

// Where the caller's horizons fall makes no difference.
TEST_P(PipelineAccounting, LimitsDoNotShow) {
  for (const Json& core : configurations) {
    PipelineRig whole(core, Json::object()), pieces(core, Json::object());
    pieces.step = true;
    mix(whole, GetParam(), 2000);
    mix(pieces, GetParam(), 2000);
    whole.core.drain();
    pieces.core.drain();
    EXPECT_EQ(whole.core.now(), pieces.core.now());
    EXPECT_EQ(differences(report_statistics(whole.machine, nullptr),
                          report_statistics(pieces.machine, nullptr), 10),
              std::vector<std::string>{});
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PipelineAccounting, testing::Values(1, 2, 3, 4, 5));

using PipelineAlone = PipelineTest;

TEST_F(PipelineAlone, EntersAnEmptyPipeline) {
  build();
  Record read = op(OpClass::Csr, 5);
  read.alone = true;
  rig->core.drain();
  const u64 start = rig->core.now().value();
  rig->enter(op(OpClass::IntDiv, 6));  // issues at 4, done at 24
  EXPECT_EQ(rig->enter(read), start + 4 + 20);
}

TEST_F(PipelineAlone, WithoutRestartTheNextFollowsAtOnce) {
  build();
  Record read = op(OpClass::Csr, 5);
  read.alone = true;
  EXPECT_EQ(cycles([&] {
              rig->enter(read);
              rig->enter(alu(1));
            }),
            2u);
  read.restarts = true;
  EXPECT_EQ(cycles([&] {
              rig->enter(read);
              rig->enter(alu(1));
            }),
            1u + 4 + 1);
}

TEST_F(PipelineAlone, IdleTimeIsIdle) {
  build();
  rig->core.drain();
  const Cycle asleep = rig->core.now();
  rig->core.count_cycles(asleep + 200);  // somebody looks meanwhile
  EXPECT_EQ(rig->attributed(CycleCause::Idle), 2u * 200);
  rig->core.drain();  // as before every resume(): counts nothing again
  rig->core.resume(asleep + 500, rig->pc);
  EXPECT_EQ(rig->attributed(CycleCause::Idle), 2u * 500);
}

TEST_F(PipelineAlone, TrapAndInterruptTurnTheFrontEnd) {
  build({{"trap_cycles", 5}});
  Record trapping = alu(1);
  trapping.trapped = true;
  trapping.next_pc = 0x8000'0100;
  EXPECT_EQ(cycles([&] {
              rig->enter(trapping);
              rig->enter(alu(1));
            }),
            2u + 5 + 4 + 1);
  rig->pc = 0x8000'0000;
  EXPECT_EQ(rig->cycles([&] {
              rig->core.redirect(rig->pc);
              rig->enter(alu(1));
            }),
            1u + 5 + 4 + 1);
}

// The handler comes as behind any other instruction, whatever the one before would have turned.
TEST_F(PipelineAlone, InterruptBehindWhatRunsAlone) {
  for (const bool restarts : {false, true}) {
    build({{"trap_cycles", 5}});
    Record read = op(OpClass::Csr, 5);
    read.alone = true;
    read.restarts = restarts;
    u64 entered = 0, handler = 0;
    EXPECT_EQ(cycles([&] {
                entered = rig->enter(read);
                rig->core.redirect(rig->pc = 0x8000'0100);
                handler = rig->enter(alu(1));
              }),
              1u + 5 + 4 + 1)
        << restarts;
    EXPECT_EQ(handler - entered, 1u + 5) << restarts;
  }
}

}  // namespace
}  // namespace orrery
