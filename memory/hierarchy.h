// The timing hierarchy of a machine:
//
//   hart0: itlb dtlb l2tlb   l1i l1d --+
//   hart1: itlb dtlb l2tlb   l1i l1d --+-- coherence -- l2 (or none) -- dram
//
// Every part is a component: machine.hart0.l1d, machine.coherence, machine.l2, machine.dram.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "memory/cache.h"
#include "memory/coherence.h"
#include "memory/dram.h"
#include "memory/timing_tlb.h"
#include "memory/walk_cache.h"

namespace orrery {

struct HierarchyConfig {
  HierarchyConfig();

  CacheConfig l1i, l1d;
  std::optional<CacheConfig> l2;
  CoherenceConfig coherence;
  Drams::Choice dram{"banked"};
  TlbConfig itlb, dtlb;
  std::optional<TlbConfig> l2tlb;
  std::optional<WalkCacheConfig> walk_cache;
  std::vector<std::string> uncacheable;
  Duration device_latency{100'000};
  AddressRanges uncacheable_ranges;  // as read from `uncacheable`

  // Its keys stand in the machine's own object.
  void visit(Params& p);
};

class Hierarchy {
 public:
  // What one hart sees.
  struct Ports {
    Cache& l1i;
    Cache& l1d;
    TimingTlb& itlb;
    TimingTlb& dtlb;
    TimingTlb* l2tlb;  // null: none
    WalkCache* walk_cache;  // the same
  };

  // `harts` are the components of harts 0, 1, ...; the caches become their children.
  Hierarchy(Component& machine, const std::vector<Component*>& harts, const HierarchyConfig& config,
            Clock clock);
  ~Hierarchy();

  Ports ports(HartId hart);
  Cache* l2() { return l2_.get(); }
  Dram& dram() { return *dram_; }

  // How long a load or store of a device takes.
  u64 device_ticks() const { return device_ticks_; }

 private:
  struct Private;
  AddressRanges uncacheable_;
  u64 device_ticks_;
  std::unique_ptr<Dram> dram_;
  std::unique_ptr<Cache> l2_;
  std::unique_ptr<Coherence> coherence_;
  std::vector<std::unique_ptr<Private>> harts_;
};

}  // namespace orrery
