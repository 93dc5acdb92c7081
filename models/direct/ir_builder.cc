#include "models/direct/ir_builder.h"

#include <type_traits>

#include "cpu/arch/csr.h"
#include "cpu/exec/evaluator.h"
#include "cpu/isa/form.h"

namespace orrery::direct {
namespace {

constexpr u32 sstatus = 0x100;
constexpr u8 nearest_away = 4;  // a rounding mode that the host lacks

class IrEvaluator;

// An integer or floating-point value of the row that is being evaluated.
struct Value {
  IrEvaluator* builder;
  Ref node;
};

// The evaluator (cpu/exec/evaluator.h) whose values are IR nodes.
class IrEvaluator {
 public:
  // `end_offset`: of the instruction behind the last one.
  IrEvaluator(Ir& ir, const IrOptions& options, u64 page_offset, u64 end_offset)
      : ir_(ir), options_(options), page_offset_(page_offset), end_offset_(static_cast<i64>(end_offset)) {}

  void begin(const BlockOp& op) {
    op_ = &op;
    first_ = ir_.nodes.size();
    interpret_ = false;
  }
  // What the row gave is no good: the interpreter's handler does it all.
  void end() {
    if (!interpret_) return;
    ir_.nodes.resize(first_);
    push({.op = IrOp::Interpret});
  }
  void interpret() { interpret_ = true; }

  Value node(Node n) { return {this, push(n)}; }
  // The host has nothing like orc.b or mulhsu: for the handlers.
  Value binary(IrOp op, Value a, Value b) {
    if (op == IrOp::mulhsu) return irregular();
    return node({.op = op, .a = a.node, .b = b.node});
  }
  Value unary(IrOp op, Value a) {
    if (op == IrOp::orcb) return irregular();
    return node({.op = op, .a = a.node});
  }

  // --- registers and constants ------------------------------------------------------------------
  Value x(u8 r) {
    if (r == 0) return constant(0);
    return node({.op = IrOp::GetX, .reg = r});
  }
  void x(u8 r, Value v) { push({.op = IrOp::SetX, .reg = r, .a = v.node}); }
  Value constant(i64 value) { return node({.op = IrOp::Const, .imm = value}); }
  Value pc() { return node({.op = IrOp::Pc, .imm = here()}); }
  void nothing() {}
  void fence() {}

#define PURE1(name) \
  Value name(Value a) { return unary(IrOp::name, a); }
#define PURE2(name) \
  Value name(Value a, Value b) { return binary(IrOp::name, a, b); }
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2

  // --- control flow -----------------------------------------------------------------------------
  void branch(Value condition, bool wanted, i64 offset) {
    if (!options_.compressed && ((here() + offset) & 2)) return interpret();
    const i64 target = op_->offset + offset;
    if (target > op_[1].offset && target <= end_offset_) {
      u64 skipped = 0;
      while (op_[1 + skipped].offset < target) ++skipped;
      push({.op = IrOp::Skip, .is_signed = wanted, .a = condition.node, .imm = static_cast<i64>(skipped)});
      return;
    }
    push({.op = IrOp::Branch, .is_signed = wanted, .a = condition.node, .imm = here() + offset});
  }
  void jump(Value target, u8 rd) {
    const i64 link = here() + op_->op.length;
    const Node& t = ir_[target.node];
    if (t.op == IrOp::add && ir_[t.a].op == IrOp::Pc && ir_[t.b].op == IrOp::Const) {
      const i64 to = ir_[t.a].imm + ir_[t.b].imm;
      if (!options_.compressed && (to & 2)) return interpret();
      ir_.nodes.resize(first_);
      push({.op = IrOp::Goto, .reg = rd, .imm = to, .link = static_cast<u16>(link)});
      return;
    }
    if (!options_.compressed) return interpret();
    push({.op = IrOp::Jump, .reg = rd, .a = target.node, .link = static_cast<u16>(link)});
  }

