// Floating point: every row, every rounding mode of the instruction and of frm, FS in every state,
// special operands. Results and flags are the interpreter's to the bit.
#include "tests/environment.h"
#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

bool is_float(RowId row) {
  const Extension e = row_info(row).extension;
  return e == Extension::F || e == Extension::D;
}

// All rows of F and D in one block, in random order, with one rounding field.
std::vector<u32> all_rows(u8 rm, Random& random) {
  std::vector<u32> words;
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowInfo& info = row_info(row_at(i));
    if (!is_float(row_at(i)) || info.op_class == OpClass::Load || info.op_class == OpClass::Store) continue;
    Operands o = random_operands(row_at(i), random);
    if (form_has_rounding(info.form)) o.rm = rm;
    words.insert(words.begin() + static_cast<i64>(random.below(words.size() + 1)), encode(row_at(i), o));
  }
  return words;
}

// One trap ends the block, so what traps is left out by the handler: on with the next instruction.
std::vector<u32> skipping_handler() {
  return {encode(RowId::csrrs, {.rd = 31, .imm = 0x341}), encode(RowId::addi, {.rd = 31, .rs1 = 31, .imm = 4}),
          encode(RowId::csrrw, {.rs1 = 31, .imm = 0x341}), encode(RowId::mret, {})};
}

void compare(Twins& twins, u8 rm, u8 frm, u64 fs, u64 seed) {
  Random random(seed);
  randomise(twins, random);
  twins.harts_do([&](Hart& h) {
    h.frm = frm;
    csr_write(h, 0x300, fs << 13);
  });
  std::vector<u32> words = all_rows(rm, random);
  words.push_back(jump_by(0));
  twins.program(Twins::code, words);
  twins.jump(Twins::code);
  twins.run({frm > 4 || rm > 4 || fs == 0 ? u64{400} : u64{80}});
  ASSERT_EQ(twins.difference(), "") << "rm " << int{rm} << " frm " << int{frm} << " FS " << fs << " seed " << seed;
}

TEST(DirectFloat, AllRowsInAllModes) {
  Twins twins;
  twins.program(Twins::handler, skipping_handler());
  u64 seed = 1;
  for (u8 rm = 0; rm < 8; ++rm)
    for (u8 frm = 0; frm < 8; ++frm)
      for (const u64 fs : {3, 3, 3, 2, 1, 0})
        for (int n = 0; n < fuzz_scale(); ++n) {
          compare(twins, rm, frm, fs, ++seed);
          if (HasFatalFailure()) return;
        }
}

TEST(DirectFloat, TheDynamicModeOften) {
  Twins twins;
  twins.program(Twins::handler, skipping_handler());
  for (u64 seed = 1; seed < 400 * static_cast<u64>(fuzz_scale()); ++seed) {
    compare(twins, 7, static_cast<u8>(seed % 4), 1 + seed % 3, 1'000'000 + seed);
    if (HasFatalFailure()) return;
  }
}

// Chains of arithmetic on few registers, without flags before: what each step alone raises is seen.
TEST(DirectFloat, FlagsOfEachStep) {
  constexpr RowId singles[] = {RowId::fadd_s, RowId::fsub_s, RowId::fmul_s, RowId::fdiv_s, RowId::fsqrt_s, RowId::fmadd_s, RowId::fnmsub_s};
  constexpr RowId doubles[] = {RowId::fadd_d, RowId::fsub_d, RowId::fmul_d, RowId::fdiv_d, RowId::fsqrt_d, RowId::fmadd_d, RowId::fnmsub_d};
  constexpr u64 boxed = u64{0xffff'ffff} << 32;
  constexpr u64 single_values[] = {0x3f800000, 0xbf800000, 0x40000000, 0x7fc00000, 0x7f800000, 0, 0xffc12345};
  constexpr u64 double_values[] = {0x3ff0'0000'0000'0000, 0xbff0'0000'0000'0000, 0x4000'0000'0000'0000, 0x7ff8'0000'0000'0000,
                                   0x7ff0'0000'0000'0000, 0, 0xfff8'0000'0001'2345};
  Twins twins;
  u64 raised = 0;
  for (u64 seed = 1; seed < 4000 * static_cast<u64>(fuzz_scale()); ++seed) {
    Random random(seed);
    const bool wide = random.below(2);
    const u8 first = random.below(2) ? 10 : 28;  // with a host register, or not
    const auto any = [&] { return static_cast<u8>(first + random.below(4)); };
    for (u8 r = 0; r < 4; ++r) {
      const u64 n = random.below(random.below(2) ? 3 : 7);
      twins.harts_do([&](Hart& h) { h.f[first + r] = wide ? double_values[n] : boxed | single_values[n]; });
    }
    twins.harts_do([](Hart& h) { h.fflags = 0; });
    std::vector<u32> words;
    for (int n = 0; n < 4; ++n) {
      const u64 which = random.below(7);
      const RowId row = (wide ? doubles : singles)[which];
      words.push_back(encode(row, {.rd = any(), .rs1 = any(), .rs2 = which == 4 ? u8{0} : any(), .rs3 = which > 4 ? any() : u8{0}, .rm = 7}));
    }
    words.push_back(jump_by(0));
    twins.program(Twins::code, words);
    twins.jump(Twins::code);
    twins.run({8});
    ASSERT_EQ(twins.difference(), "") << "seed " << seed;
    raised += twins.direct.hart(0).fflags == 0x10;
  }
  EXPECT_GT(raised, 100u);
}

// frm is written in the middle of a block, flags are read there.
TEST(DirectFloat, ModeAndFlagsChangeInABlock) {
  Twins twins;
  for (u64 seed = 1; seed < 60 * static_cast<u64>(fuzz_scale()); ++seed) {
    Random random(seed);
    randomise(twins, random);
    std::vector<u32> words;
    for (u8 n = 0; n < 8; ++n) {
      words.push_back(encode(RowId::fadd_d, {.rd = n, .rs1 = 1, .rs2 = 2, .rm = 7}));
      words.push_back(encode(RowId::csrrs, {.rd = n, .imm = 3}));  // fcsr
      words.push_back(encode(RowId::csrrwi, {.rs1 = static_cast<u8>(random.below(8)), .imm = 2}));
      words.push_back(encode(RowId::fdiv_s, {.rd = 3, .rs1 = 4, .rs2 = n, .rm = 7}));
      words.push_back(encode(RowId::csrrwi, {.rs1 = static_cast<u8>(random.below(32)), .imm = 1}));
    }
    words.push_back(jump_by(0));
    twins.program(Twins::code, words);
    twins.jump(Twins::code);
    twins.run({60});
    ASSERT_EQ(twins.difference(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace orrery
