// Counters: minstret, inhibition, overflow interrupts (Sscofpmf), the timer of S mode (Sstc).
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr u64 selects_instructions = 2, selects_cycles = 1, overflow = u64{1} << 63;
const u32 nop = encode(RowId::addi, {}), loop = encode(RowId::jal, {});

u32 write_csr(u32 number, u8 from) { return encode(RowId::csrrw, {.rs1 = from, .imm = static_cast<i32>(number)}); }
u32 read_csr(u8 to, u32 number) { return encode(RowId::csrrs, {.rd = to, .imm = static_cast<i32>(number)}); }

// I, 7.1.1: what one instruction writes is what the next one reads.
TEST(Counter, AWrittenValueIsTheNextOnesToRead) {
  for (const u32 number : {0xb02u, 0xb03u}) {
    Rig rig;
    csr_write(rig.hart, 0x323, selects_instructions);
    rig.hart.x[10] = 1000;
    rig.program(Rig::code, {write_csr(number, 10), read_csr(11, number), nop, nop, read_csr(12, number)});
    rig.run(5);
    EXPECT_EQ(rig.hart.x[11], 1000u) << std::hex << number;
    EXPECT_EQ(rig.hart.x[12], 1003u) << std::hex << number;
  }
}

TEST(Counter, TrappingInstructionsDoNotRetire) {
  Rig rig;
  rig.hart.x[10] = 0;
  rig.program(Rig::code, {write_csr(0xb02, 10), nop, encode(RowId::ecall, {})});
  rig.program(Rig::handler, {read_csr(11, 0xb02), read_csr(12, 0xc02)});
  rig.run(5);
  EXPECT_EQ(rig.hart.x[11], 1u);
  EXPECT_EQ(rig.hart.x[12], 2u);
}

TEST(Counter, CyclesFollowTheClock) {
  Rig rig;
  rig.program(Rig::code, {read_csr(10, 0xb00), nop, nop, read_csr(11, 0xb00)});
  rig.run(4);
  EXPECT_EQ(rig.hart.x[11] - rig.hart.x[10], 3u);
}

TEST(Counter, Inhibited) {
  Rig rig;
  rig.hart.x[10] = 4;  // minstret
  rig.program(Rig::code, {write_csr(0x320, 10), read_csr(11, 0xb02), nop, nop, read_csr(12, 0xb02),
                          read_csr(13, 0xb00), nop, read_csr(14, 0xb00)});
  rig.run(8);
  EXPECT_EQ(rig.hart.x[11], rig.hart.x[12]);
  EXPECT_EQ(rig.hart.x[14] - rig.hart.x[13], 2u);
  EXPECT_EQ(rig.warl(0xb02, 5), 5u);
}

TEST(Counter, PrivilegeFilters) {
  const struct {
    u64 filter;
    Privilege mode;
    bool counts;
  } cases[] = {
      {0, Privilege::Machine, true}, {0, Privilege::User, true},
      {u64{1} << 62, Privilege::Machine, false}, {u64{1} << 62, Privilege::Supervisor, true},
      {u64{1} << 61, Privilege::Supervisor, false}, {u64{1} << 61, Privilege::User, true},
      {u64{1} << 60, Privilege::User, false}, {u64{1} << 60, Privilege::Machine, true},
  };
  for (const auto& c : cases) {
    Rig rig;
    rig.program(Rig::code, {loop});
    csr_write(rig.hart, 0x323, selects_instructions | c.filter);
    rig.enter(c.mode);
    const u64 before = read_counter(rig.hart, 3);
    rig.run(10);
    EXPECT_EQ(read_counter(rig.hart, 3) - before, c.counts ? 10u : 0u);
  }
}

// The instruction that sets a counter of instructions going is not counted, whichever it is; a return
// is counted in the mode that it leaves.
TEST(Counter, WhoSetsItGoingIsNotCounted) {
  const struct {
    u32 first, second;  // the CSRs written, from x10 and x11
    u64 x10, x11;
    u32 counter;
  } cases[] = {
      {0x323, 0xb03, selects_instructions, 0, 0xb03},
      {0xb03, 0x323, 0, selects_instructions, 0xb03},
      {0xb02, 0x320, 0, 0, 0xb02},
  };
  for (const auto& c : cases) {
    Rig rig;
    csr_write(rig.hart, 0x320, c.second == 0x320 ? 4 : 0);
    rig.hart.x[10] = c.x10;
    rig.hart.x[11] = c.x11;
    rig.program(Rig::code, {write_csr(c.first, 10), write_csr(c.second, 11), nop, nop,
                            read_csr(12, c.counter)});
    rig.run(5);
    EXPECT_EQ(rig.hart.x[12], 2u) << std::hex << c.second;
  }
}

TEST(Counter, AReturnIsCountedWhereItStands) {
  for (const bool counts_user : {true, false}) {
    Rig rig;
    const u64 filter = u64{1} << (counts_user ? 62 : 60);  // inhibits M, or U
    rig.hart.x[10] = selects_instructions | filter;
    rig.program(Rig::code, {write_csr(0xb03, 0), write_csr(0x323, 10), nop, encode(RowId::mret, {})});
    rig.program(Rig::user_code, {nop, nop, nop, encode(RowId::ecall, {})});
    rig.program(Rig::handler, {read_csr(12, 0xb03)});
    rig.return_to_user();
    rig.run(9);
    EXPECT_EQ(rig.hart.x[12], counts_user ? 3u : 2u) << "the nop and mret, or three nops";
  }
}

