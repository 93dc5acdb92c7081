// What the programmable counters (mhpmcounter3 and up) can count: one table, from which CSRs
// (cpu/arch/csr.cc) and the device tree's PMU node (models/boot/machine_tree.cc) take the selectors.
//
// Cycles and instructions every model has. The others come from the timing models; a fast model has
// no predictor, caches or TLBs, and under it they count nothing. The device tree cannot say so: it
// is fixed for a machine, and models are exchanged while it runs.
#pragma once

#include <array>
#include <optional>

#include "base/types.h"

namespace orrery {

enum class Event : u8 {
  Branches,         // branches and jumps, taken or not
  BranchMisses,     // of these, the ones that the front end was led astray by
  L1iMisses,
  L1dMisses,        // of loads and atomics
  ItlbMisses,
  DtlbLoadMisses,
  DtlbStoreMisses,  // of stores and atomics
  Cycles,           // these two are not counted by models (Hart::clock, Hart::retired)
  Instructions,
};
inline constexpr unsigned model_event_count = static_cast<unsigned>(Event::Cycles);

// An event, the value of mhpmevent that selects it, its number in the SBI's PMU extension (11.1 and
// 11.2 there), and the bits of the fixed counters that count it too.
struct CountedEvent {
  Event event;
  u32 selector;
  u32 sbi;
  u32 fixed_counters = 0;
};
inline constexpr CountedEvent counted_events[] = {
    {Event::Cycles, 1, 1, 1u << 0},
    {Event::Instructions, 2, 2, 1u << 2},
    {Event::Branches, 3, 5},
    {Event::BranchMisses, 4, 6},
    {Event::L1iMisses, 5, 0x10009},
    {Event::L1dMisses, 6, 0x10001},
    {Event::DtlbLoadMisses, 0x10019, 0x10019},
    {Event::DtlbStoreMisses, 0x1001b, 0x1001b},
    {Event::ItlbMisses, 0x10021, 0x10021},
};
static_assert(std::size(counted_events) == model_event_count + 2);

constexpr std::optional<Event> event_of(u64 selector) {
  for (const CountedEvent& e : counted_events)
    if (e.selector == selector) return e.event;
  return {};
}

// What a timing model has counted for one hart, only ever upwards, and when somebody wants to know:
// a counter that overflows (Sscofpmf) interrupts before the next instruction that enters.
class EventCounts {
 public:
  void add(Event event, u64 amount = 1) {
    const auto i = static_cast<unsigned>(event);
    counts_[i] += amount;
    if (counts_[i] >= alarms_[i]) [[unlikely]] due_ = true;
  }
  u64 operator[](Event event) const { return counts_[static_cast<unsigned>(event)]; }

  // A count has reached its alarm: check_counter_overflow() is to be called, which sets them anew.
  bool due() const { return due_; }
  void clear_alarms() {
    alarms_.fill(~u64{0});
    due_ = false;
  }
  void alarm(Event event, u64 count) {
    u64& at = alarms_[static_cast<unsigned>(event)];
    at = count < at ? count : at;
  }

 private:
  std::array<u64, model_event_count> counts_{};
  std::array<u64, model_event_count> alarms_ = [] {
    std::array<u64, model_event_count> none{};
    none.fill(~u64{0});
    return none;
  }();
  bool due_ = false;
};

}  // namespace orrery
