// Instructions as assembly text, from the same rows as everything else.
#pragma once

#include <string>

#include "cpu/isa/op.h"

namespace orrery {

// "addi a0,a1,16", "beq a0,zero,80000010": branch and jump targets as absolute addresses, a
// compressed instruction as the one it stands for, an unknown one as ".word 0x...". `bits`: the
// instruction's bytes, `pc` its address.
std::string disassemble(u32 bits, u64 pc, const ExtensionSet& extensions);

std::string_view x_name(u8 number);  // "a0"
std::string_view f_name(u8 number);  // "fa0"

}  // namespace orrery
