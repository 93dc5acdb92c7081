// --signature: what a test program of riscv-arch-test leaves between begin_signature and
// end_signature, as 32-bit words in hexadecimal, one a line.
#pragma once

#include <string>

#include "models/machine.h"

namespace orrery {

// ConfigError when the program has no signature, or none in RAM.
void require_signature(Machine& machine);

void write_signature(Machine& machine, const std::string& file);

}  // namespace orrery
