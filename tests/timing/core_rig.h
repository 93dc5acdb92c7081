// One core of a timing model over small caches, fed with synthetic instructions.
//
// 1 GHz: 1 cycle is 1000 ticks. L1 hits: instructions 1, data 2 cycles (load to use: 1 + 2); no L2;
// memory 100.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "base/json.h"
#include "cpu/arch/events.h"
#include "models/timing/memory_side.h"
#include "tests/memory/mock_below.h"

namespace orrery {

// Tables of three levels somewhere.
struct FakeTables : FunctionalSide {
  WalkSteps walk(u64 address, bool) override {
    WalkSteps steps;
    steps.count = 3;
    for (u64 i = 0; i < 3; ++i)
      steps.entries[i] = PhysAddr{0x9000'0000 + i * 0x1000 + (address >> (30 - 9 * i) & 0x1ff) * 8};
    return steps;
  }
  std::optional<PhysAddr> fetch_address(u64 address) override { return PhysAddr{address}; }
};

// A machine with one hart: hierarchy and core.
template <class Core, class Side>
struct CoreRig {
  static Json caches() {
    return {{"l1i", {{"latency_cycles", 1}}},
            {"l1d", {{"latency_cycles", 2}, {"mshrs", 2}}},
            {"l2", nullptr},
            {"l2tlb", nullptr},
            {"itlb", {{"entries", 4}, {"ways", 4}}},
            {"dtlb", {{"entries", 4}, {"ways", 4}}},
            {"dram", {{"type", "fixed"}, {"latency", "100ns"}, {"write_latency", "100ns"}, {"beat", "0ns"}}}};
  }

  static constexpr Frequency usual{1'000'000'000};
  CoreRig(const Json& core_json, const Json& cache_changes, Frequency frequency = usual)
      : clock(frequency),
        hierarchy(machine, {&hart}, read_config<HierarchyConfig>(merged(caches(), cache_changes)), clock),
        core(&machine, "core", 0, read_config<typename Core::Config>(core_json), clock, hierarchy, side, events) {
    core.start(Cycle{}, pc);
  }
  static Json merged(Json base, const Json& changes) {
    base.merge_patch(changes);
    return base;
  }

  // Enters a record and returns the cycle at which it entered.
  u64 enter(Record r) {
    const auto entry = r.alone ? Core::Entry::Empty : Core::Entry::Normal;
    while (!core.advance(step ? core.now() + 1 : never_cycle, entry)) continue;
    r.pc = pc;
    r.fetch = PhysAddr{pc};
    if (r.next_pc == 0) r.next_pc = pc + r.length;
    pc = r.next_pc;
    core.entering() = r;
    core.enter();
    return core.now().value();
  }

  // Cycles that pass, from an empty core until everything entered by `program` is done.
  template <class Program>
  u64 cycles(Program&& program) {
    core.drain();
    const u64 before = core.now().value();
    program();
    core.drain();
    return core.now().value() - before;
  }
  template <class Cause>
  u64 attributed(Cause cause) const {
    return core.accounting.by_cause[static_cast<unsigned>(cause)].value();
  }
  u64 attributed() const {
    u64 total = 0;
    for (const Counter& counter : core.accounting.by_cause) total += counter.value();
    return total;
  }

  bool step = false;  // lets time pass in the smallest steps
  u64 pc = 0x8000'0000;
  Clock clock;
  Side side;
  EventCounts events;
  Component machine{nullptr, "machine"};
  Component hart{&machine, "hart0"};
  Hierarchy hierarchy;
  Core core;
};

inline Record alu(u8 dest, u8 source = 0) {
  Record r;
  r.dest = dest;
  r.source[0] = source;
  return r;
}
inline Record op(OpClass op_class, u8 dest, u8 source = 0) {
  Record r = alu(dest, source);
  r.op_class = op_class;
  return r;
}
inline Record load(u8 dest, u64 address, u8 source = 0, u8 size = 8) {
  Record r = op(OpClass::Load, dest, source);
  r.memory = Record::Memory::Load;
  r.size = size;
  r.address = address;
  r.physical = PhysAddr{address};
  return r;
}
// `source` gives the address, `data` what is stored.
inline Record store(u64 address, u8 source = 0, u8 data = 0, u8 size = 8) {
  Record r = load(no_dest, address, source, size);
  r.op_class = OpClass::Store;
  r.memory = Record::Memory::Store;
  r.source[1] = data;
  return r;
}
inline Record branch(u64 pc, bool taken, u64 target, u8 source = 0) {
  Record r = op(OpClass::Branch, no_dest, source);
  r.flow = Record::Flow::Conditional;
  r.address = target;
  r.next_pc = taken ? target : pc + 4;
  return r;
}

// Rig has `depth`, the cycles of front end and commit, and `code`, the instructions that tests run
// through.
template <class Rig>
struct CoreRigTest : testing::Test {
  void build(const Json& core = Json::object(), const Json& caches = Json::object()) {
    rig = std::make_unique<Rig>(core, caches);
    warm();
  }
  // Brings the code of a test's loop and a few lines of data in.
  void warm() {
    const u64 start = rig->pc;
    rig->cycles([&] {
      for (int i = 0; i < Rig::code; ++i) rig->enter(alu(no_dest));
      for (u64 line = 0; line < 4; ++line) rig->enter(store(data + line * 64));
    });
    jump(start);
  }
  void jump(u64 pc) {
    rig->core.drain();
    rig->pc = pc;
    rig->core.start(rig->core.now(), pc);
  }
  // Cycles of `program` from its first issue to its last result.
  template <class Program>
  u64 cycles(Program&& program) {
    return rig->cycles(program) - Rig::depth;
  }

  static constexpr u64 data = 0x8010'0000;
  std::unique_ptr<Rig> rig;
};

}  // namespace orrery
