#include "memory/address_space.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace orrery {

void AddressSpace::add(Region region) {
  for (const Region& other : regions_) {
    if (region.base < other.base + other.size && other.base < region.base + region.size)
      config_error("{} at {:#x}..{:#x} overlaps {} at {:#x}..{:#x}", region.name,
                   region.base.value(), (region.base + region.size).value() - 1, other.name,
                   other.base.value(), (other.base + other.size).value() - 1);
  }
  const auto at = std::lower_bound(
      regions_.begin(), regions_.end(), region,
      [](const Region& a, const Region& b) { return a.base < b.base; });
  regions_.insert(at, std::move(region));
}

void AddressSpace::add_ram(Ram& ram) {
  add({ram.base(), ram.size(), &ram, nullptr, ram.path()});
  rams_.push_back(&ram);
}

void AddressSpace::add_target(BusTarget& target, PhysAddr base, u64 size, std::string name) {
  add({base, size, nullptr, &target, std::move(name)});
}

const AddressSpace::Region* AddressSpace::find(PhysAddr address, u64 size) const {
  for (const Region& region : regions_) {
    const u64 offset = address.value() - region.base.value();
    if (offset < region.size) return size <= region.size - offset ? &region : nullptr;
  }
  return nullptr;
}

bool AddressSpace::read(PhysAddr address, unsigned size, u64& value, Tick now) const {
  const Region* region = find(address, size);
  if (!region) return false;
  if (region->target) return region->target->read(address - region->base, size, value, now);
  value = 0;
  std::memcpy(&value, region->ram->host(address), size);
  return true;
}

bool AddressSpace::write(PhysAddr address, unsigned size, u64 value, Tick now) const {
  const Region* region = find(address, size);
  if (!region) return false;
  if (region->target) return region->target->write(address - region->base, size, value, now);
  region->ram->before_write(address, size);
  std::memcpy(region->ram->host(address), &value, size);
  return true;
}

bool AddressSpace::read_bytes(PhysAddr address, std::span<u8> out) const {
  const Ram* ram = ram_at(address, out.size());
  if (!ram) return false;
  if (!out.empty()) std::memcpy(out.data(), ram->host(address), out.size());
  return true;
}

bool AddressSpace::write_bytes(PhysAddr address, std::span<const u8> in) const {
  Ram* ram = ram_at(address, in.size());
  if (!ram) return false;
  ram->before_write(address, in.size());
  if (!in.empty()) std::memcpy(ram->host(address), in.data(), in.size());
  return true;
}

}  // namespace orrery
