// Where a serial line's bytes go: a terminal, a file, a matcher for console text.
#pragma once

#include "base/types.h"

namespace orrery {

class CharSink {
 public:
  virtual ~CharSink() = default;
  // Never refuses: the simulated line is not slowed down by the host.
  virtual void put(u8 byte) = 0;
};

}  // namespace orrery
