#include "checkpoint/lockstep.h"

#include <algorithm>

namespace orrery {

Lockstep::Lockstep(Machine& leader, const std::string& follower_model, const Options& options)
    : leader_(leader),
      options_(options),
      follower_(copy_machine(leader, follower_model), {options.remember}),
      recorder_(queue_, leader, {options.compare_every, options.compare_ram_every}) {}

std::optional<Divergence> Lockstep::run(const RunLimit& limit) {
  u64 left = limit.steps;
  do {
    const u64 before = leader_.steps();
    stop_ = leader_.run({std::min(left, std::max<u64>(options_.compare_every, 1)), limit.time});
    left -= std::min(left, leader_.steps() - before);
    recorder_.check();
    if (auto divergence = follow()) return divergence;
  } while (stop_.why == Stop::Why::Steps && left != 0);
  recorder_.check_ram();
  return follow();
}

std::optional<Divergence> Lockstep::follow() {
  std::vector<LogEntry> entries;
  entries.swap(queue_.entries);
  for (const LogEntry& entry : entries)
    if (auto divergence = follower_.take(entry)) return divergence;
  return std::nullopt;
}

}  // namespace orrery
