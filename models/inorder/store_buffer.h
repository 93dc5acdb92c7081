// Stores on their way from the pipeline to the data cache. An entry waits, is submitted, and leaves
// when its write is done and all before it have left.
//
// With merging, a store to a block of `merge` bytes that an entry holds already joins it. If that
// entry is at the data cache, it is written once more: it goes to the end when its write is done.
#pragma once

#include <algorithm>
#include <array>

#include "models/timing/cycles.h"

namespace orrery {

class StoreBuffer {
 public:
  StoreBuffer(u32 size, u32 in_flight, u32 merge)
      : size_(size), in_flight_(in_flight), merge_(merge) {}

  struct Entry {
    PhysAddr address;
    u64 pc;
    Cycle ready;   // may be submitted from here on
    Cycle joined;  // when the last store joined it
    Cycle done;    // write done; never_cycle: not submitted
    u32 size;
    bool again;    // joined while it was being written
  };

  bool all_submitted() const { return next_ == tail_ && again_ == 0; }

  // The first cycle from `now` on at which a store finds room; never_cycle: not before the next
  // submission.
  Cycle room(PhysAddr address, u32 size, Cycle now) {
    retire(now);
    if (tail_ - head_ < size_ || joinable(address, size)) return now;
    return std::max(now, at(head_).done);
  }

  void push(PhysAddr address, u32 size, u64 pc, Cycle ready) {
    if (Entry* e = joinable(address, size)) {
      const u64 end = std::max(e->address.value() + e->size, address.value() + size);
      e->address = std::min(e->address, address);
      e->size = static_cast<u32>(end - e->address.value());
      e->joined = ready;
      if (e->done != never_cycle && !e->again) {
        e->again = true;
        ++again_;
      }
      return;
    }
    at(tail_++) = {address, pc, ready, ready, never_cycle, size, false};
  }

  // When a store is due to be submitted; never_cycle: there is none.
  Cycle submission() const {
    if (next_ == tail_) {
      if (again_ == 0) return never_cycle;
      u64 i = head_;
      while (!at(i).again) ++i;
      return std::max(at(i).done, retry_);
    }
    Cycle due = std::max(at(next_).ready, retry_);
    if (next_ - head_ >= in_flight_) due = std::max(due, at(next_ - in_flight_).done);
    return due;
  }
  // The entry due at `now`, to be followed by submitted() or refused().
  const Entry& submitting(Cycle now) {
    retire(now);
    return at(next_);
  }
  void submitted(Cycle now, Cycle done) {
    // Writes are done in order, so that the last one's end is the buffer's.
    last_done_ = std::max(last_done_, done);
    at(next_++).done = last_done_;
    retry_ = now + 1;
  }
  void refused(Cycle retry) { retry_ = retry; }

  // When everything submitted is done.
  Cycle last_done() const { return last_done_; }

  enum class Match { None, Covers, Overlaps };
  // What of `size` bytes at `address` is on its way at `now`, the youngest store first. `store` is
  // the entry found.
  Match find(PhysAddr address, u32 size, Cycle now, const Entry*& store) const {
    for (u64 i = tail_; i != head_; --i) {
      const Entry& e = at(i - 1);
      if (e.done <= now && !e.again) {
        if (again_ == 0) break;  // in order: older ones are done too
        continue;
      }
      const u64 offset = address - e.address;  // wraps when the load begins before the store
      const bool begins_inside = offset < e.size;
      if (!begins_inside && e.address - address >= size) continue;
      store = &e;
      return begins_inside && size <= e.size - offset ? Match::Covers : Match::Overlaps;
    }
    return Match::None;
  }

  void clear() { *this = StoreBuffer(size_, in_flight_, merge_); }

 private:
  static constexpr u64 capacity = 64;
  Entry& at(u64 i) { return entries_[i % capacity]; }
  const Entry& at(u64 i) const { return entries_[i % capacity]; }

  Entry* joinable(PhysAddr address, u32 size) {
    if (merge_ == 0) return nullptr;
    const u64 block = address.value() / merge_;
    if ((address.value() + size - 1) / merge_ != block) return nullptr;
    for (u64 i = tail_; i != head_; --i)
      if (at(i - 1).address.value() / merge_ == block) return &at(i - 1);
    return nullptr;
  }

  void retire(Cycle now) {
    while (head_ != next_ && at(head_).done <= now) {
      Entry e = at(head_++);
      if (!e.again) continue;
      --again_;
      e.again = false;
      e.done = never_cycle;
      at(tail_++) = e;
    }
  }

  u32 size_, in_flight_, merge_;
  std::array<Entry, capacity> entries_{};
  u64 head_ = 0, next_ = 0, tail_ = 0;  // oldest, first not submitted, first free
  u32 again_ = 0;                       // entries to be written again
  Cycle retry_;
  Cycle last_done_;
};

}  // namespace orrery
