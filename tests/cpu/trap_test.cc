// Exceptions, interrupts, delegation, and the returns (II, 3.1.6 to 3.1.9, 3.3, 12.1).
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr Privilege user = Privilege::User, supervisor = Privilege::Supervisor, machine = Privilege::Machine;

TEST(Trap, EnvironmentCallsAndBreakpoints) {
  Rig rig;
  for (const auto& [mode, cause] : {std::pair{user, Cause::EcallFromU}, {supervisor, Cause::EcallFromS}, {machine, Cause::EcallFromM}}) {
    rig.enter(mode);
    EXPECT_EQ(rig.execute(RowId::ecall, {}), trapped(cause, 0));
    EXPECT_EQ(rig.hart.csr.mepc, Rig::code);
    EXPECT_EQ(rig.csr(0x300) & mstatus::MPP, static_cast<u64>(mode) << 11);
  }
  EXPECT_EQ(rig.execute(RowId::ebreak, {}), trapped(Cause::Breakpoint, Rig::code));
  EXPECT_EQ(rig.execute(0x9002), trapped(Cause::Breakpoint, Rig::code));
}

// II, 3.1.16: mtval holds the bits of an illegal instruction.
TEST(Trap, IllegalInstructionsShowTheirBits) {
  Rig rig;
  EXPECT_EQ(rig.execute(0xffffffff), trapped(Cause::IllegalInstruction, 0xffffffff));
  EXPECT_EQ(rig.execute(0x00000000), trapped(Cause::IllegalInstruction, 0));
  EXPECT_EQ(rig.execute(0x8000), trapped(Cause::IllegalInstruction, 0x8000));
}

TEST(Trap, TheStackOfPrivileges) {
  Rig rig;
  csr_write(rig.hart, 0x300, mstatus::MIE);
  rig.execute(RowId::ecall, {});
  EXPECT_EQ(rig.hart.csr.mstatus & (mstatus::MIE | mstatus::MPIE | mstatus::MPP), mstatus::MPIE | mstatus::MPP);
  csr_write(rig.hart, 0x341, Rig::code + 0x100);
  EXPECT_EQ(rig.execute(RowId::mret, {}), no_trap());
  EXPECT_EQ(rig.hart.pc, Rig::code + 0x100);
  EXPECT_EQ(rig.hart.privilege, machine);
  EXPECT_EQ(rig.hart.csr.mstatus & (mstatus::MIE | mstatus::MPIE | mstatus::MPP), mstatus::MIE | mstatus::MPIE);
}

TEST(Trap, ReturnsToLowerModesClearMprv) {
  for (const auto& [mpp, kept] : {std::pair{u64{0}, false}, {u64{1}, false}, {u64{3}, true}}) {
    Rig rig;
    csr_write(rig.hart, 0x300, mstatus::MPRV | mpp << 11);
    csr_write(rig.hart, 0x341, Rig::code);
    EXPECT_EQ(rig.execute(RowId::mret, {}), no_trap());
    EXPECT_EQ(rig.hart.privilege, static_cast<Privilege>(mpp));
    EXPECT_EQ((rig.hart.csr.mstatus & mstatus::MPRV) != 0, kept);
  }
  Rig rig;
  csr_write(rig.hart, 0x300, mstatus::MPRV | mstatus::SPP | mstatus::SPIE);
  csr_write(rig.hart, 0x141, Rig::code + 8);
  EXPECT_EQ(rig.execute(RowId::sret, {}), no_trap());
  EXPECT_EQ(rig.hart.privilege, supervisor);
  EXPECT_EQ(rig.hart.pc, Rig::code + 8);
  EXPECT_EQ(rig.hart.csr.mstatus & (mstatus::MPRV | mstatus::SPP | mstatus::SPIE | mstatus::SIE), mstatus::SPIE | mstatus::SIE);
}

