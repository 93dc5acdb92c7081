// Which instruction-set extensions a hart has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace orrery {

enum class Extension : u8 {
#define EXT(name, text, letter) name,
#include "cpu/isa/extensions.def"
#undef EXT
};

class ExtensionSet {
 public:
  constexpr bool has(Extension e) const { return mask_ >> static_cast<unsigned>(e) & 1; }
  constexpr void add(Extension e) { mask_ |= u64{1} << static_cast<unsigned>(e); }
  constexpr bool operator==(const ExtensionSet&) const = default;

  // Reads an ISA string such as "rv64gc_zba_zbb" ("g" stands for imafd_zicsr_zifencei). Returns a
  // message about what is wrong, empty when nothing is.
  static std::string parse(std::string_view isa, ExtensionSet& result);

  // "rv64imafdc_zicbom_...", in canonical order; s and u are left out as the device tree wants it.
  std::string isa_string() const;
  // Each extension by name ("i", "m", "zicsr"), as riscv,isa-extensions lists them.
  std::vector<std::string> names() const;
  // The misa register: MXL = 2 (64 bits) and the letters (II, 3.1.1).
  u64 misa() const;

 private:
  u64 mask_ = 0;
};

}  // namespace orrery
