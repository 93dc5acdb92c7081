// Wrong paths: what the Speculator computes, and that nobody else notices.
#include "base/archive.h"
#include "cpu/exec/speculative.h"
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

struct SpeculatorRig : Rig {
  using Rig::Rig;

  // Steps down the path at `code`, at most `most` times, until it ends.
  u64 follow(u64 most = 100) {
    speculator.begin(code);
    u64 steps = 0;
    while (steps < most && speculator.step(done)) ++steps;
    return steps;
  }
  // Everything a checkpoint holds of the machine, and the data page.
  std::string everything() {
    std::string bytes(page_size, 0);
    EXPECT_TRUE(machine.memory().read_bytes(PhysAddr{data}, std::span(reinterpret_cast<u8*>(bytes.data()), bytes.size())));
    const auto state = Json::to_cbor(save_tree(machine, false));
    return bytes + std::string(state.begin(), state.end());
  }
  void map_data(u64 flags) { entry = map(data, data, pte::V | flags); }

  u64 entry = 0;
  Speculator speculator{hart};
  Executed done;
};

const u32 to_x10 = encode(RowId::ld, {.rd = 10, .rs1 = 11}), from_x12 = encode(RowId::sd, {.rs1 = 11, .rs2 = 12});

TEST(Speculator, SaysWhatItExecuted) {
  SpeculatorRig rig;
  rig.hart.x[11] = Rig::data;
  rig.program(Rig::code, {encode(RowId::lw, {.rd = 10, .rs1 = 11, .imm = 4}), encode(RowId::beq, {.imm = 64})});
  rig.speculator.begin(Rig::code);
  ASSERT_TRUE(rig.speculator.step(rig.done));
  EXPECT_EQ(rig.done.result, Executed::Result::Done);
  EXPECT_EQ(rig.done.op.row, RowId::lw);
  EXPECT_EQ(rig.done.pc, Rig::code);
  EXPECT_EQ(rig.done.next_pc, Rig::code + 4);
  EXPECT_EQ(rig.done.fetch, PhysAddr{Rig::code});
  EXPECT_EQ(rig.done.access, Op::Memory::Load);
  EXPECT_EQ(rig.done.address, Rig::data + 4);
  EXPECT_EQ(rig.done.physical, PhysAddr{Rig::data + 4});
  EXPECT_EQ(rig.done.op.size, 4u);
  ASSERT_TRUE(rig.speculator.step(rig.done));
  EXPECT_EQ(rig.done.access, Op::Memory::None);
  EXPECT_EQ(rig.done.next_pc, Rig::code + 4 + 64);
}

TEST(Speculator, RegistersAreItsOwn) {
  SpeculatorRig rig;
  rig.hart.x[10] = 5;
  // 5, 6, 12, 24; the jump goes over what would spoil it.
  rig.program(Rig::code, {encode(RowId::addi, {.rd = 10, .rs1 = 10, .imm = 1}), encode(RowId::add, {.rd = 10, .rs1 = 10, .rs2 = 10}),
                          encode(RowId::jal, {.rd = 1, .imm = 8}), encode(RowId::addi, {.rd = 10, .imm = 0}),
                          encode(RowId::add, {.rd = 10, .rs1 = 10, .rs2 = 10}), encode(RowId::add, {.rs1 = 10, .rs2 = 1}),
                          encode(RowId::fcvt_d_l, {.rd = 3, .rs1 = 10}), encode(RowId::fmv_x_d, {.rd = 11, .rs1 = 3})});
  const std::string before = rig.everything();
  EXPECT_EQ(rig.follow(7), 7u);
  EXPECT_EQ(rig.everything(), before);
  EXPECT_EQ(rig.hart.x[10], 5u);
  rig.follow(5);
  EXPECT_EQ(rig.done.operand[0], 24u);
  EXPECT_EQ(rig.done.operand[1], Rig::code + 12);
}

TEST(Speculator, LoadsSeeTheOverlayAndNobodyElseDoes) {
  SpeculatorRig rig;
  rig.write(Rig::data, 0x1111111111111111);
  rig.hart.x[11] = Rig::data;
  rig.hart.x[12] = 0x2222222222222222;
  rig.program(Rig::code, {encode(RowId::sh, {.rs1 = 11, .rs2 = 12, .imm = 2}), to_x10,
                          encode(RowId::addi, {.rd = 13, .rs1 = 10}), encode(RowId::sb, {.rs1 = 11, .imm = 2}), to_x10,
                          encode(RowId::addi, {.rd = 13, .rs1 = 10})});
  const std::string before = rig.everything();
  rig.follow(3);
  EXPECT_EQ(rig.done.operand[0], 0x1111111122221111u);
  rig.follow(6);
  EXPECT_EQ(rig.done.operand[0], 0x1111111122001111u);  // the youngest store wins
  EXPECT_EQ(rig.everything(), before);
  // A new path begins with memory as it is.
  rig.program(Rig::code, {to_x10, encode(RowId::addi, {.rd = 13, .rs1 = 10})});
  rig.follow(2);
  EXPECT_EQ(rig.done.operand[0], 0x1111111111111111u);
}

