// Pages of the instructions that become most host code, reached from many branches: what one region
// becomes is bounded, however little room the code cache has left.
#include "models/direct/region.h"
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

// Branches to everywhere in the page, then nothing but single-precision fma.
constexpr i32 branches = 24;

std::vector<u32> page_of_branches_and_fma() {
  constexpr i32 page_words = 1024, stride = 40;
  std::vector<u32> words;
  for (i32 i = 0; i < branches; ++i)
    words.push_back(encode(RowId::bne, {.rs1 = 0, .rs2 = 5, .imm = ((i + 1) * stride - i) * 4}));
  for (i32 i = branches; i < page_words - 1; ++i) {
    const u8 r = static_cast<u8>(i % 29);
    words.push_back(encode(RowId::fmadd_s, {.rd = r, .rs1 = static_cast<u8>(r + 1), .rs2 = static_cast<u8>(r + 2),
                                            .rs3 = static_cast<u8>(r + 3), .rm = 7}));
  }
  words.push_back(jump_by(0));
  return words;
}

TEST(DirectLargeRegions, FitWhateverRoomIsLeft) {
  Twins twins(1, {{"translate_after", 2}, {"code_bytes", 1 << 20}});
  const std::vector<u32> words = page_of_branches_and_fma();
  for (u64 page = Twins::tables; page < Twins::code + (1 << 20); page += 4096) {
    twins.program(page, words);
    for (int round = 0; round < 3; ++round) {  // each branch was an entry before any is translated
      for (u64 skipped = 0; skipped < branches; ++skipped) {
        twins.jump(page + 4 * skipped);
        twins.run({100});
      }
    }
  }
  EXPECT_TWINS_EQUAL(twins);
}

TEST(DirectLargeRegions, HaveABound) {
  Twins twins;
  twins.program(Twins::code, page_of_branches_and_fma());
  Hart& hart = *twins.interpreter.harts()[0];
  BlockCache blocks(twins.interpreter.memory(), {&hart});
  const Block* entry = blocks.find(hart, Twins::code);
  ASSERT_NE(entry, nullptr);
  // Executed before, and so explored first: all targets are found before any is counted.
  for (u64 i = 1; i < branches; ++i) blocks.find(hart, Twins::code + 4 * i)->runs = 1;
  u64 instructions = 0;
  for (const direct::Piece& piece : direct::build_region(blocks, *entry, {}).pieces) instructions += piece.count;
  EXPECT_GE(instructions, direct::most_instructions);  // there was more
  EXPECT_LE(instructions, direct::most_instructions + 128);
}

}  // namespace
}  // namespace orrery
