// Hart: the architectural state of one hardware thread, the only thing the CPU models share.
//
// Everything here is defined by the RISC-V manuals (volume I: unprivileged, II: privileged). Models
// execute instructions on it (cpu/exec) and decide when; translated code, decoded blocks, host
// pointers and software TLBs derive from it and are rebuilt after a restore.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/component.h"
#include "base/event_queue.h"
#include "base/statistics.h"
#include "cpu/arch/csr.h"
#include "cpu/arch/events.h"
#include "cpu/arch/hart_config.h"
#include "cpu/arch/mmu.h"
#include "cpu/arch/oracle.h"
#include "cpu/arch/trap.h"
#include "memory/address_space.h"
#include "memory/line_filter.h"
#include "memory/wire.h"

namespace orrery {

// What a hart asks of the machine around it.
class HartEnvironment {
 public:
  virtual ~HartEnvironment() = default;
  // The guest executed a marker HINT: slti x0, x0, number (number 1..2047).
  virtual void marker(Hart& hart, u32 number) = 0;
  // A store to `bytes` of RAM by `hart`: other harts' reservations on them end.
  virtual void store_performed(Hart& hart, PhysAddr address, u64 bytes) = 0;
  // An interrupt has come for which `hart` waits (wfi).
  virtual void woken(Hart& hart) = 0;
};

struct HartClocks {
  Clock core;         // mcycle counts its periods
  Timebase timebase;  // time counts its
};

class Hart final : public Component, public WireSink {
 public:
  // `memory` holds its RAM already: the hart watches writes to it.
  Hart(Component* parent, std::string name, HartId id, const HartConfig& config,
       const HartClocks& clocks, AddressSpace& memory, EventQueue& events,
       HartEnvironment& environment);
  ~Hart() override;

  // --- hot state, public by design: models and evaluators work on it directly ----------------
  u64 x[33] = {};       // x[0] is always 0; x[32] receives what instructions write to x0
  u64 pc = 0;           // of the next instruction
  u64 f[32] = {};       // raw bits; single precision is NaN-boxed (I, 21.2)
  u8 fflags = 0;        // accrued exceptions NV DZ OF UF NX
  u8 frm = 0;           // dynamic rounding mode, 5..7 reserved
  bool fs_dirty = false;  // mstatus.FS is to read as Dirty: set by whoever writes f or fcsr
  Privilege privilege = Privilege::Machine;
  bool waiting = false;  // in wfi
  Tick time;             // local time: when the next instruction executes
  u64 steps = 0;         // instructions executed, those that trapped included
  u64 untaken = 0;       // of these, the ones that did not retire (II, 3.3.1: ecall, faults, ...)

  CsrFile csr;           // cpu/arch/csr.h
  PhysAddr reservation;  // LR/SC: begin of the reserved bytes ...
  u32 reservation_bytes = 0;  // ... and their number, 0 for none
  Tick device_tick = never;   // devices may be accessed up to this time (models/cpu_model.h, Horizon)

  // --- what is around the hart -----------------------------------------------------------------
  const HartId id;
  const HartConfig config;
  AddressSpace& memory;
  EventQueue& events;
  HartEnvironment& environment;
  Oracle* oracle = nullptr;
  const Clock clock;
  const Timebase timebase;
  Mmu mmu;  // translation, protection and access to memory
  WarmFilter warm;  // what keeping timing models warm may leave out

  // --- privileged architecture -------------------------------------------------------------------
  // Power-on: privilege M, pc at `entry`, a0..a2 as given (II, 3.4).
  void reset(u64 entry, u64 a0, u64 a1, u64 a2);

  // Enters the handler of an exception raised by the instruction at `pc` (II, 3.1.15 - 3.1.17).
  void take_trap(const Trap& trap);
  // Enters the handler of interrupt `cause` (without the interrupt bit).
  void take_interrupt(u64 cause);
  // The interrupt to be taken before the next instruction, if any: highest priority first (II, 3.1.9).
  std::optional<u64> pending_interrupt() const;
  // wfi ends when any enabled interrupt is pending, whatever the global enables (II, 3.3.3).
  bool wakes() const { return (csr.mip() & csr.mie) != 0; }

  u64 retired() const { return steps - untaken; }
  u64 time_counter() const;  // the `time` CSR: floor(time x timebase)
  u64 cycle_counter() const { return clock.cycle(time).value(); }  // periods since power-on

  // wfi: waits, and has an event come at the cycle at which a counter overflows meanwhile (Sscofpmf).
  void sleep();

  // stimecmp or menvcfg.STCE changed: STIP now, and the event at which it changes (Sstc).
  void arm_timer();

  // What the timing models count for the mhpmcounters; fast models leave it alone. Not saved: the
  // counters are, by value.
  EventCounts model_events;

  // The last traps into M and into S mode since power-on or a restore, for whoever looks at a guest:
  // the CSRs do not tell, since software writes them too. Not saved.
  std::optional<TakenTrap> last_machine_trap, last_supervisor_trap;

  // Interrupt inputs; the index is the bit in mip (3 MSI, 7 MTI, 9 SEI, 11 MEI).
  void set_wire(u32 index, bool level) override;

  void state(Archive& a) override;
  void after_restore() override;
  void on_event(u32 kind, u64 argument, Tick now) override;
  bool has_event(u32 kind) const override;

  // Privilege or mstatus changed: translation contexts and counter filters follow.
  void privilege_changed(CounterChange change = CounterChange::BetweenInstructions);

 private:
  void arm_overflow();
  void enter_handler(u64 cause, u64 value, bool supervisor, u64 vector);
};

}  // namespace orrery
