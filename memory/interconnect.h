// What lies between the harts' own caches and what all share: the network that carries requests to
// the home of their line (a slice of the last shared cache, or a memory controller when none is
// shared) and from there to the memory controllers. One kind a file: interconnect_ideal.cc (no time),
// interconnect_crossbar.cc, interconnect_mesh.cc.
//
// Its ends are the stops of the harts (one of each cluster whose caches reach the network together),
// the slices and the controllers. Slices place a line and split no cache: the shared cache stays one.
#pragma once

#include "base/clock.h"
#include "base/component.h"
#include "base/rate.h"
#include "base/registry.h"
#include "memory/numa.h"
#include "memory/port.h"

namespace orrery {

struct NetworkEnd {
  enum class Side : u8 { Stop, Slice, Memory };
  Side side = Side::Stop;
  u32 index = 0;
};

struct NetworkShape {
  u32 stops = 1;
  bool shared_cache = true;  // false: lines are at home at their memory controller
  NumaMap memory;
  Clock clock;
};

class Interconnect : public Component {
 public:
  static constexpr u32 header = 8;  // bytes of a message without data

  Interconnect(Component& parent, const NetworkShape& shape, u32 slices)
      : Component(&parent, "interconnect"), shape_(shape), slices_(slices) {}
  bool is_timing_state() const override { return true; }

  // True: messages take no time, and nobody needs to send them.
  virtual bool is_ideal() const { return false; }

  // When all of a message that leaves `from` at `now` has come to `to`. Only booked ones take
  // bandwidth; a question without booking changes nothing.
  virtual Tick send(NetworkEnd from, NetworkEnd to, u32 bytes, Tick now, bool book) = 0;

  // Where requests for the line go.
  NetworkEnd home(PhysAddr line) const;

  // Takes a request from one end to what is at the other, and the answer back. A refused request
  // has not travelled.
  Answer carry(NetworkEnd from, NetworkEnd to, const Request& request, TimingPort& next, Tick now);

  Counter messages{this, "messages", "messages", "messages carried"};
  Counter bytes{this, "bytes", "bytes", "bytes carried, headers included"};
  Rate bandwidth{this, "bandwidth", "bytes per second", {&bytes}, "carried"};
  Counter waited{this, "waited", "ticks", "time that messages waited for others"};

 protected:
  // `alone`: without waiting.
  void count(u32 size, Tick done, Tick alone) {
    ++messages;
    bytes += size;
    waited += done - alone;
  }
  const NetworkShape& shape() const { return shape_; }
  u32 slices() const { return slices_; }

 private:
  const NetworkShape shape_;
  const u32 slices_;
};

using Interconnects = Registry<Interconnect, Component&, const NetworkShape&>;

// One stop's way to the home of its lines, and back.
class NetworkPort final : public TimingPort {
 public:
  // `with_clean`: clean victims bring their data (the level there keeps them).
  NetworkPort(Interconnect& network, u32 stop, TimingPort& next, bool with_clean)
      : network_(network), stop_{NetworkEnd::Side::Stop, stop}, next_(next), with_clean_(with_clean) {}

  Answer submit(const Request& request, Tick now) override {
    return network_.carry(stop_, network_.home(request.address), request, next_, now);
  }
  Tick evict(const Request& victim, Tick now) override;

 private:
  Interconnect& network_;
  const NetworkEnd stop_;
  TimingPort& next_;
  const bool with_clean_;
};

}  // namespace orrery
