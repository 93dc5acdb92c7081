#include "models/direct/passes.h"

#include <array>
#include <bitset>

#include "cpu/isa/op.h"

namespace orrery::direct {
namespace {

bool is_constant(const Ir& ir, Ref r) { return r != no_ref && ir[r].op == IrOp::Const; }

void make(Node& n, IrOp op, i64 imm) {
  n.op = op;
  n.imm = imm;
  n.a = n.b = n.c = no_ref;
}

// `n` computes what `value`, which nobody else uses, computes. An operand that is used twice then is
// none with an effect.
void replace(Node& n, const Node& value) {
  if (!is_value(value.op) || is_observer(value)) return;
  const u16 guest = n.guest;
  n = value;
  n.guest = guest;
}

void fold(Ir& ir, Node& n) {
  if (is_unary(n.op) && is_constant(ir, n.a)) {
    return make(n, IrOp::Const, static_cast<i64>(evaluate(n.op, static_cast<u64>(ir[n.a].imm), 0)));
  }
  if (!is_binary(n.op)) return;
  const Node& a = ir[n.a];
  const Node& b = ir[n.b];
  if (a.op == IrOp::Const && b.op == IrOp::Const) {
    return make(n, IrOp::Const,
                static_cast<i64>(evaluate(n.op, static_cast<u64>(a.imm), static_cast<u64>(b.imm))));
  }
  if (a.op == IrOp::Pc && b.op == IrOp::Const && (n.op == IrOp::add || n.op == IrOp::sub)) {
    const i64 offset = static_cast<i64>(evaluate(n.op, static_cast<u64>(a.imm), static_cast<u64>(b.imm)));
    // The emitter adds a displacement of 32 bits to the page's address.
    if (offset == static_cast<i32>(offset)) make(n, IrOp::Pc, offset);
    return;
  }
  // x + 0 and the like: a move.
  const bool zero_right = b.op == IrOp::Const && b.imm == 0;
  const bool zero_left = a.op == IrOp::Const && a.imm == 0;
  switch (n.op) {
    case IrOp::add:
    case IrOp::or_:
    case IrOp::xor_:
      if (zero_left) return replace(n, b);
      [[fallthrough]];
    case IrOp::sub:
    case IrOp::sll:
    case IrOp::srl:
    case IrOp::sra:
      if (zero_right) return replace(n, a);
      break;
    default: break;
  }
  if (b.op == IrOp::Const && b.imm == -2 && n.op == IrOp::and_ && a.op == IrOp::Pc) {
    return make(n, IrOp::Pc, a.imm & -2);  // a page begins at an even address
  }
}

// Whose result is the canonical NaN when an operand is a NaN, whichever.
bool is_arithmetic(IrOp op) {
  return op == IrOp::fadd || op == IrOp::fsub || op == IrOp::fmul || op == IrOp::fdiv || op == IrOp::fsqrt ||
         op == IrOp::fma;
}

// An f register that is read in another format shows more than a NaN.
bool reads_otherwise(const Ir& ir, Ref r, u8 reg, u8 size) {
  if (r == no_ref) return false;
  const Node& n = ir[r];
  if (n.op == IrOp::GetF) return n.reg == reg && n.size != size;
  return reads_otherwise(ir, n.a, reg, size) || reads_otherwise(ir, n.b, reg, size) ||
         reads_otherwise(ir, n.c, reg, size);
}

// Whether arithmetic overwrites what the node `i` sets before anything else can look at it.
bool is_soon_overwritten(const Ir& ir, std::size_t i) {
  const Node& set = ir.nodes[i];
  for (std::size_t j = i + 1; j < ir.nodes.size(); ++j) {
    const Node& n = ir.nodes[j];
    if (n.dead || is_value(n.op) || n.op >= IrOp::fadd) continue;  // the last: of a tree that a root ends
    if (n.op == IrOp::SetX && !has_observer(ir, n.a)) continue;
    if (n.op != IrOp::SetF || !is_arithmetic(ir[n.a].op) || reads_otherwise(ir, n.a, set.reg, set.size)) return false;
    if (n.reg == set.reg) return n.size == set.size;
  }
  return false;
}

}  // namespace

// The instructions behind a Skip write one register, in steps: these are composed to one tree.
void select_skipped(Ir& ir) {
  for (std::size_t i = 0; i < ir.nodes.size(); ++i) {
    if (ir.nodes[i].op != IrOp::Skip) continue;
    const Node skip = ir.nodes[i];
    Ref value = no_ref;  // of the register so far
    Ref last = no_ref;   // where it was written
    std::size_t j = i + 1;
    for (; j < ir.nodes.size() && ir.nodes[j].guest <= skip.guest + skip.imm; ++j) {
      Node& n = ir.nodes[j];
      for (Ref* operand : {&n.a, &n.b})
        if (*operand != no_ref && last != no_ref && ir[*operand].op == IrOp::GetX &&
            ir[*operand].reg == ir[last].reg && *operand > last)
          *operand = value;
      if (n.op != IrOp::SetX) continue;
      if (last != no_ref) ir[last].dead = true;
      last = static_cast<Ref>(j);
      value = n.a;
    }
    ir.nodes[i].dead = true;
    Node& select = ir[last];
    select.op = IrOp::SelectX;
    select.a = skip.a;
    select.b = value;
    select.is_signed = skip.is_signed;
    select.imm = skip.imm;
  }
}

void fold_constants(Ir& ir) {
  std::array<Node, 33> known{};  // of the register, if `is_known`
  std::bitset<33> is_known;
  for (Node& n : ir.nodes) {
    if (n.dead) continue;
    if (n.op == IrOp::GetX) {
      if (is_known[n.reg]) make(n, known[n.reg].op, known[n.reg].imm);
      continue;
    }
    fold(ir, n);
    switch (n.op) {
      case IrOp::SetX:
        is_known[n.reg] = ir[n.a].op == IrOp::Const || ir[n.a].op == IrOp::Pc;
        known[n.reg] = ir[n.a];
        break;
      case IrOp::SelectX: is_known.reset(n.reg); break;
      case IrOp::Interpret:
        is_known.reset();  // it may have written any
        break;
      case IrOp::Jump:
        if (ir[n.a].op == IrOp::Pc) make(n, IrOp::Goto, ir[n.a].imm);
        break;
      default: break;
    }
  }
}

void remove_dead_writes(Ir& ir) {
  std::bitset<33> overwritten;
  overwritten.set(zero_sink);  // which nobody reads
  for (auto n = ir.nodes.rbegin(); n != ir.nodes.rend(); ++n) {
    if (is_observer(*n)) {
      overwritten.reset();
      overwritten.set(zero_sink);
    }
    if (n->dead) continue;
    if (n->op == IrOp::GetX || n->op == IrOp::SelectX) overwritten.reset(n->reg);
    if (n->op != IrOp::SetX) continue;
    if (!overwritten[n->reg]) overwritten.set(n->reg);
    else if (has_observer(ir, n->a)) n->reg = zero_sink;  // it may trap, or raise flags
    else n->dead = true;
  }
}

void remove_unused(Ir& ir) {
  std::vector<bool> used(ir.nodes.size());
  for (std::size_t i = ir.nodes.size(); i-- > 0;) {
    Node& n = ir.nodes[i];
    if (is_value(n.op) && !is_observer(n) && !used[i]) n.dead = true;
    if (n.dead) continue;
    for (const Ref r : {n.a, n.b, n.c})
      if (r != no_ref) used[r] = true;
  }
}

void defer_nan_checks(Ir& ir) {
  for (std::size_t i = 0; i < ir.nodes.size(); ++i) {
    Node& n = ir.nodes[i];
    if (n.op != IrOp::SetF || !is_arithmetic(ir[n.a].op) || ir[n.a].op == IrOp::fma) continue;
    n.any_nan = is_soon_overwritten(ir, i);
  }
}

}  // namespace orrery::direct
