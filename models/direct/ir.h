// The intermediate representation of one guest block: what its instructions do, as trees.
//
// Nodes stand in execution order. A value node is used by at most one node, a later one of the same
// guest instruction; the roots are those with an effect (SetX, Store, Branch, ...). Builder: ir_builder.h;
// passes: passes.h; code: emitter.h.
//
//   guest                  IR
//   addi a0, a0, 8         v0 = GetX 10; v1 = Const 8; v2 = add v0 v1; SetX 10 v2
//   beq  a0, a1, +12       v4 = GetX 10; v5 = GetX 11; v6 = seq v4 v5; Branch v6 true, page offset
//
// A guest instruction of which a path is too rare or too irregular for host code is executed by the
// interpreter's handler of its row: as a whole (Interpret), or from within (a load that misses).
// So registers must be as the guest has them at every node of which is_observer() holds.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace orrery::direct {

// Pure operations have the names and meanings of cpu/isa/ops.h; the others:
//   Const imm            Pc imm: virtual address of the block's page + imm
//   GetX reg             SetX reg a
//   Load a: address      Store a: address, b: value      size, is_signed
//   Amo a: address, b: operand; imm: the AmoOp; its value is what was in memory      size
//   LoadReserved a: address      StoreConditional a: address, b: value      size
//   Csr imm: number of a register that is storage (csr_storage()); its value is the old one
//       a: the new one, or none
//   Status imm: StatusChange; a: the bits that change, or none; its value is the old sstatus
//   Branch a: condition, wanted (is_signed), imm: page offset of the target
//   Jump a: target, reg: link register
//   Goto imm: page offset of the target, reg: link register
//   Skip a: condition, wanted (is_signed), imm: how many of the following instructions are skipped
//   SelectX reg a: condition, b: value; reg stays when the condition is as wanted (is_signed), and
//           the imm instructions that computed the value are not counted
//   Interpret
// Floating point: reg is an f register; size 4 or 8 is the format.
//   GetF reg             SetF reg a, any_nan         GetRawF reg (64 bits as an integer)
//   LoadF a, reg         StoreF a, reg
// What rounds has its mode in rm.
#define ORRERY_IR_FLOAT(op)                                                                    \
  op(fadd) op(fsub) op(fmul) op(fdiv) op(fsqrt) op(fma) op(fmin) op(fmax) op(feq) op(flt)      \
  op(fle) op(fneg) op(fsgnj) op(fsgnjn) op(fsgnjx) op(fclass) op(f_to_i32) op(f_to_u32)        \
  op(f_to_i64) op(f_to_u64) op(i32_to_f) op(i64_to_f) op(u64_to_f) op(narrow) op(widen)        \
  op(bits_to_f)

enum class IrOp : u8 {
  Const, Pc, GetX, SetX, Load, Store, Branch, Jump, Goto, Skip, SelectX, Interpret,
  GetF, SetF, GetRawF, LoadF, StoreF, Amo, LoadReserved, StoreConditional, Csr, Status,
#define PURE1(name) name,
#define PURE2(name) name,
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2
  add, sub, and_, or_, xor_,
#define ORRERY_IR_NAME(name) name,
  ORRERY_IR_FLOAT(ORRERY_IR_NAME)
#undef ORRERY_IR_NAME
};

enum class StatusChange : u8 { None, Set, Clear };  // of sstatus.SIE

inline constexpr u8 dynamic_rounding = 7;  // as frm says (I, 20.2)

using Ref = u16;  // index of a node
inline constexpr Ref no_ref = 0xffff;

struct Node {
  IrOp op;
  u8 reg = 0;
  u8 size = 0;             // bytes in memory, or of a floating-point format
  bool is_signed = false;  // a load's extension; a branch: goes when the condition is this
  bool dead = false;       // removed by a pass
  u8 rm = dynamic_rounding;
  bool any_nan = false;    // SetF: a NaN need not be the canonical one
  u16 guest = 0;           // index of its instruction in the block
  Ref a = no_ref, b = no_ref, c = no_ref;
  i64 imm = 0;
  u16 link = 0;  // a jump: page offset of the instruction that follows
};

struct Ir {
  std::vector<Node> nodes;
  Node& operator[](Ref r) { return nodes[r]; }
  const Node& operator[](Ref r) const { return nodes[r]; }
};

bool is_unary(IrOp op);
bool is_binary(IrOp op);
// Values without effect, which nobody misses when they are not used.
inline bool is_float(IrOp op) { return op == IrOp::LoadF || op == IrOp::StoreF || op == IrOp::SetF; }  // a root
bool is_value(IrOp op);
// Control may leave here, or the interpreter's handlers look at the registers.
bool is_observer(const Node& node);
// The same of any node of a tree: it must be evaluated even when its value is not needed.
bool has_observer(const Ir& ir, Ref root);

// What a pure integer operation gives for constants (cpu/isa/ops.h).
u64 evaluate(IrOp op, u64 a, u64 b);

// A line a root, for --trace host-code and the tests: "SetX a0 = (a0 + 8)".
std::string text(const Ir& ir, Ref root);

}  // namespace orrery::direct
