// What a timing model learns while a fast model runs: its predictors, in program order.
#pragma once

#include <span>

#include "base/types.h"
#include "cpu/isa/op.h"

namespace orrery {

// A branch or jump of the right path, or Restart: what is executed next, at `next`, does not follow
// from what went before (a trap, an interrupt, an instruction that enters an empty pipeline).
struct WarmBranch {
  enum class Kind : u8 { Conditional, Direct, Indirect, Restart };
  u64 pc = 0;
  u64 target = 0;  // Conditional, Direct: where it goes when taken
  u64 next = 0;    // where execution went on
  u8 length = 4;
  Kind kind = Kind::Restart;
  bool is_call = false;  // the hints of I, 2.5.1
  bool is_return = false;
};

inline WarmBranch::Kind kind_of(Footprint::Flow flow) {
  static_assert(static_cast<int>(Footprint::Flow::Conditional) == static_cast<int>(WarmBranch::Kind::Conditional) + 1);
  static_assert(static_cast<int>(Footprint::Flow::Indirect) == static_cast<int>(WarmBranch::Kind::Indirect) + 1);
  return static_cast<WarmBranch::Kind>(static_cast<u8>(flow) - 1);
}
inline Footprint::Flow flow_of(WarmBranch::Kind kind) {
  return static_cast<Footprint::Flow>(static_cast<u8>(kind) + 1);
}

class WarmSink {
 public:
  virtual ~WarmSink() = default;
  // Between two of them execution ran straight on.
  virtual void train(HartId hart, std::span<const WarmBranch> branches) = 0;
};

}  // namespace orrery
