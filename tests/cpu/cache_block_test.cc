// cbo.* (I, 19): what they do, who may, and how they fault; prefetches never do.
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

using namespace pte;
constexpr u64 at = Rig::data, va = 0x4000'0000;

Rig::Outcome block(Rig& rig, RowId row, u64 address) {
  rig.hart.x[11] = address;
  return rig.execute(row, {.rs1 = 11});
}

TEST(CacheBlock, ZeroFillsTheBlockAroundItsAddress) {
  Rig rig;
  for (u64 i = 0; i < 256; i += 8) rig.write(at + i, ~u64{0});
  EXPECT_EQ(block(rig, RowId::cbo_zero, at + 64 + 37), no_trap());
  for (u64 i = 0; i < 256; i += 8) EXPECT_EQ(rig.read(at + i), i >= 64 && i < 128 ? 0 : ~u64{0}) << i;
}

TEST(CacheBlock, ManagementKeepsTheData) {
  Rig rig;
  rig.write(at, 1234);
  for (const RowId row : {RowId::cbo_clean, RowId::cbo_flush, RowId::cbo_inval}) EXPECT_EQ(block(rig, row, at + 5), no_trap());
  EXPECT_EQ(rig.read(at), 1234u);
}

// I, 19.4: menvcfg opens them to S mode, menvcfg and senvcfg to U mode.
TEST(CacheBlock, Enables) {
  const struct {
    RowId row;
    u64 bit;
  } cases[] = {{RowId::cbo_zero, envcfg::CBZE}, {RowId::cbo_clean, envcfg::CBCFE}, {RowId::cbo_flush, envcfg::CBCFE},
               {RowId::cbo_inval, envcfg::CBIE}, {RowId::cbo_inval, u64{1} << 4}};
  for (const auto& c : cases)
    for (unsigned open = 0; open < 4; ++open) {
      Rig rig;
      csr_write(rig.hart, 0x30a, open & 1 ? c.bit : ~c.bit & 0xf1 & ~envcfg::CBIE);
      csr_write(rig.hart, 0x10a, open & 2 ? c.bit : 0);
      EXPECT_EQ(block(rig, c.row, at), no_trap());
      rig.enter(Privilege::Supervisor);
      EXPECT_EQ(block(rig, c.row, at).cause, open & 1 ? -1 : 2) << row_info(c.row).name;
      rig.enter(Privilege::User);
      EXPECT_EQ(block(rig, c.row, at).cause, open == 3 ? -1 : 2) << row_info(c.row).name;
    }
}

TEST(CacheBlock, PermissionsAndFaults) {
  const struct {
    u64 flags;
    bool manage, zero;
  } cases[] = {{R, true, false}, {R | W, true, true}, {X, false, false}, {R | X, true, false}};
  for (const auto& c : cases) {
    Rig rig;
    csr_write(rig.hart, 0x30a, 0xf0);
    rig.map(va, at, V | A | D | c.flags);
    rig.translate();
    for (const RowId row : {RowId::cbo_clean, RowId::cbo_flush, RowId::cbo_inval, RowId::cbo_zero}) {
      rig.enter(Privilege::Supervisor);
      const bool good = row == RowId::cbo_zero ? c.zero : c.manage;
      EXPECT_EQ(block(rig, row, va + 100), good ? no_trap() : trapped(Cause::StorePage, va + 100)) << row_info(row).name;
    }
  }
}

TEST(CacheBlock, WhereNoRamIs) {
  Rig rig;
  for (const RowId row : {RowId::cbo_clean, RowId::cbo_flush, RowId::cbo_inval, RowId::cbo_zero})
    EXPECT_EQ(block(rig, row, 0x4000'0010), trapped(Cause::StoreAccess, 0x4000'0010));
}

TEST(CacheBlock, PrefetchesNeverFault) {
  Rig rig;
  rig.hart.x[11] = u64{1} << 60;
  for (const RowId row : {RowId::prefetch_i, RowId::prefetch_r, RowId::prefetch_w})
    EXPECT_EQ(rig.execute(row, {.rs1 = 11, .imm = 32}), no_trap());
}

}  // namespace
}  // namespace orrery
