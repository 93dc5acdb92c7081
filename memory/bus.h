// What stands at a physical address and is not RAM: the functional port of a device.
#pragma once

#include "base/types.h"

namespace orrery {

class BusTarget {
 public:
  virtual ~BusTarget() = default;

  // Reads or writes `size` bytes (1, 2, 4 or 8, aligned to size) at `offset` from the target's
  // base, at simulated time `now`. False is a bus error: an access fault for the hart, nothing
  // changed. Never throws: a guest's mistake is a value.
  virtual bool read(u64 offset, unsigned size, u64& value, Tick now) = 0;
  virtual bool write(u64 offset, unsigned size, u64 value, Tick now) = 0;

  // True where instructions may be fetched from (a ROM): reading has no effect and ignores time.
  virtual bool executable() const { return false; }
};

}  // namespace orrery
