// Guests that write new code without end: the memory for translated code stays what it was given,
// and so does everything that is kept about it.
#include <fstream>

#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

const Json small = {{"translate_after", 0}, {"code_bytes", u64{1} << 20}};

// Resident memory of this process, in bytes; 0 where the host does not say.
u64 resident() {
  std::ifstream in("/proc/self/statm");
  u64 total = 0, pages = 0;
  in >> total >> pages;
  return pages * page_size;
}

// Each time round a new constant goes into each of 40 places of the page, which is then executed.
void build(Twins& twins) {
  twins.program(Twins::code, {
      encode(RowId::addi, {.rd = 12, .rs1 = 10}),
      encode(RowId::addi, {.rd = 11, .rs1 = 11, .imm = 1}),
      encode(RowId::andi, {.rd = 14, .rs1 = 11, .imm = 0x7ff}),
      encode(RowId::slli, {.rd = 14, .rs1 = 14, .imm = 20}),
      encode(RowId::add, {.rd = 14, .rs1 = 14, .rs2 = 13}),
      encode(RowId::sw, {.rs1 = 12, .rs2 = 14}),
      encode(RowId::addi, {.rd = 12, .rs1 = 12, .imm = 64}),
      encode(RowId::bltu, {.rs1 = 12, .rs2 = 15, .imm = -8}),
      encode(RowId::jalr, {.rd = 1, .rs1 = 10}), jump_by(-36)});
  twins.x(10, Twins::data);
  twins.x(13, encode(RowId::addi, {.rd = 20, .rs1 = 20}));
  twins.x(15, Twins::data + 40 * 64);
  for (u64 n = 0; n < 40; ++n) {
    std::vector<u32> words(15, encode(RowId::mul, {.rd = 21, .rs1 = 20, .rs2 = 20}));
    words.push_back(n < 39 ? jump_by(4) : encode(RowId::jalr, {.rs1 = 1}));
    twins.program(Twins::data + 64 * n, words);
  }
}

TEST(DirectRewriting, MemoryStaysBounded) {
  Twins twins(1, small);
  build(twins);
  twins.run({100'000});
  ASSERT_EQ(twins.difference(), "");
  twins.run({600'000});
  const u64 before = resident();
  twins.run({1'200'000});
  EXPECT_LT(resident(), before + (u64{2} << 20));
  ASSERT_EQ(twins.difference(), "");
}

// A page that is rewritten all the time is soon left to decoding; one that is not is translated.
TEST(DirectRewriting, TranslatesEverLater) {
  Twins always(1, small), patient(1, {{"translate_after", 1}});
  for (Twins* twins : {&always, &patient}) {
    build(*twins);
    twins->run({400'000});
    ASSERT_EQ(twins->difference(), "");
  }
  EXPECT_GT(always.regions_translated(), 10 * patient.regions_translated());
  // Nobody writes any more: after a while it is worth the effort again.
  const u64 before = patient.regions_translated();
  patient.program(Twins::code, {encode(RowId::jalr, {.rd = 1, .rs1 = 10}), jump_by(-4)});
  patient.jump(Twins::code);
  patient.run({10'000'000});
  EXPECT_GT(patient.regions_translated(), before);
  ASSERT_EQ(patient.difference(), "");
}

// Code fills up by itself: more of it than fits, executed round and round.
TEST(DirectRewriting, MoreCodeThanFits) {
  Twins twins(1, small);
  const u64 begin = 0x8002'0000, end = 0x800f'0000;
  for (u64 at = begin; at < end; at += 16)
    twins.program(at, {encode(RowId::div, {.rd = 20, .rs1 = 21, .rs2 = 22}), encode(RowId::addi, {.rd = 21, .rs1 = 21, .imm = 77}),
                       encode(RowId::ld, {.rd = 23, .rs1 = 10}), jump_by(4)});
  twins.program(end, {jump_by(-0x80000)});
  twins.program(end - 0x80000, {jump_by(static_cast<i32>(begin - (end - 0x80000)))});
  twins.x(10, Twins::data);
  twins.x(22, 3);
  twins.jump(begin);
  for (int n = 0; n < 5; ++n) {
    twins.run({200'000});
    ASSERT_EQ(twins.difference(), "") << n;
  }
}

}  // namespace
}  // namespace orrery
