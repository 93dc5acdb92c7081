#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace orrery {
namespace {

std::string without_nul(std::string text) {
  for (auto at = text.find('\0'); at != text.npos; at = text.find('\0', at))
    text.replace(at, 1, "\\x00");
  return text;
}

}  // namespace

ConfigError::ConfigError(const std::string& text) : std::runtime_error(without_nul(text)) {}

void fail_check(const char* condition, const char* file, int line, const std::string& context) {
  fmt::print(stderr, "orrery: defect in the simulator: {} ({}:{}){}{}\n", condition, file, line,
             context.empty() ? "" : ": ", context);
  std::fflush(stderr);
  std::abort();
}

}  // namespace orrery
