// The decoder against the table it derives from, and against the manual's lists of what is reserved.
#include <gtest/gtest.h>

#include "tests/cpu/encode.h"

namespace orrery {
namespace {

ExtensionSet everything() {
  ExtensionSet set;
#define EXT(name, text, letter) set.add(Extension::name);
#include "cpu/isa/extensions.def"
#undef EXT
  return set;
}

ExtensionSet everything_but(Extension left_out) {
  ExtensionSet set;
#define EXT(name, text, letter) \
  if (Extension::name != left_out) set.add(Extension::name);
#include "cpu/isa/extensions.def"
#undef EXT
  return set;
}

bool has(RowId row, std::string_view letters) {
  return form_syntax(row_info(row).form).find_first_of(letters) != std::string_view::npos;
}

// A row whose bits another, narrower row claims for some operands (zext.h within nothing, pause
// within fence, ...): decoding gives that one.
bool claimed(RowId row, u32 bits) {
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowInfo& other = row_info(row_at(i));
    if (row_at(i) != row && (bits & other.mask) == other.match &&
        std::popcount(other.mask) > std::popcount(row_info(row).mask))
      return true;
  }
  return false;
}

TEST(Decode, GivesRowAndOperandsBack) {
  const Decoder decoder(everything());
  Random random(1);
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowId row = row_at(i);
    unsigned checked = 0;
    for (int n = 0; n < 200; ++n) {
      const Operands o = random_operands(row, random);
      const u32 bits = encode(row, o);
      if (claimed(row, bits)) continue;
      ++checked;
      const Op op = decoder.decode(bits);
      ASSERT_EQ(op.row, row) << row_info(row).name << " " << std::hex << bits;
      EXPECT_EQ(op.length, 4);
      EXPECT_EQ(op.op_class, row_info(row).op_class);
      const u8 rd = has(row, "dD") && !(has(row, "d") && o.rd == 0) ? o.rd : op.rd;
      EXPECT_EQ(op.rd, rd) << row_info(row).name;
      EXPECT_EQ(op.rd == zero_sink, has(row, "d") && o.rd == 0) << row_info(row).name;
      EXPECT_EQ(op.rs1, o.rs1) << row_info(row).name;
      EXPECT_EQ(op.rs2, o.rs2) << row_info(row).name;
      EXPECT_EQ(op.rs3, o.rs3) << row_info(row).name;
      EXPECT_EQ(op.rm, o.rm) << row_info(row).name;
      EXPECT_EQ(op.imm, o.imm) << row_info(row).name;
    }
    EXPECT_GT(checked, 0u) << row_info(row).name;
  }
}

TEST(Decode, FootprintFollowsTheOperands) {
  const Decoder decoder(everything());
  const Op add = decoder.decode(encode(RowId::add, {.rd = 3, .rs1 = 4, .rs2 = 5}));
  EXPECT_EQ(add.dest, 3);
  EXPECT_EQ(add.source[0], 4);
  EXPECT_EQ(add.source[1], 5);
  EXPECT_EQ(decoder.decode(encode(RowId::add, {.rd = 0, .rs1 = 4, .rs2 = 5})).dest, no_dest);
  const Op fma = decoder.decode(encode(RowId::fmadd_d, {.rd = 0, .rs1 = 1, .rs2 = 2, .rs3 = 3}));
  EXPECT_EQ(fma.dest, fp_base + 0);
  EXPECT_EQ(fma.source[0], fp_base + 1);
  EXPECT_EQ(fma.source[1], fp_base + 2);
  EXPECT_EQ(fma.source[2], fp_base + 3);
  const Op store = decoder.decode(encode(RowId::fsw, {.rs1 = 9, .rs2 = 8}));
  EXPECT_EQ(store.dest, no_dest);
  EXPECT_EQ(store.source[0], 9);
  EXPECT_EQ(store.source[1], fp_base + 8);
}

TEST(Decode, RowsNeedTheirExtension) {
  Random random(2);
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowId row = row_at(i);
    if (row_info(row).extension == Extension::I) continue;
    const Decoder without(everything_but(row_info(row).extension));
    const u32 bits = encode(row, random_operands(row, random));
    EXPECT_NE(without.decode(bits).row, row) << row_info(row).name;
  }
}

TEST(Decode, HintsOfMissingExtensionsStayBaseInstructions) {
  EXPECT_EQ(Decoder(everything_but(Extension::Zicbop)).decode(encode(RowId::prefetch_r, {.rs1 = 5, .imm = 64})).row, RowId::ori);
  EXPECT_EQ(Decoder(everything_but(Extension::Zihintpause)).decode(encode(RowId::pause, {})).row, RowId::fence);
}

