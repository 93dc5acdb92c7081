// Small valid files for the tests of the loader, and a machine's memory to load them into.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/bits.h"
#include "memory/address_space.h"
#include "memory/ram.h"
#include "models/boot/boot.h"
#include "models/boot/bytes.h"

namespace orrery::blobs {

using Blob = std::vector<u8>;

// Runs `call` and returns what its ConfigError says; "" when there was none.
template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

template <class T>
void poke(Blob& blob, u64 offset, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i)
    blob.at(offset + i) = static_cast<u8>(static_cast<u64>(value) >> (8 * i));
}

inline Blob bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// A directory that goes when the test ends.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "boot_test.XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const Blob& contents) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream out(path_ / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(contents.data()),
              static_cast<std::streamsize>(contents.size()));
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

// Memory as the machine gives it to the loader.
struct Memory {
  static constexpr PhysAddr base{0x8000'0000};
  explicit Memory(u64 size = u64{64} << 20) : ram(nullptr, "memory", base, size) {
    space.add_ram(ram);
  }
  AddressSpace space;
  Ram ram;
  ChosenFacts chosen;  // what the loader told the builder of the device tree

  BootImages load(const BootConfig& config, std::size_t tree_size = 2000) {
    return load_images(config, space, ram, [&](const ChosenFacts& facts) {
      chosen = facts;
      return Blob(tree_size, 0xdd);
    });
  }
  Blob read(PhysAddr address, u64 size) const {
    Blob out(size);
    EXPECT_TRUE(space.read_bytes(address, out)) << std::hex << address.value();
    return out;
  }
};

// Offsets in elf().
inline constexpr u64 first_segment = 64, second_segment = 64 + 56;

// A program with code at 0x80000000 (physical and virtual), data that is loaded at 0x80001000 and
// seen at 0x90000000, a symbol table, and section headers.
inline Blob elf() {
  struct NamedSymbol {
    const char* name;
    u64 address, size;
    u8 info;      // binding << 4 | type
    u16 section;  // 1 .text, 2 .data, 0xfff1 absolute
  };
  const std::vector<NamedSymbol> symbols = {
      {"$x", 0x8000'0000, 0, 0x00, 1},     {"_start", 0x8000'0000, 0, 0x10, 1},
      {"main", 0x8000'0010, 8, 0x12, 1},   {"local", 0x8000'0020, 4, 0x02, 1},
      {"tohost", 0x9000'0000, 8, 0x11, 2}, {"begin_signature", 0x9000'0008, 0, 0x10, 2},
      {"end_signature", 0x9000'0010, 0, 0x10, 2}, {"mailbox", 0x8100'0000, 0, 0x10, 0xfff1},
  };
  Blob strings(1), table(24);
  for (const NamedSymbol& symbol : symbols) {
    append_field(table, static_cast<u32>(strings.size()));
    table.push_back(symbol.info);
    table.push_back(0);
    append_field(table, symbol.section);
    append_field(table, symbol.address);
    append_field(table, symbol.size);
    const std::string_view name = symbol.name;
    strings.insert(strings.end(), name.begin(), name.end());
    strings.push_back(0);
  }
  constexpr u64 code_at = 256, code_size = 64, data_at = 320, data_size = 16, table_at = 336;
  const u64 strings_at = table_at + table.size();
  const u64 sections_at = align_up(strings_at + strings.size(), 8);

  Blob out = bytes_of("\x7f" "ELF");
  for (const u8 byte : std::initializer_list<u8>{2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}) out.push_back(byte);
  append_field(out, u16{2});
  append_field(out, u16{243});
  append_field(out, u32{1});
  for (const u64 word : {u64{0x8000'0000}, u64{64}, sections_at}) append_field(out, word);
  append_field(out, u32{5});
  for (const int half : {64, 56, 2, 64, 5, 0}) append_field(out, static_cast<u16>(half));
  const auto segment = [&](u32 flags, u64 offset, u64 seen, u64 loaded, u64 file, u64 memory) {
    append_field(out, u32{1});
    append_field(out, flags);
    for (const u64 word : {offset, seen, loaded, file, memory, u64{8}}) append_field(out, word);
  };
  segment(5, code_at, 0x8000'0000, 0x8000'0000, code_size, code_size);
  segment(6, data_at, 0x9000'0000, 0x8000'1000, data_size, 0x100);
  out.resize(code_at);
  for (u64 i = 0; i < code_size + data_size; ++i) out.push_back(static_cast<u8>(i + 1));
  out.insert(out.end(), table.begin(), table.end());
  out.insert(out.end(), strings.begin(), strings.end());
  out.resize(sections_at);
  const auto section = [&](u32 type, u64 flags, u64 address, u64 offset, u64 size, u32 link,
                           u64 entry) {
    append_field(out, u32{0});
    append_field(out, type);
    for (const u64 word : {flags, address, offset, size}) append_field(out, word);
    append_field(out, link);
    append_field(out, u32{0});
    append_field(out, u64{8});
    append_field(out, entry);
  };
  section(0, 0, 0, 0, 0, 0, 0);
  section(1, 6, 0x8000'0000, code_at, code_size, 0, 0);
  section(1, 3, 0x9000'0000, data_at, data_size, 0, 0);
  section(2, 0, 0, table_at, table.size(), 4, 24);
  section(3, 0, 0, strings_at, strings.size(), 0, 0);
  return out;
}

// A Linux image of 4 KiB that occupies `memory` bytes.
inline Blob linux_image(u64 text_offset = 0x20'0000, u64 memory = 0x10'0000) {
  Blob out(4096);
  for (u64 i = 64; i < out.size(); ++i) out[i] = static_cast<u8>(i * 7);
  poke(out, 0, u16{0x5a4d});
  poke(out, 8, text_offset);
  poke(out, 16, memory);
  poke(out, 32, u32{2});
  poke(out, 48, u64{0x5643534952});
  poke(out, 56, u32{0x05435352});
  return out;
}

inline Blob gzip(const Blob& in) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Blob out(deflateBound(&z, in.size()));
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline Blob zstd(const Blob& in) {
  Blob out(ZSTD_compressBound(in.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 3));
  return out;
}

inline Blob zboot(const Blob& payload, std::string_view compression) {
  Blob out(64);
  poke(out, 0, u16{0x5a4d});
  std::copy_n("zimg", 4, out.begin() + 4);
  poke(out, 8, u32{64});
  poke(out, 12, static_cast<u32>(payload.size()));
  std::copy(compression.begin(), compression.end(), out.begin() + 24);
  poke(out, 56, u32{0x818223cd});
  out.insert(out.end(), payload.begin(), payload.end());
  append_field(out, u32{4096});  // the size that some compressions have behind the payload
  return out;
}

}  // namespace orrery::blobs
