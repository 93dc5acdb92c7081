// Memory: misses, blocking or not, MSHRs, the store buffer, TLBs, atomics.
#include "tests/timing/pipeline_fixture.h"

namespace orrery {
namespace {

using PipelineMemory = PipelineTest;
constexpr u64 cold = 0x8800'0000;

TEST_F(PipelineMemory, MissWaitsOnlyForItsUser) {
  build();
  // The access starts 1 cycle after issue, the cache forwards it after 2, memory answers after 100.
  EXPECT_EQ(cycles([&] { rig->enter(load(5, cold)); }), 1u + 2 + 100);
  const u64 start = rig->attributed(CycleCause::LoadMiss);
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, cold + 64));
              for (int i = 0; i < 50; ++i) rig->enter(alu(6, 6));  // cycles 1 to 50
              rig->enter(alu(7, 5));
            }),
            103u + 1);
  EXPECT_EQ(rig->attributed(CycleCause::LoadMiss) - start, 1u + 2 * (103 - 51));  // one beside the last of the 50
}

TEST_F(PipelineMemory, BlockingLoadsStopEverything) {
  build({{"blocking_loads", true}});
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, cold));
              rig->enter(alu(6));
            }),
            103u + 1);
  EXPECT_EQ(cycles([&] {  // not on a hit
              rig->enter(load(5, cold));
              rig->enter(alu(6));
              rig->enter(alu(6));
            }),
            3u);
}

TEST_F(PipelineMemory, MissesOverlapUpToTheMshrs) {
  build();
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, cold));
              rig->enter(load(6, cold + 64));
            }),
            103u + 1);
  // The third is refused until the first has arrived (its access: cycle 103).
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, cold + 128));
              rig->enter(load(6, cold + 192));
              rig->enter(load(7, cold + 256));
            }),
            103u + 102);
}

TEST_F(PipelineMemory, StoresDoNotWait) {
  build();
  const u64 entered = rig->cycles([&] { rig->enter(alu(1)); });
  rig->enter(store(cold));
  const u64 before = rig->core.now().value();
  for (u8 i = 0; i < 10; ++i) rig->enter(alu(i));
  EXPECT_LT(rig->core.now().value() - before, 10u + entered);
}

TEST_F(PipelineMemory, FullStoreBufferStops) {
  build({{"store_buffer", 2}, {"stores_in_flight", 1}});
  rig->cycles([&] { for (u64 i = 0; i < 4; ++i) rig->enter(store(cold + 64 * i)); });
  EXPECT_GT(rig->attributed(CycleCause::StoreBuffer), 100u);
}

TEST_F(PipelineMemory, LoadTakesDataFromTheStoreBuffer) {
  build();
  EXPECT_EQ(cycles([&] {
              rig->enter(store(cold));
              rig->enter(load(5, cold));
              rig->enter(alu(6, 5));
            }) > 100, true);  // the store itself
  EXPECT_EQ(rig->core.forwarded.value(), 1u);
  EXPECT_EQ(rig->attributed(CycleCause::LoadMiss), 0u);
}

TEST_F(PipelineMemory, WithoutForwardingTheLoadWaits) {
  build({{"forwarding", false}});
  // Store issues at 0, accesses at 1, is written at 2, done at 4; the load's access is then.
  EXPECT_EQ(cycles([&] {
              rig->enter(store(data));
              rig->enter(load(5, data));
            }),
            4u + 2);
  EXPECT_EQ(rig->core.forwarded.value(), 0u);
}

TEST_F(PipelineMemory, ForwardingTakesItsTime) {
  build({{"forward_cycles", 9}});
  // The store is in the buffer at 2.
  EXPECT_EQ(cycles([&] {
              rig->enter(store(data));
              rig->enter(load(5, data));
            }),
            2u + 9);
}

