// What a description may say of the timing hierarchy (hierarchy.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memory/cache.h"
#include "memory/coherence.h"
#include "memory/dram.h"
#include "memory/interconnect.h"
#include "memory/numa.h"
#include "memory/timing_tlb.h"
#include "memory/walk_cache.h"

namespace orrery {

// A cache behind the first level.
struct LevelConfig : CacheConfig {
  u32 harts = 0;  // that share one; 0: all
  Inclusion inclusion = Inclusion::None;

  void visit(Params& p);
};

struct HierarchyConfig {
  HierarchyConfig();

  CacheConfig l1i, l1d;
  std::optional<LevelConfig> l2, l3, l4;
  CoherenceConfig coherence;
  Interconnects::Choice interconnect{"ideal"};
  NumaConfig numa;
  Drams::Choice dram{"banked"};
  TlbConfig itlb, dtlb;
  std::optional<TlbConfig> l2tlb;
  std::optional<WalkCacheConfig> walk_cache;
  std::vector<std::string> uncacheable;
  Duration device_latency{100'000};
  AddressRanges uncacheable_ranges;  // as read from `uncacheable`

  // Its keys stand in the machine's own object. `harts` of the machine, which the sharing of the
  // levels must fit; 0: not known here.
  void visit(Params& p, u32 harts = 0);

  // The levels that are there, the nearest to the harts first.
  struct Level {
    const char* name;
    const LevelConfig* config;
  };
  std::vector<Level> levels() const;

 private:
  void check_lines(const Params& p) const;
  void check_sharing(const Params& p, u32 harts) const;
  void check_inclusion(const Params& p) const;
  void check_total(const Params& p, u32 harts) const;
};

}  // namespace orrery
