// What CSRs hold after a write: WARL fields, aliases, locks.
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr u64 all = ~u64{0};

TEST(CsrValue, WhatAWriteLeaves) {
  const struct {
    u32 number;
    u64 written, read;
  } cases[] = {
      {0x305, all, all & ~u64{2}},           // mtvec: direct and vectored
      {0x105, all, all & ~u64{2}},
      {0x341, all, all & ~u64{1}},           // mepc with C
      {0x141, all, all & ~u64{1}},
      {0x302, all, 0xb3ff},                  // medeleg: no ecall from M, no reserved cause
      {0x303, all, 0x2222},                  // mideleg: interrupts of S mode and LCOFI
      {0x304, all, 0x2aaa},
      {0x306, all, 0x7ff},                   // mcounteren: 3 + 8 counters
      {0x106, all, 0x7ff},
      {0x320, all, 0x7fd},                   // mcountinhibit: time cannot be stopped
      {0x30a, all, envcfg::FIOM | envcfg::CBIE | envcfg::CBCFE | envcfg::CBZE | envcfg::ADUE | envcfg::PBMTE | envcfg::STCE},
      {0x10a, all, envcfg::FIOM | envcfg::CBIE | envcfg::CBCFE | envcfg::CBZE},
      {0x3b1, all, (u64{1} << 54) - 1},      // pmpaddr: 56-bit addresses
      {0x301, 0, u64{2} << 62 | 0x14112d},   // misa: IMAFDC, S, U
      {0x001, all, 31},
      {0x002, all, 7},
      {0x003, all, 255},
      {0x340, all, all},
      {0x342, all, all},
      {0x343, all, all},
      {0x142, 0x8000000000000005, 0x8000000000000005},
      {0x7a0, all, 0},                       // no triggers
      {0x7a1, all, 0},
      {0x323, all, u64{15} << 60 | 0xffffff},
      {0x14d, 12345, 12345},
  };
  for (const auto& c : cases) {
    Rig rig;
    EXPECT_EQ(rig.warl(c.number, c.written), c.read) << std::hex << c.number;
  }
}

TEST(CsrValue, FewerExtensionsFewerBits) {
  Rig rig(Json{{"isa", "rv64imau_zicsr"}, {"hpm_counters", 0}});
  EXPECT_EQ(rig.warl(0x341, all), all & ~u64{3});  // mepc without C
  EXPECT_EQ(rig.warl(0x304, all), 0x888u);
  EXPECT_EQ(rig.warl(0x30a, all), envcfg::FIOM);
  EXPECT_EQ(rig.warl(0x306, all), 7u);
  EXPECT_EQ(rig.csr_get(0x100).cause, 2);  // no S mode
  EXPECT_EQ(rig.csr_get(0x302).cause, 2);
  EXPECT_EQ(rig.warl(0x300, all) & (mstatus::FS | mstatus::SUM | mstatus::TVM | mstatus::SIE), 0u);
}

TEST(CsrValue, MachineModeAlone) {
  Rig rig(Json{{"isa", "rv64im_zicsr"}});
  EXPECT_EQ(rig.csr(0x300) & mstatus::MPP, mstatus::MPP);
  EXPECT_EQ(rig.warl(0x300, 0) & mstatus::MPP, mstatus::MPP);
  EXPECT_EQ(rig.csr_get(0x30a).cause, 2);
  EXPECT_EQ(rig.csr_get(0x306).cause, 2);
}

TEST(CsrValue, MppHoldsModesThatExist) {
  Rig rig;
  for (const u64 mode : {u64{3}, u64{1}, u64{0}}) EXPECT_EQ(rig.warl(0x300, mode << 11) & mstatus::MPP, mode << 11);
  rig.warl(0x300, u64{1} << 11);
  EXPECT_EQ(rig.warl(0x300, u64{2} << 11) & mstatus::MPP, u64{1} << 11);  // 2 is reserved: unchanged
}