TEST(Speculator, SetsNoAccessedOrDirtyBits) {
  SpeculatorRig rig(Json{{"adue", true}});
  rig.map_data(pte::R | pte::W);
  rig.translate();
  const u64 code_entry = rig.map(Rig::code, Rig::code, pte::V | pte::R | pte::X);
  rig.hart.x[11] = Rig::data;
  rig.program(Rig::code, {to_x10, from_x12, encode(RowId::amoadd_d, {.rd = 10, .rs1 = 11, .rs2 = 12}), to_x10});
  const std::string before = rig.everything();
  EXPECT_EQ(rig.follow(4), 4u);
  EXPECT_EQ(rig.read(rig.entry) & (pte::A | pte::D), 0u);
  EXPECT_EQ(rig.read(code_entry) & (pte::A | pte::D), 0u);
  EXPECT_EQ(rig.everything(), before);
}

TEST(Speculator, AtomicsWorkOnTheOverlayAndReserveNothing) {
  SpeculatorRig rig;
  rig.write(Rig::data, 40);
  rig.hart.x[11] = Rig::data;
  rig.hart.x[12] = 2;
  rig.program(Rig::code, {encode(RowId::amoadd_d, {.rd = 10, .rs1 = 11, .rs2 = 12}), encode(RowId::lr_d, {.rd = 13, .rs1 = 11}),
                          encode(RowId::sc_d, {.rd = 14, .rs1 = 11, .rs2 = 12}), to_x10,
                          encode(RowId::add, {.rd = 15, .rs1 = 13, .rs2 = 14})});
  const std::string before = rig.everything();
  EXPECT_EQ(rig.follow(5), 5u);
  EXPECT_EQ(rig.done.operand[0], 42u);
  EXPECT_EQ(rig.done.operand[1], 1u);  // the store-conditional failed
  EXPECT_EQ(rig.hart.reservation_bytes, 0u);
  EXPECT_EQ(rig.everything(), before);
}

