// Where the cycles go: every cycle of a hart is attributed to exactly one cause.
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
  Structural,      // a busy unit, no free MSHR, a full scoreboard
  StoreBuffer,     // full, or a load that waits for a store
  Serialise,       // instructions that run alone, traps, interrupts
  Idle,            // wfi
};
inline constexpr unsigned cause_count = 14;

class Accounting : public CycleAccounting<CycleCause, cause_count> {
 public:
  explicit Accounting(Component* owner);
};

}  // namespace orrery
