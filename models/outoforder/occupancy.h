// How full the core's buffers are: for each, the cycles in which it ended up holding so many, sleep
// left out. There only with count_occupancy; takes host time.
#pragma once

#include <array>

#include "base/statistics.h"
#include "models/outoforder/config.h"
#include "models/outoforder/pipes.h"

namespace orrery::ooo {

class Occupancy {
 public:
  Occupancy(Component* owner, const Config& config, u32 window);

  Histogram fetched, rob;
  std::array<Histogram, queue_kinds> queues;  // all of a kind together
  Histogram loads, stores, writes;
};

}  // namespace orrery::ooo
