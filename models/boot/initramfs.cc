#include "models/boot/initramfs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>

#include "base/bits.h"
#include "base/error.h"
#include "models/boot/bytes.h"
#include "models/boot/decompress.h"

namespace orrery {
namespace {

constexpr u32 directory = 0040000, regular = 0100000;

void pad(std::vector<u8>& bytes, std::size_t alignment) {
  bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
}

// One member: a header of 8-digit hexadecimal numbers, the name, the contents, each padded to 4.
void append_member(std::vector<u8>& out, u32 inode, u32 mode, std::string_view name,
                   const std::vector<u8>& contents) {
  const u32 links = (mode & directory) != 0 ? 2 : 1;
  const std::array<u64, 13> fields = {
      inode, mode, 0, 0, links, 0 /* time */, contents.size(), 0, 0, 0, 0, name.size() + 1, 0};
  std::string header = "070701";
  for (const u64 value : fields) header += fmt::format("{:08X}", value);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), name.begin(), name.end());
  out.push_back(0);
  pad(out, 4);
  out.insert(out.end(), contents.begin(), contents.end());
  pad(out, 4);
}

}  // namespace

AddedFile parse_added_file(const std::string& parameter, std::string_view text) {
  const auto colon = text.rfind(":/");
  if (colon == std::string_view::npos || colon == 0)
    config_error("{}: expected FILE:/path, found \"{}\"", parameter, text);
  AddedFile added{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  if (added.path.back() == '/')
    added.path += added.file.substr(added.file.find_last_of('/') + 1);  // npos + 1 is 0

  // Every part of the path is a plain name.
  std::string_view rest = std::string_view(added.path).substr(1);
  for (bool last = false; !last;) {
    const auto slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    constexpr std::size_t longest = 255;
    if (part.empty() || part == "." || part == ".." || part.size() > longest ||
        part.find('\0') != std::string_view::npos)
      config_error("{}: expected a plain path in the guest, found \"{}\"", parameter, added.path);
    last = slash == std::string_view::npos;
    if (!last) rest.remove_prefix(slash + 1);
  }
  return added;
}

std::vector<u8> make_cpio(const std::vector<InitramfsFile>& files) {
  std::vector<u8> out;
  std::set<std::string_view> made;  // directories
  u32 inode = 1;
  for (const InitramfsFile& file : files) {
    const std::string_view path = std::string_view(file.path).substr(1);
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
      const std::string_view parent = path.substr(0, slash);
      if (!made.insert(parent).second) continue;
      // Linux changes the mode of a directory that exists already.
      const u32 mode = parent == "tmp" ? 01777u : 0755u;
      append_member(out, inode++, directory | mode, parent, {});
    }
    append_member(out, inode++, regular | (file.executable ? 0755u : 0644u), path, file.bytes);
  }
  append_member(out, 0, 0, "TRAILER!!!", {});
  return out;
}

namespace {

constexpr u64 newc_header = 110;  // magic and 13 numbers of 8 hexadecimal digits

// The number `index` of a member's header; nothing when those are no hexadecimal digits.
std::optional<u64> newc_field(std::span<const u8> header, unsigned index) {
  u64 value = 0;
  for (const u8 digit : header.subspan(6 + 8 * index, 8)) {
    const char c = static_cast<char>(digit | 0x20);  // lower case
    const bool letter = c >= 'a' && c <= 'f';
    if (!letter && (digit < '0' || digit > '9')) return std::nullopt;
    value = value << 4 | static_cast<u64>(letter ? c - 'a' + 10 : digit - '0');
  }
  return value;
}

bool is_newc(std::span<const u8> bytes) {
  return matches(bytes, 0, "070701") || matches(bytes, 0, "070702");
}

// What follows the archive at the beginning of `bytes`.
std::span<const u8> skip_newc(const std::string& name, const std::span<const u8> bytes) {
  for (u64 at = 0;;) {
    const auto rest = bytes.subspan(std::min<u64>(at, bytes.size()));
    if (rest.size() < newc_header)
      config_error("{}: the cpio archive is truncated: it ends after {} bytes, without a trailer",
                   name, bytes.size());
    const auto size = newc_field(rest, 6), name_size = newc_field(rest, 11);
    if (!is_newc(rest) || !size || !name_size)
      config_error("{}: damaged cpio archive: no member at byte {}", name, at);
    const u64 end = align_up(newc_header + *name_size, 4) + *size;
    if (!holds(rest, 0, end))
      config_error("{}: the cpio archive is truncated: it ends after {} bytes, in the middle of a "
                   "member", name, bytes.size());
    if (matches(rest, newc_header, "TRAILER!!!")) return rest.subspan(end);
    at += align_up(end, 4);
  }
}

// One archive behind the other, zeros between them. What follows a compressed one is not looked at.
void check_archives(const std::string& name, std::span<const u8> bytes, std::optional<u64> limit) {
  for (;;) {
    const auto start = std::find_if(bytes.begin(), bytes.end(), [](u8 byte) { return byte != 0; });
    bytes = bytes.subspan(static_cast<std::size_t>(start - bytes.begin()));
    if (limit && is_gzip(bytes)) return check_archives(name, gunzip(name, bytes, *limit), {});
    if (limit && is_zstd(bytes)) return check_archives(name, unzstd(name, bytes, *limit), {});
    if (!limit && !bytes.empty() && !is_newc(bytes))
      config_error("{}: not an initramfs: what is packed in it is no cpio archive", name);
    if (!is_newc(bytes)) return;
    bytes = skip_newc(name, bytes);
  }
}

}  // namespace

void check_initramfs(const std::string& name, const std::vector<u8>& archive, u64 limit) {
  // What the kernel's unpack_to_rootfs() knows.
  constexpr std::array<std::string_view, 9> magics = {
      "070701", "070702", "\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd" "7zXZ",
      "BZh",    "\x02\x21\x4c\x18", "\x89LZO", std::string_view("\x5d\x00\x00", 3)};
  const bool known = std::any_of(magics.begin(), magics.end(), [&](std::string_view magic) {
    return matches(archive, 0, magic);
  });
  if (!known)
    config_error("{}: not an initramfs, expected a cpio archive (newc) or a compressed one", name);
  check_archives(name, archive, limit);
}

std::vector<u8> join_archives(std::vector<u8> archive, const std::vector<u8>& second) {
  if (!archive.empty()) {
    // An archive begins at a multiple of four; zeros between are skipped, and four of them also
    // end the first one in the lz4 format.
    archive.resize(archive.size() + 4);
    pad(archive, 512);
  }
  archive.insert(archive.end(), second.begin(), second.end());
  pad(archive, 512);
  return archive;
}

}  // namespace orrery
