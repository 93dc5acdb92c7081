// How many bytes an instruction accesses, as its encoding says.
#include "cpu/isa/op.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(AccessSize, FollowsTheEncoding) {
  const std::pair<RowId, u8> cases[] = {
      {RowId::lb, 1},   {RowId::lbu, 1},      {RowId::lhu, 2},      {RowId::lw, 4},
      {RowId::lwu, 4},  {RowId::ld, 8},       {RowId::sb, 1},       {RowId::sh, 2},
      {RowId::sd, 8},   {RowId::flw, 4},      {RowId::fsd, 8},      {RowId::lr_w, 4},
      {RowId::sc_d, 8}, {RowId::amoadd_w, 4}, {RowId::amomaxu_d, 8}, {RowId::cbo_zero, 64},
      {RowId::add, 0},  {RowId::jal, 0},      {RowId::fence, 0},    {RowId::csrrw, 0}};
  for (const auto& [row, size] : cases) EXPECT_EQ(row_info(row).access_size, size) << row_info(row).name;
}

}  // namespace
}  // namespace orrery
