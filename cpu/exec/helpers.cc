#include "cpu/exec/helpers.h"

#include "base/bits.h"

namespace orrery::helpers {
namespace {

Outcome trap(Cause cause, u64 value = 0) { return {Flow::Trap, {cause, value}}; }

// mtval of an illegal instruction holds its bits (II, 3.1.16).
Outcome illegal_bits(Hart& hart) { return trap(Cause::IllegalInstruction, hart.mmu.peek_fetch(hart.pc).value_or(0)); }

enum class CsrOp { Write, Set, Clear };

// I, 7.1: rd = x0 of a csrrw does not read; rs1 = x0 (or zimm = 0) of the others does not write.
Outcome csr_op(Hart& hart, const Op& op, CsrOp kind, u64 operand) {
  const u32 number = static_cast<u32>(op.imm);
  const bool write = kind == CsrOp::Write || op.rs1 != 0;
  const auto access = csr_access(hart, number, write);
  if (!access) return illegal_bits(hart);
  // mstatus and sstatus change often, and mostly what only the next access or interrupt looks at.
  const bool changes_status = number == 0x300 || number == 0x100;
  u64 old = 0;
  if (kind != CsrOp::Write || op.rd != zero_sink) {
    const bool decided = *access == CsrKind::Time && hart.oracle;
    if (decided && hart.oracle->replaying()) {
      old = hart.oracle->decide(hart, Oracle::Kind::Csr, number, 0);
    } else {
      old = csr_read(hart, number);
      if (decided) hart.oracle->decide(hart, Oracle::Kind::Csr, number, old);
    }
  }
  const u64 space = hart.mmu.fetch_space();
  if (write) {
    u64 base = old;
    // II, 3.1.9: a read-modify-write of mip modifies software's SEIP bit, not the wire's level.
    if (number == 0x344) base = merge(old, hart.csr.mip_software, interrupt::SEI);
    csr_write(hart, number,
              kind == CsrOp::Write ? operand : kind == CsrOp::Set ? base | operand : base & ~operand);
  }
  hart.x[op.rd] = old;
  if (*access == CsrKind::Plain || !write) return {};
  if (changes_status && hart.mmu.fetch_space() == space && !hart.pending_interrupt()) return {};
  return {Flow::Look, {}};
}

bool cbo_allowed(const Hart& hart, u64 enable) {
  if (hart.privilege == Privilege::Machine) return true;
  if ((hart.csr.menvcfg & enable) == 0) return false;
  return hart.privilege == Privilege::Supervisor || !hart.config.has(Extension::S) ||
         (hart.csr.senvcfg & enable) != 0;
}

Outcome from_memory(Hart& hart, MemoryStatus status) {
  if (status == MemoryStatus::Trap) return {Flow::Trap, hart.mmu.trap()};
  if (status == MemoryStatus::Wait) return {Flow::Wait, {}};
  return {hart.mmu.attention ? Flow::Look : Flow::Next, {}};
}

// The address space is always coherent (cpu/arch/mmu.h): nothing is to be dropped.
Outcome translation_fence(Hart& hart, bool trap_on_tvm) {
  if (hart.privilege == Privilege::User) return illegal_bits(hart);
  if (trap_on_tvm && hart.privilege == Privilege::Supervisor && (hart.csr.mstatus & mstatus::TVM))
    return illegal_bits(hart);
  return {};
}

}  // namespace

Outcome illegal(Hart&, const Op& op) {
  return trap(Cause::IllegalInstruction, static_cast<u32>(op.imm));
}

Outcome ecall(Hart& hart, const Op&) {
  switch (hart.privilege) {
    case Privilege::User: return trap(Cause::EcallFromU);
    case Privilege::Supervisor: return trap(Cause::EcallFromS);
    case Privilege::Machine: break;
  }
  return trap(Cause::EcallFromM);
}

Outcome ebreak(Hart& hart, const Op&) { return trap(Cause::Breakpoint, hart.pc); }

Outcome marker(Hart& hart, const Op& op) {
  if (op.imm <= 0) return {};
  hart.environment.marker(hart, static_cast<u32>(op.imm));
  return {Flow::Look, {}};
}

Outcome csrrw(Hart& hart, const Op& op) { return csr_op(hart, op, CsrOp::Write, hart.x[op.rs1]); }
Outcome csrrs(Hart& hart, const Op& op) { return csr_op(hart, op, CsrOp::Set, hart.x[op.rs1]); }
Outcome csrrc(Hart& hart, const Op& op) { return csr_op(hart, op, CsrOp::Clear, hart.x[op.rs1]); }
Outcome csrrwi(Hart& hart, const Op& op) { return csr_op(hart, op, CsrOp::Write, op.rs1); }
Outcome csrrsi(Hart& hart, const Op& op) { return csr_op(hart, op, CsrOp::Set, op.rs1); }
Outcome csrrci(Hart& hart, const Op& op) { return csr_op(hart, op, CsrOp::Clear, op.rs1); }

// Decoded code is coherent with every store, so there is nothing to synchronise.
Outcome fence_i(Hart&, const Op&) { return {}; }

Outcome mret(Hart& hart, const Op&) {
  if (hart.privilege != Privilege::Machine) return illegal_bits(hart);
  u64 status = hart.csr.mstatus;
  const auto previous = static_cast<Privilege>(bits(status, 11, 2));
  status = merge(status, status & mstatus::MPIE ? mstatus::MIE : 0, mstatus::MIE);
  status |= mstatus::MPIE;
  status = merge(status, hart.config.has(Extension::U) ? 0 : mstatus::MPP, mstatus::MPP);
  if (previous != Privilege::Machine) status &= ~mstatus::MPRV;
  hart.csr.mstatus = status;
  hart.privilege = previous;
  hart.pc = hart.csr.mepc & (hart.config.has(Extension::C) ? ~u64{1} : ~u64{3});
  hart.privilege_changed(CounterChange::ByReturn);
  return {Flow::Jump, {}};
}

Outcome sret(Hart& hart, const Op&) {
  const bool trapped = hart.privilege == Privilege::Supervisor && (hart.csr.mstatus & mstatus::TSR);
  if (hart.privilege == Privilege::User || trapped) return illegal_bits(hart);
  u64 status = hart.csr.mstatus;
  const auto previous = status & mstatus::SPP ? Privilege::Supervisor : Privilege::User;
  status = merge(status, status & mstatus::SPIE ? mstatus::SIE : 0, mstatus::SIE);
  status |= mstatus::SPIE;
  status &= ~(mstatus::SPP | mstatus::MPRV);
  hart.csr.mstatus = status;
  hart.privilege = previous;
  hart.pc = hart.csr.sepc & (hart.config.has(Extension::C) ? ~u64{1} : ~u64{3});
  hart.privilege_changed(CounterChange::ByReturn);
  return {Flow::Jump, {}};
}

// II, 3.1.6.6: with TW, or from U mode where S exists, wfi may trap at once: the bounded time is 0.
Outcome wfi(Hart& hart, const Op&) {
  const bool privileged = hart.privilege == Privilege::Machine ||
                          (hart.privilege == Privilege::Supervisor && !(hart.csr.mstatus & mstatus::TW));
  const bool user = hart.privilege == Privilege::User && !hart.config.has(Extension::S) &&
                    !(hart.csr.mstatus & mstatus::TW);
  if (!privileged && !user) return illegal_bits(hart);
  if (!(hart.oracle && hart.oracle->replaying()) && !hart.wakes()) hart.sleep();
  return {Flow::Look, {}};
}

Outcome sfence_vma(Hart& hart, const Op&) { return translation_fence(hart, true); }
Outcome svinval_fence(Hart& hart, const Op&) { return translation_fence(hart, false); }

Outcome cbo_clean(Hart& hart, const Op& op) {
  if (!cbo_allowed(hart, envcfg::CBCFE)) return illegal_bits(hart);
  return from_memory(hart, hart.mmu.check_block(hart.x[op.rs1], cache_block_bytes));
}

// Caches hold no data (memory/ram.h), so invalidating never loses a write: it acts as a flush.
Outcome cbo_inval(Hart& hart, const Op& op) {
  if (!cbo_allowed(hart, envcfg::CBIE)) return illegal_bits(hart);
  return from_memory(hart, hart.mmu.check_block(hart.x[op.rs1], cache_block_bytes));
}

Outcome cbo_zero(Hart& hart, const Op& op) {
  if (!cbo_allowed(hart, envcfg::CBZE)) return illegal_bits(hart);
  return from_memory(hart, hart.mmu.zero_block(hart.x[op.rs1], cache_block_bytes));
}

}  // namespace orrery::helpers
