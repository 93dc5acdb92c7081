// One small cache over a mock: 4 sets x 2 ways x 64 bytes, 2 cycles of 1000 ticks, 2 MSHRs, and
// 100 cycles below.
#pragma once

#include <gtest/gtest.h>

#include "memory/cache.h"
#include "tests/memory/mock_below.h"

namespace orrery {

struct CacheFixture : testing::Test {
  static constexpr u64 cycle = 1000;
  static Json description() {
    return {{"size", "512B"}, {"ways", 2}, {"line", "64B"}, {"latency_cycles", 2}, {"mshrs", 2}};
  }

  void build(const Json& changes = Json::object()) {
    Json json = description();
    json.update(changes);
    cache = std::make_unique<Cache>(&root, "cache", read_config<CacheConfig>(json),
                                    Clock(Frequency{1'000'000'000}), below, uncacheable);
  }

  // Cycle at which an access from cycle `now` is done.
  u64 access(u64 address, u64 now, RequestKind kind = RequestKind::Load, u32 size = 8) {
    const Answer answer = cache->submit(request_for(address, kind, size), Tick{now * cycle});
    EXPECT_TRUE(answer.is_done());
    EXPECT_EQ(answer.tick.value() % cycle, 0u);
    return answer.tick.value() / cycle;
  }
  bool fast(u64 address, u64 now, RequestKind kind = RequestKind::Load, u32 size = 8) {
    return cache->fast_hit(PhysAddr{address}, size, kind, Tick{now * cycle});
  }
  u64 hits() const { return sum(cache->hits); }
  u64 misses() const { return sum(cache->misses); }
  static u64 sum(const std::array<Counter, request_kinds>& counters) {
    u64 total = 0;
    for (const Counter& counter : counters) total += counter.value();
    return total;
  }

  Component root{nullptr, "machine"};
  MockBelow below{100 * cycle};
  AddressRanges uncacheable;
  std::unique_ptr<Cache> cache;
};

}  // namespace orrery
