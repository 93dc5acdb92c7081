// Sv39, Sv48, Sv57: what a translation gives, and what faults (II, 12.3 to 12.6, 13, 14).
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

using namespace pte;
constexpr u64 va = 0x4000'0000, target = Rig::data, good = V | R | W | A | D;
constexpr unsigned all_depths[] = {3, 4, 5};

Rig::Outcome load_fault(u64 address) { return trapped(Cause::LoadPage, address); }
Rig::Outcome store_fault(u64 address) { return trapped(Cause::StorePage, address); }
Rig::Outcome fetch_fault(u64 address) { return trapped(Cause::InstructionPage, address); }

// Maps `virtual_address`, switches to S or U mode, and loads.
struct Translated : Rig {
  explicit Translated(unsigned depth = 3, const Json& parameters = Json::object()) : Rig(parameters) { levels = depth; }
  void again(Privilege p = Privilege::Supervisor) { enter(p); }
};

TEST(Translation, EveryDepthAndPageSize) {
  for (const unsigned depth : all_depths)
    for (unsigned level = 0; level < depth; ++level) {
      Translated rig(depth);
      const u64 size = u64{1} << (12 + 9 * level), offset = 0x123458 & (size - 1);
      const u64 base = level < 2 ? target & ~(size - 1) : 0;
      const u64 page = u64{3} << (12 + 9 * (depth - 1));  // a canonical address with its own path
      rig.map(page, base, good, level);
      rig.write(0x8000'0000 | (base + offset) % (16 << 20), 0, 8);
      const bool ram = base + offset >= 0x8000'0000;
      if (ram) rig.write(base + offset, 0x1234);
      rig.translate(depth);
      EXPECT_EQ(rig.hart.mmu.peek(page + offset, AccessKind::Load), PhysAddr{base + offset}) << depth << " " << level;
      if (!ram) continue;
      EXPECT_EQ(rig.load(page + offset), no_trap()) << depth << " " << level;
      EXPECT_EQ(rig.hart.x[10], 0x1234u);
    }
}

TEST(Translation, MisalignedSuperpagesFault) {
  for (const unsigned depth : all_depths)
    for (unsigned level = 1; level < depth; ++level) {
      Translated rig(depth);
      const u64 page = u64{3} << (12 + 9 * (depth - 1));
      rig.map(page, u64{1} << (12 + 9 * level - 1), good, level);
      rig.translate(depth);
      EXPECT_EQ(rig.load(page), load_fault(page)) << depth << " " << level;
    }
}

TEST(Translation, AddressesMustBeCanonical) {
  for (const unsigned depth : all_depths) {
    const u64 top = u64{1} << (12 + 9 * depth - 1);
    for (const u64 address : {top, ~u64{0} << 63, u64{1} << 63, top | u64{1} << 63, ~top}) {
      Translated rig(depth);
      rig.translate(depth);
      EXPECT_EQ(rig.load(address), load_fault(address)) << std::hex << address;
      rig.again();
      EXPECT_EQ(rig.store(address), store_fault(address));
      rig.again();
      EXPECT_EQ(rig.at(address & ~u64{1}), fetch_fault(address & ~u64{1}));
    }
  }
}

TEST(Translation, ReservedEntries) {
  const struct {
    u64 flags;
    const char* why;
  } cases[] = {
      {good & ~V, "not valid"},
      {V | W | A | D, "W without R"},
      {V | W | X | A | D, "W without R"},
      {V | A, "a pointer in the last level"},
      {good | u64{1} << 54, "reserved bit"},
      {good | u64{1} << 60, "reserved bit"},
      {good | u64{1} << 61, "PBMT without menvcfg.PBMTE"},
      {good | u64{2} << 61, "PBMT without menvcfg.PBMTE"},
      {good | N, "NAPOT of an undefined size"},
  };
  for (const auto& c : cases) {
    Translated rig;
    rig.map(va, target, c.flags);
    rig.translate();
    EXPECT_EQ(rig.load(va), load_fault(va)) << c.why;
  }
}

TEST(Translation, ReservedPointers) {
  for (const u64 flag : {A, D, U, N, u64{1} << 61}) {
    Translated rig;
    csr_write(rig.hart, 0x30a, envcfg::PBMTE);
    rig.map(va, target, good);
    const u64 root = Rig::tables + bits(va, 30, 9) * 8;
    rig.write(root, rig.read(root) | flag);
    rig.translate();
    EXPECT_EQ(rig.load(va), load_fault(va)) << std::hex << flag;
  }
}

TEST(Translation, PageBasedMemoryTypes) {
  for (u64 type = 0; type < 4; ++type) {
    Translated rig;
    csr_write(rig.hart, 0x30a, envcfg::PBMTE);
    rig.map(va, target, good | type << 61);
    rig.translate();
    EXPECT_EQ(rig.load(va), type == 3 ? load_fault(va) : no_trap()) << type;
  }
  Translated without(3, Json{{"isa", "rv64imafdcsu_zicsr"}});
  without.map(va, target, good | u64{1} << 61);
  without.translate();
  EXPECT_EQ(without.load(va), load_fault(va));
}

// II, 13: 64 KiB whose low four page-number bits are 8.
TEST(Translation, Napot) {
  Translated rig;
  for (u64 page = 0; page < 16; ++page) rig.map(va + page * 4096, target + 0x8000, good | N);
  rig.write(target + 0x5678, 99);
  rig.translate();
  EXPECT_EQ(rig.load(va + 0x5678), no_trap());
  EXPECT_EQ(rig.hart.x[10], 99u);
  Translated super;
  super.map(va, 0x8000'0000, good | N, 1);
  super.translate();
  EXPECT_EQ(super.load(va), load_fault(va));
  Translated without(3, Json{{"isa", "rv64imafdcsu_zicsr"}});
  without.map(va, target + 0x8000, good | N);
  without.translate();
  EXPECT_EQ(without.load(va), load_fault(va));
}

TEST(Translation, Permissions) {
  const struct {
    u64 flags;
    bool load, store, fetch;
  } cases[] = {
      {R, true, false, false}, {R | W, true, true, false}, {X, false, false, true},
      {R | X, true, false, true}, {R | W | X, true, true, true},
  };
  for (const auto& c : cases) {
    Translated rig;
    rig.map(va, target, V | A | D | c.flags);
    rig.program(target, {encode(RowId::addi, {})});
    rig.translate();
    EXPECT_EQ(rig.load(va), c.load ? no_trap() : load_fault(va));
    rig.again();
    EXPECT_EQ(rig.at(va), c.fetch ? no_trap() : fetch_fault(va));
    rig.again();
    EXPECT_EQ(rig.store(va + 8), c.store ? no_trap() : store_fault(va + 8));
    rig.again();
    rig.hart.x[11] = va + 8;
    EXPECT_EQ(rig.execute(RowId::amoadd_d, {.rs1 = 11}), c.store ? no_trap() : store_fault(va + 8));
    rig.again();
    EXPECT_EQ(rig.execute(RowId::lr_d, {.rs1 = 11}), c.load ? no_trap() : load_fault(va + 8));
  }
}

// II, 12.1.1: MXR lets loads read what can be executed, in translated modes only by the table's bits.
TEST(Translation, Mxr) {
  Translated rig;
  rig.map(va, target, V | X | A);
  csr_write(rig.hart, 0x300, mstatus::MXR);
  rig.translate();
  EXPECT_EQ(rig.load(va), no_trap());
  EXPECT_EQ(rig.store(va), store_fault(va));
}

// II, 12.1.1.2: U pages are closed to S mode but for SUM, and never executable there.
TEST(Translation, UserPages) {
  for (const bool sum : {false, true}) {
    Translated rig;
    rig.map(va, target, V | R | W | X | A | D | U);
    rig.program(target, {encode(RowId::addi, {})});
    csr_write(rig.hart, 0x300, sum ? mstatus::SUM : 0);
    rig.translate();
    EXPECT_EQ(rig.load(va), sum ? no_trap() : load_fault(va));
    rig.again();
    EXPECT_EQ(rig.store(va), sum ? no_trap() : store_fault(va));
    rig.again();
    EXPECT_EQ(rig.at(va), fetch_fault(va));
  }
  Translated rig;
  rig.map(va, target, good);
  rig.map(va + 4096, target, good | U);
  rig.translate(3, Privilege::User);
  EXPECT_EQ(rig.load(va), load_fault(va));
  rig.again(Privilege::User);
  EXPECT_EQ(rig.load(va + 4096), no_trap());
}

// II, 12.3.1: with ADUE hardware sets A and D, without it the access faults and software must.
TEST(Translation, AccessedAndDirty) {
  for (const bool adue : {true, false}) {
    Translated rig(3, Json{{"adue", adue}});
    const u64 entry = rig.map(va, target, V | R | W);
    rig.translate();
    EXPECT_EQ(rig.load(va), adue ? no_trap() : load_fault(va));
    EXPECT_EQ(rig.read(entry) & (A | D), adue ? A : 0);
    rig.again();
    EXPECT_EQ(rig.store(va), adue ? no_trap() : store_fault(va));
    EXPECT_EQ(rig.read(entry) & (A | D), adue ? A | D : 0);
    rig.write(entry, rig.read(entry) | A);
    rig.again();
    EXPECT_EQ(rig.load(va), no_trap());
    rig.again();
    EXPECT_EQ(rig.store(va), adue ? no_trap() : store_fault(va));
  }
}

TEST(Translation, NoAccessedBitsForWhatFaults) {
  Translated rig;
  const u64 entry = rig.map(va, target, V | R);
  const u64 second = rig.map(va + 4096, 0x4000'0000, V | R);
  rig.translate();
  EXPECT_EQ(rig.store(va), store_fault(va));
  EXPECT_EQ(rig.read(entry) & A, 0u);
  rig.again();
  EXPECT_EQ(rig.load(va + 4096), trapped(Cause::LoadAccess, va + 4096));
  EXPECT_EQ(rig.read(second) & D, 0u);
}

TEST(Translation, TablesWhereNoRamIsAreAccessFaults) {
  Translated rig;
  rig.write(Rig::tables + bits(va, 30, 9) * 8, u64{0x4000'0000} >> 12 << 10 | V);
  rig.translate();
  EXPECT_EQ(rig.load(va), trapped(Cause::LoadAccess, va));
  rig.again();
  EXPECT_EQ(rig.at(va), trapped(Cause::InstructionAccess, va));
}

TEST(Translation, MprvTranslatesForMachineMode) {
  Translated rig;
  rig.map(va, target, good | U);
  rig.write(target, 4242);
  rig.translate();
  rig.enter(Privilege::Machine);
  EXPECT_EQ(rig.load(va), trapped(Cause::LoadAccess, va));
  csr_write(rig.hart, 0x300, mstatus::MPRV);
  EXPECT_EQ(rig.load(va), no_trap());
  EXPECT_EQ(rig.hart.x[10], 4242u);
  csr_write(rig.hart, 0x300, mstatus::MPRV | u64{1} << 11);
  EXPECT_EQ(rig.load(va), load_fault(va));
  csr_write(rig.hart, 0x300, mstatus::MPRV | mstatus::SUM | u64{1} << 11);
  EXPECT_EQ(rig.load(va), no_trap());
}

TEST(Translation, BareAddressesEndAt56Bits) {
  Rig rig;
  EXPECT_EQ(rig.load(u64{1} << 56 | Rig::data), trapped(Cause::LoadAccess, u64{1} << 56 | Rig::data));
  EXPECT_EQ(rig.store(u64{1} << 63 | Rig::data), trapped(Cause::StoreAccess, u64{1} << 63 | Rig::data));
}

}  // namespace
}  // namespace orrery
