#include "models/warm/step.h"

#include "base/bits.h"
#include "cpu/exec/step.h"
#include "models/timing/describe.h"

namespace orrery {
namespace {

// Enters an empty pipeline, so that fetching begins anew behind it: what reads time or changes how
// instructions are fetched, translated or privileged.
bool restarts(const Hart& hart, const Op& op) {
  switch (op.op_class) {
    case OpClass::System:
      return true;
    case OpClass::Fence:
      return op.row == RowId::fence_i || op.row == RowId::sfence_vma || op.row == RowId::sinval_vma;
    case OpClass::Csr:
      return preview(hart, op).alone;
    default:
      return false;
  }
}

void tell_access(Hart& hart, const Op& op, u64 pc, u64 address, Tick now, Warmer& warmer) {
  WarmAccess access;
  access.kind = op.memory == Op::Memory::Load    ? RequestKind::Load
                : op.memory == Op::Memory::Store ? RequestKind::Store
                                                 : RequestKind::Atomic;
  access.size = op.size;
  access.pc = pc;
  access.address = address;
  if (const auto cached = hart.mmu.cached(address, access_kind(op))) {
    access.physical = *cached;
  } else {
    access.physical = hart.mmu.last.physical;
    access.is_device = !hart.mmu.last.ram;
  }
  if (access.size == cache_block_bytes) {
    access.address = align_down(address, cache_block_bytes);
    access.physical = PhysAddr{align_down(access.physical.value(), cache_block_bytes)};
  }
  warmer.access(hart, access, now);
}

void tell_branch(Hart& hart, const Op& op, u64 pc, u64 next, Warmer& warmer) {
  WarmBranch branch;
  branch.pc = pc;
  branch.target = pc + static_cast<u64>(i64{op.imm});
  branch.next = next;
  branch.footprint = op;
  if (op.flow == Op::Flow::Indirect) branch.target = next;
  warmer.branch(hart, branch);
}

}  // namespace

const BlockOp* step_warm(Frame& frame, const BlockOp* op, Warmer& warmer) {
  Hart& hart = frame.hart;
  const Op& o = op->op;
  const u64 pc = frame.pc_of(op);
  const u64 address = hart.x[o.rs1] + static_cast<u64>(i64{o.imm});
  const Tick now = frame.time_at(frame.steps + op->index);
  const bool begins_anew = restarts(hart, o);
  const BlockOp* const next = single_handler(o.row)(frame, op);
  if (!next && (frame.exit == Exit::Trap || frame.exit == Exit::Wait)) return nullptr;
  const u64 next_pc = next ? frame.pc_of(op) + o.length : frame.next_pc;
  switch (o.op_class) {
    case OpClass::Load:
    case OpClass::Store:
    case OpClass::Atomic:
      tell_access(hart, o, pc, address, now, warmer);
      break;
    case OpClass::Branch:
    case OpClass::Jump:
      tell_branch(hart, o, pc, next_pc, warmer);
      break;
    default:
      break;
  }
  if (begins_anew) {
    if (o.row == RowId::fence_i) warmer.flush_instructions(hart);
    if (o.row == RowId::sfence_vma || o.row == RowId::sinval_vma) warmer.flush_tlbs(hart);
    warmer.restart(hart, next_pc);
  }
  return next;
}

void interpret_warm(Frame& frame, const BlockOp* op, PhysAddr physical, u64 budget, Warmer& warmer) {
  const u16 first = op->offset;
  for (;; --budget) {
    if (budget == 0 || op->op.length == 0) {
      end_of_block_handler()(frame, op);
      return;
    }
    const Tick now = frame.time_at(frame.steps + op->index);
    warmer.fetch(frame.hart, frame.pc_of(op), physical + (op->offset - first), op->op.length, now);
    op = step_warm(frame, op, warmer);
    if (!op) return;
  }
}

}  // namespace orrery
