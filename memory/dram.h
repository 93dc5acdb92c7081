// What stands at the end of the timing hierarchy: main memory. One model a file: dram_banked.cc
// (channels, banks, open rows), dram_fixed.cc (a latency and a bus).
#pragma once

#include "base/component.h"
#include "base/registry.h"
#include "base/statistics.h"
#include "memory/port.h"

namespace orrery {

// A Dram answers every request done: it takes any number and serves them in turn. A write is done
// when memory has taken it.
class Dram : public Component, public TimingPort {
 public:
  explicit Dram(Component& parent) : Component(&parent, "dram") {}
  bool is_timing_state() const override { return true; }

  Counter reads{this, "reads", "requests", "requests that read"};
  Counter writes{this, "writes", "requests", "requests that write"};
  Counter bytes{this, "bytes", "bytes", "bytes transferred"};

 protected:
  void count(const Request& request) {
    ++(request.writes() ? writes : reads);
    bytes += request.size;
  }
};

using Drams = Registry<Dram, Component&>;

}  // namespace orrery
