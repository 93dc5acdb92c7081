// What happens when: things due at a cycle, taken out in the order of their cycles. A wheel of the
// next cycles, each with a list in the order of put(); what is further away waits in a heap. The
// lists share their nodes, so that those in use are few and stay in the host's cache.
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
    const u32 node = free_;
    if (node == none) [[unlikely]] {
      grow();
      put(due, item);
      return;
    }
    free_ = nodes_[node].next;
    nodes_[node] = {item, none};
    Bucket& bucket = wheel_[i];
    (bucket.first == none ? bucket.first : nodes_[bucket.last].next) = node;
    bucket.last = node;
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
      const u64 i = base_ % span;
      if (wheel_[i].first != none) take_bucket(i, visit);
      return;
    }
    for (Cycle due = next(); due <= now; due = next()) {
      advance(due);
      take_bucket(due.value() % span, visit);
    }
    advance(now);
  }

  void clear(Cycle now) {
    wheel_.fill({});
    nodes_.clear();
    free_ = none;
    used_.fill(0);
    far_.clear();
    base_ = now.value();
    order_ = 0;
  }

 private:
  static constexpr u64 span = 256, words = span / 64;
  static constexpr u32 none = ~u32{0};
  struct Node {
    Item item;
    u32 next;
  };
  struct Bucket {
    u32 first = none, last = none;
  };
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

  [[gnu::noinline]] void grow() {
    free_ = static_cast<u32>(nodes_.size());
    nodes_.push_back({{}, none});
  }

  template <class Visit>
  void take_bucket(u64 i, Visit&& visit) {
    u32 node = wheel_[i].first;
    wheel_[i] = {};
    used_[i / 64] &= ~(u64{1} << (i % 64));
    while (node != none) {
      const Node taken = nodes_[node];
      nodes_[node].next = free_;
      free_ = node;
      node = taken.next;
      visit(taken.item);
    }
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

  std::array<Bucket, span> wheel_;
  std::vector<Node> nodes_;
  u32 free_ = none;  // the first of the nodes that are in no list
  std::array<u64, words> used_{};
  std::vector<Far> far_;
  u64 base_ = 0;   // nothing is due before
  u64 order_ = 0;
};

}  // namespace orrery::ooo
