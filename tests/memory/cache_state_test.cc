// A restored cache does what the saved one goes on to do, under every replacement policy.
#include "base/random.h"
#include "tests/memory/cache_fixture.h"

namespace orrery {
namespace {

struct CacheState : CacheFixture, testing::WithParamInterface<std::string> {};

TEST_P(CacheState, RestoredEqualsKeptRunning) {
  const Json replacement = {{"replacement", {{"type", GetParam()}}}};
  build(replacement);
  Random random(3);
  const auto some = [&](Cache& into, u64 address, u64 now) {
    return into.submit(request_for(address, now % 7 ? RequestKind::Load : RequestKind::Store),
                       Tick{now * cycle});
  };
  u64 now = 0;
  for (; now < 3000; now += 3) some(*cache, random.below(40) * 64, now);

  Archive saving = Archive::saving("cache");
  cache->state(saving);
  const Json saved = saving.take();

  Component other_root{nullptr, "machine"};
  Json json = description();
  json.update(replacement);
  Cache other(&other_root, "cache", read_config<CacheConfig>(json),
              Clock(Frequency{1'000'000'000}), below, uncacheable);
  Archive loading = Archive::loading("cache", saved);
  other.state(loading);
  loading.finish();

  for (; now < 9000; now += 3) {
    const u64 address = random.below(40) * 64;
    const Answer a = some(*cache, address, now), b = some(other, address, now);
    ASSERT_EQ(a.kind, b.kind) << now;
    ASSERT_EQ(a.tick, b.tick) << now;
  }
  Archive first = Archive::saving("cache"), second = Archive::saving("cache");
  cache->state(first);
  other.state(second);
  EXPECT_EQ(differences(first.take(), second.take(), 10), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(All, CacheState, testing::ValuesIn(ReplacementPolicies::names()));

}  // namespace
}  // namespace orrery
