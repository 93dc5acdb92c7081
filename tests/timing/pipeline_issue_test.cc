// Issue: dependent chains, two a cycle, units, load-use, write-after-write.
#include "frontend/description.h"
#include "tests/base/config_message.h"
#include "tests/timing/pipeline_fixture.h"

namespace orrery {
namespace {

struct PipelineIssue : PipelineTest {
  // Cycles in which one of the two issues.
  u64 cycles_of_issues(const Record& older, const Record& younger) {
    const u64 before = rig->core.dual_issues.value();
    rig->cycles([&] {
      rig->enter(older);
      rig->enter(younger);
    });
    return 2 - (rig->core.dual_issues.value() - before);
  }
};

TEST_F(PipelineIssue, DependentChainTakesItsLatencies) {
  build();
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 20; ++i) rig->enter(alu(5, 5)); }), 20u);
}

TEST_F(PipelineIssue, IndependentOnesPair) {
  build();
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 20; ++i) rig->enter(alu(i)); }), 10u);
  EXPECT_EQ(rig->core.dual_issues.value() > 10, true);
}

TEST_F(PipelineIssue, WidthOneIssuesOne) {
  build({{"width", 1}});
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 20; ++i) rig->enter(alu(i)); }), 20u);
}

// Two independent instructions, in this order, and the cycles in which they issue.
struct Pair {
  const char* name;
  Json core;
  Record older, younger;
  u64 cycles;
};

TEST_F(PipelineIssue, Pairs) {
  constexpr u64 at = PipelineTest::data, other = at + 64;
  const Record add = alu(1), multiply = op(OpClass::IntMul, 2), divide = op(OpClass::IntDiv, 3), read = load(4, at),
               write = store(other), fp = op(OpClass::FpAdd, fp_base + 1), fp_multiply = op(OpClass::FpMul, fp_base + 2),
               fp_divide = op(OpClass::FpDiv, fp_base + 3), csr = op(OpClass::Csr, 5);
  const Record stay = branch(0x8000'0000, false, 0x8000'0100), stay_next = branch(0x8000'0004, false, 0x8000'0100);
  const Json plain = Json::object(), one = {{"width", 1}}, two_memory = {{"units", {{"memory", 2}}}};
  const Json load_beside_store = {{"units", {{"memory", 2}}}, {"not_paired", {"load+load", "store+store"}}};
  const auto without = [](const char* rule) { return Json{{"not_paired", Json::array({rule})}}; };
  const Pair pairs[] = {
      {"add add", plain, add, alu(6), 1},
      {"width 1", one, add, alu(6), 2},
      {"add load", plain, add, read, 1},
      {"load load", plain, read, load(6, other), 2},
      {"load store", plain, read, write, 2},
      {"load branch", plain, read, stay_next, 1},
      {"branch branch", plain, stay, stay_next, 2},
      {"multiply multiply", plain, multiply, op(OpClass::IntMul, 6), 2},
      {"multiply divide", plain, multiply, divide, 1},
      {"fp fp", plain, fp, fp_multiply, 2},
      {"fp fp_divide", plain, fp, fp_divide, 1},
      {"fp load", plain, fp, read, 1},
      {"csr add", plain, csr, add, 1},
      // Units.
      {"two memory units: loads", two_memory, read, load(6, other), 1},
      {"two memory units: stores", two_memory, write, store(at), 1},
      {"load beside store", load_beside_store, read, write, 1},
      {"store beside load", load_beside_store, write, read, 1},
      {"load, load", load_beside_store, read, load(6, other), 2},
      {"store, store", load_beside_store, write, store(at), 2},
      {"two branch units", {{"units", {{"branch", 2}}}}, stay, stay_next, 1},
      {"two multipliers", {{"units", {{"multiplier", 2}}}}, multiply, op(OpClass::IntMul, 6), 1},
      {"two dividers", {{"units", {{"divider", 2}}}}, divide, op(OpClass::IntDiv, 6), 1},
      {"two fp units", {{"units", {{"fp", 2}}}}, fp, fp_multiply, 1},
      {"two fp dividers", {{"units", {{"fp_divider", 2}}}}, fp_divide, op(OpClass::FpSqrt, fp_base + 6), 1},
      // Rules: in program order, with every class for *.
      {"load+branch", without("load+branch"), read, stay_next, 2},
      {"load+branch, turned round", without("load+branch"), stay, read, 1},
      {"load+branch, others", without("load+branch"), add, stay_next, 1},
      {"int_alu+int_alu", without("int_alu+int_alu"), add, alu(6), 2},
      {"int_alu+int_alu, others", without("int_alu+int_alu"), add, read, 1},
      {"*+load", without("*+load"), add, read, 2},
      {"*+load, turned round", without("*+load"), read, add, 1},
      {"csr+*", without("csr+*"), csr, add, 2},
      {"*+*", without("*+*"), add, alu(6), 2},
      {"load|int_*+branch|jump", without("load|int_*+branch|jump"), add, stay_next, 2},
      {"load|int_*+branch|jump, the other", without("load|int_*+branch|jump"), read, stay_next, 2},
      {"load|int_*+branch|jump, none", without("load|int_*+branch|jump"), fp, stay_next, 1},
  };
  for (const Pair& pair : pairs) {
    build(pair.core);
    const u64 before = rig->attributed(CycleCause::Base);
    EXPECT_EQ(cycles_of_issues(pair.older, pair.younger), pair.cycles) << pair.name;
    EXPECT_EQ(rig->attributed(CycleCause::Base) - before, 2u) << pair.name;
  }
}

