// Integer trees.
#include "base/error.h"
#include "models/direct/emitter.h"

namespace orrery::direct {

using asmjit::imm;

namespace {

bool is_commutative(IrOp op) {
  return op == IrOp::add || op == IrOp::and_ || op == IrOp::or_ || op == IrOp::xor_ || op == IrOp::mul ||
         op == IrOp::mulw;
}

bool is_shift(IrOp op) {
  return (op >= IrOp::sll && op <= IrOp::sra) || (op >= IrOp::sllw && op <= IrOp::sraw) ||
         (op >= IrOp::rol && op <= IrOp::rorw);
}

// By depth in the tree: each level's second operand has one of its own.
x86::Gp scratch_at(unsigned depth) {
  ORRERY_CHECK(depth < 2, "a tree too deep for the scratch registers");
  return depth == 0 ? x86::rcx : x86::rdx;
}

}  // namespace

void Emitter::constant(const x86::Gp& to, i64 value) {
  if (value == 0) a.xor_(to.r32(), to.r32());
  else if (value > 0 && value == static_cast<u32>(value)) a.mov(to.r32(), imm(value));
  else a.mov(to, imm(value));
}

// Evaluating the tree reads this register.
bool Emitter::reads(Ref r, const x86::Gp& host) const {
  if (r == no_ref) return false;
  const Node& n = piece().ir[r];
  if (n.op == IrOp::GetX) {
    const auto h = home_of(n.reg);
    return h && *h == host;
  }
  return reads(n.a, host) || reads(n.b, host);
}

asmjit::Operand Emitter::operand(Ref r, const x86::Gp& scratch, unsigned depth) {
  const Node& n = piece().ir[r];
  if (n.op == IrOp::GetX) {
    if (const auto host = home_of(n.reg)) return *host;
    return home(n.reg);
  }
  if (n.op == IrOp::Const && fits(n.imm)) return imm(n.imm);
  evaluate(scratch, r, depth);
  return scratch;
}

x86::Gp Emitter::in_register(Ref r, const x86::Gp& scratch, unsigned depth) {
  const Node& n = piece().ir[r];
  if (n.op == IrOp::GetX)
    if (const auto host = home_of(n.reg)) return *host;
  evaluate(scratch, r, depth);
  return scratch;
}

void Emitter::set_x(const Node& n) {
  const Node& value = piece().ir[n.a];
  const auto host = home_of(n.reg);
  if (n.reg == 32) {  // x0: only what may trap counts
    if (has_observer(piece().ir, n.a)) evaluate(x86::rax, n.a);
    return;
  }
  if (host) return evaluate(*host, n.a);
  if (value.op == IrOp::Const && fits(value.imm)) {
    a.mov(home(n.reg), imm(value.imm));
    return;
  }
  // x = x op y in place.
  if ((value.op == IrOp::add || value.op == IrOp::sub) && piece().ir[value.a].op == IrOp::GetX &&
      piece().ir[value.a].reg == n.reg) {
    const Node& b = piece().ir[value.b];
    const auto other = b.op == IrOp::GetX ? home_of(b.reg) : std::nullopt;
    const auto id = value.op == IrOp::add ? x86::Inst::kIdAdd : x86::Inst::kIdSub;
    if (b.op == IrOp::Const && fits(b.imm)) return void(a.emit(id, home(n.reg), imm(b.imm)));
    if (other) return void(a.emit(id, home(n.reg), *other));
  }
  if (value.op == IrOp::GetX)
    if (const auto other = home_of(value.reg)) return void(a.mov(home(n.reg), *other));
  evaluate(x86::rax, n.a);
  a.mov(home(n.reg), x86::rax);
}

// The value is computed in any case; the flags come last, and moves leave them alone.
void Emitter::select_x(const Node& n) {
  const Node& condition = node(n.a);
  if (condition.op == IrOp::Const) {
    if ((condition.imm != 0) == n.is_signed) {
      a.add(budget_register, imm(n.imm));
      return;
    }
    evaluate(x86::rax, n.b);
    if (const auto host = home_of(n.reg)) a.mov(*host, x86::rax);
    else a.mov(home(n.reg), x86::rax);
    return;
  }
  evaluate(x86::rax, n.b);
  const x86::CondCode stays = compare(condition, n.is_signed, x86::rcx);
  if (const auto host = home_of(n.reg)) {
    a.cmov(x86::negateCond(stays), *host, x86::rax);
  } else {
    a.mov(x86::rcx, home(n.reg));
    a.cmov(x86::negateCond(stays), x86::rcx, x86::rax);
    a.mov(home(n.reg), x86::rcx);
  }
  a.lea(x86::rcx, x86::ptr(budget_register, static_cast<i32>(n.imm)));
  a.cmov(stays, budget_register, x86::rcx);
}

void Emitter::evaluate(const x86::Gp& to, Ref r, unsigned depth) {
  const Node& n = piece().ir[r];
  const auto unary = [&](auto&& emit) {
    const asmjit::Operand from = operand(n.a, to, depth);
    ORRERY_CHECK(!from.isImm(), "an operation on a constant that was not folded");
    emit(from);
  };
  const auto narrowed = [](const asmjit::Operand& from, u32 size) -> asmjit::Operand {
    if (from.isMem()) return from.as<x86::Mem>().cloneResized(size);
    const x86::Gp& g = from.as<x86::Gp>();
    return size == 1 ? asmjit::Operand(g.r8()) : size == 2 ? asmjit::Operand(g.r16()) : asmjit::Operand(g.r32());
  };
  switch (n.op) {
    case IrOp::Const: return constant(to, n.imm);
    case IrOp::Pc: return page_address(to, n.imm);
    case IrOp::GetX:
      if (const auto host = home_of(n.reg)) {
        if (*host != to) a.mov(to, *host);
      } else {
        a.mov(to, home(n.reg));
      }
      return;
    case IrOp::Load: return load(to, n);
    case IrOp::Amo: return amo(to, n);
    case IrOp::LoadReserved: return load_reserved(to, n);
    case IrOp::StoreConditional: return store_conditional(to, n);
    case IrOp::Csr: return csr(to, n);
    case IrOp::Status: return status(to, n);
    case IrOp::sext32:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdMovsxd, to, narrowed(from, 4)); });
    case IrOp::zext32:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdMov, to.r32(), narrowed(from, 4)); });
    case IrOp::sext8:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdMovsx, to, narrowed(from, 1)); });
    case IrOp::sext16:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdMovsx, to, narrowed(from, 2)); });
    case IrOp::zext16:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdMovzx, to.r32(), narrowed(from, 2)); });
    case IrOp::clz:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdLzcnt, to, from); });
    case IrOp::ctz:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdTzcnt, to, from); });
    case IrOp::cpop:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdPopcnt, to, from); });
    case IrOp::clzw:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdLzcnt, to.r32(), narrowed(from, 4)); });
    case IrOp::ctzw:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdTzcnt, to.r32(), narrowed(from, 4)); });
    case IrOp::cpopw:
      return unary([&](const asmjit::Operand& from) { a.emit(x86::Inst::kIdPopcnt, to.r32(), narrowed(from, 4)); });
    case IrOp::rev8:
      evaluate(to, n.a, depth);
      a.bswap(to);
      return;
    case IrOp::slt:
    case IrOp::sltu:
    case IrOp::seq: {
      // setcc leaves the upper bits, so they are cleared last.
      const x86::CondCode when = compare(n, true, x86::rax);
      a.set(when, x86::al);
      a.movzx(to.r32(), x86::al);
      return;
    }
    case IrOp::mulh:
    case IrOp::mulhu: return multiply_high(to, n);
    case IrOp::div:
    case IrOp::divu:
    case IrOp::rem:
    case IrOp::remu:
    case IrOp::divw:
    case IrOp::divuw:
    case IrOp::remw:
    case IrOp::remuw: return divide(to, n);
    case IrOp::min:
    case IrOp::max:
    case IrOp::minu:
    case IrOp::maxu: return minmax(to, n, depth);
    case IrOp::feq:
    case IrOp::flt:
    case IrOp::fle: return f_compare(to, n);
    case IrOp::fclass: return f_class(to, n);
    case IrOp::f_to_i32:
    case IrOp::f_to_u32:
    case IrOp::f_to_i64:
    case IrOp::f_to_u64: return f_to_integer(to, n);
    case IrOp::GetRawF: {
      need_fp();
      a.vmovq(to, f(n.reg, x86::xmm0));
      return;
    }
    default:
      if (is_shift(n.op)) return shift(to, n, depth);
      return binary(to, n, depth);
  }
}

