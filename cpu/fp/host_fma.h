// The host's fused multiply-add for binary64, where the processor has one. The default build
// targets the oldest x86-64, so the instruction is chosen when the program runs, not when it is
// compiled.
#pragma once

namespace orrery::fp {

// Constant once the program's constructors have run; false before that, which is safe too: the
// result of an operation never depends on it, only its speed.
extern const bool host_has_fma;

// One rounding, in the host's rounding mode. Only to be called when `host_has_fma`.
double host_fma(double a, double b, double c);

}  // namespace orrery::fp
