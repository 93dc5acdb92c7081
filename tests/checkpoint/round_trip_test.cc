// A restored machine is the saved one, and equal machines have equal digests.
#include <gtest/gtest.h>

#include "tests/base/config_message.h"
#include "tests/checkpoint/small_machine.h"

namespace orrery {
namespace {

TEST(RoundTrip, RestoresStateTimingAndRam) {
  ScratchDirectory scratch;
  SmallMachine a, b;
  a.fill(1);
  b.fill(2);
  a.save(scratch / "c");
  const Checkpoint checkpoint = Checkpoint::open(scratch / "c");
  checkpoint.verify();
  bool timing = false;
  checkpoint.restore(b.root, b.ram, "same", &timing);
  EXPECT_TRUE(timing);
  EXPECT_EQ(b.part.counter, a.part.counter);
  EXPECT_EQ(b.part.table, a.part.table);
  EXPECT_EQ(b.cache.tags, a.cache.tags);
  EXPECT_EQ(b.part.restored, 1);
  EXPECT_EQ(std::memcmp(a.ram.host(a.ram.base()), b.ram.host(b.ram.base()), a.ram.size()), 0);
  EXPECT_EQ(a.digest(), b.digest());
  EXPECT_EQ(checkpoint.manifest().digest, a.digest());
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"c"});
}

TEST(RoundTrip, TimingIsLeftOutOfAnotherHierarchy) {
  ScratchDirectory scratch;
  SmallMachine a, b;
  a.fill(1);
  a.save(scratch / "c");
  bool timing = true;
  Checkpoint::open(scratch / "c").restore(b.root, b.ram, "another", &timing);
  EXPECT_FALSE(timing);
  EXPECT_EQ(b.cache.tags, (std::array<u64, 200>{}));
  EXPECT_EQ(b.part.counter, a.part.counter);
}

TEST(RoundTrip, SavingTwiceGivesTheSameFiles) {
  ScratchDirectory scratch;
  SmallMachine a;
  a.fill(1);
  a.save(scratch / "one");
  a.save(scratch / "two");
  for (const std::string_view name : checkpoint_files)
    EXPECT_EQ(read_bytes(scratch / "one/" + std::string(name)),
              read_bytes(scratch / "two/" + std::string(name)));
}

TEST(RoundTrip, DigestSeesEveryFieldAndByteButNotWhetherZerosWereTouched) {
  SmallMachine a;
  a.fill(1);
  const std::string before = a.digest();
  ++a.part.counter;
  EXPECT_NE(a.digest(), before);
  --a.part.counter;
  u8* last = a.ram.host(a.ram.base() + a.ram.size() - 1);
  *last ^= 1;
  EXPECT_NE(a.digest(), before);
  *last ^= 1;
  EXPECT_EQ(a.digest(), before);
  a.cache.tags[0] ^= 1;
  EXPECT_EQ(a.digest(), before);
  SmallMachine touched, untouched;
  std::memset(touched.ram.host(touched.ram.base()), 0, touched.ram.size());
  EXPECT_EQ(touched.digest(), untouched.digest());
}

TEST(RoundTrip, ZerosCostNothing) {
  ScratchDirectory scratch;
  SmallMachine big(u64{64} << 30);
  big.ram.host(big.ram.base() + (u64{40} << 30))[5] = 7;
  big.save(scratch / "c");
  EXPECT_LT(std::filesystem::file_size(scratch / "c/ram.zst"), 1000u);
  SmallMachine other(u64{64} << 30);
  const Checkpoint checkpoint = Checkpoint::open(scratch / "c");
  checkpoint.restore(other.root, other.ram, "same", nullptr);
  EXPECT_EQ(other.ram.host(other.ram.base() + (u64{40} << 30))[5], 7);
  EXPECT_EQ(checkpoint.ram_index().chunks.size(), 1u);
}

TEST(RoundTrip, RestoringTellsWatchersOfRam) {
  struct Watcher : WriteWatcher {
    u64 bytes = 0;
    void before_write(PhysAddr, u64 size, u8) override { bytes += size; }
    void page_marked(PhysAddr) override {}
  };
  ScratchDirectory scratch;
  SmallMachine a, b;
  a.save(scratch / "c");
  Watcher watcher;
  b.ram.watch(watcher);
  b.ram.mark(b.ram.base() + 8192, MarkCode);
  Checkpoint::open(scratch / "c").restore(b.root, b.ram, "same", nullptr);
  EXPECT_GE(watcher.bytes, page_size);
  b.ram.unwatch(watcher);
}

TEST(RoundTrip, RamOfAnotherSizeIsRefused) {
  ScratchDirectory scratch;
  SmallMachine a, b(u64{1} << 20);
  a.save(scratch / "c");
  EXPECT_EQ(config_message([&] {
              Checkpoint::open(scratch / "c").restore(b.root, b.ram, "same", nullptr);
            }),
            (scratch / "c") + ": holds 5124KiB of RAM at 0x80000000, this machine has 1MiB at "
                              "0x80000000");
}

TEST(RoundTrip, InfoIsForPeople) {
  ScratchDirectory scratch;
  SmallMachine a;
  a.part.counter = 77;
  a.save(scratch / "c");
  const Json info = Checkpoint::open(scratch / "c").info();
  EXPECT_EQ(info["steps"], 77u);
  EXPECT_EQ(info["digest"], a.digest());
}

}  // namespace
}  // namespace orrery