TEST(Decode, IllegalEncodings) {
  const Decoder decoder(everything());
  const struct {
    u32 bits;
    const char* why;
  } cases[] = {
      {0x00000000, "all zeros"},
      {0xffffffff, "all ones"},
      {0x00000007 | 0u << 12, "load-fp of width 0"},
      {0x00001003 | 7u << 12, "load of width 7"},
      {0x00004023, "store of width 4"},
      {0x00002063, "branch of funct3 2"},
      {0x00003063, "branch of funct3 3"},
      {0x00001067, "jalr of funct3 1"},
      {0x02001013 | 1u << 30, "slli with bit 30"},
      {0x0200101b, "slliw by 32"},
      {0x02000033 | 1u << 31, "funct7 1000001"},
      {0x02001033 | 8, "mulh in OP-32: not there"},
      {0x1000202f | 1u << 20, "lr.w with rs2"},
      {0x0000402f, "AMO of width 4"},
      {0xf800202f, "AMO of funct5 31"},
      {0x30200073 | 1u << 7, "mret with rd"},
      {0x00200073, "uret"},
      {0x00004073, "SYSTEM of funct3 4"},
      {0x04000053, "fadd of format 2 (half)"},
      {0x06000053, "fadd of format 3 (quad)"},
      {0x58100053, "fsqrt with rs2"},
      {0x20003053, "fsgnj of funct3 3"},
      {0xc0400053, "fcvt.w.s with rs2 = 4"},
      {0x0060200f, "cbo of number 6"},
      {0x0000700f, "MISC-MEM of funct3 7"},
      {0x6000101b | 3u << 20, "clzw group, number 3"},
      {0x60301013, "clz group, number 3"},
      {0x6b905013, "rev8 with another number"},
  };
  for (const auto& c : cases) {
    const Op op = decoder.decode(c.bits);
    EXPECT_EQ(op.row, RowId::illegal) << c.why;
    EXPECT_EQ(static_cast<u32>(op.imm), is_compressed(c.bits) ? c.bits & 0xffff : c.bits) << c.why;
  }
}

// Every 16-bit encoding: reserved ones by the manual's table (I, 26.8), all others expand.
bool compressed_is_reserved(u32 i) {
  const u32 quadrant = i & 3, funct3 = i >> 13 & 7, rd = i >> 7 & 31, low = i >> 2 & 31, bit12 = i >> 12 & 1;
  switch (quadrant << 3 | funct3) {
    case 0 << 3 | 0: return (i >> 5 & 0xff) == 0;                             // addi4spn of 0
    case 0 << 3 | 4: return true;
    case 1 << 3 | 1: return rd == 0;                                          // addiw
    case 1 << 3 | 3: return bit12 == 0 && low == 0;                           // lui, addi16sp of 0
    case 1 << 3 | 4: return (i >> 10 & 7) == 7 && (i >> 6 & 1);               // beyond subw, addw
    case 2 << 3 | 2: case 2 << 3 | 3: return rd == 0;                         // lwsp, ldsp
    case 2 << 3 | 4: return bit12 == 0 && low == 0 && rd == 0;                // jr
    default: return false;
  }
}

TEST(Decode, EveryCompressedEncoding) {
  const Decoder decoder(everything()), without(everything_but(Extension::C));
  for (u32 i = 0; i < 0x10000; ++i) {
    if (!is_compressed(i)) continue;
    const Op op = decoder.decode(i | 0xabcd0000);
    EXPECT_EQ(op.length, 2);
    EXPECT_EQ(op.row == RowId::illegal, compressed_is_reserved(i)) << std::hex << i;
    EXPECT_TRUE(op.row != RowId::illegal || static_cast<u32>(op.imm) == i);
    EXPECT_EQ(without.decode(i).row, RowId::illegal);
  }
}

TEST(Decode, CompressedFloatingPointNeedsD) {
  const Decoder decoder(everything_but(Extension::D));
  for (const u32 i : {0x2000u, 0xa000u, 0x2002u, 0xa002u}) EXPECT_EQ(decoder.decode(i).row, RowId::illegal);
}

