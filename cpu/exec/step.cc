#include "cpu/exec/step.h"

#include <array>

namespace orrery {
namespace {

// Mnemonics end in the width (I, 2.6 and 13): lb, lhu, fsw, amoadd.d; cache blocks are 64 bytes.
u8 width_of(const RowInfo& info) {
  if (info.op_class != OpClass::Load && info.op_class != OpClass::Store &&
      info.op_class != OpClass::Atomic)
    return 0;
  if (info.form == Form::Cbo) return 64;
  std::string_view name = info.name;
  if (name.ends_with('u')) name.remove_suffix(1);
  switch (name.back()) {
    case 'b': return 1;
    case 'h': return 2;
    case 'w': return 4;
    default: return 8;
  }
}

const std::array<u8, static_cast<std::size_t>(RowId::count)>& widths() {
  static const auto result = [] {
    std::array<u8, static_cast<std::size_t>(RowId::count)> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = width_of(row_info(static_cast<RowId>(i)));
    return all;
  }();
  return result;
}

}  // namespace

u8 access_size(RowId row) { return widths()[static_cast<std::size_t>(row)]; }

Stepper::Stepper(AddressSpace& memory, const std::vector<Hart*>& harts)
    : blocks_(memory, harts), cursors_(harts.size()) {}

const BlockOp* Stepper::find(Hart& hart, Cursor& cursor) {
  if (cursor.pc == hart.pc && cursor.epoch == blocks_.epoch() &&
      cursor.space == hart.mmu.fetch_space())
    return cursor.op;
  cursor.pc = 1;
  blocks_.collect();
  const Block* block = blocks_.find(hart, hart.pc);
  if (!block) return nullptr;
  cursor = {block->ops.data(), hart.pc, hart.pc, hart.mmu.fetch_space(),
            blocks_.epoch(), block->physical};
  return cursor.op;
}

const Op* Stepper::next_op(Hart& hart) {
  const BlockOp* op = find(hart, cursors_[hart.id]);
  return op ? &op->op : nullptr;
}

void Stepper::step(Hart& hart, Executed& result) {
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
  const bool lr = op->op.row == RowId::lr_w || op->op.row == RowId::lr_d;
  if (const auto cached = hart.mmu.cached(result.address, load || lr ? AccessKind::Load : AccessKind::Store)) {
    result.physical = *cached;
    return;
  }
  result.physical = hart.mmu.last.physical;
  if (!hart.mmu.last.ram) result.access = Executed::Access::Device;
}

}  // namespace orrery
