#include "models/direct/emitter.h"

#include <algorithm>

#include "base/error.h"
#include "memory/ram.h"

namespace orrery::direct {

using asmjit::imm;

Emitter::Emitter(asmjit::CodeHolder& code, const EmitterContext& context, const Region& region)
    : code_(code), context_(context), region_(region), a(&code), float_states_(float_states(region)) {
  resume_ = a.newLabel();
  for (std::size_t i = 0; i < region.pieces.size(); ++i) begins_.push_back(a.newLabel());
  for (std::size_t i = 0; i < region.pieces.size(); ++i) underflows_.push_back(a.newLabel());
  choose_registers();
}

void Emitter::emit() {
  if (context_.warm) warm_entry();
  enter_region();
  for (piece_ = 0; piece_ < region_.pieces.size(); ++piece_) emit_piece();
  guest_offsets_.push_back(a.offset());
  burst_paths();
  misaligned_paths();
  nan_paths();
  rare_paths();
  if (context_.warm) warm_paths();
  for (std::size_t i = 0; i < side_exits_.size(); ++i) {
    const SideExit exit = side_exits_[i];
    a.bind(exit.begin);
    leave_to(exit.target);
  }
  for (const auto& [number, label] : link_sites_) {
    a.bind(label);
    a.mov(x86::eax, imm(number));
    a.jmp(imm(reinterpret_cast<u64>(context_.thunks.link)));
  }
  for (std::size_t i = 0; i < region_.pieces.size(); ++i) {
    a.bind(underflows_[i]);
    a.add(budget_register, imm(region_.pieces[i].count));
    restore_registers();
    if (i == 0) a.bind(resume_);
    a.mov(x86::eax, imm(region_.pieces[i].offset));
    a.jmp(imm(reinterpret_cast<u64>(context_.thunks.resume)));
  }
}

// The budget is charged for the whole piece. These instructions have more than five bytes, so that a
// jump to elsewhere can be put over the beginning of a region when it is dropped.
void Emitter::emit_piece() {
  a.bind(begins_[piece_]);
  a.sub(budget_register, imm(piece().count));
  a.jb(underflows_[piece_]);
  float_ = float_states_[piece_];
  bool open = false;
  u16 fetched = 0;
  warm_line_ = ~u64{0};
  const Ir& ir = piece().ir;
  for (std::size_t i = 0; i < ir.nodes.size(); ++i) {
    const Node& n = ir.nodes[i];
    if (n.dead) continue;
    if (!open || n.guest != guest_) {
      if (open) end_guest();
      if (context_.warm)
        while (fetched <= n.guest) warm_fetch(fetched++);
      begin_guest(n.guest);
      open = true;
    }
    if (!burst_)
      if (const auto burst = find_burst(i)) begin_burst(*burst);
    if (burst_) burst_root(static_cast<Ref>(i));
    else root(static_cast<Ref>(i));
  }
  if (open) end_guest();
  if (context_.warm)
    while (fetched < piece().count) warm_fetch(fetched++);
  const IrOp last = ir.nodes.empty() ? IrOp::Const : ir.nodes.back().op;
  const bool gone = last == IrOp::Jump || last == IrOp::Goto ||
                    (last == IrOp::Branch && ir[ir.nodes.back().a].op == IrOp::Const);
  if (context_.warm && !gone && last != IrOp::Branch && piece().end() == page_size) note_next_page();
  if (!gone) go_to(static_cast<i64>(piece().end()));
  while (guest_offsets_.size() < first_guest_ + piece().count) guest_offsets_.push_back(a.offset());
  first_guest_ += piece().count;
}

// Those used most, in loops above all. A guest register that has no host register elsewhere costs
// four moves when control comes and goes.
void Emitter::choose_registers() {
  constexpr u64 moves = 6;
  const std::vector<u64> uses = region_.register_uses();
  homes_.fill(-1);
  std::array<u8, std::size(pinned_x)> guests;
  for (std::size_t i = 0; i < guests.size(); ++i) guests[i] = pinned_x[i].guest;
  for (;;) {
    const auto pinned = [&](u8 r) { return std::find(guests.begin(), guests.end(), r) != guests.end(); };
    u8 best = 0;
    for (u8 r = 1; r < 32; ++r)
      if (!pinned(r) && (best == 0 || uses[r] > uses[best])) best = r;
    const auto least = std::min_element(guests.begin(), guests.end(), [&](u8 l, u8 r) { return uses[l] < uses[r]; });
    if (uses[best] <= uses[*least] + moves) break;
    *least = best;
  }
  for (std::size_t i = 0; i < guests.size(); ++i) {
    homes_[guests[i]] = static_cast<i8>(i);
    if (guests[i] != pinned_x[i].guest) swaps_.push_back({guests[i], i});
  }
}

void Emitter::enter_region() {
  for (const Swap& s : swaps_) a.mov(home(pinned_x[s.pinned].guest), pinned_x[s.pinned].host);
  for (const Swap& s : swaps_) a.mov(pinned_x[s.pinned].host, home(s.guest));
}

void Emitter::restore_registers() {
  for (const Swap& s : swaps_) a.mov(home(s.guest), pinned_x[s.pinned].host);
  for (const Swap& s : swaps_) a.mov(pinned_x[s.pinned].host, home(pinned_x[s.pinned].guest));
}

void Emitter::begin_guest(u16 guest) {
  while (guest_offsets_.size() <= first_guest_ + guest) guest_offsets_.push_back(a.offset());
  guest_ = guest;
  guest_end_ = a.newLabel();
}

void Emitter::end_guest() { a.bind(guest_end_); }

void Emitter::root(Ref r) {
  const Node& n = node(r);
  switch (n.op) {
    case IrOp::SetX: return set_x(n);
    case IrOp::SelectX: return select_x(n);
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
  if (!rare_paths_.empty() && kind != RarePath::LoadFp) {
    const RarePath& last = rare_paths_.back();
    if (last.kind == kind && last.back.id() == guest_end_.id()) return last.begin;
  }
  const asmjit::Label begin = a.newLabel();
  rare_paths_.push_back({begin, guest_end_, piece_, guest_, kind});
  return begin;
}

// For the thunks: the instruction; and where its block begins in the page, with the budget that has
// been charged since there.
void Emitter::handler_arguments(const Piece& piece, u16 guest) {
  a.mov(x86::rcx, imm(reinterpret_cast<u64>(&piece.op(guest))));
  a.mov(x86::edx, imm(piece.offset | piece.count << 16));
}

// The whole instruction; afterwards nothing is known of what it may have changed.
void Emitter::interpret(u16 guest) {
  restore_registers();
  handler_arguments(piece(), guest);
  a.call(imm(reinterpret_cast<u64>(context_.thunks.interpret)));
  enter_region();
  float_ = {};
  warm_line_ = ~u64{0};
}

void Emitter::rare_paths() {
  for (std::size_t i = 0; i < rare_paths_.size(); ++i) {
    const RarePath path = rare_paths_[i];
    a.bind(path.begin);
    if (path.kind == RarePath::LoadFp) {
      a.call(imm(reinterpret_cast<u64>(context_.thunks.load_fp)));
      a.jnc(path.back);
    }
    restore_registers();
    handler_arguments(region_.pieces[path.piece], path.guest);
    if (path.kind != RarePath::Access) {
      a.jmp(imm(reinterpret_cast<u64>(context_.thunks.finish)));
      continue;
    }
    a.call(imm(reinterpret_cast<u64>(context_.thunks.access)));
    enter_region();
    a.jmp(path.back);
  }
}

}  // namespace orrery::direct
