// Whether the guest's Linux kernel has died.
//
// What the console says proves little: every program can write it. A panic is taken from the
// kernel's own line only, which begins with its time stamp,
//
//   [   12.345678] Kernel panic - not syncing: ...
//   [   12.456789] ---[ end Kernel panic - not syncing: ... ]---     (kernel/panic.c)
//
// and even that is forgotten at any sign of life: a hart in user mode, all harts idle, a marker,
// another line on the console. After its last line a dead kernel spins, in silence, for ever.
#pragma once

#include <optional>
#include <string_view>

#include "base/types.h"

namespace orrery {

class PanicWatch {
 public:
  // How long it has to spin before it counts as dead, in simulated time.
  static constexpr u64 patience_ticks = ticks_per_second / 5;

  // The guest has written this line.
  void line(std::string_view text, Tick now);
  // The guest does what a dead kernel does not.
  void alive() { *this = {}; }

  // It has said so, and shown no sign of life since.
  bool panicked() const { return panicked_; }
  // It goes nowhere.
  bool dead(Tick now) const { return stopped_ && now >= *stopped_ + patience_ticks; }

 private:
  bool panicked_ = false;
  std::optional<Tick> stopped_;  // when it wrote its last line
};

}  // namespace orrery
