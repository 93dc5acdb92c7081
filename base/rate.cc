#include "base/rate.h"

#include "base/json.h"

namespace orrery {

Rate::Rate(Component* owner, const char* name, const char* unit, std::initializer_list<const Counter*> counters,
           const char* text)
    : Statistic(owner, name, unit, text), owner_(owner), counters_(counters) {}

u64 Rate::now() const {
  const Component* root = owner_;
  while (root->parent()) root = root->parent();
  const auto* const time = dynamic_cast<const SimulatedTime*>(root);
  return time ? time->now().value() : 0;
}

std::vector<u64> Rate::raw() const { return {now() - begin_}; }

void Rate::set_raw(const std::vector<u64>& raw) { begin_ = now() - raw.at(0); }

Json Rate::report(const StatisticsSnapshot* since) const {
  u64 ticks = now() - begin_;
  if (since) {
    const auto found = since->find(this);
    if (found != since->end() && found->second.at(0) <= ticks) ticks -= found->second.at(0);
  }
  u64 count = 0;
  for (const Counter* counter : counters_) count += counter->since(since);
  return ticks == 0 ? 0.0
                    : static_cast<double>(count) * static_cast<double>(ticks_per_second) / static_cast<double>(ticks);
}

}  // namespace orrery
