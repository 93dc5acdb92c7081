// What the out-of-order core's predictors learn: bi-mode, indirect targets, the fast BTB.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"
#include "models/outoforder/fast_btb.h"
#include "models/predictor/direction.h"
#include "models/predictor/indirect.h"
#include "tests/memory/mock_below.h"

namespace orrery::ooo {
namespace {

std::unique_ptr<IndirectPredictor> indirect(const Json& json) {
  return read_config(json, IndirectPredictors::Choice("btb")).create();
}

// Of the last half of `count` jumps, how many were predicted wrong.
template <class Target>
int wrong(IndirectPredictor& predictor, int count, Target&& target_of) {
  int result = 0;
  for (int i = 0; i < count; ++i) {
    const u64 target = target_of(i);
    const bool is_wrong = predictor.predict(0x1000) != target;
    if (i >= count / 2) result += is_wrong;
    predictor.update(0x1000, target, is_wrong);
  }
  return result;
}

TEST(Indirect, BtbFollowsTheLast) {
  const auto btb = indirect({{"type", "btb"}});
  EXPECT_EQ(btb->predict(0x1000), 0u);
  EXPECT_EQ(wrong(*btb, 20, [](int) { return 0x9000; }), 0);
  EXPECT_EQ(wrong(*btb, 20, [](int i) { return 0x9000 + i % 2 * 64; }), 10);
}

TEST(Indirect, PathTellsTargetsApartByTheBitsItKeeps) {
  const auto path = indirect({{"type", "path"}, {"lowest_bit", 4}});
  EXPECT_EQ(wrong(*path, 40, [](int i) { return 0x9000 + i % 2 * 64; }), 0);
  const auto close = indirect({{"type", "path"}, {"lowest_bit", 4}});
  EXPECT_EQ(wrong(*close, 40, [](int i) { return 0x9000 + i % 2 * 4; }), 20);
}

TEST(Indirect, IttageLearnsLongPatterns) {
  const auto pattern = [](int i) { return 0x9000 + (i % 7 == 0 ? i % 3 : 5) * 64; };
  const auto btb = indirect({{"type", "btb"}}), ittage = indirect({{"type", "ittage"}});
  EXPECT_GT(wrong(*btb, 2000, pattern), 200);
  EXPECT_LT(wrong(*ittage, 4000, pattern), 50);
}

TEST(Indirect, StateComesBack) {
  for (const std::string& type : IndirectPredictors::names()) {
    const auto one = indirect({{"type", type}}), other = indirect({{"type", type}});
    Random random(3);
    const auto train = [&random](IndirectPredictor& predictor) {
      const u64 pc = 0x1000 + random.below(16) * 4, target = 0x8000 + random.below(8) * 32;
      predictor.update(pc, target, predictor.predict(pc) != target);
      predictor.branch(pc, random.below(2));
    };
    for (int i = 0; i < 2000; ++i) train(*one);
    Archive saving = Archive::saving("p");
    one->state(saving);
    const Json saved = saving.take();
    Archive loading = Archive::loading("p", saved);
    other->state(loading);
    for (u64 pc = 0x1000; pc < 0x1040; pc += 4) EXPECT_EQ(one->predict(pc), other->predict(pc)) << type;
  }
}

TEST(Direction, BimodeLearnsBiasAndPattern) {
  const auto bimode = read_config(Json{{"type", "bimode"}}, DirectionPredictors::Choice("gshare")).create();
  for (int i = 0; i < 400; ++i) bimode->update(0x1000, 0x2000, i % 5 != 0);
  int wrong_ones = 0;
  for (int i = 400; i < 800; ++i) {
    wrong_ones += bimode->predict(0x1000, 0) != (i % 5 != 0);
    bimode->update(0x1000, 0x2000, i % 5 != 0);
  }
  EXPECT_EQ(wrong_ones, 0);
  EXPECT_TRUE(bimode->is_sure(0x1000));
}

struct FastBtbTest : testing::Test {
  // A loop's group: entered by a turn, ends in a sure, conditional branch back.
  bool loop(bool sure = true) {
    btb.begin(0x100);
    return btb.taken(0x100, true, sure, false);
  }
  FastBtb btb{FastBtbConfig{}};
};

TEST_F(FastBtbTest, CountsFromTheFourthTimeOn) {
  btb.turned();
  EXPECT_FALSE(loop());  // makes the entry
  EXPECT_FALSE(loop());  // has been looked up before it is written
  EXPECT_FALSE(loop());  // makes it count
  EXPECT_TRUE(loop());
}

TEST_F(FastBtbTest, OnlySureOnesAreBelieved) {
  btb.turned();
  EXPECT_FALSE(loop(false));
  for (int i = 0; i < 4; ++i) loop();
  EXPECT_TRUE(loop(false));   // the last time
  EXPECT_FALSE(loop());
}

TEST_F(FastBtbTest, MistakenOnesCostAndGo) {
  btb.turned();
  for (int i = 0; i < 4; ++i) loop();
  btb.begin(0x100);
  EXPECT_EQ(btb.passed(false), 1u);
  btb.begin(0x100);
  EXPECT_EQ(btb.passed(false), 0u);
}

TEST_F(FastBtbTest, OnlyTheGroupBehindATurnMakesEntries) {
  btb.turned();
  btb.begin(0x80);
  btb.passed(false);
  btb.begin(0x100);
  EXPECT_FALSE(btb.taken(0x80, false, true, false));  // the second group: none
  btb.begin(0x80);
  btb.passed(true);  // may not have shown its branch
  btb.begin(0x100);
  EXPECT_FALSE(btb.taken(0x80, false, true, false));  // made now
  btb.begin(0x80);
  btb.passed(false);
  btb.begin(0x100);
  EXPECT_TRUE(btb.taken(0x80, false, true, false));
}

// What an entry leads to makes none: of two branches that lead to each other one is known, the other never.
TEST_F(FastBtbTest, TheGroupBehindAHitMakesNoEntry) {
  const auto first = [&] {
    btb.begin(0x100);
    return btb.taken(0x200, false, true, false);
  };
  const auto second = [&](bool sure) {
    btb.begin(0x200);
    return btb.taken(0x100, true, sure, false);
  };
  btb.turned();
  EXPECT_FALSE(first());  // makes its entry
  EXPECT_FALSE(second(false));
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(first());
    EXPECT_FALSE(second(true));
  }
}

TEST_F(FastBtbTest, AnEntryServesOnceMoreWhileItMakesRoom) {
  FastBtb one{FastBtbConfig{.entries = 1}};
  const auto jump = [&](u64 from, u64 to) {
    one.begin(from);
    return one.taken(to, false, true, false);
  };
  one.turned();
  EXPECT_FALSE(jump(0x100, 0x200));
  one.turned();
  EXPECT_FALSE(jump(0x200, 0x100));  // will take the place, but is looked up before
  EXPECT_TRUE(jump(0x100, 0x200));
  EXPECT_TRUE(jump(0x200, 0x100));
  EXPECT_FALSE(jump(0x100, 0x200));
}

}  // namespace
}  // namespace orrery::ooo
