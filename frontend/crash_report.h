// What a guest looked like when it died: for each hart registers, the CSRs of its last traps, the
// instructions around pc and the chain of callers, with names where there are symbols.
#pragma once

#include <string>

#include "models/boot/symbols.h"
#include "models/machine.h"

namespace orrery {

std::string crash_report(Machine& machine, const SymbolTable& symbols);

// A line a hart: where it is, for a run that somebody ended.
std::string whereabouts(Machine& machine, const SymbolTable& symbols);

// Return addresses of the hart's callers, innermost first, by the chain of frame pointers; where
// that ends at once, by scanning the stack for addresses of functions (which may also be stale).
struct Backtrace {
  std::vector<u64> callers;
  bool scanned = false;
};
Backtrace backtrace(const Hart& hart, const SymbolTable& symbols);

}  // namespace orrery
