#include "cpu/arch/hart.h"

#include "base/archive.h"
#include "base/bits.h"
#include "base/error.h"
#include "cpu/isa/op.h"

namespace orrery {
namespace {

enum EventKind : u32 { TimerEvent, OverflowEvent };

// Highest first (II, 3.1.9 and 11.1).
constexpr u8 interrupt_priority[] = {11, 3, 7, 9, 1, 5, 13};

}  // namespace

Hart::Hart(Component* parent, std::string name, HartId hart_id, const HartConfig& hart_config,
           const HartClocks& clocks, AddressSpace& address_space, EventQueue& event_queue,
           HartEnvironment& surroundings)
    : Component(parent, std::move(name)),
      id(hart_id),
      config(hart_config),
      memory(address_space),
      events(event_queue),
      environment(surroundings),
      clock(clocks.core),
      timebase(clocks.timebase),
      mmu(*this, address_space) {
  reset(0, 0, 0, 0);
}

Hart::~Hart() = default;

void Hart::reset(u64 entry, u64 a0, u64 a1, u64 a2) {
  std::fill(std::begin(x), std::end(x), 0);
  std::fill(std::begin(f), std::end(f), 0);
  x[10] = a0;
  x[11] = a1;
  x[12] = a2;
  pc = entry;
  fflags = frm = 0;
  fs_dirty = false;
  privilege = Privilege::Machine;
  waiting = false;
  reservation_bytes = 0;
  last_machine_trap.reset();
  last_supervisor_trap.reset();
  reset_csrs(*this);
  events.cancel(*this, TimerEvent);
  events.cancel(*this, OverflowEvent);
  mmu.protection_changed();
}

void Hart::take_trap(const Trap& trap) {
  const u64 cause = static_cast<u64>(trap.cause);
  const bool delegated = privilege != Privilege::Machine && bit(csr.medeleg, static_cast<unsigned>(cause));
  enter_handler(cause, trap.value, delegated, 0);
}

void Hart::take_interrupt(u64 cause) {
  if (oracle && !oracle->replaying()) oracle->interrupt_taken(*this, cause);
  waiting = false;
  enter_handler(interrupt_flag | cause, 0, bit(csr.mideleg, static_cast<unsigned>(cause)), cause);
}

// II, 3.1.6.1 (the stack of privileges), 3.1.7 (tvec), 12.1.
void Hart::enter_handler(u64 cause, u64 value, bool supervisor, u64 vector) {
  u64 status = csr.mstatus;
  const bool vectored = cause & interrupt_flag;
  (supervisor ? last_supervisor_trap : last_machine_trap) = TakenTrap{cause, value, pc};
  if (supervisor) {
    status = merge(status, status & mstatus::SIE ? mstatus::SPIE : 0, mstatus::SPIE);
    status = merge(status, privilege == Privilege::User ? 0 : mstatus::SPP, mstatus::SPP);
    status &= ~mstatus::SIE;
    csr.sepc = pc;
    csr.scause = cause;
    csr.stval = value;
    pc = (csr.stvec & ~u64{3}) + (vectored && (csr.stvec & 1) ? 4 * vector : 0);
    privilege = Privilege::Supervisor;
  } else {
    status = merge(status, status & mstatus::MIE ? mstatus::MPIE : 0, mstatus::MPIE);
    status = merge(status, static_cast<u64>(privilege) << 11, mstatus::MPP);
    status &= ~mstatus::MIE;
    csr.mepc = pc;
    csr.mcause = cause;
    csr.mtval = value;
    pc = (csr.mtvec & ~u64{3}) + (vectored && (csr.mtvec & 1) ? 4 * vector : 0);
    privilege = Privilege::Machine;
  }
  csr.mstatus = status;
  privilege_changed();
}

void Hart::privilege_changed(CounterChange change) {
  mmu.update_context();
  if (csr.filtered) update_counters(*this, change);
}

std::optional<u64> Hart::pending_interrupt() const {
  if (oracle && oracle->replaying()) return {};
  const u64 pending = csr.mip() & csr.mie;
  if (pending == 0) [[likely]] return {};
  const bool machine_enabled =
      privilege != Privilege::Machine || (csr.mstatus & mstatus::MIE);
  const bool supervisor_enabled =
      privilege == Privilege::User ||
      (privilege == Privilege::Supervisor && (csr.mstatus & mstatus::SIE));
  u64 takeable = machine_enabled ? pending & ~csr.mideleg : 0;
  if (takeable == 0 && supervisor_enabled) takeable = pending & csr.mideleg;
  if (takeable == 0) return {};
  for (const u8 cause : interrupt_priority)
    if (bit(takeable, cause)) return cause;
  return {};
}

u64 Hart::time_counter() const { return timebase.count(time); }

void Hart::arm_timer() {
  events.cancel(*this, TimerEvent);
  csr.mip_wires &= ~interrupt::STI;
  if (!config.has(Extension::Sstc) || !(csr.menvcfg & envcfg::STCE)) return;
  if (time_counter() >= csr.stimecmp) {
    csr.mip_wires |= interrupt::STI;
  } else {
    events.schedule(*this, TimerEvent, timebase.first_tick(csr.stimecmp));
  }
}

void Hart::sleep() {
  waiting = true;
  arm_overflow();
}

// Executed instructions are looked after by steps_to_overflow(); a sleeping hart's cycles go on.
void Hart::arm_overflow() {
  events.cancel(*this, OverflowEvent);
  const auto cycle = cycle_of_overflow(*this);
  if (cycle && *cycle < never.value() / clock.period())
    events.schedule(*this, OverflowEvent, Tick{*cycle * clock.period()});
}

bool Hart::has_event(u32 kind) const { return kind == TimerEvent || kind == OverflowEvent; }

void Hart::on_event(u32 kind, u64, Tick) {
  if (kind == OverflowEvent) {
    if (!waiting) return;  // woken by something else meanwhile
    check_counter_overflow(*this);
    arm_overflow();  // of the next counter, or of this one when a restore has changed the clock
    return;
  }
  // The event comes due at the first tick at which time >= stimecmp, and no earlier.
  if (csr.menvcfg & envcfg::STCE) csr.mip_wires |= interrupt::STI;
}

void Hart::set_wire(u32 index, bool level) {
  const u64 mask = u64{1} << index;
  csr.mip_wires = level ? csr.mip_wires | mask : csr.mip_wires & ~mask;
  if (waiting && wakes()) environment.woken(*this);
}

void Hart::state(Archive& a) {
  a.version(2);
  a("pc", pc);
  x[zero_sink] = 0;
  a("x", x);
  a("f", f);
  a("fflags", fflags);
  a("frm", frm);
  a("fs_dirty", fs_dirty);
  a("privilege", privilege);
  if (privilege > Privilege::Machine || privilege == static_cast<Privilege>(2))
    config_error("checkpoint: {}.privilege: there is no mode {}", path(), static_cast<int>(privilege));
  a("waiting", waiting);
  a("time", time);
  a("steps", steps);
  // What a run adds to it, and the sum of all harts, must not wrap.
  if (steps >> 60 != 0) config_error("checkpoint: {}.steps: no hart has executed {} instructions", path(), steps);
  a("untaken", untaken);
  a("reservation", reservation);
  a("reservation_bytes", reservation_bytes);
  if (!a.has_version(2)) {
    u64 counted[6] = {};  // of events, which only differences matter of: the counters have theirs
    a("model_events", counted);
  }
  a.group("csr", [this](Archive& g) { csr_state(*this, g); });
}

void Hart::after_restore() {
  x[0] = 0;
  last_machine_trap.reset();
  last_supervisor_trap.reset();
  update_counters(*this, CounterChange::BetweenInstructions);
  mmu.protection_changed();
}

const char* cause_name(u64 mcause) {
  if (mcause & interrupt_flag) {
    switch (mcause & ~interrupt_flag) {
      case 1: return "supervisor software interrupt";
      case 3: return "machine software interrupt";
      case 5: return "supervisor timer interrupt";
      case 7: return "machine timer interrupt";
      case 9: return "supervisor external interrupt";
      case 11: return "machine external interrupt";
      case 13: return "counter overflow interrupt";
      default: return "unknown interrupt";
    }
  }
  switch (static_cast<Cause>(mcause)) {
    case Cause::InstructionMisaligned: return "instruction address misaligned";
    case Cause::InstructionAccess: return "instruction access fault";
    case Cause::IllegalInstruction: return "illegal instruction";
    case Cause::Breakpoint: return "breakpoint";
    case Cause::LoadMisaligned: return "load address misaligned";
    case Cause::LoadAccess: return "load access fault";
    case Cause::StoreMisaligned: return "store address misaligned";
    case Cause::StoreAccess: return "store access fault";
    case Cause::EcallFromU: return "environment call from U mode";
    case Cause::EcallFromS: return "environment call from S mode";
    case Cause::EcallFromM: return "environment call from M mode";
    case Cause::InstructionPage: return "instruction page fault";
    case Cause::LoadPage: return "load page fault";
    case Cause::StorePage: return "store page fault";
  }
  return "unknown exception";
}

}  // namespace orrery