void Emitter::binary(const x86::Gp& to, const Node& n, unsigned depth) {
  Ref left = n.a, right = n.b;
  if (is_commutative(n.op) && (piece().ir[left].op == IrOp::Const || (reads(right, to) && !reads(left, to))))
    std::swap(left, right);
  const Node& l = piece().ir[left];
  const Node& rr = piece().ir[right];
  // to = a + b without touching either.
  if (n.op == IrOp::add && l.op == IrOp::GetX && home_of(l.reg)) {
    const x86::Gp base = *home_of(l.reg);
    if (rr.op == IrOp::Const && fits(rr.imm)) {
      if (base == to) {
        if (rr.imm != 0) a.add(to, imm(rr.imm));
      } else if (rr.imm == 0) {
        a.mov(to, base);
      } else {
        a.lea(to, x86::ptr(base, static_cast<i32>(rr.imm)));
      }
      return;
    }
    if (rr.op == IrOp::GetX && home_of(rr.reg) && base != to && *home_of(rr.reg) != to) {
      a.lea(to, x86::ptr(base, *home_of(rr.reg)));
      return;
    }
    // sh1add and its kin.
    if (rr.op == IrOp::sll && piece().ir[rr.b].op == IrOp::Const && piece().ir[rr.b].imm <= 3 && piece().ir[rr.a].op == IrOp::GetX &&
        home_of(piece().ir[rr.a].reg)) {
      a.lea(to, x86::ptr(base, *home_of(piece().ir[rr.a].reg), static_cast<u32>(piece().ir[rr.b].imm)));
      return;
    }
  }
  const bool clash = reads(right, to) && !(l.op == IrOp::GetX && home_of(l.reg) == to && rr.op == IrOp::GetX);
  const x86::Gp work = clash ? x86::rax : to;
  evaluate(work, left, depth);
  const x86::Gp scratch = scratch_at(depth);
  asmjit::Operand other = operand(right, scratch, depth + 1);
  switch (n.op) {
    case IrOp::add: a.emit(x86::Inst::kIdAdd, work, other); break;
    case IrOp::sub: a.emit(x86::Inst::kIdSub, work, other); break;
    case IrOp::and_: a.emit(x86::Inst::kIdAnd, work, other); break;
    case IrOp::or_: a.emit(x86::Inst::kIdOr, work, other); break;
    case IrOp::xor_:
      if (rr.op == IrOp::Const && rr.imm == -1) a.not_(work);
      else a.emit(x86::Inst::kIdXor, work, other);
      break;
    case IrOp::mul:
    case IrOp::mulw:
      if (other.isImm()) {
        a.mov(scratch, imm(rr.imm));
        other = scratch;
      }
      a.emit(x86::Inst::kIdImul, work, other);
      if (n.op == IrOp::mulw) a.movsxd(work, work.r32());
      break;
    default: ORRERY_CHECK(false, "no host code for {}", text(piece().ir, static_cast<Ref>(&n - piece().ir.nodes.data())));
  }
  if (work != to) a.mov(to, work);
}

