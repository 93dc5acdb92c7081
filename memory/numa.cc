#include "memory/numa.h"

#include "memory/interconnect.h"

namespace orrery {

void NumaConfig::visit(Params& p) {
  p("nodes", nodes, "nodes", "equal shares of RAM and harts, each with its memory controller");
  p("distance", distance, "added to an access of another node's memory");
  p.require(nodes >= 1 && nodes <= 64, "nodes", "must be 1..64");
}

NumaMemory::NumaMemory(Component& machine, const NumaConfig& config, const NumaMap& map,
                       const Drams::Choice& dram, Interconnect* network)
    : Component(&machine, "numa"), map_(map), distance_(config.distance.ticks), network_(network) {
  for (u32 node = 0; node < map.nodes; ++node) {
    Component* parent = &machine;
    if (map.nodes > 1) {
      parents_.push_back(std::make_unique<Component>(&machine, fmt::format("node{}", node)));
      parent = parents_.back().get();
    }
    drams_.push_back(dram.create(*parent));
  }
}

NumaMemory::~NumaMemory() = default;

Answer NumaMemory::submit(const Request& request, Tick now) {
  const u32 node = map_.of(request.address);
  const bool is_local = node == map_.of_hart(request.hart);
  ++(is_local ? local : remote);
  Dram& dram = *drams_[node];
  Answer answer;
  if (network_) {
    const NetworkEnd slice = network_->home(request.address);
    answer = network_->carry(slice, {NetworkEnd::Side::Memory, node}, request, dram, now);
  } else {
    answer = dram.submit(request, now);
  }
  if (!is_local) answer.tick = answer.tick + distance_;
  return answer;
}

}  // namespace orrery
