// The only host-dependent file of cpu/fp.
#include "cpu/fp/host_fma.h"

namespace orrery::fp {

#if defined(__x86_64__)

const bool host_has_fma = __builtin_cpu_supports("fma") != 0;

__attribute__((target("fma"))) double host_fma(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}

#else

#if defined(__FP_FAST_FMA)
const bool host_has_fma = true;
#else
const bool host_has_fma = false;
#endif

double host_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

#endif

}  // namespace orrery::fp
