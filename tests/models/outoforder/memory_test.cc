// Loads and stores: hits, misses, forwarding, overlaps, dependence, the write buffer, TLBs, atomics.
#include "tests/models/outoforder/core_fixture.h"

namespace orrery::ooo {
namespace {

using OooMemory = CoreTest;

// The access goes on at `second`, on another page.
Record across(Record r, u64 second) {
  r.second = PhysAddr{second};
  return r;
}

TEST_F(OooMemory, LoadUse) {
  build();
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 3u);
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, data));
              rig->enter(alu(6, 5));
            }),
            3u + 1);
}

TEST_F(OooMemory, MissesOverlapUpToTheMshrs) {
  build();
  // The access starts 1 cycle after issue, the cache forwards it after 2, memory answers after 100.
  EXPECT_EQ(cycles([&] { rig->enter(load(5, cold)); }), 103u);
  EXPECT_EQ(rig->attributed(CycleCause::LoadMiss), 4u * 100);
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, cold + 64));
              rig->enter(load(6, cold + 128));
            }),
            103u + 1);
  // The third is refused until the first has arrived (its access: cycle 103).
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, cold + 192));
              rig->enter(load(6, cold + 256));
              rig->enter(load(7, cold + 320));
            }),
            103u + 102);
}

TEST_F(OooMemory, LoadsPerCycleAreBounded) {
  for (const u64 loads : {1u, 2u}) {
    build({{"queues", {{"memory", {{"loads", loads}}}}}});
    EXPECT_EQ(cycles([&] { for (u8 i = 0; i < 8; ++i) rig->enter(load(5, data)); }), 8 / loads - 1 + 3);
  }
}

TEST_F(OooMemory, StoresForward) {
  build({{"load_store", {{"store_data_cycles", 4}, {"replay_cycles", 3}, {"forward_cycles", 2}}}});
  // The load finds the store at 1, without its data; that is there at 0 + 4, the load tries again 3
  // later, is 1 in reaching the queue and gets it after 2.
  EXPECT_EQ(cycles([&] {
              rig->enter(store(data));
              rig->enter(load(5, data));
            }),
            4u + 3 + 1 + 2);
  EXPECT_EQ(rig->core.forwarded.value(), 1u);
  EXPECT_EQ(cycles([&] {  // a part of it
              rig->enter(store(data));
              rig->enter(load(5, data + 4, 0, 4));
            }),
            4u + 3 + 1 + 2);
  EXPECT_EQ(rig->core.forwarded.value(), 2u);
}

TEST_F(OooMemory, PartialOverlapsWaitForTheCache) {
  build();
  const u64 forwarded = rig->core.forwarded.value();
  const u64 partial = cycles([&] {
    rig->enter(store(data, 0, 0, 4));
    rig->enter(load(5, data, 0, 8));
  });
  EXPECT_EQ(rig->core.forwarded.value(), forwarded);
  EXPECT_GT(partial, 8u);
  EXPECT_LT(cycles([&] {  // beside each other
              rig->enter(store(data, 0, 0, 4));
              rig->enter(load(5, data + 4, 0, 4));
            }),
            partial);
}

// A store whose address comes from a division, and a load of the same bytes behind it.
TEST_F(OooMemory, LoadsThatWentAheadAreDoneAgain) {
  build();
  const auto run = [&](u64 pc) {
    jump(pc);
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 6));
      rig->enter(store(data, 6));
      rig->enter(load(5, data));
    });
  };
  const u64 start = rig->pc;
  const u64 first = run(start);
  EXPECT_EQ(rig->core.violations.value(), 1u);
  EXPECT_EQ(rig->core.squashed.value(), 1u);
  const u64 second = run(start);  // it waits now
  EXPECT_EQ(rig->core.violations.value(), 1u);
  EXPECT_LT(second, first);
}

