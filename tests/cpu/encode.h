// An assembler for tests, derived from the instruction table: a row's match value plus the operand
// fields that its form names.
#pragma once

#include "base/random.h"
#include "cpu/isa/form.h"
#include "cpu/isa/op.h"

namespace orrery {

struct Operands {
  u8 rd = 0;
  u8 rs1 = 0;
  u8 rs2 = 0;
  u8 rs3 = 0;
  u8 rm = 0;    // rounding mode; aq and rl
  i32 imm = 0;  // as Op::imm; CSR number
};

// The bits of `value` from `low` on, moved to bit `at` of an instruction.
constexpr u32 place(i32 value, unsigned low, unsigned width, unsigned at) {
  return (static_cast<u32>(value) >> low & ((u32{1} << width) - 1)) << at;
}

inline u32 encode(RowId row, const Operands& o) {
  u32 i = row_info(row).match;
  for (const char letter : form_syntax(row_info(row).form)) {
    switch (letter) {
      case 'd': case 'D': i |= u32{o.rd} << 7; break;
      case 's': case 'S': case 'Z': i |= u32{o.rs1} << 15; break;
      case 't': case 'T': i |= u32{o.rs2} << 20; break;
      case 'R': i |= u32{o.rs3} << 27; break;
      case 'm': i |= u32{o.rm} << 12; break;
      case 'A': i |= u32{o.rm} << 25; break;
      case 'j': case 'o': case 'E': case 'P': i |= place(o.imm, 0, 12, 20); break;
      case 'q': i |= place(o.imm, 5, 7, 25) | place(o.imm, 0, 5, 7); break;
      case 'f': i |= place(o.imm, 5, 7, 25); break;
      case 'p':
        i |= place(o.imm, 12, 1, 31) | place(o.imm, 5, 6, 25) | place(o.imm, 1, 4, 8) |
             place(o.imm, 11, 1, 7);
        break;
      case 'u': i |= static_cast<u32>(o.imm) & 0xfffff000; break;
      case 'a':
        i |= place(o.imm, 20, 1, 31) | place(o.imm, 1, 10, 21) | place(o.imm, 11, 1, 20) |
             place(o.imm, 12, 8, 12);
        break;
      case '>': i |= place(o.imm, 0, 6, 20); break;
      case '<': i |= place(o.imm, 0, 5, 20); break;
      default: break;
    }
  }
  return i;
}

// Operands that the row's form has a field for, random; the others 0.
inline Operands random_operands(RowId row, Random& random) {
  Operands o;
  const auto reg = [&] { return static_cast<u8>(random.below(32)); };
  const auto number = [&](unsigned bits) {  // sign-extended
    return static_cast<i32>(static_cast<i64>(random.next()) >> (64 - bits));
  };
  for (const char letter : form_syntax(row_info(row).form)) {
    switch (letter) {
      case 'd': case 'D': o.rd = reg(); break;
      case 's': case 'S': case 'Z': o.rs1 = reg(); break;
      case 't': case 'T': o.rs2 = reg(); break;
      case 'R': o.rs3 = reg(); break;
      case 'm': o.rm = static_cast<u8>(random.below(8)); break;
      case 'A': o.rm = static_cast<u8>(random.below(4)); break;
      case 'j': case 'o': case 'q': o.imm = number(12); break;
      case 'f': o.imm = number(12) & ~31; break;
      case 'p': o.imm = number(13) & ~1; break;
      case 'u': o.imm = number(32) & ~0xfff; break;
      case 'a': o.imm = number(21) & ~1; break;
      case '>': o.imm = static_cast<i32>(random.below(64)); break;
      case '<': o.imm = static_cast<i32>(random.below(32)); break;
      case 'E': case 'P': o.imm = static_cast<i32>(random.below(4096)); break;
      default: break;
    }
  }
  return o;
}

inline RowId row_at(std::size_t index) { return static_cast<RowId>(index); }
inline constexpr std::size_t row_count = static_cast<std::size_t>(RowId::count);

}  // namespace orrery
