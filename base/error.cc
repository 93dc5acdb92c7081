#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace orrery {

void fail_check(const char* condition, const char* file, int line, const std::string& context) {
  fmt::print(stderr, "orrery: defect in the simulator: {} ({}:{}){}{}\n", condition, file, line,
             context.empty() ? "" : ": ", context);
  std::fflush(stderr);
  std::abort();
}

}  // namespace orrery
