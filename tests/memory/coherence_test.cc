// Two harts over one hierarchy: MESI states, what others' accesses take, and what that costs.
#include <gtest/gtest.h>

#include "base/random.h"
#include "memory/hierarchy.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

struct CoherenceTest : testing::Test {
  CoherenceTest() {
    HierarchyConfig config = read_config<HierarchyConfig>(
        {{"l1d", {{"latency_cycles", 2}}},
         {"l2", {{"latency_cycles", 10}}},
         {"coherence", {{"remote_dirty_cycles", 30}, {"upgrade_cycles", 7}}},
         {"dram", {{"type", "fixed"}, {"latency", "100ns"}, {"beat", "0ns"}}}});
    hierarchy = std::make_unique<Hierarchy>(machine, std::vector<Component*>{&hart0, &hart1}, config,
                                            Clock(Frequency{1'000'000'000}));
  }

  Cache& l1d(HartId hart) { return hierarchy->ports(hart).l1d; }
  // Latency in cycles.
  u64 access(HartId hart, u64 address, RequestKind kind, bool fetch = false) {
    now += 1'000'000;
    Request request = request_for(address, kind);
    request.hart = hart;
    Cache& cache = fetch ? hierarchy->ports(hart).l1i : l1d(hart);
    return (cache.submit(request, now).tick - now) / 1000;
  }
  LineState state(HartId hart, u64 address) { return l1d(hart).find(PhysAddr{address}); }

  Component machine{nullptr, "machine"};
  Component hart0{&machine, "hart0"}, hart1{&machine, "hart1"};
  std::unique_ptr<Hierarchy> hierarchy;
  Tick now;
};

constexpr u64 line = 0x8000'0000;

TEST_F(CoherenceTest, FirstReaderHasItAlone) {
  EXPECT_EQ(access(0, line, RequestKind::Load), 2u + 10 + 100);
  EXPECT_EQ(state(0, line), LineState::Exclusive);
  EXPECT_EQ(access(0, line, RequestKind::Store), 2u);  // no one to ask
  EXPECT_EQ(state(0, line), LineState::Modified);
}

TEST_F(CoherenceTest, SecondReaderShares) {
  access(0, line, RequestKind::Load);
  EXPECT_EQ(access(1, line, RequestKind::Load), 2u + 10);
  EXPECT_EQ(state(0, line), LineState::Shared);
  EXPECT_EQ(state(1, line), LineState::Shared);
}

TEST_F(CoherenceTest, StoreTakesOtherCopies) {
  access(0, line, RequestKind::Load);
  access(1, line, RequestKind::Load);
  EXPECT_EQ(access(1, line, RequestKind::Store), 2u + 7);
  EXPECT_EQ(state(0, line), LineState::Invalid);
  EXPECT_EQ(state(1, line), LineState::Modified);
  EXPECT_EQ(l1d(0).invalidations.value(), 1u);
  EXPECT_EQ(access(0, line, RequestKind::Load), 2u + 10 + 30);  // dirty in hart 1's cache
  EXPECT_EQ(state(1, line), LineState::Shared);
}

TEST_F(CoherenceTest, StoreMissTakesADirtyLine) {
  access(0, line, RequestKind::Store);
  EXPECT_EQ(access(1, line, RequestKind::Atomic), 2u + 10 + 30);
  EXPECT_EQ(state(0, line), LineState::Invalid);
  EXPECT_EQ(state(1, line), LineState::Modified);
}

TEST_F(CoherenceTest, FetchSeesOwnDirtyLine) {
  access(0, line, RequestKind::Store);
  EXPECT_EQ(access(0, line, RequestKind::Fetch, true), 1u + 10 + 30);
  EXPECT_EQ(state(0, line), LineState::Shared);
}

TEST_F(CoherenceTest, AtMostOneOwner) {
  Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    const u64 address = line + random.below(6) * 64;
    access(static_cast<HartId>(random.below(2)), address,
           random.below(3) ? RequestKind::Load : RequestKind::Store);
    const LineState a = state(0, address), b = state(1, address);
    const auto owns = [](LineState s) { return s >= LineState::Exclusive; };
    ASSERT_TRUE(!owns(a) || b == LineState::Invalid);
    ASSERT_TRUE(!owns(b) || a == LineState::Invalid);
  }
}

TEST_F(CoherenceTest, PathsAreThoseOfTheDescription) {
  const Json statistics = report_statistics(machine, nullptr);
  for (const char* path : {"machine.hart1.l1d.load_hits", "machine.l2.load_misses",
                           "machine.dram.reads", "machine.hart0.itlb.misses"})
    EXPECT_TRUE(statistics.contains(path)) << path;
}

}  // namespace
}  // namespace orrery