TEST_F(OooMemory, DependencePolicies) {
  for (const auto& [policy, violations] : {std::pair{"wait", 0u}, std::pair{"ignore", 2u}}) {
    build({{"load_store", {{"dependence", policy}}}});
    const u64 start = rig->pc;
    for (int i = 0; i < 2; ++i) {
      jump(start);
      rig->cycles([&] {
        rig->enter(op(OpClass::IntDiv, 6));
        rig->enter(store(data, 6));
        rig->enter(load(5, data));
        rig->enter(load(7, data + 64));  // does not depend
      });
    }
    EXPECT_EQ(rig->core.violations.value(), violations) << policy;
  }
}

TEST_F(OooMemory, WriteBufferMergesAndBounds) {
  const auto stores = [&](u64 stride) {
    return rig->cycles([&] { for (u64 i = 0; i < 32; ++i) rig->enter(store(data + i * stride % 256)); });
  };
  build({{"load_store", {{"write_interval", 4}, {"write_merge", 16}, {"write_buffer", 2}}}});
  const u64 merged = stores(0), apart = stores(16);
  EXPECT_LT(merged, 50u);
  EXPECT_GE(apart, 32u * 4);
}

// Writes wait for a cycle without an address, but for as long as there is room only.
TEST_F(OooMemory, WritesWaitForACycleWithoutAddresses) {
  const auto run = [&](u64 urgent, u64 stores, int loads) {
    build({{"load_store", {{"write_urgent", urgent}, {"write_merge", 16}, {"write_buffer", 8}}}});
    for (u64 i = 0; i < 16; ++i) rig->enter(load(5, data + i * 16 % 256));  // warm
    return cycles([&] {
      for (int i = 0; i < loads; ++i) {
        rig->enter(load(5, data));
        if (u64(i) < stores) rig->enter(store(data + u64(i) * 16 % 256));
      }
    });
  };
  // A load a cycle, the last one issued at t and over at t + 4. Six blocks find place until then, are
  // written at t + 1 to t + 6 and over 3 later.
  EXPECT_EQ(run(7, 6, 64) - run(0, 6, 64), 6u + 3 - 4);
  // Sixteen: with seven in use one is written in place of addresses, so ten of the sixteen are.
  EXPECT_EQ(run(7, 16, 64) - run(0, 16, 64), 10u + 6 + 3 - 4);
  // Without a moment without addresses to wait for there is nothing to wait with either.
  EXPECT_EQ(run(1, 16, 64) - run(0, 16, 64), 16u);
}

// A load that needs what waits there makes it hurry: it would wait as long as there are other loads.
TEST_F(OooMemory, WhoWaitsForAWriteMakesItUrgent) {
  build({{"load_store", {{"write_urgent", 7}, {"write_merge", 16}, {"write_buffer", 8}}}});
  rig->enter(store(data, 0, 0, 4));
  for (int i = 0; i < 32; ++i) rig->enter(load(5, data + 64));
  const u64 partly = cycles([&] {
    rig->enter(store(data, 0, 0, 4));
    for (int i = 0; i < 12; ++i) rig->enter(load(5, data + 64));
    rig->enter(load(6, data));  // of which the write buffer has a half
    for (int i = 0; i < 100; ++i) rig->enter(load(5, data + 64));
  });
  EXPECT_LT(partly, 100u + 12 + 20);
}

TEST_F(OooMemory, FpLoadsTakeLonger) {
  for (const u64 more : {0u, 1u, 4u}) {
    build({{"load_store", {{"fp_load_cycles", more}}}});
    EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 3u);
    EXPECT_EQ(cycles([&] { rig->enter(load(fp_base + 5, data)); }), 3u + more);
  }
}

TEST_F(OooMemory, PlacesMayBeTakenAtIssue) {
  // Four loads behind a missing one: with two places at rename nothing behind them is renamed.
  const auto run = [&](const char* reserve) {
    build({{"load_store", {{"reserve", reserve}, {"load_queue", 2}}}});
    return cycles([&] {
      rig->enter(load(5, cold));
      for (int i = 0; i < 4; ++i) rig->enter(load(6, data));
      for (int i = 0; i < 50; ++i) rig->enter(alu(7, 7));
    });
  };
  EXPECT_GT(run("rename"), run("issue") + 30);
}

