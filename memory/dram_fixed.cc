// Main memory behind one port, served in order: the first beat a fixed time after the request, then
// one beat a bus period; a write is answered after a fixed time.
#include <algorithm>

#include "base/archive.h"
#include "memory/dram.h"
#include "memory/saved_ticks.h"

namespace orrery {
namespace {

class FixedDram final : public Dram {
 public:
  struct Config {
    Duration latency{60'000};
    Duration write_latency{60'000};
    Duration beat{1'000};
    Bytes beat_size{8};
    bool pipelined = true;

    void visit(Params& p) {
      p("latency", latency, "from a read to its first beat");
      p("write_latency", write_latency, "from a write to its answer");
      p("beat", beat, "time of one beat on the bus");
      p("beat_size", beat_size, "bytes of one beat");
      p("pipelined", pipelined, "a request may start while earlier ones are under way");
      p.require(beat_size.value >= 1, "beat_size", "must be at least 1B");
    }
  };

  FixedDram(const Config& config, Component& parent) : Dram(parent), config_(config) {}

  Answer submit(const Request& request, Tick now) override {
    count(request);
    const u64 beats = (request.size + config_.beat_size.value - 1) / config_.beat_size.value;
    const u64 transfer = std::max<u64>(beats, 1) * config_.beat.ticks;
    const u64 latency = request.writes() ? config_.write_latency.ticks : config_.latency.ticks;
    const Tick start = config_.pipelined ? now : std::max(now, free_);
    const Tick done = std::max(start + latency, free_) + transfer;
    free_ = done;
    return Answer::done(done);
  }

  void state(Archive& a) override {
    a("free", free_);
    require_reachable(a, "free", {&free_, 1});
  }

 private:
  const Config config_;
  Tick free_;  // when the bus is
};

const bool registered = Drams::add<FixedDram>("fixed", "a fixed latency and a bus");

}  // namespace
}  // namespace orrery
