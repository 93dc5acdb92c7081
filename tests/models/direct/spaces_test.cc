// Many address spaces in turn, more than jump tables and contexts are kept for: the same address
// leads to other code in each.
#include "tests/models/direct/paging.h"

namespace orrery {
namespace {

constexpr u64 routine = 0x4000'1000;
constexpr u64 all = pte::V | pte::R | pte::W | pte::X | pte::A | pte::D;

void compare(u64 roots, u64 asids) {
  Twins twins;
  Tables tables(twins);
  std::vector<u64> satps;
  for (u64 n = 0; n < roots; ++n) {
    const u64 root = tables.new_root(), physical = 0x800e'0000 + n * page_size;
    tables.map(root, Twins::code, Twins::code, all | pte::G);
    tables.map(root, Twins::data, Twins::data, all | pte::G);
    tables.map(root, routine, physical, all);
    twins.program(physical, {encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = static_cast<i32>(3 * n + 1)}),
                             encode(RowId::slli, {.rd = 21, .rs1 = 21, .imm = 1}),
                             encode(RowId::xor_, {.rd = 21, .rs1 = 21, .rs2 = 20}), encode(RowId::jalr, {.rs1 = 1})});
    for (u64 asid = 0; asid < asids; ++asid) satps.push_back(Tables::satp(root, asid));
  }
  ASSERT_LE(satps.size(), 500u);
  for (std::size_t i = 0; i < satps.size(); ++i) twins.write(Twins::data + 8 * ((i * 7) % satps.size()), satps[i]);
  twins.program(Twins::code, {
      encode(RowId::addi, {.rd = 12, .rs1 = 10}),      // loop: from the first one
      encode(RowId::ld, {.rd = 14, .rs1 = 12}),
      encode(RowId::csrrw, {.rs1 = 14, .imm = 0x180}),
      encode(RowId::jalr, {.rd = 1, .rs1 = 13}),
      encode(RowId::addi, {.rd = 12, .rs1 = 12, .imm = 8}),
      encode(RowId::bltu, {.rs1 = 12, .rs2 = 11, .imm = -16}), jump_by(-24)});
  twins.x(10, Twins::data);
  twins.x(11, Twins::data + 8 * satps.size());
  twins.x(13, routine);
  twins.csr(0x180, satps[0]);
  twins.enter(Privilege::Supervisor);
  for (int n = 0; n < 3; ++n) {
    twins.run({40'001});
    ASSERT_EQ(twins.difference(), "") << roots << " roots, " << asids << " ASIDs";
  }
  EXPECT_GT(twins.direct.hart(0).x[20], 1'000u);
}

TEST(DirectSpaces, ManyInTurn) {
  compare(2, 1);
  compare(9, 1);
  compare(20, 1);
  compare(3, 5);
  compare(10, 10);
}

// System calls: U and S mode in turn, each with its own view of the same page.
TEST(DirectSpaces, UserAndSupervisorInTurn) {
  Twins twins;
  Tables tables(twins);
  const u64 root = tables.new_root();
  tables.map(root, Twins::code, Twins::code, all);
  tables.map(root, routine, 0x800e'0000, all | pte::U);
  twins.program(0x800e'0000, {encode(RowId::addi, {.rd = 20, .rs1 = 20, .imm = 1}), encode(RowId::ecall, {}),
                              encode(RowId::addi, {.rd = 21, .rs1 = 21, .imm = 1}), encode(RowId::ld, {.rd = 15, .rs1 = 10}),
                              jump_by(-16)});
  twins.program(Twins::code, {encode(RowId::csrrs, {.rd = 14, .imm = 0x141}), encode(RowId::addi, {.rd = 14, .rs1 = 14, .imm = 4}),
                              encode(RowId::csrrw, {.rs1 = 14, .imm = 0x141}), encode(RowId::csrrs, {.rd = 16, .imm = 0xc02}),
                              encode(RowId::add, {.rd = 17, .rs1 = 17, .rs2 = 16}), encode(RowId::sret, {})});
  twins.csr(0x302, 0xffff);
  twins.csr(0x306, 7);
  twins.csr(0x105, Twins::code);
  twins.csr(0x180, Tables::satp(root));
  twins.x(10, Twins::code);  // which U mode may not read
  twins.jump(routine);
  twins.enter(Privilege::User);
  for (int n = 0; n < 4; ++n) {
    twins.run({10'007});
    ASSERT_EQ(twins.difference(), "") << n;
  }
  EXPECT_GT(twins.direct.hart(0).x[21], 1'000u);
}

}  // namespace
}  // namespace orrery
