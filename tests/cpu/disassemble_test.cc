// The disassembler: a hand-written table of lines.
#include <gtest/gtest.h>

#include "cpu/isa/disassemble.h"

namespace orrery {
namespace {

TEST(Disassemble, Lines) {
  ExtensionSet all;
  ASSERT_EQ(ExtensionSet::parse("rv64imafdcsu_zicbom_zicbop_zicboz_zicsr_zifencei_zihintpause_zba_zbb_zbs_svinval", all), "");
  constexpr u64 pc = 0x80000000;
  const struct {
    u32 bits;
    const char* text;
  } cases[] = {
      {0x000000b7, "lui ra,0x0"},
      {0xfffff537, "lui a0,0xfffff"},
      {0x00001517, "auipc a0,0x1"},
      {0x0100006f, "jal zero,80000010"},
      {0xffdff0ef, "jal ra,7ffffffc"},
      {0x00008067, "jalr zero,0(ra)"},
      {0xff8500e7, "jalr ra,-8(a0)"},
      {0x00b50463, "beq a0,a1,80000008"},
      {0xfeb51ee3, "bne a0,a1,7ffffffc"},
      {0x00b54463, "blt a0,a1,80000008"},
      {0x00b57463, "bgeu a0,a1,80000008"},
      {0x00852503, "lw a0,8(a0)"},
      {0xff853503, "ld a0,-8(a0)"},
      {0x00054503, "lbu a0,0(a0)"},
      {0x00b53423, "sd a1,8(a0)"},
      {0xfeb50fa3, "sb a1,-1(a0)"},
      {0x01050513, "addi a0,a0,16"},
      {0x80050513, "addi a0,a0,-2048"},
      {0x00153513, "sltiu a0,a0,1"},
      {0xfff54513, "xori a0,a0,-1"},
      {0x03f51513, "slli a0,a0,63"},
      {0x43f55513, "srai a0,a0,63"},
      {0x01f5151b, "slliw a0,a0,31"},
      {0x00c58533, "add a0,a1,a2"},
      {0x40c58533, "sub a0,a1,a2"},
      {0x00c5c533, "xor a0,a1,a2"},
      {0x00c5e533, "or a0,a1,a2"},
      {0x00c5f533, "and a0,a1,a2"},
      {0x40c5853b, "subw a0,a1,a2"},
      {0x0ff0000f, "fence iorw,iorw"},
      {0x0310000f, "fence rw,w"},
      {0x0000100f, "fence.i"},
      {0x0100000f, "pause"},
      {0x00000073, "ecall"},
      {0x00100073, "ebreak"},
      {0x10500073, "wfi"},
      {0x10200073, "sret"},
      {0x30200073, "mret"},
      {0x12000073, "sfence.vma zero,zero"},
      {0x12b50073, "sfence.vma a0,a1"},
      {0x16b50073, "sinval.vma a0,a1"},
      {0x18000073, "sfence.w.inval"},
      {0x30051573, "csrrw a0,mstatus,a0"},
      {0x34202573, "csrrs a0,mcause,zero"},
      {0x14457573, "csrrci a0,sip,10"},
      {0x3b0f9073, "csrrw zero,pmpaddr0,t6"},
      {0xb0302573, "csrrs a0,mhpmcounter3,zero"},
      {0x8ff02573, "csrrs a0,0x8ff,zero"},
      {0x02c58533, "mul a0,a1,a2"},
      {0x02c5e53b, "remw a0,a1,a2"},
      {0x1005252f, "lr.w a0,(a0)"},
      {0x1805352f, "sc.d a0,zero,(a0)"},
      {0x06c5b52f, "amoadd.d.aqrl a0,a2,(a1)"},
      {0x0cc5a52f, "amoswap.w.aq a0,a2,(a1)"},
      {0x0ac5a52f, "amoswap.w.rl a0,a2,(a1)"},
      {0x00852507, "flw fa0,8(a0)"},
      {0xfea53c27, "fsd fa0,-8(a0)"},
      {0x00c5f553, "fadd.s fa0,fa1,fa2"},
      {0x00c58553, "fadd.s fa0,fa1,fa2,rne"},
      {0x02c59553, "fadd.d fa0,fa1,fa2,rtz"},
      {0x12c5a553, "fmul.d fa0,fa1,fa2,rdn"},
      {0x1ac5b553, "fdiv.d fa0,fa1,fa2,rup"},
      {0x5805c553, "fsqrt.s fa0,fa1,rmm"},
      {0x6ac5f543, "fmadd.d fa0,fa1,fa2,fa3"},
      {0x6ac58543, "fmadd.d fa0,fa1,fa2,fa3,rne"},
      {0x20c58553, "fsgnj.s fa0,fa1,fa2"},
      {0xa2c5a553, "feq.d a0,fa1,fa2"},
      {0xe2059553, "fclass.d a0,fa1"},
      {0xc2059553, "fcvt.w.d a0,fa1,rtz"},
      {0xd2050553, "fcvt.d.w fa0,a0,rne"},
      {0x4015f553, "fcvt.s.d fa0,fa1"},
      {0xe0050553, "fmv.x.w a0,fa0"},
      {0xf2050553, "fmv.d.x fa0,a0"},
      {0x20c5a533, "sh1add a0,a1,a2"},
      {0x08c5853b, "add.uw a0,a1,a2"},
      {0x60051513, "clz a0,a0"},
      {0x6b855513, "rev8 a0,a0"},
      {0x28755513, "orc.b a0,a0"},
      {0x28c59533, "bset a0,a1,a2"},
      {0x0045200f, "cbo.zero (a0)"},
      {0x0025200f, "cbo.flush (a0)"},
      {0x04156013, "prefetch.r 64(a0)"},
      {0x00102013, "marker 1"},
      {0x00000001, "addi zero,zero,0"},
      {0x00001141, "addi sp,sp,-16"},
      {0x00008082, "jalr zero,0(ra)"},
      {0x0000e406, "sd ra,8(sp)"},
      {0x00003920, "fld fs0,112(a0)"},
      {0x0000fd75, "bne a0,zero,7ffffffc"},
      {0x00000000, ".half 0x0000"},
      {0xffffffff, ".word 0xffffffff"},
  };
  for (const auto& c : cases) EXPECT_EQ(disassemble(c.bits, pc, all), c.text) << std::hex << c.bits;
}

TEST(Disassemble, RegisterNames) {
  EXPECT_EQ(x_name(0), "zero");
  EXPECT_EQ(x_name(8), "s0");
  EXPECT_EQ(x_name(27), "s11");
  EXPECT_EQ(x_name(28), "t3");
  EXPECT_EQ(f_name(8), "fs0");
  EXPECT_EQ(f_name(31), "ft11");
}

TEST(Disassemble, UnknownWithoutItsExtension) {
  ExtensionSet base;
  ASSERT_EQ(ExtensionSet::parse("rv64i_zicsr", base), "");
  EXPECT_EQ(disassemble(0x02c58533, 0, base), ".word 0x02c58533");
  EXPECT_EQ(disassemble(0x8082, 0, base), ".half 0x8082");
}

}  // namespace
}  // namespace orrery
