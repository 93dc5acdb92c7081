// Interrupt wires. A device raises and lowers a wire; only the machine that connected it knows
// which input of which controller or hart is at the other end.
#pragma once

#include "base/types.h"

namespace orrery {

class WireSink {
 public:
  virtual ~WireSink() = default;
  // The level of input `index` is now `level`. Called on every set, changed or not.
  virtual void set_wire(u32 index, bool level) = 0;
};

class Wire {
 public:
  void connect(WireSink& sink, u32 index) {
    sink_ = &sink;
    index_ = index;
  }
  void set(bool level) {
    if (sink_) sink_->set_wire(index_, level);
  }

 private:
  WireSink* sink_ = nullptr;
  u32 index_ = 0;
};

}  // namespace orrery
