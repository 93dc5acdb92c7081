// The forms in which kernels and firmware come: ELF, Linux `Image`, raw bytes; each also packed
// with gzip or zstd, or inside an EFI zboot image.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

// Peels off compression and zboot until neither is left. At most `limit` bytes come out of each
// step. ConfigErrors begin with `name`.
std::vector<u8> unpack_image(const std::string& name, std::vector<u8> bytes, u64 limit);

enum class ImageFormat { Elf, Linux, Raw };

// ConfigError for what is surely something else: a kernel for another architecture, a picture, a
// text. Raw is what nothing is known of.
ImageFormat identify_image(const std::string& name, std::span<const u8> bytes);

// The header of a Linux kernel (Documentation/arch/riscv/boot-image-header.rst).
struct LinuxHeader {
  u64 text_offset = 0;  // from the base of RAM; 0 in kernels that run in M mode
  u64 memory_size = 0;  // what it occupies once it runs, at least the file's size
};

LinuxHeader parse_linux_header(const std::string& name, std::span<const u8> bytes);

}  // namespace orrery
