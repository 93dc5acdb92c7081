// What stands at the end of the timing hierarchy: main memory. One model a file: dram_ddr.cc (a
// controller and its parts in JEDEC's times), dram_banked.cc (channels, banks, open rows),
// dram_fixed.cc (a latency and a bus).
//
// To add a part: a file in configs/dram, with the source of its values under "//",
//
//   {"//": "...", "base": "ddr5_4800.json", "machine": {"dram": {"data_rate": 6400, "tCL": "52nCK"}}}
//
// and its peak bandwidth in tests/memory/dram_parts_test.cc, which measures every part there. It is
// used by {"base": ["c910.json", "dram/ddr5_6400.json"]}; `orrery config show` lists its parameters.
//
// To add a model: one file memory/dram_NAME.cc with a class derived from Dram, which has a
// `struct Config { void visit(Params&); }`, a constructor (const Config&, Component& parent),
// submit(), state(), and the line
//
//   const bool registered = Drams::add<NameDram>("name", "what it models");
#pragma once

#include "base/component.h"
#include "base/rate.h"
#include "base/registry.h"
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
  Rate bandwidth{this, "bandwidth", "bytes per second", {&bytes}, "read and written"};

 protected:
  void count(const Request& request) {
    ++(request.writes() ? writes : reads);
    bytes += request.size;
  }
};

using Drams = Registry<Dram, Component&>;

}  // namespace orrery
