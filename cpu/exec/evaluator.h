// Evaluators give the instruction rows their meaning. This one computes values.
//
// It is a template over a Context, which owns the registers and the way to memory: the real hart
// (cpu/exec/hart_context.h) or a speculative copy (cpu/exec/speculative.h). A translator brings an
// evaluator of its own whose values are nodes of an IR; the rows stay the same.
//
// Contract with the rows: after a fault every later effect of the row is discarded; an AMO is one
// operation; at most one call with an effect stands in an expression.
#pragma once

#include <type_traits>

#include "cpu/fp/fp.h"
#include "cpu/isa/op.h"
#include "cpu/isa/ops.h"

namespace orrery {

enum class AmoOp { Swap, Add, Xor, And, Or, Min, Max, Minu, Maxu };

template <class Context>
class Evaluator {
 public:
  Evaluator(Context& context, const Op& op) : context_(context), op_(op) {}

  // --- registers and constants ------------------------------------------------------------------
  u64 x(u8 r) const { return context_.x(r); }
  void x(u8 r, u64 value) {
    if (!failed_) context_.set_x(r, value);
  }
  u64 constant(i64 value) const { return static_cast<u64>(value); }
  u64 pc() const { return context_.pc(); }
  void nothing() {}
  void fence() {}

  // --- pure operations --------------------------------------------------------------------------
#define PURE1(name) \
  u64 name(u64 a) const { return ops::name(a); }
#define PURE2(name) \
  u64 name(u64 a, u64 b) const { return ops::name(a, b); }
#include "cpu/isa/pure_ops.def"
#undef PURE1
#undef PURE2

  // --- control flow -----------------------------------------------------------------------------
  // Goes to pc + offset when `condition` (0 or 1) is as wanted.
  void branch(u64 condition, bool wanted, i64 offset) {
    if ((condition != 0) == wanted) go(context_.pc() + static_cast<u64>(offset));
  }
  // Goes to `target`; rd receives the address of the following instruction (I, 2.5.1).
  void jump(u64 target, u8 rd) {
    const u64 link = context_.pc() + op_.length;
    go(target);
    x(rd, link);
  }

  // --- memory -----------------------------------------------------------------------------------
  // T says the width, and its sign how the value is extended.
  template <class T>
  u64 load(u64 address) {
    u64 value = 0;
    failed_ = !context_.template load<std::make_unsigned_t<T>>(address, value);
    return extend<T>(value);
  }
  template <class T>
  void store(u64 address, u64 value) {
    failed_ = !context_.template store<T>(address, value);
  }
  template <class T>
  void fstore(u64 address, u8 r) {
    store<T>(address, raw_f(r));
  }
  template <class T>
  u64 load_reserved(u64 address) {
    u64 value = 0;
    failed_ = !context_.load_reserved(address, sizeof(T), value);
    return extend<T>(value);
  }
  // 0 when the store happened, 1 when the reservation was lost.
  template <class T>
  u64 store_conditional(u64 address, u64 value) {
    u64 result = 1;
    failed_ = !context_.store_conditional(address, sizeof(T), value, result);
    return result;
  }
  template <class T, AmoOp op>
  u64 amo(u64 address, u64 operand) {
    u64 old = 0;
    failed_ = !context_.amo(address, sizeof(T), old, [operand](u64 memory) {
      return combine<op>(extend<T>(memory), extend<T>(operand));
    });
    return extend<T>(old);
  }

  // --- floating point (I, 20 and 21) ------------------------------------------------------------
  // Must hold before any row of F or D: mstatus.FS is on and the rounding mode is a valid one.
  bool fp_ready(bool has_rounding) {
    if (context_.fp_enabled() && (!has_rounding || rounding_number(op_.rm) <= 4)) return true;
    failed_ = true;
    context_.illegal();
    return false;
  }

  u64 raw_f(u8 r) const { return context_.f(r); }
  // A narrow value that is not NaN-boxed reads as the canonical NaN (I, 21.2).
  template <class T>
  T f(u8 r) const {
    const u64 raw = context_.f(r);
    if constexpr (sizeof(T) == 4) return raw >> 32 == 0xffffffff ? static_cast<u32>(raw) : 0x7fc00000u;
    else return raw;
  }
  template <class T>
  void f(u8 r, u64 value) {
    if (!failed_) context_.set_f(r, sizeof(T) == 4 ? value | 0xffffffff00000000 : value);
  }

