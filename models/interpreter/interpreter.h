// The plain reference: decoded blocks, one handler an instruction, always right.
//
// Every instruction takes `cycles_per_instruction` cycles of the hart's clock.
#pragma once

#include "cpu/exec/block_cache.h"
#include "models/cpu_model.h"

namespace orrery {

class Interpreter final : public CpuModel {
 public:
  struct Config {
    u32 cycles_per_instruction = 1;
    void visit(Params& p) {
      p("cycles_per_instruction", cycles_per_instruction, "cycles", "what each instruction takes");
      p.require(cycles_per_instruction >= 1 && cycles_per_instruction <= 1'000'000,
                "cycles_per_instruction", "must be 1..1000000");
    }
  };

  Interpreter(const Config& config, const ModelContext& context);

  StopReason run(Hart& hart, Horizon& horizon) override;
  void drain() override {}
  void forget(PhysAddr begin, u64 size) override { blocks_.drop_range(begin, size); }
  bool is_timing() const override { return false; }
  const char* type() const override { return "interpreter"; }
  std::vector<HostFigure> host_figures() const override;

 private:
  // Runs blocks until the budget is used or something is to be looked at; returns the exit.
  Exit run_blocks(Frame& frame, u64 budget);

  u32 cycles_per_instruction_;
  EventQueue& events_;
  BlockCache blocks_;
  Warmer* warmer_;
  std::vector<BlockOp> beginning_;  // of a block that the budget cuts short
};

}  // namespace orrery
