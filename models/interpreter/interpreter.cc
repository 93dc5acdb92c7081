#include "models/interpreter/interpreter.h"

#include "models/fast_loop.h"
#include "models/warm/step.h"

namespace orrery {
namespace {

const bool registered = CpuModels::add<Interpreter>(
    "interpreter", "executes decoded instructions one by one; the reference");

}  // namespace

Interpreter::Interpreter(const Config& config, const ModelContext& context)
    : CpuModel(&context.parent, "interpreter"),
      cycles_per_instruction_(config.cycles_per_instruction),
      events_(context.events),
      blocks_(context.memory, context.harts),
      warmer_(context.warmer) {}

Exit Interpreter::run_blocks(Frame& frame, u64 budget) {
  Hart& hart = frame.hart;
  const u64 last_step = frame.steps + budget;
  u64 pc = hart.pc;
  const Block* block = nullptr;
  if (warmer_) warmer_->begin(hart, pc);
  do {
    // A loop finds itself: nothing has happened since that could have dropped it.
    if (!block || pc != frame.block_pc) {
      block = blocks_.find(hart, pc);
      if (!block) {
        frame.trap = hart.mmu.trap();
        frame.exit = Exit::Trap;
        ++frame.steps;
        break;
      }
      frame.block_pc = pc;
    }
    if (warmer_) {
      interpret_warm(frame, block->ops.data(), block->physical, last_step - frame.steps, *warmer_);
    } else {
      interpret_block(frame, *block, last_step - frame.steps, beginning_);
    }
    frame.steps += frame.exit_op->index + u64{1};
    pc = frame.next_pc;
  } while (frame.exit == Exit::Next && frame.steps != last_step);
  if (frame.exit == Exit::Wait) --frame.steps;  // its last instruction did nothing
  if (warmer_) warmer_->end(hart, frame.exit == Exit::Trap ? 1 : pc);
  hart.pc = pc;
  hart.steps = frame.steps;
  hart.time = frame.time_at(frame.steps);
  return frame.exit;
}

std::vector<HostFigure> Interpreter::host_figures() const {
  std::vector<HostFigure> figures;
  if (warmer_) warmer_->add_figures(figures);
  return figures;
}

StopReason Interpreter::run(Hart& hart, Horizon& horizon) {
  return run_fast(hart, horizon, events_, blocks_, cycles_per_instruction_,
                  [this](Frame& frame, u64 budget) { return run_blocks(frame, budget); });
}

}  // namespace orrery
