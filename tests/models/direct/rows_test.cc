// Every row of the instruction table among others, on random registers: the same state afterwards.
#include "tests/models/direct/random_state.h"
#include "tests/environment.h"

namespace orrery {
namespace {

bool computes(RowId row) {
  const OpClass c = row_info(row).op_class;
  return c != OpClass::Branch && c != OpClass::Jump && c != OpClass::Csr && c != OpClass::System &&
         c != OpClass::Load && c != OpClass::Store && c != OpClass::Atomic && row != RowId::illegal;
}

// Few registers, so that instructions meet in them: with and without a host register of their own.
Operands operands(RowId row, Random& random) {
  static constexpr u8 few[] = {0, 1, 2, 5, 7, 10, 11, 12, 16, 28};
  Operands o = random_operands(row, random);
  if (random.below(4) != 0)
    for (u8 Operands::*reg : {&Operands::rd, &Operands::rs1, &Operands::rs2, &Operands::rs3})
      o.*reg = few[random.below(std::size(few))];
  if (random.below(2)) o.rm = random.below(3) ? 7 : o.rm;
  return o;
}

RowId any_computing(Random& random) {
  for (;;) {
    const RowId row = row_at(1 + random.below(row_count - 1));
    if (computes(row)) return row;
  }
}

u32 instruction(RowId row, Random& random) {
  Operands o = operands(row, random);
  static constexpr i32 csrs[] = {0x001, 0x002, 0x003, 0x300, 0x304, 0x305, 0x340, 0x341, 0x342, 0xb00, 0xb02,
                                 0xc00, 0xc01, 0xc02, 0x180, 0x100, 0x320, 0x744, 0xf14, 0x14d, 0x3a0};
  if (row_info(row).op_class == OpClass::Csr) o.imm = csrs[random.below(std::size(csrs))];
  return encode(row, o);
}

void compare(RowId row, u64 rounds) {
  Random random(static_cast<u64>(row) + 1);
  auto twins = std::make_unique<Twins>();
  const OpClass c = row_info(row).op_class;
  const bool memory = c == OpClass::Load || c == OpClass::Store || c == OpClass::Atomic;
  for (u64 round = 0; round < rounds; ++round) {
    if (round && (c == OpClass::Csr || c == OpClass::System)) twins = std::make_unique<Twins>();
    randomise(*twins, random);
    std::vector<u32> words;
    const u64 before = random.below(4), after = 1 + random.below(4);
    for (u64 i = 0; i < before; ++i) words.push_back(instruction(any_computing(random), random));
    words.push_back(instruction(row, random));
    if (memory && random.below(8)) {  // somewhere good
      Operands o = operands(row, random);
      if (o.rs1 == 0) o.rs1 = 11;
      if (row_info(row).form == Form::Cbo || c == OpClass::Atomic) o.imm = 0;
      const u8 size = c == OpClass::Atomic ? 8 : 1;
      const u64 place = random_place(random, u64{1} << random.below(4)) & ~u64(random.below(4) ? size - 1 : 0);
      twins->x(o.rs1, place - static_cast<u64>(i64{o.imm}));
      words.assign({encode(row, o)});
    }
    for (u64 i = 0; i < after; ++i) words.push_back(instruction(any_computing(random), random));
    words.push_back(jump_by(0));
    const u64 begin = Twins::code + 2 * random.below(32);
    twins->program(begin, words);
    twins->jump(begin);
    twins->run({30});
    std::string text;
    for (const u32 word : words) text += fmt::format(" {:08x}", word);
    ASSERT_EQ(twins->difference(), "") << row_info(row).name << " round " << round << ":" << text;
  }
}

TEST(DirectRows, AgreeOnRandomRegisters) {
  for (std::size_t i = 0; i < row_count; ++i) {
    compare(row_at(i), 12 * static_cast<u64>(fuzz_scale()));
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace orrery