  // --- memory -----------------------------------------------------------------------------------
  template <class T>
  Value load(Value address) {
    return node({.op = IrOp::Load, .size = sizeof(T), .is_signed = std::is_signed_v<T>, .a = address.node});
  }
  template <class T>
  void store(Value address, Value value) {
    push({.op = IrOp::Store, .size = sizeof(T), .a = address.node, .b = value.node});
  }
  template <class T>
  void fstore(Value address, u8 r) {
    push({.op = IrOp::StoreF, .reg = r, .size = sizeof(T), .a = address.node});
  }
  template <class T>
  Value load_reserved(Value address) {
    if (!options_.unwatched) return irregular();
    return node({.op = IrOp::LoadReserved, .size = sizeof(T), .is_signed = true, .a = address.node});
  }
  template <class T>
  Value store_conditional(Value address, Value value) {
    if (!options_.unwatched) return irregular();
    return node({.op = IrOp::StoreConditional, .size = sizeof(T), .a = address.node, .b = value.node});
  }
  template <class T, AmoOp op>
  Value amo(Value address, Value operand) {
    if (!options_.unwatched) return irregular();
    return node({.op = IrOp::Amo, .size = sizeof(T), .a = address.node, .b = operand.node, .imm = static_cast<i64>(op)});
  }

  // --- floating point -----------------------------------------------------------------------------
  Value raw_f(u8 r) { return node({.op = IrOp::GetRawF, .reg = r}); }
  template <class T>
  Value f(u8 r) { return node({.op = IrOp::GetF, .reg = r, .size = sizeof(T)}); }
  template <class T>
  void f(u8 r, Value v) {
    Node& n = ir_[v.node];
    if (n.op == IrOp::Load) {  // flw, fld: no way through an integer register
      n.op = IrOp::LoadF;
      n.reg = r;
      return;
    }
    if (is_integer(n.op)) v = node({.op = IrOp::bits_to_f, .size = sizeof(T), .a = v.node});
    push({.op = IrOp::SetF, .reg = r, .size = sizeof(T), .a = v.node});
  }
  template <class T> Value fneg(Value a) { return fp<T>(IrOp::fneg, a); }
  template <class T> Value fsgnj(Value a, Value b) { return fp<T>(IrOp::fsgnj, a, b); }
  template <class T> Value fsgnjn(Value a, Value b) { return fp<T>(IrOp::fsgnjn, a, b); }
  template <class T> Value fsgnjx(Value a, Value b) { return fp<T>(IrOp::fsgnjx, a, b); }
  template <class T> Value fadd(Value a, Value b, u8 rm) { return rounded<T>(rm, IrOp::fadd, a, b); }
  template <class T> Value fsub(Value a, Value b, u8 rm) { return rounded<T>(rm, IrOp::fsub, a, b); }
  template <class T> Value fmul(Value a, Value b, u8 rm) { return rounded<T>(rm, IrOp::fmul, a, b); }
  template <class T> Value fdiv(Value a, Value b, u8 rm) { return rounded<T>(rm, IrOp::fdiv, a, b); }
  template <class T> Value fsqrt(Value a, u8 rm) { return rounded<T>(rm, IrOp::fsqrt, a); }
  template <class T> Value fma(Value a, Value b, Value c, u8 rm) {
    return rounded<T>(rm, IrOp::fma, a, b, c);
  }
  template <class T> Value fmin(Value a, Value b) { return fp<T>(IrOp::fmin, a, b); }
  template <class T> Value fmax(Value a, Value b) { return fp<T>(IrOp::fmax, a, b); }
  template <class T> Value feq(Value a, Value b) { return fp<T>(IrOp::feq, a, b); }
  template <class T> Value flt(Value a, Value b) { return fp<T>(IrOp::flt, a, b); }
  template <class T> Value fle(Value a, Value b) { return fp<T>(IrOp::fle, a, b); }
  template <class T> Value fclass(Value a) { return fp<T>(IrOp::fclass, a); }
  template <class T, class Int> Value f_to_int(Value a, u8 rm) {
    if (!is_valid(rm) || rm == nearest_away) return irregular();
    const IrOp op = std::is_signed_v<Int> ? (sizeof(Int) == 4 ? IrOp::f_to_i32 : IrOp::f_to_i64)
                                          : (sizeof(Int) == 4 ? IrOp::f_to_u32 : IrOp::f_to_u64);
    return node({.op = op, .size = sizeof(T), .rm = rm, .a = a.node});
  }
  template <class T, class Int> Value int_to_f(Value a, u8 rm) {
    if (!is_valid(rm)) return irregular();
    constexpr bool exact = sizeof(T) == 8 && sizeof(Int) == 4;
    if (std::is_same_v<Int, u32>) a = zext32(a);
    const IrOp op = std::is_same_v<Int, i32> ? IrOp::i32_to_f : std::is_same_v<Int, u64> ? IrOp::u64_to_f : IrOp::i64_to_f;
    return node({.op = op, .size = sizeof(T), .rm = exact ? dynamic_rounding : rm, .a = a.node});
  }
  Value narrow(Value a, u8 rm) { return rounded<u32>(rm, IrOp::narrow, a); }
  Value widen(Value a, u8 rm) { return is_valid(rm) ? fp<u64>(IrOp::widen, a) : irregular(); }

