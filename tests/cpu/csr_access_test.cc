// Who may access which CSR, and what the instructions read and write (I, 7; II, 2.1).
#include "cpu/isa/csr_name.h"
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr Privilege levels[] = {Privilege::User, Privilege::Supervisor, Privilege::Machine};

u32 csr_instruction(RowId row, u32 number, u8 rd, u8 rs1) {
  return encode(row, {.rd = rd, .rs1 = rs1, .imm = static_cast<i32>(number)});
}

TEST(CsrAccess, NumbersSayWhoAndWhetherToWrite) {
  Rig rig;
  unsigned existing = 0;
  for (u32 number = 0; number < 4096; ++number) {
    rig.enter(Privilege::Machine);
    if (!csr_access(rig.hart, number, false)) continue;
    ++existing;
    EXPECT_NE(csr_name(number), "") << std::hex << number;
    EXPECT_EQ(csr_access(rig.hart, number, true).has_value(), number >> 10 != 3) << std::hex << number;
    for (const Privilege p : levels) {
      rig.enter(p);
      EXPECT_TRUE(static_cast<u32>(p) >= (number >> 8 & 3) || !csr_access(rig.hart, number, false)) << std::hex << number;
    }
  }
  EXPECT_GT(existing, 140u);
}

TEST(CsrAccess, AbsentOnesAreIllegal) {
  Rig rig;
  for (const u32 number : {0x000u, 0x3a1u, 0x3a4u, 0x3c0u, 0x800u, 0xfffu, 0x5c0u, 0x200u, 0x600u, 0xb01u}) {
    const u32 bits = csr_instruction(RowId::csrrs, number, 10, 0);
    EXPECT_EQ(rig.execute(bits), trapped(Cause::IllegalInstruction, bits)) << std::hex << number;
  }
}

TEST(CsrAccess, ReadOnlyOnesMayBeReadWithoutWriting) {
  Rig rig;
  const struct {
    RowId row;
    u8 rd, rs1;
    bool good;
  } cases[] = {
      {RowId::csrrs, 10, 0, true},   {RowId::csrrc, 10, 0, true},  {RowId::csrrsi, 10, 0, true},
      {RowId::csrrci, 10, 0, true},  {RowId::csrrs, 10, 1, false},  // whatever x1 holds
      {RowId::csrrc, 0, 1, false},   {RowId::csrrw, 0, 0, false},   {RowId::csrrwi, 10, 0, false},
      {RowId::csrrsi, 10, 1, false},
  };
  for (const auto& c : cases) {
    const u32 bits = csr_instruction(c.row, 0xf14, c.rd, c.rs1);
    EXPECT_EQ(rig.execute(bits), c.good ? no_trap() : trapped(Cause::IllegalInstruction, bits)) << row_info(c.row).name;
  }
}

TEST(CsrAccess, SixInstructions) {
  const struct {
    RowId row;
    u8 rs1;
    u64 after;
  } cases[] = {
      {RowId::csrrw, 11, 0x0f},  {RowId::csrrs, 11, 0x3f},  {RowId::csrrc, 11, 0x30},
      {RowId::csrrwi, 5, 5},     {RowId::csrrsi, 5, 0x3d},  {RowId::csrrci, 0x10, 0x2c},
      {RowId::csrrs, 0, 0x3c},   {RowId::csrrci, 0, 0x3c},
  };
  for (const auto& c : cases) {
    Rig rig;
    csr_write(rig.hart, 0x340, 0x3c);
    rig.hart.x[11] = 0x0f;
    EXPECT_EQ(rig.execute(csr_instruction(c.row, 0x340, 10, c.rs1)), no_trap());
    EXPECT_EQ(rig.hart.x[10], 0x3cu) << row_info(c.row).name;
    EXPECT_EQ(rig.hart.csr.mscratch, c.after) << row_info(c.row).name;
  }
}

TEST(CsrAccess, SameSourceAndDestination) {
  Rig rig;
  csr_write(rig.hart, 0x340, 7);
  rig.hart.x[10] = 9;
  EXPECT_EQ(rig.execute(csr_instruction(RowId::csrrw, 0x340, 10, 10)), no_trap());
  EXPECT_EQ(rig.hart.x[10], 7u);
  EXPECT_EQ(rig.hart.csr.mscratch, 9u);
}

// II, 3.1.11 and 12.1.5: mcounteren gates S and U mode, scounteren U mode in addition.
TEST(CsrAccess, CountersAreGatedBelowMachineMode) {
  const struct {
    u32 number;
    u32 bit;
  } counters[] = {{0xc00, 0}, {0xc01, 1}, {0xc02, 2}, {0xc03, 3}, {0xc0a, 10}};
  for (const auto& counter : counters)
    for (const Privilege p : levels)
      for (unsigned open = 0; open < 4; ++open) {
        Rig rig;
        csr_write(rig.hart, 0x306, open & 1 ? u64{1} << counter.bit : 0);
        csr_write(rig.hart, 0x106, open & 2 ? u64{1} << counter.bit : 0);
        rig.enter(p);
        const bool good = p == Privilege::Machine || (p == Privilege::Supervisor ? open & 1 : open == 3);
        EXPECT_EQ(rig.csr_get(counter.number).cause, good ? -1 : 2) << std::hex << counter.number << " " << open;
      }
}