// Branches, the multiplier, the divider and floating point of small_inorder share a pipe.
TEST_F(PipelineIssue, SmallInOrderHasTwoPipes) {
  const Json core = read_description(ORRERY_SOURCE_DIR "/configs/cores/small_inorder.json")["machine"]["inorder"];
  const Record add = alu(1), read = load(4, PipelineTest::data);
  const Record second_pipe[] = {op(OpClass::IntMul, 2), op(OpClass::IntDiv, 3), op(OpClass::FpAdd, fp_base + 1),
                                op(OpClass::FpDiv, fp_base + 3), branch(0x8000'0004, false, 0x8000'0100)};
  const auto issues = [&](const Record& older, const Record& younger) {
    build(core);
    return cycles_of_issues(older, younger);
  };
  for (const Record& younger : second_pipe) {
    EXPECT_EQ(issues(add, younger), 1u);
    EXPECT_EQ(issues(read, younger), 1u);
    for (const Record& older : second_pipe) {
      if (older.op_class == OpClass::Branch) continue;  // of another place
      EXPECT_EQ(issues(older, younger), 2u);
    }
  }
}

// The third of three divisions waits for the first divider that is free.
TEST_F(PipelineIssue, TwoDividersAreBusy) {
  build({{"units", {{"divider", 2}}}, {"op_latency", {{"int_div", {{"latency", 20}, {"interval", 20}}}}}});
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 3; ++i) rig->enter(op(OpClass::IntDiv, i)); }), 20u + 20);
}

TEST_F(PipelineIssue, PairingWithoutEffectIsRefused) {
  const auto refused = [&](const Json& core) { return config_message([&] { build(core); }); };
  const auto rule = [&](const char* pair) { return refused({{"not_paired", Json::array({"csr+load", pair})}}); };
  EXPECT_NE(rule("lod+store").find("not_paired: \"lod\" is no class of instructions (did you mean \"load\"?)"), std::string::npos);
  for (const char* pair : {"load|lod+branch", "load+lod|branch", "load+lod", "load+fq_*", "load|+branch"})
    EXPECT_NE(rule(pair).find("is no class of instructions"), std::string::npos) << pair;
  EXPECT_NE(rule("load").find("must be pairs OLDER+YOUNGER"), std::string::npos);
  for (const char* pair : {"load+store", "int_mul+int_mul", "fence+load", "*+system", "csr+load"})
    EXPECT_NE(rule(pair).find("has no effect"), std::string::npos) << pair;
  EXPECT_NE(refused({{"width", 1}, {"not_paired", {"load+branch"}}}).find("has no effect"), std::string::npos);
  EXPECT_NE(refused({{"width", 1}, {"units", {{"branch", 2}}}}).find("units: a second branch has no effect"), std::string::npos);
  EXPECT_NE(refused({{"units", {{"fp", 3}}}}).find("units.fp: must be 1 or 2"), std::string::npos);
}

