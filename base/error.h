// The three kinds of errors (see README, "Errors"): guest events are values and never come here; a
// user's mistake is a ConfigError; a defect of ours ends the program at once, with context.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace orrery {

// A mistake of the user: one sentence with the full path, what was found and what is allowed.
// Caught in frontend/main.cc only, which prints it and exits with status 2.
class ConfigError : public std::runtime_error {
 public:
  // A NUL in it, at which what() would end, becomes \x00.
  explicit ConfigError(const std::string& text);
};

template <class... Args>
[[noreturn]] void config_error(fmt::format_string<Args...> format, Args&&... args) {
  throw ConfigError(fmt::format(format, std::forward<Args>(args)...));
}

[[noreturn]] void fail_check(const char* condition, const char* file, int line,
                             const std::string& context);

}  // namespace orrery

// Stays on in release builds. `...` is a fmt format and its arguments: component path, tick, pc.
#define ORRERY_CHECK(condition, ...)                                                          \
  do {                                                                                        \
    if (!(condition)) [[unlikely]]                                                            \
      ::orrery::fail_check(#condition, __FILE__, __LINE__, ::fmt::format("" __VA_ARGS__));    \
  } while (false)
