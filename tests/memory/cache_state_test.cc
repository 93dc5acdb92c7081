// What holds under every replacement policy, every prefetcher, and with banks, ports and write buffer:
// fast hits answer as submit() does, a restored cache goes on as the saved one, damaged state is
// refused or runs, and every access and every prefetch is counted once.
#include "tests/memory/cache_fixture.h"
#include "tests/memory/hostile.h"

namespace orrery {
namespace {

std::vector<Json> every_cache() {
  std::vector<Json> all;
  for (const std::string& type : ReplacementPolicies::names())
    all.push_back({{"replacement", {{"type", type}}}});
  for (const std::string& type : Prefetchers::names())
    for (const char* replacement : {"lru", "ship"})
      all.push_back({{"mshrs", 6}, {"prefetcher", {{"type", type}}}, {"replacement", {{"type", replacement}}}});
  all.push_back({{"banks", 2}, {"mshrs", 6}});
  all.push_back({{"ports", 1}, {"mshrs", 6}});
  all.push_back({{"write_buffer", 1}, {"mshrs", 6}});
  all.push_back({{"classify_misses", true}, {"count_outstanding", true}});
  all.push_back({{"banks", 4}, {"ports", 2}, {"write_buffer", 2}, {"mshrs", 6}, {"prefetcher", {{"type", "stream"}}}});
  return all;
}

struct CacheState : CacheFixture, testing::WithParamInterface<Json> {
  std::unique_ptr<Cache> make(Component& parent, MockBelow& next) {
    Json json = description();
    json.update(GetParam());
    return std::make_unique<Cache>(&parent, "cache", read_config<CacheConfig>(json),
                                   Clock(Frequency{1'000'000'000}), next, uncacheable);
  }
  // Runs of lines and single ones, by a few instructions.
  static Request some(Random& random) {
    static constexpr std::array kinds = {RequestKind::Load, RequestKind::Load, RequestKind::Store,
                                         RequestKind::Fetch, RequestKind::Walk};
    const u64 line = random.below(4) ? random.below(40) : random.below(300);
    Request request = request_for(line * 64 + random.below(8) * 8, kinds[random.below(kinds.size())]);
    request.pc = random.below(8) * 4;
    return request;
  }
  static Json saved(Cache& cache) {
    Archive a = Archive::saving("cache");
    cache.state(a);
    return a.take();
  }
};

TEST_P(CacheState, FastHitsAnswerAsSubmitDoes) {
  build(GetParam());
  MockBelow other_below{100 * cycle};
  Component other_root{nullptr, "machine"};
  const auto slow = make(other_root, other_below);
  Random random(7);
  for (u64 now = 0; now < 200'000; now += 3) {
    const Request request = some(random);
    for (const int again : {0, 1}) {
      const Answer right = slow->submit(request, Tick{(now + again) * cycle});
      if (fast(request.address.value(), now + static_cast<u64>(again), request.kind)) {
        ASSERT_EQ(right.tick.value(), (now + static_cast<u64>(again) + 2) * cycle);
        continue;
      }
      const Answer answer = cache->submit(request, Tick{(now + static_cast<u64>(again)) * cycle});
      ASSERT_EQ(answer.kind, right.kind) << now;
      ASSERT_EQ(answer.tick, right.tick) << now;
    }
  }
  EXPECT_EQ(differences(saved(*cache), saved(*slow), 10), std::vector<std::string>{});
}

TEST_P(CacheState, RestoredEqualsKeptRunning) {
  build(GetParam());
  Random random(3);
  u64 now = 0;
  for (; now < 30'000; now += 5) cache->submit(some(random), Tick{now * cycle});
  Component other_root{nullptr, "machine"};
  const auto other = make(other_root, below);
  const Json state = saved(*cache);
  Archive loading = Archive::loading("cache", state);
  other->state(loading);
  loading.finish();
  for (; now < 90'000; now += 5) {
    const Request request = some(random);
    if (fast(request.address.value(), now, request.kind)) {
      ASSERT_EQ(other->submit(request, Tick{now * cycle}).tick.value(), (now + 2) * cycle);
      continue;
    }
    const Answer a = cache->submit(request, Tick{now * cycle}), b = other->submit(request, Tick{now * cycle});
    ASSERT_EQ(a.kind, b.kind) << now;
    ASSERT_EQ(a.tick, b.tick) << now;
  }
  EXPECT_EQ(differences(saved(*cache), saved(*other), 10), std::vector<std::string>{});
}

TEST_P(CacheState, HostileStateIsRefusedOrRuns) {
  build(GetParam());
  Random random(5);
  for (u64 now = 0; now < 20'000; now += 5) cache->submit(some(random), Tick{now * cycle});
  const Json good = saved(*cache);
  int ran = 0;
  for (int i = 0; i < 150; ++i) {
    const Json bad = damaged(good, random);
    Component other_root{nullptr, "machine"};
    const auto victim = make(other_root, below);
    try {
      Archive loading = Archive::loading("cache", bad);
      victim->state(loading);
    } catch (const ConfigError&) {
      continue;
    }
    ++ran;
    for (u64 n = 0; n < 300; ++n) victim->submit(some(random), Tick{(20'000 + n * 7) * cycle});
  }
  EXPECT_GT(ran, 10);
}

TEST_P(CacheState, EveryAccessAndEveryPrefetchIsCountedOnce) {
  build(GetParam());
  Random random(9);
  u64 accesses = 0;
  for (u64 now = 0; now < 300'000; now += 9) {
    const Request request = some(random);
    ++accesses;
    Answer answer = cache->submit(request, Tick{now * cycle});
    while (answer.is_refused()) {
      ASSERT_GT(answer.tick.value(), now * cycle);  // so that it ends
      answer = cache->submit(request, answer.tick);
    }
    if (random.below(100) == 0) cache->snoop(PhysAddr{random.below(40) * 64}, random.below(2) ? Snoop::Take : Snoop::Share);
  }
  EXPECT_EQ(hits() + misses(), accesses + cache->prefetches_issued.value());
  u64 resident = 0;
  const Json marks = saved(*cache)["prefetched"];
  if (marks.is_binary()) {
    for (const u8 mark : marks.get_binary()) resident += mark;
  } else {
    for (const Json& mark : marks) resident += mark.get<u64>();
  }
  EXPECT_EQ(cache->prefetches_issued.value(),
            cache->prefetches_useful.value() + cache->prefetches_useless.value() + resident);
  EXPECT_LE(cache->prefetches_late.value(), cache->prefetches_useful.value());
}

INSTANTIATE_TEST_SUITE_P(All, CacheState, testing::ValuesIn(every_cache()));

}  // namespace
}  // namespace orrery
