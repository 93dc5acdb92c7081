// Physical memory protection (II, 3.7).
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr u64 at = Rig::data;
constexpr u8 R = 1, W = 2, X = 4, Off = 0, Tor = 8, Na4 = 16, Napot = 24, L = 0x80;

struct Entry {
  u8 cfg;
  u64 address;  // pmpaddr << 2
};

u64 napot(u64 address, u64 size) { return address | (size / 2 - 1); }

// Entries in this order, the last one allows everything.
void protect(Rig& rig, std::initializer_list<Entry> entries) {
  u64 cfg = 0;
  u32 i = 0;
  for (const Entry& e : entries) {
    csr_write(rig.hart, 0x3b0 + i, e.address >> 2);
    cfg |= u64{e.cfg} << (8 * i++);
  }
  csr_write(rig.hart, 0x3b0 + i, ~u64{0});
  csr_write(rig.hart, 0x3a0, cfg | u64{R | W | X | Napot} << (8 * i));
}

bool loads(Rig& rig, u64 address, RowId row = RowId::lb) {
  rig.enter(Privilege::Supervisor);
  const auto outcome = rig.load(address, row);
  EXPECT_TRUE(outcome == no_trap() || outcome == trapped(Cause::LoadAccess, address));
  return outcome == no_trap();
}

TEST(Pmp, Na4) {
  Rig rig;
  protect(rig, {{Na4, at + 8}});
  for (u64 offset = 0; offset < 24; ++offset) EXPECT_EQ(loads(rig, at + offset), offset < 8 || offset >= 12) << offset;
}

TEST(Pmp, NapotSizes) {
  for (const u64 size : {u64{8}, u64{16}, u64{256}, u64{4096}, u64{65536}}) {
    Rig rig;
    protect(rig, {{Napot, napot(at, size)}});
    EXPECT_TRUE(loads(rig, at - 1)) << size;
    EXPECT_FALSE(loads(rig, at)) << size;
    EXPECT_FALSE(loads(rig, at + size - 1)) << size;
    EXPECT_TRUE(loads(rig, at + size)) << size;
  }
}

TEST(Pmp, Tor) {
  Rig rig;
  protect(rig, {{Off, at + 8}, {Tor, at + 24}});
  for (u64 offset = 0; offset < 32; ++offset) EXPECT_EQ(loads(rig, at + offset), offset < 8 || offset >= 24) << offset;
}

TEST(Pmp, TorOfEntry0BeginsAt0AndEmptyRangesMatchNothing) {
  Rig rig;
  protect(rig, {{R | X | Tor, at}, {Tor, at - 16}, {Tor, at - 16}});
  EXPECT_TRUE(loads(rig, at - 8));
  EXPECT_TRUE(loads(rig, at));
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.store(at - 8), trapped(Cause::StoreAccess, at - 8));
}

TEST(Pmp, TheFirstMatchDecides) {
  Rig rig;
  protect(rig, {{R | Napot, napot(at, 64)}, {Napot, napot(at, 4096)}});
  EXPECT_TRUE(loads(rig, at + 63));
  EXPECT_FALSE(loads(rig, at + 64));
  EXPECT_TRUE(loads(rig, at + 4096));
}

// II, 3.7.1: an access that matches an entry in part fails, whatever the entry allows, in M mode too.
TEST(Pmp, PartialMatchesFail) {
  Rig rig;
  protect(rig, {{R | W | X | Na4, at + 4}});
  EXPECT_TRUE(loads(rig, at + 4, RowId::lw));
  EXPECT_FALSE(loads(rig, at, RowId::ld));
  rig.enter(Privilege::Machine);
  EXPECT_EQ(rig.load(at), trapped(Cause::LoadAccess, at));
  EXPECT_EQ(rig.store(at), trapped(Cause::StoreAccess, at));
}