TEST(CsrValue, CbieOf2IsReserved) {
  Rig rig;
  rig.warl(0x30a, 0x10);
  EXPECT_EQ(rig.warl(0x30a, 0x20) & envcfg::CBIE, 0x10u);
}

// II, 12.1.11: a write with an unsupported mode has no effect at all.
TEST(CsrValue, SatpModes) {
  for (const auto& [name, highest] : {std::pair{"bare", 0u}, {"sv39", 8u}, {"sv48", 9u}, {"sv57", 10u}}) {
    Rig rig(Json{{"satp", name}});
    for (u64 mode = 0; mode < 16; ++mode) {
      rig.warl(0x180, 0);
      const u64 value = mode << 60 | u64{0xabcd} << 44 | 0x12345;
      const bool good = mode >= 8 && mode <= highest;
      EXPECT_EQ(rig.warl(0x180, value), good ? value : 0) << name << " " << mode;
    }
  }
}

TEST(CsrValue, SstatusIsAViewOfMstatus) {
  Rig rig;
  rig.warl(0x300, mstatus::SUM | mstatus::MIE | mstatus::MPRV | mstatus::SPP);
  EXPECT_EQ(rig.csr(0x100) & ~mstatus::UXL, mstatus::SUM | mstatus::SPP);
  rig.warl(0x100, mstatus::MXR | mstatus::SPIE);
  EXPECT_EQ(rig.csr(0x300) & ~(mstatus::UXL | mstatus::SXL), mstatus::MXR | mstatus::SPIE | mstatus::MIE | mstatus::MPRV);
  EXPECT_EQ(rig.warl(0x100, all) & ~(mstatus::UXL | mstatus::SD | mstatus::FS),
            mstatus::SIE | mstatus::SPIE | mstatus::SPP | mstatus::SUM | mstatus::MXR);
  EXPECT_EQ(rig.csr(0x100) & mstatus::UXL, u64{2} << 32);
}

TEST(CsrValue, FloatingPointStateBecomesDirty) {
  Rig rig;
  rig.warl(0x300, u64{1} << 13);
  EXPECT_EQ(rig.csr(0x300) & mstatus::SD, 0u);
  EXPECT_EQ(rig.execute(RowId::fmv_x_d, {.rd = 10}), no_trap());
  EXPECT_EQ(rig.csr(0x300) & mstatus::FS, u64{1} << 13);  // reading leaves it
  EXPECT_EQ(rig.execute(RowId::fmv_d_x, {.rd = 1}), no_trap());
  EXPECT_EQ(rig.csr(0x300) & (mstatus::FS | mstatus::SD), mstatus::FS | mstatus::SD);
  EXPECT_EQ(rig.csr(0x100) & (mstatus::FS | mstatus::SD), mstatus::FS | mstatus::SD);
  EXPECT_EQ(rig.warl(0x300, u64{2} << 13) & (mstatus::FS | mstatus::SD), u64{2} << 13);
  EXPECT_EQ(rig.csr_set(1, 0), no_trap());  // writing fflags does it too
  EXPECT_EQ(rig.csr(0x300) & mstatus::FS, mstatus::FS);
}

TEST(CsrValue, MipWhatSoftwareMayWrite) {
  Rig rig;
  EXPECT_EQ(rig.warl(0x344, all), interrupt::SSI | interrupt::STI | interrupt::SEI | interrupt::LCOFI);
  EXPECT_EQ(rig.warl(0x344, 0), 0u);
  for (const u32 wire : {3u, 7u, 11u}) {
    rig.hart.set_wire(wire, true);
    EXPECT_EQ(rig.warl(0x344, 0), u64{1} << wire);
    rig.hart.set_wire(wire, false);
  }
}

