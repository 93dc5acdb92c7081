// The in-order core model: execution-driven, functional first.
//
// Each instruction is executed (cpu/exec) when it enters the pipeline, and the pipeline decides when
// everything happens (pipeline.h). hart.time is the time of the pipeline's next event, and exact
// where an instruction can see it: what reads time, touches a device or changes how instructions are
// fetched or translated enters an empty pipeline.
//
// Limits: memory order is the order of entry. On a wrong path, branches go where their operands say
// rather than where they would be predicted, and a miss of the instruction TLB ends the path.
#pragma once

#include <memory>
#include <vector>

#include "cpu/exec/step.h"
#include "models/cpu_model.h"
#include "models/inorder/pipeline.h"
#include "models/timing/describe.h"

namespace orrery {

class InOrder final : public CpuModel {
 public:
  using Config = InOrderConfig;

  InOrder(const Config& config, const ModelContext& context);
  ~InOrder() override;

  StopReason run(Hart& hart, Horizon& horizon) override;
  void drain() override;
  void forget(PhysAddr begin, u64 size) override { stepper_.forget(begin, size); }
  bool is_timing() const override { return true; }
  const char* type() const override { return "inorder"; }

  bool is_timing_state() const override { return true; }
  void after_restore() override;

 private:
  struct Core;

  void begin(Core& core);
  void enter(Core& core, const Preview& preview);

  EventQueue& events_;
  Stepper stepper_;
  Executed executed_;
  std::vector<std::unique_ptr<Core>> cores_;  // by hart
};

}  // namespace orrery
