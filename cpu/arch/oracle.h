// What time decides and the architecture alone does not: the values that a recorder writes down and
// a follower takes from the log. Without an oracle a hart decides for itself.
#pragma once

#include "base/types.h"

namespace orrery {

class Hart;

class Oracle {
 public:
  enum class Kind : u8 {
    Csr,               // a read of a CSR that depends on time: counters, time, mip/sip
    DeviceLoad,        // a load from a device; value ~0 with `failed` for a bus error
    StoreConditional,  // 1: the reservation held
    DeviceStore,       // a store to a device; the value says whether the bus took it (1) or not (0)
  };

  virtual ~Oracle() = default;

  // True: decide() supplies the value and the hart must not touch devices, take interrupts or wait
  // of its own accord (whoever replays calls take_interrupt()).
  virtual bool replaying() const = 0;

  // Recording: notes `value` and returns it. Replaying: returns the logged value (`value` is
  // ignored). `address` is the CSR's number or the physical address, checked when replaying.
  virtual u64 decide(Hart& hart, Kind kind, u64 address, u64 value) = 0;

  // Recording: the hart takes this interrupt before its next instruction.
  virtual void interrupt_taken(Hart& hart, u64 cause) = 0;
};

}  // namespace orrery
