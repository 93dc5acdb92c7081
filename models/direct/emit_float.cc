// Floating point on the host's FPU. MXCSR has the guest's rounding mode and collects the exceptions
// while the f registers are loaded; flags are RISC-V's (both detect tininess after rounding). NaNs
// differ: a result that is one becomes the canonical one. That of fma is for the handler, which knows
// that infinity times zero is invalid whatever is added (I, 20.7); the host says nothing when that is
// a NaN.
#include "base/error.h"
#include "models/direct/emitter.h"

namespace orrery::direct {

using asmjit::imm;

namespace {

constexpr u8 towards_zero = 1;  // a rounding mode

}  // namespace

void Emitter::need_fp() {
  if (float_.ready) return;
  a.cmp(x86::byte_ptr(x86::rsp, slot::fp_loaded), imm(0));
  const asmjit::Label load = rare(RarePath::LoadFp);
  a.je(load);
  const asmjit::Label back = a.newLabel();
  a.bind(back);
  rare_paths_.back().back = back;
  float_.ready = true;
}

void Emitter::mark_dirty() {
  if (float_.dirty) return;
  a.mov(x86::byte_ptr(base_register, context_.layout.fs_dirty), imm(1));
  float_.dirty = true;
}

std::optional<x86::Xmm> Emitter::home_of_f(u8 guest) const {
  for (const PinnedF& p : context_.pinned_f)
    if (p.guest == guest) return p.host;
  return {};
}

x86::Xmm Emitter::f(u8 reg, const x86::Xmm& scratch) {
  if (const auto home = home_of_f(reg)) return *home;
  a.vmovsd(scratch, hart(context_.layout.f + 8 * reg));
  return scratch;
}

void Emitter::set_f_register(u8 reg, const x86::Xmm& value) {
  const auto home = home_of_f(reg);
  if (!home) a.vmovsd(x86::qword_ptr(base_register, context_.layout.f + 8 * reg), value);
  else if (*home != value) a.vmovaps(*home, value);
}

// A single that is not boxed is a NaN, for the handler (I, 21.2).
void Emitter::check_boxed(const Node& n) {
  if (n.size != 4 || float_.boxed >> n.reg & 1) return;
  if (const auto home = home_of_f(n.reg)) {
    a.vmovq(x86::rax, *home);
    a.shr(x86::rax, imm(32));
    a.cmp(x86::eax, imm(-1));
  } else {
    a.cmp(hart(context_.layout.f + 8 * n.reg + 4, 4), imm(-1));
  }
  a.jne(rare(RarePath::Finish));  // and never back, so it is known to be boxed from here on
  float_.boxed |= u32{1} << n.reg;
}

// An f register read in a format.
x86::Xmm Emitter::f_operand(Ref r, const x86::Xmm& scratch) {
  const Node& n = piece().ir[r];
  ORRERY_CHECK(n.op == IrOp::GetF, "a floating-point operand that is no register");
  check_boxed(n);
  return f(n.reg, scratch);
}

// The same, for a host instruction that takes it from memory as well.
asmjit::Operand Emitter::f_source(Ref r) {
  const Node& n = piece().ir[r];
  ORRERY_CHECK(n.op == IrOp::GetF, "a floating-point operand that is no register");
  check_boxed(n);
  if (const auto home = home_of_f(n.reg)) return *home;
  return hart(context_.layout.f + 8 * n.reg, n.size);
}

// Where a result is computed: the register's own place; of an fma, xmm0 where an operand stands there,
// because a handler may do it again. No other rare path may come behind what writes here.
x86::Xmm Emitter::f_result(u8 reg, const Node& n) const {
  const x86::Xmm own = home_of_f(reg).value_or(x86::xmm0);
  if (n.op != IrOp::fma) return own;
  for (const Ref r : {n.a, n.b, n.c}) {
    if (r == no_ref) continue;
    const Node& operand = node(node(r).op == IrOp::fneg ? node(r).a : r);
    if (operand.op == IrOp::GetF && operand.reg == reg) return x86::xmm0;
  }
  return own;
}

// A mode of the instruction's own is mostly the current one. To be called behind f_operand(), which
// relies on being executed by whatever goes on here.
void Emitter::check_mode(const Node& n) {
  if (n.rm == dynamic_rounding) return;
  a.cmp(hart(context_.layout.frm, 1), imm(n.rm));
  a.jne(rare(RarePath::Access));
}

void Emitter::compare_with_itself(const x86::Xmm& value, u8 size) {
  if (size == 8) a.vucomisd(value, value);
  else a.vucomiss(value, value);
}

void Emitter::make_canonical(const x86::Xmm& result, u8 size) {
  compare_with_itself(result, size);
  nan_paths_.push_back({a.newLabel(), a.newLabel(), result, size});
  a.jp(nan_paths_.back().begin);
  a.bind(nan_paths_.back().back);
}

void Emitter::nan_paths() {
  for (const NanPath& path : nan_paths_) {
    a.bind(path.begin);
    const u8* nan = path.size == 8 ? context_.thunks.nan64 : context_.thunks.nan32;
    a.vmovsd(path.result, x86::qword_ptr(reinterpret_cast<u64>(nan)));
    a.jmp(path.back);
  }
}

x86::Xmm Emitter::sign_operation(const x86::Xmm& to, const Node& n) {
  const bool wide = n.size == 8;
  const auto mask = x86::ptr(reinterpret_cast<u64>(wide ? context_.thunks.sign64 : context_.thunks.sign32));
  const x86::Xmm left = f_operand(n.a, x86::xmm1);
  const bool same = piece().ir[n.a].reg == piece().ir[n.b].reg;
  if (same && n.op == IrOp::fsgnj) return left;
  if (same && n.op == IrOp::fsgnjn) {
    a.vxorps(to, left, mask);
    return to;
  }
  const x86::Xmm right = same ? left : f_operand(n.b, x86::xmm2);
  a.vandps(x86::xmm0, right, mask);
  if (n.op == IrOp::fsgnjx) {
    a.vxorps(to, x86::xmm0, left);
    return to;
  }
  if (n.op == IrOp::fsgnjn) a.vxorps(x86::xmm0, x86::xmm0, mask);
  a.vmovaps(x86::xmm2, mask);
  a.vandnps(x86::xmm2, x86::xmm2, left);
  a.vorps(to, x86::xmm0, x86::xmm2);
  return to;
}

// (-a) * b + (-c) and its kin, rounded once.
void Emitter::fused(const x86::Xmm& to, const Node& n) {
  const bool wide = n.size == 8;
  const bool minus_product = piece().ir[n.a].op == IrOp::fneg;
  const bool minus_addend = piece().ir[n.c].op == IrOp::fneg;
  const x86::Xmm left = f_operand(minus_product ? piece().ir[n.a].a : n.a, x86::xmm0);
  const x86::Xmm right = f_operand(n.b, x86::xmm1);
  const asmjit::Operand addend = f_source(minus_addend ? piece().ir[n.c].a : n.c);
  check_mode(n);
  if (left != to) a.vmovaps(to, left);
  static constexpr x86::Inst::Id ids[2][2][2] = {
      {{x86::Inst::kIdVfmadd213ss, x86::Inst::kIdVfmsub213ss}, {x86::Inst::kIdVfnmadd213ss, x86::Inst::kIdVfnmsub213ss}},
      {{x86::Inst::kIdVfmadd213sd, x86::Inst::kIdVfmsub213sd}, {x86::Inst::kIdVfnmadd213sd, x86::Inst::kIdVfnmsub213sd}}};
  a.emit(ids[wide][minus_product][minus_addend], to, right, addend);
}

// Equal operands may be zeros of different signs: the sign bits decide (I, 20.6).
void Emitter::f_minmax(const Node& n) {
  const bool wide = n.size == 8;
  const x86::Xmm left = f_operand(n.a, x86::xmm1);
  const x86::Xmm right = f_operand(n.b, x86::xmm2);
  a.emit(wide ? x86::Inst::kIdVucomisd : x86::Inst::kIdVucomiss, left, right);
  a.jp(rare(RarePath::Access));
  const asmjit::Label differ = a.newLabel(), done = a.newLabel();
  a.jne(differ);
  if (n.op == IrOp::fmin) a.vorps(x86::xmm0, left, right);
  else a.vandps(x86::xmm0, left, right);
  a.jmp(done);
  a.bind(differ);
  const auto id = n.op == IrOp::fmin ? (wide ? x86::Inst::kIdVminsd : x86::Inst::kIdVminss)
                                     : (wide ? x86::Inst::kIdVmaxsd : x86::Inst::kIdVmaxss);
  a.emit(id, x86::xmm0, left, right);
  a.bind(done);
}

void Emitter::integer_to_f(const x86::Xmm& to, const Node& n) {
  const bool wide = n.size == 8;
  const auto convert = [&](const x86::Gp& from) {
    if (wide) a.vcvtsi2sd(to, ones_register, from);
    else a.vcvtsi2ss(to, ones_register, from);
  };
  const x86::Gp from = in_register(n.a, x86::rax, 0);
  if (n.rm != dynamic_rounding) {
    // What fits the format needs no rounding, and the rest is for the handler.
    const u64 most = u64{1} << (wide ? 53 : 24);
    if (n.op == IrOp::i32_to_f) a.movsxd(x86::rax, from.r32());
    else if (from != x86::rax) a.mov(x86::rax, from);
    a.mov(x86::rdx, imm(most));
    if (n.op == IrOp::u64_to_f) {
      a.cmp(x86::rax, x86::rdx);
    } else {
      a.lea(x86::rcx, x86::ptr(x86::rax, x86::rdx));
      a.add(x86::rdx, x86::rdx);
      a.cmp(x86::rcx, x86::rdx);
    }
    a.ja(rare(RarePath::Access));
    return convert(x86::rax);
  }
  if (n.op == IrOp::i32_to_f) return convert(from.r32());
  if (n.op == IrOp::i64_to_f) return convert(from);
  // The host converts signed integers: half of the value, its last bit kept for the rounding.
  const asmjit::Label high = a.newLabel(), done = a.newLabel();
  a.test(from, from);
  a.js(high);
  convert(from);
  a.jmp(done);
  a.bind(high);
  a.mov(x86::rcx, from);
  if (from != x86::rax) a.mov(x86::rax, from);
  a.shr(x86::rax, imm(1));
  a.and_(x86::ecx, imm(1));
  a.or_(x86::rax, x86::rcx);
  convert(x86::rax);
  if (wide) a.vaddsd(to, to, to);
  else a.vaddss(to, to, to);
  a.bind(done);
}

x86::Xmm Emitter::f_value(const x86::Xmm& to, const Node& n, bool any_nan) {
  const bool wide = n.size == 8;
  const auto arithmetic = [&](u32 single, u32 dual) {
    const bool in_any_order = n.op == IrOp::fadd || n.op == IrOp::fmul;
    const bool swap = in_any_order && !home_of_f(node(n.a).reg) && home_of_f(node(n.b).reg);
    const x86::Xmm left = f_operand(swap ? n.b : n.a, x86::xmm1);
    const asmjit::Operand right = n.b == no_ref ? asmjit::Operand(left) : f_source(swap ? n.a : n.b);
    check_mode(n);
    a.emit(wide ? dual : single, to, left, right);
    if (!any_nan) make_canonical(to, n.size);
    return to;
  };
  switch (n.op) {
    case IrOp::fadd: return arithmetic(x86::Inst::kIdVaddss, x86::Inst::kIdVaddsd);
    case IrOp::fsub: return arithmetic(x86::Inst::kIdVsubss, x86::Inst::kIdVsubsd);
    case IrOp::fmul: return arithmetic(x86::Inst::kIdVmulss, x86::Inst::kIdVmulsd);
    case IrOp::fdiv: return arithmetic(x86::Inst::kIdVdivss, x86::Inst::kIdVdivsd);
    case IrOp::fsqrt: return arithmetic(x86::Inst::kIdVsqrtss, x86::Inst::kIdVsqrtsd);
    case IrOp::fma:
      fused(to, n);
      compare_with_itself(to, n.size);
      a.jp(rare(RarePath::Access));
      return to;
    case IrOp::fsgnj:
    case IrOp::fsgnjn:
    case IrOp::fsgnjx: return sign_operation(to, n);
    case IrOp::fmin:
    case IrOp::fmax: f_minmax(n); return x86::xmm0;
    case IrOp::narrow: {
      const x86::Xmm from = f_operand(n.a, x86::xmm1);
      check_mode(n);
      a.vcvtsd2ss(to, ones_register, from);
      make_canonical(to, 4);
      return to;
    }
    case IrOp::widen:
      a.vcvtss2sd(to, ones_register, f_operand(n.a, x86::xmm1));
      make_canonical(to, 8);
      return to;
    case IrOp::i32_to_f:
    case IrOp::i64_to_f:
    case IrOp::u64_to_f:
      integer_to_f(to, n);
      return to;
    case IrOp::bits_to_f: {
      const x86::Gp from = in_register(n.a, x86::rax, 0);
      if (wide) a.vmovq(to, from);
      else a.vpinsrd(to, ones_register, from.r32(), imm(0));
      return to;
    }
    default: ORRERY_CHECK(false, "no host code for a floating-point operation");
  }
  return to;
}

void Emitter::set_f(const Node& n) {
  need_fp();
  const Node& value = node(n.a);
  set_f_register(n.reg, f_value(f_result(n.reg, value), value, n.any_nan));
  if (n.size == 4) float_.boxed |= u32{1} << n.reg;
  else float_.boxed &= ~(u32{1} << n.reg);
  mark_dirty();
}

// feq is quiet, flt and fle signal (I, 20.8); what is unordered is false.
void Emitter::f_compare(const x86::Gp& to, const Node& n) {
  need_fp();
  const bool wide = n.size == 8;
  const x86::Xmm left = f_operand(n.a, x86::xmm1);
  const x86::Xmm right = f_operand(n.b, x86::xmm2);
  if (n.op == IrOp::feq) {
    a.emit(wide ? x86::Inst::kIdVucomisd : x86::Inst::kIdVucomiss, left, right);
    a.setnp(x86::al);
    a.sete(x86::cl);
    a.and_(x86::eax, x86::ecx);
  } else {
    a.emit(wide ? x86::Inst::kIdVcomisd : x86::Inst::kIdVcomiss, right, left);
    if (n.op == IrOp::flt) a.seta(x86::al);
    else a.setae(x86::al);
  }
  mark_dirty();
  a.movzx(to.r32(), x86::al);
}

// The host gives the lowest integer for everything it cannot convert: for the handler.
void Emitter::f_to_integer(const x86::Gp& to, const Node& n) {
  need_fp();
  const bool host_has = n.rm == dynamic_rounding || n.rm == towards_zero;
  if (!host_has || n.op == IrOp::f_to_u32 || n.op == IrOp::f_to_u64) return f_rounded_to_integer(to, n);
  const x86::Xmm from = f_operand(n.a, x86::xmm1);
  const bool word = n.op == IrOp::f_to_i32;
  const bool wide = n.size == 8;
  const u32 id = n.rm == towards_zero ? (wide ? x86::Inst::kIdVcvttsd2si : x86::Inst::kIdVcvttss2si)
                             : (wide ? x86::Inst::kIdVcvtsd2si : x86::Inst::kIdVcvtss2si);
  const x86::Gp result = word ? x86::Gp(x86::eax) : x86::Gp(x86::rax);
  a.emit(id, result, from);
  if (word) {
    a.cmp(x86::eax, imm(static_cast<i32>(0x80000000)));
  } else {
    a.mov(x86::rcx, imm(static_cast<i64>(u64{1} << 63)));
    a.cmp(x86::rax, x86::rcx);
  }
  a.je(rare(RarePath::Access));
  mark_dirty();
  if (word) a.movsxd(to, x86::eax);
  else if (to != x86::rax) a.mov(to, x86::rax);
}

// First rounds without raising Inexact, which a value that is out of range does not raise.
void Emitter::f_rounded_to_integer(const x86::Gp& to, const Node& n) {
  const bool wide = n.size == 8;
  static constexpr u8 host_modes[] = {0, 3, 1, 2};  // of RNE RTZ RDN RUP
  constexpr u8 current = 4, quiet = 8;
  const u8 mode = n.rm == dynamic_rounding ? current : host_modes[n.rm];
  const x86::Xmm from = f_operand(n.a, x86::xmm1);
  if (from != x86::xmm1) a.vmovaps(x86::xmm1, from);  // rounding takes the lower 16 registers alone
  const auto round = [&](u8 how) {
    if (wide) a.vroundsd(x86::xmm0, x86::xmm1, x86::xmm1, imm(how));
    else a.vroundss(x86::xmm0, x86::xmm1, x86::xmm1, imm(how));
  };
  round(static_cast<u8>(mode | quiet));
  const bool word = n.op == IrOp::f_to_i32;
  if (n.op == IrOp::f_to_u64) {
    // From 2^63 on the host would raise Invalid.
    a.mov(x86::rax, imm(wide ? 0x43e0'0000'0000'0000 : 0x5f00'0000));
    a.vmovq(x86::xmm2, x86::rax);
    a.emit(wide ? x86::Inst::kIdVucomisd : x86::Inst::kIdVucomiss, x86::xmm0, x86::xmm2);
    a.jae(rare(RarePath::Access));
  }
  a.emit(wide ? x86::Inst::kIdVcvttsd2si : x86::Inst::kIdVcvttss2si, word ? x86::Gp(x86::eax) : x86::Gp(x86::rax), x86::xmm0);
  switch (n.op) {
    case IrOp::f_to_i32:
      a.cmp(x86::eax, imm(static_cast<i32>(0x80000000)));
      a.je(rare(RarePath::Access));
      break;
    case IrOp::f_to_i64:
      a.mov(x86::rcx, imm(static_cast<i64>(u64{1} << 63)));
      a.cmp(x86::rax, x86::rcx);
      a.je(rare(RarePath::Access));
      break;
    case IrOp::f_to_u32:
      a.mov(x86::rcx, x86::rax);
      a.shr(x86::rcx, imm(32));
      a.jnz(rare(RarePath::Access));
      break;
    default:
      a.test(x86::rax, x86::rax);
      a.js(rare(RarePath::Access));
      break;
  }
  round(mode);  // Inexact, where it is
  mark_dirty();
  if (word || n.op == IrOp::f_to_u32) a.movsxd(to, x86::eax);
  else if (to != x86::rax) a.mov(to, x86::rax);
}

// Bits 0..3: negative infinity, normal, subnormal, zero; 4..7: the positive ones from zero on (I, 20.9).
void Emitter::f_class(const x86::Gp& to, const Node& n) {
  need_fp();
  const bool wide = n.size == 8;
  const x86::Xmm from = f_operand(n.a, x86::xmm1);
  const auto sized = [wide](const x86::Gp& r) { return wide ? r : x86::Gp(r.r32()); };
  const auto bits_to = [&](const x86::Gp& r) {
    if (wide) a.vmovq(r, from);
    else a.vmovd(r.r32(), from);
  };
  // Magnitudes are shifted left by one: without the sign.
  const u64 infinity = wide ? 0xffe0'0000'0000'0000 : 0xff00'0000;
  const u64 normal = wide ? 0x0020'0000'0000'0000 : 0x0100'0000;
  bits_to(x86::rax);
  a.emit(x86::Inst::kIdAdd, sized(x86::rax), sized(x86::rax));
  a.mov(sized(x86::rdx), imm(infinity));
  a.emit(x86::Inst::kIdCmp, sized(x86::rax), sized(x86::rdx));
  a.ja(rare(RarePath::Access));  // a NaN
  a.mov(x86::ecx, imm(5));
  a.sbb(x86::ecx, imm(0));
  for (const u64 begin : {normal, u64{1}}) {
    a.mov(sized(x86::rdx), imm(begin));
    a.emit(x86::Inst::kIdCmp, sized(x86::rax), sized(x86::rdx));
    a.sbb(x86::ecx, imm(-1));
  }
  bits_to(x86::rdx);
  a.emit(x86::Inst::kIdSar, sized(x86::rdx), imm(wide ? 63 : 31));
  a.and_(x86::edx, imm(7));
  a.xor_(x86::ecx, x86::edx);
  a.mov(x86::eax, imm(1));
  a.shlx(to.r32(), x86::eax, x86::ecx);
}

}  // namespace orrery::direct
