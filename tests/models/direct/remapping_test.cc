// Page tables that change under running code: other code, other data, no permission any more. No
// sfence.vma is needed here, and none changes nothing.
#include "tests/models/direct/paging.h"

namespace orrery {
namespace {

constexpr u64 routine = 0x4000'1000, window = 0x4000'2000, table_window = 0x4000'3000;
constexpr u64 first = 0x8000'c000, second = 0x8000'd000;  // physical
constexpr u64 all = pte::V | pte::R | pte::W | pte::X | pte::A | pte::D;

struct Remapping : testing::Test {
  Twins twins;
  Tables tables{twins};
  u64 root = tables.new_root();
  u64 entry = 0;  // of the page that changes; the guest sees it through table_window

  // a0: where the entry can be written; a1: its next value, xor a2 each time; a3: the page.
  void start(u64 page, u64 mapped, u64 other) {
    entry = tables.map(root, page, first, mapped);
    tables.map(root, Twins::code, Twins::code, all);
    tables.map(root, table_window, entry & ~(page_size - 1), all);
    twins.x(10, table_window + (entry & (page_size - 1)));
    twins.x(11, other);
    twins.x(12, other ^ Tables::entry(first, mapped));
    twins.x(13, page);
    // Traps: on behind the instruction, or where ra says when it could not be fetched.
    twins.program(Twins::handler, {
        encode(RowId::addi, {.rd = 29, .rs1 = 29, .imm = 1}), encode(RowId::csrrs, {.rd = 30, .imm = 0x341}),
        encode(RowId::addi, {.rd = 30, .rs1 = 30, .imm = 4}), encode(RowId::csrrs, {.rd = 31, .imm = 0x342}),
        encode(RowId::addi, {.rd = 31, .rs1 = 31, .imm = -12}), encode(RowId::bne, {.rs1 = 31, .imm = 8}),
        encode(RowId::addi, {.rd = 30, .rs1 = 1}), encode(RowId::csrrw, {.rs1 = 30, .imm = 0x341}),
        encode(RowId::mret, {})});
    twins.csr(0x180, Tables::satp(root));
    twins.enter(Privilege::Supervisor);
  }
  void compare(u64 steps) {
    for (int n = 0; n < 4; ++n) {
      twins.run({steps + static_cast<u64>(n)});
      ASSERT_EQ(twins.difference(), "") << n;
    }
  }
  static std::vector<u32> loop(std::vector<u32> body) {
    body.insert(body.begin(), {encode(RowId::sd, {.rs1 = 10, .rs2 = 11}), encode(RowId::xor_, {.rd = 11, .rs1 = 11, .rs2 = 12})});
    body.push_back(jump_by(-4 * static_cast<i32>(body.size())));
    return body;
  }
};

std::vector<u32> adding(i32 value) {
  return {encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = value}), encode(RowId::jalr, {.rs1 = 1})};
}

TEST_F(Remapping, AnotherCodePage) {
  twins.program(first, adding(1));
  twins.program(second, adding(1000));
  start(routine, all, Tables::entry(second, all));
  twins.program(Twins::code, loop({encode(RowId::jalr, {.rd = 1, .rs1 = 13}), encode(RowId::jalr, {.rd = 1, .rs1 = 13})}));
  compare(3'000);
  EXPECT_GT(twins.direct.hart(0).x[20], 100'000u);
}

TEST_F(Remapping, TheRunningPage) {
  for (const u64 page : {first, second})
    twins.program(page, loop({encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = page == first ? 1 : 1000}),
                              encode(RowId::sd, {.rs1 = 10, .rs2 = 11}),
                              encode(RowId::xor_, {.rd = 11, .rs1 = 11, .rs2 = 12}),
                              encode(RowId::addi, {.rd = 21, .rs1 = 21, .imm = page == first ? 2 : 77})}));
  start(routine, all, Tables::entry(second, all));
  twins.jump(routine);
  compare(3'000);
}

TEST_F(Remapping, AnotherDataPage) {
  twins.write(first + 8, 1);
  twins.write(second + 8, 1000);
  start(window, all, Tables::entry(second, all));
  twins.program(Twins::code, loop({encode(RowId::ld, {.rd = 14, .rs1 = 13, .imm = 8}),
                                   encode(RowId::add, {.rd = 20, .rs1 = 20, .rs2 = 14}),
                                   encode(RowId::sd, {.rs1 = 13, .rs2 = 20, .imm = 16})}));
  compare(3'000);
}

TEST_F(Remapping, PermissionsThatComeAndGo) {
  for (const u64 flags : {all & ~pte::W, all & ~pte::R & ~pte::W, all & ~pte::X, all & ~pte::V, all | pte::U, all & ~pte::A, all & ~pte::D}) {
    twins.program(first, adding(1));
    start(routine, all, Tables::entry(first, flags));
    twins.jump(Twins::code);
    twins.program(Twins::code, loop({encode(RowId::ld, {.rd = 14, .rs1 = 13, .imm = 64}),
                                     encode(RowId::sd, {.rs1 = 13, .rs2 = 20, .imm = 64}),
                                     encode(RowId::jalr, {.rd = 1, .rs1 = 13}),
                                     encode(RowId::addi, {.rd = 21, .rs1 = 21, .imm = 1})}));
    compare(1'500);
    if (HasFatalFailure()) return;
  }
}

// The same physical code at two addresses, and a jump out of the end of each page.
TEST_F(Remapping, OnePageAtSeveralAddresses) {
  start(routine, all, Tables::entry(first, all));
  for (const u64 page : {0x4010'0000, 0x4010'1000, 0x4010'2000}) tables.map(root, page, first, all);
  twins.program(first, {encode(RowId::auipc, {.rd = 14}), encode(RowId::add, {.rd = 20, .rs1 = 20, .rs2 = 14}),
                        encode(RowId::jal, {.imm = 0xff0})});
  twins.program(first + 0xff8, {encode(RowId::addi, {.rd = 21, .rs1 = 21, .imm = 1}),
                                encode(RowId::xor_, {.rd = 22, .rs1 = 22, .rs2 = 14})});
  twins.program(Twins::code, {encode(RowId::lui, {.rd = 15, .imm = 0x40100000}), encode(RowId::jalr, {.rd = 1, .rs1 = 15}), jump_by(-8)});
  for (int n = 0; n < 5; ++n) {
    twins.jump(Twins::code);
    compare(60);
  }
}

}  // namespace
}  // namespace orrery
