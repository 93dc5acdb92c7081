#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <span>

namespace orrery {
namespace {

struct Scale {
  std::string_view suffix;
  u64 factor;
};

// Largest first, the order in which format_quantity tries them; the formatter skips the decimal
// byte units, which only people write.
constexpr std::array bytes_scales = {
    Scale{"TiB", u64{1} << 40}, Scale{"GiB", u64{1} << 30}, Scale{"MiB", u64{1} << 20},
    Scale{"KiB", u64{1} << 10}, Scale{"B", 1},
    Scale{"TB", 1'000'000'000'000}, Scale{"GB", 1'000'000'000}, Scale{"MB", 1'000'000},
    Scale{"KB", 1'000}, Scale{"kB", 1'000},
    Scale{"T", u64{1} << 40}, Scale{"G", u64{1} << 30}, Scale{"M", u64{1} << 20},
    Scale{"K", u64{1} << 10}};
constexpr std::array duration_scales = {Scale{"s", ticks_per_second}, Scale{"ms", 1'000'000'000},
                                        Scale{"us", 1'000'000}, Scale{"ns", 1'000}, Scale{"ps", 1}};
constexpr std::array frequency_scales = {Scale{"GHz", 1'000'000'000}, Scale{"MHz", 1'000'000},
                                         Scale{"kHz", 1'000}, Scale{"Hz", 1}};
constexpr std::array count_scales = {Scale{"G", 1'000'000'000}, Scale{"M", 1'000'000},
                                     Scale{"k", 1'000}, Scale{"K", 1'000}, Scale{"", 1}};

std::span<const Scale> scales(Unit unit) {
  switch (unit) {
    case Unit::Bytes: return bytes_scales;
    case Unit::Duration: return duration_scales;
    case Unit::Frequency: return frequency_scales;
    case Unit::None: break;
  }
  return count_scales;
}

}  // namespace

std::optional<u64> parse_quantity(std::string_view text, Unit unit) {
  // Digits as one integer, and how many of them stood behind the point: exact, no floating point.
  u128 digits = 0;
  u64 denominator = 1;
  bool point = false, any = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      digits = digits * 10 + static_cast<unsigned>(c - '0');
      any = true;
      if (point) denominator *= 10;
      if (digits > ~u64{0} || denominator > 1'000'000'000'000'000) return std::nullopt;
    } else {
      break;
    }
  }
  while (i < text.size() && text[i] == ' ') ++i;
  const std::string_view suffix = text.substr(i);
  if (!any) return std::nullopt;
  for (const Scale& scale : scales(unit)) {
    if (scale.suffix != suffix) continue;
    const u128 scaled = digits * scale.factor;
    if (scaled % denominator != 0 || scaled / denominator > ~u64{0}) return std::nullopt;
    return static_cast<u64>(scaled / denominator);
  }
  return std::nullopt;
}

std::string format_quantity(u64 value, Unit unit) {
  if (unit == Unit::None) return fmt::format("{}", value);
  for (const Scale& scale : scales(unit)) {
    if (value >= scale.factor && value % scale.factor == 0)
      return fmt::format("{}{}", value / scale.factor, scale.suffix);
  }
  return fmt::format("{}{}", value, unit == Unit::Bytes ? "B" : unit == Unit::Duration ? "ps" : "Hz");
}

}  // namespace orrery
