// Branches, jumps and the ways out of a block.
#include <algorithm>
#include <bit>

#include "base/error.h"
#include "cpu/arch/csr.h"
#include "memory/ram.h"
#include "models/direct/emitter.h"

namespace orrery::direct {

using asmjit::imm;

// Sets the host's flags; the condition under which the guest's branch goes.
x86::CondCode Emitter::compare(const Node& n, bool wanted, const x86::Gp& scratch) {
  x86::CondCode when = x86::CondCode::kNotZero;
  if (n.op == IrOp::seq || n.op == IrOp::slt || n.op == IrOp::sltu) {
    when = n.op == IrOp::seq ? x86::CondCode::kEqual : n.op == IrOp::slt ? x86::CondCode::kSignedLT : x86::CondCode::kUnsignedLT;
    const Node& right = piece().ir[n.b];
    const x86::Gp left = in_register(n.a, scratch, 1);
    if (right.op == IrOp::Const && right.imm == 0 && n.op != IrOp::sltu) {
      a.test(left, left);
      // Less than zero: the sign; the overflow flag is clear.
    } else {
      a.emit(x86::Inst::kIdCmp, left, operand(n.b, x86::rdx, 1));
    }
  } else {
    ORRERY_CHECK(false, "a condition that is no comparison");
  }
  return wanted ? when : x86::negateCond(when);
}

void Emitter::branch(const Node& n) {
  const Node& condition = piece().ir[n.a];
  if (condition.op == IrOp::Const) {
    if (context_.warm) note_jump(n, (condition.imm != 0) == n.is_signed);
    go_to((condition.imm != 0) == n.is_signed ? n.imm : static_cast<i64>(piece().end()));
    return;
  }
  const Piece* inside = region_.at(n.imm);
  const x86::CondCode taken = compare(condition, n.is_signed, x86::rax);
  if (context_.warm) note_branch(n, taken);
  if (inside) {
    a.j(taken, begins_[region_.index_of(inside)]);
  } else {
    side_exits_.push_back({a.newLabel(), n.imm});
    a.j(taken, side_exits_.back().begin);
  }
}

// On to a place in this page or another, from the end of a piece.
void Emitter::go_to(i64 target) {
  const Piece* inside = region_.at(target);
  if (!inside) return leave_to(target);
  const std::size_t next = region_.index_of(inside);
  if (next != piece_ + 1) a.jmp(begins_[next]);
}

// Out of the region.
void Emitter::leave_to(i64 target) {
  restore_registers();
  if (target >= 0 && target < static_cast<i64>(page_size)) {
    const std::size_t number = context_.links.size();
    const asmjit::Label unlinked = a.newLabel();
    // Its place is put into the link when the code is placed.
    context_.links.push_back({reinterpret_cast<u8*>(a.offset()), static_cast<u32>(target)});
    a.long_().jmp(unlinked);
    link_sites_.push_back({number, unlinked});
    return;
  }
  page_address(x86::rax, target);
  look_up();
}

void Emitter::page_address(const x86::Gp& to, i64 offset) {
  a.mov(to, x86::qword_ptr(x86::rsp, slot::pc));
  a.and_(to, imm(-static_cast<i64>(page_size)));
  constexpr i64 most = 0x7fffffff;
  for (; offset > most; offset -= most) a.add(to, imm(most));
  if (offset != 0) a.add(to, imm(offset));
}

void Emitter::look_up() {
  static_assert(sizeof(JumpPage) == 16 && page_bits > 4);
  const u64 lookup = reinterpret_cast<u64>(context_.thunks.lookup);
  a.mov(x86::ecx, x86::eax);
  a.shr(x86::ecx, imm(page_bits - 4));
  a.and_(x86::ecx, imm((jump_pages - 1) << 4));
  a.add(x86::rcx, x86::qword_ptr(x86::rsp, slot::jumps));
  a.mov(x86::rdx, x86::rax);
  a.and_(x86::rdx, imm(-static_cast<i64>(page_size)));
  a.cmp(x86::rdx, x86::qword_ptr(x86::rcx, offsetof(JumpPage, page)));
  a.jne(imm(lookup));
  a.mov(x86::rcx, x86::qword_ptr(x86::rcx, offsetof(JumpPage, code)));
  a.mov(x86::edx, x86::eax);
  a.and_(x86::edx, imm(page_size - 1));
  a.mov(x86::rcx, x86::qword_ptr(x86::rcx, x86::rdx, 2));  // 8 bytes for each half
  a.test(x86::rcx, x86::rcx);
  a.jz(imm(lookup));
  a.mov(x86::qword_ptr(x86::rsp, slot::pc), x86::rax);
  a.jmp(x86::rcx);
}

void Emitter::link_register(const Node& n) {
  if (n.reg == 32) return;  // x0
  const auto host = home_of(n.reg);
  page_address(host ? *host : x86::rcx, n.link);
  if (!host) a.mov(home(n.reg), x86::rcx);
}

// The privilege is the hart's now: the same code may execute in several.
void Emitter::csr(const x86::Gp& to, const Node& n) {
  const auto number = static_cast<u32>(n.imm);
  const CsrStorage& storage = *csr_storage(number);
  a.cmp(hart(context_.layout.privilege, 1), imm(static_cast<u8>(csr_privilege(number))));
  a.jb(rare(RarePath::Access));
  const x86::Mem value = hart(context_.layout.of(storage), 8);
  if (n.a == no_ref) return void(a.mov(to, value));
  evaluate(x86::rdx, n.a);
  if (storage.mask != ~u64{0}) a.and_(x86::rdx, imm(static_cast<i64>(storage.mask)));
  a.mov(x86::rax, value);
  a.mov(value, x86::rdx);
  if (to != x86::rax) a.mov(to, x86::rax);
}

// sstatus, and interrupts switched off and on. What is switched on must not let one in: that, and every
// other bit, is for the handler.
void Emitter::status(const x86::Gp& to, const Node& n) {
  const HartLayout& at = context_.layout;
  const auto change = static_cast<StatusChange>(n.imm);
  a.cmp(hart(at.privilege, 1), imm(static_cast<u8>(Privilege::Supervisor)));
  a.jb(rare(RarePath::Access));
  if (change != StatusChange::None) {
    evaluate(x86::rdx, n.a);
    a.test(x86::rdx, imm(~static_cast<i64>(mstatus::SIE)));
    a.jnz(rare(RarePath::Access));
  }
  if (change == StatusChange::Set) {
    a.mov(x86::rcx, hart(at.mip_software));
    a.or_(x86::rcx, hart(at.mip_wires));
    a.test(hart(at.mie, 8), x86::rcx);
    a.jnz(rare(RarePath::Access));
  }
  a.movzx(x86::eax, hart(at.fs_dirty, 1));
  a.imul(x86::eax, x86::eax, imm(mstatus::FS));
  a.or_(x86::rax, hart(at.mstatus));
  if (change != StatusChange::None) {
    if (change == StatusChange::Set) a.or_(x86::rdx, x86::rax);
    else a.andn(x86::rdx, x86::rdx, x86::rax);
    a.mov(hart(at.mstatus), x86::rdx);
    a.mov(hart(at.fs_dirty, 1), imm(0));  // FS says it now,
    float_.ready = float_.dirty = false;  // and the handler may have switched it off
  }
  a.mov(x86::ecx, x86::eax);
  a.and_(x86::ecx, imm(mstatus::FS));
  a.cmp(x86::ecx, imm(mstatus::FS));
  a.sete(x86::cl);
  a.shl(x86::rcx, imm(std::countr_zero(mstatus::SD)));
  a.or_(x86::rax, x86::rcx);
  a.mov(x86::rcx, imm(mstatus::supervisor));
  a.and_(x86::rax, x86::rcx);
  if (to != x86::rax) a.mov(to, x86::rax);
}

void Emitter::jump(const Node& n) {
  evaluate(x86::rax, n.a);
  if (context_.warm) note_jump(n, true);
  link_register(n);
  restore_registers();
  look_up();
}

void Emitter::go(const Node& n) {
  if (context_.warm) note_jump(n, true);
  link_register(n);
  go_to(n.imm);
}

}  // namespace orrery::direct
