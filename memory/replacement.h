// Replacement policies: which way of a set makes room. One policy a file; see lru.cc.
//
// Contract. touch(): a hit, or a fill, used that way; touching the way touched last in its set again
// changes nothing (callers may leave such calls out, and the caches' fast hits do). victim(): asked
// only when every way of the set is in use; the caller fills that way and touches it.
#pragma once

#include "base/registry.h"
#include "base/types.h"

namespace orrery {

class Archive;

struct CacheGeometry {
  u32 sets;
  u32 ways;
};

class ReplacementPolicy {
 public:
  virtual ~ReplacementPolicy() = default;
  virtual void touch(u32 set, u32 way) = 0;
  virtual u32 victim(u32 set) = 0;
  virtual void state(Archive& a) = 0;
};

using ReplacementPolicies = Registry<ReplacementPolicy, const CacheGeometry&>;

}  // namespace orrery
