// Counters in the middle of blocks: reading, writing, stopping them, and the interrupt when one
// overflows (Sscofpmf) are at the instruction where they are under the interpreter.
#include "base/random.h"
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

TEST(DirectCounters, AreExactInABlock) {
  Twins twins;
  std::vector<u32> words;
  Random random(1);
  static constexpr i32 counters[] = {0xb00, 0xb02, 0xb03, 0xc00, 0xc01, 0xc02};
  for (u8 n = 0; n < 60; ++n) {
    words.push_back(encode(RowId::csrrs, {.rd = 10, .imm = counters[random.below(6)]}));
    for (u64 fill = random.below(5); fill > 0; --fill) words.push_back(encode(RowId::addi, {.rd = 12, .rs1 = 12, .imm = 1}));
    words.push_back(encode(RowId::add, {.rd = 11, .rs1 = 11, .rs2 = 10}));
    words.push_back(encode(RowId::sd, {.rs1 = 13, .rs2 = 10, .imm = 8 * n}));
    if (n % 7 == 0) words.push_back(encode(RowId::csrrw, {.rd = 0, .rs1 = 12, .imm = counters[random.below(2)]}));
    if (n % 9 == 0) words.push_back(encode(RowId::csrrwi, {.rs1 = static_cast<u8>(random.below(8)), .imm = 0x320}));
  }
  words.push_back(jump_by(-4 * static_cast<i32>(words.size())));
  twins.x(13, Twins::data);
  twins.program(Twins::code, words);
  for (int n = 0; n < 5; ++n) {
    twins.run({777});
    ASSERT_EQ(twins.difference(), "") << n;
  }
}

TEST(DirectCounters, OverflowAtEveryInstruction) {
  Twins twins;
  twins.program(Twins::code, {encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 1}), encode(RowId::mul, {.rd = 21, .rs1 = 20, .rs2 = 20}),
                              encode(RowId::sd, {.rs1 = 13, .rs2 = 21}), encode(RowId::beq, {.rs1 = 20, .rs2 = 21, .imm = 8}),
                              encode(RowId::xor_, {.rd = 22, .rs1 = 22, .rs2 = 21}), jump_by(-20)});
  twins.program(Twins::handler, {encode(RowId::csrrs, {.rd = 30, .imm = 0x341}), encode(RowId::add, {.rd = 29, .rs1 = 29, .rs2 = 30}),
                                 encode(RowId::lui, {.rd = 28, .imm = 0x2000}), encode(RowId::csrrc, {.rs1 = 28, .imm = 0x344}),
                                 encode(RowId::mret, {})});
  twins.x(13, Twins::data);
  for (u64 distance = 1; distance < 150; ++distance)
    for (const u64 event : {1, 2}) {
      twins.harts_do([&](Hart& h) {
        csr_write(h, 0x323, event);                 // mhpmevent3: cycles or instructions
        csr_write(h, 0xb03, u64{0} - distance);
        csr_write(h, 0x304, 0x2000);                // LCOFIE
        csr_write(h, 0x300, csr_read(h, 0x300) | 8);
      });
      twins.run({200});
      ASSERT_EQ(twins.difference(), "") << "distance " << distance << " event " << event;
    }
  EXPECT_NE(twins.direct.hart(0).x[29], 0u);
}

}  // namespace
}  // namespace orrery