TEST(Speculator, EndsBeforeWhateverHasAnEffectOrCannotBeDone) {
  const u64 uart = 0x1000'0000, nothing = 0x4000'0000, rom = 0x1000;
  const struct {
    const char* what;
    u32 instruction;
    u64 x11;
  } cases[] = {
      {"device load", encode(RowId::lb, {.rd = 10, .rs1 = 11}), uart},
      {"device store", encode(RowId::sb, {.rs1 = 11, .rs2 = 12}), uart},
      {"nothing there", to_x10, nothing},
      {"ROM", to_x10, rom},
      {"beyond physical addresses", to_x10, ~u64{0} << 57},
      {"crosses a page", to_x10, Rig::data + page_size - 4},
      {"misaligned atomic", encode(RowId::amoadd_d, {.rd = 10, .rs1 = 11, .rs2 = 12}), Rig::data + 4},
      {"misaligned reservation", encode(RowId::lr_w, {.rd = 10, .rs1 = 11}), Rig::data + 2},
      {"ecall", encode(RowId::ecall, {}), 0},
      {"ebreak", encode(RowId::ebreak, {}), 0},
      {"mret", encode(RowId::mret, {}), 0},
      {"wfi", encode(RowId::wfi, {}), 0},
      {"csr", encode(RowId::csrrs, {.rd = 10, .imm = 0x340}), 0},
      {"fence.i", encode(RowId::fence_i, {}), 0},
      {"sfence.vma", encode(RowId::sfence_vma, {}), 0},
      {"cbo.zero", encode(RowId::cbo_zero, {.rs1 = 11}), Rig::data},
      {"marker", encode(RowId::slti, {.imm = 2}), 0},
      {"illegal", 0xffff'ffff, 0},
      {"dynamic rounding mode that is reserved", encode(RowId::fadd_d, {.rd = 1, .rs1 = 1, .rs2 = 1, .rm = 7}), 0},
  };
  for (const auto& c : cases) {
    SpeculatorRig rig;
    rig.hart.frm = 5;
    rig.hart.x[11] = c.x11;
    rig.program(Rig::code, {encode(RowId::addi, {.rd = 1, .imm = 1}), c.instruction, encode(RowId::addi, {.rd = 1, .imm = 2})});
    const std::string before = rig.everything();
    EXPECT_EQ(rig.follow(), 1u) << c.what;
    EXPECT_FALSE(rig.speculator.step(rig.done)) << c.what << ": once ended it goes on";
    EXPECT_EQ(rig.everything(), before) << c.what;
    EXPECT_EQ(rig.hart.untaken, 0u);
  }
}

TEST(Speculator, EndsWhereItCannotBeFetched) {
  for (const u64 target : {u64{0x1000'0000}, u64{0x4000'0000}, ~u64{0} - 1}) {
    SpeculatorRig rig;
    rig.hart.x[11] = target;
    rig.program(Rig::code, {encode(RowId::jalr, {.rd = 1, .rs1 = 11})});
    EXPECT_EQ(rig.follow(), 1u) << std::hex << target;
  }
}

TEST(Speculator, EndsAtFaultsOfTranslationAndProtection) {
  const struct {
    const char* what;
    u64 flags;
    u32 instruction;
    bool goes;
  } cases[] = {
      {"readable", pte::V | pte::R | pte::A, to_x10, true},
      {"not writable", pte::V | pte::R | pte::A, from_x12, false},
      {"not readable", pte::V | pte::X | pte::A, to_x10, false},
      {"invalid", pte::R | pte::W | pte::A | pte::D, to_x10, false},
      {"of U mode", pte::V | pte::R | pte::U | pte::A, to_x10, false},
      {"not accessed, and no hardware to note it", pte::V | pte::R, to_x10, false},
  };
  for (const auto& c : cases) {
    SpeculatorRig rig(Json{{"adue", false}});
    rig.map(Rig::data, Rig::data, c.flags);
    rig.translate();
    rig.hart.x[11] = Rig::data;
    rig.program(Rig::code, {c.instruction, encode(RowId::ecall, {})});
    EXPECT_EQ(rig.follow(), c.goes ? 1u : 0u) << c.what;
    EXPECT_EQ(rig.hart.csr.mcause, 0u);
  }
  // PMP: entry 0 closes the data page, entry 1 opens the rest.
  SpeculatorRig rig;
  csr_write(rig.hart, 0x3b1, ~u64{0});
  csr_write(rig.hart, 0x3b0, Rig::data >> 2 | 0x1ff);
  csr_write(rig.hart, 0x3a0, 0x1f18);
  rig.enter(Privilege::User);
  rig.hart.x[11] = Rig::data;
  rig.program(Rig::code, {to_x10, encode(RowId::ecall, {})});
  EXPECT_EQ(rig.follow(), 0u);
  rig.hart.x[11] = Rig::data + page_size;
  EXPECT_EQ(rig.follow(), 1u);
  rig.enter(Privilege::Machine);
  rig.hart.x[11] = Rig::data;
  EXPECT_EQ(rig.follow(), 1u);
}

TEST(Speculator, MisalignedAccessesAsTheHartDoesThem) {
  for (const bool hardware : {true, false}) {
    SpeculatorRig rig(Json{{"misaligned", hardware}});
    rig.hart.x[11] = Rig::data + 3;
    rig.program(Rig::code, {to_x10, encode(RowId::ecall, {})});
    EXPECT_EQ(rig.follow(), hardware ? 1u : 0u);
  }
}

TEST(Speculator, StoresAreBounded) {
  SpeculatorRig rig;
  rig.hart.x[11] = Rig::data;
  rig.program(Rig::code, {from_x12, encode(RowId::jal, {.imm = -4})});
  EXPECT_LT(rig.follow(10'000), 1'000u);
}

TEST(Speculator, SelfModifyingPathsReadMemoryAsItIs) {
  SpeculatorRig rig;
  rig.program(Rig::code, {encode(RowId::addi, {.rd = 10, .imm = 1}), encode(RowId::ecall, {})});
  EXPECT_EQ(rig.follow(), 1u);
  rig.program(Rig::code, {encode(RowId::addi, {.rd = 11, .imm = 1}), encode(RowId::addi, {.rd = 12, .imm = 1}), encode(RowId::ecall, {})});
  EXPECT_EQ(rig.follow(), 2u);
  EXPECT_EQ(rig.follow(2), 2u);
  EXPECT_EQ(rig.done.op.rd, 12u);
}

}  // namespace
}  // namespace orrery
