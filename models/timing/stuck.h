// What a core that stands still prints before it ends the program, as far as cores have it in common.
#pragma once

#include <string>

#include "base/component.h"
#include "models/timing/cycles.h"
#include "models/timing/record.h"

namespace orrery {

// A time, or - for one that is not known.
std::string cycle_text(Cycle at);
// An instruction on its way.
std::string instruction_text(u64 pc, OpClass op_class);

[[noreturn]] void report_stuck(const Component& core, Cycle now, const std::string& queues);

}  // namespace orrery