TEST(CsrAccess, CountersOfNoneRead0) {
  Rig rig;  // eight programmable ones: 3 to 10
  EXPECT_EQ(rig.warl(0xb0a, 5) >= 5, true);
  EXPECT_EQ(rig.warl(0xb0b, 5), 0u);
  EXPECT_EQ(rig.warl(0x32b, 5), 0u);
}

// II, 10.1: below M mode stimecmp needs menvcfg.STCE and mcounteren.TM.
TEST(CsrAccess, Stimecmp) {
  for (unsigned open = 0; open < 4; ++open) {
    Rig rig;
    csr_write(rig.hart, 0x30a, open & 1 ? envcfg::STCE : 0);
    csr_write(rig.hart, 0x306, open & 2 ? 2 : 0);
    EXPECT_EQ(rig.csr_get(0x14d).cause, -1);
    rig.enter(Privilege::Supervisor);
    EXPECT_EQ(rig.csr_get(0x14d).cause, open == 3 ? -1 : 2) << open;
  }
}

// II, 3.1.6.6: TVM makes satp and sfence.vma of S mode illegal; TSR its sret; TW its wfi.
TEST(CsrAccess, VirtualisationSupport) {
  Rig rig;
  const u32 fence = encode(RowId::sfence_vma, {}), back = encode(RowId::sret, {}), wait = encode(RowId::wfi, {});
  csr_write(rig.hart, 0x300, mstatus::TVM | mstatus::TSR | mstatus::TW);
  EXPECT_EQ(rig.csr_get(0x180).cause, -1);
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.csr_get(0x180).cause, 2);
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.csr_set(0x180, 0).cause, 2);
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.execute(fence), trapped(Cause::IllegalInstruction, fence));
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.execute(RowId::sinval_vma, {}).cause, 2);
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.execute(RowId::sfence_w_inval, {}), no_trap());
  EXPECT_EQ(rig.execute(back), trapped(Cause::IllegalInstruction, back));
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.execute(wait), trapped(Cause::IllegalInstruction, wait));
}

TEST(CsrAccess, PrivilegedInstructionsInUserMode) {
  Rig rig;
  for (const RowId row : {RowId::mret, RowId::sret, RowId::wfi, RowId::sfence_vma, RowId::sinval_vma,
                          RowId::sfence_w_inval, RowId::sfence_inval_ir}) {
    rig.enter(Privilege::User);
    const u32 bits = encode(row, {});
    EXPECT_EQ(rig.execute(bits), trapped(Cause::IllegalInstruction, bits)) << row_info(row).name;
  }
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.execute(RowId::mret, {}).cause, 2);
}

// I, 20.2 and II, 3.1.6.6: with FS off the floating-point state is not there.
TEST(CsrAccess, FloatingPointOff) {
  Rig rig;
  csr_write(rig.hart, 0x300, 0);
  for (const u32 number : {1u, 2u, 3u}) EXPECT_EQ(rig.csr_get(number).cause, 2);
  for (const RowId row : {RowId::fadd_d, RowId::fsgnj_s, RowId::fmv_x_d, RowId::fclass_s}) {
    const u32 bits = encode(row, {.rd = 1});
    EXPECT_EQ(rig.execute(bits), trapped(Cause::IllegalInstruction, bits));
  }
  rig.hart.x[11] = Rig::data;
  EXPECT_EQ(rig.execute(0x219c), trapped(Cause::IllegalInstruction, 0x219c));  // c.fld fa5,0(a1)
  EXPECT_EQ(rig.execute(RowId::fsd, {.rs1 = 11}).cause, 2);
}

TEST(CsrAccess, ReservedRoundingModesAreIllegal) {
  Rig rig;
  for (u8 rm = 0; rm < 8; ++rm)
    for (u8 frm = 0; frm < 8; ++frm) {
      csr_write(rig.hart, 2, frm);
      const bool good = rm < 5 || (rm == 7 && frm < 5);
      EXPECT_EQ(rig.execute(RowId::fadd_d, {.rm = rm}).cause, good ? -1 : 2) << int{rm} << " " << int{frm};
      EXPECT_EQ(rig.execute(RowId::fcvt_d_w, {.rm = rm}).cause, good ? -1 : 2) << int{rm} << " " << int{frm};
      EXPECT_EQ(rig.execute(RowId::fsgnj_d, {}).cause, -1);
    }
}

}  // namespace
}  // namespace orrery
