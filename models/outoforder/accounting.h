// Where the cycles go, seen from commit: every cycle of a hart is attributed to exactly one cause.
//
//   something committed                       base
//   nothing to commit: the front end's fault  fetch_*, itlb, taken_branch, mispredict, serialise
//   the oldest instruction is not done        the others, by what it waits for
#pragma once

#include "models/timing/accounting.h"

namespace orrery::ooo {

enum class CycleCause : u8 {
  Base,
  FetchBandwidth,  // the front end's depth and width
  FetchMiss,
  Itlb,
  TakenBranch,     // correctly predicted
  Mispredict,
  Execute,         // latency of arithmetic, waiting for its operands included
  LoadHit,
  LoadMiss,
  Dtlb,
  StoreForward,    // a load that waits for a store or an acquire
  Violation,       // a load that went ahead of a store, done again
  WriteBuffer,     // an atomic or fence behind stores on their way
  Issue,           // ready, but units are busy
  Serialise,       // instructions that run alone, traps, interrupts
  Idle,            // wfi
};
inline constexpr unsigned cause_count = 16;

class Accounting : public CycleAccounting<CycleCause, cause_count> {
 public:
  explicit Accounting(Component* owner);
};

}  // namespace orrery::ooo
