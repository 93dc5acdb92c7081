// The functional side of a core: what a hart's page tables and its wrong paths hold.
#pragma once

#include "cpu/exec/speculative.h"
#include "models/timing/describe.h"

namespace orrery {

class HartSide final : public FunctionalSide {
 public:
  explicit HartSide(const Hart& hart) : hart_(hart), speculator_(hart) {}

  WalkSteps walk(u64 address, bool fetch) override;
  std::optional<PhysAddr> fetch_address(u64 address) override;
  void begin_wrong_path(u64 pc) override { speculator_.begin(pc); }
  bool step_wrong_path(Record& record) override;
  void turn_wrong_path(u64 pc) override { speculator_.turn(pc); }

 private:
  const Hart& hart_;
  Speculator speculator_;
  Executed speculated_;  // what the wrong path did last
};

}  // namespace orrery
