// Each pass on small blocks: what it changes, and what it must leave alone.
#include "models/direct/passes.h"

#include <gtest/gtest.h>

#include "tests/models/direct/blocks.h"

namespace orrery::direct {
namespace {

constexpr u64 at = 0x100;  // page offset of the blocks

std::string after(void (*pass)(Ir&), const std::vector<u32>& words, u64 page_offset = at) {
  Ir ir = ir_of(words, page_offset);
  pass(ir);
  return text_of(ir);
}
u32 addi(u8 rd, u8 rs1, i32 imm) { return encode(RowId::addi, {.rd = rd, .rs1 = rs1, .imm = imm}); }
u32 add(u8 rd, u8 rs1, u8 rs2) { return encode(RowId::add, {.rd = rd, .rs1 = rs1, .rs2 = rs2}); }
u32 ld(u8 rd, u8 rs1) { return encode(RowId::ld, {.rd = rd, .rs1 = rs1}); }

TEST(DirectFold, SequencesBecomeConstants) {
  EXPECT_EQ(after(fold_constants, {encode(RowId::lui, {.rd = 5, .imm = 0x12345000}), addi(5, 5, 0x678), encode(RowId::slli, {.rd = 6, .rs1 = 5, .imm = 4})}),
            "x5 = 0x12345000\nx5 = 0x12345678\nx6 = 0x123456780\n");
  EXPECT_EQ(after(fold_constants, {addi(5, 0, -1), encode(RowId::divu, {.rd = 6, .rs1 = 5, .rs2 = 0})}),
            "x5 = -0x1\nx6 = -0x1\n");
  EXPECT_EQ(after(fold_constants, {addi(5, 0, 7), ld(6, 5)}), "x5 = 0x7\nx6 = load8[0x7]\n");
}

TEST(DirectFold, AddressesStayRelativeToThePage) {
  EXPECT_EQ(after(fold_constants, {encode(RowId::auipc, {.rd = 5, .imm = 0x1000}), addi(5, 5, -8)}),
            "x5 = page+0x1100\nx5 = page+0x10f8\n");
  EXPECT_EQ(after(fold_constants, {encode(RowId::auipc, {.rd = 1}), encode(RowId::jalr, {.rd = 1, .rs1 = 1, .imm = 0x21})}),
            "x1 = page+0x100\ngoto page+0x120 link x1\n");
}

TEST(DirectFold, AFarAddressStaysAnAddition) {
  const std::string text = after(fold_constants, {encode(RowId::auipc, {.rd = 5}), addi(6, 0, 1), encode(RowId::slli, {.rd = 6, .rs1 = 6, .imm = 40}), add(7, 5, 6)});
  EXPECT_NE(text.find("x7 = add(page+0x100, 0x10000000000)"), text.npos) << text;
}

TEST(DirectFold, WhatIsWrittenOtherwiseIsNotKnown) {
  EXPECT_EQ(after(fold_constants, {addi(5, 0, 7), ld(5, 6), addi(7, 5, 1)}),
            "x5 = 0x7\nx5 = load8[x6]\nx7 = add(x5, 0x1)\n");
  EXPECT_EQ(after(fold_constants, {addi(5, 0, 7), encode(RowId::csrrs, {.rd = 5, .imm = 3}), addi(7, 5, 1)}),
            "x5 = 0x7\ninterpret\nx7 = add(x5, 0x1)\n");
}

TEST(DirectFold, ABranchOnConstantsHasAConstantCondition) {
  EXPECT_EQ(after(fold_constants, {addi(5, 0, 7), encode(RowId::bne, {.rs1 = 5, .imm = 8})}), "x5 = 0x7\nbranch not 0x0 page+0x10c\n");
}

// beq over one or more instructions that compute one register.
TEST(DirectSelect, ShortSkipsBecomeSelections) {
  const u32 beq = encode(RowId::beq, {.rs1 = 6, .rs2 = 7, .imm = 12});
  EXPECT_EQ(after(select_skipped, {beq, add(5, 5, 8), addi(5, 5, 3), addi(9, 5, 1)}),
            "x5 = add(add(x5, x8), 0x3) unless seq(x6, x7)\nx9 = add(x5, 0x1)\n");
}

TEST(DirectDeadWrites, AreRemoved) {
  EXPECT_EQ(after(remove_dead_writes, {add(5, 6, 7), add(5, 8, 9)}), "x5 = add(x8, x9)\n");
  EXPECT_EQ(after(remove_dead_writes, {add(0, 6, 7)}), "");
}

TEST(DirectDeadWrites, NotWhatIsReadBetween) {
  EXPECT_EQ(after(remove_dead_writes, {add(5, 6, 7), add(8, 5, 5), add(5, 8, 9)}), "x5 = add(x6, x7)\nx8 = add(x5, x5)\nx5 = add(x8, x9)\n");
  EXPECT_EQ(after(remove_dead_writes, {add(5, 6, 7), add(5, 5, 9)}), "x5 = add(x6, x7)\nx5 = add(x5, x9)\n");
}

// A trap, a handler or the end of the block shows all registers.
TEST(DirectDeadWrites, NotWhatSomebodyMayLookAt) {
  for (const u32 between : {ld(20, 21), encode(RowId::sd, {.rs1 = 21, .rs2 = 22}), encode(RowId::beq, {.rs1 = 21, .rs2 = 22, .imm = 8}),
                            encode(RowId::csrrs, {.rd = 20, .imm = 3}), encode(RowId::div, {.rd = 20, .rs1 = 21, .rs2 = 22}),
                            encode(RowId::fadd_d, {.rd = 1, .rm = 7}), encode(RowId::feq_s, {.rd = 20}), encode(RowId::fmv_x_d, {.rd = 20}),
                            encode(RowId::flw, {.rd = 1, .rs1 = 21})})
    EXPECT_TRUE(after(remove_dead_writes, {add(5, 6, 7), between, add(5, 8, 9)}).starts_with("x5 = add(x6, x7)\n")) << std::hex << between;
}

// The register is not needed, the access and the flags are.
TEST(DirectDeadWrites, KeepWhatElseTheInstructionDoes) {
  EXPECT_EQ(after(remove_dead_writes, {ld(5, 6), add(5, 8, 9)}), "x32 = load8[add(x6, 0x0)]\nx5 = add(x8, x9)\n");
  EXPECT_EQ(after(remove_dead_writes, {encode(RowId::fle_d, {.rd = 5, .rs1 = 1, .rs2 = 2}), add(5, 8, 9)}),
            "x32 = fle(f1.8, f2.8)\nx5 = add(x8, x9)\n");
  EXPECT_EQ(after(remove_dead_writes, {encode(RowId::fmv_x_w, {.rd = 5, .rs1 = 1}), add(5, 8, 9)}),
            "x32 = sext32(f1)\nx5 = add(x8, x9)\n");
}

u32 fmul(u8 rd, u8 rs1, u8 rs2, RowId row = RowId::fmul_s) { return encode(row, {.rd = rd, .rs1 = rs1, .rs2 = rs2, .rm = 7}); }

TEST(DirectDeferNanChecks, UntilArithmeticOverwrites) {
  EXPECT_EQ(after(defer_nan_checks, {fmul(1, 1, 2), add(5, 6, 7), fmul(3, 1, 1), fmul(1, 1, 3)}),
            "f1.4 = fmul(f1.4, f2.4), any NaN\nx5 = add(x6, x7)\nf3.4 = fmul(f1.4, f1.4)\nf1.4 = fmul(f1.4, f3.4)\n");
}

// Whoever looks may see which NaN it is.
TEST(DirectDeferNanChecks, NotBehindWhatLooks) {
  const u32 nan = fmul(1, 1, 2), over = fmul(1, 1, 3);
  for (const u32 between : {ld(20, 21), encode(RowId::sd, {.rs1 = 21, .rs2 = 22}), encode(RowId::beq, {.rs1 = 21, .rs2 = 22, .imm = 8}),
                            encode(RowId::csrrs, {.rd = 20, .imm = 3}), encode(RowId::div, {.rd = 20, .rs1 = 21, .rs2 = 22}),
                            encode(RowId::feq_s, {.rd = 20}), encode(RowId::fmv_x_w, {.rd = 20, .rs1 = 1}), encode(RowId::fclass_s, {.rd = 20, .rs1 = 1}),
                            encode(RowId::flw, {.rd = 9, .rs1 = 21}), encode(RowId::fsw, {.rs1 = 21, .rs2 = 1}),
                            encode(RowId::fsgnj_s, {.rd = 4, .rs1 = 1, .rs2 = 1}), encode(RowId::fmin_s, {.rd = 4, .rs1 = 1, .rs2 = 2}),
                            encode(RowId::fcvt_d_s, {.rd = 4, .rs1 = 1}), encode(RowId::fcvt_l_s, {.rd = 20, .rs1 = 1, .rm = 7}),
                            fmul(4, 1, 1, RowId::fmul_d)})
    EXPECT_TRUE(after(defer_nan_checks, {nan, between, over}).starts_with("f1.4 = fmul(f1.4, f2.4)\n")) << std::hex << between;
  EXPECT_EQ(after(defer_nan_checks, {encode(RowId::fmadd_s, {.rd = 1, .rs1 = 2, .rs2 = 3, .rs3 = 4, .rm = 7}), over}),
            "f1.4 = fma(f2.4, f3.4, f4.4)\nf1.4 = fmul(f1.4, f3.4)\n");
  EXPECT_EQ(after(defer_nan_checks, {nan}), "f1.4 = fmul(f1.4, f2.4)\n");
  EXPECT_EQ(after(defer_nan_checks, {nan, fmul(1, 2, 2, RowId::fmul_d)}), "f1.4 = fmul(f1.4, f2.4)\nf1.8 = fmul(f2.8, f2.8)\n");
  EXPECT_EQ(after(defer_nan_checks, {nan, encode(RowId::flw, {.rd = 1, .rs1 = 21})}), "f1.4 = fmul(f1.4, f2.4)\nf1.4 = load[add(x21, 0x0)]\n");
}

TEST(DirectUnused, ValuesOfRemovedWritesGoToo) {
  Ir ir = ir_of({add(5, 6, 7), add(5, 8, 9)}, at);
  remove_dead_writes(ir);
  remove_unused(ir);
  for (const Node& n : ir.nodes) EXPECT_EQ(n.dead, n.guest == 0);
}

TEST(DirectUnused, NothingWithAnEffectGoes) {
  Ir ir = ir_of({ld(5, 6), add(5, 8, 9), encode(RowId::sd, {.rs1 = 6, .rs2 = 5}), encode(RowId::fmv_x_w, {.rs1 = 1}), jump_to_self}, at);
  optimise(ir);
  EXPECT_EQ(text_of(ir), "x32 = load8[x6]\nx5 = add(x8, x9)\nstore8[x6] = x5\nx32 = sext32(f1)\ngoto page+0x110 link x32\n");
}

}  // namespace
}  // namespace orrery::direct
