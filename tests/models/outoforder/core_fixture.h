// The out-of-order core in a rig: four wide; fetch 3, decode 2 cycles, issue one cycle after rename,
// commit one after the result; branches are resolved 1 cycle after issue.
#pragma once

#include <deque>

#include "models/outoforder/core.h"
#include "tests/timing/core_rig.h"

namespace orrery::ooo {

// Wrong paths as given.
struct FakeSide final : FakeTables {
  void begin_wrong_path(u64 pc) override { at = pc; }
  bool step_wrong_path(Record& record) override {
    if (wrong_path.empty()) return false;
    record = wrong_path.front();
    wrong_path.pop_front();
    record.pc = at;
    record.fetch = PhysAddr{at};
    record.next_pc = at += record.length;
    return true;
  }
  void turn_wrong_path(u64 pc) override { at = pc; }

  std::deque<Record> wrong_path;
  u64 at = 0;
};

struct OutOfOrderRig : CoreRig<Core, FakeSide> {
  OutOfOrderRig(const Json& core_changes, const Json& cache_changes)
      : CoreRig(merged(base(), core_changes), cache_changes) {}
  static constexpr int code = 512;
  static constexpr u64 depth = 3 + 2 + 1 + 1;  // front end, issue of what was renamed, commit
  static Json base() {
    return {{"fetch", {{"bytes", 16}, {"width", 8}}},
            {"predictor", {{"direction", {{"type", "bimodal"}}}}}};
  }
};

struct CoreTest : CoreRigTest<OutOfOrderRig> {
  static constexpr u64 cold = 0x8800'0000;
};

}  // namespace orrery::ooo
