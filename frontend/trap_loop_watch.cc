#include "frontend/trap_loop_watch.h"

#include <algorithm>

#include "cpu/arch/trap.h"

namespace orrery {
namespace {

bool loops(u64 pc, u64 vector, u64 epc, u64 cause) {
  const u64 handler = vector & ~u64{3};  // exceptions go to the base, vectored or not (II, 3.1.7)
  return !(cause & interrupt_flag) && pc - handler < TrapLoopWatch::entry_bytes &&
         epc - handler < TrapLoopWatch::entry_bytes;
}

// Stands at the beginning of its trap handler, where its last trap, an exception, was taken too.
bool trapped_in_own_handler(const Hart& hart) {
  const CsrFile& csr = hart.csr;
  switch (hart.privilege) {
    case Privilege::Machine: return loops(hart.pc, csr.mtvec, csr.mepc, csr.mcause);
    case Privilege::Supervisor: return loops(hart.pc, csr.stvec, csr.sepc, csr.scause);
    case Privilege::User: return false;
  }
  return false;
}

}  // namespace

const Hart* TrapLoopWatch::look(std::span<Hart* const> harts, Tick now) {
  const auto is_awake = [](const Hart* hart) { return !hart->waiting; };
  const auto lost = std::ranges::find_if(harts, is_awake);
  const auto loops_or_waits = [](const Hart* hart) { return hart->waiting || trapped_in_own_handler(*hart); };
  if (lost == harts.end() || !std::ranges::all_of(harts, loops_or_waits)) {
    since_.reset();
    return nullptr;
  }
  if (!since_) {
    since_ = now;
    begin_.clear();
    for (const Hart* hart : harts) begin_.push_back({hart->steps, hart->untaken});
  }
  if (now < *since_ + patience_ticks) return nullptr;
  // No way through the beginning has more instructions than it has places for them.
  const auto traps_all_the_time = [this](const Hart* hart) {
    const Counts& before = begin_[hart->id];
    return hart->waiting || hart->steps - before.steps <= (hart->untaken - before.traps + 1) * (entry_bytes / 2);
  };
  since_.reset();
  return std::ranges::all_of(harts, traps_all_the_time) ? *lost : nullptr;
}

}  // namespace orrery