TEST_F(PipelineMemory, StoresToOneBlockShareAnEntry) {
  build({{"store_buffer", 2}, {"stores_in_flight", 1}, {"store_merge", 8}});
  Cache& l1d = rig->hierarchy.ports(0).l1d;
  const u64 writes = l1d.hits[2].value() + l1d.misses[2].value();
  const u64 stalls = rig->attributed(CycleCause::StoreBuffer);
  // The first goes to memory alone; the others join it while it is there and follow as one write.
  rig->cycles([&] {
    Record half = store(cold);
    half.size = 4;
    rig->enter(half);
    for (int i = 0; i < 40; ++i) rig->enter(half);
    half.physical = PhysAddr{cold + 4};
    rig->enter(half);
  });
  EXPECT_EQ(l1d.hits[2].value() + l1d.misses[2].value() - writes, 2u);
  EXPECT_EQ(rig->attributed(CycleCause::StoreBuffer), stalls);
}

// CVA6's write buffer: 0011'1001 goes as 0000'0001, 0000'1000 and 0011'0000.
TEST_F(PipelineMemory, BytesThatAreNoAlignedRunAreWrittenOneByOne) {
  for (const bool split : {false, true}) {
    build({{"store_buffer", 2}, {"stores_in_flight", 1}, {"store_merge", 8}, {"store_split", split}});
    Cache& l1d = rig->hierarchy.ports(0).l1d;
    const u64 writes = l1d.hits[2].value() + l1d.misses[2].value();
    const auto store_byte = [&](u64 byte) {
      Record narrow = store(cold + byte);
      narrow.size = 1;
      rig->enter(narrow);
    };
    rig->cycles([&] {
      store_byte(7);  // goes to memory alone; the others join it while it is there
      for (int i = 0; i < 9; ++i) rig->enter(alu(5, 5));
      for (const u64 byte : {0, 3, 4, 5}) store_byte(byte);
    });
    EXPECT_EQ(l1d.hits[2].value() + l1d.misses[2].value() - writes, split ? 4u : 2u);
  }
}

TEST_F(PipelineMemory, PartlyCoveredLoadWaits) {
  build();
  Record wide = load(5, data);
  Record narrow = store(data + 4);
  narrow.size = 1;
  EXPECT_EQ(cycles([&] {
              rig->enter(narrow);
              rig->enter(wide);
            }),
            4u + 2);
}

TEST_F(PipelineMemory, DtlbMissWalksThroughTheDataCache) {
  build();
  rig->core.set_space({SpaceId::untranslated, 0});
  const auto one = [&](u64 address) {
    return cycles([&] { rig->enter(load(5, address)); });
  };
  EXPECT_EQ(one(data), 1u + 3 * 102 + 2);          // three table reads that miss, then a hit
  EXPECT_EQ(one(data), 3u);                        // all at hand
  rig->core.flush_tlbs();
  EXPECT_EQ(one(data), 1u + 3 * 2 + 2);            // three that hit
  EXPECT_EQ(rig->core.walks.value(), 2u);
}

// An access that crosses pages needs the translations of both, and waits for stores on both.
TEST_F(PipelineMemory, CrossingPages) {
  constexpr u64 page = 4096, first = data + page - 4, second = data + 16 * page;
  const auto crossing = [](Record r) {
    r.second = PhysAddr{second};
    return r;
  };
  build();
  rig->core.set_space({SpaceId::untranslated, 0});
  rig->cycles([&] { rig->enter(load(5, data)); });  // the first page is known
  rig->cycles([&] { rig->enter(crossing(load(5, first))); });
  EXPECT_EQ(rig->core.walks.value(), 2u);

  for (const u64 line : {first, second, second + 64}) rig->cycles([&] { rig->enter(load(6, line)); });
  const auto pair = [&](const Record& stored) {
    return cycles([&] {
      rig->enter(stored);
      rig->enter(crossing(load(5, first)));
    });
  };
  const u64 apart = pair(store(second + 64));
  EXPECT_GT(pair(store(second)), apart);
  EXPECT_GT(pair(store(first)), apart);
}

