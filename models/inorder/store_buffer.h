// Stores on their way from the pipeline to the data cache. An entry waits, is submitted, and leaves
// when its write is done.
//
// Without merging each store has an entry, and entries leave in their order. With merging, an entry
// holds the bytes stored to a block of `merge` bytes, and entries leave as they are done; a store to a
// block that is there joins it, also while it is being written: its bytes are written once more
// afterwards. With `split`, only an aligned power of two of bytes is written at once: any other
// set of bytes goes byte by byte, lowest first, one at a time (as CVA6's write buffer has it).
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "base/bits.h"
#include "models/timing/cycles.h"

namespace orrery {

class StoreBuffer {
 public:
  static constexpr u32 most_entries = 64;

  // size 1..64, in_flight at least 1; merge 0 or a power of two up to 64.
  StoreBuffer(u32 size, u32 in_flight, u32 merge, bool split)
      : size_(size), in_flight_(in_flight), merge_(merge), split_(split) {}

  struct Entry {
    PhysAddr base;  // of byte 0
    u64 pc = 0;
    u64 bytes = 0;   // that it holds: those of `dirty`, and those being written
    u64 dirty = 0;   // not submitted yet
    Cycle ready;     // may be submitted from here on
    Cycle joined;    // when the last store joined it
    Cycle done;      // of the write under way, or of the last one
    bool busy = false;

    Cycle leaves() const { return dirty != 0 ? never_cycle : done; }
    u64 bytes_at(Cycle now) const { return busy && done <= now ? dirty : bytes; }
  };
  struct Write {
    PhysAddr address;
    u32 size;
    u64 pc;
  };

  bool all_submitted() const { return due_ == never_cycle; }
  // When everything submitted is done.
  Cycle last_done() const { return last_done_; }

  // The first cycle from `now` on at which a store finds room; never_cycle: not before the next
  // submission.
  Cycle room(PhysAddr address, u32 size, Cycle now) const {
    if (joinable(address, size, now)) return now;
    u32 there = 0;
    Cycle first = never_cycle;
    for (u32 i = 0; i < count_; ++i) {
      if (entries_[i].leaves() <= now) continue;
      ++there;
      first = earlier(first, entries_[i].leaves());
    }
    return there < size_ ? now : first;
  }

  // There is room at `now`, for the second part of a store that crosses pages in any case.
  void push(PhysAddr address, u32 size, u64 pc, Cycle now, Cycle ready) {
    retire(now);
    Entry* e = const_cast<Entry*>(joinable(address, size, now));
    if (!e) {
      e = &entries_[count_++];
      *e = {};
      e->base = merge_ != 0 && in_one_block(address, size) ? PhysAddr{align_down(address.value(), merge_)} : address;
      e->pc = pc;
      e->ready = ready;
    }
    const u64 stored = ones(size) << (address - e->base);
    e->bytes |= stored;
    e->dirty |= stored;
    e->joined = ready;
    find_due();
  }

  // When a store is due to be submitted; never_cycle: there is none.
  Cycle submission() const { return due_; }
  // What is due at `now`, to be followed by submitted() or refused().
  Write submitting(Cycle now) {
    retire(now);
    find_due();
    const Entry& e = entries_[due_entry_];
    const u64 chunk = chunk_of(e.dirty);
    const auto first = static_cast<u32>(std::countr_zero(chunk));
    return {e.base + first, static_cast<u32>(std::bit_width(chunk)) - first, e.pc};
  }
  void submitted(Cycle now, Cycle done) {
    Entry& e = entries_[due_entry_];
    last_done_ = later(last_done_, done);
    e.done = merge_ != 0 ? done : last_done_;
    e.dirty &= ~chunk_of(e.dirty);
    e.busy = true;
    refusals = 0;
    retry_ = now + 1;
    find_due();
  }
  void refused(Cycle retry) {
    retry_ = retry;
    find_due();
  }