  // --- what has no meaning in the table --------------------------------------------------------------
  void helper(const Op& o) {
    const bool swaps = o.row == RowId::csrrw || o.row == RowId::csrrwi;
    const bool immediate = o.row == RowId::csrrwi || o.row == RowId::csrrsi || o.row == RowId::csrrci;
    const auto number = static_cast<u32>(o.imm);
    if (!options_.csrs || o.op_class != OpClass::Csr) return interpret();
    const auto operand = [&] { return (immediate ? constant(o.rs1) : x(o.rs1)).node; };
    if (number == sstatus && !swaps && options_.unwatched) {
      const bool sets = o.row == RowId::csrrs || o.row == RowId::csrrsi;
      const StatusChange change = o.rs1 == 0 ? StatusChange::None : sets ? StatusChange::Set : StatusChange::Clear;
      if (immediate && (o.rs1 & ~mstatus::SIE)) return interpret();
      const Ref bits = change == StatusChange::None ? no_ref : operand();
      return x(o.rd, node({.op = IrOp::Status, .a = bits, .imm = static_cast<i64>(change)}));
    }
    if (!csr_storage(number)) return interpret();
    if (!swaps && o.rs1 != 0) return interpret();  // sets or clears bits
    const Ref value = swaps ? operand() : no_ref;
    x(o.rd, node({.op = IrOp::Csr, .a = value, .imm = number}));
  }

 private:
  static bool is_valid(u8 rm) { return rm <= 4 || rm == dynamic_rounding; }
  i64 here() const { return static_cast<i64>(page_offset_ + op_->offset); }
  Ref push(Node n) {
    n.guest = op_->index;
    ir_.nodes.push_back(n);
    return static_cast<Ref>(ir_.nodes.size() - 1);
  }
  static bool is_integer(IrOp op) { return op == IrOp::GetX || is_unary(op) || is_binary(op) || op == IrOp::Const; }
  Value irregular() {
    interpret();
    return constant(0);
  }
  template <class T>
  Value fp(IrOp op, Value a) { return node({.op = op, .size = sizeof(T), .a = a.node}); }
  template <class T>
  Value fp(IrOp op, Value a, Value b) {
    return node({.op = op, .size = sizeof(T), .a = a.node, .b = b.node});
  }
  template <class T, class... Values>
  Value rounded(u8 rm, IrOp op, Value a, Values... more) {
    if (!is_valid(rm) || rm == nearest_away) return irregular();
    const Ref rest[] = {more.node..., no_ref, no_ref};
    return node({.op = op, .size = sizeof(T), .rm = rm, .a = a.node, .b = rest[0], .c = rest[1]});
  }

