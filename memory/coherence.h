// The point where the harts' first-level caches meet: between them and whatever they share.
//
// MESI by looking into the other data caches at each miss (a handful of harts; a directory is for
// later). A read makes others' copies Shared, a write takes them; a dirty copy elsewhere costs
// remote_dirty_cycles on top, and is written to the level below. Instruction caches read only and
// are not looked into: fence.i empties them.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/statistics.h"
#include "memory/cache.h"
#include "memory/port.h"

namespace orrery {

struct CoherenceConfig {
  u32 remote_dirty_cycles = 20;
  u32 upgrade_cycles = 12;

  void visit(Params& p);
};

class Coherence final : public Component, public TimingPort {
 public:
  Coherence(Component* parent, std::string name, const CoherenceConfig& config, const Clock& clock,
            TimingPort& next);

  // Hart ids count up from 0.
  void add_data_cache(Cache& cache) { data_caches_.push_back(&cache); }

  Answer submit(const Request& request, Tick now) override;
  bool is_timing_state() const override { return true; }

  Counter remote_dirty{this, "remote_dirty", "requests", "requests that found the line dirty elsewhere"};
  Counter shared_reads{this, "shared_reads", "requests", "reads that found the line elsewhere"};
  Counter takes{this, "takes", "lines", "copies taken from other caches"};

 private:
  const u64 remote_dirty_;  // ticks
  const u64 upgrade_;
  TimingPort& next_;
  std::vector<Cache*> data_caches_;  // by hart
};

}  // namespace orrery
