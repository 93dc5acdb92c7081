// A branch target buffer: where taken branches and jumps went last.
#pragma once

#include <algorithm>
#include <vector>

#include "memory/tag_array.h"

namespace orrery {

class TargetBuffer {
 public:
  // `entries` 0: it knows and remembers nothing.
  TargetBuffer(u32 entries, u32 ways, const ReplacementPolicies::Choice& replacement)
      : tags_({std::max(entries, ways) / ways, ways}, replacement), targets_(entries) {}

  // Null: the branch at `pc` is not known.
  const u64* find(u64 pc) const {
    if (targets_.empty()) return nullptr;
    std::size_t entry = tags_.find_recent(pc >> 1);
    if (entry == TagArray::none) entry = tags_.find(pc >> 1);
    return entry == TagArray::none ? nullptr : &targets_[entry];
  }

  void remember(u64 pc, u64 target) {
    if (targets_.empty()) return;
    const u64 key = pc >> 1;
    std::size_t entry = tags_.find_recent(key);
    if (entry == TagArray::none) {
      entry = tags_.find(key);
      if (entry != TagArray::none) {
        tags_.touch(entry);
      } else {
        entry = tags_.room_for(key);
        tags_.put(entry, key);
      }
    }
    targets_[entry] = target;
  }

  void state(Archive& a) {
    tags_.state(a);
    a("targets", std::span<u64>(targets_));
  }

 private:
  TagArray tags_;
  std::vector<u64> targets_;
};

}  // namespace orrery