TEST(Trap, DelegationGoesByCauseAndNeverDown) {
  for (const Privilege mode : {user, supervisor, machine})
    for (const bool delegated : {false, true}) {
      Rig rig;
      csr_write(rig.hart, 0x302, delegated ? 1 << 2 : ~u64{1 << 2});
      csr_write(rig.hart, 0x300, mstatus::SIE);
      rig.enter(mode);
      const bool to_supervisor = delegated && mode != machine;
      EXPECT_EQ(rig.execute(0x0000), (Rig::Outcome{2, 0, to_supervisor}));
      EXPECT_EQ(rig.hart.privilege, to_supervisor ? supervisor : machine);
      if (!to_supervisor) continue;
      EXPECT_EQ(rig.hart.csr.sepc, Rig::code);
      EXPECT_EQ(rig.hart.csr.mstatus & (mstatus::SIE | mstatus::SPIE), mstatus::SPIE);
      EXPECT_EQ((rig.hart.csr.mstatus & mstatus::SPP) != 0, mode == supervisor);
    }
}

TEST(Trap, InterruptPriorities) {
  const u8 order[] = {11, 3, 7, 9, 1, 5, 13};  // MEI MSI MTI SEI SSI STI LCOFI
  Rig rig;
  csr_write(rig.hart, 0x304, ~u64{0});
  csr_write(rig.hart, 0x300, mstatus::MIE);
  for (const u8 cause : order) rig.hart.set_wire(cause, true);
  for (const u8 cause : order) {
    EXPECT_EQ(rig.hart.pending_interrupt(), cause);
    rig.hart.set_wire(cause, false);
  }
  EXPECT_FALSE(rig.hart.pending_interrupt());
}

// II, 3.1.9: those for M mode come before delegated ones, whatever their numbers.
TEST(Trap, MachineInterruptsBeforeDelegatedOnes) {
  Rig rig;
  csr_write(rig.hart, 0x304, ~u64{0});
  csr_write(rig.hart, 0x303, interrupt::SEI);
  rig.hart.set_wire(9, true);
  rig.hart.set_wire(5, true);
  rig.enter(user);
  EXPECT_EQ(rig.hart.pending_interrupt(), 5u);
  rig.hart.set_wire(5, false);
  EXPECT_EQ(rig.hart.pending_interrupt(), 9u);
}

TEST(Trap, GlobalEnablesCountInTheirModeOnly) {
  const struct {
    Privilege mode;
    u64 status;
    bool delegated, taken;
  } cases[] = {
      {machine, 0, false, false},           {machine, mstatus::MIE, false, true},
      {machine, mstatus::SIE, true, false}, {machine, mstatus::MIE | mstatus::SIE, true, false},
      {supervisor, 0, false, true},         {supervisor, 0, true, false},
      {supervisor, mstatus::SIE, true, true}, {user, 0, true, true}, {user, 0, false, true},
  };
  for (const auto& c : cases) {
    Rig rig;
    csr_write(rig.hart, 0x304, interrupt::SSI);
    csr_write(rig.hart, 0x303, c.delegated ? interrupt::SSI : 0);
    csr_write(rig.hart, 0x300, c.status);
    csr_write(rig.hart, 0x344, interrupt::SSI);
    rig.enter(c.mode);
    EXPECT_EQ(rig.hart.pending_interrupt().has_value(), c.taken);
    rig.program(Rig::code, {encode(RowId::jal, {})});
    rig.run(1);
    EXPECT_EQ(rig.hart.pc, !c.taken ? Rig::code : c.delegated ? Rig::supervisor_handler : Rig::handler);
    const u64 cause = c.delegated ? rig.hart.csr.scause : rig.hart.csr.mcause;
    EXPECT_EQ(cause, c.taken ? u64{1} << 63 | 1 : 0);
  }
}

// II, 3.1.7: only interrupts are vectored.
TEST(Trap, VectoredMode) {
  Rig rig;
  csr_write(rig.hart, 0x305, Rig::handler | 1);
  EXPECT_EQ(rig.execute(RowId::ecall, {}).cause, 11);
  EXPECT_EQ(rig.hart.pc, Rig::handler);
  csr_write(rig.hart, 0x304, interrupt::MTI);
  csr_write(rig.hart, 0x300, mstatus::MIE);
  rig.hart.set_wire(7, true);
  rig.hart.pc = Rig::code;
  rig.program(Rig::handler + 4 * 7, {encode(RowId::jal, {})});
  rig.run(1);
  EXPECT_EQ(rig.hart.pc, Rig::handler + 4 * 7);
  EXPECT_EQ(rig.hart.csr.mepc, Rig::code);
  EXPECT_EQ(rig.hart.csr.mtval, 0u);
}

