#include "models/direct/ir.h"

#include <fmt/format.h>

#include "cpu/exec/evaluator.h"
#include "cpu/isa/csr_name.h"
#include "cpu/isa/ops.h"

namespace orrery::direct {
namespace {

const char* name(IrOp op) {
  switch (op) {
#define ORRERY_IR_CASE(n) case IrOp::n: return #n;
    ORRERY_IR_CASE(add) ORRERY_IR_CASE(sub) ORRERY_IR_CASE(and_) ORRERY_IR_CASE(or_)
    ORRERY_IR_CASE(xor_) ORRERY_IR_FLOAT(ORRERY_IR_CASE)
    ORRERY_IR_CASE(Const) ORRERY_IR_CASE(Pc) ORRERY_IR_CASE(GetX) ORRERY_IR_CASE(SetX)
    ORRERY_IR_CASE(Load) ORRERY_IR_CASE(Store) ORRERY_IR_CASE(Branch) ORRERY_IR_CASE(Jump)
    ORRERY_IR_CASE(Goto) ORRERY_IR_CASE(Skip) ORRERY_IR_CASE(SelectX) ORRERY_IR_CASE(Interpret) ORRERY_IR_CASE(GetF) ORRERY_IR_CASE(SetF)
    ORRERY_IR_CASE(GetRawF) ORRERY_IR_CASE(LoadF) ORRERY_IR_CASE(StoreF)
    ORRERY_IR_CASE(Amo) ORRERY_IR_CASE(LoadReserved) ORRERY_IR_CASE(StoreConditional) ORRERY_IR_CASE(Csr)
    ORRERY_IR_CASE(Status)
#undef ORRERY_IR_CASE
#define PURE1(n) case IrOp::n: return #n;
#define PURE2(n) case IrOp::n: return #n;
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2
  }
  return "?";
}

const char* amo_name(AmoOp op) {
  static constexpr const char* names[] = {"swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu"};
  return names[static_cast<int>(op)];
}

}  // namespace

bool is_unary(IrOp op) {
  switch (op) {
#define PURE1(n) case IrOp::n:
#define PURE2(n)
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2
    return true;
    default: return false;
  }
}

bool is_binary(IrOp op) { return op >= IrOp::sext32 && op <= IrOp::xor_ && !is_unary(op); }

bool is_value(IrOp op) {
  return op == IrOp::Const || op == IrOp::Pc || op == IrOp::GetX || op == IrOp::GetF ||
         op == IrOp::GetRawF || is_unary(op) || is_binary(op);
}

bool is_observer(const Node& node) {
  switch (node.op) {
    case IrOp::Load:
    case IrOp::Store:
    case IrOp::LoadF:
    case IrOp::StoreF:
    case IrOp::Amo:
    case IrOp::LoadReserved:
    case IrOp::StoreConditional:
    case IrOp::Csr:
    case IrOp::Status:
    case IrOp::Branch:
    case IrOp::Jump:
    case IrOp::Goto:
    case IrOp::Skip:
    case IrOp::Interpret:
    // Operands for which the host's instruction traps.
    case IrOp::div:
    case IrOp::divu:
    case IrOp::rem:
    case IrOp::remu:
    case IrOp::divw:
    case IrOp::divuw:
    case IrOp::remw:
    case IrOp::remuw:
      return true;
    default:  // floating point may meet a NaN, or may be off
      return node.op == IrOp::SetF || node.op == IrOp::GetF || node.op == IrOp::GetRawF ||
             node.op >= IrOp::fadd;
  }
}

bool has_observer(const Ir& ir, Ref root) {
  if (root == no_ref) return false;
  const Node& n = ir[root];
  return is_observer(n) || has_observer(ir, n.a) || has_observer(ir, n.b) || has_observer(ir, n.c);
}

u64 evaluate(IrOp op, u64 a, u64 b) {
  switch (op) {
#define PURE1(n) case IrOp::n: return ops::n(a);
#define PURE2(n) case IrOp::n: return ops::n(a, b);
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2
    case IrOp::add: return a + b;
    case IrOp::sub: return a - b;
    case IrOp::and_: return a & b;
    case IrOp::or_: return a | b;
    case IrOp::xor_: return a ^ b;
    default: return 0;
  }
}

std::string text(const Ir& ir, Ref root) {
  const Node& n = ir[root];
  const auto sub = [&](Ref r) { return r == no_ref ? std::string() : text(ir, r); };
  switch (n.op) {
    case IrOp::Const: return fmt::format("{:#x}", n.imm);
    case IrOp::Pc: return fmt::format("page+{:#x}", n.imm);
    case IrOp::GetX: return fmt::format("x{}", n.reg);
    case IrOp::GetF: return fmt::format("f{}.{}", n.reg, n.size);
    case IrOp::GetRawF: return fmt::format("f{}", n.reg);
    case IrOp::SetX: return fmt::format("x{} = {}", n.reg, sub(n.a));
    case IrOp::SetF: return fmt::format("f{}.{} = {}{}", n.reg, n.size, sub(n.a), n.any_nan ? ", any NaN" : "");
    case IrOp::Load: return fmt::format("load{}{}[{}]", n.size, n.is_signed ? "s" : "", sub(n.a));
    case IrOp::Store: return fmt::format("store{}[{}] = {}", n.size, sub(n.a), sub(n.b));
    case IrOp::Amo:
      return fmt::format("amo{}{}[{}, {}]", amo_name(static_cast<AmoOp>(n.imm)), n.size, sub(n.a), sub(n.b));
    case IrOp::LoadReserved: return fmt::format("lr{}[{}]", n.size, sub(n.a));
    case IrOp::StoreConditional: return fmt::format("sc{}[{}] = {}", n.size, sub(n.a), sub(n.b));
    case IrOp::Csr:
      return n.a == no_ref ? std::string(csr_name(static_cast<u32>(n.imm)))
                           : fmt::format("({} = {})", csr_name(static_cast<u32>(n.imm)), sub(n.a));
    case IrOp::Status:
      if (n.a == no_ref) return "sstatus";
      return fmt::format("(sstatus {} {})", n.imm == static_cast<i64>(StatusChange::Set) ? "|=" : "&~=", sub(n.a));
    case IrOp::LoadF: return fmt::format("f{}.{} = load[{}]", n.reg, n.size, sub(n.a));
    case IrOp::StoreF: return fmt::format("store{}[{}] = f{}", n.size, sub(n.a), n.reg);
    case IrOp::Branch:
      return fmt::format("branch {}{} page+{:#x}", n.is_signed ? "" : "not ", sub(n.a), n.imm);
    case IrOp::Jump: return fmt::format("jump {} link x{}", sub(n.a), n.reg);
    case IrOp::Goto: return fmt::format("goto page+{:#x} link x{}", n.imm, n.reg);
    case IrOp::Skip: return fmt::format("skip {} if {}{}", n.imm, n.is_signed ? "" : "not ", sub(n.a));
    case IrOp::SelectX:
      return fmt::format("x{} = {} unless {}{}", n.reg, sub(n.b), n.is_signed ? "" : "not ", sub(n.a));
    case IrOp::Interpret: return "interpret";
    default: break;
  }
  std::string result = fmt::format("{}({}", name(n.op), sub(n.a));
  if (n.b != no_ref) result += ", " + sub(n.b);
  if (n.c != no_ref) result += ", " + sub(n.c);
  return result + ")";
}

}  // namespace orrery::direct
