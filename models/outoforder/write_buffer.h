// Committed stores on their way to the data cache, a block an entry. A store to a block that waits
// joins it; writes may be done in any order, but those of one block keep theirs.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "models/outoforder/load_store_queue.h"

namespace orrery::ooo {

class WriteBuffer {
 public:
  WriteBuffer(u32 entries, u32 merge)
      : entries_(entries), merge_(merge), bits_(static_cast<u32>(std::countr_zero(merge))) {}

  struct Entry {
    u64 block;   // address / merge
    u64 bytes;   // a bit each, from the block's begin
    u64 pc;
    u64 order;
    Cycle ready;  // when the last store joined
    Cycle done;   // never_cycle: not submitted
    bool used = false;
  };

  bool is_empty() const { return used_ == 0; }
  u32 used() const { return used_; }
  bool is_waiting() const { return waiting_ != 0; }  // something is not submitted
  u32 merge() const { return merge_; }

  // `size` bytes at `address`, within one block. False: there is no room.
  bool push(PhysAddr address, u32 size, u64 pc, Cycle now) {
    const u64 block = address.value() >> bits_;
    Entry* free = nullptr;
    for (u32 i = 0; i < entries_; ++i) {
      Entry& e = ring_[i];
      if (!e.used) {
        free = &e;
      } else if (e.block == block && e.done == never_cycle) {
        e.bytes |= mask(address, size);
        return true;
      }
    }
    if (!free) return false;
    *free = {block, mask(address, size), pc, order_++, now + 1, never_cycle, true};
    ++used_;
    ++waiting_;
    return true;
  }

  // Entries whose write is done leave. True: some did.
  bool retire(Cycle now) {
    if (now < next_done_) return false;
    next_done_ = never_cycle;
    bool some = false;
    for (u32 i = 0; i < entries_; ++i) {
      Entry& e = ring_[i];
      if (!e.used || e.done == never_cycle) continue;
      if (e.done <= now) {
        e.used = false;
        --used_;
        some = true;
      } else {
        next_done_ = earlier(next_done_, e.done);
      }
    }
    return some;
  }

  // The oldest entry that may be written, null when there is none; `retry` is when there may be one.
  Entry* next(Cycle now, Cycle& retry) {
    retry = never_cycle;
    if (waiting_ == 0) return nullptr;
    if (now < retry_) {
      retry = retry_;
      return nullptr;
    }
    Entry* oldest = nullptr;
    for (u32 i = 0; i < entries_; ++i) {
      Entry& e = ring_[i];
      if (!e.used || e.done != never_cycle) continue;
      const Cycle from = used_ == waiting_ ? e.ready : later(e.ready, block_done(e.block));
      if (from > now) {
        retry = earlier(retry, from);
      } else if (!oldest || e.order < oldest->order) {
        oldest = &e;
      }
    }
    return oldest;
  }
  // `free`: when the next one may be written.
  void submitted(Entry& entry, Cycle free, Cycle done) {
    entry.done = done;
    next_done_ = earlier(next_done_, done);
    --waiting_;
    refusals = 0;
    retry_ = free;
  }
  void refused(Cycle retry) { retry_ = retry; }
  u32 refusals = 0;  // in a row; the caller counts

  Cycle next_done() const { return next_done_; }

  enum class Match { None, Covers, Partly };
  Match find(const Extent& bytes) const {
    if (used_ == 0) return Match::None;
    if (!bytes.crosses()) [[likely]] return find(bytes.address, bytes.size);
    const u32 first = bytes.on_first_page();
    const bool some = find(bytes.address, first) != Match::None || find(bytes.second, bytes.size - first) != Match::None;
    return some ? Match::Partly : Match::None;
  }

  void clear() { *this = WriteBuffer(entries_, merge_); }

 private:
  Match find(PhysAddr address, u32 size) const {
    const u64 block = address.value() >> bits_;
    const bool crosses = (address.value() + size - 1) >> bits_ != block;
    Match match = Match::None;
    for (u32 i = 0; i < entries_; ++i) {
      const Entry& e = ring_[i];
      if (!e.used || (e.block != block && !(crosses && e.block == block + 1))) continue;
      if (crosses) return Match::Partly;
      const u64 wanted = mask(address, size);
      if ((e.bytes & wanted) == 0) continue;
      match = (e.bytes & wanted) == wanted ? Match::Covers : Match::Partly;
      if (match == Match::Partly) return match;
    }
    return match;
  }

  u64 mask(PhysAddr address, u32 size) const {
    const u64 offset = address.value() & (merge_ - 1);
    return (size >= 64 ? ~u64{0} : (u64{1} << size) - 1) << offset;
  }
  Cycle block_done(u64 block) const {
    Cycle done;
    for (u32 i = 0; i < entries_; ++i)
      if (ring_[i].used && ring_[i].block == block && ring_[i].done != never_cycle)
        done = later(done, ring_[i].done);
    return done;
  }

  u32 entries_, merge_, bits_;
  std::array<Entry, 64> ring_{};
  u32 used_ = 0, waiting_ = 0;
  u64 order_ = 0;
  Cycle retry_, next_done_ = never_cycle;
};

}  // namespace orrery::ooo
