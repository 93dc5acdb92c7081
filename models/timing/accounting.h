// Where the cycles go: the top-down method (Yasin, "A top-down method for performance analysis and
// counters architecture", ISPASS 2014). Each cycle of a hart has so many slots, its width: places for
// instructions to be renamed in (outoforder) or to issue in (inorder). A slot belongs to exactly one
// cause of a model's own list, Base if an instruction used it that commits, so that
//
//   the slots of all causes = slots = width * cycles
//   the CPI stack: of each cause slots / (width * instructions)
//
// Causes stand in levels, whose shares of the slots add up to 1.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/statistics.h"

namespace orrery {

enum class Level : u8 { Retiring, BadSpeculation, FrontEnd, CoreBound, MemoryBound, Serialised, Idle };

// A level's statistic: its share of the slots.
struct LevelRow {
  const char* name;
  const char* text;
};
inline constexpr std::array<LevelRow, 7> levels = {{{"retiring", "slots that instructions used"},
                                                    {"bad_speculation", "lost to wrong guesses"},
                                                    {"frontend_bound", "lost for want of instructions"},
                                                    {"core_bound", "lost to latencies and units"},
                                                    {"memory_bound", "lost to loads, stores and data TLBs"},
                                                    {"serialised", "lost to an emptied pipeline"},
                                                    {"idle", "slept"}}};

// All slots of the cycles counted.
class Slots final : public Statistic {
 public:
  Slots(Component* owner, const Counter& cycles, u32 width)
      : Statistic(owner, "slots", "slots", "of all cycles: the sum of those below"), cycles_(cycles), width_(width) {}
  u64 value() const { return cycles_.value() * width_; }
  Json report(const StatisticsSnapshot* since) const override { return cycles_.since(since) * width_; }

 private:
  const Counter& cycles_;
  const u32 width_;
};

// A cause's statistic.
struct CauseRow {
  const char* name;
  Level level;
  const char* text;
};

template <class Cause, std::size_t count>
class SlotAccounting {
 public:
  using Rows = std::array<CauseRow, count>;

  SlotAccounting(Component* owner, u32 width, const Rows& rows)
      : SlotAccounting(owner, width, rows, std::make_index_sequence<count>(), std::make_index_sequence<levels.size()>()) {}

  // So many slots of the first cycle not attributed yet are due to `cause`; up to three causes.
  void use(Cause cause, u32 slots_used) {
    used_ += slots_used;
    ORRERY_CHECK(uses_ < use_.size() && used_ <= width_, "{} slots used, of {}", used_, width_);
    use_[uses_++] = {cause, slots_used};
  }
  // All other slots of the cycles before `until`, from the first one not attributed yet, are due to
  // `cause`.
  void attribute(Cycle until, Cause cause) {
    if (until <= next_) return;
    const u64 passed = until - next_;
    cycles += passed;
    next_ = until;
    for (; uses_ != 0; --uses_) by_cause[static_cast<unsigned>(use_[uses_ - 1].cause)] += use_[uses_ - 1].slots;
    if (const u64 lost = passed * width_ - used_; lost != 0) by_cause[static_cast<unsigned>(cause)] += lost;
    used_ = 0;
  }
  // No slot of the first cycle not attributed yet is left for another cause.
  bool is_used_up() const { return used_ == width_; }
  Cycle next() const { return next_; }
  void start(Cycle now) {
    next_ = now;
    used_ = uses_ = 0;
  }

  Counter cycles;
  Slots slots;
  std::array<Counter, count> by_cause;

 private:
  template <std::size_t... i, std::size_t... level>
  SlotAccounting(Component* owner, u32 width, const Rows& rows, std::index_sequence<i...>, std::index_sequence<level...>)
      : cycles(owner, "cycles", "cycles", "all cycles"),
        slots(owner, cycles, width),
        by_cause{{{owner, rows[i].name, "slots", rows[i].text}...}},
        width_(width),
        shares_{{share(owner, rows, level)...}} {}

  Ratio share(Component* owner, const Rows& rows, std::size_t level) {
    std::vector<const Counter*> causes, all;
    for (const Counter& cause : by_cause) all.push_back(&cause);
    for (std::size_t i = 0; i < count; ++i)
      if (static_cast<std::size_t>(rows[i].level) == level) causes.push_back(&by_cause[i]);
    return Ratio(owner, levels[level].name, "of slots", std::move(causes), all, levels[level].text);
  }

  const u32 width_;
  struct Use {
    Cause cause;
    u32 slots;
  };
  std::array<Use, 3> use_;      // slots of the cycle at next_
  u32 uses_ = 0, used_ = 0;     // of these, and of all slots
  Cycle next_;
  std::array<Ratio, levels.size()> shares_;
};

}  // namespace orrery
