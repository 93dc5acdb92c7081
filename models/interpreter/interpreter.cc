#include "models/interpreter/interpreter.h"

#include <algorithm>

#include "base/event_queue.h"

namespace orrery {
namespace {

const bool registered = CpuModels::add<Interpreter>(
    "interpreter", "executes decoded instructions one by one; the reference");

}  // namespace

Interpreter::Interpreter(const Config& config, const ModelContext& context)
    : CpuModel(&context.parent, "interpreter"),
      cycles_per_instruction_(config.cycles_per_instruction),
      events_(context.events),
      blocks_(context.memory, context.harts) {}

// The whole block does not fit into the budget: a copy of its beginning does.
void Interpreter::run_limited(Frame& frame, const Block& block, u64 budget) {
  beginning_.assign(block.ops.begin(), block.ops.begin() + static_cast<std::ptrdiff_t>(budget) + 1);
  beginning_.back().run = end_of_block_handler();
  beginning_.front().run(frame, beginning_.data());
}

Exit Interpreter::run_blocks(Frame& frame, u64 budget) {
  Hart& hart = frame.hart;
  const u64 last_step = frame.steps + budget;
  u64 pc = hart.pc;
  const Block* block = nullptr;
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
    if (block->count <= last_step - frame.steps) [[likely]] {
      block->ops.front().run(frame, block->ops.data());
    } else {
      run_limited(frame, *block, last_step - frame.steps);
    }
    frame.steps += frame.exit_op->index + u64{1};
    pc = frame.next_pc;
  } while (frame.exit == Exit::Next && frame.steps != last_step);
  if (frame.exit == Exit::Wait) --frame.steps;  // its last instruction did nothing
  hart.pc = pc;
  hart.steps = frame.steps;
  hart.time = frame.time_at(frame.steps);
  return frame.exit;
}

StopReason Interpreter::run(Hart& hart, Horizon& horizon) {
  Frame frame(hart, hart.clock.period() * cycles_per_instruction_);
  hart.device_tick = horizon.device_tick;
  const u64 last_step = horizon.steps > ~u64{0} - hart.steps ? ~u64{0} : hart.steps + horizon.steps;

  for (;;) {
    blocks_.collect();
    hart.mmu.attention = false;
    check_counter_overflow(hart);
    if (hart.waiting) {
      if (!hart.wakes()) return StopReason::Waiting;
      hart.waiting = false;
    }
    const Tick limit = std::min(horizon.tick, events_.next());
    if (horizon.stop || hart.time >= limit) return StopReason::Horizon;
    if (const auto cause = hart.pending_interrupt()) hart.take_interrupt(*cause);
    if (hart.steps >= last_step) return StopReason::Horizon;

    const u64 ticks_left = limit - hart.time;
    u64 budget = (ticks_left - 1) / frame.ticks_per_step + 1;
    budget = std::min(budget, last_step - hart.steps);
    budget = std::min(budget, steps_to_overflow(hart, frame.ticks_per_step));
    switch (run_blocks(frame, budget)) {
      case Exit::Next:
      case Exit::Look:
        break;
      case Exit::Trap:
        ++hart.untaken;
        hart.take_trap(frame.trap);
        break;
      case Exit::Wait:
        return StopReason::Device;
    }
  }
}

}  // namespace orrery
