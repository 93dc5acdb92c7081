// A core whose data cache refuses for ever, or whose memory never answers, says what it waits for.
#include "tests/models/outoforder/core_fixture.h"
#include "tests/timing/refusing_dram.h"

namespace orrery::ooo {
namespace {

using OooStuck = CoreTest;
const Json impatient = {{"stuck_cycles", 10'000}};

TEST_F(OooStuck, RefusedForEver) {
  for (const u64 retry : retries) {
    const auto dies = [&](RequestKind kind, const Record& record, const std::string& who, const std::string& queues) {
      OutOfOrderRig refused(impatient, refusing(kind, retry));
      EXPECT_DEATH(
          {
            refused.enter(record);
            refused.core.drain();
          },
          still(who) + queues)
          << retry;
    };
    dies(RequestKind::Load, load(5, cold), "core", "pc 0x80000000 load");
    Record atomic = load(5, cold);
    atomic.op_class = OpClass::Atomic;
    atomic.memory = Record::Memory::Atomic;
    dies(RequestKind::Atomic, atomic, "l1d", "asked by hart 0 for 8 bytes at 0x88000000, pc 0x80000000");
    dies(RequestKind::Store, store(cold), "core", "write buffer in use");
  }
}

TEST_F(OooStuck, NeverAnswered) {
  for (const RequestKind kind : {RequestKind::Load, RequestKind::Store}) {
    OutOfOrderRig unanswered(impatient, refusing(kind, 0, true));
    EXPECT_DEATH(
        {
          unanswered.enter(kind == RequestKind::Load ? load(5, cold) : store(cold));
          unanswered.core.drain();
        },
        still("core") + "l1d: line 0x88000000 until -");
  }
}

// Each is refused until the one before it has its line, and then taken.
TEST_F(OooStuck, RefusalsCountInARow) {
  for (const bool stores : {false, true}) {
    build(impatient, {{"l1d", {{"mshrs", 1}}}});
    for (u64 line = 0; line < 12'000; ++line) rig->enter(stores ? store(cold + line * 64) : load(static_cast<u8>(1 + line % 16), cold + line * 64));
    rig->core.drain();
    EXPECT_GT(rig->hierarchy.ports(0).l1d.refusals.value(), 10'000u) << stores;
  }
}

}  // namespace
}  // namespace orrery::ooo
