// A pipeline that stands still says what it waits for.
#include "tests/base/config_message.h"
#include "tests/timing/pipeline_fixture.h"
#include "tests/timing/refusing_dram.h"

namespace orrery {
namespace {

// Never answers a load.
class ForgetfulDram final : public Dram {
 public:
  struct Config {
    void visit(Params&) {}
  };
  ForgetfulDram(const Config&, Component& parent) : Dram(parent) {}

  Answer submit(const Request& request, Tick now) override {
    return Answer::done(request.kind == RequestKind::Load ? never : now + 100);
  }
};
const bool registered = Drams::add<ForgetfulDram>("forgetful", "never answers a load");

const Json forgetful = {
    {"dram", {{"type", "forgetful"}, {"latency", nullptr}, {"write_latency", nullptr}, {"beat", nullptr}}}};

// The clock's period is a tick, so that "never" is a cycle too.
TEST(PipelineStuckDeathTest, PrintsItsQueues) {
  PipelineRig rig({{"scoreboard", 8}}, forgetful, Frequency{1'000'000'000'000});
  EXPECT_DEATH(
      {
        rig.enter(load(5, 0x8010'0000));
        rig.enter(store(0x8010'1000));
        rig.enter(alu(6, 5));
        rig.core.drain();
      },
      "core stands still at cycle(.|\n)*fetch: pc 0x8000000c(.|\n)*queue: head 2 tail 3(.|\n)*2 pc 0x80000008 int_alu"
      "(.|\n)*scoreboard: pc 0x80000000 load done - commits -(.|\n)*scoreboard: pc 0x80000004 store"
      "(.|\n)*store buffer: 0x80101000 pc 0x80000004(.|\n)*l1d: MSHR until -(.|\n)*l1d: line 0x80100000 until -");
}

// Whatever the clock, what never comes is not there: neither the load's result, nor that of the younger
// write of a register that an older one is about to write.
TEST(PipelineStuckDeathTest, WhatNeverComesIsWaitedFor) {
  PipelineRig rig(Json::object(), forgetful);
  EXPECT_DEATH(
      {
        rig.enter(load(5, 0x8010'0000));
        rig.enter(op(OpClass::IntDiv, 6));
        rig.enter(alu(6, 5));
        rig.core.drain();
      },
      "core stands still at cycle(.|\n)*queue: head 2 tail 3(.|\n)*l1d: line 0x80100000 until -");
}

using PipelineStuck = PipelineTest;
const Json impatient = {{"stuck_cycles", 10'000}};
constexpr u64 cold = 0x8200'0000;

TEST_F(PipelineStuck, RefusedForEver) {
  for (const u64 retry : retries) {
    const auto dies = [&](RequestKind kind, const Record& record, const std::string& queues) {
      build(impatient, refusing(kind, retry));
      EXPECT_DEATH(
          {
            rig->enter(record);
            rig->core.drain();
          },
          still("core") + queues)
          << retry;
    };
    dies(RequestKind::Load, load(5, cold), "queue: head 0 tail 1(.|\n)*0 pc 0x80000000 load");
    Record atomic = load(5, cold);
    atomic.op_class = OpClass::Atomic;
    atomic.memory = Record::Memory::Atomic;
    dies(RequestKind::Atomic, atomic, "queue: head 0 tail 1(.|\n)*0 pc 0x80000000 atomic");
  }
}

// Stores that go through to memory, of which others have been written before.
TEST_F(PipelineStuck, StoresRefusedForEver) {
  for (const u64 retry : retries) {
    PipelineRig through(impatient, PipelineRig::merged(refusing(RequestKind::Store, retry), {{"l1d", {{"write_allocate", false}, {"write", "through"}}}}));
    EXPECT_DEATH(
        {
          through.enter(store(cold));
          through.core.drain();
        },
        still("core") + "store buffer: 0x82000000 pc 0x80000000")
        << retry;
  }
}

// What a core waits for on the spot: fetches, and the reads of a walk.
TEST_F(PipelineStuck, WaitedForOnTheSpot) {
  for (const bool takes : {false, true}) {
    for (const u64 retry : retries) {
      PipelineRig fetching(impatient, refusing(RequestKind::Fetch, retry, takes));
      EXPECT_DEATH(fetching.enter(alu(1)), still("l1i") + "asked by hart 0 for 8 bytes at 0x80000000") << retry;
      build(impatient, refusing(RequestKind::Walk, retry, takes));
      rig->core.set_space({.fetch = SpaceId::untranslated, .data = 1});
      EXPECT_DEATH(
          {
            rig->enter(load(5, cold));
            rig->core.drain();
          },
          still("l1d") + "asked by hart 0 for 8 bytes at 0x900(.|\n)*pc 0x80000000")
          << retry;
    }
  }
}

// Each is refused until the one before it has its line, and then taken.
TEST_F(PipelineStuck, RefusalsCountInARow) {
  for (const bool stores : {false, true}) {
    build(impatient, {{"l1d", {{"mshrs", 1}}}});
    for (u64 line = 0; line < 12'000; ++line) rig->enter(stores ? store(cold + line * 64) : load(static_cast<u8>(1 + line % 16), cold + line * 64));
    rig->core.drain();
    EXPECT_GT(rig->hierarchy.ports(0).l1d.refusals.value(), 10'000u) << stores;
  }
}

TEST_F(PipelineStuck, ImpatienceHasLimits) {
  EXPECT_NE(config_message([&] { build({{"stuck_cycles", 9'999}}); }).find("stuck_cycles: must be at least 10000"),
            std::string::npos);
}

}  // namespace
}  // namespace orrery