// Stores take their places at issue, in order too, and only those behind a store with a place wait.
TEST_F(OooMemory, StoresWaitForPlacesAtIssue) {
  const auto run = [&](u64 places) {
    build({{"load_store", {{"reserve", "issue"}, {"store_queue", places}}}});
    return cycles([&] {
      rig->enter(load(5, cold));  // nothing commits before it
      for (u64 i = 0; i < 16; ++i) rig->enter(store(data + i * 8));
    });
  };
  EXPECT_EQ(run(16), run(64));
  EXPECT_GT(run(1), run(16) + 16);
}

TEST_F(OooMemory, MissesOfTheTlbWalk) {
  build();
  rig->core.set_space({SpaceId::untranslated, 1});
  const u64 miss = cycles([&] { rig->enter(load(5, data)); });
  EXPECT_EQ(rig->core.walks.value(), 1u);
  EXPECT_EQ(miss, 3 * 102u + 3);  // three reads of tables in memory, then the access
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 3u);
  EXPECT_GT(rig->attributed(CycleCause::Dtlb), 4u * 250);
}

TEST_F(OooMemory, WalkCacheSkipsUpperLevels) {
  build(Json::object(), {{"walk_cache", {{"entries", 4}, {"ways", 4}}}});
  rig->core.set_space({SpaceId::untranslated, 1});
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 3 * 102u + 3);
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 0x1000)); }), 2u + 103);  // the last read hits, the load misses
  rig->core.flush_tlbs();
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 3 * 2u + 3);
}

TEST_F(OooMemory, CrossingPagesTranslatesBoth) {
  build();
  rig->core.set_space({SpaceId::untranslated, 1});
  rig->cycles([&] { rig->enter(load(5, data + 0xffc)); });
  EXPECT_EQ(rig->core.walks.value(), 2u);
  rig->cycles([&] { rig->enter(load(5, data + 0x1000)); });
  EXPECT_EQ(rig->core.walks.value(), 2u);
}

TEST_F(OooMemory, AtomicsRunAloneBehindWrittenStores) {
  build();
  Record amo = load(5, data + 64);
  amo.op_class = OpClass::Atomic;
  amo.memory = Record::Memory::Atomic;
  const u64 alone = cycles([&] { rig->enter(amo); });
  EXPECT_EQ(alone, 3u);
  const u64 behind = cycles([&] {
    rig->enter(store(cold));
    rig->enter(amo);
  });
  EXPECT_GT(behind, 103u);
}

// What is on the second page is where that page is.
TEST_F(OooMemory, AcrossPages) {
  build();
  constexpr u64 page_size = 4096, first = cold + page_size - 4, second = cold + 16 * page_size;
  const auto crossing = [](const Record& r) { return across(r, second); };
  rig->enter(crossing(load(5, first)));
  rig->core.drain();
  const Cache& l1d = rig->hierarchy.ports(0).l1d;
  EXPECT_TRUE(l1d.holds(PhysAddr{cold + page_size - 64}));
  EXPECT_TRUE(l1d.holds(PhysAddr{second}));
  EXPECT_FALSE(l1d.holds(PhysAddr{cold + page_size}));
  rig->enter(crossing(store(first + 2 * page_size)));
  rig->core.drain();
  EXPECT_EQ(l1d.find(PhysAddr{second}), LineState::Modified);
  EXPECT_FALSE(l1d.holds(PhysAddr{cold + 3 * page_size}));
}

Record atomic(u8 dest, u64 address) {
  Record r = load(dest, address);
  r.op_class = OpClass::Atomic;
  r.memory = Record::Memory::Atomic;
  return r;
}

// A load of an atomic's bytes waits for it, others do not.
TEST_F(OooMemory, LoadsBehindAtomics) {
  build();
  const auto pair = [&](u64 address) {
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 6));  // keeps the atomic from being the oldest
      rig->enter(atomic(5, data));
      rig->enter(load(7, address));
      for (int i = 0; i < 8; ++i) rig->enter(alu(7, 7));
    });
  };
  const u64 other = pair(data + 64);
  EXPECT_GE(pair(data), other + 4);
}

