// Indirect predictors: where does this indirect jump go? One policy a file; see indirect_btb.cc.
//
// Contract: predict() changes nothing. In program order: update() with what an indirect jump (no
// return) did, branch() with what a conditional branch did, for those that keep a history.
#pragma once

#include "base/registry.h"
#include "base/types.h"

namespace orrery {

class Archive;

class IndirectPredictor {
 public:
  virtual ~IndirectPredictor() = default;
  // 0: nothing is known.
  virtual u64 predict(u64 pc) const = 0;
  // `wrong`: it had been predicted to go elsewhere, or not at all.
  virtual void update(u64 pc, u64 target, bool wrong) = 0;
  virtual void branch(u64 pc, bool taken) = 0;
  virtual void state(Archive& a) = 0;
};

using IndirectPredictors = Registry<IndirectPredictor>;

}  // namespace orrery
