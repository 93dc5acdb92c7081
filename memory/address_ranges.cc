#include "memory/address_ranges.h"

#include <charconv>

#include "base/units.h"

namespace orrery {
namespace {

// A number with an optional 0x, all of `text`.
std::optional<u64> number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  u64 value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool AddressRanges::add(const std::string& text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string::npos) return false;
  const auto base = number(std::string_view(text).substr(0, plus));
  const std::string_view length = std::string_view(text).substr(plus + 1);
  const auto plain = number(length);
  const auto size = plain ? plain : parse_quantity(length, Unit::Bytes);
  if (!base || !size || *size == 0 || *base + (*size - 1) < *base) return false;
  add(PhysAddr{*base}, *size);
  return true;
}

}  // namespace orrery
