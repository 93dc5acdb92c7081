// Where the cycles go, seen from issue: a cycle has a slot for each instruction that may issue in it.
#pragma once

#include "models/timing/accounting.h"

namespace orrery {

enum class CycleCause : u8 {
  Base,            // an instruction issued
  FetchBandwidth,  // the front end brings no more a cycle
  FetchMiss,
  Itlb,
  TakenBranch,     // correctly predicted
  Mispredict,
  DataHazard,
  LoadUse,         // a load's latency on a hit
  LoadMiss,
  Dtlb,
  Structural,      // a busy unit, no free MSHR, a full scoreboard, classes that do not pair
  StoreBuffer,     // full, or a load that waits for a store
  Serialise,       // instructions that run alone, traps, interrupts
  Idle,            // wfi
};
inline constexpr unsigned cause_count = 14;

class Accounting : public SlotAccounting<CycleCause, cause_count> {
 public:
  Accounting(Component* owner, u32 width);
};

}  // namespace orrery
