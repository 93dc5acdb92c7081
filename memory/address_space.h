// The physical address space of a machine: which RAM or device answers at which address.
//
// Functional only: values, no time. Everything that writes memory other than through a hart's own
// store path (DMA, the loader, a debugger) writes through here, so that decoded code and cached
// translations never go stale.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "memory/bus.h"
#include "memory/ram.h"

namespace orrery {

class AddressSpace {
 public:
  struct Region {
    PhysAddr base;
    u64 size;
    Ram* ram;           // exactly one of ram and target is set
    BusTarget* target;
    std::string name;   // component path, for messages
  };

  // Regions may not overlap: ConfigError naming both.
  void add_ram(Ram& ram);
  void add_target(BusTarget& target, PhysAddr base, u64 size, std::string name);

  // The region that holds all `size` bytes at `address`; null when none does.
  const Region* find(PhysAddr address, u64 size) const;  // linear: a machine has few

  // RAM at `address`, null when it is not all in one RAM.
  Ram* ram_at(PhysAddr address, u64 size) const {
    for (Ram* ram : rams_)
      if (ram->contains(address, size)) return ram;
    return nullptr;
  }

  // One access of a device (or RAM), as a hart makes it. False: bus error.
  bool read(PhysAddr address, unsigned size, u64& value, Tick now) const;
  bool write(PhysAddr address, unsigned size, u64 value, Tick now) const;

  // Bytes of RAM, for loaders, DMA and debuggers. False (and nothing done) if not all RAM.
  bool read_bytes(PhysAddr address, std::span<u8> out) const;
  bool write_bytes(PhysAddr address, std::span<const u8> in) const;

  const std::vector<Region>& regions() const { return regions_; }  // by ascending base
  const std::vector<Ram*>& rams() const { return rams_; }

 private:
  void add(Region region);
  std::vector<Region> regions_;
  std::vector<Ram*> rams_;
};

}  // namespace orrery
