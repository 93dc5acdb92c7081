// Non-uniform memory: RAM and harts in equal contiguous shares, one memory controller each.
#pragma once

#include <memory>
#include <vector>

#include "base/units.h"
#include "memory/dram.h"

namespace orrery {

class Interconnect;

struct NumaConfig {
  u32 nodes = 1;
  Duration distance{100'000};

  void visit(Params& p);
};

// Which node an address and a hart belong to.
struct NumaMap {
  u32 nodes = 1;
  PhysAddr base{0};  // of RAM
  u64 size = 0;
  u32 harts = 1;

  // What is no RAM belongs to node 0. Shares are whole pages; the last one takes what is left.
  u32 of(PhysAddr address) const {
    const u64 offset = address.value() - base.value();
    if (nodes == 1 || offset >= size) return 0;
    const u64 node = offset / share();
    return node < nodes ? static_cast<u32>(node) : nodes - 1;
  }
  u32 of_hart(HartId hart) const { return static_cast<u32>(u64{hart} * nodes / harts); }
  PhysAddr first(u32 node) const { return base + node * share(); }
  u64 bytes(u32 node) const { return node + 1 < nodes ? share() : size - node * share(); }

 private:
  u64 share() const { return size / nodes / 4096 * 4096; }
};

// The nodes' memories behind one port: machine.node0.dram, machine.node1.dram, ...
class NumaMemory final : public Component, public TimingPort {
 public:
  // `network` carries requests from the shared cache's slices to the controllers; null: nothing does.
  NumaMemory(Component& machine, const NumaConfig& config, const NumaMap& map,
             const Drams::Choice& dram, Interconnect* network);
  ~NumaMemory() override;

  Answer submit(const Request& request, Tick now) override;
  bool is_timing_state() const override { return true; }

  Counter local{this, "local", "requests", "requests for memory of the hart's own node"};
  Counter remote{this, "remote", "requests", "requests for memory of another node"};

 private:
  const NumaMap map_;
  const u64 distance_;  // ticks
  Interconnect* network_;
  std::vector<std::unique_ptr<Component>> parents_;
  std::vector<std::unique_ptr<Dram>> drams_;
};

}  // namespace orrery
