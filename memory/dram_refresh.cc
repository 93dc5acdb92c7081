#include "memory/dram_refresh.h"

#include <algorithm>

namespace orrery {

DramRefresh::DramRefresh(Kind kind, const DramTiming& timing, const DramGeometry& geometry)
    : kind_(kind),
      tREFI_(timing.tREFI.ticks),
      length_(kind == Kind::PerBank ? timing.tRFCpb.ticks : timing.tRFC.ticks),
      tRP_(timing.tRP.ticks),
      units_(kind == Kind::PerBank ? geometry.banks_of_channel() : geometry.ranks),
      step_(tREFI_ / units_) {}

DramRefresh::Gap DramRefresh::gap(const DramPlace& place, Tick from) const {
  constexpr Tick age{u64{1} << 61};  // that no machine reaches, unless its checkpoint was forged
  if (kind_ == Kind::Off || from >= age) return {from, std::max(from, age) + age.value()};
  const u64 offset = step_ * (kind_ == Kind::PerBank ? place.bank : place.rank);
  // From tRP before a refresh on, nothing is opened.
  const u64 at = from.value() + tRP_;
  const u64 number = at >= offset ? (at - offset) / tREFI_ : 0;
  if (number > 0) from = std::max(from, Tick{offset + number * tREFI_ + length_});
  return {from, Tick{offset + (number + 1) * tREFI_ - tRP_}};
}

u64 DramRefresh::begun(Tick tick) const {
  const u64 whole = tick.value() / tREFI_;
  if (kind_ == Kind::Off || whole == 0) return 0;
  const u64 in_this = std::min(units_, tick.value() % tREFI_ / step_ + 1);
  return (whole - 1) * units_ + in_this;
}

}  // namespace orrery
