// Where the cycles go: every cycle of a hart is attributed to exactly one cause.
#pragma once

#include <array>

#include "base/statistics.h"

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
  Structural,      // a busy unit, no free MSHR
  StoreBuffer,     // full, or a load that waits for a store
  Serialise,       // instructions that run alone, traps, interrupts
  Idle,            // wfi
};
inline constexpr unsigned cause_count = 14;

class Accounting {
 public:
  explicit Accounting(Component* owner);

  // Cycles before `until`, from the first one not attributed yet, are due to `cause`.
  void attribute(Cycle until, CycleCause cause) {
    if (until <= next_) return;
    by_cause[static_cast<unsigned>(cause)] += until - next_;
    cycles += until - next_;
    next_ = until;
  }
  Cycle next() const { return next_; }
  void start(Cycle now) { next_ = now; }

  Counter cycles;
  std::array<Counter, cause_count> by_cause;

 private:
  Cycle next_;
};

}  // namespace orrery
