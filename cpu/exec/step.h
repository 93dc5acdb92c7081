// One instruction at a time, with what a timing model wants to know of it.
//
// Contract: the model looks at interrupts and the horizon before each step, as models/cpu_model.h
// says; step() executes the instruction at hart.pc, or takes its exception, and advances hart.steps.
// Time is the caller's: hart.time must be exact when the instruction can see it (a CSR, a device).
#pragma once

#include <optional>
#include <vector>

#include "cpu/exec/block_cache.h"

namespace orrery {

struct Executed {
  enum class Result : u8 {
    Done,
    Look,   // done; interrupts, horizon or address space may have changed
    Trap,   // it raised an exception, which has been taken: pc is the handler's
    Wait,   // nothing was done: a device beyond device_tick
    Fetch,  // it could not be fetched; the exception has been taken, and `op` is meaningless
  };
  Result result = Result::Done;
  Op op;
  u64 pc = 0;
  u64 next_pc = 0;
  PhysAddr fetch;      // physical address of the first byte
  Op::Memory access = Op::Memory::None;  // that was done, of op.size bytes
  u64 address = 0;     // virtual
  PhysAddr physical;   // of a load, store or atomic that was done
  u64 operand[2] = {0, 0};  // values of rs1 and rs2 before, for latencies that depend on them
};

// As what a load, store or atomic is translated: lr only reads (A, 13.2).
inline AccessKind access_kind(const Op& op) {
  const bool reads = op.memory == Op::Memory::Load || op.row == RowId::lr_w || op.row == RowId::lr_d;
  return reads ? AccessKind::Load : AccessKind::Store;
}

class Stepper {
 public:
  Stepper(AddressSpace& memory, const std::vector<Hart*>& harts);

  // What step() will execute; null when it cannot be fetched (step() then traps). This is the fetch:
  // it translates, which may set A bits, and decodes, but executes nothing.
  const BlockOp* next_op(Hart& hart) {
    Cursor& cursor = cursors_[hart.id];
    if (cursor.pc == hart.pc && cursor.epoch == blocks_.epoch() &&
        cursor.space == hart.mmu.fetch_space()) [[likely]]
      return cursor.op;
    return find_block(hart, cursor);
  }

  // Executes `op`, which next_op() has given since the hart did anything. `known`: where its access
  // goes, when the caller has asked Mmu::cached() already.
  void step(Hart& hart, const BlockOp* op, Executed& result, std::optional<PhysAddr> known = {});

  void forget(PhysAddr begin, u64 size) { blocks_.drop_range(begin, size); }

 private:
  struct Cursor {
    const BlockOp* op = nullptr;
    u64 pc = 1;
    u64 block_pc = 0;
    u64 space = 0;
    u64 epoch = 0;
    PhysAddr physical;  // of the block
  };

  const BlockOp* find_block(Hart& hart, Cursor& cursor);
  static void take_trap(Hart& hart, const Trap& trap, Executed::Result kind, Executed& result);
  static void find_access(const Hart& hart, Executed& result);

  BlockCache blocks_;
  std::vector<Cursor> cursors_;  // by hart
};

inline void Stepper::step(Hart& hart, const BlockOp* op, Executed& result, std::optional<PhysAddr> known) {
  hart.mmu.attention = false;
  result.pc = hart.pc;
  result.access = Op::Memory::None;
  if (!op) [[unlikely]] return take_trap(hart, hart.mmu.trap(), Executed::Result::Fetch, result);
  Cursor& cursor = cursors_[hart.id];
  result.op = op->op;
  result.fetch = cursor.physical + op->offset;
  result.operand[0] = hart.x[op->op.rs1];
  result.operand[1] = hart.x[op->op.rs2];
  result.address = result.operand[0] + static_cast<u64>(i64{op->op.imm});

  Frame frame(hart, 0);
  frame.block_pc = cursor.block_pc;
  frame.steps = hart.steps - op->index;
  const BlockOp* next = single_handler(op->op.row)(frame, op);
  if (next && next->op.length == 0) next = next->run(frame, next);  // the block's end
  result.result = Executed::Result::Done;
  if (next) {
    frame.next_pc = frame.pc_of(next);
    cursor.op = next;
    cursor.pc = frame.next_pc;
  } else {
    cursor.pc = 1;
    if (frame.exit == Exit::Trap) {
      hart.pc = frame.next_pc;
      return take_trap(hart, frame.trap, Executed::Result::Trap, result);
    }
    if (frame.exit == Exit::Look || frame.exit == Exit::Return) result.result = Executed::Result::Look;
    if (frame.exit == Exit::Wait) result.result = Executed::Result::Wait;
  }
  result.next_pc = hart.pc = frame.next_pc;
  if (result.result == Executed::Result::Wait) return;
  ++hart.steps;
  result.access = op->op.memory;
  if (result.access == Op::Memory::None) return;
  if (known) {
    result.physical = *known;
  } else {
    find_access(hart, result);
  }
}

}  // namespace orrery
