// From rows to IR: one block of each instruction.
#include "models/direct/ir.h"

#include <gtest/gtest.h>

#include "models/direct/ir_builder.h"
#include "tests/models/direct/blocks.h"

namespace orrery::direct {
namespace {

std::string built(u32 bits, u64 page_offset = 0, bool compressed = true) {
  return text_of(ir_of({bits}, page_offset, {compressed}));
}

TEST(DirectIr, ArithmeticReadsAndWritesRegisters) {
  EXPECT_EQ(built(encode(RowId::addi, {.rd = 10, .rs1 = 11, .imm = -8})), "x10 = add(x11, -0x8)\n");
  EXPECT_EQ(built(encode(RowId::sub, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = sub(x2, x3)\n");
  EXPECT_EQ(built(encode(RowId::addw, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = sext32(add(x2, x3))\n");
  EXPECT_EQ(built(encode(RowId::sh2add_uw, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = add(x3, sll(zext32(x2), 0x2))\n");
  EXPECT_EQ(built(encode(RowId::bclr, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = and_(x2, xor_(sll(0x1, x3), -0x1))\n");
}

TEST(DirectIr, X0IsAConstantAndItsSink) {
  EXPECT_EQ(built(encode(RowId::add, {.rd = 0, .rs1 = 0, .rs2 = 3})), "x32 = add(0x0, x3)\n");
  EXPECT_EQ(built(encode(RowId::ld, {.rd = 0, .rs1 = 3})), "x32 = load8[add(x3, 0x0)]\n");
}

TEST(DirectIr, AddressesAreRelativeToThePage) {
  EXPECT_EQ(built(encode(RowId::auipc, {.rd = 1, .imm = 0x1000}), 0x20), "x1 = add(page+0x20, 0x1000)\n");
  EXPECT_EQ(built(encode(RowId::jal, {.rd = 1, .imm = -0x20}), 0x40), "goto page+0x20 link x1\n");
  EXPECT_EQ(built(encode(RowId::jalr, {.rd = 1, .rs1 = 5, .imm = 4})), "jump and_(add(x5, 0x4), -0x2) link x1\n");
  EXPECT_EQ(built(encode(RowId::beq, {.rs1 = 1, .rs2 = 2, .imm = 8}), 0xffc), "branch seq(x1, x2) page+0x1004\n");
  EXPECT_EQ(built(encode(RowId::bgeu, {.rs1 = 1, .rs2 = 2, .imm = 8})), "branch not sltu(x1, x2) page+0x8\n");
}

// Without C a target may be misaligned, which the handler finds out.
TEST(DirectIr, TargetsThatMayTrapAreInterpreted) {
  EXPECT_EQ(built(encode(RowId::jalr, {.rd = 1, .rs1 = 5}), 0, false), "interpret\n");
  EXPECT_EQ(built(encode(RowId::beq, {.rs1 = 1, .rs2 = 2, .imm = 6}), 0, false), "interpret\n");
  EXPECT_EQ(built(encode(RowId::jal, {.rd = 1, .imm = 6}), 0, false), "interpret\n");
  EXPECT_EQ(built(encode(RowId::jal, {.rd = 1, .imm = 8}), 0, false), "goto page+0x8 link x1\n");
}

TEST(DirectIr, Memory) {
  EXPECT_EQ(built(encode(RowId::lw, {.rd = 1, .rs1 = 2, .imm = 4})), "x1 = load4s[add(x2, 0x4)]\n");
  EXPECT_EQ(built(encode(RowId::lhu, {.rd = 1, .rs1 = 2})), "x1 = load2[add(x2, 0x0)]\n");
  EXPECT_EQ(built(encode(RowId::sb, {.rs1 = 2, .rs2 = 3, .imm = 1})), "store1[add(x2, 0x1)] = x3\n");
  EXPECT_EQ(built(encode(RowId::flw, {.rd = 1, .rs1 = 2})), "f1.4 = load[add(x2, 0x0)]\n");
  EXPECT_EQ(built(encode(RowId::fsd, {.rs1 = 2, .rs2 = 3})), "store8[add(x2, 0x0)] = f3\n");
}

TEST(DirectIr, FloatingPoint) {
  EXPECT_EQ(built(encode(RowId::fadd_d, {.rd = 1, .rs1 = 2, .rs2 = 3, .rm = 7})), "f1.8 = fadd(f2.8, f3.8)\n");
  EXPECT_EQ(built(encode(RowId::fnmadd_s, {.rd = 1, .rs1 = 2, .rs2 = 3, .rs3 = 4, .rm = 7})),
            "f1.4 = fma(fneg(f2.4), f3.4, fneg(f4.4))\n");
  EXPECT_EQ(built(encode(RowId::feq_s, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = feq(f2.4, f3.4)\n");
}

TEST(DirectIr, ConversionsAndClasses) {
  EXPECT_EQ(built(encode(RowId::fcvt_lu_d, {.rd = 1, .rs1 = 2, .rm = 7})), "x1 = f_to_u64(f2.8)\n");
  EXPECT_EQ(built(encode(RowId::fcvt_w_s, {.rd = 1, .rs1 = 2, .rm = 2})), "x1 = f_to_i32(f2.4)\n");
  EXPECT_EQ(built(encode(RowId::fcvt_d_lu, {.rd = 1, .rs1 = 2, .rm = 7})), "f1.8 = u64_to_f(x2)\n");
  EXPECT_EQ(built(encode(RowId::fcvt_s_wu, {.rd = 1, .rs1 = 2, .rm = 7})), "f1.4 = i64_to_f(zext32(x2))\n");
  EXPECT_EQ(built(encode(RowId::fclass_s, {.rd = 1, .rs1 = 2})), "x1 = fclass(f2.4)\n");
}

TEST(DirectIr, StoredCsrs) {
  EXPECT_EQ(built(encode(RowId::csrrw, {.rd = 4, .rs1 = 4, .imm = 0x140})), "x4 = (sscratch = x4)\n");
  EXPECT_EQ(built(encode(RowId::csrrs, {.rd = 1, .imm = 0x341})), "x1 = mepc\n");
  EXPECT_EQ(built(encode(RowId::csrrwi, {.rs1 = 5, .imm = 0x340})), "x32 = (mscratch = 0x5)\n");
  EXPECT_EQ(built(encode(RowId::csrrs, {.rd = 1, .rs1 = 2, .imm = 0x140})), "interpret\n");
  EXPECT_EQ(built(encode(RowId::csrrs, {.rd = 1, .imm = 0x100})), "x1 = sstatus\n");
  EXPECT_EQ(built(encode(RowId::csrrci, {.rd = 1, .rs1 = 2, .imm = 0x100})), "x1 = (sstatus &~= 0x2)\n");
  EXPECT_EQ(built(encode(RowId::csrrs, {.rs1 = 2, .imm = 0x100})), "x32 = (sstatus |= x2)\n");
  EXPECT_EQ(built(encode(RowId::csrrsi, {.rd = 1, .rs1 = 3, .imm = 0x100})), "interpret\n");
}

TEST(DirectIr, AtomicOperationsAreLoadsThatStore) {
  EXPECT_EQ(built(encode(RowId::amoadd_w, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = amoadd4[x2, x3]\n");
  EXPECT_EQ(built(encode(RowId::amomaxu_d, {.rd = 0, .rs1 = 2, .rs2 = 0})), "x32 = amomaxu8[x2, 0x0]\n");
  EXPECT_EQ(built(encode(RowId::lr_d, {.rd = 1, .rs1 = 2})), "x1 = lr8[x2]\n");
  EXPECT_EQ(built(encode(RowId::sc_w, {.rd = 1, .rs1 = 2, .rs2 = 3})), "x1 = sc4[x2] = x3\n");
}

// Whatever the IR has no node for is one Interpret, without remains of what was begun.
TEST(DirectIr, IrregularRowsAreInterpretedAsAWhole) {
  for (const u32 bits : {encode(RowId::fadd_d, {.rd = 1, .rs1 = 2, .rs2 = 3, .rm = 4}), encode(RowId::fadd_s, {.rm = 5}),
                         encode(RowId::csrrw, {.rd = 1, .imm = 3}), encode(RowId::ecall, {}), encode(RowId::wfi, {}),
                         encode(RowId::fcvt_lu_d, {.rd = 1, .rs1 = 2, .rm = 4})})
    EXPECT_EQ(built(bits), "interpret\n") << std::hex << bits;
}

// The order of the contract: a value before its use, used once, within the same instruction.
TEST(DirectIr, EveryRowGivesAWellFormedTree) {
  Random random(1);
  for (std::size_t i = 0; i < row_count; ++i)
    for (int n = 0; n < 8; ++n) {
      const Ir ir = ir_of({encode(row_at(i), random_operands(row_at(i), random)), jump_to_self}, 16, {});
      std::vector<int> uses(ir.nodes.size());
      for (std::size_t at = 0; at < ir.nodes.size(); ++at)
        for (const Ref r : {ir.nodes[at].a, ir.nodes[at].b, ir.nodes[at].c}) {
          if (r == no_ref) continue;
          ASSERT_LT(r, at) << row_info(row_at(i)).name;
          ASSERT_EQ(++uses[r], 1) << row_info(row_at(i)).name;
          ASSERT_EQ(ir.nodes[at].guest, ir[r].guest) << row_info(row_at(i)).name;
        }
    }
}

}  // namespace
}  // namespace orrery::direct
