#include "cpu/exec/step.h"

#include <array>

namespace orrery {
namespace {

constexpr bool accesses_memory(OpClass c) {
  return c == OpClass::Load || c == OpClass::Store || c == OpClass::Atomic;
}

// Bits 13:12 of every load, store and atomic are the logarithm of its width (I, 2.6, 13 and 21.5).
constexpr u8 width_of(std::string_view encoding, Form form, OpClass op_class) {
  if (!accesses_memory(op_class)) return 0;
  if (form == Form::Cbo) return cache_block_bytes;
  unsigned logarithm = 0;
  int bit = 31;
  for (const char c : encoding) {
    if (c == ' ') continue;
    if (bit == 13 || bit == 12) logarithm = logarithm << 1 | (c == '1');
    --bit;
  }
  return static_cast<u8>(1u << logarithm);
}

}  // namespace

constexpr std::array<u8, static_cast<std::size_t>(RowId::count)> access_sizes = {
#define INSN_OF(ext, name, encoding, form, cls, ...) width_of(encoding, Form::form, OpClass::cls),
#define HELPER_OF INSN_OF
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
};

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

void Stepper::step(Hart& hart, Executed& result, std::optional<PhysAddr> known) {
  Cursor& cursor = cursors_[hart.id];
  hart.mmu.attention = false;
  result.pc = hart.pc;
  result.access = Executed::Access::None;
  const BlockOp* const op = find(hart, cursor);
  if (!op) {
    ++hart.steps;
    ++hart.untaken;
    hart.take_trap(hart.mmu.trap());
    result.result = Executed::Result::Fetch;
    result.next_pc = hart.pc;
    return;
  }
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
  if (next) {
    frame.exit = Exit::Next;
    frame.next_pc = frame.pc_of(next);
    cursor.op = next;
    cursor.pc = frame.next_pc;
  } else {
    cursor.pc = 1;
  }
  result.next_pc = hart.pc = frame.next_pc;
  switch (frame.exit) {
    case Exit::Next: result.result = Executed::Result::Done; break;
    case Exit::Look:
    case Exit::Return: result.result = Executed::Result::Look; break;
    case Exit::Wait:
      result.result = Executed::Result::Wait;
      return;
    case Exit::Trap:
      hart.steps += 1;
      ++hart.untaken;
      hart.take_trap(frame.trap);
      result.result = Executed::Result::Trap;
      result.next_pc = hart.pc;
      return;
  }
  hart.steps = frame.steps + op->index + 1;

  result.size = access_size(op->op.row);
  if (result.size == 0) return;
  const bool load = op->op.op_class == OpClass::Load;
  result.access = load                                     ? Executed::Access::Load
                  : op->op.op_class == OpClass::Store ? Executed::Access::Store
                                                           : Executed::Access::Atomic;
  if (known) {
    result.physical = *known;
    return;
  }
  const bool lr = op->op.row == RowId::lr_w || op->op.row == RowId::lr_d;
  if (const auto cached = hart.mmu.cached(result.address, load || lr ? AccessKind::Load : AccessKind::Store)) {
    result.physical = *cached;
    return;
  }
  result.physical = hart.mmu.last.physical;
  if (!hart.mmu.last.ram) result.access = Executed::Access::Device;
}

}  // namespace orrery
