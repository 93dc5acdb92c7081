#include "frontend/pace.h"

#include <algorithm>
#include <chrono>

#include "frontend/signals.h"

namespace orrery {
namespace {

using Clock = Console::Clock;
constexpr i64 ticks_per_nanosecond = 1000;
constexpr i64 shortest_sleep = 1'000'000 * ticks_per_nanosecond;  // 1 ms: what hosts can keep
constexpr i64 longest_sleep = i64{1'000'000'000} * ticks_per_nanosecond;  // then idle() is called again

i64 ticks_since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count() *
         ticks_per_nanosecond;
}

}  // namespace

Tick Pace::idle(Tick now, Tick wake) {
  return wake != never && !host_ ? wake : sleep(now, wake);
}

Tick Pace::sleep(Tick now, Tick wake) {
  const u64 wanted = wake <= now ? 0 : wake - now;
  const i64 asked = static_cast<i64>(std::min<u64>(wanted, static_cast<u64>(longest_sleep)));
  if (debt_ + asked < shortest_sleep) {
    debt_ += asked;
    return wake;
  }
  const auto begin = Clock::now();
  const auto until = begin + std::chrono::nanoseconds((debt_ + asked) / ticks_per_nanosecond);
  bool woken = false;
  while (!woken && signal_received() == 0 && Clock::now() < until) woken = console_.wait(until);
  const i64 slept = ticks_since(begin);
  if (woken || signal_received() != 0) {
    debt_ = 0;
    return std::min(wake, now + static_cast<u64>(slept));
  }
  debt_ = std::max(debt_ + asked - slept, -shortest_sleep);
  return static_cast<u64>(asked) == wanted ? wake : now + static_cast<u64>(asked);
}

}  // namespace orrery
