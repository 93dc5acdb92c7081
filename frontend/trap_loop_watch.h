// Whether the guest is lost in a trap loop: the first instructions of a trap handler trap into that
// same handler, which begins anew, for ever. A jump to nowhere ends so where mtvec holds nothing
// useful, and a kernel's overrun stack.
//
// Nobody else can tell: such a hart executes without end and waits for nothing. A handler may well
// be interrupted or trap on purpose, so every hart that is awake must be found at the beginning of
// its handler, trapped from there, whenever it is looked at for a while.
#pragma once

#include <optional>
#include <span>

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
  std::optional<Tick> since_;
};

// Stands at the beginning of its trap handler, where its last trap, an exception, was taken too.
bool trapped_in_own_handler(const Hart& hart);

}  // namespace orrery
