#include "models/boot/image.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "models/boot/bytes.h"
#include "models/boot/decompress.h"
#include "models/boot/elf.h"

namespace orrery {
namespace {

// An EFI application that carries a compressed kernel (Linux, drivers/firmware/efi/libstub/
// zboot-header.S): "MZ", "zimg" at 4, offset and size of the payload at 8 and 12, the name of the
// compression, ended by a zero, at 24.
constexpr u64 zboot_header_size = 64;
constexpr u64 linux_header_size = 64;

bool is_zboot(std::span<const u8> bytes) {
  return matches(bytes, 0, "MZ") && matches(bytes, 4, "zimg") && bytes.size() >= zboot_header_size;
}

std::vector<u8> unpack_zboot(const std::string& name, std::span<const u8> bytes, u64 limit) {
  const u64 offset = field<u32>(bytes, 8);
  const u64 size = field<u32>(bytes, 12);
  const auto word = bytes.subspan(24, 32);
  const std::string compression(word.begin(), std::find(word.begin(), word.end(), u8{0}));
  if (!holds(bytes, offset, size))
    config_error("{}: the payload of the EFI zboot image is truncated: it ends at byte {}, the "
                 "file at {}", name, offset + size, bytes.size());
  const auto payload = bytes.subspan(offset, size);
  if (compression == "gzip") return gunzip(name, payload, limit);
  // "zstd22" is what the kernel's build calls its highest level.
  if (compression == "zstd" || compression == "zstd22") return unzstd(name, payload, limit);
  std::string printable;
  for (const char c : compression) printable += c >= ' ' && c <= '~' ? c : '?';
  config_error("{}: an EFI zboot image compressed with \"{}\"; known: gzip zstd", name, printable);
}

// Forms that are often taken for the right one.
struct Foreign {
  u64 offset;
  std::string_view magic;
  const char* text;
};
constexpr Foreign foreign[] = {
    {56, "ARM\x64", "a Linux kernel for arm64, expected RISC-V"},
    {0x202, "HdrS", "a Linux kernel for x86, expected RISC-V"},
    {0, "\x27\x05\x19\x56", "a U-Boot uImage; known: ELF, Linux Image, EFI zboot, gzip, zstd, raw"},
    {0, "\xd0\x0d\xfe\xed", "a device tree or U-Boot FIT image, expected a kernel"},
    {0, "\xfd" "7zXZ", "compressed with xz; known: gzip zstd"},
    {0, "BZh", "compressed with bzip2; known: gzip zstd"},
    {0, "\x04\x22\x4d\x18", "compressed with lz4; known: gzip zstd"},
    {0, "\x02\x21\x4c\x18", "compressed with lz4; known: gzip zstd"},
    {0, "\x89LZO", "compressed with lzop; known: gzip zstd"},
    {0, "LZIP", "compressed with lzip; known: gzip zstd"},
    {0, "070701", "a cpio archive, expected a kernel"},
    {0, "070702", "a cpio archive, expected a kernel"},
    {257, "ustar", "a tar archive, expected a kernel"},
    {0, "PK\x03\x04", "a zip archive, expected a kernel"},
    {0, "7z\xbc\xaf\x27\x1c", "a 7z archive, expected a kernel"},
    {0, "!<arch>", "an ar archive (.deb, .a), expected a kernel"},
    {0, "\xed\xab\xee\xdb", "an RPM package, expected a kernel"},
    {0, "hsqs", "a SquashFS file system, expected a kernel"},
    {0x8001, "CD001", "an image of a CD (ISO 9660), expected a kernel"},
    {0, "QFI\xfb", "a qcow2 disk, expected a kernel"},
    {0, "\x89PNG", "a PNG picture, expected a kernel"},
    {0, "\xff\xd8\xff", "a JPEG picture, expected a kernel"},
    {0, "GIF8", "a GIF picture, expected a kernel"},
    {0, "%PDF-", "a PDF document, expected a kernel"},
    {0, "\xcf\xfa\xed\xfe", "a Mach-O program, expected ELF"},
    {0, "\xca\xfe\xba\xbe", "a Java class or Mach-O program, expected ELF"},
    {0, std::string_view("\0asm", 4), "a WebAssembly program, expected ELF"},
    {0, "BC\xc0\xde", "LLVM bitcode, expected ELF"},
};

// A PE file (EFI, Windows) for another architecture.
bool is_foreign_pe(std::span<const u8> bytes) {
  constexpr u16 machine_riscv64 = 0x5064;
  if (!matches(bytes, 0, "MZ")) return false;
  const u64 coff = field<u32>(bytes, 60);
  return matches(bytes, coff, std::string_view("PE\0\0", 4)) && holds(bytes, coff + 4, 2) &&
         field<u16>(bytes, coff + 4) != machine_riscv64;
}

// Raw code is whatever nothing is known of, but not what nobody would want to run.
void refuse_nonsense(const std::string& name, std::span<const u8> bytes) {
  for (const Foreign& form : foreign)
    if (matches(bytes, form.offset, form.magic)) config_error("{}: {}", name, form.text);
  if (is_foreign_pe(bytes))
    config_error("{}: a program for EFI or Windows on another architecture, expected RISC-V", name);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (std::string_view("\x7f" "ELF").starts_with(text))
    config_error("{}: the ELF header is truncated", name);
  if (bytes.size() < 2) config_error("{}: one byte, less than an instruction", name);
  if (is_plain_text(text))
    config_error("{}: a text, expected a kernel: ELF, Linux Image, EFI zboot, gzip, zstd or raw code", name);
}

}  // namespace

std::vector<u8> unpack_image(const std::string& name, std::vector<u8> bytes, u64 limit) {
  // A packed zboot image is packed twice; nothing sensible is packed more often.
  for (int step = 0; step < 3; ++step) {
    if (is_gzip(bytes)) {
      bytes = gunzip(name, bytes, limit);
    } else if (is_zstd(bytes)) {
      bytes = unzstd(name, bytes, limit);
    } else if (is_zboot(bytes)) {
      bytes = unpack_zboot(name, bytes, limit);
    } else {
      return bytes;
    }
  }
  config_error("{}: packed more than three times", name);
}

ImageFormat identify_image(const std::string& name, std::span<const u8> bytes) {
  if (bytes.empty()) config_error("{}: empty", name);
  if (is_elf(bytes)) return ImageFormat::Elf;
  // A kernel that is also an EFI application, before its own magic could be seen.
  if (matches(bytes, 0, "MZ") && bytes.size() < linux_header_size)
    config_error("{}: the Linux image is truncated: it ends in its header", name);
  // The older magic "RISCV" at 48 is deprecated; 56 is the one that stays.
  if (matches(bytes, 56, "RSC\x05")) return ImageFormat::Linux;
  refuse_nonsense(name, bytes);
  return ImageFormat::Raw;
}

namespace {

// Where the file has to end at least: the kernel's own header does not tell, but that of the EFI
// application in it does (Microsoft, PE Format: COFF file header, section table).
u64 efi_file_size(std::span<const u8> bytes) {
  const u64 coff = field<u32>(bytes, 60);
  constexpr u64 coff_size = 24, section_size = 40;
  if (!holds(bytes, coff, coff_size)) return coff + coff_size;
  if (!matches(bytes, coff, std::string_view("PE\0\0", 4))) return 0;  // something else says MZ
  const u64 sections = coff + coff_size + field<u16>(bytes, coff + 20);
  const u64 count = field<u16>(bytes, coff + 6);
  if (!holds(bytes, sections, count * section_size)) return sections + count * section_size;
  u64 end = 0;
  for (u64 at = sections; at < sections + count * section_size; at += section_size)
    end = std::max<u64>(end, u64{field<u32>(bytes, at + 20)} + field<u32>(bytes, at + 16));
  return end;
}

}  // namespace

LinuxHeader parse_linux_header(const std::string& name, std::span<const u8> bytes) {
  if (bytes.size() < linux_header_size)
    config_error("{}: the Linux image is truncated: it ends in its header", name);
  const u64 needed = matches(bytes, 0, "MZ") ? efi_file_size(bytes) : 0;
  if (bytes.size() < needed)
    config_error("{}: the Linux image is truncated: it has {} bytes of {}", name, bytes.size(),
                 needed);
  const u64 flags = field<u64>(bytes, 24);
  if ((flags & 1) != 0) config_error("{}: a big-endian Linux kernel, expected little-endian", name);
  const u64 image_size = field<u64>(bytes, 16);
  return {field<u64>(bytes, 8), std::max<u64>(image_size, bytes.size())};
}

}  // namespace orrery
