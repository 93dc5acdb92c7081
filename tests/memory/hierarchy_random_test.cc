// Harts racing for few lines through random hierarchies: random trees, inclusion, protocols, sizes and
// networks, every kind of access. After each access the line's invariants hold (hierarchy_checker.h),
// every so often those of all lines, and in the end the counts agree. ORRERY_LONG=1: millions.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/archive.h"
#include "base/json.h"
#include "base/random.h"
#include "tests/memory/hierarchy_checker.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

bool is_long() {
  const char* text = std::getenv("ORRERY_LONG");
  return text && *text && std::string(text) != "0";
}

template <class... Words>
std::string one_of(Random& random, Words... words) {
  const std::string all[] = {words...};
  return all[random.below(sizeof...(words))];
}

// Small caches, so that everything is evicted often.
Json random_cache(Random& random, u64 ways_times_lines) {
  const u64 sets = u64{1} << random.below(3);
  const u64 ways = 1 + random.below(ways_times_lines);
  return {{"size", fmt::format("{}B", sets * ways * 64)},
          {"ways", ways},
          {"line", "64B"},
          {"latency_cycles", 1 + random.below(5)},
          {"mshrs", 1 + random.below(4)},
          {"replacement", {{"type", one_of(random, "lru", "random")}}}};
}

Json random_network(Random& random) {
  const std::string type = one_of(random, "ideal", "crossbar", "mesh");
  if (type == "ideal") return {{"type", type}};
  if (type == "crossbar")
    return {{"type", type}, {"width", 8 << random.below(3)}, {"slices", 1 + random.below(4)}};
  return {{"type", type}, {"columns", 1 + random.below(4)}, {"rows", 1 + random.below(4)},
          {"hop_cycles", random.below(4)}, {"slices", random.below(5)}};
}

Json random_hierarchy(Random& random, u32 harts) {
  Json json = {{"l1i", random_cache(random, 2)}, {"l1d", random_cache(random, 3)}};
  const bool through = random.below(6) == 0;
  if (through) {
    json["l1d"]["write"] = "through";
    json["l1d"]["write_allocate"] = random.below(2) == 0;
  }
  u64 sharers = 1;
  u64 size = 4;
  for (const char* level : {"l2", "l3", "l4"}) {
    json[level] = nullptr;
    if (random.below(4) == 0) continue;
    json[level] = random_cache(random, size);
    while (sharers < harts && random.below(2)) sharers *= 2;
    json[level]["harts"] = sharers == harts && random.below(2) ? 0 : sharers;
    json[level]["inclusion"] =
        through ? one_of(random, "none", "inclusive") : one_of(random, "none", "inclusive", "exclusive");
    size *= 2;
  }
  json["coherence"] = {{"protocol", one_of(random, "mesi", "moesi")},
                       {"instruction_caches", one_of(random, "fence.i", "directory")},
                       {"forwarding", random.below(2) == 0},
                       {"lookup_cycles", random.below(3)}};
  json["interconnect"] = random_network(random);
  json["numa"] = {{"nodes", u64{1} << random.below(2)}};
  json["dram"] = {{"type", one_of(random, "fixed", "banked")}};
  return json;
}

struct RandomMachine {
  RandomMachine(const Json& json, u32 count) {
    for (u32 i = 0; i < count; ++i)
      harts.push_back(std::make_unique<Component>(&machine, fmt::format("hart{}", i)));
    std::vector<Component*> parents;
    for (auto& hart : harts) parents.push_back(hart.get());
    Params params(json, "machine");
    HierarchyConfig config;
    config.visit(params, count);
    params.finish();
    hierarchy = std::make_unique<Hierarchy>(machine, parents, config, Clock(Frequency{1'000'000'000}),
                                            base, u64{1} << 20);
  }

  static constexpr PhysAddr base{0x8000'0000};
  Component machine{nullptr, "machine"};
  std::vector<std::unique_ptr<Component>> harts;
  std::unique_ptr<Hierarchy> hierarchy;
};

// One random access of one hart; a refused one is tried again when it is worth it. The line touched.
class Traffic {
 public:
  Traffic(RandomMachine& machine, Random& random) : machine_(machine), random_(random) {}

  PhysAddr step() {
    now_ += random_.below(3) * 1000;
    const auto hart = static_cast<HartId>(random_.below(machine_.harts.size()));
    Hierarchy::Ports ports = machine_.hierarchy->ports(hart);
    Request request;
    // Lines of both NUMA nodes, some of the same set.
    request.address = machine_.base + random_.below(2) * (u64{1} << 19) + random_.below(12) * 64 +
                      random_.below(8) * 8;
    request.hart = hart;
    static constexpr RequestKind kinds[] = {RequestKind::Load, RequestKind::Load,   RequestKind::Store,
                                            RequestKind::Store, RequestKind::Atomic, RequestKind::Fetch,
                                            RequestKind::Fetch, RequestKind::Walk,   RequestKind::Prefetch};
    request.kind = kinds[random_.below(std::size(kinds))];
    if (random_.below(200) == 0) ports.l1i.fence_i();
    const bool code = request.kind == RequestKind::Fetch ||
                      (request.kind == RequestKind::Prefetch && random_.below(2) == 0);
    Cache& cache = code ? ports.l1i : ports.l1d;
    if (!cache.fast_hit(request.address, request.size, request.kind, now_)) {
      Answer answer = cache.submit(request, now_);
      for (int tries = 0; answer.is_refused(); ++tries) {
        EXPECT_LT(tries, 1000);
        EXPECT_GT(answer.tick, now_);
        now_ = std::max(answer.tick, now_ + 1);
        answer = cache.submit(request, now_);
      }
      EXPECT_GE(answer.tick, now_);
      latest_ = std::max(latest_, answer.tick);
    }
    ++accesses;
    return PhysAddr{request.address.value() & ~u64{63}};
  }
  Tick now() const { return now_; }
  Tick latest() const { return latest_; }
  u64 accesses = 0;

 private:
  RandomMachine& machine_;
  Random& random_;
  Tick now_, latest_;
};

struct RandomHierarchy : testing::TestWithParam<int> {};

TEST_P(RandomHierarchy, InvariantsHoldAfterEveryAccess) {
  Random random(static_cast<u64>(GetParam()) + 1);
  const u32 harts = u32{2} << random.below(4);
  const Json json = random_hierarchy(random, harts);
  SCOPED_TRACE(testing::Message() << harts << " harts, " << json.dump());
  RandomMachine machine(json, harts);
  HierarchyChecker checker(*machine.hierarchy);
  Traffic traffic(machine, random);
  const int steps = is_long() ? 2'000'000 : 4'000;
  for (int i = 0; i < steps; ++i) {
    const PhysAddr line = traffic.step();
    ASSERT_EQ(checker.check(line), "") << "access " << i;
    if (i % 256 == 0) {
      ASSERT_EQ(checker.check_all(), "") << "access " << i;
    }
  }
  ASSERT_EQ(checker.check_all(), "");
}

INSTANTIATE_TEST_SUITE_P(Trees, RandomHierarchy, testing::Range(0, 120));

}  // namespace
}  // namespace orrery
