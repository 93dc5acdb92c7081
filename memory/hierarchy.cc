#include "memory/hierarchy.h"

namespace orrery {

struct Hierarchy::Private {
  Private(Component& hart, const HierarchyConfig& config, const Clock& clock, TimingPort& code,
          TimingPort& data, const AddressRanges& uncacheable)
      : l1i(&hart, "l1i", config.l1i, clock, code, uncacheable),
        l1d(&hart, "l1d", config.l1d, clock, data, uncacheable),
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

// What the parts are built from, while they are.
struct Hierarchy::Plan {
  Component& machine;
  const std::vector<Component*>& harts;
  const HierarchyConfig& config;
  const Clock clock;
  const std::vector<HierarchyConfig::Level> levels;

  u32 sharers(std::size_t level) const {
    const u32 count = levels[level].config->harts;
    return count ? count : static_cast<u32>(harts.size());
  }
  // A level from here on, towards memory, looks after what is above it.
  bool any_inclusion_from(std::size_t level) const {
    for (; level < levels.size(); ++level)
      if (levels[level].config->inclusion != Inclusion::None) return true;
    return false;
  }
};

Hierarchy::Hierarchy(Component& machine, const std::vector<Component*>& harts,
                     const HierarchyConfig& config, Clock clock, PhysAddr ram_base, u64 ram_size)
    : uncacheable_(config.uncacheable_ranges), device_ticks_(config.device_latency.ticks) {
  const auto hart_count = static_cast<u32>(harts.size());
  Plan plan{machine, harts, config, clock, config.levels()};
  u32 stops = hart_count;
  bool is_shared = false;
  for (std::size_t level = 0; level < plan.levels.size(); ++level) {
    if (plan.sharers(level) == hart_count) {
      is_shared = true;
    } else {
      stops = hart_count / plan.sharers(level);
    }
  }
  const NumaMap map{config.numa.nodes, ram_base, ram_size, hart_count};
  network_ = config.interconnect.create(machine, NetworkShape{stops, is_shared, map, clock});
  if (network_->is_ideal()) network_.reset();

  TimingPort* next = nullptr;
  if (map.nodes == 1 && !network_) {
    dram_ = config.dram.create(machine);
    next = dram_.get();
  } else {
    memory_ = std::make_unique<NumaMemory>(machine, config.numa, map, config.dram,
                                           is_shared ? network_.get() : nullptr);
    next = memory_.get();
  }
  way_to_memory_ = std::make_unique<WayToMemory>(*next);
  harts_.resize(harts.size());
  build(plan, {0, hart_count, plan.levels.size(), *way_to_memory_, true, false});
}

Hierarchy::~Hierarchy() = default;

Holder& Hierarchy::build(Plan& plan, const Scope& scope) {
  // The caches that just these harts share, from memory upwards.
  Scope inner = scope;
  TimingPort* next = &scope.next;
  Component* parent = &plan.machine;
  std::vector<Cache*> chain;
  for (; inner.levels > 0 && plan.sharers(inner.levels - 1) == scope.count; --inner.levels) {
    const auto& [name, config] = plan.levels[inner.levels - 1];
    parent = &component(plan, scope.first, scope.count, config->harts == 0);
    caches_.push_back(
        std::make_unique<Cache>(parent, name, *config, plan.clock, *next, uncacheable_));
    if (config->inclusion == Inclusion::Exclusive) inner.hears_victims = true;
    chain.push_back(caches_.back().get());
    next = chain.back();
  }
  const bool below_is_exclusive =
      !chain.empty() && plan.levels[inner.levels].config->inclusion == Inclusion::Exclusive;
  const Coherence::Shape shape{plan.config.l1d.line.value, scope.is_last, inner.hears_victims,
                               below_is_exclusive};
  directories_.push_back(
      std::make_unique<Coherence>(parent, plan.config.coherence, plan.clock, shape, *next));
  Coherence& directory = *directories_.back();

  // What looks after the caches above it is told who they are.
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const std::size_t level = scope.levels - 1 - i;
    if (scope.is_last && !plan.any_inclusion_from(level)) continue;
    Holder& above = i + 1 < chain.size() ? static_cast<Holder&>(*chain[i + 1]) : directory;
    chain[i]->set_above(above, plan.levels[level].config->inclusion);
  }
  if (scope.is_last) shared_caches_.assign(chain.rbegin(), chain.rend());

  // Their clusters, or the harts' own caches.
  inner.is_last = false;
  inner.hears_victims = true;
  Interconnect* network = scope.is_last ? network_.get() : nullptr;
  const u32 child_count = inner.levels ? plan.sharers(inner.levels - 1) : 1;
  for (u32 i = 0; i < scope.count / child_count; ++i) {
    const u32 first = scope.first + i * child_count;
    TimingPort& data = on_network(network, i, directory.add_data_port(network, i), below_is_exclusive);
    if (inner.levels) {
      const Scope child{first, child_count, inner.levels, data, false, true};
      directory.connect_data(build(plan, child));
      continue;
    }
    TimingPort& code = on_network(network, i, directory.add_code_port(network, i), below_is_exclusive);
    harts_[first] = std::make_unique<Private>(*plan.harts[first], plan.config, plan.clock, code, data,
                                              uncacheable_);
    directory.connect_data(harts_[first]->l1d);
    directory.connect_code(harts_[first]->l1i);
    if (directory.tracks_code()) harts_[first]->l1i.set_coherent();
  }
  return chain.empty() ? static_cast<Holder&>(directory) : *chain.front();
}

TimingPort& Hierarchy::on_network(Interconnect* network, u32 stop, TimingPort& next, bool with_clean) {
  if (!network) return next;
  network_ports_.push_back(std::make_unique<NetworkPort>(*network, stop, next, with_clean));
  return *network_ports_.back();
}

Component& Hierarchy::component(Plan& plan, u32 first, u32 count, bool is_all) {
  if (count == 1 && !is_all) return *plan.harts[first];
  if (count == plan.harts.size()) return plan.machine;
  static constexpr const char* kinds[] = {"cluster", "supercluster", "megacluster"};
  std::size_t kind = 0;
  u32 smaller = 1;
  for (std::size_t level = 0; plan.sharers(level) != count; ++level) {
    if (plan.sharers(level) != smaller) ++kind;
    smaller = plan.sharers(level);
  }
  const std::string name = fmt::format("{}{}", kinds[kind], first / count);
  if (Component* there = plan.machine.find(name)) return *there;
  clusters_.push_back(std::make_unique<Component>(&plan.machine, name));
  return *clusters_.back();
}

Hierarchy::Ports Hierarchy::ports(HartId hart) {
  Private& own = *harts_.at(hart);
  return {own.l1i, own.l1d, own.itlb, own.dtlb, own.l2tlb.get(), own.walk_cache.get()};
}

void Hierarchy::set_warming(bool warming) {
  way_to_memory_->bypassed = warming;
  for (auto& own : harts_) {
    for (Cache* cache : {&own->l1i, &own->l1d}) {
      cache->set_warming(warming);
      cache->set_limited(!warming);
    }
    for (TimingTlb* tlb : {&own->itlb, &own->dtlb}) tlb->set_warming(warming);
  }
  for (auto& cache : caches_) cache->set_limited(!warming);
}

}  // namespace orrery
