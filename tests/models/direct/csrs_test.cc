// CSRs that are storage, in every mode and by every instruction: some are inline, the rest, and what
// traps, are the handlers'.
#include "cpu/isa/csr_name.h"
#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

constexpr i32 stored[] = {0x105, 0x140, 0x141, 0x142, 0x143, 0x305, 0x340, 0x341, 0x342, 0x343};

void compare(const Json& hart) {
  static constexpr RowId rows[] = {RowId::csrrw, RowId::csrrs, RowId::csrrc, RowId::csrrwi, RowId::csrrsi, RowId::csrrci};
  Twins twins(1, {{"translate_after", 0}}, {{"memory", "1MiB"}, {"hart", hart}});
  Random random(1);
  for (const i32 number : stored)
    for (const RowId row : rows)
      for (const Privilege privilege : {Privilege::Machine, Privilege::Supervisor, Privilege::User})
        for (int n = 0; n < 6; ++n) {
          static constexpr u8 regs[] = {0, 4, 5, 10, 11, 28};
          const u8 rd = regs[random.below(6)], rs1 = regs[random.below(6)];
          twins.program(Twins::code, {encode(RowId::addi, {.rd = 11, .rs1 = 11, .imm = 1}),
                                      encode(row, {.rd = rd, .rs1 = rs1, .imm = number}),
                                      encode(row, {.rd = rs1, .rs1 = rd, .imm = number}),
                                      encode(RowId::addi, {.rd = 11, .rs1 = 11, .imm = 1}), jump_by(0)});
          for (const u8 reg : regs)
            if (reg != 0) twins.x(reg, random_x(random));
          twins.csr(0x305, Twins::handler);
          twins.enter(privilege);
          twins.jump(Twins::code);
          twins.run({6});
          ASSERT_EQ(twins.difference(), "") << csr_name(static_cast<u32>(number)) << " by " << row_info(row).name << " in mode "
                                            << static_cast<int>(privilege);
        }
}

// Interrupts switched on and off around others' arrival, FS clean and dirty, floating point around it.
TEST(DirectCsrs, Status) {
  static constexpr RowId rows[] = {RowId::csrrs, RowId::csrrc, RowId::csrrsi, RowId::csrrci};
  Twins twins;
  twins.csr(0x303, 0x222);  // delegated
  twins.csr(0x105, Twins::handler);
  Random random(1);
  const auto any = [&random](u8 rd) {
    const RowId row = rows[random.below(4)];
    const bool immediate = row == RowId::csrrsi || row == RowId::csrrci;
    const u8 operand = immediate ? static_cast<u8>(random.below(4) ? 2 : random.below(32)) : static_cast<u8>(random.below(3) * 5);
    return encode(row, {.rd = rd, .rs1 = operand, .imm = 0x100});
  };
  for (int n = 0; n < 3'000; ++n) {
    const u32 add = encode(RowId::fadd_d, {.rd = 1, .rs1 = 2, .rs2 = 3, .rm = 7});
    twins.program(Twins::code, {random.below(2) ? add : li(7, 1), any(11), random.below(2) ? add : li(7, 2), any(28), any(0), add,
                                any(10), jump_by(0)});
    const u64 enabled = random.below(3) ? 0x222 : 0, pending = random.below(3) ? 0 : 0x222 & random.next();
    const u64 status = (random.next() & (mstatus::SIE | mstatus::SPIE | mstatus::SUM)) | random.below(4) << 13;
    twins.x(5, random.below(8) ? 2 * random.below(2) : random.next());
    twins.x(10, random.below(8) ? 2 * random.below(2) : random.next());
    const Privilege privilege = random.below(8) ? Privilege::Supervisor : random.below(2) ? Privilege::Machine : Privilege::User;
    twins.harts_do([&](Hart& h) {
      h.privilege = Privilege::Machine;
      csr_write(h, 0x300, status);
      csr_write(h, 0x304, enabled);
      csr_write(h, 0x344, pending);
      h.f[2] = h.f[3] = 0x3ff0000000000000;
    });
    twins.enter(privilege);
    twins.jump(Twins::code);
    twins.run({9});
    ASSERT_EQ(twins.difference(), "") << n;
  }
}

TEST(DirectCsrs, StorageInEveryMode) { compare(Json::object()); }
TEST(DirectCsrs, WithoutCompressedInstructions) { compare({{"isa", "rv64imafdsu_zicsr_zifencei"}}); }
TEST(DirectCsrs, WithoutSupervisor) { compare({{"isa", "rv64imafdcu_zicsr_zifencei"}}); }

}  // namespace
}  // namespace orrery
