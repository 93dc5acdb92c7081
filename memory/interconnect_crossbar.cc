// A crossbar: every end reaches every other in the same time; messages for one end wait for each
// other at its port.
#include "memory/interconnect.h"
#include "memory/occupancy.h"

namespace orrery {
namespace {

class Crossbar final : public Interconnect {
 public:
  struct Config {
    u32 latency_cycles = 4;
    u32 width = 32;
    u32 slices = 1;

    void visit(Params& p) {
      p("latency_cycles", latency_cycles, "cycles", "from one end to another");
      p("width", width, "bytes", "that a port takes in a cycle");
      p("slices", slices, "slices", "ports of the shared cache, which its lines are spread over");
      p.require(latency_cycles <= 10'000, "latency_cycles", "must be 0..10000");
      p.require(width >= 1 && width <= 4096, "width", "must be 1..4096");
      p.require(slices >= 1 && slices <= 1024, "slices", "must be 1..1024");
    }
  };

  Crossbar(const Config& config, Component& parent, const NetworkShape& shape)
      : Interconnect(parent, shape, config.slices),
        latency_(config.latency_cycles * shape.clock.period()),
        ports_(shape.stops + config.slices + shape.memory.nodes,
               Occupancy(config.width, shape.clock.period())) {}

  Tick send(NetworkEnd, NetworkEnd to, u32 size, Tick now, bool book) override {
    Occupancy& port = ports_[number(to)];
    const Tick done = port.pass(size, now + latency_, book);
    if (book) count(size, done, now + latency_ + port.length(size));
    return done;
  }

  void state(Archive& a) override {
    for (std::size_t i = 0; i < ports_.size(); ++i)
      a.group(fmt::format("port{}", i).c_str(), [&](Archive& nested) { ports_[i].state(nested); });
  }

 private:
  u32 number(NetworkEnd end) const {
    switch (end.side) {
      case NetworkEnd::Side::Stop: return end.index;
      case NetworkEnd::Side::Slice: return shape().stops + end.index;
      case NetworkEnd::Side::Memory: break;
    }
    return shape().stops + slices() + end.index;
  }

  const u64 latency_;  // ticks
  std::vector<Occupancy> ports_;
};

const bool registered = Interconnects::add<Crossbar>("crossbar", "every end reaches every other directly");

}  // namespace
}  // namespace orrery
