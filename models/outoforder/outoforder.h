// The out-of-order core model: execution-driven, functional first.
//
// Each instruction is executed (cpu/exec) when it is fetched, and the core decides when everything
// happens (core.h). hart.time is the time of the core's next event, and exact where an instruction
// can see it: what reads time, touches a device or changes how instructions are fetched or
// translated enters an empty pipeline. Behind a mispredicted branch the wrong path is fetched and
// executed on a copy (cpu/exec/speculative.h).
//
// Limits: memory order is the order of entry. An interrupt is taken between two fetches, when all
// before has committed; what is behind an instruction that traps is not fetched.
#pragma once

#include <memory>
#include <vector>

#include "cpu/exec/step.h"
#include "models/cpu_model.h"
#include "models/outoforder/core.h"

namespace orrery {

class OutOfOrder final : public CpuModel {
 public:
  using Config = ooo::Config;

  OutOfOrder(const Config& config, const ModelContext& context);
  ~OutOfOrder() override;

  StopReason run(Hart& hart, Horizon& horizon) override;
  void drain() override;
  void forget(PhysAddr begin, u64 size) override { stepper_.forget(begin, size); }
  bool is_timing() const override { return true; }
  const char* type() const override { return "outoforder"; }

  bool is_timing_state() const override { return true; }
  void after_restore() override;

 private:
  struct Seat;

  void begin(Seat& seat);

  EventQueue& events_;
  Stepper stepper_;
  Executed executed_;
  std::vector<std::unique_ptr<Seat>> seats_;  // by hart
};

}  // namespace orrery
