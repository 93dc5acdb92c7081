// Damaged files: whatever the bytes, loading ends with a machine that is ready or one sentence.
// Run under AddressSanitizer and UBSan, this is what keeps the readers honest.
#include "base/random.h"
#include "models/boot/elf.h"
#include "models/boot/image.h"
#include "models/boot/initramfs.h"
#include "models/boot/layout.h"
#include "tests/environment.h"
#include "tests/models/boot/blobs.h"

namespace orrery {
namespace {

using namespace blobs;
const int rounds = 20'000 * fuzz_scale();
constexpr u64 limit = u64{1} << 20;

// A few bytes, words or the length of `blob` changed. Half the changes hit the first 128 bytes,
// where headers are.
Blob mutated(Blob blob, Random& random) {
  for (u64 changes = 1 + random.below(4); changes > 0 && !blob.empty(); --changes) {
    const u64 at = random.below(random.below(2) ? blob.size() : std::min<u64>(blob.size(), 128));
    constexpr u64 words[] = {0, 1, 0x7f, 0xff, 0xffff, 0x7fff'ffff, 0xffff'ffff,
                             0x8000'0000, ~u64{0}, ~u64{0} >> 1, ~u64{0} - 64};
    switch (random.below(4)) {
      case 0: blob[at] = static_cast<u8>(random.next()); break;
      case 1: blob[at] ^= static_cast<u8>(1 << random.below(8)); break;
      case 2:
        if (const u64 word = words[random.below(std::size(words))]; holds(blob, at, 8))
          poke(blob, at, word);
        break;
      case 3:
        if (random.below(8) == 0) blob.resize(at);
        break;
    }
  }
  return blob;
}

template <class Read>
void fuzz(const std::vector<Blob>& seeds, u64 seed, Read&& read) {
  Random random(seed);
  int good = 0;
  for (int round = 0; round < rounds; ++round) {
    const Blob blob = mutated(seeds[random.below(seeds.size())], random);
    const std::string error = error_of([&] { read(blob); });
    good += error.empty();
    ASSERT_EQ(error.find('\n'), error.npos) << "one sentence";
    ASSERT_TRUE(error.empty() || error.starts_with("file: ")) << error;
  }
  EXPECT_GT(good, rounds / 100) << "the mutations are too wild to test much";
  EXPECT_LT(good, rounds * 99 / 100) << "the mutations are too tame to test much";
}

TEST(Fuzz, Elf) {
  fuzz({elf()}, 1, [](const Blob& blob) {
    const ElfFile file = parse_elf("file", blob);
    for (const ElfSegment& segment : file.segments)
      ASSERT_TRUE(holds(blob, segment.offset, segment.file_size));
    file.physical(file.entry);
    for (const Symbol& symbol : file.symbols.all()) file.symbols.describe(symbol.address + 1);
  });
}

TEST(Fuzz, ElfInMemory) {
  Memory memory;
  fuzz({elf()}, 2, [&](const Blob& blob) {
    Layout layout(memory.space, memory.ram);
    for (const ElfSegment& segment : parse_elf("file", blob).segments) {
      layout.claim("file", segment.physical, segment.memory_size);
      layout.place("file", segment.physical,
                   std::span(blob).subspan(segment.offset, segment.file_size));
    }
    layout.find_high(4096, 4096);
  });
}

TEST(Fuzz, Packings) {
  const Blob image = linux_image();
  fuzz({gzip(image), zstd(image), zboot(gzip(image), "gzip"), zboot(zstd(image), "zstd"), image}, 3,
       [](const Blob& blob) {
         const Blob unpacked = unpack_image("file", blob, limit);
         ASSERT_LE(unpacked.size(), std::max<u64>(limit, blob.size()));
         if (identify_image("file", unpacked) == ImageFormat::Linux)
           parse_linux_header("file", unpacked);
       });
}

TEST(Fuzz, Archives) {
  const Blob archive = make_cpio({{"/bin/x", Blob(100, 1), true}});
  fuzz({archive, gzip(archive), zstd(archive)}, 4, [](const Blob& blob) {
    check_initramfs("file", blob, limit);
    ASSERT_EQ(join_archives(blob, make_cpio({})).size() % 512, 0u);
  });
}

TEST(Fuzz, WholeMachines) {
  const Folder folder;
  const std::string firmware = folder.write("fw.bin", Blob(100, 1));
  Memory memory(u64{8} << 20);
  Random random(5);
  for (int round = 0; round < 300 * fuzz_scale(); ++round) {
    BootConfig config;
    if (random.below(2)) config.firmware = firmware;
    config.kernel = folder.write("k", mutated(random.below(2) ? elf() : linux_image(), random));
    config.kernel_address = random.below(4) ? "auto" : "0xffffffffffe00000";
    if (random.below(2)) config.initramfs = folder.write("i", mutated(make_cpio({}), random));
    const std::string error = error_of([&] {
      const BootImages images = memory.load(config);
      ASSERT_TRUE(memory.ram.contains(images.device_tree, 2000));
      ASSERT_TRUE(!images.tohost || memory.ram.contains(*images.tohost, 1));
    });
    ASSERT_TRUE(error.empty() || error.starts_with("machine.")) << error;
    memory.ram.clear();
  }
}

}  // namespace
}  // namespace orrery
