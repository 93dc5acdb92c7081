// The archive of added files.
#include "models/boot/initramfs.h"

#include <map>

#include "tests/models/boot/blobs.h"

namespace orrery {
namespace {

using namespace blobs;

struct Member {
  u32 mode;
  Blob contents;
};

u32 hexadecimal(const Blob& archive, u64 offset) {
  return static_cast<u32>(
      std::stoul(std::string(archive.begin() + static_cast<std::ptrdiff_t>(offset),
                             archive.begin() + static_cast<std::ptrdiff_t>(offset + 8)),
                 nullptr, 16));
}

// Reads an archive from `at` as the kernel does.
std::vector<std::pair<std::string, Member>> members(const Blob& archive, u64 at = 0) {
  std::vector<std::pair<std::string, Member>> result;
  while (matches(archive, at, "070701")) {
    const u32 mode = hexadecimal(archive, at + 14);
    const u32 size = hexadecimal(archive, at + 54);
    const u32 name_size = hexadecimal(archive, at + 94);
    EXPECT_EQ(hexadecimal(archive, at + 46), 0u) << "no time";
    const std::string name(reinterpret_cast<const char*>(&archive[at + 110]), name_size - 1);
    const u64 contents = align_up(at + 110 + name_size, 4);
    at = align_up(contents + size, 4);
    if (name == "TRAILER!!!") break;
    const auto begin = archive.begin() + static_cast<std::ptrdiff_t>(contents);
    result.emplace_back(name, Member{mode, Blob(begin, begin + size)});
  }
  return result;
}

TEST(Initramfs, FilesAndParents) {
  const Blob archive = make_cpio({{"/usr/local/bin/tool", bytes_of("12345"), true},
                                  {"/usr/local/data", bytes_of(""), false},
                                  {"/tmp/x", bytes_of("x"), false},
                                  {"/command", bytes_of("echo\n"), true}});
  const auto found = members(archive);
  std::vector<std::string> names;
  std::map<std::string, u32> modes;
  for (const auto& [name, member] : found) {
    names.push_back(name);
    modes[name] = member.mode;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"usr", "usr/local", "usr/local/bin",
                                             "usr/local/bin/tool", "usr/local/data", "tmp", "tmp/x",
                                             "command"}));
  EXPECT_EQ(modes["usr"], 040755u);
  EXPECT_EQ(modes["tmp"], 041777u);
  EXPECT_EQ(modes["usr/local/bin/tool"], 0100755u);
  EXPECT_EQ(modes["usr/local/data"], 0100644u);
  EXPECT_EQ(found[3].second.contents, bytes_of("12345"));
}

TEST(Initramfs, SecondArchiveStandsWhereTheKernelLooks) {
  const Blob second = make_cpio({{"/a", bytes_of("a"), false}});
  for (const std::size_t size : {1u, 508u, 509u, 512u, 1000u}) {
    const Blob joined = join_archives(Blob(size, 0xee), second);
    u64 at = size;
    while (joined[at] == 0) ++at;
    EXPECT_GE(at, size + 4);
    EXPECT_EQ(at % 4, 0u);
    EXPECT_EQ(members(joined, at).size(), 1u);
  }
  EXPECT_TRUE(matches(join_archives({}, second), 0, "070701"));
}

TEST(Initramfs, AddedFileArguments) {
  const auto parse = [](std::string_view text) { return parse_added_file("add", text); };
  EXPECT_EQ(parse("tool:/bin/tool").file, "tool");
  EXPECT_EQ(parse("tool:/bin/tool").path, "/bin/tool");
  EXPECT_EQ(parse("dir/tool:/bin/").path, "/bin/tool");
  EXPECT_EQ(parse("tool:/").path, "/tool");
  EXPECT_EQ(parse("a:b:/c").file, "a:b");
  for (const char* bad : {"", "tool", "tool:", "tool:bin", ":/bin"})
    EXPECT_EQ(error_of([&] { parse(bad); }),
              fmt::format("add: expected FILE:/path, found \"{}\"", bad));
  for (const char* bad : {"/../x", "/a//b", "/a/./b", "//", "/a/.."})
    EXPECT_EQ(error_of([&] { parse(std::string("f:") + bad); })
                  .find("add: expected a plain path in the guest, found "), 0u) << bad;
}

TEST(Initramfs, OnlyWhatTheKernelUnpacks) {
  const auto check = [](const Blob& blob) { return error_of([&] { check_initramfs("i", blob, 1 << 20); }); };
  EXPECT_EQ(check(make_cpio({})), "");
  EXPECT_EQ(check(gzip({})), "");
  EXPECT_EQ(check(zstd({})), "");
  for (const Blob& bad : {Blob{}, Blob(2000), bytes_of("07070"), elf()})
    EXPECT_EQ(check(bad),
              "i: not an initramfs, expected a cpio archive (newc) or a compressed one");
}

TEST(Initramfs, NothingIsCutOff) {
  const auto check = [](const Blob& blob) {
    return error_of([&] { check_initramfs("i", blob, 1 << 20); });
  };
  const auto joined = [](Blob first, const Blob& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  };
  const Blob archive = make_cpio({{"/bin/x", Blob(1000, 1), true}, {"/y", Blob(3, 2), false}});
  EXPECT_EQ(check(archive), "");
  EXPECT_EQ(check(gzip(archive)), "");
  EXPECT_EQ(check(zstd(archive)), "");
  EXPECT_EQ(check(joined(join_archives(archive, archive), gzip(archive))), "");
  for (std::size_t size = 6; size < archive.size() - 4; size += 13) {
    const Blob half(archive.begin(), archive.begin() + static_cast<std::ptrdiff_t>(size));
    for (const Blob& blob : {half, gzip(half), zstd(half), joined(archive, half)})
      EXPECT_EQ(check(blob).find("i: the cpio archive is truncated"), 0u) << size;
  }
  Blob half = gzip(archive);
  half.resize(half.size() / 2);
  EXPECT_EQ(check(half), "i: the gzip data ends too early");
  EXPECT_EQ(check(joined(archive, half)), "i: the gzip data ends too early");
  Blob damaged = archive;
  damaged[54] = 'x';  // a digit of the first member's size
  EXPECT_EQ(check(gzip(elf())), "i: not an initramfs: what is packed in it is no cpio archive");
  EXPECT_EQ(check(damaged), "i: damaged cpio archive: no member at byte 0");
}

}  // namespace
}  // namespace orrery
