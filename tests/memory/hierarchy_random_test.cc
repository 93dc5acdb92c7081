// Harts racing for few lines through random hierarchies: random trees, inclusion, protocols, sizes and
// networks, every kind of access. After each access the line's invariants hold (hierarchy_checker.h),
// every so often those of all lines, and in the end the counts agree. Two million accesses are from 16
// harts; ORRERY_LONG=1: 800 million.
#include <gtest/gtest.h>

#include "base/archive.h"
#include "base/error.h"
#include "base/json.h"
#include "base/random.h"
#include "tests/environment.h"
#include "tests/memory/hierarchy_checker.h"
#include "tests/memory/hierarchy_counts.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

template <class... Words>
std::string one_of(Random& random, Words... words) {
  const std::string all[] = {words...};
  return all[random.below(sizeof...(words))];
}

// Small caches, so that everything is evicted often.
Json random_cache(Random& random, u64 ways_times_lines) {
  const u64 sets = u64{1} << random.below(3);
  const u64 ways = 1 + random.below(ways_times_lines);
  Json json = {{"size", fmt::format("{}B", sets * ways * 64)},
               {"ways", ways},
               {"line", "64B"},
               {"latency_cycles", 1 + random.below(5)},
               {"mshrs", 1 + random.below(4)},
               {"replacement", {{"type", one_of(random, "lru", "random", "tree_plru", "srrip", "drrip", "ship")}}}};
  if (random.below(4) == 0) json["write_buffer"] = 1 + random.below(2);
  if (random.below(4) == 0) json["banks"] = u64{1} << random.below(2);
  if (random.below(4) == 0) json["ports"] = 1 + random.below(2);
  if (random.below(3) == 0)
    json["prefetcher"]["type"] = one_of(random, "next_line", "stride", "stream", "best_offset", "signature_path");
  return json;
}

Json random_network(Random& random) {
  const std::string type = one_of(random, "ideal", "crossbar", "mesh");
  if (type == "ideal") return {{"type", type}};
  if (type == "crossbar")
    return {{"type", type}, {"width", 8 << random.below(3)}, {"slices", 1 + random.below(4)}};
  return {{"type", type}, {"columns", 1 + random.below(4)}, {"rows", 1 + random.below(4)},
          {"hop_cycles", random.below(4)}, {"slices", random.below(5)}};
}

// Remembers what memory has not been given: the lines stored to since they were last written to it.
class RecordingDram final : public Dram {
 public:
  struct Config {
    void visit(Params&) {}
  };
  RecordingDram(const Config&, Component& parent) : Dram(parent) {}

  Answer submit(const Request& request, Tick now) override {
    count(request);
    ++of_kind[static_cast<unsigned>(request.kind)];
    if (request.writes()) {
      stale.erase(request.address.value() / 64);
      bytes_written += request.size;
    }
    return Answer::done(now + 50'000);
  }

  std::set<u64> stale;
  u64 of_kind[request_kinds] = {};
  u64 bytes_written = 0;
};
const bool registered = Drams::add<RecordingDram>("recording", "remembers what memory has not been given");

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
  json["dram"] = {{"type", one_of(random, "fixed", "banked", "recording", "recording")}};
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
                                            base, size);
  }

  // Of the line's node; null: another kind of memory.
  RecordingDram* recording(PhysAddr line) {
    Component* single = machine.find("dram");
    const bool is_upper = line - base >= size / 2;
    return dynamic_cast<RecordingDram*>(single ? single : machine.find(is_upper ? "node1.dram" : "node0.dram"));
  }
  // Of all caches of this name.
  template <class Count>
  u64 sum(const char* cache, Count&& count) {
    u64 all = 0;
    machine.for_each([&](Component& part) {
      if (part.name() == cache) all += count(dynamic_cast<Cache&>(part));
    });
    return all;
  }
  u64 total(std::array<Counter, request_kinds> Cache::*counters, const char* cache, RequestKind kind) {
    return sum(cache, [&](Cache& c) { return (c.*counters)[static_cast<unsigned>(kind)].value(); });
  }
  u64 total(Counter Cache::*counter, const char* cache) {
    return sum(cache, [&](Cache& c) { return (c.*counter).value(); });
  }

  static constexpr u64 size = u64{1} << 20;
  static constexpr PhysAddr base{0x8000'0000};
  Component machine{nullptr, "machine"};
  std::vector<std::unique_ptr<Component>> harts;
  std::unique_ptr<Hierarchy> hierarchy;
};

