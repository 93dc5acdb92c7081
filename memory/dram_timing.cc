#include "memory/dram_timing.h"

#include <algorithm>

namespace orrery {
namespace {

constexpr u64 longest = ticks_per_second;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<u64> DramTiming::ticks(std::string_view text) const {
  text = trimmed(text);
  if (text.starts_with("max(") && text.ends_with(")")) {
    const auto comma = text.find(',');
    if (comma == text.npos) return std::nullopt;
    const auto a = ticks(text.substr(4, comma - 4));
    const auto b = ticks(text.substr(comma + 1, text.size() - comma - 2));
    return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
  }
  std::optional<u64> result;
  if (text.ends_with("nCK")) {
    const auto clocks = parse_quantity(trimmed(text.substr(0, text.size() - 3)), Unit::None);
    if (clocks && *clocks <= 1'000'000) result = transfers(*clocks * transfers_per_clock);
  } else {
    result = parse_quantity(text, Unit::Duration);
  }
  return result && *result <= longest ? result : std::nullopt;
}

void DramTiming::visit(Params& p) {
  p("data_rate", data_rate, "MT/s", "transfers a second on one data wire, in millions");
  p("transfers_per_clock", transfers_per_clock, "transfers", "transfers in one clock, the unit nCK below");
  p("burst_length", burst_length, "transfers", "transfers of one burst");
  p.require(data_rate >= 100 && data_rate <= 100'000, "data_rate", "must be 100..100000");
  p.require(transfers_per_clock >= 1 && transfers_per_clock <= 64, "transfers_per_clock", "must be 1..64");
  p.require(burst_length >= 1 && burst_length <= 64, "burst_length", "must be 1..64");
  const auto time = [&](const char* name, DramTime& value, const char* text) {
    p(name, value.text, text);
    const auto found = ticks(value.text);
    p.require(found.has_value(), name,
              "must be a time up to 1s as \"13.75ns\", in clocks as \"22nCK\", or the greater of two as "
              "\"max(4nCK, 7.5ns)\"");
    value.ticks = *found;
  };
  time("tCL", tCL, "from a read command to its data");
  time("tCWL", tCWL, "from a write command to its data");
  time("tRCD", tRCD, "from opening a row to its first read or write");
  time("tRP", tRP, "to close a row");
  time("tRAS", tRAS, "least time a row is open; tRAS and tRP make tRC");
  time("tRRD_S", tRRD_S, "between rows opened in two bank groups of a rank");
  time("tRRD_L", tRRD_L, "between rows opened in one bank group");
  time("tFAW", tFAW, "least time of four openings in a rank, to the fifth");
  time("tCCD_S", tCCD_S, "between reads, or writes, of two bank groups of a rank");
  time("tCCD_L", tCCD_L, "between reads of one bank group");
  time("tCCD_L_WR", tCCD_L_WR, "between writes of one bank group");
  time("tWR", tWR, "from the last data of a write to closing its row");
  time("tRTP", tRTP, "from a read command to closing its row");
  time("tWTR_S", tWTR_S, "from the last data of a write to a read command of another bank group");
  time("tWTR_L", tWTR_L, "from the last data of a write to a read command of its bank group");
  time("tRTW", tRTW, "idle time of the data bus from a read's data to a write's");
  time("tRTRS", tRTRS, "idle time of the data bus from one rank's data to another's");
  time("tREFI", tREFI, "between the refreshes of a rank");
  time("tRFC", tRFC, "of a refresh of all banks");
  time("tRFCpb", tRFCpb, "of a refresh of one bank");
  p.require(tRRD_L.ticks >= tRRD_S.ticks, "tRRD_L", "must be at least tRRD_S");
  p.require(tCCD_L.ticks >= tCCD_S.ticks, "tCCD_L", "must be at least tCCD_S");
  p.require(tWTR_L.ticks >= tWTR_S.ticks, "tWTR_L", "must be at least tWTR_S");
  p.require(tREFI.ticks >= 2 * (std::max(tRFC.ticks, tRFCpb.ticks) + tRP.ticks + tRCD.ticks +
                                std::max(tRAS.ticks, tRTP.ticks + recovery(true))),
            "tREFI", "must leave time for at least one access between refreshes");
}

}  // namespace orrery
