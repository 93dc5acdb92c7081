// Guest events are values: a trap is an exception's cause and the value for mtval/stval.
#pragma once

#include "base/types.h"

namespace orrery {

enum class Privilege : u8 { User = 0, Supervisor = 1, Machine = 3 };

// mcause of exceptions (II, table 3.6).
enum class Cause : u64 {
  InstructionMisaligned = 0,
  InstructionAccess = 1,
  IllegalInstruction = 2,
  Breakpoint = 3,
  LoadMisaligned = 4,
  LoadAccess = 5,
  StoreMisaligned = 6,
  StoreAccess = 7,
  EcallFromU = 8,
  EcallFromS = 9,
  EcallFromM = 11,
  InstructionPage = 12,
  LoadPage = 13,
  StorePage = 15,
};

constexpr u64 interrupt_flag = u64{1} << 63;  // mcause and scause: no exception

struct Trap {
  Cause cause;
  u64 value = 0;  // tval
};

// One that was taken, an interrupt included.
struct TakenTrap {
  u64 cause;  // as in mcause
  u64 value;  // tval
  u64 pc;     // epc
};

const char* cause_name(u64 mcause);  // "load page fault", "supervisor timer interrupt"

}  // namespace orrery
