#include "models/timing/hart_side.h"

namespace orrery {

WalkSteps HartSide::walk(u64 address, bool fetch) {
  const Mmu::Probe found = hart_.mmu.probe(address, fetch ? AccessKind::Fetch : AccessKind::Load);
  return {found.entries, found.count, found.level};
}

std::optional<PhysAddr> HartSide::fetch_address(u64 address) {
  const auto physical = hart_.mmu.probe(address, AccessKind::Fetch).physical;
  return physical && hart_.memory.ram_at(*physical, 1) ? physical : std::nullopt;
}

bool HartSide::step_wrong_path(Record& record) {
  if (!speculator_.step(speculated_)) return false;
  describe_wrong_path(speculated_, record);
  return true;
}

}  // namespace orrery
