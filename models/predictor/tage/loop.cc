#include "models/predictor/tage/loop.h"

#include "base/bits.h"

namespace orrery::tage {
namespace {

constexpr u8 oldest = 31;

}  // namespace

void LoopConfig::visit(Params& p) {
  p("entries", entries, "loops", "remembered");
  p("ways", ways, "ways", "associativity");
  p("longest", longest, "iterations", "of a loop that is remembered");
  p("sure_after", sure_after, "times", "the same number of iterations before it is predicted");
  p.require(ways >= 1 && ways <= 64, "ways", "must be 1..64");
  p.require(entries >= ways && entries <= 1 << 16 && entries % ways == 0 && is_power_of_two(entries / ways),
            "entries", "must be ways x a power of two, up to 65536");
  p.require(longest >= 1 && longest <= 65534, "longest", "must be 1..65534");
  p.require(sure_after >= 1 && sure_after <= 255, "sure_after", "must be 1..255");
}

Loops::Loops(const LoopConfig& config)
    : ways_(config.ways),
      sets_(config.entries / config.ways),
      longest_(config.longest),
      sure_(static_cast<u8>(config.sure_after)),
      tags_(config.entries),
      trips_(config.entries),
      counts_(config.entries),
      confidence_(config.entries),
      ages_(config.entries),
      directions_(config.entries) {}

Loops::Lookup Loops::look_up(u64 pc) const {
  const u32 first = set(pc);
  for (u32 entry = first; entry < first + ways_; ++entry) {
    if (tags_[entry] != tag(pc) || ages_[entry] == 0) continue;
    const bool goes_on = counts_[entry] < trips_[entry];
    return {entry, confidence_[entry] >= sure_, goes_on == (directions_[entry] != 0)};
  }
  return {none, false, false};
}

void Loops::update(u64 pc, const Lookup& lookup, bool taken, bool others_taken, bool was_right,
                   ShiftRegister& random) {
  if (lookup.entry == none) {
    // A misprediction is most often the end of a loop.
    if (!was_right && random.next() % 4 == 0) allocate(pc, taken);
    return;
  }
  const u32 entry = lookup.entry;
  if (lookup.sure && lookup.taken != others_taken) {
    if (lookup.taken == taken) {
      if (ages_[entry] < oldest) ++ages_[entry];
    } else {
      ages_[entry] = 0;  // no loop after all
      return;
    }
  }
  if (taken == (directions_[entry] != 0)) {
    ++counts_[entry];
    if (counts_[entry] > longest_) {
      ages_[entry] = 0;
    } else if (trips_[entry] != 0 && counts_[entry] > trips_[entry]) {
      trips_[entry] = 0;  // the number is found anew at its end
      confidence_[entry] = 0;
    }
    return;
  }
  if (counts_[entry] != 0 && counts_[entry] == trips_[entry]) {
    if (confidence_[entry] < sure_) ++confidence_[entry];
  } else {
    trips_[entry] = counts_[entry];
    confidence_[entry] = 0;
    if (counts_[entry] == 0) directions_[entry] = taken;  // twice in a row: it is the other way round
  }
  counts_[entry] = 0;
}

void Loops::allocate(u64 pc, bool taken) {
  const u32 first = set(pc);
  for (u32 entry = first; entry < first + ways_; ++entry) {
    if (ages_[entry] > 0) continue;
    tags_[entry] = tag(pc);
    trips_[entry] = counts_[entry] = 0;
    confidence_[entry] = 0;
    ages_[entry] = oldest / 2;
    directions_[entry] = !taken;
    return;
  }
  for (u32 entry = first; entry < first + ways_; ++entry) --ages_[entry];
}

void Loops::state(Archive& a) {
  a("tags", std::span<u16>(tags_));
  a("trips", std::span<u16>(trips_));
  a("counts", std::span<u16>(counts_));
  a("confidence", std::span<u8>(confidence_));
  a("ages", std::span<u8>(ages_));
  a("directions", std::span<u8>(directions_));
}

}  // namespace orrery::tage