  template <class T> T fneg(T a) const { return a ^ sign<T>; }
  template <class T> T fsgnj(T a, T b) const { return (a & ~sign<T>) | (b & sign<T>); }
  template <class T> T fsgnjn(T a, T b) const { return (a & ~sign<T>) | (~b & sign<T>); }
  template <class T> T fsgnjx(T a, T b) const { return a ^ (b & sign<T>); }

  template <class T> T fadd(T a, T b, u8 rm) { return fp::add<T>(a, b, rounding(rm), flags()); }
  template <class T> T fsub(T a, T b, u8 rm) { return fp::sub<T>(a, b, rounding(rm), flags()); }
  template <class T> T fmul(T a, T b, u8 rm) { return fp::mul<T>(a, b, rounding(rm), flags()); }
  template <class T> T fdiv(T a, T b, u8 rm) { return fp::div<T>(a, b, rounding(rm), flags()); }
  template <class T> T fsqrt(T a, u8 rm) { return fp::sqrt<T>(a, rounding(rm), flags()); }
  template <class T> T fma(T a, T b, T c, u8 rm) {
    return fp::fused_multiply_add<T>(a, b, c, rounding(rm), flags());
  }
  template <class T> T fmin(T a, T b) { return fp::min<T>(a, b, flags()); }
  template <class T> T fmax(T a, T b) { return fp::max<T>(a, b, flags()); }
  template <class T> u64 feq(T a, T b) { return fp::eq<T>(a, b, flags()); }
  template <class T> u64 flt(T a, T b) { return fp::lt<T>(a, b, flags()); }
  template <class T> u64 fle(T a, T b) { return fp::le<T>(a, b, flags()); }
  template <class T> u64 fclass(T a) { return fp::classify<T>(a); }
  template <class T, class Int> u64 f_to_int(T a, u8 rm) {
    if constexpr (std::is_same_v<Int, i32>) return fp::to_i32<T>(a, rounding(rm), flags());
    else if constexpr (std::is_same_v<Int, u32>) return fp::to_u32<T>(a, rounding(rm), flags());
    else if constexpr (std::is_same_v<Int, i64>) return fp::to_i64<T>(a, rounding(rm), flags());
    else return fp::to_u64<T>(a, rounding(rm), flags());
  }
  template <class T, class Int> T int_to_f(u64 a, u8 rm) {
    if constexpr (std::is_same_v<Int, i32>) return fp::from_i32<T>(static_cast<i32>(a), rounding(rm), flags());
    else if constexpr (std::is_same_v<Int, u32>) return fp::from_u32<T>(static_cast<u32>(a), rounding(rm), flags());
    else if constexpr (std::is_same_v<Int, i64>) return fp::from_i64<T>(static_cast<i64>(a), rounding(rm), flags());
    else return fp::from_u64<T>(a, rounding(rm), flags());
  }
  u32 narrow(u64 a, u8 rm) { return fp::convert<u32>(a, rounding(rm), flags()); }
  u64 widen(u32 a, u8 rm) { return fp::convert<u64>(a, rounding(rm), flags()); }

  bool failed() const { return failed_; }

 private:
  template <class T>
  static constexpr T sign = T{1} << (8 * sizeof(T) - 1);

  template <class T>
  static u64 extend(u64 value) {
    return static_cast<u64>(static_cast<i64>(static_cast<T>(value)));
  }
  template <AmoOp op>
  static u64 combine(u64 memory, u64 operand) {
    if constexpr (op == AmoOp::Swap) return operand;
    else if constexpr (op == AmoOp::Add) return memory + operand;
    else if constexpr (op == AmoOp::Xor) return memory ^ operand;
    else if constexpr (op == AmoOp::And) return memory & operand;
    else if constexpr (op == AmoOp::Or) return memory | operand;
    else if constexpr (op == AmoOp::Min) return ops::min(memory, operand);
    else if constexpr (op == AmoOp::Max) return ops::max(memory, operand);
    else if constexpr (op == AmoOp::Minu) return ops::minu(memory, operand);
    else return ops::maxu(memory, operand);
  }

  void go(u64 target) {
    if (!context_.go(target)) failed_ = true;
  }
  u8 rounding_number(u8 rm) const { return rm == 7 ? context_.frm() : rm; }
  fp::Rounding rounding(u8 rm) const { return static_cast<fp::Rounding>(rounding_number(rm)); }
  u8& flags() { return context_.fflags(); }

  Context& context_;
  const Op& op_;
  bool failed_ = false;
};

}  // namespace orrery
