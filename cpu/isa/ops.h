// The pure operations on 64-bit values that instruction rows are written in.
//
// One definition serves every evaluator: values (interpreter), constants (folding), and, by name,
// the nodes of a translator's IR (pure_ops.def lists them). Names follow the mnemonics; a `w` operates
// on the low 32 bits and sign-extends. Comparisons give 0 or 1.
#pragma once

#include <bit>

#include "base/bits.h"
#include "base/types.h"

namespace orrery::ops {

constexpr i64 s(u64 a) { return static_cast<i64>(a); }
constexpr u64 sext32(u64 a) { return static_cast<u64>(static_cast<i64>(static_cast<i32>(a))); }
constexpr u64 zext32(u64 a) { return static_cast<u32>(a); }

constexpr u64 sll(u64 a, u64 b) { return a << (b & 63); }
constexpr u64 srl(u64 a, u64 b) { return a >> (b & 63); }
constexpr u64 sra(u64 a, u64 b) { return static_cast<u64>(s(a) >> (b & 63)); }
constexpr u64 slt(u64 a, u64 b) { return s(a) < s(b); }
constexpr u64 sltu(u64 a, u64 b) { return a < b; }
constexpr u64 seq(u64 a, u64 b) { return a == b; }
constexpr u64 sllw(u64 a, u64 b) { return sext32(static_cast<u32>(a) << (b & 31)); }
constexpr u64 srlw(u64 a, u64 b) { return sext32(static_cast<u32>(a) >> (b & 31)); }
constexpr u64 sraw(u64 a, u64 b) { return static_cast<u64>(static_cast<i64>(static_cast<i32>(a) >> (b & 31))); }

// M (I, 12): division by zero gives all ones / the dividend; overflow gives the dividend / 0.
constexpr u64 mul(u64 a, u64 b) { return a * b; }
constexpr u64 mulh(u64 a, u64 b) { return static_cast<u64>((static_cast<i128>(s(a)) * s(b)) >> 64); }
constexpr u64 mulhu(u64 a, u64 b) { return static_cast<u64>((static_cast<u128>(a) * b) >> 64); }
constexpr u64 mulhsu(u64 a, u64 b) {
  return static_cast<u64>((static_cast<i128>(s(a)) * static_cast<i128>(static_cast<u128>(b))) >> 64);
}
constexpr u64 mulw(u64 a, u64 b) { return sext32(static_cast<u32>(a) * static_cast<u32>(b)); }
constexpr u64 divu(u64 a, u64 b) { return b == 0 ? ~u64{0} : a / b; }
constexpr u64 remu(u64 a, u64 b) { return b == 0 ? a : a % b; }
constexpr u64 div(u64 a, u64 b) {
  if (b == 0) return ~u64{0};
  if (s(b) == -1) return u64{0} - a;
  return static_cast<u64>(s(a) / s(b));
}
constexpr u64 rem(u64 a, u64 b) {
  if (b == 0) return a;
  if (s(b) == -1) return 0;
  return static_cast<u64>(s(a) % s(b));
}
constexpr u64 divw(u64 a, u64 b) { return sext32(div(sext32(a), sext32(b))); }
constexpr u64 remw(u64 a, u64 b) { return sext32(rem(sext32(a), sext32(b))); }
constexpr u64 divuw(u64 a, u64 b) { return sext32(divu(zext32(a), zext32(b))); }
constexpr u64 remuw(u64 a, u64 b) { return sext32(remu(zext32(a), zext32(b))); }

// Zbb, Zbs
constexpr u64 min(u64 a, u64 b) { return s(a) < s(b) ? a : b; }
constexpr u64 max(u64 a, u64 b) { return s(a) < s(b) ? b : a; }
constexpr u64 minu(u64 a, u64 b) { return a < b ? a : b; }
constexpr u64 maxu(u64 a, u64 b) { return a < b ? b : a; }
constexpr u64 rol(u64 a, u64 b) { return std::rotl(a, static_cast<int>(b & 63)); }
constexpr u64 ror(u64 a, u64 b) { return std::rotr(a, static_cast<int>(b & 63)); }
constexpr u64 rolw(u64 a, u64 b) { return sext32(std::rotl(static_cast<u32>(a), static_cast<int>(b & 31))); }
constexpr u64 rorw(u64 a, u64 b) { return sext32(std::rotr(static_cast<u32>(a), static_cast<int>(b & 31))); }
constexpr u64 clz(u64 a) { return static_cast<u64>(std::countl_zero(a)); }
constexpr u64 ctz(u64 a) { return static_cast<u64>(std::countr_zero(a)); }
constexpr u64 cpop(u64 a) { return static_cast<u64>(std::popcount(a)); }
constexpr u64 clzw(u64 a) { return static_cast<u64>(std::countl_zero(static_cast<u32>(a))); }
constexpr u64 ctzw(u64 a) { return static_cast<u64>(std::countr_zero(static_cast<u32>(a))); }
constexpr u64 cpopw(u64 a) { return static_cast<u64>(std::popcount(static_cast<u32>(a))); }
constexpr u64 sext8(u64 a) { return static_cast<u64>(static_cast<i64>(static_cast<i8>(a))); }
constexpr u64 sext16(u64 a) { return static_cast<u64>(static_cast<i64>(static_cast<i16>(a))); }
constexpr u64 zext16(u64 a) { return static_cast<u16>(a); }
constexpr u64 rev8(u64 a) { return __builtin_bswap64(a); }
constexpr u64 orcb(u64 a) {
  // Every bit of a byte is ORed into its lowest, which then fills the byte.
  a |= a >> 4 & 0x0f0f0f0f0f0f0f0f;
  a |= a >> 2 & 0x3f3f3f3f3f3f3f3f;
  a |= a >> 1;
  return (a & 0x0101010101010101) * 0xff;
}

}  // namespace orrery::ops
