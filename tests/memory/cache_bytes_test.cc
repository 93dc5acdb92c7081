// What a cache moves on both its sides.
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

struct CacheBytes : CacheFixture {
  // Read and written above, from and to below.
  std::array<u64, 4> moved() const {
    return {cache->bytes_read.value(), cache->bytes_written.value(), cache->bytes_from_below.value(),
            cache->bytes_to_below.value()};
  }
  using Bytes4 = std::array<u64, 4>;
};

TEST_F(CacheBytes, LinesBelowAndAccessesAbove) {
  build();
  access(0x1000, 0);
  EXPECT_EQ(moved(), (Bytes4{8, 0, 64, 0}));
  EXPECT_TRUE(fast(0x1008, 1000, RequestKind::Load, 4));
  access(0x1010, 2000, RequestKind::Store, 2);
  EXPECT_TRUE(fast(0x1010, 3000, RequestKind::Store, 1));
  EXPECT_TRUE(fast(0x1010, 3000, RequestKind::Atomic, 4));
  EXPECT_EQ(moved(), (Bytes4{12, 7, 64, 0}));
  for (u64 i = 1; i <= 2; ++i) access(0x1000 + i * 256, 4000 * i);  // its set is full: the dirty line leaves
  EXPECT_EQ(moved(), (Bytes4{28, 7, 3 * 64, 64}));
}

TEST_F(CacheBytes, AccessAcrossLinesCountsOnceAbove) {
  build();
  access(0x103c, 0);
  EXPECT_EQ(moved(), (Bytes4{8, 0, 128, 0}));
}

TEST_F(CacheBytes, RefusedAccessMovesNothing) {
  build();
  below.refuse_until = Tick{5000};
  EXPECT_TRUE(cache->submit(request_for(0x1000), Tick{0}).is_refused());
  EXPECT_EQ(moved(), (Bytes4{}));
}

TEST_F(CacheBytes, WritesThroughMoveWhatIsStored) {
  build({{"write", "through"}, {"write_allocate", false}});
  access(0x1000, 0, RequestKind::Store, 4);
  EXPECT_EQ(moved(), (Bytes4{0, 4, 0, 4}));
  access(0x1000, 1000);
  access(0x1000, 2000, RequestKind::Store, 2);
  EXPECT_EQ(moved(), (Bytes4{8, 6, 64, 6}));
}

TEST_F(CacheBytes, PermissionMovesNothing) {
  below.shared = true;
  build();
  access(0x1000, 0);
  access(0x1000, 1000, RequestKind::Store);
  EXPECT_EQ(cache->upgrades.value(), 1u);
  EXPECT_EQ(moved(), (Bytes4{8, 8, 64, 0}));
}

TEST_F(CacheBytes, SnoopsTakeDirtyLines) {
  build();
  access(0x1000, 0, RequestKind::Store);
  access(0x1040, 1000);
  cache->snoop(PhysAddr{0x1000}, Snoop::Share);
  cache->snoop(PhysAddr{0x1000}, Snoop::Take);  // clean by now
  cache->snoop(PhysAddr{0x1040}, Snoop::Take);
  EXPECT_EQ(cache->bytes_snooped.value(), 64u);
}

TEST_F(CacheBytes, FirstLevelCountsNothingAboveWhileItIsKeptWarm) {
  build();
  cache->set_warming(true);
  access(0x1000, 0);
  access(0x1000, 1000);
  EXPECT_EQ(moved(), (Bytes4{0, 0, 64, 0}));
}

}  // namespace
}  // namespace orrery
