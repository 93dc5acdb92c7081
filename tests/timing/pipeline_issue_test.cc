// Issue: dependent chains, two a cycle, units, load-use, write-after-write.
#include "tests/timing/pipeline_fixture.h"

namespace orrery {
namespace {

using PipelineIssue = PipelineTest;

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
  EXPECT_EQ(cycles([&] {
              rig->enter(op(OpClass::IntDiv, 1));
              rig->enter(op(OpClass::IntDiv, 2));
            }),
            18u + 20);
  EXPECT_EQ(rig->attributed(CycleCause::Structural), 17u);
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
  EXPECT_EQ(cycles([&] {
              rig->enter(load(5, data));
              rig->enter(alu(6, 5));
            }),
            3u + 1);
  EXPECT_EQ(rig->attributed(CycleCause::LoadUse), 2u);
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
