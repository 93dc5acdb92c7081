#include "frontend/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "frontend/output.h"

namespace orrery {

namespace {
// Three digits behind the point, in the unit that leaves some before it.
std::string describe_time(Tick now) {
  const double ticks = static_cast<double>(now.value());
  if (ticks >= 1e12) return fmt::format("{:.3f} s", ticks * 1e-12);
  if (ticks >= 1e9) return fmt::format("{:.3f} ms", ticks * 1e-9);
  return fmt::format("{:.3f} us", ticks * 1e-6);
}
}  // namespace

std::string describe_progress(u64 steps, Tick now) {
  const double count = static_cast<double>(steps);
  const std::string amount = steps < 1'000'000 ? fmt::format("{}", steps)
                             : steps < 1'000'000'000 ? fmt::format("{:.1f} M", count * 1e-6)
                                                     : fmt::format("{:.3f} G", count * 1e-9);
  return fmt::format("{} instruction{}, {} simulated", amount, steps == 1 ? "" : "s",
                     describe_time(now));
}

void Progress::update(const Machine& machine, const std::string& model) {
  if (!shown_) return;
  const auto now = Clock::now();
  if (first_) {
    first_ = false;
    last_ = now;
    last_steps_ = machine.steps();
    return;
  }
  const double seconds = std::chrono::duration<double>(now - last_).count();
  if (seconds < 1) return;
  const u64 steps = machine.steps();
  const double mips = static_cast<double>(steps - last_steps_) / seconds * 1e-6;
  last_ = now;
  last_steps_ = steps;
  clear();
  const bool overwrite = isatty(STDERR_FILENO);
  say("orrery: {}, {:.1f} MIPS, {}{}", describe_progress(steps, machine.now()), mips,
             model, overwrite ? "" : "\n");
  on_screen_ = overwrite;
}

void Progress::clear() {
  if (!on_screen_) return;
  on_screen_ = false;
  say("\r\x1b[K");  // to the line's beginning, and erase it
}

}  // namespace orrery
