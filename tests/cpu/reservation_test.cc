// LR/SC (I, 13.2) and atomics.
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr u64 at = Rig::data;

// lr at `from`, what `between` does, sc at `to`: x12 says whether it failed.
u64 pair(Rig& rig, RowId lr, u64 from, RowId sc, u64 to, std::initializer_list<u32> between = {}) {
  rig.hart.x[10] = from;
  rig.hart.x[11] = to;
  rig.hart.x[13] = 0x5555;
  u64 pc = Rig::code;
  rig.program(pc, {encode(lr, {.rd = 14, .rs1 = 10})});
  rig.program(pc + 4, between);
  pc += 4 + 4 * between.size();
  rig.program(pc, {encode(sc, {.rd = 12, .rs1 = 11, .rs2 = 13})});
  rig.hart.pc = Rig::code;
  rig.run(2 + between.size());
  return rig.hart.x[12];
}

TEST(Reservation, SucceedsAndStores) {
  Rig rig;
  rig.write(at, 0x8000000012345678);
  EXPECT_EQ(pair(rig, RowId::lr_d, at, RowId::sc_d, at), 0u);
  EXPECT_EQ(rig.hart.x[14], 0x8000000012345678u);
  EXPECT_EQ(rig.read(at), 0x5555u);
  rig.write(at, 0x80000000);
  EXPECT_EQ(pair(rig, RowId::lr_w, at, RowId::sc_w, at), 0u);
  EXPECT_EQ(rig.hart.x[14], 0xffffffff80000000u);
}

TEST(Reservation, IsARangeOfBytes) {
  Rig rig;
  EXPECT_EQ(pair(rig, RowId::lr_d, at, RowId::sc_w, at + 4), 0u);  // within
  EXPECT_EQ(pair(rig, RowId::lr_w, at, RowId::sc_d, at), 1u);      // larger
  EXPECT_EQ(pair(rig, RowId::lr_w, at, RowId::sc_w, at + 4), 1u);  // elsewhere
  EXPECT_EQ(pair(rig, RowId::lr_w, at + 4, RowId::sc_w, at), 1u);
}

TEST(Reservation, AFailedOneStoresNothing) {
  Rig rig;
  rig.write(at + 8, 77);
  EXPECT_EQ(pair(rig, RowId::lr_d, at, RowId::sc_d, at + 8), 1u);
  EXPECT_EQ(rig.read(at + 8), 77u);
}

TEST(Reservation, AnyStoreConditionalEndsIt) {
  Rig rig;
  EXPECT_EQ(pair(rig, RowId::lr_d, at, RowId::sc_d, at, {encode(RowId::sc_d, {.rd = 15, .rs1 = 11, .rs2 = 13})}), 1u);
  EXPECT_EQ(rig.hart.x[15], 0u);
  Rig without;
  without.hart.x[11] = at;
  without.hart.x[12] = 9;
  EXPECT_EQ(without.execute(RowId::sc_w, {.rd = 12, .rs1 = 11}), no_trap());
  EXPECT_EQ(without.hart.x[12], 1u);
}

TEST(Reservation, TheLastLoadReservedCounts) {
  Rig rig;
  EXPECT_EQ(pair(rig, RowId::lr_d, at, RowId::sc_d, at + 8, {encode(RowId::lr_d, {.rs1 = 11})}), 0u);
}

TEST(Reservation, OtherInstructionsKeepIt) {
  Rig rig;
  EXPECT_EQ(pair(rig, RowId::lr_d, at, RowId::sc_d, at,
                 {encode(RowId::ld, {.rd = 15, .rs1 = 10}), encode(RowId::addi, {}), encode(RowId::fence, {})}),
            0u);
}

