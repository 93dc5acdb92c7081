// Loads and stores of every width at every kind of place, in the middle of a block that goes on.
#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

std::vector<RowId> accesses() {
  std::vector<RowId> rows;
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowInfo& info = row_info(row_at(i));
    if (info.form == Form::Load || info.form == Form::S || info.form == Form::FLoad || info.form == Form::FStore || info.form == Form::Amo || info.form == Form::Lr)
      rows.push_back(row_at(i));
  }
  return rows;
}

// Three times, so that the TLB is cold, warm, and what a trap left.
void compare(Twins& twins, RowId row, u64 place, Random& random) {
  static constexpr u8 regs[] = {5, 10, 11, 28, 2};
  const u8 base = regs[random.below(5)], value = regs[random.below(5)];
  const bool atomic = row_info(row).op_class == OpClass::Atomic;
  const i32 offset = !atomic && random.below(3) ? static_cast<i32>(random.below(64)) - 32 : 0;
  const u32 access = encode(row, {.rd = value, .rs1 = base, .rs2 = value, .imm = offset});
  twins.program(Twins::code, {li(12, 1), access, encode(RowId::addi, {.rd = 13, .rs1 = value, .imm = 3}),
                              access, jump_by(0)});
  for (int n = 0; n < 3; ++n) {
    twins.x(base, place - static_cast<u64>(i64{offset}));
    twins.jump(Twins::code);
    twins.run({12});
    ASSERT_EQ(twins.difference(), "") << row_info(row).name << " at " << std::hex << place;
  }
}

TEST(DirectMemory, EveryOffsetAroundAPageBoundary) {
  Twins twins;
  Random random(1);
  for (const RowId row : accesses())
    for (u64 offset = 0; offset < 16; ++offset) {
      compare(twins, row, Twins::data + page_size - 8 + offset, random);
      if (HasFatalFailure()) return;
    }
}

// Where misaligned accesses trap, they do so everywhere.
TEST(DirectMemory, MisalignedByTrap) {
  Twins twins(1, {{"translate_after", 0}}, {{"memory", "1MiB"}, {"hart", {{"misaligned", false}}}});
  Random random(3);
  for (const RowId row : accesses())
    for (u64 offset = 0; offset < 16; ++offset) {
      compare(twins, row, Twins::data + page_size - 8 + offset, random);
      if (HasFatalFailure()) return;
    }
}

TEST(DirectMemory, EveryKindOfPlace) {
  Twins twins;
  Random random(2);
  for (const RowId row : accesses())
    for (int n = 0; n < 16; ++n) {
      const u64 place = random_place(random, 8);
      if (place >> 12 == Twins::code >> 12) continue;
      compare(twins, row, place, random);
      if (HasFatalFailure()) return;
    }
}

// The time that a device sees is that of the instruction, in mid-block too.
TEST(DirectMemory, DevicesSeeTheExactTime) {
  Twins twins;
  twins.x(10, 0x0200'bff8);  // mtime
  std::vector<u32> words;
  for (u8 n = 11; n < 28; ++n) {
    words.push_back(encode(RowId::ld, {.rd = n, .rs1 = 10}));
    for (u8 fill = 0; fill < n; ++fill) words.push_back(encode(RowId::addi, {.rd = 28, .rs1 = 28, .imm = 1}));
    words.push_back(encode(RowId::csrrs, {.rd = 29, .imm = 0xc02}));
    words.push_back(encode(RowId::add, {.rd = 30, .rs1 = 30, .rs2 = 29}));
  }
  words.push_back(jump_by(0));
  twins.program(Twins::code, words);
  twins.run({1'000});
  EXPECT_TWINS_EQUAL(twins);
}

}  // namespace
}  // namespace orrery
