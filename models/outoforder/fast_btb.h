// The fast branch target buffer: where a fetch group goes on, known before anything of it is decoded.
//
// An entry belongs to the address at which a group begins, and says that the group ends in a taken
// branch to its target. It is believed without asking the direction predictor, which finds out a cycle
// later: a group that goes elsewhere loses `mistaken_bubbles` and its entry. Entries are made for the
// group that a change of flow leads to which no entry told of, and, when that group cannot have shown
// its branch (it has none and began in its second half, or its last halfword begins one), for the next;
// a conditional branch must be predicted taken with confidence to make its entry, and once more to make
// it count. An entry is written when the next group has been looked up: that one misses it, and finds
// the entry that makes room for it. (A loop of two branches in two groups may so know one for ever and
// never learn the other.)
//
// Contract: begin() a group, then one of taken() and passed(), which end it.
#pragma once

#include <algorithm>
#include <vector>

#include "base/archive.h"
#include "base/params.h"

namespace orrery::ooo {

struct FastBtbConfig {
  u32 entries = 16;
  u32 mistaken_bubbles = 1;
  void visit(Params& p);
};

class FastBtb {
 public:
  explicit FastBtb(const FastBtbConfig& config) : config_(config), entries_(config.entries) {}

  void begin(u64 pc) { group_ = pc; }

  // The group ends in a branch predicted to be taken. True: the entry said so, there is no bubble.
  // `follows`: the target is the return stack's top, which the entry names rather than an address.
  bool taken(u64 target, bool is_conditional, bool is_sure, bool follows);

  // The front end goes on behind the group. Returns the bubbles of an entry that said otherwise.
  // `looks_on`: it cannot have shown its branch.
  u32 passed(bool looks_on) {
    waits_ = waits_ && looks_on;
    const u32 bubbles = known_[bucket(group_)] == 0 ? 0 : mistaken();
    make();
    return bubbles;
  }

  // The front end was turned round by something else than a prediction: nothing is looked up.
  void turned() { waits_ = true; }

  void state(Archive& a);

 private:
  static constexpr u64 return_target = 1, no_group = 1;  // odd: no address
  struct Entry {
    u64 pc = no_group;
    u64 target = 0;
    bool counts = false;
  };

  Entry* find(u64 pc) {
    if (known_[bucket(pc)] == 0) return nullptr;
    Entry& likely = entries_[place_[bucket(pc)]];
    return likely.pc == pc ? &likely : search(pc);
  }
  Entry* search(u64 pc);
  u32 mistaken();
  void drop(Entry& entry);
  void make() {
    if (made_.pc != no_group) [[unlikely]] put();
  }
  void put();
  static std::size_t bucket(u64 pc) { return pc * 0x9e37'79b9'7f4a'7c15 >> 56; }

  const FastBtbConfig config_;
  std::vector<Entry> entries_;
  Entry made_;          // for the group before, not looked up by this one
  u32 next_ = 0;        // the entry that makes room
  u16 known_[256] = {};  // entries by a hash of their pc: most groups have none
  u8 place_[256] = {};   // where one of these was found last
  u64 group_ = 0;
  bool waits_ = false;  // a change of flow led to this group
};

inline bool FastBtb::taken(u64 target, bool is_conditional, bool is_sure, bool follows) {
  const bool waited = waits_;
  if (follows) target = return_target;
  bool hits = false;
  Entry made;
  if (Entry* entry = find(group_)) {
    const bool right = entry->target == target, counted = entry->counts;
    if (counted && (!right || !is_sure)) {
      drop(*entry);
    } else if (right && is_sure) {
      entry->counts = true;
    }
    hits = counted && right;
  } else if (waited && is_sure) {
    made = {group_, target, !is_conditional};
  }
  waits_ = !hits;
  make();
  made_ = made;
  return hits;
}

}  // namespace orrery::ooo
