// The load queue and the store queue: memory accesses between rename and commit (stores: until the
// write buffer takes them), in program order. Atomics stand among the stores, so that loads of the same
// bytes, or behind an acquire all, wait for them, but take none of their places.
#pragma once

#include <vector>

#include "memory/ram.h"
#include "models/timing/cycles.h"
#include "models/timing/record.h"

namespace orrery::ooo {

// The bytes of an access: `size` from `address` on, or, when it crosses pages, those up to the end of
// its page and the others from `second` on.
struct Extent {
  PhysAddr address;
  PhysAddr second;  // Record::nowhere: it crosses none
  u32 size;

  bool crosses() const { return second != Record::nowhere; }
  u32 on_first_page() const {
    return crosses() ? static_cast<u32>(page_size - address.value() % page_size) : size;
  }
};

inline Extent extent_of(const Record& r) { return {r.physical, r.second, r.size}; }

inline bool overlap(PhysAddr a, u32 a_size, PhysAddr b, u32 b_size) {
  return b - a < a_size || a - b < b_size;  // differences wrap
}

inline bool overlap(const Extent& a, const Extent& b) {
  if (!a.crosses() && !b.crosses()) [[likely]] return overlap(a.address, a.size, b.address, b.size);
  const u32 a_first = a.on_first_page(), b_first = b.on_first_page();
  return overlap(a.address, a_first, b.address, b_first) ||
         (a.crosses() && overlap(a.second, a.size - a_first, b.address, b_first)) ||
         (b.crosses() && overlap(a.address, a_first, b.second, b.size - b_first)) ||
         (a.crosses() && b.crosses() && overlap(a.second, a.size - a_first, b.second, b.size - b_first));
}

// Whether `all` holds every byte of `some`. Of those that cross pages only equal ones do.
inline bool covers(const Extent& all, const Extent& some) {
  if (all.crosses() || some.crosses())
    return all.address == some.address && all.second == some.second && all.size == some.size;
  const u64 offset = some.address - all.address;
  return offset < all.size && some.size <= all.size - offset;
}

struct StoreEntry {
  Extent bytes;     // of size 0: an atomic that has committed
  u64 sequence;
  u64 pc;
  bool known;       // its address is
  bool acquire;     // an atomic that loads wait for unless a store behind it has their bytes
  bool committed;
  bool counted;     // holds one of the places that there are
  Cycle data;       // when loads can have it; never_cycle: not known
};

struct LoadEntry {
  Extent bytes;
  u64 sequence;
  u64 from;      // sequence number of the youngest store that gave of its data; 0: none
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
  // What a load of these bytes finds among the stores before `end`, the youngest first: one whose
  // address is not known (unless it goes ahead of those), an acquire, or one that it overlaps.
  Match find(const Extent& bytes, u64 end, bool ahead, u64& found) const {
    for (u64 i = end; i != head; --i) {
      const StoreEntry& store = (*this)[i - 1];
      found = i - 1;
      if (!store.known) {
        if (ahead) continue;
        return Match::Unknown;
      }
      if (store.acquire) return Match::Unknown;  // it leaves when it commits
      if (!overlap(bytes, store.bytes)) continue;
      return covers(store.bytes, bytes) ? Match::Covers : Match::Partly;
    }
    return Match::None;
  }
};

using LoadQueue = Queue<LoadEntry>;

}  // namespace orrery::ooo