// II, 3.1.9: SEIP reads as software's bit or the wire; read-modify-writes change software's bit only.
TEST(CsrValue, SeipIsABitAndAWire) {
  Rig rig;
  rig.hart.set_wire(9, true);
  EXPECT_EQ(rig.csr(0x344), interrupt::SEI);
  rig.hart.x[11] = interrupt::SSI;
  EXPECT_EQ(rig.execute(RowId::csrrs, {.rd = 10, .rs1 = 11, .imm = 0x344}), no_trap());
  EXPECT_EQ(rig.hart.x[10], interrupt::SEI);
  rig.hart.set_wire(9, false);
  EXPECT_EQ(rig.csr(0x344), interrupt::SSI);
  rig.warl(0x344, interrupt::SEI);
  rig.hart.set_wire(9, true);
  rig.hart.set_wire(9, false);
  EXPECT_EQ(rig.csr(0x344), interrupt::SEI);
}

// II, 12.1.3: sip and sie show what is delegated; of sip only SSIP (and LCOFIP) is written.
TEST(CsrValue, SipAndSieShowWhatIsDelegated) {
  Rig rig;
  rig.warl(0x344, all);
  rig.warl(0x304, all);
  EXPECT_EQ(rig.csr(0x144), 0u);
  EXPECT_EQ(rig.csr(0x104), 0u);
  rig.warl(0x303, interrupt::SSI | interrupt::STI);
  EXPECT_EQ(rig.csr(0x144), interrupt::SSI | interrupt::STI);
  EXPECT_EQ(rig.csr(0x104), interrupt::SSI | interrupt::STI);
  EXPECT_EQ(rig.warl(0x144, 0), interrupt::STI);
  EXPECT_EQ(rig.warl(0x104, 0), 0u);
  EXPECT_EQ(rig.csr(0x304), 0x2aaau & ~(interrupt::SSI | interrupt::STI));
  EXPECT_EQ(rig.csr(0x344), interrupt::STI | interrupt::SEI | interrupt::LCOFI);
}

TEST(CsrValue, PmpLocks) {
  Rig rig;
  rig.warl(0x3b1, 0x1000);
  rig.warl(0x3b2, 0x2000);
  rig.warl(0x3b3, 0x3000);
  const u64 cfg = u64{0x88} << 16 | 0x1f;  // entry 2: locked, TOR, so that address 1 is its begin
  EXPECT_EQ(rig.warl(0x3a0, cfg), cfg);
  EXPECT_EQ(rig.warl(0x3a0, 0), u64{0x88} << 16);
  EXPECT_EQ(rig.warl(0x3b1, 7), 0x1000u);
  EXPECT_EQ(rig.warl(0x3b2, 7), 0x2000u);
  EXPECT_EQ(rig.warl(0x3b3, 7), 7u);
}

TEST(CsrValue, PmpConfigurationFields) {
  Rig rig;
  EXPECT_EQ(rig.warl(0x3a2, 0x7f) & 0x60, 0u);  // bits 5 and 6 are reserved
  EXPECT_EQ(rig.warl(0x3a2, 0x1a) & 3, 0u);     // W without R
  EXPECT_EQ(rig.warl(0x3a2, 0x1b), 0x1bu);
  Rig none(Json{{"pmp_entries", 0}});
  EXPECT_EQ(none.csr_get(0x3b0).cause, 2);
  Rig many(Json{{"pmp_entries", 64}});
  EXPECT_EQ(many.warl(0x3ef, 5), 5u);
  EXPECT_EQ(many.warl(0x3ae, 0x1f), 0x1fu);
}

TEST(CsrValue, Identity) {
  Rig rig(Json{{"mvendorid", 5}, {"marchid", 6}, {"mimpid", 7}}, 2);
  EXPECT_EQ(rig.csr(0xf11), 5u);
  EXPECT_EQ(rig.csr(0xf12), 6u);
  EXPECT_EQ(rig.csr(0xf13), 7u);
  EXPECT_EQ(rig.csr(0xf14), 0u);
  EXPECT_EQ(csr_read(rig.machine.hart(1), 0xf14), 1u);
}

}  // namespace
}  // namespace orrery
