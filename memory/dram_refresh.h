// When the ranks of a channel, or their banks, are refreshed: at whole multiples of tREFI, one rank
// or bank after the other in the course of it, from the first tREFI on. It follows from the time
// alone; there is nothing to save.
#pragma once

#include "memory/dram_mapping.h"
#include "memory/dram_timing.h"

namespace orrery {

class DramRefresh {
 public:
  enum class Kind { Off, AllBank, PerBank };

  DramRefresh(Kind kind, const DramTiming& timing, const DramGeometry& geometry);

  // The first time from `from` on at which a row may be opened, as far as refresh goes, and when
  // the next refresh needs its closing begun.
  struct Gap {
    Tick begins;
    Tick closed_by;
  };
  Gap gap(const DramPlace& place, Tick from) const;

  // How many have begun in a channel.
  u64 begun(Tick tick) const;
  // Between `tick` and this, none begins.
  Tick none_until(Tick tick) const { return Tick{(tick.value() / step_ + 1) * step_}; }

 private:
  const Kind kind_;
  const u64 tREFI_, length_, tRP_;
  const u64 units_;  // ranks or banks
  const u64 step_;   // from one to the next
};

}  // namespace orrery
