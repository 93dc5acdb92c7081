// Whether the guest is lost in a trap loop: the first instructions of a trap handler trap into that
// same handler, which begins anew, for ever. A jump to nowhere ends so where mtvec holds nothing
// useful, and a kernel's overrun stack.
//
// Nobody else can tell: such a hart executes without end and waits for nothing. A handler may well
// be interrupted or trap on purpose, so every hart that is awake must be found at the beginning of
// its handler, trapped from there, whenever it is looked at for a while, and trap all that time: code
// that goes on beside a handler it came from is none of this.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "cpu/arch/hart.h"

namespace orrery {

class TrapLoopWatch {
 public:
  // In simulated time.
  static constexpr u64 patience_ticks = ticks_per_second / 100;
  // How far into a handler counts as its beginning: a kernel saves registers there.
  static constexpr u64 entry_bytes = 128;

  // To be called every now and then; a hart that is lost, or nullptr.
  const Hart* look(std::span<Hart* const> harts, Tick now);

 private:
  struct Counts {
    u64 steps, traps;
  };

  std::optional<Tick> since_;
  std::vector<Counts> begin_;  // by hart, as they were then
};

}  // namespace orrery
