#include "frontend/trap_loop_watch.h"

#include "cpu/arch/trap.h"

namespace orrery {
namespace {

bool loops(u64 pc, u64 vector, u64 epc, u64 cause) {
  const u64 handler = vector & ~u64{3};  // exceptions go to the base, vectored or not (II, 3.1.7)
  return !(cause & interrupt_flag) && pc - handler < TrapLoopWatch::entry_bytes &&
         epc - handler < TrapLoopWatch::entry_bytes;
}

}  // namespace

bool trapped_in_own_handler(const Hart& hart) {
  const CsrFile& csr = hart.csr;
  switch (hart.privilege) {
    case Privilege::Machine: return loops(hart.pc, csr.mtvec, csr.mepc, csr.mcause);
    case Privilege::Supervisor: return loops(hart.pc, csr.stvec, csr.sepc, csr.scause);
    case Privilege::User: return false;
  }
  return false;
}

const Hart* TrapLoopWatch::look(std::span<Hart* const> harts, Tick now) {
  const Hart* lost = nullptr;
  for (const Hart* hart : harts) {
    if (hart->waiting) continue;
    if (!trapped_in_own_handler(*hart)) {
      since_.reset();
      return nullptr;
    }
    if (!lost) lost = hart;
  }
  if (!lost) {
    since_.reset();
    return nullptr;
  }
  if (!since_) since_ = now;
  return now >= *since_ + patience_ticks ? lost : nullptr;
}

}  // namespace orrery
