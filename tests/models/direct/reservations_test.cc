// Load-reserved and store-conditional: of every width, at the same place and at others, in pairs and
// alone, in any order.
#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

std::vector<u32> sequence(Random& random) {
  static constexpr RowId rows[] = {RowId::lr_w, RowId::lr_d, RowId::sc_w, RowId::sc_d};
  std::vector<u32> words;
  for (u64 n = 3 + random.below(12); n-- > 0;) {
    const RowId row = rows[random.below(std::size(rows))];
    static constexpr u8 regs[] = {0, 5, 10, 11, 14, 28};
    // Half of the time a pair that belongs together.
    if (random.below(2)) {
      const bool wide = random.below(2);
      const u8 base = static_cast<u8>(12 + random.below(4));
      words.push_back(encode(wide ? RowId::lr_d : RowId::lr_w, {.rd = regs[random.below(6)], .rs1 = base}));
      if (random.below(2)) words.push_back(encode(RowId::addi, {.rd = 5, .rs1 = 5, .imm = 3}));
      words.push_back(encode(wide ? RowId::sc_d : RowId::sc_w, {.rd = regs[random.below(6)], .rs1 = base, .rs2 = 5}));
      continue;
    }
    const bool is_store = row == RowId::sc_w || row == RowId::sc_d;
    const u8 base = static_cast<u8>(12 + random.below(4));
    words.push_back(encode(row, {.rd = regs[random.below(6)], .rs1 = base, .rs2 = is_store ? regs[random.below(6)] : u8{0}}));
  }
  words.push_back(jump_by(0));
  return words;
}

TEST(DirectReservations, AgreeInAnyOrder) {
  Twins twins;
  for (u64 seed = 1; seed <= 2'000; ++seed) {
    Random random(seed);
    const std::vector<u32> words = sequence(random);
    twins.program(Twins::code, words);
    twins.x(12, Twins::data);
    twins.x(13, Twins::data + 4);
    twins.x(14, Twins::data + 8);
    twins.x(15, random.below(20) ? Twins::data + page_size : random_place(random, 8));
    twins.x(5, random.next());
    twins.jump(Twins::code);
    // In pieces: a reservation outlives the stop.
    twins.run({1 + random.below(words.size())});
    twins.run({words.size()});
    ASSERT_EQ(twins.difference(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace orrery
