// The markers that the guest's init executes when the command it was given has ended. Guest programs
// have the same numbers from tests/guest/orrery.h; tests/frontend/guest_markers_test.cc holds the
// two together, since neither side can include the other's header.
#pragma once

#include "base/types.h"

namespace orrery {

inline constexpr u32 marker_command_ok = 4;
inline constexpr u32 marker_command_failed = 5;

}  // namespace orrery
