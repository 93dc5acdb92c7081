// A timer interrupt at every possible instruction of a loop: mepc, instret and everything else are
// what they are under the interpreter.
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

// A loop of several blocks, with calls, an access to a device and floating point. The handler notes
// mepc and minstret and goes back.
void build(Twins& twins) {
  using enum RowId;
  twins.program(Twins::code, {
      encode(addi, {.rd = 20, .rs1 = 20, .imm = 1}),
      encode(sd, {.rs1 = 10, .rs2 = 20}),
      encode(ld, {.rd = 21, .rs1 = 10}),
      encode(fcvt_d_l, {.rd = 1, .rs1 = 21, .rm = 7}),
      encode(fdiv_d, {.rd = 2, .rs1 = 1, .rs2 = 3, .rm = 7}),
      encode(andi, {.rd = 22, .rs1 = 20, .imm = 3}),
      encode(beq, {.rs1 = 22, .imm = 12}),
      encode(mul, {.rd = 23, .rs1 = 20, .rs2 = 21}),
      encode(jal, {.rd = 1, .imm = 16}),             // the subroutine
      encode(lbu, {.rd = 24, .rs1 = 11, .imm = 5}),  // the UART
      encode(csrrs, {.rd = 25, .imm = 0xc02}),
      jump_by(-44),
      encode(sub, {.rd = 26, .rs1 = 23, .rs2 = 20}),
      encode(jalr, {.rs1 = 1})});
  twins.program(Twins::handler, {
      encode(csrrs, {.rd = 30, .imm = 0x341}), encode(sd, {.rs1 = 12, .rs2 = 30}),
      encode(csrrs, {.rd = 30, .imm = 0xb02}), encode(sd, {.rs1 = 12, .rs2 = 30, .imm = 8}),
      encode(addi, {.rd = 12, .rs1 = 12, .imm = 16}),
      encode(csrrwi, {.rs1 = 0, .imm = 0x304}),      // no further one
      encode(mret, {})});
  twins.x(10, Twins::data);
  twins.x(11, Twins::uart);
  twins.x(12, Twins::data + page_size);
  twins.harts_do([](Hart& h) { h.f[3] = 0x4008000000000000; });
}

// mtimecmp in the future: 100 ns a tick, an instruction a nanosecond, so the clock decides how many
// instructions go by. The offset comes from instructions executed before.
TEST(DirectInterrupts, AtEveryInstructionOfALoop) {
  Twins twins;
  build(twins);
  for (u64 delay = 0; delay < 260; ++delay) {
    twins.run({1 + delay % 7});
    twins.machines_do([&](Machine& m) {
      Hart& hart = m.hart(0);
      const u64 when = hart.time_counter() + 1 + delay % 3;
      m.memory().write(PhysAddr{0x0200'4000}, 8, when, hart.time);
      csr_write(hart, 0x304, 0x80);
      csr_write(hart, 0x300, csr_read(hart, 0x300) | 8);
    });
    twins.run({400 + delay});
    ASSERT_EQ(twins.difference(), "") << delay;
  }
  EXPECT_GT(twins.direct.hart(0).x[12], Twins::data + page_size + 100 * 16);
}

// The same with an instruction that takes a whole tick and more: each budget ends one instruction later.
TEST(DirectInterrupts, AfterEveryNumberOfInstructions) {
  Twins twins;
  build(twins);
  for (u64 steps = 0; steps < 120; ++steps) {
    twins.harts_do([&](Hart& h) {
      csr_write(h, 0x304, 0x8);  // by software, between two pieces of a run
      csr_write(h, 0x300, csr_read(h, 0x300) | 8);
    });
    twins.machines_do([&](Machine& m) { m.memory().write(PhysAddr{0x0200'0000}, 4, 1, m.hart(0).time); });
    twins.run({steps});
    twins.machines_do([&](Machine& m) { m.memory().write(PhysAddr{0x0200'0000}, 4, 0, m.hart(0).time); });
    twins.run({50 + steps});
    ASSERT_EQ(twins.difference(), "") << steps;
  }
}

}  // namespace
}  // namespace orrery
