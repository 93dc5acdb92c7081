// Code that changes: in the running block, behind it and in other pages, with fence.i and without
// (this machine needs none: stores are seen by the next instruction).
#include "tests/models/direct/paging.h"

namespace orrery {
namespace {

// a0 is where to store, a1 the instruction to be stored.
u32 store_word(RowId row = RowId::sw) { return encode(row, {.rs1 = 10, .rs2 = 11}); }

void compare(Twins& twins, const std::vector<u32>& words, u64 steps) {
  twins.program(Twins::code, words);
  for (int n = 0; n < 3; ++n) {
    twins.jump(Twins::code);
    twins.run({steps});
    ASSERT_EQ(twins.difference(), "");
  }
}

// The store stands at instruction 4; what it changes is `target` instructions from the block's begin.
TEST(DirectSelfModifying, AnyInstructionOfTheRunningBlock) {
  Twins twins;
  for (const bool fence : {false, true})
    for (u64 target = 0; target < 12; ++target)
      for (const RowId row : {RowId::sb, RowId::sh, RowId::sw, RowId::sd}) {
        twins.x(10, Twins::code + 4 * target);
        twins.x(11, encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 7}) | u64{encode(RowId::addi, {.rd = 21, .imm = 3})} << 32);
        std::vector<u32> words;
        for (u8 n = 0; n < 12; ++n) words.push_back(encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = n}));
        words[4] = store_word(row);
        if (fence) words[5] = encode(RowId::fence_i, {});
        words.push_back(jump_by(0));
        compare(twins, words, 40);
        if (HasFatalFailure()) return;
      }
}

// A loop changes one of its own instructions each time round, between two.
TEST(DirectSelfModifying, ALoopThatRewritesItself) {
  Twins twins;
  const u32 one = encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 1});
  const u32 thousand = encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 1000});
  twins.x(10, Twins::code + 16);
  twins.x(11, one);
  twins.x(12, one ^ thousand);
  compare(twins, {encode(RowId::xor_, {.rd = 11, .rs1 = 11, .rs2 = 12}), store_word(),
                  encode(RowId::addi, {.rd = 21, .rs1 = 21, .imm = 1}), encode(RowId::addi, {}), one,
                  jump_by(-20)}, 6'000);
}

// Two pages of code call each other; each rewrites the other one's instruction.
TEST(DirectSelfModifying, OtherPagesAndBack) {
  Twins twins;
  const u64 other = Twins::code + page_size;
  for (const auto& [here, there] : {std::pair{Twins::code, other}, std::pair{other, Twins::code}}) {
    const u64 end = twins.program(here, {
        encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 1}),             // is changed
        encode(RowId::lw, {.rd = 11, .rs1 = 12}),
        encode(RowId::addi, {.rd = 13, .rs1 = 13, .imm = 1}),
        encode(RowId::andi, {.rd = 14, .rs1 = 13, .imm = 0x7ff}),
        encode(RowId::slli, {.rd = 14, .rs1 = 14, .imm = 20}),
        encode(RowId::add, {.rd = 11, .rs1 = 11, .rs2 = 14}),             // its immediate
        encode(RowId::lui, {.rd = 15, .imm = static_cast<i32>(there & 0xfffff000)}),
        encode(RowId::slli, {.rd = 15, .rs1 = 15, .imm = 32}),
        encode(RowId::srli, {.rd = 15, .rs1 = 15, .imm = 32}),
        encode(RowId::sw, {.rs1 = 15, .rs2 = 11})});
    twins.program(end, {encode(RowId::jalr, {.rs1 = 15})});
  }
  twins.x(12, Twins::data);
  twins.write(Twins::data, encode(RowId::addi, {.rd = 20, .rs1 = 20}), 4);
  for (int n = 0; n < 20; ++n) {
    twins.run({997});
    ASSERT_EQ(twins.difference(), "") << n;
  }
}