  Ir& ir_;
  const IrOptions& options_;
  u64 page_offset_;
  i64 end_offset_;
  const BlockOp* op_ = nullptr;
  std::size_t first_ = 0;
  bool interpret_ = false;
};

Value operator+(Value a, Value b) { return a.builder->binary(IrOp::add, a, b); }
Value operator-(Value a, Value b) { return a.builder->binary(IrOp::sub, a, b); }
Value operator&(Value a, Value b) { return a.builder->binary(IrOp::and_, a, b); }
Value operator|(Value a, Value b) { return a.builder->binary(IrOp::or_, a, b); }
Value operator^(Value a, Value b) { return a.builder->binary(IrOp::xor_, a, b); }
Value operator~(Value a) { return a ^ a.builder->constant(-1); }

using Build = void (*)(IrEvaluator&, const Op&);

#define INSN_OF(ext, name, encoding, form, cls, meaning) \
  void build_##name(IrEvaluator& c, [[maybe_unused]] const Op& o) { meaning; }
#define HELPER_OF(ext, name, encoding, form, cls, function) \
  void build_##name(IrEvaluator& c, const Op& o) { c.helper(o); }
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF

constexpr Build builders[] = {
#define INSN_OF(ext, name, ...) &build_##name,
#define HELPER_OF(ext, name, ...) &build_##name,
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
};

}  // namespace

namespace {

Ir build(const BlockOp* begin, const BlockOp* end, u64 page_offset, const IrOptions& options) {
  Ir ir;
  ir.nodes.reserve(static_cast<std::size_t>(end - begin) * 5);
  IrEvaluator evaluator(ir, options, page_offset, end->offset);
  for (const BlockOp* op = begin; op != end; ++op) {
    evaluator.begin(*op);
    builders[static_cast<std::size_t>(op->op.row)](evaluator, op->op);
    evaluator.end();
  }
  return ir;
}

// Can be evaluated on the way to a selection, when the scratch registers hold more than usual.
bool is_simple(const Ir& ir, const Node& n) {
  switch (n.op) {
    case IrOp::Const:
    case IrOp::GetX:
    case IrOp::SetX:
    case IrOp::sext32:
    case IrOp::zext32:
    case IrOp::sext8:
    case IrOp::sext16:
    case IrOp::zext16: return true;
    case IrOp::add:
    case IrOp::sub:
    case IrOp::and_:
    case IrOp::or_:
    case IrOp::xor_: return ir[n.b].op == IrOp::GetX || ir[n.b].op == IrOp::Const;
    case IrOp::sll:
    case IrOp::srl:
    case IrOp::sra:
    case IrOp::sllw:
    case IrOp::srlw:
    case IrOp::sraw: return ir[n.b].op == IrOp::Const;
    default: return false;
  }
}

}  // namespace

Ir build_ir(const Block& block, u64 count, u64 page_offset, const IrOptions& options) {
  return build(block.ops.data(), block.ops.data() + count, page_offset, options);
}

u64 can_skip(const Block& block, u64 index, const IrOptions& options) {
  constexpr u64 most = 4;
  const BlockOp& branch = block.ops[index];
  if (!options.selects || branch.op.op_class != OpClass::Branch || branch.op.imm <= branch.op.length) return 0;
  const u64 target = branch.offset + static_cast<u64>(branch.op.imm);
  u64 end = index + 1;
  while (end < block.count && end <= index + most && block.ops[end].offset < target) ++end;
  if (block.ops[end].offset != target || end > index + 1 + most) return 0;
  const Ir ir = build(&block.ops[index + 1], &block.ops[end], 0, options);
  u8 written = 0;
  bool is_left = true;  // the register is read on the left, as the tree is composed
  for (const Node& n : ir.nodes) {
    if (!is_simple(ir, n)) return 0;
    if (is_binary(n.op) && written != 0 && ir[n.b].op == IrOp::GetX && ir[n.b].reg == written) is_left = false;
    if (n.op != IrOp::SetX) continue;
    if ((written != 0 && n.reg != written) || n.reg == zero_sink) return 0;
    written = n.reg;
  }
  return written != 0 && is_left ? end - index - 1 : 0;
}

}  // namespace orrery::direct
