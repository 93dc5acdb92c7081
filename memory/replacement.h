// Replacement policies: which way of a set makes room. One policy a file; see replacement_lru.cc.
//
// Contract. fill(): a key was put into that way, which was unused or the last victim. hit(): that
// way was used again. Both say whether the way is settled: hits of it that follow, before anything
// else happens in its set, would change nothing (callers may then leave them out, and the caches'
// fast hits do). victim(): asked only when every way of the set is in use; what was in that way
// leaves, and the caller fills it (seldom, the way next to it). Ways given up otherwise (to another
// cache) are not told.
#pragma once

#include "base/registry.h"
#include "base/types.h"
#include "memory/port.h"

namespace orrery {

class Archive;

struct CacheGeometry {
  u32 sets;
  u32 ways;
};

// What a policy may know of the access that hits or fills.
struct Use {
  u64 pc = 0;  // of the instruction; 0: none
  RequestKind kind = RequestKind::Load;

  // Not what a program does: a line from above, or one fetched ahead.
  bool is_demand() const {
    return kind != RequestKind::Writeback && kind != RequestKind::Prefetch;
  }
};

class ReplacementPolicy {
 public:
  virtual ~ReplacementPolicy() = default;
  virtual bool fill(u32 set, u32 way, const Use& use) = 0;
  virtual bool hit(u32 set, u32 way, const Use& use) = 0;
  virtual u32 victim(u32 set) = 0;
  virtual void state(Archive& a) = 0;
};

using ReplacementPolicies = Registry<ReplacementPolicy, const CacheGeometry&>;

}  // namespace orrery
