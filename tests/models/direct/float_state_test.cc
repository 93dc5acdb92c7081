// What is known of floating point where each piece of a small region begins.
#include "models/direct/float_state.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/models/direct/blocks.h"
#include "tests/models/direct/twins.h"

namespace orrery::direct {
namespace {

// A region of pieces made from instructions of four bytes, one behind the other.
struct Pieces {
  explicit Pieces(const std::vector<std::vector<u32>>& words) {
    u64 offset = 0;
    for (const auto& each : words) {
      const Block& block = blocks.emplace_back(block_of(each));
      region.pieces.push_back({&block, offset, block.count, build_ir(block, block.count, offset, {})});
      offset += 4 * each.size();
    }
  }
  std::vector<FloatState> states() const { return float_states(region); }
  std::deque<Block> blocks;
  Region region;
};

u32 fadd_s(u8 rd, u8 rs1, u8 rs2) { return encode(RowId::fadd_s, {.rd = rd, .rs1 = rs1, .rs2 = rs2, .rm = 7}); }
u32 fadd_d(u8 rd, u8 rs1, u8 rs2) { return encode(RowId::fadd_d, {.rd = rd, .rs1 = rs1, .rs2 = rs2, .rm = 7}); }
u32 flw(u8 rd) { return encode(RowId::flw, {.rd = rd, .rs1 = 10}); }
u32 fsw(u8 rs2) { return encode(RowId::fsw, {.rs1 = 10, .rs2 = rs2}); }
u32 bne(i32 offset) { return encode(RowId::bne, {.rs1 = 5, .imm = offset}); }
const u32 csr = encode(RowId::csrrs, {.rd = 5, .imm = 3});
const u32 nop = encode(RowId::addi, {});

TEST(DirectFloatState, NothingIsKnownAtTheEntry) {
  EXPECT_EQ(Pieces({{flw(1), bne(-4)}}).states().at(0), FloatState{});
}

TEST(DirectFloatState, WhatIsLoadedStaysBoxed) {
  const auto states = Pieces({{flw(1), fadd_s(2, 1, 1), bne(8)}, {nop}, {fsw(2)}}).states();
  const FloatState both{1 << 1 | 1 << 2, true, true};
  EXPECT_EQ(states[1], both);
  EXPECT_EQ(states[2], both);
}

TEST(DirectFloatState, ALoopKnowsWhatAllItsWaysKnow) {
  // f1 is boxed before the loop; in it f2 becomes a single, and f1 a double on one of two ways.
  const std::vector<u32> before{flw(1)}, head{nop, bne(12)}, wide{flw(2), fadd_d(1, 3, 3)}, back{fsw(2), bne(-20)};
  const auto states = Pieces({before, head, wide, back}).states();
  EXPECT_EQ(states[1], (FloatState{0, true, true}));
  EXPECT_EQ(states[2], (FloatState{0, true, true}));
  EXPECT_EQ(states[3], (FloatState{0, true, true}));
  const auto narrow = Pieces({before, head, {flw(2), fadd_s(1, 2, 2)}, back}).states();
  EXPECT_EQ(narrow[1], (FloatState{1 << 1, true, true}));
}

TEST(DirectFloatState, AHandlerLeavesNothingKnown) {
  const auto states = Pieces({{flw(1)}, {csr}, {nop}}).states();
  EXPECT_EQ(states[1], (FloatState{1 << 1, true, true}));
  EXPECT_EQ(states[2], FloatState{});
}

// By clearing bits of sstatus, which no handler does.
TEST(DirectFloatState, WhatTurnsTheUnitOffInALoopIsNotForgotten) {
  Twins twins;
  twins.program(Twins::code, {encode(RowId::fadd_d, {.rd = 10, .rs1 = 11, .rs2 = 12, .rm = 7}),
                              encode(RowId::csrrc, {.rs1 = 23, .imm = 0x100}),
                              encode(RowId::bne, {.rs1 = 5, .rs2 = 6, .imm = -8}), fadd_d(13, 11, 12), jump_by(-16)});
  twins.x(23, 2 << 13);
  for (u64 i = 0; i < 200; ++i) {
    twins.run({1 + i % 7});
    ASSERT_EQ(twins.difference(), "") << i;
  }
}

TEST(DirectFloatState, AStoreNeedsTheRegistersAndChangesNone) {
  EXPECT_EQ(Pieces({{fsw(1)}, {nop}}).states()[1], (FloatState{0, true, false}));
}

// What was loaded before the loop is checked the first time through, and never again.
TEST(DirectFloatState, ALoopEnteredAtItsHeadKnowsWhatItsFirstTimeThroughHasFound) {
  const auto region_of = [](const std::vector<u32>& loop) {
    Twins twins;
    twins.program(Twins::code, loop);
    Hart& hart = *twins.interpreter.harts()[0];
    BlockCache blocks(twins.interpreter.memory(), {&hart});
    return build_region(blocks, *blocks.find(hart, Twins::code), {}).pieces.size();
  };
  EXPECT_EQ(region_of({nop, bne(-4), jump_by(0)}), 2u);
  EXPECT_EQ(region_of({flw(1), bne(8), jump_by(0), jump_by(0)}), 3u);  // nothing comes back
  EXPECT_EQ(region_of({flw(1), bne(-4), jump_by(0)}), 3u);

  Twins twins;
  twins.program(Twins::code, {flw(1), fadd_s(2, 1, 3), bne(-8), jump_by(0)});
  Hart& hart = *twins.interpreter.harts()[0];
  BlockCache blocks(twins.interpreter.memory(), {&hart});
  const Region region = build_region(blocks, *blocks.find(hart, Twins::code), {});
  ASSERT_EQ(region.at(0), &region.pieces[1]);
  const auto states = float_states(region);
  EXPECT_EQ(states[0], FloatState{});
  EXPECT_EQ(states[1], (FloatState{1 << 1 | 1 << 2 | 1 << 3, true, true}));
}

TEST(DirectFloatState, WhatIsNeverReachedKnowsNothing) {
  EXPECT_EQ(Pieces({{flw(1), encode(RowId::jal, {.imm = 8})}, {nop}, {nop}}).states()[1], FloatState{});
}

}  // namespace
}  // namespace orrery::direct
