// The writes that a DRAM channel has taken and not yet carried out. A write waits until it is
// scheduled, then stands until its data has gone; for as long, reads of its burst are answered from
// here.
#pragma once

#include <algorithm>
#include <vector>

#include "memory/saved_ticks.h"

namespace orrery {

class DramWriteQueue {
 public:
  static constexpr Tick waits{u64{1} << 62};  // `leaves` of a write not yet scheduled
  struct Entry {
    u64 burst = 0;  // its number, the address divided by the size of a burst
    Tick arrived;
    Tick leaves = waits;
  };

  explicit DramWriteQueue(u32 entries) : most_(entries) { entries_.reserve(entries); }

  // Forgets what has left at `now`.
  void advance(Tick now) {
    if (first_leaves_ > now) return;
    std::erase_if(entries_, [&](const Entry& e) { return e.leaves <= now; });
    derive();
  }

  bool full() const { return entries_.size() >= most_; }
  // When the first scheduled one leaves.
  Tick first_leaves() const { return first_leaves_; }
  std::size_t waiting() const { return waiting_; }
  // In the order of arrival.
  const std::vector<Entry>& entries() const { return entries_; }

  bool holds(u64 burst) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.burst == burst; });
  }
  bool merges(u64 burst) const {
    return waiting_ > 0 && std::any_of(entries_.begin(), entries_.end(),
                                       [&](const Entry& e) { return e.burst == burst && e.leaves == waits; });
  }

  // Not when full.
  void add(u64 burst, Tick now) {
    entries_.push_back({burst, now, waits});
    ++waiting_;
  }
  void schedule(std::size_t index, Tick leaves) {
    entries_[index].leaves = leaves;
    first_leaves_ = std::min(first_leaves_, leaves);
    --waiting_;
  }

  void state(Archive& a, std::size_t most_waiting) {
    a.resizable("writes", entries_, most_);
    for (const Entry& e : entries_) {
      require_reachable(a, "writes", {&e.arrived, 1});
      require_reachable(a, "writes", {&e.leaves, 1});
    }
    derive();
    a.require(waiting_ <= most_waiting, "writes", "more of them wait than may");
  }

 private:
  void derive() {
    waiting_ = 0;
    first_leaves_ = waits;
    for (const Entry& e : entries_) {
      waiting_ += e.leaves == waits;
      first_leaves_ = std::min(first_leaves_, e.leaves);
    }
  }

  const std::size_t most_;
  std::vector<Entry> entries_;
  std::size_t waiting_ = 0;
  Tick first_leaves_ = waits;
};

}  // namespace orrery
