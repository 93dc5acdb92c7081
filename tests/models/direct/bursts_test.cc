// Loads and stores of neighbouring instructions at one register's address, which translated code does
// together: wherever they go, whatever stands between them, and whichever of them traps.
#include "cpu/exec/step.h"
#include "tests/models/direct/paging.h"
#include "tests/models/direct/random_state.h"
#include "tests/models/direct/small_guest.h"

namespace orrery {
namespace {

constexpr RowId loads[] = {RowId::lb, RowId::lbu, RowId::lh, RowId::lhu, RowId::lw, RowId::lwu, RowId::ld};
constexpr RowId stores[] = {RowId::sb, RowId::sh, RowId::sw, RowId::sd};
constexpr RowId pure[] = {RowId::mul, RowId::mulh, RowId::sll, RowId::rol, RowId::sraw, RowId::max, RowId::sltu, RowId::divu, RowId::remw, RowId::bext};
constexpr u8 regs[] = {2, 5, 8, 10, 11, 14, 18, 20, 28};

u8 any_reg(Random& random) { return regs[random.below(std::size(regs))]; }

u8 any_f(Random& random) { return static_cast<u8>(8 + random.below(12)); }  // some of them in host registers

u32 random_arithmetic(Random& random) {
  constexpr RowId rows[] = {RowId::fadd_s, RowId::fmul_s, RowId::fsub_d, RowId::fdiv_d, RowId::fmadd_s, RowId::fnmsub_d, RowId::fsqrt_s,
                            RowId::fsgnjn_s, RowId::fmax_d, RowId::fcvt_s_d, RowId::fcvt_d_l, RowId::fmv_w_x};
  const RowId row = rows[random.below(std::size(rows))];
  Operands o{.rd = any_f(random), .rs1 = any_f(random), .rs2 = any_f(random), .rs3 = any_f(random)};
  if (form_has_rounding(row_info(row).form)) o.rm = random.below(6) ? 7 : 1;
  if (row == RowId::fcvt_s_d || row == RowId::fcvt_d_l || row == RowId::fmv_w_x || row == RowId::fsqrt_s) o.rs2 = 0;
  return encode(row, o);
}

// Accesses at `base`, mostly of one kind and where they would be aligned, and computation between them.
std::vector<u32> random_burst(Random& random, u8 base) {
  std::vector<u32> words{li(12, 1)};
  const bool floats = random.below(2);
  bool store = random.below(2);
  const i32 middle = static_cast<i32>(random.below(4) ? 0 : random.below(1300)) - 300;
  for (u64 n = 2 + random.below(10); n > 0; --n) {
    if (random.below(8) == 0) store = !store;
    const RowId row = store ? stores[random.below(4)] : loads[random.below(7)];
    const i32 size = row_info(row).access_size;
    i32 offset = middle + static_cast<i32>(random.below(random.below(8) ? 96 : 700));
    if (random.below(12)) offset &= -size;
    const u8 value = random.below(12) ? any_reg(random) : base;
    if (floats && random.below(4) && size >= 4) {
      const RowId f_row = store ? (size == 4 ? RowId::fsw : RowId::fsd) : (size == 4 ? RowId::flw : RowId::fld);
      if (store) words.push_back(encode(f_row, {.rs1 = base, .rs2 = any_f(random), .imm = offset}));
      else words.push_back(encode(f_row, {.rd = any_f(random), .rs1 = base, .imm = offset}));
    } else if (store) words.push_back(encode(row, {.rs1 = base, .rs2 = random.below(6) ? value : u8{0}, .imm = offset}));
    else words.push_back(encode(row, {.rd = random.below(16) ? value : u8{0}, .rs1 = base, .imm = offset}));
    if (floats)
      for (u64 k = random.below(3); k > 0; --k) words.push_back(random_arithmetic(random));
    switch (random.below(10)) {
      case 0: words.push_back(encode(RowId::addi, {.rd = any_reg(random), .rs1 = any_reg(random), .imm = static_cast<i32>(random.below(64))})); break;
      case 1: words.push_back(encode(RowId::addi, {.rd = any_reg(random), .rs1 = any_reg(random)})); break;
      case 2: words.push_back(encode(RowId::add, {.rd = any_reg(random), .rs1 = any_reg(random), .rs2 = any_reg(random)})); break;
      case 3: words.push_back(encode(RowId::slli, {.rd = any_reg(random), .rs1 = any_reg(random), .imm = 3})); break;
      case 4: words.push_back(encode(RowId::lui, {.rd = any_reg(random), .imm = 0x12345000})); break;
      case 5: words.push_back(encode(RowId::addiw, {.rd = any_reg(random), .rs1 = any_reg(random), .imm = 1})); break;
      case 6: words.push_back(encode(pure[random.below(std::size(pure))], {.rd = any_reg(random), .rs1 = any_reg(random), .rs2 = any_reg(random)})); break;
      default: break;
    }
  }
  words.push_back(encode(RowId::addi, {.rd = 13, .rs1 = any_reg(random), .imm = 3}));
  words.push_back(jump_by(0));
  return words;
}

// Each access is one host instruction or two, behind one look at the TLB.
TEST(DirectBursts, LookAtTheTlbOnce) {
  Twins twins;
  Listener listener;
  std::vector<u64> sizes;
  listener.on_translated = [&](const Translation& t) { sizes.push_back(t.body_end); };
  twins.direct.set_listener(&listener);
  twins.x(2, Twins::data);
  for (const i32 count : {2, 12}) {
    std::vector<u32> words;
    for (i32 n = 0; n < count; ++n) words.push_back(encode(RowId::sd, {.rs1 = 2, .rs2 = 10, .imm = 8 * n}));
    words.push_back(jump_by(0));
    twins.program(Twins::code, words);
    twins.jump(Twins::code);
    twins.run({20});
  }
  twins.direct.set_listener(nullptr);
  if (sizes.empty()) GTEST_SKIP() << "this host has no translator";
  ASSERT_GE(sizes.size(), 2u);
  EXPECT_LE(sizes.back() - sizes.front(), 10 * 8u);  // one that looks for itself takes 50 bytes
}

void randomise_f(Twins& twins, Random& random) {
  u64 f[32];
  for (u64& value : f) value = random.below(4) ? u64{0xffffffff} << 32 | (random_f(random) & 0xffffffff) : random_f(random);
  const u64 fs = random.below(16) ? 1 + random.below(3) : 0;
  const u8 frm = static_cast<u8>(random.below(4) ? 0 : random.below(5));
  twins.harts_do([&](Hart& h) {
    std::copy(std::begin(f), std::end(f), std::begin(h.f));
    csr_write(h, 0x300, (csr_read(h, 0x300) & ~(u64{3} << 13)) | fs << 13);
    h.frm = frm;
  });
}

// Three times, so that the TLB is cold, warm, and what a trap left.
void compare(Twins& twins, Random& random, u64 code, u64 place) {
  const u8 base = any_reg(random);
  const std::vector<u32> words = random_burst(random, base);
  for (int n = 0; n < 3; ++n) {
    twins.program(Twins::code, words);  // it may have overwritten itself
    for (const u8 r : regs) twins.x(r, random_x(random));
    randomise_f(twins, random);
    twins.x(base, place + (n == 2 ? 8 * random.below(64) : 0));
    twins.jump(code);
    twins.run({2 + random.below(30)});
    ASSERT_EQ(twins.difference(), "") << "at " << std::hex << place;
  }
}

TEST(DirectBursts, EveryKindOfPlace) {
  Twins twins;
  Random random(1);
  for (int n = 0; n < 3000 && !HasFatalFailure(); ++n) {
    u64 place = random_place(random, 8);
    if (random.below(3)) place &= ~u64{7};
    compare(twins, random, Twins::code, place);
  }
}

TEST(DirectBursts, AroundAPageBoundary) {
  Twins twins;
  Random random(2);
  for (int n = 0; n < 2000 && !HasFatalFailure(); ++n)
    compare(twins, random, Twins::code, Twins::data + page_size - random.below(400) / (random.below(4) ? 8 : 1) * 8);
}

TEST(DirectBursts, MisalignedByTrap) {
  Twins twins(1, {{"translate_after", 0}}, {{"memory", "1MiB"}, {"hart", {{"misaligned", false}}}});
  Random random(4);
  for (int n = 0; n < 1000 && !HasFatalFailure(); ++n)
    compare(twins, random, Twins::code, Twins::data + random.below(400));
}

// The second page is another one, read-only, or not there; and the tables themselves are among the pages.
TEST(DirectBursts, UnderTranslation) {
  constexpr u64 at = 0x40'0000;
  Twins twins;
  Tables tables(twins);
  Random random(3);
  const u64 root = tables.new_root();
  const u64 all = pte::V | pte::R | pte::W | pte::X | pte::A | pte::D;
  u64 last = 0;
  const auto map = [&] {
    tables.map(root, Twins::code, Twins::code, all);
    tables.map(root, at, Twins::data, all);
    tables.map(root, at + page_size, Twins::data + 5 * page_size, all);
    tables.map(root, at + 2 * page_size, Twins::data + 2 * page_size, all & ~pte::W);
    last = tables.map(root, at + 4 * page_size, Twins::data + 4 * page_size, all);
    tables.map(root, at + 5 * page_size, last & ~(page_size - 1), all);  // where these entries stand
  };
  map();
  twins.csr(0x180, Tables::satp(root));
  twins.csr(0x302, 0);  // traps go to M
  for (int n = 0; n < 2000 && !HasFatalFailure(); ++n) {
    twins.enter(Privilege::Supervisor);
    u64 place = at + random.below(6) * page_size - random.below(400);
    if (random.below(3)) place &= ~u64{7};
    if (random.below(16) == 0) place = at + 5 * page_size + (last & (page_size - 1)) - 8 * random.below(12);
    compare(twins, random, Twins::code, place);
    if (n % 4 == 0) map();  // what stores to them have changed
  }
}

}  // namespace
}  // namespace orrery
