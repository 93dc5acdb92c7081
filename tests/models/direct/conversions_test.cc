// Conversions between integers and floating point, and fclass, at the values where they change: every
// row, every rounding mode of the instruction and of frm. Results and flags are the interpreter's.
#include <bit>
#include <cmath>

#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

bool converts(RowId row) {
  const RowInfo& info = row_info(row);
  const std::string_view name = info.name;
  return (info.extension == Extension::F || info.extension == Extension::D) &&
         (name.starts_with("fcvt") || name.starts_with("fclass"));
}

// Halves, quarters and whole numbers around the ends of the integer formats and of the significands.
std::vector<double> edges() {
  std::vector<double> values = {std::nan(""), std::bit_cast<double>(0x7ff0000000000001), HUGE_VAL, 5e-324, 1e-310, 1e300};
  for (const int power : {0, 1, 8, 23, 24, 25, 31, 32, 33, 52, 53, 54, 62, 63, 64})
    for (const double offset : {-1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5})
      values.push_back(std::ldexp(1.0, power) + offset);
  for (const double value : {0x1p63, 0x1p64, 0x1p31, 0x1p32}) {
    values.push_back(std::nextafter(value, 0.0));
    values.push_back(std::nextafter(value, HUGE_VAL));
    values.push_back(std::nextafter(static_cast<float>(value), 0.0f));
  }
  const std::size_t positive = values.size();
  for (std::size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
  return values;
}

// The value as an integer, a double and, boxed, a single; and as much of what came of it.
struct Case {
  u64 integer, dual, single;
};
constexpr u64 case_bytes = sizeof(Case), most_cases = 512;

std::vector<Case> cases() {
  std::vector<Case> result;
  for (const double value : edges()) {
    const float narrow = static_cast<float>(value);
    const u64 whole = std::fabs(value) < 0x1p63 ? static_cast<u64>(static_cast<i64>(value)) : ~u64{0} >> 1;
    result.push_back({whole, std::bit_cast<u64>(value), u64{0xffffffff} << 32 | std::bit_cast<u32>(narrow)});
  }
  for (const int power : {24, 25, 31, 32, 53, 54, 63})
    for (const i64 offset : {-3, -2, -1, 0, 1, 2, 3})
      for (const u64 sign : {u64{0}, ~u64{0}}) {
        const u64 value = ((u64{1} << power) + static_cast<u64>(offset)) ^ sign;
        result.push_back({value, 0, 0});
      }
  for (int power = 0; power < 64; power += 3) result.push_back({~u64{0} << power, 1, 1});
  return result;
}

// Converts each case from x10 to x12 in turn, and leaves results and flags from x11 on.
void program(Twins& twins, RowId row, u8 rm) {
  using enum RowId;
  Operands o{.rd = 20, .rs1 = 21};
  if (form_has_rounding(row_info(row).form)) o.rm = rm;
  twins.program(Twins::code, {
      encode(ld, {.rd = 21, .rs1 = 10}),
      encode(fld, {.rd = 21, .rs1 = 10, .imm = std::string_view(row_info(row).name).ends_with("_d") ? 8 : 16}),
      encode(row, o),
      encode(sd, {.rs1 = 11, .rs2 = 20}),
      encode(fsd, {.rs1 = 11, .rs2 = 20, .imm = 8}),
      encode(csrrw, {.rd = 22, .imm = 1}),  // fflags
      encode(sd, {.rs1 = 11, .rs2 = 22, .imm = 16}),
      encode(addi, {.rd = 10, .rs1 = 10, .imm = case_bytes}),
      encode(addi, {.rd = 11, .rs1 = 11, .imm = case_bytes}),
      encode(bltu, {.rs1 = 10, .rs2 = 12, .imm = -36}),
      jump_by(0)});
}

TEST(DirectConversions, AgreeWhereTheyChange) {
  Twins twins;
  const std::vector<Case> all = cases();
  ASSERT_LE(all.size(), most_cases);
  for (std::size_t i = 0; i < all.size(); ++i) {
    twins.write(Twins::data + case_bytes * i, all[i].integer);
    twins.write(Twins::data + case_bytes * i + 8, all[i].dual);
    twins.write(Twins::data + case_bytes * i + 16, all[i].single);
  }
  u64 rows = 0;
  for (std::size_t i = 1; i < row_count; ++i) {
    if (!converts(row_at(i))) continue;
    ++rows;
    for (const u8 rm : std::initializer_list<u8>{0, 1, 2, 3, 4, 7}) {
      program(twins, row_at(i), rm);
      for (u8 frm = 0; frm < 4; ++frm) {
        twins.x(10, Twins::data);
        twins.x(11, Twins::data + case_bytes * most_cases);
        twins.x(12, Twins::data + case_bytes * all.size());
        twins.harts_do([frm](Hart& h) { h.frm = frm; });
        twins.jump(Twins::code);
        twins.run({10 * all.size()});
        ASSERT_EQ(twins.difference(), "") << row_info(row_at(i)).name << " rm " << int{rm} << " frm " << int{frm};
      }
    }
  }
  EXPECT_EQ(rows, 20u);
}

}  // namespace
}  // namespace orrery