// The interrupt comes after exactly the instruction that overflowed the counter: not one early, not
// one late.
TEST(Counter, OverflowInterruptsAtTheRightInstruction) {
  for (const u64 left : {u64{1}, u64{2}, u64{63}, u64{64}, u64{65}, u64{1000}}) {
    Rig rig;
    csr_write(rig.hart, 0x304, interrupt::LCOFI);
    csr_write(rig.hart, 0x300, mstatus::MIE);
    csr_write(rig.hart, 0x323, selects_instructions);
    rig.hart.x[10] = u64{0} - left;
    rig.program(Rig::code, {write_csr(0xb03, 10)});
    for (u64 i = 1; i < 1100; ++i) rig.program(Rig::code + 4 * i, {nop});
    rig.run(left);  // the write, and all but one
    EXPECT_EQ(rig.hart.csr.mip() & interrupt::LCOFI, 0u) << left;
    rig.run(1);
    rig.run(1);
    EXPECT_EQ(rig.hart.csr.mcause, u64{1} << 63 | 13) << left;
    EXPECT_EQ(rig.hart.csr.mepc, Rig::code + 4 * (left + 1)) << left;
    EXPECT_TRUE(rig.hart.csr.mhpmevent[3] & overflow);
  }
}

TEST(Counter, OverflowIsNotedOnceUntilCleared) {
  Rig rig;
  rig.program(Rig::code, {loop});
  csr_write(rig.hart, 0x323, selects_instructions | overflow);
  csr_write(rig.hart, 0xb03, ~u64{0});
  rig.run(10);
  EXPECT_EQ(rig.hart.csr.mip() & interrupt::LCOFI, 0u);
  csr_write(rig.hart, 0x323, selects_instructions);
  csr_write(rig.hart, 0xb03, ~u64{0} - 4);
  rig.run(10);
  EXPECT_EQ(rig.hart.csr.mip() & interrupt::LCOFI, interrupt::LCOFI);
  EXPECT_EQ(rig.csr(0xda0), u64{1} << 3);
}

TEST(Counter, OverflowsAreShownBelowByMcounteren) {
  Rig rig;
  csr_write(rig.hart, 0x323, overflow);
  csr_write(rig.hart, 0x324, overflow);
  csr_write(rig.hart, 0x306, 1 << 4);
  EXPECT_EQ(rig.csr(0xda0), 0x18u);
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.csr(0xda0), 0x10u);
}

TEST(Counter, CyclesOverflowToo) {
  Rig rig;
  rig.program(Rig::code, {loop});
  csr_write(rig.hart, 0x323, selects_cycles);
  csr_write(rig.hart, 0xb03, u64{0} - 20);
  rig.run(19);
  EXPECT_EQ(rig.hart.csr.mip() & interrupt::LCOFI, 0u);
  rig.run(1);
  EXPECT_EQ(rig.hart.csr.mip() & interrupt::LCOFI, interrupt::LCOFI);
}

// Sstc: at 1 GHz and a timebase of 10 MHz, `time` is 5 from instruction 500 on.
TEST(Timer, StimecmpAtTheRightInstruction) {
  Rig rig;
  rig.program(Rig::code, {loop});
  csr_write(rig.hart, 0x30a, envcfg::STCE);
  csr_write(rig.hart, 0x304, interrupt::STI);
  csr_write(rig.hart, 0x300, mstatus::MIE);
  csr_write(rig.hart, 0x14d, 5);
  rig.run(500);
  EXPECT_EQ(rig.hart.pc, Rig::code);
  rig.run(1);
  EXPECT_EQ(rig.hart.csr.mcause, u64{1} << 63 | 5);
  csr_write(rig.hart, 0x14d, ~u64{0});
  EXPECT_EQ(rig.hart.csr.mip(), 0u);
  csr_write(rig.hart, 0x14d, 0);
  EXPECT_EQ(rig.hart.csr.mip(), interrupt::STI);
}

// II, 10.2: with STCE STIP is stimecmp's and not software's.
TEST(Timer, StipIsReadOnlyWithStce) {
  Rig rig;
  rig.warl(0x344, interrupt::STI);
  rig.warl(0x30a, envcfg::STCE);
  EXPECT_EQ(rig.csr(0x344), 0u);
  EXPECT_EQ(rig.warl(0x344, interrupt::STI), 0u);
  rig.warl(0x30a, 0);
  EXPECT_EQ(rig.warl(0x344, interrupt::STI), interrupt::STI);
}

TEST(Timer, ASleepingHartWakesAtStimecmp) {
  Rig rig;
  csr_write(rig.hart, 0x30a, envcfg::STCE);
  csr_write(rig.hart, 0x304, interrupt::STI);
  csr_write(rig.hart, 0x14d, 100);
  rig.program(Rig::code, {encode(RowId::wfi, {}), read_csr(10, 0xc01)});
  rig.run(2);
  EXPECT_EQ(rig.hart.x[10], 100u);
}

// Nobody else would wake it: its own cycles have to.
TEST(Counter, ASleepingHartWakesAtTheOverflow) {
  Rig rig;
  csr_write(rig.hart, 0x304, interrupt::LCOFI);
  csr_write(rig.hart, 0x323, selects_cycles);
  csr_write(rig.hart, 0xb03, u64{0} - 500);
  csr_write(rig.hart, 0x324, selects_cycles);
  csr_write(rig.hart, 0xb04, u64{0} - 300);
  csr_write(rig.hart, 0x300, 0);
  rig.program(Rig::code, {encode(RowId::wfi, {}), read_csr(10, 0xb00)});
  rig.run(2);
  EXPECT_EQ(rig.hart.x[10], 300u);
  EXPECT_EQ(rig.hart.csr.mip() & interrupt::LCOFI, interrupt::LCOFI);
  EXPECT_FALSE(rig.hart.csr.mhpmevent[3] & overflow);
  EXPECT_TRUE(rig.hart.csr.mhpmevent[4] & overflow);
}

}  // namespace
}  // namespace orrery
