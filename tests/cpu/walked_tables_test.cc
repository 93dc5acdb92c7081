// What a change of page tables drops of the cached translations: all that derives from it, and little
// else.
#include "base/random.h"
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr u64 everything = pte::V | pte::R | pte::W | pte::X | pte::A | pte::D;
constexpr u64 first = 0x4000'0000;  // virtual

struct TablesRig : Rig {
  explicit TablesRig(u32 harts = 1) : Rig(Json::object(), harts) {
    for (u64 page = 0; page < 8; ++page) entries[page] = map(at(page), data + page * page_size, everything);
    translate();
  }
  static u64 at(u64 page) { return first + page * page_size; }

  static bool load(Hart& h, u64 address) {
    u64 value = 0;
    return h.mmu.load_slow(address, 8, value) == MemoryStatus::Ok;
  }
  bool fetch(u64 address) {
    PhysAddr physical;
    return hart.mmu.translate_fetch(address, physical) == MemoryStatus::Ok;
  }
  bool holds(u64 address, AccessKind kind = AccessKind::Load) const { return hart.mmu.cached(address, kind).has_value(); }
  u8 marks(u64 address) { return machine.ram().marks(PhysAddr{address}); }

  u64 entries[8] = {};
};

TEST(WalkedTables, AChangedLeafDropsItsPageAlone) {
  TablesRig rig;
  for (u64 page = 0; page < 8; ++page) ASSERT_TRUE(rig.load(rig.hart, rig.at(page)));
  const u64 space = rig.hart.mmu.fetch_space();
  rig.write(rig.entries[3], 0);
  for (u64 page = 0; page < 8; ++page) EXPECT_EQ(rig.holds(rig.at(page)), page != 3) << page;
  EXPECT_FALSE(rig.load(rig.hart, rig.at(3)));
  EXPECT_EQ(rig.hart.mmu.fetch_space(), space);  // nothing was fetched from there
}

TEST(WalkedTables, APageFetchedFromGivesANewFetchSpace) {
  TablesRig rig;
  ASSERT_TRUE(rig.fetch(rig.at(2)));
  ASSERT_TRUE(rig.load(rig.hart, rig.at(5)));
  u64 space = rig.hart.mmu.fetch_space();
  rig.write(rig.entries[2], (Rig::data >> 12 << 10) | everything);
  EXPECT_NE(rig.hart.mmu.fetch_space(), space);
  EXPECT_FALSE(rig.holds(rig.at(2), AccessKind::Fetch));
  EXPECT_TRUE(rig.holds(rig.at(5)));
  // Not fetched from since.
  space = rig.hart.mmu.fetch_space();
  rig.write(rig.entries[2], 0);
  EXPECT_EQ(rig.hart.mmu.fetch_space(), space);
}

TEST(WalkedTables, AllContextsAreDropped) {
  TablesRig rig;
  const u64 satp = rig.hart.csr.satp;
  ASSERT_TRUE(rig.load(rig.hart, rig.at(1)));
  ASSERT_TRUE(rig.fetch(rig.at(1)));
  const u64 space = rig.hart.mmu.fetch_space();
  csr_write(rig.hart, 0x180, satp | u64{1} << 44);  // another ASID, the same tables
  ASSERT_NE(rig.hart.mmu.fetch_space(), space);
  rig.write(rig.entries[1], 0);
  csr_write(rig.hart, 0x180, satp);
  EXPECT_FALSE(rig.holds(rig.at(1)));
  EXPECT_NE(rig.hart.mmu.fetch_space(), space);
}