// One random access of one hart; a refused one is tried again when it is worth it. The line touched.
class Traffic {
 public:
  Traffic(RandomMachine& machine, Random& random, const Json& json)
      : machine_(machine), random_(random), writes_back_(!json["l1d"].contains("write")) {}

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
    if (cache.fast_hit(request.address, request.size, request.kind, now_)) {
      last_ = now_ + cache.latency_cycles() * 1000;
    } else {
      Answer answer = cache.submit(request, now_);
      for (int tries = 0; answer.is_refused(); ++tries) {
        EXPECT_LT(tries, 1000);
        EXPECT_GT(answer.tick, now_);
        now_ = std::max(answer.tick, now_ + 1);
        answer = cache.submit(request, now_);
      }
      EXPECT_GE(answer.tick, now_);
      latest_ = std::max(latest_, answer.tick);
      last_ = answer.tick;
    }
    ++accesses[static_cast<unsigned>(request.kind)];
    const PhysAddr line{request.address.value() & ~u64{63}};
    if (request.owns() && writes_back_)
      if (RecordingDram* dram = machine_.recording(line)) dram->stale.insert(line.value() / 64);
    return line;
  }
  Tick now() const { return now_; }
  void set_now(Tick now) { now_ = now; }
  Tick last() const { return last_; }      // when the last access was done,
  Tick latest() const { return latest_; }  // and when all are
  u64 accesses[request_kinds] = {};

 private:
  RandomMachine& machine_;
  Random& random_;
  const bool writes_back_;
  Tick now_, last_, latest_;
};

// Another element of the same array in its place, or a small number: both may pass for true.
void forge(Json& field, const std::string& name, Random& random) {
  static const std::set<std::string> forged = {"tags", "states", "data", "code", "owners", "alone"};
  if (!forged.contains(name) || random.below(3)) return;
  if (field.is_array() && !field.empty()) {
    const u64 at = random.below(field.size());
    field[at] = random.below(2) ? field[random.below(field.size())] : Json(random.below(4));
  } else if (field.is_binary() && !field.get_binary().empty()) {
    auto& bytes = field.get_binary();
    const u64 width = name == "tags" || name == "data" || name == "code" ? 8 : 1;
    const u64 from = random.below(bytes.size() / width), to = random.below(bytes.size() / width);
    for (u64 i = 0; i < width; ++i) bytes[to * width + i] = bytes[from * width + i];
  }
}

struct RandomHierarchy : testing::TestWithParam<int> {
  Random random{static_cast<u64>(GetParam()) + 1};
  const u32 harts = u32{2} << random.below(4);
  const Json json = random_hierarchy(random, harts);
  std::string described() const { return fmt::format("{} harts, {}", harts, json.dump()); }
};

TEST_P(RandomHierarchy, InvariantsHoldAfterEveryAccess) {
  SCOPED_TRACE(described());
  RandomMachine machine(json, harts);
  HierarchyChecker checker(*machine.hierarchy);
  Traffic traffic(machine, random, json);
  const int steps = long_run() ? 2'000'000 : harts == 16 ? 200'000 : 10'000;
  for (int i = 0; i < steps; ++i) {
    const PhysAddr line = traffic.step();
    ASSERT_EQ(checker.check(line), "") << "access " << i;
    if (i % 256 != 0) continue;
    ASSERT_EQ(checker.check_all(), "") << "access " << i;
    // What was stored is in memory or in a cache that knows it must go there.
    if (RecordingDram* dram = machine.recording(line)) {
      for (const u64 stale : dram->stale)
        ASSERT_TRUE(checker.is_dirty(PhysAddr{stale * 64})) << "line " << stale << " lost, access " << i;
    }
  }
  ASSERT_EQ(checker.check_all(), "");
}

void expect_bytes_agree(RandomMachine& machine) {
  const BytesMoved bytes(machine.machine);
  EXPECT_GT(bytes.up, 0u);
  EXPECT_EQ(bytes.above(), bytes.below());
  u64 memory_written = 0;
  machine.machine.for_each([&](Component& part) {
    if (const auto* directory = dynamic_cast<Coherence*>(&part)) {
      EXPECT_EQ(directory->bytes_forwarded.value(), directory->forwards.value() * 64);
    }
    if (const auto* dram = dynamic_cast<RecordingDram*>(&part)) memory_written += dram->bytes_written;
  });
  if (!machine.recording(machine.base)) return;
  EXPECT_EQ(bytes.down + bytes.written_by_directories, bytes.written + memory_written);
}

