#include "memory/hierarchy.h"

namespace orrery {

HierarchyConfig::HierarchyConfig() {
  l1i.ways = 4;
  l1i.latency_cycles = 1;
  l1i.mshrs = 2;
  l2.emplace();
  l2->size = Bytes{512 << 10};
  l2->latency_cycles = 12;
  l2->mshrs = 16;
  l2tlb.emplace();
  l2tlb->entries = 512;
  l2tlb->ways = 4;
  l2tlb->latency_cycles = 4;
}

void HierarchyConfig::visit(Params& p) {
  p.child("l1i", l1i, "each hart's instruction cache");
  p.child("l1d", l1d, "each hart's data cache");
  p.child("l2", l2, "the cache shared by all harts; null: none");
  p.child("coherence", coherence, "how the harts' caches agree");
  p.child("dram", dram, "main memory");
  p.child("itlb", itlb, "each hart's instruction TLB");
  p.child("dtlb", dtlb, "each hart's data TLB");
  p.child("l2tlb", l2tlb, "each hart's second-level TLB; null: none");
  p.child("walk_cache", walk_cache, "each hart's upper-level page-table entries; null: none");
  p("uncacheable", uncacheable, "address ranges that no cache keeps, as \"0x81000000+4KiB\"");
  uncacheable_ranges = {};
  for (const std::string& text : uncacheable)
    p.require(uncacheable_ranges.add(text), "uncacheable",
              "must be ranges BASE+SIZE such as \"0x81000000+4KiB\"");
  p("device_latency", device_latency, "time of a load or store of a device");
  if (l2)
    p.require(l2->line.value >= l1i.line.value && l2->line.value >= l1d.line.value, "l2",
              "its lines must be at least as long as those of l1i and l1d");
}

struct Hierarchy::Private {
  Private(Component& hart, const HierarchyConfig& config, const Clock& clock, TimingPort& next,
          const AddressRanges& uncacheable)
      : l1i(&hart, "l1i", config.l1i, clock, next, uncacheable),
        l1d(&hart, "l1d", config.l1d, clock, next, uncacheable),
        itlb(&hart, "itlb", config.itlb),
        dtlb(&hart, "dtlb", config.dtlb) {
    if (config.l2tlb) l2tlb = std::make_unique<TimingTlb>(&hart, "l2tlb", *config.l2tlb);
    if (config.walk_cache)
      walk_cache = std::make_unique<WalkCache>(&hart, "walk_cache", *config.walk_cache);
  }

  Cache l1i, l1d;
  TimingTlb itlb, dtlb;
  std::unique_ptr<TimingTlb> l2tlb;
  std::unique_ptr<WalkCache> walk_cache;
};

Hierarchy::Hierarchy(Component& machine, const std::vector<Component*>& harts,
                     const HierarchyConfig& config, Clock clock)
    : uncacheable_(config.uncacheable_ranges),
      device_ticks_(config.device_latency.ticks),
      dram_(config.dram.create(machine)) {
  TimingPort* shared = dram_.get();
  if (config.l2) {
    l2_ = std::make_unique<Cache>(&machine, "l2", *config.l2, clock, *shared, uncacheable_);
    shared = l2_.get();
  }
  coherence_ =
      std::make_unique<Coherence>(&machine, "coherence", config.coherence, clock, *shared);
  for (Component* hart : harts) {
    harts_.push_back(
        std::make_unique<Private>(*hart, config, clock, *coherence_, uncacheable_));
    coherence_->add_data_cache(harts_.back()->l1d);
  }
}

Hierarchy::~Hierarchy() = default;

Hierarchy::Ports Hierarchy::ports(HartId hart) {
  Private& own = *harts_.at(hart);
  return {own.l1i, own.l1d, own.itlb, own.dtlb, own.l2tlb.get(), own.walk_cache.get()};
}

}  // namespace orrery
