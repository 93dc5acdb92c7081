// Reading ELF files: what comes out of a good one, what a bad one is told.
#include "models/boot/elf.h"

#include "tests/models/boot/blobs.h"

namespace orrery {
namespace {

using namespace blobs;

TEST(Elf, SegmentsAndEntry) {
  const ElfFile file = parse_elf("p", elf());
  ASSERT_EQ(file.segments.size(), 2u);
  EXPECT_EQ(file.entry, 0x8000'0000u);
  EXPECT_TRUE(file.segments[0].executable);
  EXPECT_FALSE(file.segments[1].executable);
  EXPECT_EQ(file.segments[1].physical, PhysAddr{0x8000'1000});
  EXPECT_EQ(file.segments[1].file_size, 16u);
  EXPECT_EQ(file.segments[1].memory_size, 0x100u);
  EXPECT_EQ(file.lowest(), PhysAddr{0x8000'0000});
}

TEST(Elf, VirtualAddressesAreFoundWhereTheyAreLoaded) {
  const ElfFile file = parse_elf("p", elf());
  EXPECT_EQ(file.physical(0x8000'0004), PhysAddr{0x8000'0004});
  EXPECT_EQ(file.physical(0x9000'0008), PhysAddr{0x8000'1008});
  EXPECT_EQ(file.physical(0x9000'0100), std::nullopt);
}

TEST(Elf, SymbolsNameAddresses) {
  const SymbolTable symbols = parse_elf("p", elf()).symbols;
  EXPECT_EQ(symbols.describe(0x8000'0000), "_start");
  EXPECT_EQ(symbols.describe(0x8000'000c), "_start+0xc");  // no size: up to the next one
  EXPECT_EQ(symbols.describe(0x8000'0014), "main+0x4");
  EXPECT_EQ(symbols.describe(0x8000'0018), "");  // main has 8 bytes
  EXPECT_EQ(symbols.describe(0x8000'0023), "local+0x3");
  EXPECT_EQ(symbols.describe(0x7fff'ffff), "");
  EXPECT_EQ(symbols.describe(0x9000'0000), "") << "data is no function";
  EXPECT_EQ(symbols.find("tohost"), 0x9000'0000u);
  EXPECT_EQ(symbols.find("mailbox"), 0x8100'0000u);
  EXPECT_EQ(symbols.find("$x"), std::nullopt);
  EXPECT_EQ(symbols.find("toho"), std::nullopt);
}

TEST(Elf, LastFunctionEndsWithItsSection) {
  Blob blob = elf();
  const u64 local_entry = 336 + 4 * 24;
  poke(blob, local_entry + 16, u64{0});  // no size
  const SymbolTable symbols = parse_elf("p", blob).symbols;
  EXPECT_EQ(symbols.describe(0x8000'003f), "local+0x1f");
  EXPECT_EQ(symbols.describe(0x8000'0040), "");
}

TEST(Elf, WithoutSections) {
  Blob blob = elf();
  poke(blob, 40, u64{0});
  poke(blob, 60, u16{0});
  EXPECT_TRUE(parse_elf("p", blob).symbols.empty());
}

struct Defect {
  const char* text;
  void (*make)(Blob&);
};

TEST(Elf, DefectsAreNamed) {
  const Defect defects[] = {
      {"not an ELF file", [](Blob& b) { b[0] = 0; }},
      {"the ELF header is truncated", [](Blob& b) { b.resize(63); }},
      {"big-endian ELF, expected little-endian RISC-V", [](Blob& b) { b[5] = 2; }},
      {"ELF for 32-bit RISC-V, expected 64-bit", [](Blob& b) { b[4] = 1; }},
      {"damaged ELF header (class 9)", [](Blob& b) { b[4] = 9; }},
      {"ELF for x86-64, expected RISC-V", [](Blob& b) { poke(b, 18, u16{62}); }},
      {"ELF for AArch64, expected RISC-V", [](Blob& b) { poke(b, 18, u16{183}); }},
      {"ELF for machine number 999, expected RISC-V", [](Blob& b) { poke(b, 18, u16{999}); }},
      {"an object file that was not linked, expected a program",
       [](Blob& b) { poke(b, 16, u16{1}); }},
      {"a core dump, expected a program", [](Blob& b) { poke(b, 16, u16{4}); }},
      {"the table of program headers is truncated", [](Blob& b) { poke(b, 32, ~u64{0} - 8); }},
      {"the table of program headers is truncated", [](Blob& b) { poke(b, 56, u16{9999}); }},
      {"damaged ELF header (program headers of 32 bytes)", [](Blob& b) { poke(b, 54, u16{32}); }},
      {"an ELF file with nothing to load", [](Blob& b) { poke(b, 56, u16{0}); }},
      {"segment 1 is truncated: it ends at byte 1000015, the file at ",
       [](Blob& b) { poke(b, second_segment + 8, u64{999'999}); }},
      {"segment 0 has more bytes in the file (64) than in memory (3)",
       [](Blob& b) { poke(b, first_segment + 40, u64{3}); }},
      {"segment 1 of 0x100 bytes reaches past the last address",
       [](Blob& b) { poke(b, second_segment + 24, ~u64{0} - 8); }},
      {"a dynamically linked program of an operating system, not bare-metal",
       [](Blob& b) { poke(b, second_segment, u32{3}); }},
      {"the table of section headers is truncated", [](Blob& b) { b.pop_back(); }},
  };
  for (const Defect& defect : defects) {
    Blob blob = elf();
    defect.make(blob);
    const std::string error = error_of([&] { parse_elf("dir/p.elf", blob); });
    EXPECT_EQ(error.find(std::string("dir/p.elf: ") + defect.text), 0u)
        << "expected: " << defect.text << "\nfound: " << error;
  }
}

TEST(Elf, SharedNamesCannotFillTheHost) {
  Blob blob = elf();
  // A table of many symbols that all name one very long string.
  const u64 sections = field<u64>(blob, 40);
  const u64 table_at = blob.size();
  constexpr u64 count = 20'000, name_size = 40'000;
  for (u64 i = 0; i < count; ++i) {
    append_field(blob, u32{0});
    append_field(blob, u32{0xfff10011});
    append_field(blob, i);
    append_field(blob, u64{0});
  }
  const u64 strings_at = blob.size();
  blob.resize(blob.size() + name_size, 'n');
  poke(blob, sections + 3 * 64 + 24, table_at);
  poke(blob, sections + 3 * 64 + 32, count * 24);
  poke(blob, sections + 4 * 64 + 24, strings_at);
  poke(blob, sections + 4 * 64 + 32, name_size);
  EXPECT_EQ(error_of([&] { parse_elf("p", blob); }), "p: damaged symbol table");
}

}  // namespace
}  // namespace orrery
