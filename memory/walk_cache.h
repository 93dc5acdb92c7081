// A page-walk cache: which upper-level page-table entries a hart's walker has at hand, so that a walk
// begins at the deepest table it knows. Like the timing TLBs it holds no values: an entry stands for
// the pointer to the table that translates a stretch of addresses in one context (as satp names it).
#pragma once

#include "base/bits.h"
#include "base/statistics.h"
#include "memory/tag_array.h"

namespace orrery {

struct WalkCacheConfig {
  u32 entries = 16;
  u32 ways = 16;
  ReplacementPolicies::Choice replacement{"lru"};

  void visit(Params& p);
};

class WalkCache final : public Component {
 public:
  WalkCache(Component* parent, std::string name, const WalkCacheConfig& config);

  // `walk` has the addresses of the page-table entries to read for `address`, root first: `entries`,
  // `count`, and the `level` of the last (0: 4 KiB pages). Those at hand leave it, those that will be
  // read are remembered; the last one, the page's own, always stays.
  template <class Walk>
  void shorten(u64 address, u32 context, Walk& walk) {
    const unsigned known = begin(address, context, walk.count, walk.level);
    for (unsigned i = known; i < walk.count; ++i) walk.entries[i - known] = walk.entries[i];
    walk.count = static_cast<u8>(walk.count - known);
  }

  void flush() { tags_.clear(); }  // sfence.vma, whatever its operands

  bool is_timing_state() const override { return true; }
  void state(Archive& a) override { tags_.state(a); }

  Counter hits{this, "hits", "walks", "walks that began below the root"};
  Counter misses{this, "misses", "walks", "walks with upper levels that found none of them"};
  Counter skipped{this, "skipped", "entries", "page-table entries that needed no reading"};

 private:
  // How many entries of the walk are at hand.
  unsigned begin(u64 address, u32 context, unsigned count, unsigned level);

  // Like TimingTlb's: 45 bits of address, 17 of context, 2 of the level above the pages' own.
  static u64 key(u64 address, u32 context, unsigned level) {
    return bits(address >> (12 + 9 * level), 0, 45) | bits(context, 0, 17) << 45 | u64{level & 3} << 62;
  }

  TagArray tags_;
};

}  // namespace orrery
