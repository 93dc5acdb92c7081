// Looking at a guest from outside, without any effect on it: instructions, words and names.
#pragma once

#include <optional>
#include <string>

#include "cpu/arch/hart.h"
#include "models/boot/symbols.h"

namespace orrery {

// "U", "S" or "M".
const char* privilege_name(Privilege privilege);

// The aligned double word at a virtual address, as the hart sees it now.
std::optional<u64> word_at(const Hart& hart, u64 address);

// "ffffffff80001234 schedule+0x12", or the bare address.
std::string describe_address(const SymbolTable& symbols, u64 address);

// "00c58593  addi a1,a1,12" for what stands at `pc`; nothing where nothing can be fetched.
struct GuestInstruction {
  u32 bits;
  unsigned size;  // bytes
  std::string text;
};
std::optional<GuestInstruction> instruction_at(const Hart& hart, u64 pc);

// Names from an ELF file or a System.map (address, letter, name in a line; kernels provide one).
SymbolTable read_symbols(const std::string& file);
// The same, without names when the file is not there or has none.
SymbolTable symbols_if_readable(const std::string& file);

}  // namespace orrery
