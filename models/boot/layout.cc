#include "models/boot/layout.h"

#include <algorithm>

#include "base/bits.h"
#include "base/error.h"
#include "base/units.h"

namespace orrery {

void Layout::claim(const std::string& owner, PhysAddr address, u64 size) {
  if (size == 0) return;
  if (!ram_.contains(address, size))
    config_error("{}: {:#x}..{:#x} is outside the machine's memory, {:#x}..{:#x} ({})", owner,
                 address.value(), address.value() + (size - 1), ram_.base().value(),
                 (ram_.base() + ram_.size()).value() - 1,
                 format_quantity(ram_.size(), Unit::Bytes));
  const PhysAddr end = address + size;
  for (const Claim& other : claims_) {
    if (other.owner != owner && address < other.end && other.begin < end)
      config_error("{}: {:#x}..{:#x} overlaps {:#x}..{:#x} of {}", owner, address.value(),
                   end.value() - 1, other.begin.value(), other.end.value() - 1, other.owner);
  }
  claims_.push_back({owner, address, end});
}

void Layout::place(const std::string& owner, PhysAddr address, std::span<const u8> bytes) {
  if (bytes.empty()) return;
  claim(owner, address, bytes.size());
  ORRERY_CHECK(memory_.write_bytes(address, bytes), "{}", owner);
}

std::optional<PhysAddr> Layout::find_high(u64 size, u64 alignment) const {
  constexpr u64 low_memory = u64{1} << 30;
  const u64 base = ram_.base().value();
  for (const u64 reach : {std::min(low_memory, ram_.size()), ram_.size()}) {
    u64 end = base + reach;
    while (size <= end && end - size >= base) {
      const u64 begin = align_down(end - size, alignment);
      if (begin < base) break;
      const auto hit = std::find_if(claims_.begin(), claims_.end(), [&](const Claim& claim) {
        return begin < claim.end.value() && claim.begin.value() < begin + size;
      });
      if (hit == claims_.end()) return PhysAddr{begin};
      end = hit->begin.value();
    }
  }
  return std::nullopt;
}

}  // namespace orrery