TEST(WalkedTables, PointersAndLargePagesDropTheirRange) {
  TablesRig rig;
  const u64 large = 0x4040'0000, gigabyte = 0x8000'0000;
  const u64 large_entry = rig.map(large, 0x8020'0000, everything, 1);
  ASSERT_TRUE(rig.load(rig.hart, large + 5 * page_size) && rig.load(rig.hart, large + 100 * page_size));
  ASSERT_TRUE(rig.load(rig.hart, rig.at(1)) && rig.load(rig.hart, Rig::code));
  rig.write(large_entry, 0);
  EXPECT_FALSE(rig.holds(large + 5 * page_size) || rig.holds(large + 100 * page_size));
  EXPECT_TRUE(rig.holds(rig.at(1)));
  // The pointer to the table of the eight pages.
  const u64 middle = rig.read(Rig::tables + (first >> 30) * 8) >> 10 << 12;
  rig.write(middle, 0);
  EXPECT_FALSE(rig.holds(rig.at(1)));
  EXPECT_FALSE(rig.load(rig.hart, rig.at(1)));
  EXPECT_EQ(rig.marks(rig.entries[0]), 0u);  // that table is one no more
  // And the root's.
  ASSERT_TRUE(rig.load(rig.hart, Rig::code));
  rig.write(Rig::tables + (gigabyte >> 30) * 8, 0);
  EXPECT_FALSE(rig.holds(Rig::code));
}

TEST(WalkedTables, ATableOfTwoPlacesDropsBoth) {
  TablesRig rig;
  // The next 2 MiB through the same table.
  const u64 middle = rig.read(Rig::tables + (first >> 30) * 8) >> 10 << 12;
  rig.write(middle + 8, rig.read(middle));
  const u64 alias = first + (u64{2} << 20);
  ASSERT_TRUE(rig.load(rig.hart, rig.at(4)) && rig.load(rig.hart, alias + 4 * page_size));
  rig.write(rig.entries[4], 0);
  EXPECT_FALSE(rig.holds(rig.at(4)) || rig.holds(alias + 4 * page_size));
  EXPECT_FALSE(rig.load(rig.hart, alias + 4 * page_size));
}

TEST(WalkedTables, WhatIsWrittenOftenAndWalkedNoMoreBecomesFast) {
  TablesRig rig;
  ASSERT_TRUE(rig.load(rig.hart, rig.at(0)) && rig.load(rig.hart, rig.at(1)));
  const u64 table = rig.entries[0] & ~(page_size - 1);
  ASSERT_EQ(rig.marks(table), MarkPageTable);
  for (u64 i = 0; i < 200; ++i) rig.write(table + page_size - 8, i);
  EXPECT_EQ(rig.marks(table), 0u);
  EXPECT_FALSE(rig.holds(rig.at(0)) || rig.holds(rig.at(1)));
  ASSERT_TRUE(rig.load(rig.hart, rig.at(0)));
  EXPECT_EQ(rig.marks(table), MarkPageTable);
}

TEST(WalkedTables, EveryHartIsTold) {
  TablesRig rig(2);
  Hart& other = rig.machine.hart(1);
  csr_write(other, 0x180, rig.hart.csr.satp);
  other.privilege = Privilege::Supervisor;
  other.privilege_changed();
  ASSERT_TRUE(rig.load(other, rig.at(6)) && rig.load(rig.hart, rig.at(0)));
  const u64 table = rig.entries[0] & ~(page_size - 1);
  // Hart 0 gives the table up; hart 1 has walked it again meanwhile.
  for (u64 i = 0; i < 50; ++i) rig.write(table + page_size - 8, i);
  ASSERT_TRUE(rig.load(other, rig.at(7)));
  for (u64 i = 0; i < 50; ++i) rig.write(table + page_size - 8, i);
  EXPECT_EQ(rig.marks(table), MarkPageTable);
  EXPECT_TRUE(other.mmu.cached(rig.at(6), AccessKind::Load));
  rig.write(rig.entries[6], 0);
  EXPECT_FALSE(other.mmu.cached(rig.at(6), AccessKind::Load));
}

// Whatever is written to the tables: what is cached is what a walk finds.
TEST(WalkedTables, NothingIsEverStale) {
  for (u64 seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    TablesRig rig;
    // Four tables that point at pages, at each other and at themselves, below the root's first entries.
    constexpr u64 pool = 0x8020'0000;
    const auto table = [&](u64 n) { return pool + n * page_size; };
    const auto random_entry = [&] {
      const u64 to = random.below(3) == 0 ? Rig::data + random.below(8) * page_size : table(random.below(4));
      const u64 leaf = random.below(2) ? everything : 0;
      return to >> 12 << 10 | (random.below(8) ? pte::V : 0) | leaf;
    };
    const auto address = [&] {
      return random.below(3) << 30 | random.below(2) << 21 | random.below(3) << 12 | (random.below(8) == 0 ? ~u64{0} << 38 : 0);
    };
    for (u64 i = 0; i < 3; ++i) rig.write(Rig::tables + 8 * i, table(i) >> 12 << 10 | pte::V);
    for (int step = 0; step < 2'000; ++step) {
      switch (random.below(4)) {
        case 0:
          rig.write(table(random.below(4)) + 8 * random.below(3), random_entry());
          break;
        case 1:
          rig.write(Rig::tables + 8 * random.below(3), random_entry());
          break;
        default:
          rig.load(rig.hart, address());
          rig.fetch(address());
      }
      for (int look = 0; look < 8; ++look) {
        const u64 a = address();
        for (const AccessKind kind : {AccessKind::Load, AccessKind::Fetch}) {
          const auto cached = rig.hart.mmu.cached(a, kind);
          if (!cached) continue;
          ASSERT_EQ(cached, rig.hart.mmu.probe(a, kind).physical) << seed << ' ' << step;
        }
      }
    }
  }
}

}  // namespace
}  // namespace orrery
