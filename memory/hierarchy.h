// The timing hierarchy of a machine: a tree of caches, with a directory (coherence.h) wherever several
// of them meet. Levels l2, l3 and l4 may be there or not, each private, shared by so many neighbouring
// harts, or by all. Four harts, l2 shared by two, l3 by all:
//
//   hart0: itlb dtlb l2tlb   l1i l1d --+
//   hart1: itlb dtlb l2tlb   l1i l1d --+-- coherence - l2 --+
//   hart2: itlb dtlb l2tlb   l1i l1d --+                    +-- network -- coherence - l3 -- dram
//   hart3: itlb dtlb l2tlb   l1i l1d --+-- coherence - l2 --+
//
// Every part is a component: machine.hart0.l1d, machine.cluster0.coherence, machine.cluster0.l2 (of
// harts 0 and 1), machine.coherence, machine.l3, machine.dram. Private levels are machine.hart0.l2;
// clusters of clusters are machine.supercluster0, then machine.megacluster0. The network
// (interconnect.h) stands before the directory where all meet. With several NUMA nodes (numa.h)
// memory is machine.node0.dram, ...; numa.h also says who is near.
#pragma once

#include <memory>
#include <vector>

#include "memory/hierarchy_config.h"

namespace orrery {

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

  // `harts` are the components of harts 0, 1, ...; the caches become their children. RAM is what NUMA
  // nodes share out.
  Hierarchy(Component& machine, const std::vector<Component*>& harts, const HierarchyConfig& config,
            Clock clock, PhysAddr ram_base = PhysAddr{0x8000'0000}, u64 ram_size = 0);
  ~Hierarchy();

  Ports ports(HartId hart);

  // The directory where all harts' caches meet, and the caches that all share behind it, the nearest
  // first.
  const Coherence& meeting_point() const { return *directories_.front(); }
  const std::vector<Cache*>& shared_caches() const { return shared_caches_; }

  // For a fast model that keeps this warm. Main memory answers at once, and notices nothing: it could
  // not keep up, and what it remembers is a microsecond old anyway. Banks and ports take no notice
  // either: a fast model makes thousands of accesses at one time, and each would wait for all before it.
  // The first levels do not count hits, of which the fast model leaves most out, and count misses as
  // warm_misses.
  void set_warming(bool warming);

  // How long a load or store of a device takes.
  u64 device_ticks() const { return device_ticks_; }

 private:
  struct Private;
  struct Plan;
  // The caches of harts first, first + 1, ... in front of `next`: of the `levels` nearest levels.
  struct Scope {
    u32 first, count;
    std::size_t levels;
    TimingPort& next;
    bool is_last;
    bool hears_victims;  // what stands behind wants to know of clean victims
  };
  // Returns what the level below sees of them.
  Holder& build(Plan& plan, const Scope& scope);
  // The part of the machine that the caches of these harts belong to.
  Component& component(Plan& plan, u32 first, u32 count, bool is_all);
  TimingPort& on_network(Interconnect* network, u32 stop, TimingPort& next, bool with_clean);

  struct WayToMemory final : TimingPort {
    explicit WayToMemory(TimingPort& port) : memory(port) {}
    Answer submit(const Request& request, Tick now) override {
      return bypassed ? Answer::done(now) : memory.submit(request, now);
    }
    TimingPort& memory;
    bool bypassed = false;
  };

  AddressRanges uncacheable_;
  u64 device_ticks_;
  std::unique_ptr<Interconnect> network_;
  std::unique_ptr<Dram> dram_;          // null with several nodes,
  std::unique_ptr<NumaMemory> memory_;  // or with a network
  std::unique_ptr<WayToMemory> way_to_memory_;
  std::vector<std::unique_ptr<Component>> clusters_;
  std::vector<std::unique_ptr<Cache>> caches_;  // l2 and further
  std::vector<std::unique_ptr<Coherence>> directories_;
  std::vector<std::unique_ptr<NetworkPort>> network_ports_;
  std::vector<std::unique_ptr<Private>> harts_;
  std::vector<Cache*> shared_caches_;
};

}  // namespace orrery
