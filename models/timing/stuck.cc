#include "models/timing/stuck.h"

#include <cstdlib>

#include "base/error.h"

namespace orrery {

void visit_stuck_cycles(Params& p, u32& stuck_cycles) {
  p("stuck_cycles", stuck_cycles, "cycles", "without progress, or refusals in a row, after which a defect is reported");
  p.require(stuck_cycles >= 10'000, "stuck_cycles", "must be at least 10000");
}

std::string cycle_text(Cycle at) { return at == never_cycle ? "-" : fmt::format("{}", at.value()); }

std::string instruction_text(u64 pc, OpClass op_class) { return fmt::format("pc {:#x} {}", pc, op_class_name(op_class)); }

void report_stuck(const Component& core, Cycle now, const std::string& queues) {
  ORRERY_CHECK(false, "{} stands still at cycle {}\n{}", core.path(), now.value(), queues);
  std::abort();
}

}  // namespace orrery