// ... unless the atomic acquires: then all do.
TEST_F(OooMemory, LoadsBehindAcquires) {
  build();
  const auto pair = [&](u64 address, bool acquire) {
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 6));
      Record amo = atomic(5, data);
      amo.acquire = acquire;
      rig->enter(amo);
      rig->enter(load(7, address));
      for (int i = 0; i < 8; ++i) rig->enter(alu(7, 7));
    });
  };
  EXPECT_GE(pair(data + 64, true), pair(data, false));
  EXPECT_GE(pair(data + 64, true), pair(data + 64, false) + 4);
}

// An access that crosses a line is a cycle longer and takes its pipe twice.
TEST_F(OooMemory, CrossingLinesTakesTwoTurns) {
  build();
  rig->cycles([&] { rig->enter(load(5, data + 128)); });
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 56)); }), 3u);
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 57)); }), 4u);
  const auto loads = [&](u64 offset) {
    return cycles([&] { for (int i = 0; i < 8; ++i) rig->enter(load(5, data + offset)); });
  };
  EXPECT_EQ(loads(60), 2 * loads(56) - 2);  // 7 and 14 behind the first, which takes 3 and 4
  // The last store's address comes 7 and 14 behind the first one's, and the load waits for it.
  const auto behind_stores = [&](u64 offset) {
    return cycles([&] {
      for (int i = 0; i < 8; ++i) rig->enter(store(data + 64 + offset));
      rig->enter(load(5, data));
      for (int i = 0; i < 60; ++i) rig->enter(alu(5, 5));
    });
  };
  const Json waits = {{"load_store", {{"dependence", "wait"}}}};
  build(waits);
  const u64 within = behind_stores(0);
  EXPECT_EQ(behind_stores(60), within + 7);
  build({{"load_store", {{"split_bytes", 16}}}});
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 8)); }), 3u);
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 12)); }), 4u);
}

// A cache whose ports are modelled already takes two cycles for what crosses its lines.
TEST_F(OooMemory, CrossingLinesIsPaidOnce) {
  for (const Json& l1d : {Json::object(), Json{{"ports", 1}}, Json{{"line", "32B"}}}) {
    build(Json::object(), {{"l1d", l1d}});
    for (const u64 line : {0, 32, 64}) rig->cycles([&] { rig->enter(load(5, data + line)); });
    EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 24)); }), 3u);
    EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 60)); }), 4u);
    EXPECT_EQ(cycles([&] { rig->enter(load(5, data + 28)); }), l1d.contains("line") ? 4u : 3u);
  }
}

// A load that hits is a hit, however long it has waited before.
TEST_F(OooMemory, WaitingIsNoMiss) {
  build();
  rig->cycles([&] { rig->enter(load(5, data + 64)); });
  const u64 misses = rig->attributed(CycleCause::LoadMiss);
  for (int i = 0; i < 20; ++i) {
    rig->cycles([&] {
      Record amo = atomic(5, data);
      amo.acquire = true;
      rig->enter(amo);
      rig->enter(load(7, data + 64));
      rig->enter(store(data + 128));
      rig->enter(load(7, data + 128));
    });
  }
  EXPECT_EQ(rig->attributed(CycleCause::LoadMiss), misses);
}

// What a store wrote on its second page is found there, and not on the page behind the first.
TEST_F(OooMemory, StoresAcrossPagesForward) {
  build();
  constexpr u64 page = 4096, first = data + page - 4, second = data + 16 * page;
  const auto crossing = [](const Record& r) { return across(r, second); };
  for (const u64 line : {first, second, data + page}) cycles([&] { rig->enter(load(5, line)); });
  const auto pair = [&](const Record& written, const Record& read) {
    return cycles([&] {
      rig->enter(op(OpClass::IntDiv, 6));  // keeps the store from leaving its queue
      rig->enter(written);
      rig->enter(read);
      for (int i = 0; i < 8; ++i) rig->enter(alu(7, i == 0 ? 5 : 7));
    });
  };
  const u64 forwarded = pair(crossing(store(first)), crossing(load(5, first)));
  EXPECT_EQ(rig->core.forwarded.value(), 1u);
  EXPECT_EQ(pair(crossing(store(first)), load(5, data + page)), forwarded);  // does not meet it
  EXPECT_EQ(rig->core.forwarded.value(), 1u);
  EXPECT_GT(pair(crossing(store(first)), load(5, second, 0, 4)), forwarded + 4);
  EXPECT_GT(pair(crossing(store(first)), load(5, first, 0, 4)), forwarded + 4);
  EXPECT_GT(pair(store(second, 0, 0, 1), crossing(load(5, first))), forwarded + 4);
}

