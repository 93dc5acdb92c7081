// What a warmed timing model is told of (models/warm/warmer.h): the filters compared inline, and the
// outcomes of branches noted.
#include <bit>
#include <cstddef>

#include "base/bits.h"
#include "memory/ram.h"
#include "models/direct/emitter.h"
#include "models/warm/step.h"

namespace orrery::direct {

using asmjit::imm;

namespace {

constexpr i32 at_data_page = offsetof(WarmFilter, data_page);
constexpr i32 at_second_page = offsetof(WarmFilter, second_page);
constexpr i32 at_wanted_page = offsetof(WarmFilter, wanted_page);
constexpr i32 at_fetch_page = offsetof(WarmFilter, fetch_page);
constexpr i32 at_notes = offsetof(WarmFilter, notes);
constexpr i32 at_loads = offsetof(WarmFilter, loads);
constexpr i32 at_stores = offsetof(WarmFilter, stores);
constexpr i32 at_fetches = offsetof(WarmFilter, fetches);
constexpr u64 slot_bytes = sizeof(u64);

}  // namespace

Warming::Warming(Warmer& w, const Hart& hart)
    : warmer(w),
      code_line(w.l1i(hart.id).line_size()),
      data_line(w.l1d(hart.id).line_size()),
      code_slots(w.l1i(hart.id).filter_slots()),
      data_slots(w.l1d(hart.id).filter_slots()) {}

// Control comes from another page, or from nowhere. The budget is not charged yet; if it is used, the
// first instruction is not executed now.
void Emitter::warm_entry() {
  const asmjit::Label known = a.newLabel();
  a.test(budget_register, budget_register);
  a.long_().jz(known);
  a.mov(x86::rcx, x86::qword_ptr(x86::rsp, slot::pc));
  a.and_(x86::rcx, imm(-static_cast<i64>(page_size)));
  a.cmp(x86::rcx, hart(context_.layout.warm + at_fetch_page));
  a.je(known);
  const Piece& first = region_.pieces.front();
  const u64 line = align_down(first.block->physical.value(), context_.warm->code_line);
  a.mov(x86::rcx, imm(line));
  a.mov(x86::edx, imm(WarmPlace{static_cast<u32>(first.offset), 0}.word()));
  a.call(imm(reinterpret_cast<u64>(context_.thunks.warm_fetch)));
  a.bind(known);
}

// The lines of code that an instruction is the first of its piece to touch.
void Emitter::warm_fetch(u16 guest) {
  const BlockOp& op = piece().op(guest);
  const u64 begin = piece().offset + op.offset;
  const u64 line = context_.warm->code_line;
  const u64 remaining = piece().count - guest;
  if (align_down(begin, line) != warm_line_) warm_line(begin, remaining);
  const u64 last = align_down(begin + op.op.length - 1, line);
  if (last != warm_line_) warm_line(last, remaining);
}

void Emitter::warm_line(u64 offset, u64 remaining) {
  warm_line_ = align_down(offset, context_.warm->code_line);
  const u64 page = align_down(piece().block->physical.value(), page_size);
  const u64 line = page + warm_line_;
  const u64 index = line / context_.warm->code_line & (context_.warm->code_slots - 1);
  const WarmPlace place{static_cast<u32>(offset), remaining};
  warm_paths_.push_back({a.newLabel(), a.newLabel(), context_.thunks.warm_fetch, place.word()});
  a.mov(x86::rcx, imm(line));
  a.cmp(x86::rcx, hart(context_.layout.warm + at_fetches + static_cast<i32>(index * slot_bytes)));
  a.jne(warm_paths_.back().begin);
  a.bind(warm_paths_.back().back);
}

void Emitter::warm_access(const Node& n, bool store) {
  const Warming& warm = *context_.warm;
  const WarmPlace place{static_cast<u32>(piece().offset + piece().op(guest_).offset),
                        piece().count - guest_, static_cast<u32>(std::countr_zero(n.size)), store};
  const asmjit::Label page = a.newLabel(), known = a.newLabel(), line = a.newLabel(), back = a.newLabel();
  a.cmp(x86::rdx, hart(context_.layout.warm + at_data_page));
  a.jne(page);
  a.bind(known);
  a.mov(x86::edx, x86::ecx);
  static_assert(slot_bytes == 8);
  if (warm.data_line > slot_bytes) a.shr(x86::edx, imm(std::countr_zero(warm.data_line / slot_bytes)));
  a.and_(x86::edx, imm((warm.data_slots - 1) * slot_bytes));
  a.mov(x86::rdx, x86::qword_ptr(base_register, x86::rdx, 0,
                                 context_.layout.warm + (store ? at_stores : at_loads)));
  a.xor_(x86::rdx, x86::rcx);
  a.cmp(x86::rdx, imm(warm.data_line - 1));
  a.ja(line);
  a.bind(back);
  warm_paths_.push_back({page, known, context_.thunks.warm_page, place.word(), true});
  warm_paths_.push_back({line, back, context_.thunks.warm_access, place.word()});
}

void Emitter::warm_paths() {
  for (const WarmPath& path : warm_paths_) {
    a.bind(path.begin);
    if (path.data_page) {
      const asmjit::Label neither = a.newLabel();
      a.cmp(x86::rdx, hart(context_.layout.warm + at_second_page));
      a.jne(neither);
      a.mov(x86::rax, hart(context_.layout.warm + at_data_page));
      a.mov(hart(context_.layout.warm + at_second_page), x86::rax);
      a.mov(hart(context_.layout.warm + at_data_page), x86::rdx);
      a.jmp(path.back);
      a.bind(neither);
      a.mov(hart(context_.layout.warm + at_wanted_page), x86::rdx);
    }
    a.mov(x86::edx, imm(path.argument));
    a.call(imm(reinterpret_cast<u64>(path.thunk)));
    a.jmp(path.back);
  }
}

u32 Emitter::warm_site(u16 guest, i64 target, bool computed) {
  const BlockOp& op = piece().op(guest);
  WarmSite site;
  site.offset = static_cast<u16>(piece().offset + op.offset);
  site.computed = computed;
  site.target = target;
  site.footprint = op.op;
  return context_.warm->warmer.add_site(site);
}

// Keeps the flags.
void Emitter::note_branch(const Node& n, x86::CondCode taken) {
  const u32 site = warm_site(n.guest, n.imm, false);
  a.set(taken, x86::al);
  a.mov(x86::rcx, hart(context_.layout.warm + at_notes));
  a.movzx(x86::eax, x86::al);
  a.lea(x86::eax, x86::ptr(x86::rax, static_cast<i32>(site << 1)));
  a.mov(x86::dword_ptr(x86::rcx), x86::eax);
  a.lea(x86::rcx, x86::ptr(x86::rcx, sizeof(u32)));
  a.mov(hart(context_.layout.warm + at_notes), x86::rcx);
}

// Keeps rax, the target of a computed jump.
void Emitter::note_jump(const Node& n, bool taken) {
  const bool computed = n.op == IrOp::Jump;
  const u32 site = warm_site(n.guest, n.imm, computed);
  a.mov(x86::rcx, hart(context_.layout.warm + at_notes));
  a.mov(x86::dword_ptr(x86::rcx), imm(site << 1 | u32{taken}));
  if (computed) a.mov(x86::qword_ptr(x86::rcx, sizeof(u32)), x86::rax);
  a.add(hart(context_.layout.warm + at_notes, 8), imm(sizeof(u32) * (computed ? 3 : 1)));
}

void Emitter::note_next_page() {
  a.mov(x86::rcx, hart(context_.layout.warm + at_notes));
  a.mov(x86::dword_ptr(x86::rcx), imm(Warmer::next_page << 1));
  a.add(hart(context_.layout.warm + at_notes, 8), imm(sizeof(u32)));
}

}  // namespace orrery::direct
