// A core's way to its TLBs and caches, in cycles of the core: page walks, requests that are repeated
// until they are taken, and what missed.
#pragma once

#include <string>

#include "base/clock.h"
#include "memory/hierarchy.h"
#include "models/timing/cycles.h"
#include "models/timing/record.h"

namespace orrery {

class MemorySide {
 public:
  enum class Walkers {
    Many,  // walks do not wait for each other
    One,
  };

  // `walks` counts page walks. A request that is refused so many times in a row is never taken.
  MemorySide(Hierarchy& hierarchy, HartId hart, const Clock& clock, FunctionalSide& side, Walkers walkers,
             Counter& walks, u32 stuck_cycles);

  // Nothing is in flight at `now`.
  void start(Cycle now) { walker_free_ = now; }

  const Hierarchy::Ports ports;
  const u64 device_ticks;  // of an access to a device

  Cycle cycle(Tick tick) const { return cycle_from(tick, period_); }
  Tick tick(Cycle at) const { return Tick{at.value() * period_}; }

  Request request(RequestKind kind, PhysAddr address, u32 size, u64 pc) const;
  // Of what the record says.
  Request request(RequestKind kind, const Record& record) const;

  // One attempt. `misses` grows by what the cache counts as misses of it.
  Answer submit(Cache& cache, const Request& request, Tick now, u64& misses);
  // Whether a request that was refused is worth another attempt, a cycle later at the earliest.
  // `refusals`: those in a row, counted here.
  bool may_retry(const Answer& refused, u32& refusals) const {
    return refused.tick != never && refusals++ < stuck_cycles_;
  }
  // As many as it needs, from `now` on, which becomes that of the last one. Refused: may_retry() says no.
  Answer insist(Cache& cache, const Request& request, Cycle& now, u64& misses, u32& refusals);
  // One attempt; but what insists asks ahead, and can take from one who comes back each place that it was
  // told of, so that a request that was refused many times in a row insists too.
  static constexpr u32 many_refusals = 64;
  Answer submit_again(Cache& cache, const Request& request, Cycle now, u64& misses, u32& refusals) {
    return refusals > many_refusals ? insist(cache, request, now, misses, refusals) : submit(cache, request, tick(now), misses);
  }
  // Insists; returns when it is done. One that is never done ends the program.
  Cycle complete(Cache& cache, const Request& request, Cycle now, u64& misses);
  // When `size` bytes of instructions asked for at `now` are there: no earlier than a hit, though what passes
  // the cache by may take less.
  Cycle fetch(PhysAddr address, u32 size, u64 pc, Cycle now, u64& misses);

  // The first-level TLB missed: fills it. True: the second level had it; otherwise `steps` says what
  // a walk reads.
  bool fill(TimingTlb& tlb, u64 address, u32 space, WalkSteps& steps);
  // The reads of a walk, each waiting for the one before; returns when they are done.
  Cycle walk(const WalkSteps& steps, u64 pc, Cycle start);
  // Both: returns when the translation is there.
  Cycle translate_miss(TimingTlb& tlb, u64 address, u32 space, u64 pc, Cycle start);

  void flush_tlbs();          // sfence.vma
  void flush_instructions();  // fence.i

  // What the first-level caches have under way at `now`, for a report.
  std::string under_way(Cycle now) const;

 private:
  [[noreturn]] void report_stuck(const Cache& cache, const Request& request, Cycle at) const;

  const u64 period_;
  const HartId hart_;
  FunctionalSide& side_;
  const Walkers walkers_;
  const u32 stuck_cycles_;
  Counter& walks_;
  Cycle walker_free_;  // Walkers::One: from then on
};

}  // namespace orrery
