// Control and status registers: their storage, and access by number as the CSR instructions do it.
// The registers themselves are the rows of cpu/isa/csr.def.
#pragma once

#include <array>
#include <optional>

#include "base/types.h"
#include "cpu/arch/trap.h"

namespace orrery {

class Archive;
class Hart;

// mstatus (II, 3.1.6)
namespace mstatus {
inline constexpr u64 SIE = 1 << 1, MIE = 1 << 3, SPIE = 1 << 5, MPIE = 1 << 7, SPP = 1 << 8,
                     MPP = 3 << 11, FS = 3 << 13, MPRV = 1 << 17, SUM = 1 << 18, MXR = 1 << 19,
                     TVM = 1 << 20, TW = 1 << 21, TSR = 1 << 22, UXL = u64{3} << 32,
                     SXL = u64{3} << 34, SD = u64{1} << 63;
// What of it is sstatus (II, 12.1.1): to be written, and to be read.
inline constexpr u64 supervisor_write = SIE | SPIE | SPP | FS | SUM | MXR;
inline constexpr u64 supervisor = supervisor_write | UXL | SD;
}
// mip and mie (II, 3.1.9)
namespace interrupt {
inline constexpr u64 SSI = 1 << 1, MSI = 1 << 3, STI = 1 << 5, MTI = 1 << 7, SEI = 1 << 9,
                     MEI = 1 << 11, LCOFI = 1 << 13;
}
// menvcfg and senvcfg (II, 3.1.18)
namespace envcfg {
inline constexpr u64 FIOM = 1, CBIE = 3 << 4, CBCFE = 1 << 6, CBZE = 1 << 7, ADUE = u64{1} << 61,
                     PBMTE = u64{1} << 62, STCE = u64{1} << 63;
}

// A counter whose value is derived: base + (source now - source then) while it runs.
struct HardwareCounter {
  u64 base = 0;
  u64 then = 0;
};

inline constexpr u32 counter_count = 32;  // mcycle, (time), minstret, mhpmcounter3..31
inline constexpr u32 pmp_count = 64;

struct CsrFile {
  u64 mstatus = 0;
  u64 medeleg = 0, mideleg = 0, mie = 0;
  u64 mip_software = 0;  // bits that software wrote (SSIP, STIP, SEIP, LCOFIP)
  u64 mip_wires = 0;     // levels of the interrupt inputs, and STIP from stimecmp
  u64 mtvec = 0, mcounteren = 0, mcountinhibit = 0, mscratch = 0, mepc = 0, mcause = 0, mtval = 0;
  u64 menvcfg = 0, senvcfg = 0;
  u64 stvec = 0, scounteren = 0, sscratch = 0, sepc = 0, scause = 0, stval = 0, satp = 0;
  u64 stimecmp = ~u64{0};
  std::array<u8, pmp_count> pmpcfg{};
  std::array<u64, pmp_count> pmpaddr{};
  std::array<HardwareCounter, counter_count> counters{};
  std::array<u64, counter_count> mhpmevent{};
  // Derived, a bit for each counter: those that run, and those that do not in all modes.
  u32 running = ~u32{0};
  u32 filtered = 0;

  u64 mip() const { return mip_software | mip_wires; }
};

// What an access to a CSR means for the instruction stream.
enum class CsrKind : u8 {
  Plain,   // storage
  Effect,  // a write changes translation, interrupts, privilege ... : the model looks again
  Time,    // a read depends on time
};

enum class CsrWriteKind : u8 { Write, SetOrClear };

// The kind of CSR `number`; nothing when the hart does not have it or may not access it now
// (II, 2.1 and the register's own rules): an illegal instruction.
std::optional<CsrKind> csr_access(const Hart& hart, u32 number, bool write);

// The lowest privilege that may access it (II, 2.1).
constexpr Privilege csr_privilege(u32 number) { return static_cast<Privilege>(number >> 8 & 3); }

// Where the value stands of a register that is read as it is, on harts with C, and written under a
// mask, without any other effect; null: it is none. Registers of S exist on harts with S.
struct CsrStorage {
  u32 number;
  u64 CsrFile::*value;
  u64 mask;
};
const CsrStorage* csr_storage(u32 number);

// For numbers that csr_access() allowed.
u64 csr_read(Hart& hart, u32 number);
void csr_write(Hart& hart, u32 number, u64 value);

u64 read_counter(const Hart& hart, u32 index);
// Counters stop and start with mcountinhibit and the privilege filters of mhpmevent. What has changed
// these decides whether counters of instructions count the running one.
enum class CounterChange : u8 {
  BetweenInstructions,  // a trap: what raised it does not retire
  ByWrite,              // an instruction that writes a CSR
  ByReturn,             // mret, sret: counted in the mode that they leave
};
void update_counters(Hart& hart, CounterChange change);
// Sets overflow flags (Sscofpmf) of counters that passed zero, and the alarms of model events at
// which that will be the case again.
void check_counter_overflow(Hart& hart);
// Instructions until a counter of cycles or instructions overflows at the earliest, for exact
// overflow interrupts.
u64 steps_to_overflow(const Hart& hart, u64 ticks_per_step);
// The cycle (Hart::cycle_counter()) at which a counter of cycles overflows first, if one is to.
std::optional<u64> cycle_of_overflow(const Hart& hart);
void reset_csrs(Hart& hart);
void csr_state(Hart& hart, Archive& a);

}  // namespace orrery
