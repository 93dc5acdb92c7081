// What of a hart two models must agree on: its whole state, less what time decides.
#pragma once

#include "base/json.h"
#include "cpu/arch/hart.h"

namespace orrery {

// Field -> value. Left out are local time, waiting, reservations (which end when others run, and
// whose outcome is logged), interrupt inputs, and counters of time.
Json comparable_state(Hart& hart);

// The same question about two harts, over and over, asked quickly: CSRs that have not changed on
// either side since all of the state was compared last agree still, and the rest is compared as it is.
class HartPair {
 public:
  bool agree(Hart& a, Hart& b);

 private:
  CsrFile a_, b_;  // when they agreed last
  bool known_ = false;
};

}  // namespace orrery
