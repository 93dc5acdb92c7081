// Two to eight harts on the same memory and the same translated code.
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

// Each hart counts in shared words by AMO and by LR/SC, adds in floating point with a rounding mode
// of its own, and now and then changes an instruction that all of them execute.
void build(Twins& twins) {
  using enum RowId;
  twins.program(Twins::code, {
      encode(amoadd_d, {.rd = 14, .rs1 = 10, .rs2 = 13}),
      encode(lr_d, {.rd = 15, .rs1 = 11}),
      encode(add, {.rd = 15, .rs1 = 15, .rs2 = 13}),
      encode(sc_d, {.rd = 16, .rs1 = 11, .rs2 = 15}),
      encode(bne, {.rs1 = 16, .imm = -12}),
      encode(fdiv_d, {.rd = 1, .rs1 = 2, .rs2 = 3, .rm = 7}),
      encode(fadd_d, {.rd = 4, .rs1 = 4, .rs2 = 1, .rm = 7}),
      encode(addi, {.rd = 20, .rs1 = 20, .imm = 1}),     // is changed
      encode(andi, {.rd = 21, .rs1 = 14, .imm = 0x7f}),
      encode(bne, {.rs1 = 21, .imm = 12}),
      encode(xor_, {.rd = 17, .rs1 = 17, .rs2 = 18}),
      encode(sw, {.rs1 = 12, .rs2 = 17, .imm = 28}),
      encode(csrrs, {.rd = 22, .imm = 0xc02}),
      encode(add, {.rd = 23, .rs1 = 23, .rs2 = 22}),
      jump_by(-56)});
  twins.x(10, Twins::data);
  twins.x(11, Twins::data + 64);
  twins.x(12, Twins::code);
  const u32 one = encode(addi, {.rd = 20, .rs1 = 20, .imm = 1});
  twins.x(17, one);
  twins.x(18, one ^ encode(addi, {.rd = 20, .rs1 = 20, .imm = 500}));
  twins.harts_do([](Hart& h) {
    h.x[13] = h.id + 1;
    h.frm = static_cast<u8>(h.id % 6);
    h.f[2] = 0x3ff0000000000000 + h.id;
    h.f[3] = 0x4008000000000000;
  });
}

TEST(DirectHarts, TwoToEight) {
  for (u32 harts = 2; harts <= 8; ++harts) {
    Twins twins(harts);
    build(twins);
    for (const u64 steps : {3'001, 50'000, 40'007, 77}) {
      twins.run({steps});
      ASSERT_EQ(twins.difference(), "") << harts << " harts, after " << steps;
    }
  }
}

}  // namespace
}  // namespace orrery
