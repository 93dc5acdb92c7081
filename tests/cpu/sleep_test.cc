// wfi (II, 3.3.3) and the marker HINT.
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

const u32 wfi = encode(RowId::wfi, {}), add = encode(RowId::addi, {.rd = 5, .rs1 = 5, .imm = 1});

TEST(Wfi, WithNothingToComeIsADeadlock) {
  Rig rig;
  rig.program(Rig::code, {wfi, add});
  EXPECT_EQ(rig.machine.run({100, never}).why, Stop::Why::Deadlock);
  EXPECT_TRUE(rig.hart.waiting);
  EXPECT_EQ(rig.hart.x[5], 0u);
}

TEST(Wfi, GoesOnWithAPendingInterruptWhateverTheGlobalEnable) {
  for (const bool enabled : {false, true}) {
    Rig rig;
    csr_write(rig.hart, 0x304, interrupt::MSI);
    csr_write(rig.hart, 0x300, enabled ? mstatus::MIE : 0);
    rig.program(Rig::code, {wfi, add});
    rig.machine.run({1, Tick{50'000'000}});
    rig.hart.set_wire(3, true);
    rig.run(1);
    EXPECT_EQ(rig.hart.x[5], enabled ? 0u : 1u);
    EXPECT_EQ(rig.hart.pc, enabled ? Rig::handler : Rig::code + 8);
    if (enabled) continue;
    EXPECT_EQ(rig.hart.csr.mcause, 0u);
  }
}

TEST(Wfi, ReturnsBehindItself) {
  Rig rig;
  csr_write(rig.hart, 0x304, interrupt::MSI);
  csr_write(rig.hart, 0x300, mstatus::MIE);
  rig.program(Rig::code, {wfi, add});
  rig.machine.run({1, Tick{50'000'000}});
  rig.hart.set_wire(3, true);
  rig.run(1);
  EXPECT_EQ(rig.hart.csr.mepc, Rig::code + 4);
}

TEST(Wfi, DisabledInterruptsDoNotWake) {
  Rig rig;
  rig.hart.set_wire(7, true);
  rig.program(Rig::code, {wfi, add});
  EXPECT_EQ(rig.machine.run({100, never}).why, Stop::Why::Deadlock);
}

TEST(Wfi, TimeGoesOnAndCyclesToo) {
  Rig rig;
  rig.program(Rig::code, {wfi, add});
  EXPECT_EQ(rig.machine.run({100, Tick{1'000'000'000}}).why, Stop::Why::Time);
  EXPECT_GE(rig.hart.cycle_counter(), 1'000'000u);
  EXPECT_EQ(rig.hart.retired(), 1u);
}

TEST(Wfi, ModesThatMay) {
  const struct {
    const char* isa;
    Privilege mode;
    u64 status;
    bool good;
  } cases[] = {
      {"rv64imacsu_zicsr", Privilege::Machine, mstatus::TW, true},
      {"rv64imacsu_zicsr", Privilege::Supervisor, 0, true},
      {"rv64imacsu_zicsr", Privilege::Supervisor, mstatus::TW, false},
      {"rv64imacsu_zicsr", Privilege::User, 0, false},
      {"rv64imacu_zicsr", Privilege::User, 0, true},
      {"rv64imacu_zicsr", Privilege::User, mstatus::TW, false},
  };
  for (const auto& c : cases) {
    Rig rig(Json{{"isa", c.isa}});
    csr_write(rig.hart, 0x300, c.status);
    csr_write(rig.hart, 0x304, interrupt::MSI);
    rig.enter(c.mode);
    EXPECT_EQ(rig.execute(wfi), c.good ? no_trap() : trapped(Cause::IllegalInstruction, wfi));
    EXPECT_EQ(rig.hart.waiting, c.good);
  }
}

// slti x0, x0, n: nothing but a call of the machine's hook, in every mode; n from 1 on.
TEST(Marker, CallsTheHookInEveryMode) {
  Rig rig;
  std::vector<u32> seen;
  rig.machine.set_marker_hook([&](Hart&, u32 number) { seen.push_back(number); });
  for (const Privilege mode : {Privilege::User, Privilege::Supervisor, Privilege::Machine}) {
    rig.enter(mode);
    EXPECT_EQ(rig.execute(RowId::marker, {.imm = 7}), no_trap());
  }
  EXPECT_EQ(rig.execute(RowId::marker, {.imm = 2047}), no_trap());
  EXPECT_EQ(rig.execute(RowId::marker, {.imm = 0}), no_trap());
  EXPECT_EQ(rig.execute(RowId::marker, {.imm = -1}), no_trap());
  EXPECT_EQ(rig.execute(RowId::slti, {.rd = 1, .imm = 9}), no_trap());  // no HINT
  EXPECT_EQ(rig.execute(RowId::slti, {.rs1 = 1, .imm = 9}), no_trap());
  EXPECT_EQ(seen, (std::vector<u32>{7, 7, 7, 2047}));
  EXPECT_EQ(rig.hart.x[0], 0u);
}

TEST(Marker, MayStopTheMachineBeforeTheNextInstruction) {
  Rig rig;
  rig.machine.set_marker_hook([&](Hart&, u32) { rig.machine.request_stop({Stop::Why::Requested, 0, "marker"}); });
  rig.program(Rig::code, {add, encode(RowId::marker, {.imm = 1}), add});
  EXPECT_EQ(rig.machine.run({100, never}).why, Stop::Why::Requested);
  EXPECT_EQ(rig.hart.x[5], 1u);
  EXPECT_EQ(rig.hart.pc, Rig::code + 8);
}

TEST(Zero, X0StaysZeroWhateverWritesIt) {
  Rig rig;
  rig.write(Rig::data, ~u64{0});
  rig.hart.x[11] = Rig::data;
  for (const u32 bits : {encode(RowId::lui, {.imm = 0x1000}), encode(RowId::ld, {.rs1 = 11}), encode(RowId::amoadd_d, {.rs1 = 11}),
                         encode(RowId::csrrs, {.imm = 0x301}), encode(RowId::fclass_d, {}), 0x4005u /* c.li zero,1 */}) {
    EXPECT_EQ(rig.execute(bits), no_trap());
    EXPECT_EQ(rig.execute(RowId::addi, {.rd = 12}), no_trap());
    EXPECT_EQ(rig.hart.x[12], 0u);
  }
}

}  // namespace
}  // namespace orrery
