// What the predictors learn.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"
#include "models/predictor/branch_predictor.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

std::unique_ptr<DirectionPredictor> direction(const Json& json) {
  return read_config(json, DirectionPredictors::Choice("gshare")).create();
}

// Of `count` outcomes of one branch, how many were predicted wrong in the second half.
template <class Outcome>
int wrong(DirectionPredictor& predictor, int count, Outcome&& taken) {
  int result = 0;
  for (int i = 0; i < count; ++i) {
    const bool outcome = taken(i);
    if (i >= count / 2 && predictor.predict(0x1000, 0x2000) != outcome) ++result;
    predictor.update(0x1000, 0x2000, outcome);
  }
  return result;
}

TEST(Direction, BimodalLearnsABias) {
  const auto bimodal = direction({{"type", "bimodal"}});
  EXPECT_FALSE(bimodal->predict(0x1000, 0));
  bimodal->update(0x1000, 0x2000, true);
  EXPECT_TRUE(bimodal->predict(0x1000, 0));
  EXPECT_FALSE(bimodal->predict(0x1002, 0));
  EXPECT_EQ(wrong(*bimodal, 100, [](int) { return true; }), 0);
}

TEST(Direction, BimodalForgivesOneSlip) {
  const auto bimodal = direction({{"type", "bimodal"}});
  for (int i = 0; i < 4; ++i) bimodal->update(0x1000, 0x2000, true);
  bimodal->update(0x1000, 0x2000, false);
  EXPECT_TRUE(bimodal->predict(0x1000, 0));
}

TEST(Direction, GshareLearnsAPattern) {
  const auto pattern = [](int i) { return i % 5 == 0; };
  const auto bimodal = direction({{"type", "bimodal"}});
  const auto gshare = direction({{"type", "gshare"}, {"history_bits", 8}});
  EXPECT_EQ(wrong(*bimodal, 2000, pattern), 200);
  EXPECT_EQ(wrong(*gshare, 2000, pattern), 0);
}

TEST(Direction, StaticFollowsItsRule) {
  const auto rule = direction({{"type", "static"}, {"rule", "backward_taken"}});
  EXPECT_TRUE(rule->predict(0x1000, 0x0ff0));
  EXPECT_FALSE(rule->predict(0x1000, 0x1010));
}

struct PredictorTest : testing::Test {
  void build(const Json& json) {
    predictor = std::make_unique<BranchPredictor>(&root, "predictor",
                                                  read_config<BranchPredictorConfig>(json));
  }
  Prediction run(Branch branch) {
    const Prediction prediction = predictor->predict(branch);
    predictor->update(branch, prediction);
    return prediction;
  }
  static Branch indirect(u64 pc, u64 next) {
    return {pc, pc + 4, 0, next, Branch::Kind::Indirect, false, false};
  }
  static Branch call(u64 pc, u64 target) {
    return {pc, pc + 4, target, target, Branch::Kind::Direct, true, false};
  }
  static Branch ret(u64 pc, u64 next) { return {pc, pc + 2, 0, next, Branch::Kind::Indirect, false, true}; }

  Component root{nullptr, "machine"};
  std::unique_ptr<BranchPredictor> predictor;
};

TEST_F(PredictorTest, IndirectJumpGoesWhereItWentLast) {
  build(Json::object());
  EXPECT_EQ(run(indirect(0x100, 0x900)).next, 0x104u);
  EXPECT_EQ(run(indirect(0x100, 0xa00)).next, 0x900u);
  EXPECT_EQ(run(indirect(0x100, 0xa00)).next, 0xa00u);
  EXPECT_EQ(predictor->indirect_wrong.value(), 2u);
}

// The instruction behind the jump is a target as any other.
TEST_F(PredictorTest, IndirectJumpMayHaveGoneToTheNextInstruction) {
  build(Json::object());
  run(indirect(0x100, 0x900));
  EXPECT_EQ(run(indirect(0x100, 0x104)).next, 0x900u);
  EXPECT_EQ(run(indirect(0x100, 0x900)).next, 0x104u);
}

TEST_F(PredictorTest, DirectJumpIsKnownAtFetchOnceInTheBtb) {
  build(Json::object());
  EXPECT_FALSE(run(call(0x100, 0x900)).at_fetch);
  EXPECT_TRUE(run(call(0x100, 0x900)).at_fetch);
}

TEST_F(PredictorTest, ReturnStackForgetsTheOldest) {
  build({{"return_stack", 2}});
  for (const u64 pc : {0x100u, 0x200u, 0x300u}) run(call(pc, pc + 0x1000));
  EXPECT_EQ(run(ret(0x5000, 0x304)).next, 0x304u);
  EXPECT_EQ(run(ret(0x5010, 0x204)).next, 0x204u);
  EXPECT_EQ(run(ret(0x5020, 0x104)).next, 0x5022u);  // overwritten; nothing known
  EXPECT_EQ(predictor->returns_wrong.value(), 1u);
}

TEST_F(PredictorTest, StateComesBack) {
  for (const std::string& type : DirectionPredictors::names()) {
    const Json json = {{"direction", {{"type", type}}}};
    predictor.reset();
    build(json);
    Random random(9);
    const auto branch = [&]() -> Branch {
      const u64 pc = 0x1000 + random.below(64) * 4;
      const u64 target = 0x4000 + random.below(4) * 64;
      return random.below(2) ? indirect(pc, target)
                             : Branch{pc, pc + 4, target, random.below(3) ? target : pc + 4,
                                      Branch::Kind::Conditional, false, false};
    };
    for (int i = 0; i < 2000; ++i) run(branch());
    Archive saving = Archive::saving("p");
    predictor->state(saving);
    const Json saved = saving.take();
    Component other_root{nullptr, "machine"};
    BranchPredictor other(&other_root, "predictor", read_config<BranchPredictorConfig>(json));
    Archive loading = Archive::loading("p", saved);
    other.state(loading);
    loading.finish();
    for (int i = 0; i < 2000; ++i) {
      const Branch b = branch();
      const Prediction p = other.predict(b);
      other.update(b, p);
      ASSERT_EQ(run(b).next, p.next) << type;
    }
  }
}

}  // namespace
}  // namespace orrery