// The first store to a page that has become code since the TLB has its entry for stores.
TEST(DirectSelfModifying, DataThatBecomesCode) {
  Twins twins;
  const u64 page = Twins::data;
  twins.x(10, page);
  twins.x(11, encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 5}));
  twins.x(12, encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 70}));
  twins.x(13, encode(RowId::jalr, {.rs1 = 1}));
  compare(twins, {store_word(), encode(RowId::sw, {.rs1 = 10, .rs2 = 13, .imm = 4}),
                  encode(RowId::jalr, {.rd = 1, .rs1 = 10}),
                  encode(RowId::sw, {.rs1 = 10, .rs2 = 12}), encode(RowId::jalr, {.rd = 1, .rs1 = 10}),
                  store_word(), encode(RowId::jalr, {.rd = 1, .rs1 = 10}), jump_by(-28)}, 2'000);
}

// An AMO, a store-conditional, cbo.zero and a store across the boundary change code as well.
TEST(DirectSelfModifying, ByOtherThanPlainStores) {
  const u32 lr = encode(RowId::lr_d, {.rd = 13, .rs1 = 10});
  for (const u32 by : {encode(RowId::amoswap_w, {.rd = 13, .rs1 = 10, .rs2 = 11}), encode(RowId::sc_d, {.rd = 14, .rs1 = 10, .rs2 = 11}),
                       encode(RowId::cbo_zero, {.rs1 = 10}), encode(RowId::sd, {.rs1 = 10, .rs2 = 11, .imm = -4}),
                       encode(RowId::fsd, {.rs1 = 10, .rs2 = 1}), encode(RowId::fsw, {.rs1 = 10, .rs2 = 1})}) {
    Twins twins;
    twins.csr(0x30a, 0xf0);  // menvcfg: cache blocks
    twins.x(10, Twins::code + 24);
    twins.x(11, encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 7}));
    twins.harts_do([](Hart& h) { h.f[1] = encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 9}); });
    const u32 add = encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 1});
    compare(twins, {add, lr, by, add, add, add, add, add, jump_by(0)}, 30);
    if (HasFatalFailure()) return;
  }
}

// The dirty bit of a page-table entry that is also the next instruction: the walk sets it, and
// `jal zero` becomes `jal ra`.
TEST(DirectSelfModifying, ByTheWalkThatSetsTheDirtyBit) {
  constexpr u64 table_entry = 0x2040'006f;  // jal zero, +516; the page 0x81000000, V R W X G A
  for (const RowId row : {RowId::sd, RowId::fsd, RowId::amoadd_d}) {
    Twins twins(1, {{"translate_after", 0}}, {{"memory", "32MiB"}});
    const u64 root = Twins::tables, middle = root + page_size, window = 0x4000'0000;
    twins.write(root + 8, Tables::entry(middle, pte::V));
    twins.write(root + 16, Tables::entry(Twins::code, 0xcf));
    twins.write(middle, Tables::entry(Twins::code, pte::V));
    twins.csr(0x30a, u64{1} << 61);                             // menvcfg.ADUE
    twins.csr(0x180, Tables::satp(root));
    twins.csr(0x300, 3 << 13 | 1 << 18 | 1 << 17 | 1 << 11);    // FS, SUM, MPRV, MPP = S
    twins.program(Twins::code, {li(1, 0), encode(row, {.rs1 = 10, .rs2 = 9})});
    twins.write(Twins::code + 8, table_entry);
    twins.program(Twins::code + 8 + 516,
                  {encode(RowId::sltu, {.rd = 5, .rs2 = 1}), encode(RowId::add, {.rd = 8, .rs1 = 8, .rs2 = 5}),
                   li(6, 1), jump_by(-(8 + 516 + 12))});
    constexpr u64 loop = 7, rounds = 10;
    twins.x(10, Twins::data);
    twins.run({loop * rounds});
    ASSERT_EQ(twins.direct.harts()[0]->x[8], 0u);
    twins.x(10, window + page_size);  // through the entry at code + 8
    twins.run({loop * rounds});
    EXPECT_EQ(twins.read(Twins::code + 8), table_entry | pte::D);
    EXPECT_EQ(twins.interpreter.harts()[0]->x[8], rounds);
    EXPECT_TWINS_EQUAL(twins);
  }
}

}  // namespace
}  // namespace orrery
