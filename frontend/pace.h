// What happens to the host while every hart sleeps. `free`: nothing, simulated time jumps. `host`:
// idle time passes at the host's speed, so that a guest on a terminal feels like a machine and does
// not burn the host's processor. Either way, a machine that nothing but input can wake waits here.
//
// Nothing of this is state: a pace never changes what a guest computes, only when input finds it.
#pragma once

#include "base/types.h"
#include "frontend/console.h"

namespace orrery {

class Pace {
 public:
  Pace(Console& console, bool host) : console_(console), host_(host) {}

  // All harts sleep from `now` until `wake` (`never`: until input comes). Returns the time to go on
  // at: `wake`, or earlier when there is input or a signal.
  Tick idle(Tick now, Tick wake);

 private:
  Tick sleep(Tick now, Tick wake);

  Console& console_;
  bool host_;
  i64 debt_ = 0;  // ticks of idle time not slept yet; below zero: overslept
};

}  // namespace orrery
