#include "models/direct/emitter.h"

#include "base/error.h"

namespace orrery::direct {

using asmjit::imm;

Emitter::Emitter(asmjit::CodeHolder& code, const EmitterContext& context, const Ir& ir,
                 const Block& block, u64 page_offset)
    : code_(code), context_(context), ir_(ir), block_(block), page_offset_(page_offset), a(&code) {
  entry_ = a.newLabel();
  resume_ = a.newLabel();
}

// The first bytes of a block are at least five, so that a jump to elsewhere can be put over them
// when it is dropped.
void Emitter::emit() {
  a.bind(entry_);
  a.long_().cmp(budget_register, imm(block_.count));
  a.jb(resume_);
  bool open = false;
  for (std::size_t i = 0; i < ir_.nodes.size(); ++i) {
    const Node& n = ir_.nodes[i];
    if (n.dead) continue;
    if (!open || n.guest != guest_) {
      if (open) end_guest();
      begin_guest(n.guest);
      open = true;
    }
    root(static_cast<Ref>(i));
  }
  if (open) end_guest();
  const BlockOp& last = block_.ops[block_.count - 1];
  if (ir_.nodes.empty() || (ir_.nodes.back().op != IrOp::Jump && ir_.nodes.back().op != IrOp::Goto))
    leave_to(static_cast<i64>(page_offset_ + last.offset + last.op.length), block_.count);
  rare_paths();
  for (std::size_t i = 0; i < side_exits_.size(); ++i) {
    const SideExit exit = side_exits_[i];
    a.bind(exit.begin);
    leave_to(exit.target, exit.executed);
  }
  for (const auto& [number, label] : link_sites_) {
    a.bind(label);
    a.mov(x86::eax, imm(number));
    a.jmp(imm(reinterpret_cast<u64>(context_.thunks.link)));
  }
  a.bind(resume_);
  a.mov(x86::eax, imm(page_offset_));
  a.jmp(imm(reinterpret_cast<u64>(context_.thunks.resume)));
}

void Emitter::begin_guest(u16 guest) {
  while (guest_offsets_.size() <= guest) guest_offsets_.push_back(a.offset());
  guest_ = guest;
  guest_end_ = a.newLabel();
}

void Emitter::end_guest() { a.bind(guest_end_); }

void Emitter::root(Ref r) {
  const Node& n = ir_[r];
  switch (n.op) {
    case IrOp::SetX: return set_x(n);
    case IrOp::Store: return store(n);
    case IrOp::Branch: return branch(n);
    case IrOp::Jump: return jump(n);
    case IrOp::Goto: return go(n);
    case IrOp::Interpret: return interpret(n.guest);
    case IrOp::SetF: return set_f(n);
    case IrOp::LoadF: return load_f(n);
    case IrOp::StoreF: return store_f(n);
    default: return;  // a value, evaluated where it is used
  }
}

// A rare path of the instruction being emitted.
asmjit::Label Emitter::rare(RarePath::Kind kind) {
  const asmjit::Label begin = a.newLabel();
  rare_paths_.push_back({begin, guest_end_, guest_, kind});
  return begin;
}

void Emitter::handler_arguments(u16 guest) {
  a.mov(x86::rcx, imm(reinterpret_cast<u64>(&op(guest))));
  a.mov(x86::edx, imm(page_offset_));
}

// The whole instruction; afterwards nothing is known of what it may have changed.
void Emitter::interpret(u16 guest) {
  handler_arguments(guest);
  a.call(imm(reinterpret_cast<u64>(context_.thunks.interpret)));
  fp_ready_ = false;
  dirty_ = false;
  boxed_ = 0;
}

void Emitter::rare_paths() {
  for (std::size_t i = 0; i < rare_paths_.size(); ++i) {
    const RarePath path = rare_paths_[i];
    a.bind(path.begin);
    if (path.kind == RarePath::LoadFp) {
      a.call(imm(reinterpret_cast<u64>(context_.thunks.load_fp)));
      a.jnc(path.back);
      handler_arguments(path.guest);
      a.jmp(imm(reinterpret_cast<u64>(context_.thunks.finish)));
      continue;
    }
    handler_arguments(path.guest);
    a.call(imm(reinterpret_cast<u64>(context_.thunks.access)));
    a.jmp(path.back);
  }
}

}  // namespace orrery::direct
