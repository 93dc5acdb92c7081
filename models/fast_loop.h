// The loop of the models that charge a fixed time for each instruction: interrupts, waiting, the
// horizon and the budget, the same for all of them, so that results do not depend on which runs.
#pragma once

#include <algorithm>

#include "base/event_queue.h"
#include "cpu/exec/block_cache.h"
#include "cpu/exec/frame.h"
#include "models/cpu_model.h"

namespace orrery {

inline constexpr u64 no_overflow = ~u64{0};  // of steps_to_overflow()

// run_blocks(frame, budget): executes at most `budget` instructions, until something is to be looked
// at; brings the hart's pc, steps and time up to date, and returns how control left.
template <class RunBlocks>
StopReason run_fast(Hart& hart, Horizon& horizon, EventQueue& events, BlockCache& blocks,
                    u64 cycles_per_instruction, RunBlocks&& run_blocks) {
  Frame frame(hart, hart.clock.period() * cycles_per_instruction);
  hart.device_tick = horizon.device_tick;
  const u64 last_step = horizon.steps > ~u64{0} - hart.steps ? ~u64{0} : hart.steps + horizon.steps;

  for (;;) {
    blocks.collect();
    hart.mmu.attention = false;
    check_counter_overflow(hart);
    if (hart.waiting) {
      if (!hart.wakes()) return StopReason::Waiting;
      hart.waiting = false;
    }
    const Tick limit = std::min(horizon.tick, events.next());
    if (horizon.stop || hart.time >= limit) return StopReason::Horizon;
    if (const auto cause = hart.pending_interrupt()) hart.take_interrupt(*cause);
    if (hart.steps >= last_step) return StopReason::Horizon;

    const u64 ticks_left = limit - hart.time;
    u64 budget = (ticks_left - 1) / frame.ticks_per_step + 1;
    budget = std::min(budget, last_step - hart.steps);
    const u64 overflow = steps_to_overflow(hart, frame.ticks_per_step);
    budget = std::min(budget, overflow);
    for (const u64 end = hart.steps + budget;;) {
      const Exit exit = run_blocks(frame, end - hart.steps);
      if (exit == Exit::Wait) return StopReason::Device;
      if (exit == Exit::Trap) {
        ++hart.untaken;
        hart.take_trap(frame.trap);
      } else if (exit != Exit::Return) {
        break;
      }
      // Only privilege has changed, and so which interrupts may be taken and which events count.
      if (hart.steps == end || hart.mmu.attention || hart.pending_interrupt() || overflow != no_overflow ||
          steps_to_overflow(hart, frame.ticks_per_step) != no_overflow)
        break;
    }
  }
}

// Executes the beginning of a block with the interpreter's handlers: all of it, or what the budget
// allows. `copy` is scratch.
inline void interpret_block(Frame& frame, const Block& block, u64 budget, std::vector<BlockOp>& copy) {
  if (block.count <= budget) {
    block.ops.front().run(frame, block.ops.data());
    return;
  }
  copy.assign(block.ops.begin(), block.ops.begin() + static_cast<std::ptrdiff_t>(budget) + 1);
  copy.back().run = end_of_block_handler();
  copy.front().run(frame, copy.data());
}

}  // namespace orrery