TEST(OooWriteBuffer, BothPages) {
  constexpr PhysAddr first{0x1ffc}, second{0x8000};
  WriteBuffer buffer(4, 16);
  EXPECT_TRUE(buffer.push(second, 1, 0, Cycle{1}));
  const Extent crossing{first, second, 8};
  EXPECT_EQ(buffer.find(crossing), WriteBuffer::Match::Partly);
  EXPECT_EQ(buffer.find(Extent{first, PhysAddr{0x9000}, 8}), WriteBuffer::Match::None);
  EXPECT_EQ(buffer.find(Extent{second, Record::nowhere, 1}), WriteBuffer::Match::Covers);
  EXPECT_TRUE(buffer.push(first, 4, 0, Cycle{1}));
  EXPECT_EQ(buffer.find(Extent{first, PhysAddr{0x9000}, 8}), WriteBuffer::Match::Partly);
}

// A load across pages that went ahead of a store on its second page is done again.
TEST_F(OooMemory, ViolationsOnTheSecondPage) {
  build({{"load_store", {{"dependence", "ignore"}}}});
  constexpr u64 page = 4096, second = data + 16 * page;
  const Record crossing = across(load(5, data + page - 4), second);
  for (const auto& [address, violations] : {std::pair{second, 1u}, std::pair{data + page, 0u}}) {
    const u64 before = rig->core.violations.value();
    rig->cycles([&] {
      rig->enter(op(OpClass::IntDiv, 6));
      rig->enter(store(address, 6));
      rig->enter(crossing);
    });
    EXPECT_EQ(rig->core.violations.value() - before, violations);
  }
}

TEST_F(OooMemory, AtomicsHaveALatencyOfTheirOwn) {
  build();
  const u64 usual = cycles([&] { rig->enter(atomic(5, data)); });
  build({{"op", {{"atomic", {{"latency", 9}}}}}});
  EXPECT_EQ(cycles([&] { rig->enter(atomic(5, data)); }), usual + 8);
}

TEST_F(OooMemory, ParametersWithoutEffectAreRefused) {
  for (const Json& op : {Json{{"load", {{"interval", 2}}}}, Json{{"store", {{"pipes", 1}}}}, Json{{"atomic", {{"first_pipe", 1}}}},
                         Json{{"int_alu", {{"per_bits", 1}}}}, Json{{"fp_div", {{"remembered", 1}}}}, Json{{"fp_add", {{"addend_latency", 1}}}}})
    EXPECT_THROW(build({{"op", op}}), ConfigError) << op;
  EXPECT_THROW(build({{"queues", {{"store_data", {{"count", 2}}}}}}), ConfigError);
  for (const char* tlb : {"itlb", "dtlb"})
    EXPECT_THROW(build(Json::object(), {{tlb, {{"latency_cycles", 1}}}}), ConfigError) << tlb;
  for (const u32 bytes : {4, 24, 128}) EXPECT_THROW(build({{"load_store", {{"split_bytes", bytes}}}}), ConfigError) << bytes;
}

// Code that passes an instruction cache by which is slower than the memory.
TEST_F(OooMemory, UncacheableCodeMayBeFasterThanAHit) {
  const auto run = [&](u64 latency) {
    build(Json::object(), {{"uncacheable", {"0x80000000+1MiB"}}, {"l1i", {{"latency_cycles", latency}}}});
    return cycles([&] { for (int i = 0; i < 20; ++i) rig->enter(alu(1)); });
  };
  EXPECT_EQ(run(200), run(100));
}

}  // namespace
}  // namespace orrery::ooo
