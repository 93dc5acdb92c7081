// Known addresses far from the code: constants that fit no displacement.
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

// t0 = pc + 2^32, known while translating.
std::vector<u32> far_address() {
  return {encode(RowId::auipc, {.rd = 5}), li(6, 1), encode(RowId::slli, {.rd = 6, .rs1 = 6, .imm = 32}),
          encode(RowId::add, {.rd = 5, .rs1 = 5, .rs2 = 6})};
}

void expect_same(u32 instruction) {
  Twins twins;
  for (const u64 value : {0, 7, 12}) {
    twins.jump(Twins::code);
    twins.x(10, Twins::data);
    twins.x(7, Twins::data + value);
    std::vector<u32> words = far_address();
    words.insert(words.end(), {instruction, jump_by(0)});
    twins.program(Twins::code, words);
    twins.run({30});   // fills the TLB
    twins.jump(Twins::code);
    twins.run({30});
    EXPECT_TWINS_EQUAL(twins);
  }
}

TEST(DirectFarAddresses, AreStored) {
  for (const RowId row : {RowId::sd, RowId::sw, RowId::sb})
    for (const u8 base : Regs{10, 7}) expect_same(encode(row, {.rs1 = base, .rs2 = 5, .imm = 8}));
}

TEST(DirectFarAddresses, AreComputedWith) {
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowInfo& info = row_info(row_at(i));
    if (info.form != Form::R) continue;
    Twins twins;
    for (const u8 other : Regs{7, 10, 28, 5})
      for (const u8 rd : Regs{5, 7, 10, 28}) {
        twins.jump(Twins::code);
        for (const u8 reg : Regs{7, 10, 28}) twins.x(reg, 0x1234567800000000 + reg);
        std::vector<u32> words = far_address();
        words.insert(words.end(), {encode(row_at(i), {.rd = rd, .rs1 = 5, .rs2 = other}), jump_by(4)});
        u64 end = twins.program(Twins::code, words);
        words = far_address();
        words.insert(words.end(), {encode(row_at(i), {.rd = rd, .rs1 = other, .rs2 = 5}), jump_by(0)});
        twins.program(end, words);
        twins.run({30});
        ASSERT_EQ(twins.interpreter.hart(0).x[rd], twins.direct.hart(0).x[rd]) << info.name << " rd " << int{rd} << " other " << int{other};
      }
  }
}

}  // namespace
}  // namespace orrery
