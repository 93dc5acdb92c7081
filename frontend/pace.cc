#include "frontend/pace.h"

#include <algorithm>
#include <chrono>

#include "frontend/signals.h"

namespace orrery {
namespace {

using Clock = Console::Clock;
constexpr i64 ticks_per_nanosecond = 1000;
constexpr i64 shortest_sleep = 1'000'000 * ticks_per_nanosecond;  // 1 ms: what hosts can keep
constexpr i64 most_overslept = 100 * shortest_sleep;  // a busy host is caught up with, a stopped one not
constexpr u64 longest_sleep = u64{1} << 62;  // what debts are counted in holds twice as much

i64 ticks_since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count() *
         ticks_per_nanosecond;
}

}  // namespace

Tick Pace::idle(Tick now, Tick wake) {
  if (wake == never) return console_.input_possible() ? sleep(now, wake) : now;
  return host_ ? sleep(now, wake) : wake;
}

Tick Pace::sleep(Tick now, Tick wake) {
  const i64 asked = wake <= now ? 0 : static_cast<i64>(std::min(wake - now, longest_sleep));
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
  debt_ = std::max(debt_ + asked - slept, -most_overslept);
  return wake;
}

}  // namespace orrery
