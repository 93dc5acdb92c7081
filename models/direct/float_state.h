// What is known of floating point where a piece begins, whichever way control came there: what needs
// no check, or no store, again.
#pragma once

#include <vector>

#include "models/direct/region.h"

namespace orrery::direct {

struct FloatState {
  u32 boxed = 0;       // f registers that hold a boxed single (I, 21.2)
  bool ready = false;  // the f registers are in host registers, MXCSR has the guest's mode
  bool dirty = false;  // hart.fs_dirty is set

  bool operator==(const FloatState&) const = default;
};

// By piece. Nothing is known where the region is entered from outside.
std::vector<FloatState> float_states(const Region& region);

}  // namespace orrery::direct
