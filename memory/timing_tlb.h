// Timing TLBs: which translations a hart has at hand, not what they are (the functional side's
// business, cpu/arch/mmu.h). An entry stands for one page of any size in one context (the address
// space as satp names it); a lookup tries every size present.
#pragma once

#include "base/bits.h"
#include "base/statistics.h"
#include "memory/tag_array.h"

namespace orrery {

struct TlbConfig {
  u32 entries = 32;
  u32 ways = 32;
  u32 latency_cycles = 0;
  ReplacementPolicies::Choice replacement{"lru"};

  void visit(Params& p);
};

class TimingTlb final : public Component {
 public:
  TimingTlb(Component* parent, std::string name, const TlbConfig& config);

  // Counts a hit or a miss; a miss changes nothing (insert() when the walk is done).
  bool lookup(u64 address, u32 context) {
    if (key(address, context, 0) == recent_ || search(address, context)) {
      hits += counted_;
      return true;
    }
    ++(counted_ ? misses : warm_misses);
    return false;
  }

  // Hits are left out from now on, and not counted; misses are warm_misses.
  void set_warming(bool warming) { counted_ = !warming; }

  // A lookup of the page would change nothing but the count of hits.
  bool needs_no_lookup(u64 address, u32 context) const { return key(address, context, 0) == recent_; }

  // Present or not, without counting or touching (the wrong path asks).
  bool holds(u64 address, u32 context) const { return needs_no_lookup(address, context) || is_present(address, context); }

  // `level` 0: 4 KiB, 1: 2 MiB, 2: 1 GiB, 3: 512 GiB.
  void insert(u64 address, u32 context, unsigned level);

  void flush();  // sfence.vma, whatever its operands

  bool is_timing_state() const override { return true; }
  void state(Archive& a) override;

  const u32 latency_cycles;
  Counter hits{this, "hits", "lookups", "lookups that found their page"};
  Counter misses{this, "misses", "lookups", "lookups that did not"};
  Counter warm_misses{this, "warm_misses", "lookups",
                      "misses while a fast model kept this warm; its hits are not counted"};
  Ratio miss_ratio{this, "miss_ratio", "misses per lookup", {&misses}, {&hits, &misses}, "of all lookups"};

 private:
  static constexpr unsigned levels = 4;

  // One word: 45 bits of page number, 17 of context, 2 of size.
  static u64 key(u64 address, u32 context, unsigned level) {
    return bits(address >> (12 + 9 * level), 0, 45) | bits(context, 0, 17) << 45 | u64{level} << 62;
  }
  bool is_present(u64 address, u32 context) const;
  bool search(u64 address, u32 context);
  void note(u64 address, u32 context, unsigned level);

  TagArray tags_;
  bool counted_ = true;           // hits, and misses as such
  u8 present_ = 0;                // bit `level`: such a page was inserted since the last flush
  u64 recent_ = TagArray::no_key;  // derived: the 4 KiB looked up last, whatever its page's size
};

}  // namespace orrery
