// The machine's power switch, as devices see it.
#pragma once

#include "base/types.h"

namespace orrery {

class PowerControl {
 public:
  virtual ~PowerControl() = default;
  // Called within the guest's store. The machine notes the request and acts on it between
  // instructions; the calling device goes on as if nothing had happened.
  virtual void power_off(u32 exit_code) = 0;
  virtual void reboot() = 0;
};

}  // namespace orrery