void Emitter::shift(const x86::Gp& to, const Node& n, unsigned depth) {
  const bool word = (n.op >= IrOp::sllw && n.op <= IrOp::sraw) || n.op == IrOp::rolw || n.op == IrOp::rorw;
  const Node& by = piece().ir[n.b];
  if (by.op == IrOp::Const) {
    const u32 bits = static_cast<u32>(by.imm) & (word ? 31 : 63);
    evaluate(to, n.a, depth);
    const x86::Gp reg = word ? to.r32() : to;
    switch (n.op) {
      case IrOp::sll:
      case IrOp::sllw: a.shl(reg, imm(bits)); break;
      case IrOp::srl:
      case IrOp::srlw: a.shr(reg, imm(bits)); break;
      case IrOp::sra:
      case IrOp::sraw: a.sar(reg, imm(bits)); break;
      case IrOp::rol:
      case IrOp::rolw: a.rol(reg, imm(bits)); break;
      default: a.ror(reg, imm(bits)); break;
    }
    if (word) a.movsxd(to, reg);
    return;
  }
  const bool rotates = n.op == IrOp::rol || n.op == IrOp::ror || n.op == IrOp::rolw || n.op == IrOp::rorw;
  if (rotates) {  // by cl; nested in nothing
    evaluate(x86::rax, n.a, depth);
    evaluate(x86::rcx, n.b, depth + 1);
    const x86::Gp reg = word ? x86::Gp(x86::eax) : x86::Gp(x86::rax);
    if (n.op == IrOp::rol || n.op == IrOp::rolw) a.rol(reg, x86::cl);
    else a.ror(reg, x86::cl);
    if (word) a.movsxd(to, reg);
    else a.mov(to, reg);
    return;
  }
  const bool clash = reads(n.b, to) && piece().ir[n.b].op != IrOp::GetX;
  ORRERY_CHECK(!clash, "a shift by a tree");
  const x86::Gp count = in_register(n.b, scratch_at(depth), depth + 1);
  // The value may be evaluated into `to` only if the count is not there.
  const asmjit::Operand value = operand(n.a, count == to ? x86::rax : to, depth);
  asmjit::Operand from = value;
  if (from.isImm()) {
    const x86::Gp held = count == to ? x86::Gp(x86::rax) : to;
    constant(held, piece().ir[n.a].imm);
    from = held;
  }
  const auto sized = [&](const asmjit::Operand& o) -> asmjit::Operand {
    if (!word) return o;
    return o.isMem() ? asmjit::Operand(o.as<x86::Mem>().cloneResized(4)) : asmjit::Operand(o.as<x86::Gp>().r32());
  };
  const x86::Gp result = word ? to.r32() : to;
  const asmjit::Operand amount = word ? count.r32() : count;
  switch (n.op) {
    case IrOp::sll:
    case IrOp::sllw: a.emit(x86::Inst::kIdShlx, result, sized(from), amount); break;
    case IrOp::srl:
    case IrOp::srlw: a.emit(x86::Inst::kIdShrx, result, sized(from), amount); break;
    default: a.emit(x86::Inst::kIdSarx, result, sized(from), amount); break;
  }
  if (word) a.movsxd(to, to.r32());
}

