// What a first-level cache publishes of itself for translated code to compare inline: the lines
// touched last. An access that finds its line here would change no state of the cache (tags,
// replacement, line states), so whoever only keeps the cache warm leaves it out.
//
// Lines are told apart by their address, in slots by its low bits: never more slots than sets, so that
// a slot's line is the one touched last in its set.
#pragma once

#include <array>

#include "base/types.h"

namespace orrery {

struct LineFilter {
  static constexpr u32 most_slots = 64;
  static constexpr u64 none = 1;  // odd: no line, and no page

  LineFilter() { clear(); }
  void clear() { lines.fill(none); }

  std::array<u64, most_slots> lines;
};

// What translated code compares and writes for one hart (models/warm/warmer.h). Derived.
struct WarmFilter {
  // Pages as tags of the MMU's inline TLB. Those asked for last and before that: they change places
  // when the second is asked for, which the TLB is told of later.
  u64 data_page = LineFilter::none;
  u64 second_page = LineFilter::none;
  u64 wanted_page = LineFilter::none;  // neither of them
  u64 fetch_page = LineFilter::none;  // the page fetched from last
  u32* notes = nullptr;               // where the next branch is noted
  LineFilter loads, stores;           // by host address; stores: lines that may be written
  LineFilter fetches;                 // by physical address
};

}  // namespace orrery
