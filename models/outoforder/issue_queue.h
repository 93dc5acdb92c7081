// An issue queue: how many wait in it, and which of them are ready, oldest first.
#pragma once

#include <algorithm>
#include <bit>
#include <vector>

#include "models/outoforder/config.h"

namespace orrery::ooo {

// Instructions of the window, a bit each at its place, so that their order is that of the program.
class PlaceSet {
 public:
  // `places`: a power of two, 64 at least.
  void resize(u64 places) { words_.assign(places / 64, 0); }

  u32 size() const { return size_; }
  void put(u32 place) {
    words_[place / 64] |= bit(place);
    ++size_;
  }
  void take(u32 place) {
    words_[place / 64] &= ~bit(place);
    --size_;
  }
  void clear() {
    std::fill(words_.begin(), words_.end(), 0);
    size_ = 0;
  }
  // Those whose sequence numbers are from `from` up to `to` leave.
  void take_range(u64 from, u64 to) {
    if (size_ == 0) return;
    for (u64 i = from; i < to;) {
      const u64 count = std::min(64 - i % 64, to - i);
      u64& word = words_[i / 64 & (words_.size() - 1)];
      const u64 taken = word & (~u64{0} >> (64 - count)) << (i % 64);
      word ^= taken;
      size_ -= static_cast<u32>(std::popcount(taken));
      i += count;
    }
  }
  // Each, from the oldest on, while `visit` says true; it may take the one that it is given. `oldest`:
  // the place at which the window begins.
  template <class Visit>
  void visit(u32 oldest, Visit&& visit) {
    u64 word = oldest / 64;
    u64 bits = words_[word] & ~u64{0} << (oldest % 64);
    for (u32 left = size_; left != 0; --left) {
      while (bits == 0) {  // around to the places before `oldest` in the end
        word = (word + 1) & (words_.size() - 1);
        bits = words_[word];
      }
      if (!visit(static_cast<u32>(word * 64) + static_cast<u32>(std::countr_zero(bits)))) return;
      bits &= bits - 1;
    }
  }

 private:
  static u64 bit(u32 place) { return u64{1} << (place % 64); }

  std::vector<u64> words_;
  u32 size_ = 0;
};

// Aligned so that a queue's number times its size is a shift.
class alignas(64) IssueQueue {
 public:
  // The queue of this number among those of its kind.
  void configure(const QueueConfig& config, u32 kind, u32 number, u64 places) {
    ready.resize(places);
    kind_ = kind;
    entries_ = config.entries;
    accepts_ = config.accepts;
    pipes_ = ((u32{1} << config.width) - 1) << (number * config.width);
  }

  bool is_full(Cycle now) const { return used_ >= entries_ || (entered_at_ == now && entered_ >= accepts_); }
  u32 used() const { return used_; }
  u32 entries() const { return entries_; }
  u32 accepts() const { return accepts_; }
  u32 kind() const { return kind_; }
  u32 own_pipes() const { return pipes_; }  // a bit each, as numbered among those of its kind
  void enter(Cycle now) {
    ++used_;
    entered_ = entered_at_ == now ? entered_ + 1 : 1;
    entered_at_ = now;
  }
  void leave() { --used_; }
  void clear() {
    used_ = entered_ = 0;
    ready.clear();
  }

  PlaceSet ready;

 private:
  u32 kind_ = 0, entries_ = 1, accepts_ = 1, pipes_ = 1;
  u32 used_ = 0;
  u32 entered_ = 0;  // in the cycle entered_at_
  Cycle entered_at_;
};
static_assert(sizeof(IssueQueue) == 64);

}  // namespace orrery::ooo
