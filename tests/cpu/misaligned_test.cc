// Misaligned accesses in hardware and as traps; loads, stores and fetches across pages.
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

using namespace pte;
constexpr u64 at = Rig::data, va = 0x4000'0000, good = V | R | W | A | D;
constexpr RowId loads[] = {RowId::lh, RowId::lhu, RowId::lw, RowId::lwu, RowId::ld, RowId::flw, RowId::fld};
constexpr RowId stores[] = {RowId::sh, RowId::sw, RowId::sd, RowId::fsw, RowId::fsd};

u64 size_of(RowId row) {
  std::string_view name = row_info(row).name;
  if (name.ends_with('u')) name.remove_suffix(1);
  return name.ends_with('h') ? 2 : name.ends_with('w') ? 4 : 8;
}

TEST(Misaligned, TrapsWhereHardwareDoesNot) {
  Rig rig(Json{{"misaligned", false}});
  for (const RowId row : loads)
    for (u64 offset = 0; offset < 8; ++offset)
      EXPECT_EQ(rig.load(at + offset, row), offset % size_of(row) ? trapped(Cause::LoadMisaligned, at + offset) : no_trap());
  for (const RowId row : stores)
    for (u64 offset = 0; offset < 8; ++offset)
      EXPECT_EQ(rig.store(at + offset, 0, row), offset % size_of(row) ? trapped(Cause::StoreMisaligned, at + offset) : no_trap());
}

TEST(Misaligned, WorksAtEveryOffset) {
  Rig rig;
  for (u64 offset = 4088; offset < 4104; ++offset) {
    for (u64 i = 4080; i < 4120; ++i) rig.write(at + i, i * 7 & 0xff, 1);
    u64 expected = 0;
    for (u64 i = 0; i < 8; ++i) expected |= ((offset + i) * 7 & 0xff) << (8 * i);
    EXPECT_EQ(rig.load(at + offset), no_trap());
    EXPECT_EQ(rig.hart.x[10], expected) << offset;
    EXPECT_EQ(rig.load(at + offset, RowId::lh), no_trap());
    EXPECT_EQ(rig.hart.x[10], sign_extend(expected & 0xffff, 16)) << offset;
    EXPECT_EQ(rig.store(at + offset, 0xa1b2c3d4, RowId::sw), no_trap());
    EXPECT_EQ(rig.read(at + offset, 4), 0xa1b2c3d4u);
    EXPECT_EQ(rig.read(at + offset - 1, 1), (offset - 1) * 7 & 0xff);
    EXPECT_EQ(rig.read(at + offset + 4, 1), (offset + 4) * 7 & 0xff);
  }
}

TEST(Misaligned, TwoPagesTwoTranslations) {
  Rig rig;
  rig.map(va, at + 0x5000, good);
  rig.map(va + 4096, at + 0x2000, good);
  rig.write(at + 0x5ffc, 0x11223344, 4);
  rig.write(at + 0x2000, 0x55667788, 4);
  rig.translate();
  EXPECT_EQ(rig.load(va + 4092), no_trap());
  EXPECT_EQ(rig.hart.x[10], 0x5566778811223344u);
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.store(va + 4093, 0x0807060504030201), no_trap());
  EXPECT_EQ(rig.read(at + 0x5ffd, 3), 0x030201u);
  EXPECT_EQ(rig.read(at + 0x2000, 5), 0x0807060504u);
}

// II, 3.1.16: mtval is the address of the part that faults. Nothing of the store has happened.
TEST(Misaligned, FaultsNameTheirPage) {
  for (const bool first_good : {true, false}) {
    Rig rig;
    rig.map(first_good ? va : va + 4096, at, good);
    rig.translate();
    const u64 fault = first_good ? va + 4096 : va + 4090;
    EXPECT_EQ(rig.load(va + 4090), trapped(Cause::LoadPage, fault));
    rig.enter(Privilege::Supervisor);
    EXPECT_EQ(rig.store(va + 4090), trapped(Cause::StorePage, fault));
    EXPECT_EQ(rig.read(first_good ? at + 4090 : at, 2), 0u);
  }
}

TEST(Misaligned, AcrossTheEndOfRam) {
  Rig rig;
  constexpr u64 end = 0x8100'0000;
  EXPECT_EQ(rig.load(end - 8), no_trap());
  EXPECT_EQ(rig.load(end - 4).cause, 5);
  EXPECT_EQ(rig.store(end - 4).cause, 7);
  EXPECT_EQ(rig.read(end - 4, 4), 0u);
  EXPECT_EQ(rig.load(end - 4, RowId::lw), no_trap());
}

TEST(Misaligned, NotOnDevices) {
  Rig rig;
  EXPECT_EQ(rig.load(0x1000'0001, RowId::lh), trapped(Cause::LoadAccess, 0x1000'0001));
  EXPECT_EQ(rig.store(0x1000'0001, 0, RowId::sh), trapped(Cause::StoreAccess, 0x1000'0001));
}

// An instruction of four bytes whose upper half is in another page.
TEST(PageCrossing, Fetch) {
  Rig rig;
  constexpr u32 add = 0x00128293;  // addi t0,t0,1
  rig.map(va, at + 0x5000, V | R | X | A);
  rig.map(va + 4096, at + 0x2000, V | R | X | A);
  rig.write(at + 0x5ffe, add, 2);
  rig.write(at + 0x2000, add >> 16, 2);
  rig.translate();
  EXPECT_EQ(rig.at(va + 4094), no_trap());
  EXPECT_EQ(rig.hart.x[5], 1u);
  EXPECT_EQ(rig.hart.pc, va + 4098);
}

TEST(PageCrossing, FetchFaultsNameTheirPart) {
  Rig rig;
  rig.map(va, at, V | R | X | A);
  rig.write(at + 4094, 0x8293, 2);
  rig.translate();
  EXPECT_EQ(rig.at(va + 4094), trapped(Cause::InstructionPage, va + 4096));
  EXPECT_EQ(rig.hart.csr.mepc, va + 4094);
  rig.write(at + 4094, 0x0001, 2);  // c.nop needs one page only
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.at(va + 4094), no_trap());
  rig.enter(Privilege::Supervisor);
  EXPECT_EQ(rig.at(va + 4096), trapped(Cause::InstructionPage, va + 4096));
}

TEST(PageCrossing, CodeRunsOnIntoTheNextPage) {
  Rig rig;
  for (u64 pc = Rig::data + 4096 - 64; pc < Rig::data + 4096 + 64; pc += 2) rig.write(pc, 0x0285, 2);  // c.addi t0,1
  rig.hart.pc = Rig::data + 4096 - 64;
  rig.run(64);
  EXPECT_EQ(rig.hart.x[5], 64u);
  EXPECT_EQ(rig.hart.pc, Rig::data + 4096 + 64);
}

}  // namespace
}  // namespace orrery