TEST_P(RandomHierarchy, CountsAgreeAndAllIsFreeInTheEnd) {
  SCOPED_TRACE(described());
  RandomMachine machine(json, harts);
  Traffic traffic(machine, random, json);
  for (int i = 0; i < 4'000; ++i) traffic.step();
  EXPECT_NE(taken(machine.machine, traffic.now()), "");  // the last misses are under way

  const auto accesses = [&](const char* cache, RequestKind kind) {
    return machine.total(&Cache::hits, cache, kind) + machine.total(&Cache::misses, cache, kind);
  };
  for (const RequestKind kind : {RequestKind::Fetch, RequestKind::Load, RequestKind::Store,
                                 RequestKind::Atomic, RequestKind::Walk})
    EXPECT_EQ(accesses(kind == RequestKind::Fetch ? "l1i" : "l1d", kind),
              traffic.accesses[static_cast<unsigned>(kind)]);

  // What a level misses is what the next one is asked for, but for lines from neighbouring caches.
  u64 forwards = 0;
  machine.machine.for_each([&](Component& part) {
    if (part.name() == "coherence") forwards += dynamic_cast<Coherence&>(part).forwards.value();
  });
  u64 missing = 0;
  for (const RequestKind kind : {RequestKind::Fetch, RequestKind::Load, RequestKind::Walk, RequestKind::Prefetch}) {
    u64 missed = machine.total(&Cache::misses, "l1i", kind) + machine.total(&Cache::misses, "l1d", kind);
    for (const char* level : {"l2", "l3", "l4"}) {
      if (json[level].is_null()) continue;
      u64 asked = accesses(level, kind);
      if (kind == RequestKind::Prefetch) asked -= machine.total(&Cache::prefetches_issued, level);  // by its own prefetcher
      EXPECT_LE(asked, missed) << level;
      missing += missed - asked;
      missed = machine.total(&Cache::misses, level, kind);
    }
    if (!machine.recording(machine.base)) continue;
    u64 read = 0;
    for (const u64 node : {u64{0}, machine.size / 2})
      if (node == 0 || !machine.machine.find("dram"))
        read += machine.recording(machine.base + node)->of_kind[static_cast<unsigned>(kind)];
    EXPECT_LE(read, missed);
    missing += missed - read;
  }
  EXPECT_LE(missing, forwards);
  if (forwards == 0) {
    EXPECT_EQ(missing, 0u);
  }

  expect_bytes_agree(machine);

  // Prefetches and written lines, which nobody waits for, come after the last answer, but not long.
  constexpr u64 settling = 10'000'000;  // ticks; banked memory takes a quarter of that
  EXPECT_EQ(taken(machine.machine, traffic.latest() + settling), "");
}

TEST_P(RandomHierarchy, RestoredGoesOnAsTheSavedOne) {
  SCOPED_TRACE(described());
  RandomMachine machine(json, harts), other(json, harts);
  Traffic traffic(machine, random, json);
  for (int i = 0; i < 500; ++i) traffic.step();
  load_tree(other.machine, save_tree(machine.machine, true), true);
  EXPECT_EQ(HierarchyChecker(*other.hierarchy).check_all(), "");

  Random same = random;
  Traffic going_on(other, same, json);
  going_on.set_now(traffic.now());
  for (int i = 0; i < 500; ++i) {
    traffic.step();
    going_on.step();
    ASSERT_EQ(traffic.last(), going_on.last()) << i;
  }
  EXPECT_EQ(differences(save_tree(machine.machine, true), save_tree(other.machine, true), 10),
            std::vector<std::string>{});
}

// Tags, states and directories that no run leads to: refused, or run with to no harm.
TEST_P(RandomHierarchy, HostileStateIsHarmless) {
  SCOPED_TRACE(described());
  RandomMachine machine(json, harts);
  Traffic traffic(machine, random, json);
  for (int i = 0; i < 300; ++i) traffic.step();
  const Json saved = save_tree(machine.machine, true);
  for (int i = 0; i < 30; ++i) {
    Json forged = saved;
    for (auto& [path, section] : forged.items())
      for (auto& [name, field] : section.items()) forge(field, name, random);
    RandomMachine victim(json, harts);
    try {
      load_tree(victim.machine, forged, true);
    } catch (const ConfigError&) {
      continue;
    }
    Traffic after(victim, random, json);
    after.set_now(traffic.latest());
    for (int j = 0; j < 200; ++j) after.step();
  }
}

INSTANTIATE_TEST_SUITE_P(Trees, RandomHierarchy, testing::Range(0, long_run() ? 400 : 40));

}  // namespace
}  // namespace orrery
