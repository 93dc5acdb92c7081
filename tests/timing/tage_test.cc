// What each part of the predictor tage_sc_l learns that the others do not.
#include <gtest/gtest.h>

#include "base/archive.h"
#include "base/json.h"
#include "base/random.h"
#include "models/predictor/direction.h"
#include "tests/base/config_message.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

using Predictor = std::unique_ptr<DirectionPredictor>;

Predictor made(const char* type, Json json = Json::object()) {
  json["type"] = type;
  return read_config(json, DirectionPredictors::Choice("gshare")).create();
}
Predictor complete() { return made("tage_sc_l"); }
// `parts` beside the tagged tables: the rest is left out.
Predictor only(Json parts) {
  for (const char* part : {"corrector", "loop"})
    if (!parts.contains(part)) parts[part] = nullptr;
  return made("tage_sc_l", parts);
}
Predictor tables(Json json = Json::object()) { return only({{"tage", json}}); }

bool wrong(DirectionPredictor& predictor, u64 pc, bool taken, i64 distance = 64) {
  const u64 target = pc + static_cast<u64>(distance);
  const bool result = predictor.predict(pc, target) != taken;
  predictor.update(pc, target, taken);
  return result;
}

constexpr u64 tested = 0x10000;  // the branch that counts

// A random branch, `between` others that always go the same way, and one that goes as the random one.
// Of the second half of `rounds`, how often the last one is wrong.
int wrong_as_leader(DirectionPredictor& predictor, int between, int rounds) {
  Random random(1);
  int result = 0;
  for (int round = 0; round < rounds; ++round) {
    const bool outcome = random.below(2);
    wrong(predictor, 0x1000, outcome);
    for (int i = 0; i < between; ++i) wrong(predictor, 0x2000 + static_cast<u64>(i) * 4, i % 3 == 0);
    result += wrong(predictor, tested, outcome) && round >= rounds / 2;
  }
  return result;
}

TEST(Tage, LearnsFromFarBack) {
  EXPECT_GT(wrong_as_leader(*made("gshare", {{"history_bits", 12}}), 60, 2000), 400);
  EXPECT_EQ(wrong_as_leader(*tables(), 60, 2000), 0);
  EXPECT_EQ(wrong_as_leader(*tables(), 500, 2000), 0);
  EXPECT_EQ(wrong_as_leader(*complete(), 500, 2000), 0);
}

TEST(Tage, PathIsAsLongAsItSays) {
  const auto of_length = [](u32 length) { return tables({{"tables", 1}, {"longest", length}}); };
  EXPECT_EQ(wrong_as_leader(*of_length(61), 60, 2000), 0);
  EXPECT_GT(wrong_as_leader(*of_length(60), 60, 2000), 400);
}

TEST(Tage, JumpsArePartOfThePath) {
  for (const bool tells : {true, false}) {
    const Predictor predictor = tables();
    Random random(2);
    int count = 0;
    for (int i = 0; i < 2000; ++i) {
      const bool outcome = random.below(2);
      predictor->jump(0x1000, outcome && tells ? 0x3000 : 0x4000);
      count += wrong(*predictor, tested, outcome) && i >= 1000;
    }
    if (tells) EXPECT_EQ(count, 0);
    else EXPECT_GT(count, 400);
  }
}

TEST(Tage, TagsTellBranchesApart) {
  // 256 branches in 16 counters: neighbours go opposite ways.
  const auto count = [](DirectionPredictor& predictor) {
    int result = 0;
    for (int round = 0; round < 200; ++round)
      for (u64 i = 0; i < 256; ++i)
        result += wrong(predictor, 0x1000 + i * 32, i * 0x9e3779b9 >> 16 & 1) && round >= 100;
    return result;
  };
  EXPECT_GT(count(*made("bimodal", {{"entries", 16}})), 10000);
  EXPECT_EQ(count(*tables({{"base_entries", 16}})), 0);
}

