// Where the cycles go, seen from rename: a cycle has a slot for each instruction that may be renamed.
//
//   an instruction is renamed that commits      base
//   one of a wrong path, or nothing but such    mispredict
//     could be since the branch was renamed
//   one that was renamed before                 violation
//   none was there                              fetch_*, itlb, taken_branch, serialise: why the next one
//                                               comes no earlier
//   there was no room for it                    the others: what the oldest waits for
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
  Room,            // ... or it is done: too many are in flight, or commit is too narrow
  Serialise,       // instructions that run alone, traps, interrupts
  Idle,            // wfi
};
inline constexpr unsigned cause_count = 17;

class Accounting : public SlotAccounting<CycleCause, cause_count> {
 public:
  Accounting(Component* owner, u32 width);
};

}  // namespace orrery::ooo
