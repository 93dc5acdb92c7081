// Nothing cached ever shows: stores to page tables and to instructions take effect at once, without
// sfence.vma or fence.i, in the same block, by whoever stores.
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

using namespace pte;
constexpr u64 va = 0x4000'0000, target = Rig::data, other = Rig::data + 0x10000;
constexpr u64 good = V | R | W | A | D;

const u32 nop = encode(RowId::addi, {});
u32 add_to_x5(i32 amount) { return encode(RowId::addi, {.rd = 5, .rs1 = 5, .imm = amount}); }

TEST(Coherence, AStoreToTheNextInstruction) {
  Rig rig;
  rig.hart.x[10] = Rig::code + 4;
  rig.hart.x[11] = add_to_x5(7);
  rig.program(Rig::code, {encode(RowId::sw, {.rs1 = 10, .rs2 = 11}), add_to_x5(1), nop});
  rig.run(3);
  EXPECT_EQ(rig.hart.x[5], 7u);
  EXPECT_EQ(rig.hart.pc, Rig::code + 12);
}

TEST(Coherence, AByteStoreIntoAnInstructionFurtherOn) {
  Rig rig;
  rig.program(Rig::code, {encode(RowId::sb, {.rs1 = 10, .rs2 = 11}), nop, nop, add_to_x5(1), nop});
  rig.hart.pc = Rig::code;
  rig.hart.x[10] = Rig::code + 15;  // the immediate's upper byte: 1 becomes 0x11
  rig.hart.x[11] = 0x01;
  rig.run(5);
  EXPECT_EQ(rig.hart.x[5], 0x11u);
}

TEST(Coherence, ALoopThatRewritesItself) {
  Rig rig;
  // x5 += n; the immediate grows by one each time round
  rig.hart.x[10] = Rig::code;
  rig.hart.x[12] = 1 << 20;
  rig.program(Rig::code, {add_to_x5(1), encode(RowId::lw, {.rd = 11, .rs1 = 10}),
                          encode(RowId::add, {.rd = 11, .rs1 = 11, .rs2 = 12}),
                          encode(RowId::sw, {.rs1 = 10, .rs2 = 11}), encode(RowId::jal, {.imm = -16})});
  rig.run(5 * 100);
  EXPECT_EQ(rig.hart.x[5], 5050u);
}

TEST(Coherence, AtomicsAndBlocksOfZerosAreStoresToo) {
  Rig rig;
  rig.hart.x[10] = Rig::code + 8;
  rig.hart.x[11] = add_to_x5(7);
  rig.program(Rig::code, {nop, encode(RowId::amoswap_w, {.rs1 = 10, .rs2 = 11}), add_to_x5(1), nop});
  rig.run(3);
  EXPECT_EQ(rig.hart.x[5], 7u);
  rig.hart.pc = Rig::code;
  rig.hart.x[10] = Rig::code + 64;
  rig.program(Rig::code, {encode(RowId::jal, {.imm = 64})});
  rig.program(Rig::code + 64, {encode(RowId::cbo_zero, {.rs1 = 10})});
  rig.run(3);
  EXPECT_EQ(rig.hart.csr.mcause, 2u);  // the zeros behind it are illegal
  EXPECT_EQ(rig.hart.csr.mepc, Rig::code + 68);
}

TEST(Coherence, AStoreConditionalToCode) {
  Rig rig;
  rig.hart.x[10] = Rig::code + 12;
  rig.hart.x[11] = add_to_x5(7);
  rig.program(Rig::code, {nop, encode(RowId::lr_w, {.rs1 = 10}),
                          encode(RowId::sc_w, {.rd = 12, .rs1 = 10, .rs2 = 11}), add_to_x5(1)});
  rig.run(4);
  EXPECT_EQ(rig.hart.x[5], 7u);
}

TEST(Coherence, AWriteFromOutside) {
  Rig rig;
  rig.program(Rig::code, {add_to_x5(1), encode(RowId::jal, {.imm = -4})});
  rig.run(10);
  EXPECT_EQ(rig.hart.x[5], 5u);
  rig.program(Rig::code, {add_to_x5(100)});
  rig.run(2);
  EXPECT_EQ(rig.hart.x[5], 105u);
}

TEST(Coherence, AnotherHartsStoreToCode) {
  Rig rig(Json::object(), 2);
  Hart& second = rig.machine.hart(1);
  rig.program(Rig::code, {add_to_x5(1), encode(RowId::jal, {.imm = -4})});
  rig.program(Rig::code + 0x100, {encode(RowId::sw, {.rs1 = 10, .rs2 = 11}), encode(RowId::jal, {})});
  second.pc = Rig::code + 0x100;
  second.x[10] = Rig::code;
  second.x[11] = add_to_x5(0);
  rig.machine.run({~u64{0}, Tick{100'000'000}});
  const u64 then = rig.hart.x[5];
  rig.machine.run({~u64{0}, Tick{200'000'000}});
  EXPECT_EQ(rig.hart.x[5], then);
}