// A loop of `iterations`, with a branch in it that is random; of the second half, how often the
// loop's own is wrong.
int wrong_in_loop(DirectionPredictor& predictor, int iterations) {
  Random random(3);
  int result = 0;
  for (int entry = 0; entry < 1000; ++entry)
    for (int i = 0; i < iterations; ++i) {
      wrong(predictor, 0x1000, random.below(2));
      result += wrong(predictor, tested, i != iterations - 1, -64) && entry >= 500;
    }
  return result;
}

TEST(Loop, EndsExactlyInNoise) {
  EXPECT_EQ(wrong_in_loop(*only({{"loop", Json::object()}}), 37), 0);
  EXPECT_EQ(wrong_in_loop(*complete(), 37), 0);
  EXPECT_GE(wrong_in_loop(*tables(), 37), 500);
}

TEST(Loop, IsNoLongerThanItSays) {
  const auto bounded = [](u32 longest) { return only({{"loop", {{"longest", longest}}}}); };
  EXPECT_EQ(wrong_in_loop(*bounded(36), 37), 0);
  EXPECT_GE(wrong_in_loop(*bounded(35), 37), 500);
}

// A branch that is taken `percent` of the time, among others that are random.
int wrong_in_bias(DirectionPredictor& predictor, u64 percent) {
  Random random(4);
  int result = 0;
  for (int i = 0; i < 20000; ++i) {
    for (u64 pc = 0x1000; pc < 0x1008; pc += 4) wrong(predictor, pc, random.below(2));
    result += wrong(predictor, tested, random.below(100) < percent) && i >= 10000;
  }
  return result;
}

TEST(Corrector, FollowsABiasWhereNothingElseHelps) {
  const int best = 10000 * 20 / 100;
  EXPECT_GT(wrong_in_bias(*tables(), 80), best + 250);
  EXPECT_LT(wrong_in_bias(*complete(), 80), best + 150);
}

// A branch of its own period among random ones.
int wrong_in_period(DirectionPredictor& predictor, int period) {
  Random random(5);
  int result = 0;
  for (int i = 0; i < 10000; ++i) {
    for (u64 pc = 0x1000; pc < 0x1028; pc += 4) wrong(predictor, pc, random.below(2));
    result += wrong(predictor, tested, i % period == 0) && i >= 5000;
  }
  return result;
}

TEST(Corrector, KnowsABranchByItsOwnPast) {
  EXPECT_GT(wrong_in_period(*tables(), 3), 1500);
  EXPECT_GT(wrong_in_period(*only({{"corrector", {{"local_tables", 0}}}}), 3), 1500);
  EXPECT_LT(wrong_in_period(*only({{"corrector", Json::object()}}), 3), 50);
}

// In an inner loop that ends at random, a branch that depends on the iteration only: of its last 15,000
// times, about, how often it is wrong.
int wrong_by_iteration(DirectionPredictor& predictor) {
  Random random(6);
  int result = 0;
  for (int entry = 0; entry < 4000; ++entry) {
    const u64 iterations = 4 + random.below(8);
    for (u64 i = 0; i < iterations; ++i) {
      for (u64 pc = 0x1000; pc < 0x1028; pc += 4) wrong(predictor, pc, random.below(2));
      result += wrong(predictor, tested, 0b1001'0110'1100 >> i & 1) && entry >= 2000;
      wrong(predictor, 0x3000, i != iterations - 1, -256);
    }
  }
  return result;
}

TEST(Corrector, KnowsTheIterationOfALoop) {
  const auto count = [](bool imli) {
    return wrong_by_iteration(*only({{"corrector", {{"imli", imli}, {"local_tables", 0}}}}));
  };
  EXPECT_LT(count(true), 1000);
  EXPECT_GT(count(false), 7000);
  EXPECT_LT(wrong_by_iteration(*complete()), 400);
}

}  // namespace
}  // namespace orrery