TEST_F(PipelineIssue, PipelinedUnitTakesOneACycle) {
  build({{"op_latency", {{"int_mul", {{"latency", 3}, {"interval", 1}}}}}});
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 10; ++i) rig->enter(op(OpClass::IntMul, i)); }), 9u + 3);
}

TEST_F(PipelineIssue, DependentMultiplicationsTakeTheirLatency) {
  build({{"op_latency", {{"int_mul", {{"latency", 3}}}}}});
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 10; ++i) rig->enter(op(OpClass::IntMul, 5, 5)); }), 30u);
}

TEST_F(PipelineIssue, DividerIsBusy) {
  build({{"op_latency", {{"int_div", {{"latency", 20}, {"interval", 18}}}}}});
  const u64 before = rig->attributed(CycleCause::Structural);
  EXPECT_EQ(cycles([&] {
              rig->enter(op(OpClass::IntDiv, 1));
              rig->enter(op(OpClass::IntDiv, 2));
            }),
            18u + 20);
  EXPECT_EQ(rig->attributed(CycleCause::Structural) - before, 1u + 2 * 17);  // one beside the first
}

TEST_F(PipelineIssue, DividerStopsEarly) {
  build({{"op_latency", {{"int_div", {{"latency", 5}, {"interval", 5}, {"per_bit", 1}}}}}});
  Record division = op(OpClass::IntDiv, 1);
  division.division_bits = 9;
  EXPECT_EQ(cycles([&] { rig->enter(division); }), 5u + 9);
}

TEST_F(PipelineIssue, LoadUse) {
  build();
  EXPECT_EQ(cycles([&] { rig->enter(load(5, data)); }), 3u);
  rig->core.drain();
  const u64 before = rig->attributed(CycleCause::LoadUse), fetch = rig->attributed(CycleCause::FetchBandwidth);
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, data));
              rig->enter(alu(6, 5));
            }),
            3u + 1);
  EXPECT_EQ(rig->attributed(CycleCause::LoadUse) - before, 2u * 2);
  EXPECT_EQ(rig->attributed(CycleCause::FetchBandwidth) - fetch, 2u * 4 + 1);  // beside the load: it is of the next block
}

TEST_F(PipelineIssue, OneMemoryAccessACycle) {
  build();
  EXPECT_EQ(cycles([&] { for (u8 i = 1; i <= 8; ++i) rig->enter(load(i, data)); }), 7u + 3);
}

TEST_F(PipelineIssue, ResultsOfOneRegisterKeepTheirOrder) {
  build({{"op_latency", {{"int_mul", {{"latency", 5}}}}}});
  // The addition's result may not come before the multiplication's: at cycle 5, issued at 4.
  EXPECT_EQ(cycles([&] {
              rig->enter(op(OpClass::IntMul, 5));
              rig->enter(alu(5));
              rig->enter(alu(6, 5));
            }),
            6u);
}

TEST_F(PipelineIssue, WriteAfterWriteStall) {
  build({{"write_after_write_stall", true}, {"width", 1}});
  EXPECT_EQ(cycles([&] { for (int i = 0; i < 20; ++i) rig->enter(alu(5, 5)); }), 19u * 2 + 1);
  EXPECT_EQ(cycles([&] { for (u8 i = 0; i < 20; ++i) rig->enter(alu(static_cast<u8>(i + 1), i)); }), 20u);
}

TEST_F(PipelineIssue, AlwaysReadyZero) {
  build();
  EXPECT_EQ(cycles([&] {
              rig->enter(op(OpClass::IntDiv, no_dest));
              rig->enter(alu(5, 0));
            }),
            20u);
  EXPECT_EQ(rig->attributed(CycleCause::DataHazard), 0u);
}

}  // namespace
}  // namespace orrery
