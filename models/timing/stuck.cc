#include "models/timing/stuck.h"

#include <cstdlib>

#include "base/error.h"

namespace orrery {

std::string cycle_text(Cycle at) { return at == never_cycle ? "-" : fmt::format("{}", at.value()); }

std::string instruction_text(u64 pc, OpClass op_class) { return fmt::format("pc {:#x} {}", pc, op_class_name(op_class)); }

void report_stuck(const Component& core, Cycle now, const std::string& queues) {
  ORRERY_CHECK(false, "{} stands still at cycle {}\n{}", core.path(), now.value(), queues);
  std::abort();
}

}  // namespace orrery
