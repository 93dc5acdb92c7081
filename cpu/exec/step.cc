#include "cpu/exec/step.h"

namespace orrery {

Stepper::Stepper(AddressSpace& memory, const std::vector<Hart*>& harts)
    : blocks_(memory, harts), cursors_(harts.size()) {}

const BlockOp* Stepper::find_block(Hart& hart, Cursor& cursor) {
  cursor.pc = 1;
  blocks_.collect();
  const Block* block = blocks_.find(hart, hart.pc);
  if (!block) return nullptr;
  cursor = {block->ops.data(), hart.pc, hart.pc, hart.mmu.fetch_space(),
            blocks_.epoch(), block->physical};
  return cursor.op;
}

void Stepper::take_trap(Hart& hart, const Trap& trap, Executed::Result kind, Executed& result) {
  ++hart.steps;
  ++hart.untaken;
  hart.take_trap(trap);
  result.result = kind;
  result.next_pc = hart.pc;
}

// Where an access has gone that the hart had not at hand.
void Stepper::find_access(const Hart& hart, Executed& result) {
  if (const auto cached = hart.mmu.cached(result.address, access_kind(result.op))) {
    result.physical = *cached;
    return;
  }
  result.physical = hart.mmu.last.physical;
  if (!hart.mmu.last.ram) result.access = Op::Memory::Device;
}

}  // namespace orrery
