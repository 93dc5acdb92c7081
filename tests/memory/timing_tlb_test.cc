// Timing TLBs: capacity, contexts, page sizes, flush, state.
#include <gtest/gtest.h>

#include "memory/timing_tlb.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

struct TimingTlbTest : testing::Test {
  static TlbConfig config() { return read_config<TlbConfig>({{"entries", 4}, {"ways", 4}}); }
  Component root{nullptr, "machine"};
  TimingTlb tlb{&root, "tlb", config()};
};

TEST_F(TimingTlbTest, MissChangesNothingUntilInserted) {
  EXPECT_FALSE(tlb.lookup(0x1000, 0));
  EXPECT_FALSE(tlb.lookup(0x1000, 0));
  tlb.insert(0x1000, 0, 0);
  EXPECT_TRUE(tlb.lookup(0x1fff, 0));
  EXPECT_FALSE(tlb.lookup(0x2000, 0));
  EXPECT_EQ(tlb.hits.value(), 1u);
  EXPECT_EQ(tlb.misses.value(), 3u);
}

TEST_F(TimingTlbTest, ContextsAreApart) {
  tlb.insert(0x1000, 1, 0);
  EXPECT_FALSE(tlb.lookup(0x1000, 2));
  EXPECT_TRUE(tlb.lookup(0x1000, 1));
}

TEST_F(TimingTlbTest, SuperpageCoversItsAddresses) {
  tlb.insert(0x4020'0000, 0, 1);
  EXPECT_TRUE(tlb.lookup(0x4020'0000, 0));
  EXPECT_TRUE(tlb.lookup(0x403f'f000, 0));
  EXPECT_FALSE(tlb.lookup(0x4040'0000, 0));
  EXPECT_FALSE(tlb.lookup(0x401f'f000, 0));
}

TEST_F(TimingTlbTest, OldestPageMakesRoom) {
  for (u64 page = 0; page < 4; ++page) tlb.insert(page << 12, 0, 0);
  EXPECT_TRUE(tlb.lookup(0, 0));
  tlb.insert(4 << 12, 0, 0);
  EXPECT_TRUE(tlb.holds(0, 0));
  EXPECT_FALSE(tlb.holds(1 << 12, 0));
}

TEST_F(TimingTlbTest, FlushEmpties) {
  tlb.insert(0x1000, 0, 0);
  tlb.flush();
  EXPECT_FALSE(tlb.lookup(0x1000, 0));
}

TEST_F(TimingTlbTest, StateComesBack) {
  tlb.insert(0x1000, 3, 0);
  tlb.insert(0x4020'0000, 3, 1);
  Archive saving = Archive::saving("tlb");
  tlb.state(saving);
  const Json saved = saving.take();
  Component other_root{nullptr, "machine"};
  TimingTlb other(&other_root, "tlb", config());
  Archive loading = Archive::loading("tlb", saved);
  other.state(loading);
  loading.finish();
  EXPECT_TRUE(other.lookup(0x1000, 3));
  EXPECT_TRUE(other.lookup(0x4021'0000, 3));
}

}  // namespace
}  // namespace orrery
