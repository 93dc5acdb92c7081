// What a timing model learns while a fast model runs: its predictors, in program order.
#pragma once

#include <span>

#include "base/types.h"
#include "cpu/isa/op.h"

namespace orrery {

// A branch or jump of the right path; or, of sequential flow, a restart: what is executed next, at
// `next`, does not follow from what went before (a trap, an interrupt, an instruction that enters an
// empty pipeline).
struct WarmBranch {
  u64 pc = 0;
  u64 target = 0;  // Conditional, Direct: where it goes when taken
  u64 next = 0;    // where execution went on
  Footprint footprint;

  bool is_restart() const { return footprint.flow == Footprint::Flow::Sequential; }
};

class WarmSink {
 public:
  virtual ~WarmSink() = default;
  // Between two of them execution ran straight on.
  virtual void train(HartId hart, std::span<const WarmBranch> branches) = 0;
};

}  // namespace orrery
