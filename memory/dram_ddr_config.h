// The parameters of the `ddr` memory (dram_ddr.cc): its shape, its times, how its controller decides.
#pragma once

#include <string>

#include "memory/dram_mapping.h"
#include "memory/dram_refresh.h"
#include "memory/dram_timing.h"

namespace orrery {

struct DdrConfig {
  enum class Scheduling { Fcfs, Frfcfs };
  enum class Rows { Open, Closed, Timeout, Adaptive };

  u32 channels = 1, ranks = 1, bank_groups = 4, banks = 4;
  u64 rows = 65536;
  Bytes row{8 << 10};
  u32 width = 64;
  Bytes interleave{64};
  std::string mapping = "row:rank:bank:column:group:channel:burst";
  bool hash = false;
  Scheduling scheduling = Scheduling::Frfcfs;
  Rows row_policy = Rows::Open;
  Duration row_timeout{100'000};
  u32 write_queue = 64, write_high = 48, write_low = 16;
  Duration write_idle{100'000};
  DramRefresh::Kind refresh = DramRefresh::Kind::AllBank;
  Duration controller{20'000};
  DramTiming timing;

  void visit(Params& p);

  // Bytes of a burst.
  u64 burst() const { return u64{width} / 8 * timing.burst_length; }
  DramGeometry geometry() const;
};

}  // namespace orrery
