// What an instruction does besides writing its register happens also when nobody reads that register.
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

// `first`, whose result a1 or x0 is overwritten at once.
void expect_same(Twins& twins, u32 first, u64 address, u64 mstatus = 3 << 13) {
  for (const u32 second : {li(10, 5), li(0, 0)}) {
    twins.jump(Twins::code);
    twins.csr(3, 0);
    twins.csr(0x300, mstatus);
    twins.x(11, address);
    twins.harts_do([](Hart& h) {
      h.f[1] = 0x7ff0000000000001;  // a signalling NaN
      h.f[2] = 0xffffffff3f800001;
    });
    twins.program(Twins::code, {first, second, li(12, 1), jump_by(0)});
    twins.run({20});
    EXPECT_TWINS_EQUAL(twins);
  }
}

TEST(DirectOverwritten, LoadsTrap) {
  Twins twins;
  for (const u8 rd : Regs{10, 0}) {
    expect_same(twins, encode(RowId::ld, {.rd = rd, .rs1 = 11}), Twins::nothing);
    expect_same(twins, encode(RowId::lbu, {.rd = rd, .rs1 = 11}), Twins::nothing);
  }
}

TEST(DirectOverwritten, LoadsReachDevices) {
  Twins twins;
  twins.machines_do([](Machine& m) { m.board().uart().receive('x', m.now()); });
  twins.x(11, Twins::uart);
  twins.program(Twins::code, {encode(RowId::lbu, {.rd = 10, .rs1 = 11}), li(10, 5), jump_by(0)});
  twins.run({20});
  EXPECT_TWINS_EQUAL(twins);
}

TEST(DirectOverwritten, FloatingPointRaisesFlagsAndTraps) {
  Twins twins;
  for (const u64 status : {u64{0}, u64{1} << 13, u64{2} << 13, u64{3} << 13})
    for (const u8 rd : Regs{10, 0}) {
      expect_same(twins, encode(RowId::feq_d, {.rd = rd, .rs1 = 1, .rs2 = 1}), 0, status);
      expect_same(twins, encode(RowId::fle_s, {.rd = rd, .rs1 = 1, .rs2 = 2}), 0, status);
      expect_same(twins, encode(RowId::fcvt_w_s, {.rd = rd, .rs1 = 2, .rm = 1}), 0, status);
      expect_same(twins, encode(RowId::fcvt_l_d, {.rd = rd, .rs1 = 1, .rm = 7}), 0, status);
      expect_same(twins, encode(RowId::fmv_x_w, {.rd = rd, .rs1 = 2}), 0, status);
      expect_same(twins, encode(RowId::fmv_x_d, {.rd = rd, .rs1 = 2}), 0, status);
      expect_same(twins, encode(RowId::fclass_s, {.rd = rd, .rs1 = 2}), 0, status);
    }
}

}  // namespace
}  // namespace orrery