void Emitter::multiply_high(const x86::Gp& to, const Node& n) {
  evaluate(x86::rax, n.a);
  const asmjit::Operand other = operand(n.b, x86::rcx, 1);
  asmjit::Operand by = other;
  if (by.isImm()) {
    a.mov(x86::rcx, imm(piece().ir[n.b].imm));
    by = x86::rcx;
  }
  a.emit(n.op == IrOp::mulh ? x86::Inst::kIdImul : x86::Inst::kIdMul, x86::rdx, x86::rax, by);
  a.mov(to, x86::rdx);
}

// Divisors 0 and -1 (signed) are for the handler (I, 12.2).
void Emitter::divide(const x86::Gp& to, const Node& n) {
  const bool word = n.op >= IrOp::divw && n.op <= IrOp::remuw;
  const bool is_signed = n.op == IrOp::div || n.op == IrOp::rem || n.op == IrOp::divw || n.op == IrOp::remw;
  const bool quotient = n.op == IrOp::div || n.op == IrOp::divu || n.op == IrOp::divw || n.op == IrOp::divuw;
  evaluate(x86::rcx, n.b, 1);
  evaluate(x86::rax, n.a, 1);
  const auto sized = [word](const x86::Gp& r) { return word ? x86::Gp(r.r32()) : r; };
  const asmjit::Label slow = rare(RarePath::Access);
  a.test(sized(x86::rcx), sized(x86::rcx));
  a.jz(slow);
  if (is_signed) {
    a.cmp(sized(x86::rcx), imm(-1));
    a.je(slow);
    if (word) a.cdq();
    else a.cqo();
    a.emit(x86::Inst::kIdIdiv, sized(x86::rdx), sized(x86::rax), sized(x86::rcx));
  } else {
    a.xor_(x86::edx, x86::edx);
    a.emit(x86::Inst::kIdDiv, sized(x86::rdx), sized(x86::rax), sized(x86::rcx));
  }
  const x86::Gp result = quotient ? x86::rax : x86::rdx;
  if (word) a.movsxd(to, result.r32());
  else a.mov(to, result);
}

void Emitter::minmax(const x86::Gp& to, const Node& n, unsigned depth) {
  evaluate(x86::rax, n.a, depth);
  evaluate(x86::rcx, n.b, depth + 1);
  a.cmp(x86::rax, x86::rcx);
  switch (n.op) {
    case IrOp::min: a.cmovg(x86::rax, x86::rcx); break;
    case IrOp::max: a.cmovl(x86::rax, x86::rcx); break;
    case IrOp::minu: a.cmova(x86::rax, x86::rcx); break;
    default: a.cmovb(x86::rax, x86::rcx); break;
  }
  a.mov(to, x86::rax);
}

}  // namespace orrery::direct
