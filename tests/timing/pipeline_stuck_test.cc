// A pipeline that stands still says what it waits for.
#include "tests/timing/pipeline_fixture.h"

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

}  // namespace
}  // namespace orrery
