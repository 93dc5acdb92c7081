// Quantities with units, as people write them in a description: "32KiB", "1.5GHz", "4ns".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"

namespace orrery {

enum class Unit { None, Bytes, Duration, Frequency };

// A size in bytes.
struct Bytes {
  u64 value = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
};

// A length of time in ticks (1 ps).
struct Duration {
  u64 ticks = 0;
  constexpr auto operator<=>(const Duration&) const = default;
};

// A frequency in hertz. The period is rounded to whole ticks, and at least one.
struct Frequency {
  u64 hertz = 0;
  constexpr auto operator<=>(const Frequency&) const = default;
  constexpr u64 period_ticks() const {
    const u64 period = (ticks_per_second + hertz / 2) / hertz;
    return period == 0 ? 1 : period;
  }
  // What the rounded period comes to, in whole hertz; its own period is the same one.
  constexpr Frequency effective() const {
    const u64 period = period_ticks();
    return {(ticks_per_second + period / 2) / period};
  }
};

// Reads a number with a unit. Bytes: B KB KiB MB MiB GB GiB TB TiB; duration: ps ns us ms s;
// frequency: Hz kHz MHz GHz; none: plain numbers with an optional k, M or G (thousands). Decimal
// fractions are allowed where the result is whole. Nothing when the text is not such a quantity.
std::optional<u64> parse_quantity(std::string_view text, Unit unit);

// The shortest exact text with the largest unit that divides the value.
std::string format_quantity(u64 value, Unit unit);

}  // namespace orrery