TEST(Pmp, PermissionsOneByOne) {
  for (u8 cfg = 0; cfg < 8; ++cfg) {
    if ((cfg & 3) == W) continue;  // reserved
    Rig rig;
    protect(rig, {{static_cast<u8>(cfg | Napot), napot(at, 4096)}});
    rig.program(at, {encode(RowId::addi, {})});
    for (const Privilege p : {Privilege::User, Privilege::Supervisor}) {
      rig.enter(p);
      EXPECT_EQ(rig.load(at), cfg & R ? no_trap() : trapped(Cause::LoadAccess, at));
      rig.enter(p);
      EXPECT_EQ(rig.store(at + 64), cfg & W ? no_trap() : trapped(Cause::StoreAccess, at + 64));
      rig.enter(p);
      EXPECT_EQ(rig.at(at), cfg & X ? no_trap() : trapped(Cause::InstructionAccess, at));
      rig.enter(p);
      rig.hart.x[11] = at + 64;
      EXPECT_EQ(rig.execute(RowId::amoor_d, {.rs1 = 11}), cfg & W ? no_trap() : trapped(Cause::StoreAccess, at + 64));
    }
    rig.enter(Privilege::Machine);
    EXPECT_EQ(rig.load(at), no_trap());
    EXPECT_EQ(rig.store(at + 64), no_trap());
  }
}

TEST(Pmp, LockedEntriesHoldInMachineMode) {
  Rig rig;
  protect(rig, {{L | R | Napot, napot(at, 4096)}});
  EXPECT_EQ(rig.load(at), no_trap());
  EXPECT_EQ(rig.store(at), trapped(Cause::StoreAccess, at));
  EXPECT_EQ(rig.at(at), trapped(Cause::InstructionAccess, at));
}

TEST(Pmp, WithoutAMatchOnlyMachineModePasses) {
  Rig rig;
  csr_write(rig.hart, 0x3a0, 0);
  EXPECT_EQ(rig.load(at), no_trap());
  rig.enter(Privilege::User);
  EXPECT_EQ(rig.at(Rig::code), trapped(Cause::InstructionAccess, Rig::code));
  Rig none(Json{{"pmp_entries", 0}});  // no entries at all: no protection
  none.enter(Privilege::User);
  EXPECT_EQ(none.load(at), no_trap());
}

TEST(Pmp, MprvUsesTheOtherModesRights) {
  Rig rig;
  protect(rig, {{Napot, napot(at, 4096)}});
  csr_write(rig.hart, 0x300, mstatus::MPRV | u64{1} << 11);
  EXPECT_EQ(rig.load(at), trapped(Cause::LoadAccess, at));
  csr_write(rig.hart, 0x300, mstatus::MPRV | mstatus::MPP);
  EXPECT_EQ(rig.load(at), no_trap());
}

// A change takes effect at the next access, whatever was cached.
TEST(Pmp, ChangesShowAtOnce) {
  Rig rig;
  EXPECT_TRUE(loads(rig, at));
  protect(rig, {{Napot, napot(at, 4096)}});
  EXPECT_FALSE(loads(rig, at));
  protect(rig, {{R | Napot, napot(at, 4096)}});
  EXPECT_TRUE(loads(rig, at));
}

// II, 12.3.2: walks are loads of S mode; what they may not read is an access fault of the kind asked for.
TEST(Pmp, PageTablesAreProtectedToo) {
  Rig rig;
  rig.map(at, at, pte::V | pte::R | pte::W | pte::A | pte::D);
  rig.translate();
  protect(rig, {{Napot, napot(Rig::tables, 4096)}});
  EXPECT_EQ(rig.at(Rig::code), trapped(Cause::InstructionAccess, Rig::code));
  rig.enter(Privilege::Machine);
  csr_write(rig.hart, 0x300, mstatus::MPRV | u64{1} << 11);
  EXPECT_EQ(rig.load(at), trapped(Cause::LoadAccess, at));
  csr_write(rig.hart, 0x300, mstatus::MPRV | u64{1} << 11);
  EXPECT_EQ(rig.store(at), trapped(Cause::StoreAccess, at));
}

// Updating A and D is a store to the table.
TEST(Pmp, ReadOnlyPageTablesCannotBeUpdated) {
  Rig rig;
  const u64 entry = rig.map(at, at, pte::V | pte::R | pte::W);
  rig.translate();
  protect(rig, {{R | Napot, napot(entry & ~u64{4095}, 4096)}});
  EXPECT_EQ(rig.load(at), trapped(Cause::LoadAccess, at));
  EXPECT_EQ(rig.read(entry) & (pte::A | pte::D), 0u);
}

}  // namespace
}  // namespace orrery
