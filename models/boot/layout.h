// Who occupies which bytes of RAM before the guest starts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "memory/address_space.h"
#include "memory/ram.h"

namespace orrery {

class Layout {
 public:
  // `ram` is part of `memory` and holds zeros.
  Layout(AddressSpace& memory, Ram& ram) : memory_(memory), ram_(ram) {}

  // Takes bytes for `owner` ("machine.boot.kernel: vmlinux"). ConfigError when they do not lie in
  // RAM or another owner has some of them; an owner may take bytes twice.
  void claim(const std::string& owner, PhysAddr address, u64 size);

  // Claims and fills.
  void place(const std::string& owner, PhysAddr address, std::span<const u8> bytes);

  // The highest free place in the first GiB of RAM, else in all of RAM: there even a kernel that
  // maps little memory sees it. `alignment` is a power of two.
  std::optional<PhysAddr> find_high(u64 size, u64 alignment) const;

  bool in_ram(PhysAddr address, u64 size) const { return ram_.contains(address, size); }

  PhysAddr ram_base() const { return ram_.base(); }
  u64 ram_size() const { return ram_.size(); }

 private:
  struct Claim {
    std::string owner;
    PhysAddr begin;
    PhysAddr end;
  };

  AddressSpace& memory_;
  Ram& ram_;
  std::vector<Claim> claims_;
};

}  // namespace orrery
