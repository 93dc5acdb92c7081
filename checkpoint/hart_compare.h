// What of a hart two models must agree on: its whole state, less what time decides.
#pragma once

#include "base/json.h"

namespace orrery {

class Hart;

// Field -> value. Left out are local time, waiting, reservations (which end when others run, and
// whose outcome is logged), interrupt inputs, and counters of time.
Json comparable_state(Hart& hart);

}  // namespace orrery
