// The instruction table and a decoded instruction.
//
// Rows stand in the .def files of this folder, one row an instruction: name, encoding, form (which
// operand fields, immediate shape and assembly syntax), timing class and meaning. Decoder,
// disassembler, every CPU model, footprint and tests derive from them. Macros of a row:
//   INSN(name, encoding, form, class, meaning)            of the file's own extension
//   INSN_OF(extension, name, ...)                         of the extension named
//   HELPER / HELPER_OF(..., function)                     meaning is helpers::function
//   EXPANDS(name, encoding, row, rd, rs1, rs2, imm)       compressed: another row with operands
#pragma once

#include <array>
#include <string_view>

#include "base/types.h"
#include "cpu/isa/extensions.h"

namespace orrery {

enum class OpClass : u8 {
  IntAlu, IntMul, IntDiv, Load, Store, Atomic, Branch, Jump, Fence, Csr, System,
  FpAdd, FpMul, FpFma, FpDiv, FpSqrt, FpMove, FpCompare, FpConvert,
};
inline constexpr unsigned op_class_count = static_cast<unsigned>(OpClass::FpConvert) + 1;
std::string_view op_class_name(OpClass c);

enum class Form : u8 {
  R, I, Load, S, B, U, J, Jalr, Shamt6, Shamt5, Unary, Fence, None, NoOperands, Imm, Csr, CsrImm,
  Lr, Amo, SfenceVma, Cbo, Prefetch,
  FLoad, FStore, R4, FRrm, FR, FUnaryRm, FCompare, FToX, FToXrm, XToF, XToFrm, Illegal,
};

// One enumerator a row. RowId::illegal stands for every encoding without one.
enum class RowId : u16 {
#define INSN_OF(ext, name, ...) name,
#define HELPER_OF(ext, name, ...) name,
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
  count,
};

struct RowInfo {
  std::string_view name;  // mnemonic as assembled: "amoadd.w"
  u32 mask = 0;
  u32 match = 0;
  Form form = Form::Illegal;
  OpClass op_class = OpClass::System;
  Extension extension = Extension::I;
  u8 access_size = 0;     // bytes that a load, store or atomic accesses; 0 for others
};

const RowInfo& row_info(RowId row);

inline constexpr u8 zero_sink = 32;  // destination index that stands for x0

inline constexpr u8 fp_base = 32;     // number of f0 in a footprint
inline constexpr u8 no_dest = 64;

inline constexpr u32 cache_block_bytes = 64;  // that a cache-block instruction works on

// What an instruction's timing is about, whatever its operands hold: derived from its row and its
// fields. Eight bytes, which are handed on as one.
struct Footprint {
  enum class Flow : u8 { Sequential, Conditional, Direct, Indirect };
  enum class Memory : u8 { None, Load, Store, Atomic, Device };

  OpClass op_class = OpClass::IntAlu;
  u8 length = 4;  // bytes: 2 or 4
  u8 size = 0;    // bytes that it accesses
  // The registers it reads and writes, x0..x31 as 0..31 and f0..f31 as 32..63. 0 in `source` is none
  // (x0 is always ready), no_dest in `dest` is none.
  std::array<u8, 3> source{};
  u8 dest = no_dest;
  Flow flow : 2 = Flow::Sequential;
  Memory memory : 3 = Memory::None;  // a device when the access turns out to go to one
  bool is_call : 1 = false;          // the hints of I, 2.5.1
  bool is_return : 1 = false;
  bool acquire : 1 = false;          // an atomic that is ahead of what follows it (A, 13.1)
};
static_assert(sizeof(Footprint) == 8);

// A decoded instruction. Fields that its form does not use are 0.
struct Op : Footprint {
  RowId row = RowId::illegal;
  u8 rd = zero_sink;  // x0 as an integer destination is zero_sink
  u8 rs1 = 0;
  u8 rs2 = 0;
  u8 rs3 = 0;
  u8 rm = 0;          // rounding mode field
  i32 imm = 0;        // immediate; CSR number; zimm is in rs1; illegal: the bits
};

inline bool ends_block(OpClass c) {
  return c == OpClass::Jump || c == OpClass::System;
}

// The decoder of one set of extensions.
class Decoder {
 public:
  explicit Decoder(ExtensionSet extensions) : extensions_(extensions) {}
  // `bits`: the instruction's bytes, little-endian; the upper half is ignored for 16-bit ones.
  Op decode(u32 bits) const;
  const ExtensionSet& extensions() const { return extensions_; }

 private:
  ExtensionSet extensions_;
};

inline bool is_compressed(u32 bits) { return (bits & 3) != 3; }

}  // namespace orrery
