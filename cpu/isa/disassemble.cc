#include "cpu/isa/disassemble.h"

#include <fmt/format.h>

#include <array>

#include "cpu/isa/csr_name.h"
#include "cpu/isa/form.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 33> x_names = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", "zero"};
constexpr std::array<std::string_view, 32> f_names = {
    "ft0", "ft1", "ft2",  "ft3",  "ft4", "ft5", "ft6",  "ft7",  "fs0",  "fs1", "fa0",
    "fa1", "fa2", "fa3",  "fa4",  "fa5", "fa6", "fa7",  "fs2",  "fs3",  "fs4", "fs5",
    "fs6", "fs7", "fs8",  "fs9",  "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};
constexpr std::array<std::string_view, 8> rounding_names = {"rne", "rtz", "rdn", "rup",
                                                            "rmm", "unknown", "unknown", "dyn"};

std::string fence_set(u32 bits) {
  std::string text;
  for (unsigned i = 0; i < 4; ++i)
    if (bits >> (3 - i) & 1) text += "iorw"[i];
  return text.empty() ? "0" : text;
}

std::string operand(char letter, const Op& op, u64 pc) {
  switch (letter) {
    case 'd': return std::string(x_names[op.rd]);
    case 'D': return std::string(f_names[op.rd]);
    case 's': return std::string(x_names[op.rs1]);
    case 'S': return std::string(f_names[op.rs1]);
    case 't': return std::string(x_names[op.rs2]);
    case 'T': return std::string(f_names[op.rs2]);
    case 'R': return std::string(f_names[op.rs3]);
    case 'j': case 'o': case 'q': case 'f': case '<': return fmt::format("{}", op.imm);
    case '>': return fmt::format("{}", op.imm);
    case 'u': return fmt::format("{:#x}", static_cast<u32>(op.imm) >> 12);
    case 'p': case 'a': return fmt::format("{:x}", pc + static_cast<u64>(i64{op.imm}));
    case 'Z': return fmt::format("{}", op.rs1);
    case 'E': {
      const auto name = csr_name(static_cast<u32>(op.imm));
      return name.empty() ? fmt::format("{:#x}", op.imm) : std::string(name);
    }
    case 'P': {
      const u32 sets = static_cast<u32>(op.imm);
      return fence_set(sets >> 4 & 15) + "," + fence_set(sets & 15);
    }
    case 'm': return op.rm == 7 ? "" : fmt::format(",{}", rounding_names[op.rm]);
    case 'A': return "";  // aq and rl are part of the mnemonic
    default: return std::string(1, letter);
  }
}

}  // namespace

std::string_view x_name(u8 number) { return x_names.at(number); }
std::string_view f_name(u8 number) { return f_names.at(number); }

std::string disassemble(u32 bits, u64 pc, const ExtensionSet& extensions) {
  const Op op = Decoder(extensions).decode(bits);
  if (op.row == RowId::illegal)
    return op.length == 2 ? fmt::format(".half {:#06x}", bits & 0xffff) : fmt::format(".word {:#010x}", bits);
  const RowInfo& row = row_info(op.row);
  std::string text(row.name);
  const std::string_view syntax = form_syntax(row.form);
  if (syntax.starts_with('A')) text += op.rm == 3 ? ".aqrl" : op.rm == 2 ? ".aq" : op.rm == 1 ? ".rl" : "";
  // A tail of "m" is the rounding mode, shown where it is not the dynamic one.
  std::string operands;
  for (const char letter : syntax) operands += operand(letter, op, pc);
  return operands.empty() ? text : text + " " + operands;
}

}  // namespace orrery
