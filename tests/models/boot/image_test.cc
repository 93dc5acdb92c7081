// Kernel formats: packing, recognition, the header of Linux images.
#include "models/boot/image.h"

#include "models/boot/decompress.h"
#include "models/boot/elf.h"
#include "tests/models/boot/blobs.h"

namespace orrery {
namespace {

using namespace blobs;
constexpr u64 limit = u64{1} << 20;

TEST(Image, EveryPackingGivesTheSameBytes) {
  const Blob image = linux_image();
  EXPECT_EQ(unpack_image("k", image, limit), image);
  EXPECT_EQ(unpack_image("k", gzip(image), limit), image);
  EXPECT_EQ(unpack_image("k", zstd(image), limit), image);
  EXPECT_EQ(unpack_image("k", zboot(gzip(image), "gzip"), limit), image);
  EXPECT_EQ(unpack_image("k", zboot(zstd(image), "zstd"), limit), image);
  EXPECT_EQ(unpack_image("k", zboot(zstd(image), "zstd22"), limit), image);
  EXPECT_EQ(unpack_image("k", gzip(zboot(gzip(image), "gzip")), limit), image);
}

TEST(Image, GzipMembersFollowOneAnother) {
  const Blob image = linux_image();
  Blob packed = gzip(Blob(image.begin(), image.begin() + 1000));
  const Blob second = gzip(Blob(image.begin() + 1000, image.end()));
  packed.insert(packed.end(), second.begin(), second.end());
  EXPECT_EQ(gunzip("k", packed, limit), image);
  packed.insert(packed.end(), 100, 0);  // padding behind
  EXPECT_EQ(gunzip("k", packed, limit), image);
}

TEST(Image, LimitIsExact) {
  const Blob image = linux_image();
  for (const Blob& packed : {gzip(image), zstd(image), zboot(gzip(image), "gzip")}) {
    EXPECT_EQ(unpack_image("k", packed, image.size()).size(), image.size());
    EXPECT_EQ(error_of([&] { unpack_image("k", packed, image.size() - 1); }),
              "k: unpacks to more than the limit of 4095B");
  }
}

TEST(Image, Bombs) {
  const Blob zeros(u64{64} << 20);
  for (const Blob& packed : {gzip(zeros), zstd(zeros), gzip(gzip(zeros))})
    EXPECT_EQ(error_of([&] { unpack_image("k", packed, limit); }),
              "k: unpacks to more than the limit of 1MiB");
}

TEST(Image, Formats) {
  EXPECT_EQ(identify_image("k", elf()), ImageFormat::Elf);
  EXPECT_EQ(identify_image("k", linux_image()), ImageFormat::Linux);
  EXPECT_EQ(identify_image("k", Blob{0x13, 0, 0, 0}), ImageFormat::Raw);
  EXPECT_EQ(identify_image("k", Blob{0x01, 0xa0}), ImageFormat::Raw) << "c.j .";
  EXPECT_EQ(identify_image("k", bytes_of("text with a byte of none\1\n")), ImageFormat::Raw);
  EXPECT_EQ(identify_image("k", bytes_of("GIF7 is nothing\1")), ImageFormat::Raw);
}

TEST(Image, HeaderOfLinux) {
  const LinuxHeader header = parse_linux_header("k", linux_image(0x20'0000, 0x12'3456));
  EXPECT_EQ(header.text_offset, 0x20'0000u);
  EXPECT_EQ(header.memory_size, 0x12'3456u);
  EXPECT_EQ(parse_linux_header("k", linux_image(0, 0)).memory_size, 4096u) << "the file's size";
  Blob big_endian = linux_image();
  big_endian[24] = 1;
  EXPECT_EQ(error_of([&] { parse_linux_header("k", big_endian); }),
            "k: a big-endian Linux kernel, expected little-endian");
}

TEST(Image, EfiHeaderTellsWhereTheFileEnds) {
  Blob image = linux_image();
  constexpr u64 coff = 64, sections = coff + 24 + 16;
  poke(image, 60, u32{coff});
  poke(image, coff, u32{0x4550});      // "PE"
  poke(image, coff + 6, u16{2});       // sections
  poke(image, coff + 20, u16{16});     // bytes of optional header
  for (const u64 at : {sections, sections + 40}) {
    poke(image, at + 16, u32{1024});   // size and place of its contents
    poke(image, at + 20, static_cast<u32>(at == sections ? 1024 : 3072));
  }
  EXPECT_EQ(error_of([&] { parse_linux_header("k", image); }), "");
  const auto first = [&](std::ptrdiff_t size) { return Blob(image.begin(), image.begin() + size); };
  EXPECT_EQ(error_of([&] { parse_linux_header("k", first(4095)); }),
            "k: the Linux image is truncated: it has 4095 bytes of 4096");
  EXPECT_EQ(error_of([&] { parse_linux_header("k", first(150)); }),
            "k: the Linux image is truncated: it has 150 bytes of 184");
  EXPECT_EQ(error_of([&] { parse_linux_header("k", first(64)); }),
            "k: the Linux image is truncated: it has 64 bytes of 88");
  EXPECT_EQ(error_of([&] { identify_image("k", first(40)); }),
            "k: the Linux image is truncated: it ends in its header");
}

Blob shortened(Blob blob, std::size_t by) {
  blob.resize(blob.size() - by);
  return blob;
}

Blob patched(Blob blob, u64 offset, std::string_view text) {
  std::copy(text.begin(), text.end(), blob.begin() + static_cast<std::ptrdiff_t>(offset));
  return blob;
}

// The beginning of a program for EFI or Windows.
Blob pe(u16 machine) {
  Blob file = patched(Blob(256), 0, "MZ");
  poke(file, 60, u32{128});
  poke(file, 128, u32{0x4550});  // "PE"
  poke(file, 132, machine);
  return file;
}

TEST(Image, DefectsAreNamed) {
  const Blob image = linux_image();
  Blob damaged = gzip(image);
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  const std::pair<Blob, const char*> cases[] = {
      {{}, "k: empty"},
      {shortened(gzip(image), 9), "k: the gzip data ends too early"},
      {gzip({}), "k: empty"},
      {{0x1f, 0x8b}, "k: the gzip data ends too early"},
      {damaged, "k: damaged gzip data (incorrect data check)"},
      {shortened(zstd(image), 5), "k: the zstd data ends too early"},
      {patched(Blob(100, 0xff), 0, "\x28\xb5\x2f\xfd"), "k: damaged zstd data ("},
      {zboot(image, "lzma"),
       "k: an EFI zboot image compressed with \"lzma\"; known: gzip zstd"},
      {zboot(image, "\x01\x02"),
       "k: an EFI zboot image compressed with \"\?\?\"; known: gzip zstd"},
      {shortened(zboot(gzip(image), "gzip"), 20),
       "k: the payload of the EFI zboot image is truncated"},
      {zboot(image, "gzip"), "k: damaged gzip data (incorrect header check)"},
      {gzip(gzip(gzip(gzip(image)))), "k: packed more than three times"},
      {patched(image, 56, "ARM\x64"), "k: a Linux kernel for arm64, expected RISC-V"},
      {patched(patched(image, 56, "xxxx"), 0x202, "HdrS"),
       "k: a Linux kernel for x86, expected RISC-V"},
      {bytes_of("\xfd" "7zXZ12345678"), "k: compressed with xz; known: gzip zstd"},
      {bytes_of("!<arch>\n"), "k: an ar archive (.deb, .a), expected a kernel"},
      {bytes_of("\x89PNG\r\n\x1a\n"), "k: a PNG picture, expected a kernel"},
      {patched(Blob(512), 257, "ustar"), "k: a tar archive, expected a kernel"},
      {bytes_of("PK\x03\x04"), "k: a zip archive, expected a kernel"},
      {bytes_of("hsqs\x01"), "k: a SquashFS file system, expected a kernel"},
      {bytes_of(std::string_view("\0asm\1\0\0\0", 8)), "k: a WebAssembly program, expected ELF"},
      {pe(0x8664), "k: a program for EFI or Windows on another architecture, expected RISC-V"},
      {bytes_of("\x7f" "EL"), "k: the ELF header is truncated"},
      {bytes_of("\x7f" "ELF"), "k: the ELF header is truncated"},
      {bytes_of("\x13"), "k: one byte, less than an instruction"},
      {bytes_of("#!/bin/sh\necho gr\u00fc\u00dfe\n"), "k: a text, expected a kernel"},
      {gzip(bytes_of(":10000000130000001300\r\n")), "k: a text, expected a kernel"},
  };
  for (const auto& [blob, text] : cases) {
    const std::string error = error_of([&, &b = blob] {
      const Blob unpacked = unpack_image("k", b, limit);
      const ImageFormat format = identify_image("k", unpacked);
      if (format == ImageFormat::Linux) parse_linux_header("k", unpacked);
      if (format == ImageFormat::Elf) parse_elf("k", unpacked);
    });
    EXPECT_EQ(error.find(text), 0u) << "expected: " << text << "\nfound: " << error;
  }
}

}  // namespace
}  // namespace orrery