  u32 refusals = 0;  // in a row, of what is due; the caller counts

  enum class Match { None, Covers, Overlaps };
  // What of `size` bytes at `address` is on its way at `now`, the youngest store first. `store` is
  // the entry found.
  Match find(PhysAddr address, u32 size, Cycle now, const Entry*& store) const {
    for (u32 i = count_; i-- > 0;) {
      const Entry& e = entries_[i];
      const u64 offset = address - e.base, before = e.base - address;  // one of them wraps
      const u64 wanted = offset < 64 ? ones(size) << offset : before < size ? ones(size) >> before : 0;
      const u64 found = wanted & e.bytes_at(now);
      if (found == 0) continue;
      store = &e;
      const bool all = offset < 64 && size <= 64 - offset && found == wanted;
      return all ? Match::Covers : Match::Overlaps;
    }
    return Match::None;
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (u32 i = 0; i < count_; ++i) visit(entries_[i]);
  }

  void clear() { *this = StoreBuffer(size_, in_flight_, merge_, split_); }

 private:
  static u64 ones(u32 size) { return size >= 64 ? ~u64{0} : (u64{1} << size) - 1; }
  bool in_one_block(PhysAddr address, u32 size) const { return address.value() % merge_ + size <= merge_; }

  const Entry* joinable(PhysAddr address, u32 size, Cycle now) const {
    if (merge_ == 0 || !in_one_block(address, size)) return nullptr;
    const PhysAddr block{align_down(address.value(), merge_)};
    for (u32 i = 0; i < count_; ++i)
      if (entries_[i].base == block && entries_[i].leaves() > now) return &entries_[i];
    return nullptr;
  }

  // The bytes of the next write.
  u64 chunk_of(u64 dirty) const {
    if (!split_) return dirty;
    const auto first = static_cast<u32>(std::countr_zero(dirty));
    const auto size = static_cast<u32>(std::popcount(dirty));
    const bool is_aligned_run = std::has_single_bit(size) && first % size == 0 && dirty == ones(size) << first;
    return is_aligned_run ? dirty : u64{1} << first;
  }

  void retire(Cycle now) {
    u32 kept = 0;
    for (u32 i = 0; i < count_; ++i) {
      Entry& e = entries_[i];
      if (e.busy && e.done <= now) {
        e.busy = false;
        e.bytes = e.dirty;
        e.ready = later(e.ready, e.done);
      }
      if (e.bytes == 0) continue;
      if (kept != i) entries_[kept] = e;
      ++kept;
    }
    count_ = kept;
  }

  void find_due() {
    due_ = never_cycle;
    u32 busy = 0;
    for (u32 i = 0; i < count_; ++i) {
      const Entry& e = entries_[i];
      busy += e.busy;
      if (e.dirty == 0) continue;
      const Cycle at = later(e.ready, e.busy ? e.done : Cycle{});
      if (at >= due_) continue;
      due_ = at;
      due_entry_ = i;
    }
    if (due_ == never_cycle) return;
    due_ = later(due_, retry_);
    if (busy >= in_flight_) due_ = later(due_, first_free(busy));
  }

  // When so many of the `busy` writes are done that another one may be under way.
  Cycle first_free(u32 busy) const {
    std::array<Cycle, most_entries + 1> dones;
    u32 count = 0;
    for (u32 i = 0; i < count_; ++i)
      if (entries_[i].busy) dones[count++] = entries_[i].done;
    const auto free = dones.begin() + (busy - in_flight_);
    std::nth_element(dones.begin(), free, dones.begin() + busy);
    return *free;
  }

  u32 size_, in_flight_, merge_;
  bool split_;
  std::array<Entry, most_entries + 1> entries_{};
  u32 count_ = 0;
  Cycle due_ = never_cycle;  // of the next submission, of this entry
  u32 due_entry_ = 0;
  Cycle retry_;
  Cycle last_done_;
};

}  // namespace orrery
