// One in-order pipeline over small caches, fed with synthetic instructions.
//
// 1 GHz: 1 cycle is 1000 ticks. Two-wide, front end 4 cycles deep, 8 bytes a fetch, branches resolved
// 2 cycles after issue. L1 hits: instructions 1, data 2 cycles (load to use: 1 + 2); no L2; memory 100.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "base/json.h"
#include "models/inorder/pipeline.h"
#include "tests/memory/mock_below.h"

namespace orrery {

struct FakeSide final : FunctionalSide {
  WalkSteps walk(u64 address, bool) override {
    WalkSteps steps;
    steps.count = 3;
    for (u64 i = 0; i < 3; ++i)
      steps.entries[i] = PhysAddr{0x9000'0000 + i * 0x1000 + (address >> (30 - 9 * i) & 0x1ff) * 8};
    return steps;
  }
  std::optional<PhysAddr> fetch_address(u64 address) override { return PhysAddr{address}; }
  // The wrong path holds what `wrong` says, and one-cycle instructions between.
  void begin_wrong_path(u64 pc) override { wrong_pc = pc; }
  bool step_wrong_path(Record& record) override {
    const auto scripted = wrong.find(wrong_pc);
    record = scripted == wrong.end() ? Record{} : scripted->second;
    record.pc = wrong_pc;
    record.fetch = PhysAddr{wrong_pc};
    if (record.next_pc == 0) record.next_pc = wrong_pc + record.length;
    wrong_pc = record.next_pc;
    return record.pc != wrong_end;
  }
  void turn_wrong_path(u64 pc) override { wrong_pc = pc; }

  std::map<u64, Record> wrong;
  u64 wrong_end = 0, wrong_pc = 0;
};

// A machine with one hart: hierarchy and pipeline.
struct PipelineRig {
  static Json core() {
    return {{"width", 2}, {"fetch_bytes", 8}, {"frontend_depth", 4}, {"resolve_cycles", 2},
            {"predictor", {{"direction", {{"type", "bimodal"}}}}}};
  }
  static Json caches() {
    return {{"l1i", {{"latency_cycles", 1}}},
            {"l1d", {{"latency_cycles", 2}, {"mshrs", 2}}},
            {"l2", nullptr},
            {"l2tlb", nullptr},
            {"itlb", {{"entries", 4}, {"ways", 4}}},
            {"dtlb", {{"entries", 4}, {"ways", 4}}},
            {"dram", {{"type", "fixed"}, {"latency", "100ns"}, {"write_latency", "100ns"}, {"beat", "0ns"}}}};
  }

  PipelineRig(const Json& core_changes, const Json& cache_changes)
      : hierarchy(machine, {&hart}, read_config<HierarchyConfig>(merged(caches(), cache_changes)), clock),
        pipeline(&machine, "core", 0, read_config<InOrderConfig>(merged(core(), core_changes)), clock,
                 hierarchy, side, events) {
    pipeline.start(Cycle{}, pc);
  }
  static Json merged(Json base, const Json& changes) {
    base.merge_patch(changes);
    return base;
  }

  // Enters a record and returns the cycle at which it entered.
  u64 enter(Record r) {
    const auto entry = r.alone ? Pipeline::Entry::Empty : Pipeline::Entry::Normal;
    while (!pipeline.advance(step ? pipeline.now() + 1 : never_cycle, entry)) continue;
    r.pc = pc;
    r.fetch = PhysAddr{pc};
    if (r.next_pc == 0) r.next_pc = pc + r.length;
    pc = r.next_pc;
    pipeline.enter(r);
    return pipeline.now().value();
  }

  // Cycles that pass, from an empty pipeline until everything entered by `program` is done.
  template <class Program>
  u64 cycles(Program&& program) {
    pipeline.drain();
    const u64 before = pipeline.now().value();
    program();
    pipeline.drain();
    return pipeline.now().value() - before;
  }
  u64 attributed(CycleCause cause) const {
    return pipeline.accounting.by_cause[static_cast<unsigned>(cause)].value();
  }
  u64 attributed() const {
    u64 total = 0;
    for (const Counter& counter : pipeline.accounting.by_cause) total += counter.value();
    return total;
  }

  bool step = false;  // lets time pass in the smallest steps
  u64 pc = 0x8000'0000;
  Clock clock{Frequency{1'000'000'000}};
  FakeSide side;
  EventCounts events;
  Component machine{nullptr, "machine"};
  Component hart{&machine, "hart0"};
  Hierarchy hierarchy;
  Pipeline pipeline;
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
inline Record load(u8 dest, u64 address, u8 source = 0) {
  Record r = op(OpClass::Load, dest, source);
  r.memory = Record::Memory::Load;
  r.size = 8;
  r.address = address;
  r.physical = PhysAddr{address};
  return r;
}
inline Record store(u64 address, u8 source = 0) {
  Record r = load(no_dest, address, source);
  r.op_class = OpClass::Store;
  r.memory = Record::Memory::Store;
  return r;
}
inline Record branch(u64 pc, bool taken, u64 target) {
  Record r = op(OpClass::Branch, no_dest);
  r.flow = Record::Flow::Conditional;
  r.address = target;
  r.next_pc = taken ? target : pc + 4;
  return r;
}

struct PipelineTest : testing::Test {
  void build(const Json& core = Json::object(), const Json& caches = Json::object()) {
    rig = std::make_unique<PipelineRig>(core, caches);
    warm();
  }
  // Brings the code of a test's loop and a few lines of data in.
  void warm() {
    const u64 start = rig->pc;
    rig->cycles([&] {
      for (int i = 0; i < 128; ++i) rig->enter(alu(no_dest));
      for (u64 line = 0; line < 4; ++line) rig->enter(store(data + line * 64));
    });
    jump(start);
  }
  void jump(u64 pc) {
    rig->pipeline.drain();
    rig->pc = pc;
    rig->pipeline.start(rig->pipeline.now(), pc);
  }
  // Cycles from the first issue on: `program` without the front end's depth.
  template <class Program>
  u64 cycles(Program&& program) {
    return rig->cycles(program) - 4;
  }

  static constexpr u64 data = 0x8010'0000;
  std::unique_ptr<PipelineRig> rig;
};

}  // namespace orrery
