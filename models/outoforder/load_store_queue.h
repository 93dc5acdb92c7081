// The load queue and the store queue: memory accesses between rename and commit (stores: until the
// write buffer takes them), in program order. Atomics stand among the stores, so that loads of the same
// bytes wait for them, but take none of their places.
#pragma once

#include <vector>

#include "models/outoforder/calendar.h"

namespace orrery::ooo {

inline bool overlap(PhysAddr a, u32 a_size, PhysAddr b, u32 b_size) {
  return b - a < a_size || a - b < b_size;  // differences wrap
}

struct StoreEntry {
  PhysAddr address;
  PhysAddr second;  // of the first byte on the next page
  u64 sequence;
  u64 pc;
  u32 size;         // 0: an atomic that has committed
  bool known;       // its address is
  bool committed;
  bool counted;     // holds one of the places that there are
  Cycle data;       // when loads can have it; never_cycle: not known
};

struct LoadEntry {
  PhysAddr address;
  u64 sequence;
  u64 from;      // sequence number of the youngest store that gave of its data; 0: none
  u32 size;
  bool executed;
  bool counted;  // holds one of the places that there are
};

// A ring of a fixed size, addressed by numbers that only grow.
template <class Entry>
class Queue {
 public:
  explicit Queue(u32 entries) : entries_(entries) {
    u64 size = 1;
    while (size < entries) size *= 2;
    mask_ = size - 1;
    ring_.resize(size);
  }
  bool is_full() const { return tail - head >= entries_; }
  bool is_empty() const { return head == tail; }
  Entry& operator[](u64 i) { return ring_[i & mask_]; }
  const Entry& operator[](u64 i) const { return ring_[i & mask_]; }

  u64 head = 0, tail = 0;

 private:
  u32 entries_;
  u64 mask_;
  std::vector<Entry> ring_;
};

class StoreQueue : public Queue<StoreEntry> {
 public:
  using Queue::Queue;

  enum class Match { None, Unknown, Covers, Partly };
  // What a load of `size` bytes at `address` finds among the stores before `end`, the youngest
  // first: one whose address is not known (unless it goes ahead of those), or one that it overlaps.
  Match find(PhysAddr address, u32 size, u64 end, bool ahead, u64& found) const {
    for (u64 i = end; i != head; --i) {
      const StoreEntry& store = (*this)[i - 1];
      found = i - 1;
      if (!store.known) {
        if (ahead) continue;
        return Match::Unknown;
      }
      if (!overlap(address, size, store.address, store.size)) continue;
      const u64 offset = address - store.address;
      return offset < store.size && size <= store.size - offset ? Match::Covers : Match::Partly;
    }
    return Match::None;
  }
};

using LoadQueue = Queue<LoadEntry>;

}  // namespace orrery::ooo
