#include "frontend/panic_watch.h"

#include <algorithm>

namespace orrery {
namespace {

constexpr std::string_view first = "Kernel panic - not syncing";
constexpr std::string_view last = "---[ end Kernel panic - not syncing";

// What stands behind the stamp "[ seconds.microseconds] "; nothing when there is none. A second
// bracket may name the caller (CONFIG_PRINTK_CALLER).
std::string_view kernel_text(std::string_view line) {
  const auto digits_end = [](std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
  };
  if (!line.starts_with('[')) return {};
  line.remove_prefix(1);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::size_t seconds = digits_end(line);
  if (seconds == 0 || !line.substr(seconds).starts_with('.')) return {};
  line.remove_prefix(seconds + 1);
  constexpr std::size_t microseconds = 6;
  if (digits_end(line) != microseconds || !line.substr(microseconds).starts_with(']')) return {};
  line.remove_prefix(microseconds + 1);
  if (line.starts_with('[')) line.remove_prefix(std::min(line.find(']'), line.size() - 1) + 1);
  return line.starts_with(' ') ? line.substr(1) : std::string_view{};
}

}  // namespace

void PanicWatch::line(std::string_view text, Tick now) {
  const std::string_view said = kernel_text(text);
  if (said.starts_with(last)) {
    panicked_ = true;
    stopped_ = now;
  } else if (said.starts_with(first)) {
    panicked_ = true;
  } else if (stopped_) {
    alive();
  }
}

}  // namespace orrery
