// What happens when: things due at a cycle, taken out in the order of their cycles. A wheel of the
// next cycles; what is further away waits in a heap.
//
// Contract: put() for a cycle after the last one taken; take(now) with `now` never going back, and
// whoever visits puts nothing for the same cycle.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "models/timing/cycles.h"

namespace orrery::ooo {

template <class Item>
class Calendar {
 public:
  void put(Cycle due, const Item& item) {
    if (due.value() - base_ >= span) [[unlikely]] {
      put_far(due, item);
      return;
    }
    const u64 i = due.value() % span;
    wheel_[i].push_back(item);
    used_[i / 64] |= u64{1} << (i % 64);
  }

  // The first cycle at which something is due.
  Cycle next() const {
    const u64 first = base_ % span;
    for (u64 word = 0; word <= words; ++word) {
      const u64 i = (first / 64 + word) % words;
      u64 bits = used_[i];
      if (word == 0) bits &= ~u64{0} << (first % 64);
      if (word == words) bits &= (u64{1} << (first % 64)) - 1;
      if (bits == 0) continue;
      const u64 at = i * 64 + static_cast<u64>(std::countr_zero(bits));
      return Cycle{base_ + (at + span - first) % span};
    }
    return far_.empty() ? never_cycle : far_.front().due;
  }

  // Hands over everything due up to `now`.
  template <class Visit>
  void take(Cycle now, Visit&& visit) {
    if (now.value() == base_ + 1 && far_.empty()) {  // cycle after cycle, nothing is left behind
      base_ = now.value();
      take_bucket(now.value() % span, visit);
      return;
    }
    for (Cycle due = next(); due <= now; due = next()) {
      advance(due);
      take_bucket(due.value() % span, visit);
    }
    advance(now);
  }

  void clear(Cycle now) {
    for (auto& bucket : wheel_) bucket.clear();
    used_.fill(0);
    far_.clear();
    base_ = now.value();
    order_ = 0;
  }

 private:
  static constexpr u64 span = 256, words = span / 64;
  struct Far {
    Cycle due;
    u64 order;
    Item item;
    // A heap has its greatest in front.
    bool operator<(const Far& other) const {
      return due != other.due ? due > other.due : order > other.order;
    }
  };

  [[gnu::noinline]] void put_far(Cycle due, const Item& item) {
    far_.push_back({due, order_++, item});
    std::push_heap(far_.begin(), far_.end());
  }

  template <class Visit>
  void take_bucket(u64 i, Visit&& visit) {
    auto& bucket = wheel_[i];
    if (bucket.empty()) return;
    used_[i / 64] &= ~(u64{1} << (i % 64));
    for (const Item& item : bucket) visit(item);
    bucket.clear();
  }

  void advance(Cycle now) {
    base_ = std::max(base_, now.value());
    while (!far_.empty() && far_.front().due.value() - base_ < span) {
      const Far far = far_.front();
      std::pop_heap(far_.begin(), far_.end());
      far_.pop_back();
      put(far.due, far.item);
    }
  }

  std::array<std::vector<Item>, span> wheel_;
  std::array<u64, words> used_{};
  std::vector<Far> far_;
  u64 base_ = 0;   // nothing is due before
  u64 order_ = 0;
};

}  // namespace orrery::ooo