// A reservation is an address, not a value: the same bytes written back by another hart end it.
TEST(Reservation, AnotherHartEndsIt) {
  Rig rig(Json::object(), 2);
  Hart& second = rig.machine.hart(1);
  rig.write(at, 5);
  rig.program(Rig::code + 0x100, {encode(RowId::sd, {.rs1 = 10, .rs2 = 11}), encode(RowId::jal, {})});
  second.pc = Rig::code + 0x100;
  second.x[10] = at;
  second.x[11] = 5;
  // The first hart waits for longer than a turn between its lr and its sc.
  rig.hart.x[10] = at;
  rig.hart.x[15] = 50'000;
  rig.program(Rig::code, {encode(RowId::lr_d, {.rd = 14, .rs1 = 10}), encode(RowId::addi, {.rd = 15, .rs1 = 15, .imm = -1}),
                          encode(RowId::bne, {.rs1 = 15, .imm = -4}), encode(RowId::sc_d, {.rd = 12, .rs1 = 10}),
                          encode(RowId::jal, {})});
  rig.machine.run({~u64{0}, Tick{200'000'000}});
  EXPECT_EQ(rig.hart.x[12], 1u);
  EXPECT_EQ(rig.read(at), 5u);
}

TEST(Reservation, Faults) {
  Rig rig;
  rig.hart.x[11] = at + 2;
  EXPECT_EQ(rig.execute(RowId::lr_w, {.rs1 = 11}), trapped(Cause::LoadMisaligned, at + 2));
  EXPECT_EQ(rig.execute(RowId::sc_w, {.rs1 = 11}), trapped(Cause::StoreMisaligned, at + 2));
  EXPECT_EQ(rig.execute(RowId::amoswap_w, {.rs1 = 11}), trapped(Cause::StoreMisaligned, at + 2));
  rig.hart.x[11] = at + 4;
  EXPECT_EQ(rig.execute(RowId::lr_d, {.rs1 = 11}), trapped(Cause::LoadMisaligned, at + 4));
}

TEST(Atomic, EveryOperation) {
  constexpr u64 a = 0xffffffff80000005, b = 0x123;
  const struct {
    RowId word, wide;
    u64 word_after, wide_after;
  } cases[] = {
      {RowId::amoswap_w, RowId::amoswap_d, 0x123, b},
      {RowId::amoadd_w, RowId::amoadd_d, 0x80000128, a + b},
      {RowId::amoxor_w, RowId::amoxor_d, 0x80000126, a ^ b},
      {RowId::amoand_w, RowId::amoand_d, 0x1, a & b},
      {RowId::amoor_w, RowId::amoor_d, 0x80000127, a | b},
      {RowId::amomin_w, RowId::amomin_d, 0x80000005, a},
      {RowId::amomax_w, RowId::amomax_d, 0x123, b},
      {RowId::amominu_w, RowId::amominu_d, 0x123, b},
      {RowId::amomaxu_w, RowId::amomaxu_d, 0x80000005, a},
  };
  for (const auto& c : cases) {
    Rig rig;
    rig.hart.x[11] = at;
    rig.hart.x[13] = b;
    rig.write(at, (a & 0xffffffff) | u64{0x77} << 32);
    EXPECT_EQ(rig.execute(c.word, {.rd = 12, .rs1 = 11, .rs2 = 13}), no_trap());
    EXPECT_EQ(rig.hart.x[12], a) << row_info(c.word).name;
    EXPECT_EQ(rig.read(at), c.word_after | u64{0x77} << 32) << row_info(c.word).name;
    rig.write(at, a);
    EXPECT_EQ(rig.execute(c.wide, {.rd = 12, .rs1 = 11, .rs2 = 13}), no_trap());
    EXPECT_EQ(rig.hart.x[12], a);
    EXPECT_EQ(rig.read(at), c.wide_after) << row_info(c.wide).name;
  }
}

TEST(Atomic, SameRegisterThreeTimes) {
  Rig rig;
  rig.write(at, 1);
  rig.hart.x[11] = at;
  EXPECT_EQ(rig.execute(RowId::amoadd_d, {.rd = 11, .rs1 = 11, .rs2 = 11}), no_trap());
  EXPECT_EQ(rig.hart.x[11], 1u);
  EXPECT_EQ(rig.read(at), at + 1);
}

}  // namespace
}  // namespace orrery
