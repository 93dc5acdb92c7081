// Immediate shapes (I, 2.3 and 26.2). All are sign-extended unless the manual says otherwise.
#pragma once

#include "base/bits.h"

namespace orrery {

constexpr i32 imm_of(u64 value) { return static_cast<i32>(static_cast<u32>(value)); }

constexpr i32 imm_i(u32 i) { return static_cast<i32>(i) >> 20; }
constexpr i32 imm_s(u32 i) { return imm_of(sign_extend(bits(i, 25, 7) << 5 | bits(i, 7, 5), 12)); }
constexpr i32 imm_b(u32 i) {
  return imm_of(sign_extend(bits(i, 31, 1) << 12 | bits(i, 7, 1) << 11 | bits(i, 25, 6) << 5 |
                                bits(i, 8, 4) << 1, 13));
}
constexpr i32 imm_u(u32 i) { return static_cast<i32>(i & 0xfffff000); }
constexpr i32 imm_j(u32 i) {
  return imm_of(sign_extend(bits(i, 31, 1) << 20 | bits(i, 12, 8) << 12 | bits(i, 20, 1) << 11 |
                                bits(i, 21, 10) << 1, 21));
}

// Compressed: ci (addi, li, andi, shifts), ci16 (addi16sp), ciw (addi4spn, unsigned), cw and cd
// (lw, ld and stores, unsigned), c?sp (stack relative, unsigned), cj, cb.
constexpr i32 imm_ci(u32 i) { return imm_of(sign_extend(bits(i, 12, 1) << 5 | bits(i, 2, 5), 6)); }
constexpr i32 imm_ci16(u32 i) {
  return imm_of(sign_extend(bits(i, 12, 1) << 9 | bits(i, 3, 2) << 7 | bits(i, 5, 1) << 6 |
                                bits(i, 2, 1) << 5 | bits(i, 6, 1) << 4, 10));
}
constexpr i32 imm_ciw(u32 i) {
  return imm_of(bits(i, 7, 4) << 6 | bits(i, 11, 2) << 4 | bits(i, 5, 1) << 3 | bits(i, 6, 1) << 2);
}
constexpr i32 imm_cw(u32 i) {
  return imm_of(bits(i, 5, 1) << 6 | bits(i, 10, 3) << 3 | bits(i, 6, 1) << 2);
}
constexpr i32 imm_cd(u32 i) { return imm_of(bits(i, 5, 2) << 6 | bits(i, 10, 3) << 3); }
constexpr i32 imm_cwsp(u32 i) {
  return imm_of(bits(i, 2, 2) << 6 | bits(i, 12, 1) << 5 | bits(i, 4, 3) << 2);
}
constexpr i32 imm_cdsp(u32 i) {
  return imm_of(bits(i, 2, 3) << 6 | bits(i, 12, 1) << 5 | bits(i, 5, 2) << 3);
}
constexpr i32 imm_cswsp(u32 i) { return imm_of(bits(i, 7, 2) << 6 | bits(i, 9, 4) << 2); }
constexpr i32 imm_csdsp(u32 i) { return imm_of(bits(i, 7, 3) << 6 | bits(i, 10, 3) << 3); }
constexpr i32 imm_cj(u32 i) {
  return imm_of(sign_extend(bits(i, 12, 1) << 11 | bits(i, 8, 1) << 10 | bits(i, 9, 2) << 8 |
                                bits(i, 6, 1) << 7 | bits(i, 7, 1) << 6 | bits(i, 2, 1) << 5 |
                                bits(i, 11, 1) << 4 | bits(i, 3, 3) << 1, 12));
}
constexpr i32 imm_cb(u32 i) {
  return imm_of(sign_extend(bits(i, 12, 1) << 8 | bits(i, 5, 2) << 6 | bits(i, 2, 1) << 5 |
                                bits(i, 10, 2) << 3 | bits(i, 3, 2) << 1, 9));
}

}  // namespace orrery