TEST(Trap, AnEnabledInterruptIsTakenBeforeTheNextInstruction) {
  Rig rig;
  csr_write(rig.hart, 0x304, interrupt::SSI);
  csr_write(rig.hart, 0x344, interrupt::SSI);
  rig.hart.pc = Rig::code;
  rig.program(Rig::code, {encode(RowId::csrrsi, {.rs1 = 8, .imm = 0x300}), encode(RowId::addi, {.rd = 5, .imm = 1})});
  rig.run(2);
  EXPECT_EQ(rig.hart.csr.mepc, Rig::code + 4);
  EXPECT_EQ(rig.hart.x[5], 0u);
}

TEST(Trap, FetchingWhereNothingIs) {
  Rig rig;
  EXPECT_EQ(rig.at(0x4000'0000), trapped(Cause::InstructionAccess, 0x4000'0000));
  EXPECT_EQ(rig.at(u64{1} << 60), trapped(Cause::InstructionAccess, u64{1} << 60));
  EXPECT_EQ(rig.at(0x1000'0000), trapped(Cause::InstructionAccess, 0x1000'0000));  // a device's registers
}

// I, 2.5: without C the jump traps, not its target, and rd stays.
TEST(Trap, MisalignedTargetsWithoutC) {
  Rig rig(Json{{"isa", "rv64imau_zicsr"}});
  rig.hart.x[1] = 77;
  rig.hart.x[11] = Rig::code + 6;
  EXPECT_EQ(rig.execute(RowId::jal, {.rd = 1, .imm = 6}), trapped(Cause::InstructionMisaligned, Rig::code + 6));
  EXPECT_EQ(rig.execute(RowId::jalr, {.rd = 1, .rs1 = 11}), trapped(Cause::InstructionMisaligned, Rig::code + 6));
  EXPECT_EQ(rig.execute(RowId::beq, {.imm = 6}), trapped(Cause::InstructionMisaligned, Rig::code + 6));
  EXPECT_EQ(rig.execute(RowId::bne, {.imm = 6}), no_trap());
  EXPECT_EQ(rig.hart.x[1], 77u);
  csr_write(rig.hart, 0x341, Rig::code + 6);
  EXPECT_EQ(rig.execute(RowId::mret, {}), no_trap());
  EXPECT_EQ(rig.hart.pc, Rig::code + 4);
}

TEST(Trap, JalrDropsTheLowestBit) {
  Rig rig;
  rig.hart.x[11] = Rig::code + 9;
  EXPECT_EQ(rig.execute(RowId::jalr, {.rd = 11, .rs1 = 11, .imm = 2}), no_trap());
  EXPECT_EQ(rig.hart.pc, Rig::code + 10);
  EXPECT_EQ(rig.hart.x[11], Rig::code + 4);
}

TEST(Trap, FaultingLoadsLeaveTheirDestination) {
  Rig rig;
  rig.hart.x[10] = 5;
  EXPECT_EQ(rig.load(0x4000'0000), trapped(Cause::LoadAccess, 0x4000'0000));
  EXPECT_EQ(rig.hart.x[10], 5u);
  rig.hart.f[10] = 6;
  EXPECT_EQ(rig.load(0x4000'0000, RowId::fld), trapped(Cause::LoadAccess, 0x4000'0000));
  EXPECT_EQ(rig.hart.f[10], 6u);
  EXPECT_EQ(rig.store(0x4000'0000), trapped(Cause::StoreAccess, 0x4000'0000));
}

TEST(Trap, AtomicsWhereNoRamIs) {
  Rig rig;
  rig.hart.x[11] = 0x1000'0000;
  EXPECT_EQ(rig.execute(RowId::amoadd_w, {.rs1 = 11}), trapped(Cause::StoreAccess, 0x1000'0000));
  EXPECT_EQ(rig.execute(RowId::lr_w, {.rs1 = 11}), trapped(Cause::LoadAccess, 0x1000'0000));
}

}  // namespace
}  // namespace orrery