// An instruction whose halves lie in two pages: a store to either changes it.
TEST(Coherence, AnInstructionAcrossPages) {
  for (const unsigned half : {0u, 2u}) {
    Rig rig;
    constexpr u64 boundary = Rig::code + 0x1000;
    const u32 before = add_to_x5(1), after = half ? add_to_x5(0x21) : encode(RowId::addi, {.rd = 6, .rs1 = 5, .imm = 1});
    rig.program(boundary - 2, {before, encode(RowId::jal, {.imm = -4})});
    rig.hart.pc = boundary - 2;
    rig.run(4);
    EXPECT_EQ(rig.hart.x[5], 2u);
    rig.store(boundary - 2 + half, after >> (8 * half), RowId::sh);
    rig.hart.pc = boundary - 2;
    rig.run(1);
    EXPECT_EQ(half ? rig.hart.x[5] : rig.hart.x[6], half ? 2u + 0x21 : 3u);
  }
}

struct Tables : Rig {
  Tables() {
    entry = map(va, target, good);
    map(tables, tables, good);  // page tables, written by the guest itself
    for (u64 page = tables; page < tables + 0x8000; page += 4096) map(page, page, good);
    write(target, 1);
    write(other, 2);
    translate();
  }
  u64 loaded(u64 address) {
    enter(Privilege::Supervisor);
    EXPECT_EQ(load(address), no_trap());
    return hart.x[10];
  }
  u64 entry = 0;
};

TEST(Coherence, AStoreToAPageTableEntry) {
  Tables rig;
  EXPECT_EQ(rig.loaded(va), 1u);
  EXPECT_EQ(rig.store(rig.entry, other >> 12 << 10 | good), no_trap());
  EXPECT_EQ(rig.loaded(va), 2u);
  EXPECT_EQ(rig.store(rig.entry, 0), no_trap());
  EXPECT_EQ(rig.load(va), trapped(Cause::LoadPage, va));
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.store(rig.entry, target >> 12 << 10 | good), no_trap());
  EXPECT_EQ(rig.loaded(va), 1u);
}

TEST(Coherence, InOneBlockWithTheAccesses) {
  Tables rig;
  EXPECT_EQ(rig.loaded(va), 1u);
  rig.hart.x[10] = rig.entry;
  rig.hart.x[11] = other >> 12 << 10 | good;
  rig.hart.x[12] = va;
  rig.program(Rig::code, {encode(RowId::ld, {.rd = 13, .rs1 = 12}), encode(RowId::sd, {.rs1 = 10, .rs2 = 11}),
                          encode(RowId::ld, {.rd = 14, .rs1 = 12})});
  rig.hart.pc = Rig::code;
  rig.run(3);
  EXPECT_EQ(rig.hart.x[13], 1u);
  EXPECT_EQ(rig.hart.x[14], 2u);
}

TEST(Coherence, PermissionsThatAreTakenAway) {
  Tables rig;
  EXPECT_EQ(rig.store(va, 5), no_trap());
  EXPECT_EQ(rig.store(rig.entry, target >> 12 << 10 | V | R | A | D), no_trap());
  EXPECT_EQ(rig.store(va, 6), trapped(Cause::StorePage, va));
  EXPECT_EQ(rig.loaded(va), 5u);
}

TEST(Coherence, AnUpperLevelEntry) {
  Tables rig;
  EXPECT_EQ(rig.loaded(va), 1u);
  const u64 root = Rig::tables + bits(va, 30, 9) * 8;
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.store(root, 0), no_trap());
  EXPECT_EQ(rig.load(va), trapped(Cause::LoadPage, va));
}

TEST(Coherence, TheEntryOfTheRunningCode) {
  Tables rig;
  const u64 page = rig.read(Rig::tables + bits(Rig::code, 30, 9) * 8) >> 10 << 12;
  const u64 last = rig.read(page + bits(Rig::code, 21, 9) * 8) >> 10 << 12;
  rig.hart.x[10] = last + bits(Rig::code, 12, 9) * 8;
  rig.program(Rig::code, {encode(RowId::sd, {.rs1 = 10}), nop});
  rig.hart.pc = Rig::code;
  rig.run(2);
  EXPECT_EQ(rig.hart.csr.mcause, 12u);
  EXPECT_EQ(rig.hart.csr.mepc, Rig::code + 4);
}

TEST(Coherence, ACachedTranslationIsOfItsAddressSpace) {
  Tables rig;
  EXPECT_EQ(rig.loaded(va), 1u);
  // A second set of tables: only the code and va, elsewhere.
  const u64 first = rig.hart.csr.satp, second_root = Rig::tables + 0x40000;
  for (u64 i = 0; i < 512; ++i) rig.write(second_root + 8 * i, rig.read(Rig::tables + 8 * i));
  rig.write(second_root + bits(va, 30, 9) * 8, 0x8000'0000 >> 12 << 10 | good);  // 1 GiB
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.csr_set(0x180, u64{8} << 60 | u64{1} << 44 | second_root >> 12), no_trap());
  EXPECT_EQ(rig.loaded(va + (other - 0x8000'0000)), 2u);
  EXPECT_EQ(rig.csr_set(0x180, first), no_trap());
  EXPECT_EQ(rig.loaded(va), 1u);
}

}  // namespace
}  // namespace orrery
