// ELF64 programs for RISC-V: what to put where, where to start, and the names.
//
// The bytes are foreign: whatever they say, parse_elf() returns a consistent ElfFile or throws a
// ConfigError with one sentence that begins with `name`. Not read: relocations (programs that need
// them apply them themselves), thread-local storage, debug information.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "models/boot/symbols.h"

namespace orrery {

struct ElfSegment {
  PhysAddr physical;
  VirtAddr virtual_address;
  u64 offset = 0;       // of its bytes in the file, which holds them all
  u64 file_size = 0;
  u64 memory_size = 0;  // at least file_size; the rest is zero; no address overflows
  bool executable = false;
};

struct ElfFile {
  u64 entry = 0;  // as the file says; see physical()
  std::vector<ElfSegment> segments;  // at least one, none empty
  SymbolTable symbols;

  // Where the byte that the program sees at `address` is loaded. Physical addresses of segments are
  // taken before virtual ones: most bare-metal programs run where they are loaded.
  std::optional<PhysAddr> physical(u64 address) const;

  PhysAddr lowest() const;  // physical address of the first byte
};

bool is_elf(std::span<const u8> bytes);
ElfFile parse_elf(const std::string& name, std::span<const u8> bytes);

}  // namespace orrery
