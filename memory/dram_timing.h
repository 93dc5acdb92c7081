// The times of a DRAM part under JEDEC's names, as its data sheet gives them: "13.75ns", a number of
// clocks "22nCK", or the greater of two, "max(4nCK, 7.5ns)".
//
// They are used as they are given: commands are not moved to clock edges, so that a time in ns
// that is no whole number of clocks is up to one clock shorter than a real controller makes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/params.h"

namespace orrery {

// One such text and the ticks it comes to.
struct DramTime {
  std::string text;
  u64 ticks = 0;
};

struct DramTiming {
  u32 data_rate = 3200;
  u32 transfers_per_clock = 2;
  u32 burst_length = 8;
  DramTime tCL{"22nCK"}, tCWL{"16nCK"}, tRCD{"13.75ns"}, tRP{"13.75ns"}, tRAS{"32ns"};
  DramTime tRRD_S{"max(4nCK, 2.5ns)"}, tRRD_L{"max(4nCK, 4.9ns)"}, tFAW{"max(20nCK, 21ns)"};
  DramTime tCCD_S{"4nCK"}, tCCD_L{"max(4nCK, 5ns)"}, tCCD_L_WR{"max(4nCK, 5ns)"};
  DramTime tWR{"15ns"}, tRTP{"max(4nCK, 7.5ns)"};
  DramTime tWTR_S{"max(2nCK, 2.5ns)"}, tWTR_L{"max(4nCK, 7.5ns)"}, tRTW{"2nCK"}, tRTRS{"2nCK"};
  DramTime tREFI{"7.8us"}, tRFC{"350ns"}, tRFCpb{"350ns"};

  void visit(Params& p);

  u64 burst() const { return transfers(burst_length); }  // ticks of one burst on the data bus
  // Ticks of `count` transfers, rounded to the nearest.
  u64 transfers(u64 count) const { return (count * 1'000'000 + data_rate / 2) / data_rate; }
  // From the command of a read or write to the earliest closing of its row.
  u64 recovery(bool is_write) const { return is_write ? tCWL.ticks + burst() + tWR.ticks : tRTP.ticks; }
  // Nothing when the text is not such a time.
  std::optional<u64> ticks(std::string_view text) const;
};

}  // namespace orrery
