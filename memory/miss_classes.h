// Why a cache misses: each demand miss (Fetch, Load, Store, Atomic, Walk) belongs to exactly one
// class, the first one that holds:
//
//   coherence   the line was here, and left because another cache took it, or fence.i emptied this one
//   compulsory  the line has never been here
//   conflict    a fully associative cache of as many lines under LRU would have had it
//   capacity    it would not
//
// That cache is asked for the same lines in the same order: each hit and miss makes its line the
// most recent. A line that this cache does not take in (a store without allocation, a writeback that
// misses) does not enter that one either; one that leaves for coherence's sake leaves both.
// Prefetches bring lines in, and are not counted.
#pragma once

#include <list>
#include <unordered_map>

#include "base/archive.h"
#include "base/statistics.h"

namespace orrery {

class MissClasses {
 public:
  // The statistics are the owner's. `lines` is the cache's size.
  MissClasses(Component* owner, u64 lines);

  void hit(u64 line) {
    seen_[line] = false;
    touch(line, true);
  }
  void miss(u64 line, bool counts, bool allocates);
  // The line, which is here, is taken from here.
  void taken(u64 line);

  void state(Archive& a);

  Counter compulsory, capacity, conflict, coherence;

 private:
  void touch(u64 line, bool enters);

  const u64 lines_;
  std::unordered_map<u64, bool> seen_;  // lines that have been here; true: taken since
  std::list<u64> recent_;               // the fully associative cache, the latest first
  std::unordered_map<u64, std::list<u64>::iterator> place_;
};

}  // namespace orrery
