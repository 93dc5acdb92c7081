// Direction predictors: is this conditional branch taken? One policy a file; see bimodal.cc.
//
// Contract: predict() changes nothing that can be seen: wrong paths ask too. In program order:
// update() with what a conditional branch did, jump() with where a jump, call or return went, for
// those that keep the path.
#pragma once

#include "base/registry.h"
#include "base/types.h"

namespace orrery {

class Archive;

class DirectionPredictor {
 public:
  virtual ~DirectionPredictor() = default;
  // `target` is where the branch goes when taken.
  virtual bool predict(u64 pc, u64 target) const = 0;
  // predict() says so with confidence: what it goes by is saturated.
  virtual bool is_sure(u64) const { return true; }
  virtual void update(u64 pc, u64 target, bool taken) = 0;
  virtual void jump(u64, u64) {}  // pc, target
  virtual void state(Archive& a) = 0;
};

using DirectionPredictors = Registry<DirectionPredictor>;

// Two-bit counters: 0 and 1 say not taken, 2 and 3 taken.
inline constexpr u8 weakly_not_taken = 1;
inline bool says_taken(u8 counter) { return counter >= 2; }
inline u8 trained(u8 counter, bool taken) {
  if (taken) return counter < 3 ? static_cast<u8>(counter + 1) : counter;
  return counter > 0 ? static_cast<u8>(counter - 1) : counter;
}

}  // namespace orrery
