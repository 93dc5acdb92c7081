// One instruction at a time, with what a timing model wants to know of it.
//
// Contract: the model looks at interrupts and the horizon before each step, as models/cpu_model.h
// says; step() executes the instruction at hart.pc, or takes its exception, and advances hart.steps.
// Time is the caller's: hart.time must be exact when the instruction can see it (a CSR, a device).
#pragma once

#include <array>
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
  enum class Access : u8 { None, Load, Store, Atomic, Device };

  Result result = Result::Done;
  Op op;
  u64 pc = 0;
  u64 next_pc = 0;
  PhysAddr fetch;      // physical address of the first byte
  Access access = Access::None;
  u8 size = 0;         // bytes
  u64 address = 0;     // virtual
  PhysAddr physical;   // of a load, store or atomic that was done
  u64 operand[2] = {0, 0};  // values of rs1 and rs2 before, for latencies that depend on them
};

class Stepper {
 public:
  Stepper(AddressSpace& memory, const std::vector<Hart*>& harts);

  // What step() will execute; null when it cannot be fetched (step() then traps). This is the fetch:
  // it translates, which may set A bits, and decodes, but executes nothing.
  const Op* next_op(Hart& hart) {
    const BlockOp* op = find(hart, cursors_[hart.id]);
    return op ? &op->op : nullptr;
  }

  // `known`: where its access goes, when the caller has asked Mmu::cached() already.
  void step(Hart& hart, Executed& result, std::optional<PhysAddr> known = {});

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

  const BlockOp* find(Hart& hart, Cursor& cursor) {
    if (cursor.pc == hart.pc && cursor.epoch == blocks_.epoch() &&
        cursor.space == hart.mmu.fetch_space()) [[likely]]
      return cursor.op;
    return find_block(hart, cursor);
  }
  const BlockOp* find_block(Hart& hart, Cursor& cursor);

  BlockCache blocks_;
  std::vector<Cursor> cursors_;  // by hart
};

// Bytes that a load, store or atomic accesses; 0 for others.
extern const std::array<u8, static_cast<std::size_t>(RowId::count)> access_sizes;
inline u8 access_size(RowId row) { return access_sizes[static_cast<std::size_t>(row)]; }

}  // namespace orrery