TEST_F(PipelineMemory, ParametersWithoutEffectAreRefused) {
  for (const Json& op : {Json{{"int_alu", {{"interval", 2}}}}, Json{{"csr", {{"interval", 2}}}}, Json{{"fp_div", {{"per_bit", 1}}}}})
    EXPECT_THROW(build({{"op_latency", op}}), ConfigError) << op;
}

TEST_F(PipelineMemory, WalkCacheSkipsUpperLevels) {
  build(Json::object(), {{"walk_cache", {{"entries", 4}, {"ways", 4}}}});
  rig->core.set_space({SpaceId::untranslated, 0});
  const auto one = [&](u64 address) {
    return cycles([&] { rig->enter(load(5, address)); });
  };
  EXPECT_EQ(one(data), 1u + 3 * 102 + 2);
  EXPECT_EQ(one(data + 0x1000), 1u + 2 + 102);  // the last read only, which hits; the load misses
  rig->core.flush_tlbs();
  EXPECT_EQ(one(data), 1u + 3 * 2 + 2);
}

TEST_F(PipelineMemory, SecondLevelTlbSavesTheWalk) {
  build(Json::object(), {{"dtlb", {{"entries", 1}, {"ways", 1}}}});
  rig = std::make_unique<PipelineRig>(
      Json::object(), Json{{"dtlb", {{"entries", 1}, {"ways", 1}}},
                           {"l2tlb", {{"entries", 16}, {"ways", 4}, {"latency_cycles", 6}}}});
  warm();
  rig->core.set_space({SpaceId::untranslated, 0});
  rig->cycles([&] {
    rig->enter(load(5, data));
    rig->enter(load(5, data + 0x1000));
  });
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 1u + 6 + 2);
}

TEST_F(PipelineMemory, ItlbMissDelaysTheFrontEnd) {
  build();
  const auto one = [&] { return cycles([&] { rig->enter(alu(1)); }); };
  one();
  rig->core.set_space({0, SpaceId::untranslated});
  EXPECT_EQ(one(), 1u + 3 * 102);
  EXPECT_EQ(rig->attributed(CycleCause::Itlb), 2u * 3 * 102);
  EXPECT_EQ(one(), 1u);
}

TEST_F(PipelineMemory, FetchMissDelaysTheFrontEnd) {
  build();
  jump(cold);
  const u64 before = rig->attributed(CycleCause::FetchMiss);
  EXPECT_EQ(cycles([&] { rig->enter(alu(1)); }), 1u + 100);
  EXPECT_EQ(rig->attributed(CycleCause::FetchMiss) - before, 2u * 100);
}

TEST_F(PipelineMemory, AtomicWaitsForEarlierStores) {
  build();
  Record atomic = load(5, data + 64);
  atomic.memory = Record::Memory::Atomic;
  atomic.op_class = OpClass::Atomic;
  EXPECT_EQ(cycles([&] { rig->enter(atomic); }), 3u);
  // The store is done at 4.
  EXPECT_EQ(cycles([&] {
              rig->enter(store(data));
              rig->enter(atomic);
            }),
            4u + 3);
}

TEST_F(PipelineMemory, DeviceTakesItsTime) {
  build(Json::object(), {{"device_latency", "200ns"}});
  Record device = load(5, 0x1000'0000);
  device.memory = Record::Memory::Device;
  device.alone = true;
  EXPECT_EQ(cycles([&] { rig->enter(device); }), 1u + 200);
}

// Code that passes an instruction cache by which is slower than the memory.
TEST_F(PipelineMemory, UncacheableCodeMayBeFasterThanAHit) {
  const auto run = [&](u64 latency) {
    build(Json::object(), {{"uncacheable", {"0x80000000+1MiB"}}, {"l1i", {{"latency_cycles", latency}}}});
    return cycles([&] { for (int i = 0; i < 20; ++i) rig->enter(alu(1)); });
  };
  EXPECT_EQ(run(200), run(100));
}

}  // namespace
}  // namespace orrery