TEST(Decode, CompressedExpandToTheirBaseInstruction) {
  const Decoder decoder(everything());
  const struct {
    u32 compressed;
    RowId row;
    Operands o;
  } cases[] = {
      {0x0001, RowId::addi, {}},                                          // c.nop
      {0x1141, RowId::addi, {.rd = 2, .rs1 = 2, .imm = -16}},             // c.addi sp,-16
      {0x7139, RowId::addi, {.rd = 2, .rs1 = 2, .imm = -64}},             // c.addi16sp sp,-64
      {0x0808, RowId::addi, {.rd = 10, .rs1 = 2, .imm = 16}},             // c.addi4spn a0,sp,16
      {0x4501, RowId::addi, {.rd = 10}},                                  // c.li a0,0
      {0x77fd, RowId::lui, {.rd = 15, .imm = -4096}},                     // c.lui a5,0xfffff
      {0x2505, RowId::addiw, {.rd = 10, .rs1 = 10, .imm = 1}},            // c.addiw a0,1
      {0x9001, RowId::srli, {.rd = 8, .rs1 = 8, .imm = 32}},              // c.srli s0,32
      {0x843d, RowId::srai, {.rd = 8, .rs1 = 8, .imm = 15}},              // c.srai s0,15
      {0x1502, RowId::slli, {.rd = 10, .rs1 = 10, .imm = 32}},            // c.slli a0,32
      {0x8d0d, RowId::sub, {.rd = 10, .rs1 = 10, .rs2 = 11}},             // c.sub a0,a1
      {0x9d2d, RowId::addw, {.rd = 10, .rs1 = 10, .rs2 = 11}},            // c.addw a0,a1
      {0x852e, RowId::add, {.rd = 10, .rs2 = 11}},                        // c.mv a0,a1
      {0x952e, RowId::add, {.rd = 10, .rs1 = 10, .rs2 = 11}},             // c.add a0,a1
      {0x8082, RowId::jalr, {.rs1 = 1}},                                  // c.jr ra
      {0x9502, RowId::jalr, {.rd = 1, .rs1 = 10}},                        // c.jalr a0
      {0x9002, RowId::ebreak, {}},                                        // c.ebreak
      {0xa001, RowId::jal, {}},                                           // c.j 0
      {0xc119, RowId::beq, {.rs1 = 10, .imm = 6}},                        // c.beqz a0,6
      {0xfd75, RowId::bne, {.rs1 = 10, .imm = -4}},                       // c.bnez a0,-4
      {0x60a2, RowId::ld, {.rd = 1, .rs1 = 2, .imm = 8}},                 // c.ldsp ra,8
      {0xe406, RowId::sd, {.rs1 = 2, .rs2 = 1, .imm = 8}},                // c.sdsp ra,8
      {0x419c, RowId::lw, {.rd = 15, .rs1 = 11, .imm = 0}},               // c.lw a5,0(a1)
      {0xc1dc, RowId::sw, {.rs1 = 11, .rs2 = 15, .imm = 4}},              // c.sw a5,4(a1)
      {0x3920, RowId::fld, {.rd = 8, .rs1 = 10, .imm = 112}},             // c.fld fs0,112(a0)
  };
  for (const auto& c : cases) {
    const Op op = decoder.decode(c.compressed), base = decoder.decode(encode(c.row, c.o));
    EXPECT_EQ(op.row, c.row) << std::hex << c.compressed;
    EXPECT_EQ(op.rd, base.rd) << std::hex << c.compressed;
    EXPECT_EQ(op.rs1, base.rs1) << std::hex << c.compressed;
    EXPECT_EQ(op.rs2, base.rs2) << std::hex << c.compressed;
    EXPECT_EQ(op.imm, base.imm) << std::hex << c.compressed;
    EXPECT_EQ(op.dest, base.dest) << std::hex << c.compressed;
  }
}

TEST(Decode, ExtensionStrings) {
  ExtensionSet set;
  EXPECT_EQ(ExtensionSet::parse("rv64gc", set), "");
  EXPECT_TRUE(set.has(Extension::D) && set.has(Extension::Zifencei) && !set.has(Extension::S));
  EXPECT_EQ(ExtensionSet::parse("rv64imafdcsu_zicsr_zba", set), "");
  EXPECT_EQ(set.isa_string(), "rv64imafdc_zicsr_zba");
  EXPECT_EQ(set.misa(), u64{2} << 62 | 0x14112d);
  EXPECT_EQ(ExtensionSet::parse("rv64i", set), "");
  for (const char* wrong : {"rv32i", "rv64", "rv64ix", "rv64i_zicsr_zzz", "rv64id_zicsr", "rv64if", "rv64is_zicsr",
                            "rv64i_zicsr_sstc"})
    EXPECT_NE(ExtensionSet::parse(wrong, set), "") << wrong;
}

}  // namespace
}  // namespace orrery
