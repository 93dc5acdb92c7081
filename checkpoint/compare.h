// Comparing checkpoints with each other, and a checkpoint with the machine that is to go on from it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/checkpoint.h"

namespace orrery {

// Where two checkpoints differ: parameters of the description, named fields of the architectural
// state and, where both have it, of timing state, then runs of bytes of RAM. Both values each, at
// most `most` lines, empty when the machines are equal.
std::vector<std::string> diff_checkpoints(const Checkpoint& a, const Checkpoint& b,
                                          std::size_t most);

// Refuses a description in which a parameter of `fixed` (paths, "machine.harts") has another value:
// ConfigError with the path, both values and what is fixed. Returns the parameters that differ and
// may: path -> {"saved": ..., "now": ...}.
Json check_restorable(const Json& saved, const Json& now, const std::vector<std::string>& fixed);

}  // namespace orrery
