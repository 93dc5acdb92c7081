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

TEST(DirectCsrs, StorageInEveryMode) { compare(Json::object()); }
TEST(DirectCsrs, WithoutCompressedInstructions) { compare({{"isa", "rv64imafdsu_zicsr_zifencei"}}); }
TEST(DirectCsrs, WithoutSupervisor) { compare({{"isa", "rv64imafdcu_zicsr_zifencei"}}); }

}  // namespace
}  // namespace orrery
