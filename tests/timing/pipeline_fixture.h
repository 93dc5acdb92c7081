// The in-order pipeline in a rig: two-wide, front end 4 cycles deep, 8 bytes a fetch, branches resolved
// 2 cycles after issue.
#pragma once

#include <map>

#include "models/inorder/pipeline.h"
#include "tests/timing/core_rig.h"

namespace orrery {

// The wrong path holds what `wrong` says, and one-cycle instructions between.
struct FakeSide final : FakeTables {
  void begin_wrong_path(u64 pc) override { wrong_pc = pc; }
  bool step_wrong_path(Record& record) override {
    const auto scripted = wrong.find(wrong_pc);
    record = scripted == wrong.end() ? Record{} : scripted->second;
    record.pc = wrong_pc;
    record.fetch = PhysAddr{wrong_pc};
    if (record.next_pc == 0) record.next_pc = wrong_pc + record.length;
    wrong_pc = record.next_pc;
    return record.pc != wrong_end;
  }
  void turn_wrong_path(u64 pc) override { wrong_pc = pc; }

  std::map<u64, Record> wrong;
  u64 wrong_end = 0, wrong_pc = 0;
};

struct PipelineRig : CoreRig<Pipeline, FakeSide> {
  PipelineRig(const Json& core_changes, const Json& cache_changes, Frequency frequency = usual)
      : CoreRig(merged(base(), core_changes), cache_changes, frequency) {}
  static constexpr int code = 128;
  static constexpr u64 depth = 4;
  static Json base() {
    return {{"width", 2}, {"fetch_bytes", 8}, {"frontend_depth", 4}, {"resolve_cycles", 2},
            {"predictor", {{"direction", {{"type", "bimodal"}}}}}};
  }
};

using PipelineTest = CoreRigTest<PipelineRig>;

}  // namespace orrery
