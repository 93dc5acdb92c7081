// What a core that stands still prints before it ends the program, as far as cores have it in common.
#pragma once

#include <string>

#include "base/component.h"
#include "base/params.h"
#include "models/timing/cycles.h"
#include "models/timing/record.h"

namespace orrery {

inline constexpr u32 usual_stuck_cycles = 1'000'000;
// The parameter stuck_cycles.
void visit_stuck_cycles(Params& p, u32& stuck_cycles);

// A time, or - for one that is not known.
std::string cycle_text(Cycle at);
// An instruction on its way.
std::string instruction_text(u64 pc, OpClass op_class);

[[noreturn]] void report_stuck(const Component& core, Cycle now, const std::string& queues);

}  // namespace orrery
