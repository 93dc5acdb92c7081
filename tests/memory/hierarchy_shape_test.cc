// Trees of caches: what their parts are called, which descriptions are refused and how, and what
// inclusion, ownership and distance cost.
#include <gtest/gtest.h>

#include "base/error.h"
#include "memory/hierarchy.h"
#include "tests/base/config_message.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

// Caches of one line, or of two where it matters; 1 cycle of L1, 10 of L2, 100 of memory.
struct Shape : testing::Test {
  void build(u32 count, const Json& changes) {
    Json json = {{"l1i", one_line(1)},
                 {"l1d", one_line(1)},
                 {"l2", one_line(10)},
                 {"dram", {{"type", "fixed"}, {"latency", "100ns"}, {"beat", "0ns"}}}};
    json.merge_patch(changes);
    if (!json.contains("l2")) json["l2"] = nullptr;  // a patch removes what it calls null
    harts.clear();
    for (u32 i = 0; i < count; ++i)
      harts.push_back(std::make_unique<Component>(&machine, fmt::format("hart{}", i)));
    std::vector<Component*> parents;
    for (auto& hart : harts) parents.push_back(hart.get());
    Params params(json, "machine");
    HierarchyConfig config;
    config.visit(params, count);
    params.finish();
    hierarchy = std::make_unique<Hierarchy>(machine, parents, config, Clock(Frequency{1'000'000'000}),
                                            PhysAddr{line}, u64{1} << 20);
  }
  static Json one_line(u32 latency) {
    return {{"size", "64B"}, {"ways", 1}, {"line", "64B"}, {"latency_cycles", latency}};
  }

  Cache& l1d(HartId hart) { return hierarchy->ports(hart).l1d; }
  LineState state(HartId hart, u64 address) { return l1d(hart).find(PhysAddr{address}); }
  Cache& cache(const char* path) { return dynamic_cast<Cache&>(*machine.find(path)); }
  u64 access(HartId hart, u64 address, RequestKind kind = RequestKind::Load) {
    now += 10'000'000;
    Request request = request_for(address, kind);
    request.hart = hart;
    Cache& first = kind == RequestKind::Fetch ? hierarchy->ports(hart).l1i : l1d(hart);
    return (first.submit(request, now).tick - now) / 1000;
  }
  std::string refusal(u32 count, const Json& changes) {
    return config_message([&] { build(count, changes); });
  }

  static constexpr u64 line = 0x8000'0000;
  Component machine{nullptr, "machine"};
  std::vector<std::unique_ptr<Component>> harts;
  std::unique_ptr<Hierarchy> hierarchy;
  Tick now;
};

TEST_F(Shape, NamesSayWhoShares) {
  build(16, {{"l2", {{"harts", 2}}}, {"l3", {{"harts", 4}, {"line", "64B"}}}, {"l4", {{"line", "64B"}}}});
  for (const char* path : {"cluster0.l2", "cluster7.l2", "cluster7.coherence", "supercluster3.l3",
                           "supercluster3.coherence", "l4", "coherence"})
    EXPECT_NE(machine.find(path), nullptr) << path;
  EXPECT_EQ(machine.find("cluster8"), nullptr);
  EXPECT_EQ(machine.find("hart0.coherence"), nullptr);
}

TEST_F(Shape, PrivateLevelsBelongToTheirHart) {
  build(1, {{"l2", {{"harts", 1}}}});
  EXPECT_NE(machine.find("hart0.l2"), nullptr);
  EXPECT_EQ(access(0, line), 1u + 10 + 100);
}

TEST_F(Shape, WhatIsRefused) {
  EXPECT_EQ(refusal(6, {{"l2", {{"harts", 4}}}}),
            "machine.l2.harts: must be 0 (all harts) or divide the machine's 6, found 4");
  EXPECT_EQ(refusal(8, {{"l2", {{"harts", 4}}}, {"l3", {{"harts", 2}, {"line", "64B"}}}}),
            "machine.l3.harts: must be 0 (all harts) or a multiple of the 4 that share l2, found 2");
  EXPECT_EQ(refusal(2, {{"l2", {{"harts", 1}, {"line", "128B"}, {"size", "128B"}}}}),
            "machine.l2.line: must be that of l1d, 64B, where a level is inclusive, exclusive or not "
            "shared by all harts, found 128B");
  EXPECT_EQ(refusal(2, {{"l2", {{"line", "32B"}}}}),
            "machine.l2.line: must be at least as long as the lines of the caches above, 64B, found 32B");
  EXPECT_EQ(refusal(2, {{"l1d", {{"write", "through"}}}, {"l2", {{"inclusion", "exclusive"}}}}),
            "machine.l2.inclusion: \"exclusive\" needs write-back caches, here and above");
  EXPECT_EQ(refusal(3, {{"numa", {{"nodes", 2}}}}),
            "machine.numa.nodes: must divide the machine's 3 harts, found 2");
}

TEST_F(Shape, InclusiveLevelTakesWhatItEvicts) {
  build(2, {{"l2", {{"inclusion", "inclusive"}}}});
  access(0, line, RequestKind::Store);
  access(1, line + 64);
  EXPECT_EQ(state(0, line), LineState::Invalid);
  EXPECT_EQ(cache("l2").writebacks.value(), 1u);  // dirty above, clean in l2
}

TEST_F(Shape, OtherLevelsLeaveItAbove) {
  build(2, Json::object());
  access(0, line, RequestKind::Store);
  access(1, line + 64);
  EXPECT_EQ(state(0, line), LineState::Modified);
  EXPECT_EQ(cache("l2").writebacks.value(), 0u);
}

TEST_F(Shape, ExclusiveLevelHoldsWhatWasGivenUp) {
  build(1, {{"l2", {{"inclusion", "exclusive"}}}});
  access(0, line, RequestKind::Store);
  EXPECT_EQ(cache("l2").find(PhysAddr{line}), LineState::Invalid);
  access(0, line + 64);
  EXPECT_EQ(cache("l2").find(PhysAddr{line}), LineState::Modified);  // moved down,
  EXPECT_EQ(access(0, line), 1u + 10);                                // and up again, dirty
  EXPECT_EQ(state(0, line), LineState::Modified);
  EXPECT_EQ(cache("l2").find(PhysAddr{line}), LineState::Invalid);
  EXPECT_EQ(cache("l2").find(PhysAddr{line + 64}), LineState::Exclusive);  // a clean victim too
}

TEST_F(Shape, OwnerKeepsADirtyLine) {
  build(3, {{"coherence", {{"protocol", "moesi"}, {"forward_cycles", 5}}}});
  access(0, line, RequestKind::Store);
  EXPECT_EQ(access(1, line), 1u + 5);  // from the Owner
  EXPECT_EQ(state(0, line), LineState::Owned);
  EXPECT_EQ(state(1, line), LineState::Shared);
  EXPECT_EQ(l1d(0).writebacks.value(), 0u);
  EXPECT_EQ(access(2, line, RequestKind::Store), 1u + 5);
  EXPECT_EQ(state(0, line), LineState::Invalid);
  EXPECT_EQ(state(1, line), LineState::Invalid);
  EXPECT_EQ(cache("l2").hits[6].value() + cache("l2").misses[6].value(), 0u);  // nothing written
  access(0, line);
  access(2, line + 64);  // the Owner leaves; the other copy stays
  EXPECT_EQ(cache("l2").hits[6].value() + cache("l2").misses[6].value(), 1u);
  EXPECT_EQ(state(0, line), LineState::Shared);
}

TEST_F(Shape, StoresTakeInstructionsOnlyByDirectory) {
  for (const bool directory : {false, true}) {
    build(2, {{"coherence", {{"instruction_caches", directory ? "directory" : "fence.i"}}}});
    access(0, line, RequestKind::Fetch);
    access(1, line, RequestKind::Store);
    Cache& l1i = hierarchy->ports(0).l1i;
    EXPECT_EQ(l1i.find(PhysAddr{line}) == LineState::Invalid, directory);
    access(0, line, RequestKind::Fetch);
    l1i.fence_i();
    EXPECT_EQ(l1i.find(PhysAddr{line}) == LineState::Invalid, !directory);
    hierarchy.reset();
  }
}

TEST_F(Shape, AnotherClusterIsAskedOnlyWhenItHasTheLine) {
  build(4, {{"l2", {{"harts", 2}}}, {"coherence", {{"upgrade_cycles", 7}}}});
  access(0, line);
  access(1, line);
  EXPECT_EQ(access(0, line, RequestKind::Store), 1u + 7);  // within the cluster
  EXPECT_EQ(state(1, line), LineState::Invalid);
  access(2, line);
  access(1, line);
  EXPECT_EQ(access(1, line, RequestKind::Store), 1u + 7 + 10 + 7);  // both directories
  EXPECT_EQ(state(0, line), LineState::Invalid);
  EXPECT_EQ(state(2, line), LineState::Invalid);
}

TEST_F(Shape, OtherNodesAreFar) {
  build(2, {{"l2", nullptr}, {"numa", {{"nodes", 2}, {"distance", "30ns"}}}});
  const u64 upper = line + (u64{1} << 19);
  EXPECT_EQ(access(0, line), 1u + 100);
  EXPECT_EQ(access(0, upper), 1u + 100 + 30);
  EXPECT_EQ(access(1, upper + 64), 1u + 100);
  const Json statistics = report_statistics(machine, nullptr);
  EXPECT_EQ(statistics["machine.node0.dram.reads"], 1u);
  EXPECT_EQ(statistics["machine.node1.dram.reads"], 2u);
  EXPECT_EQ(statistics["machine.numa.remote"], 1u);
}

TEST_F(Shape, NetworkTakesItsTimeThereAndBack) {
  build(2, {{"interconnect", {{"type", "crossbar"}, {"latency_cycles", 3}, {"width", 8}}}, {"l2", nullptr}});
  // 8 bytes there, 8 + 64 back.
  EXPECT_EQ(access(0, line), 1u + (3 + 1) + 100 + (3 + 9));
}

// However many accesses come at one time, none of them waits, nor does one that comes afterwards.
TEST_F(Shape, WarmingTakesNoBanksOrPorts) {
  build(1, {{"l1d", {{"ports", 1}}}, {"l2", {{"banks", 1}, {"ports", 1}}}});
  now = Tick{50'000'000};
  hierarchy->set_warming(true);
  Request request = request_for(line, RequestKind::Load);
  for (u64 i = 0; i < 100; ++i) {
    request.address = PhysAddr{line + i % 2 * 64};  // each takes the other's place
    Answer answer = l1d(0).submit(request, now);
    for (; answer.is_refused(); answer = l1d(0).submit(request, now)) now = answer.tick;
  }
  EXPECT_LT(now, Tick{50'000'000 + 3 * 100 * 12'000});
  for (Cache* each : {&l1d(0), &cache("l2")}) {
    EXPECT_EQ(each->bank_conflicts.value(), 0u) << each->path();
    EXPECT_TRUE(each->under_way(now).arrays.empty()) << each->path();
  }
  hierarchy->set_warming(false);
  EXPECT_EQ(access(0, line), 1u + 10 + 100);
  EXPECT_EQ(l1d(0).under_way(now).arrays.size(), 1u);
}

}  // namespace
}  // namespace orrery
