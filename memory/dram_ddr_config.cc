#include "memory/dram_ddr_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"

namespace orrery {

void DdrConfig::visit(Params& p) {
  p("channels", channels, "channels", "channels, each with its data bus");
  p("ranks", ranks, "ranks", "ranks of a channel");
  p("bank_groups", bank_groups, "groups", "bank groups of a rank");
  p("banks", banks, "banks", "banks of a bank group");
  p("rows", rows, "rows", "rows of a bank");
  p("row", row, "bytes of a row, over all chips of the rank");
  p("width", width, "bits", "data wires of a channel");
  timing.visit(p);
  p("interleave", interleave, "bytes that stay together in one channel and row; a burst when less");
  p("mapping", mapping, "what the bits of an address stand for, from the high end");
  p("hash", hash, "bank and group are xored with the row, so that powers of two do not meet in one bank");
  p.choice("scheduling", scheduling, {{"fcfs", Scheduling::Fcfs}, {"frfcfs", Scheduling::Frfcfs}},
           "requests in their order, or row hits first");
  p.choice("row_policy", row_policy,
           {{"open", Rows::Open},
            {"closed", Rows::Closed},
            {"timeout", Rows::Timeout},
            {"adaptive", Rows::Adaptive}},
           "how long a row stays open: until another is needed, until nobody waits for it, for row_timeout, "
           "or for a time that learns from its mistakes");
  p("row_timeout", row_timeout, "how long a row stays open after its last use");
  p("write_queue", write_queue, "writes", "bursts that a channel's write queue holds");
  p("write_high", write_high, "writes", "so many waiting make a channel drain them");
  p("write_low", write_low, "writes", "so many are left by a drain");
  p("write_idle", write_idle, "time without reads after which waiting writes are carried out");
  using Kind = DramRefresh::Kind;
  p.choice("refresh", refresh, {{"off", Kind::Off}, {"all_bank", Kind::AllBank}, {"per_bank", Kind::PerBank}},
           "none, of whole ranks (tRFC), or of bank after bank (tRFCpb)");
  p("controller", controller, "time in the controller and on the way, both directions together");
  const auto power_of_two = [&](const char* name, u64 value, u64 most) {
    p.require(is_power_of_two(value) && value <= most, name,
              fmt::format("must be a power of two, at most {}", most));
  };
  power_of_two("channels", channels, 64);
  power_of_two("ranks", ranks, 16);
  power_of_two("bank_groups", bank_groups, 16);
  power_of_two("banks", banks, 64);
  power_of_two("rows", rows, u64{1} << 24);
  p.require(is_power_of_two(width) && width >= 8 && width <= 4096, "width",
            "must be a power of two from 8 to 4096");
  p.require(is_power_of_two(burst()), "burst_length", "must make bursts of a power of two bytes");
  p.require(is_power_of_two(row.value) && row.value >= burst() && row.value <= u64{1} << 20, "row",
            "must be a power of two, from one burst to 1MiB");
  p.require(is_power_of_two(interleave.value) && interleave.value <= row.value, "interleave",
            "must be a power of two, at most a row");
  p.require(DramMapping::is_order(mapping), "mapping",
            "must name row, rank, bank, column, channel and, if it likes, group once each between colons, "
            "burst last");
  p.require(write_queue >= 1 && write_queue <= 1024, "write_queue", "must be 1..1024");
  p.require(write_high >= 1 && write_high <= write_queue, "write_high", "must be 1..write_queue");
  p.require(write_low < write_high, "write_low", "must be less than write_high");
  const auto at_most_a_second = [&](const char* name, Duration duration) {
    p.require(duration.ticks <= ticks_per_second, name, "must be at most 1s");
  };
  at_most_a_second("row_timeout", row_timeout);
  at_most_a_second("write_idle", write_idle);
  at_most_a_second("controller", controller);
}

DramGeometry DdrConfig::geometry() const {
  return {channels,
          ranks,
          bank_groups,
          banks,
          rows,
          row.value / burst(),
          std::max<u64>(interleave.value / burst(), 1)};
}

}  // namespace orrery
