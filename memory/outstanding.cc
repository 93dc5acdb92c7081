#include "memory/outstanding.h"

#include <algorithm>

#include "memory/saved_ticks.h"

namespace orrery {

Outstanding::Outstanding(Component* owner, u32 mshrs)
    : held(owner, "misses_held", "ps", "time with so many misses under way", Buckets::up_to(mshrs)),
      held_time(owner, "miss_time", "ps", "times of all misses, added up"),
      busy_time(owner, "miss_busy_time", "ps", "time with any miss under way"),
      parallelism(owner, "miss_parallelism", "misses", {&held_time}, {&busy_time},
                  "misses under way, while there are any") {}

void Outstanding::begin(Tick now, std::span<const Tick> ends) {
  arrivals_.clear();
  for (const Tick end : ends)
    if (end > counted_) arrivals_.push_back(end);
  std::sort(arrivals_.begin(), arrivals_.end());
  // From one arrival to the next, as many are under way as are still to arrive.
  u64 under_way = arrivals_.size();
  for (const Tick arrival : arrivals_) {
    const Tick until = std::min(arrival, now);
    if (until > counted_) {
      const u64 time = until - counted_;
      held.add(under_way, time);
      held_time += under_way * time;
      busy_time += time;
      counted_ = until;
    }
    if (arrival > now) break;
    --under_way;
  }
  counted_ = std::max(counted_, now);
}

void Outstanding::state(Archive& a) {
  a("counted", counted_);
  require_reachable(a, "counted", {&counted_, 1});
}

}  // namespace orrery
