// Where the cycles go: every cycle of a hart is attributed to exactly one cause of a model's own list.
#pragma once

#include <array>
#include <utility>

#include "base/statistics.h"

namespace orrery {

// A cause's statistic.
struct CauseRow {
  const char* name;
  const char* text;
};

template <class Cause, std::size_t count>
class CycleAccounting {
 public:
  CycleAccounting(Component* owner, const std::array<CauseRow, count>& rows)
      : CycleAccounting(owner, rows, std::make_index_sequence<count>()) {}

  // Cycles before `until`, from the first one not attributed yet, are due to `cause`.
  void attribute(Cycle until, Cause cause) {
    if (until <= next_) return;
    by_cause[static_cast<unsigned>(cause)] += until - next_;
    cycles += until - next_;
    next_ = until;
  }
  Cycle next() const { return next_; }
  void start(Cycle now) { next_ = now; }

  Counter cycles;
  std::array<Counter, count> by_cause;

 private:
  template <std::size_t... i>
  CycleAccounting(Component* owner, const std::array<CauseRow, count>& rows, std::index_sequence<i...>)
      : cycles(owner, "cycles", "cycles", "all cycles; the sum of those below"),
        by_cause{{{owner, rows[i].name, "cycles", rows[i].text}...}} {}

  Cycle next_;
};

}  // namespace orrery
