// The execution of decoded instructions on a hart, as the models share it.
//
// A block is a run of instructions decoded once. Each has a handler, generated from its row, that
// executes it. Handlers come in two dispatches: *chained* ones call the next instruction's handler as
// their last act, so that the host predicts each jump on its own, and return when control leaves the
// block; *single* ones return the next instruction, or null when control leaves. How control left
// stands in the frame.
//
// Within a block the hart's pc, time and steps are not kept up to date: a handler that needs them
// exact (a slow memory access, a CSR, a trap) calls sync() first.
#pragma once

#include <array>

#include "cpu/arch/hart.h"
#include "cpu/isa/op.h"

namespace orrery {

struct Frame;
struct BlockOp;

using Handler = const BlockOp* (*)(Frame&, const BlockOp*);

struct BlockOp {
  Handler run;  // chained
  Op op;
  u16 offset;  // bytes from the block's begin
  u16 index;   // instructions from the block's begin
};

enum class Exit : u8 {
  Next,   // on to frame.next_pc
  Look,   // the same, but interrupts, horizon or address space may have changed: look again
  Return, // the same, but the privilege has changed (mret, sret)
  Trap,   // frame.trap, raised by the instruction at frame.exit_op
  Wait,   // the instruction did nothing and is to be repeated once the other harts have caught up
};

struct Frame {
  Frame(Hart& h, u64 ticks)
      : hart(h), ticks_per_step(ticks), steps(h.steps), first_step(h.steps), start(h.time) {}

  Hart& hart;
  u64 ticks_per_step;         // what a fast model charges for an instruction
  u64 block_pc = 0;           // virtual address of the running block
  u64 next_pc = 0;
  const BlockOp* exit_op = nullptr;  // the last instruction executed when control leaves
  Exit exit = Exit::Next;
  Trap trap{};
  u64 steps;       // hart.steps at the begin of the running block
  u64 first_step;  // and where the model began to charge ...
  Tick start;      // ... with this time

  u64 pc_of(const BlockOp* op) const { return block_pc + op->offset; }

  void sync(const BlockOp* op) {
    hart.pc = pc_of(op);
    hart.steps = steps + op->index;
    hart.time = time_at(hart.steps);
  }
  Tick time_at(u64 step) const { return start + (step - first_step) * ticks_per_step; }
};

// The handlers of each row, and the chained one that ends a block without a jump (execution goes on
// at block_pc + offset).
extern const std::array<Handler, static_cast<std::size_t>(RowId::count)> chained_handlers, single_handlers;
inline Handler chained_handler(RowId row) { return chained_handlers[static_cast<std::size_t>(row)]; }
inline Handler single_handler(RowId row) { return single_handlers[static_cast<std::size_t>(row)]; }
Handler end_of_block_handler();

}  // namespace orrery
