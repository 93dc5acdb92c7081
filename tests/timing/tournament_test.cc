// What the tournament predictor learns by its local side, by its global side, and of which to believe.
#include <gtest/gtest.h>

#include "base/archive.h"
#include "base/json.h"
#include "base/random.h"
#include "models/predictor/direction.h"
#include "tests/base/config_message.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

std::unique_ptr<DirectionPredictor> tournament(Json json = Json::object()) {
  json["type"] = "tournament";
  return read_config(json, DirectionPredictors::Choice("gshare")).create();
}

bool wrong(DirectionPredictor& predictor, u64 pc, bool taken) {
  const bool result = predictor.predict(pc, pc + 64) != taken;
  predictor.update(pc, pc + 64, taken);
  return result;
}

std::vector<u64> first_histories(DirectionPredictor& predictor) {
  Archive archive = Archive::saving("p");
  predictor.state(archive);
  const Json state = archive.take();
  return {state.at("histories")[0].get<u64>(), state.at("histories")[1].get<u64>()};
}

// Branches with periods that have no common factor: in the second 2,000 rounds, how often one is wrong.
int wrong_in_rounds(DirectionPredictor& predictor, const std::vector<int>& periods) {
  int result = 0;
  for (int round = 0; round < 4000; ++round)
    for (std::size_t i = 0; i < periods.size(); ++i)
      if (wrong(predictor, 0x1000 + 16 * i, round % periods[i] == 0) && round >= 2000) ++result;
  return result;
}

TEST(Tournament, LearnsABranchByItsOwnPast) {
  const std::vector<int> periods = {3, 4, 5, 7};
  const auto gshare = read_config(Json{{"type", "gshare"}, {"history_bits", 12}}, DirectionPredictors::Choice("gshare"));
  EXPECT_GT(wrong_in_rounds(*gshare.create(), periods), 500);
  EXPECT_EQ(wrong_in_rounds(*tournament(), periods), 0);
}

TEST(Tournament, OwnPastIsAsLongAsItsHistory) {
  // The seventh outcome behind the one that is taken looks to six bits like the eighth.
  EXPECT_EQ(wrong_in_rounds(*tournament({{"local_history_bits", 7}, {"global_history_bits", 1}}), {8}), 0);
  EXPECT_EQ(wrong_in_rounds(*tournament({{"local_history_bits", 6}, {"global_history_bits", 1}}), {8}), 250);
}

TEST(Tournament, LearnsABranchByTheOthers) {
  const auto predictor = tournament({{"global_history_bits", 6}});
  Random random(2);
  int follower = 0, leader = 0;
  for (int i = 0; i < 4000; ++i) {
    const bool outcome = random.below(2);
    leader += wrong(*predictor, 0x1000, outcome) && i >= 2000;
    wrong(*predictor, 0x1010, false);
    wrong(*predictor, 0x1020, true);
    follower += wrong(*predictor, 0x1030, outcome) && i >= 2000;
  }
  EXPECT_EQ(follower, 0);
  EXPECT_GT(leader, 800);
}

TEST(Tournament, BranchesOfOneHistoryShareIt) {
  // Of 16 histories, 32 bytes of code further on have the same one.
  const Json small = {{"local_histories", 16}};
  const auto apart = tournament(small), shared = tournament(small);
  for (int i = 0; i < 100; ++i) {
    wrong(*apart, 0x1000, true);
    wrong(*shared, 0x1000, true);
    wrong(*apart, 0x1002, false);
    wrong(*shared, 0x1020, false);
  }
  EXPECT_EQ(first_histories(*apart), (std::vector<u64>{0x3ff, 0}));
  EXPECT_EQ(first_histories(*shared), (std::vector<u64>{0x2aa, 0}));
}

TEST(Tournament, ParametersAreBounded) {
  const auto complaint = [](const Json& json) { return config_message([&] { tournament(json); }); };
  EXPECT_EQ(complaint({{"local_histories", 1000}}),
            "test.local_histories: must be a power of two up to 1048576, found 1000");
  EXPECT_EQ(complaint({{"local_history_bits", 17}}), "test.local_history_bits: must be 1..16, found 17");
  EXPECT_EQ(complaint({{"local_counter_bits", 0}}), "test.local_counter_bits: must be 1..7, found 0");
  EXPECT_EQ(complaint({{"global_history_bits", 25}}), "test.global_history_bits: must be 1..24, found 25");
}

}  // namespace
}  // namespace orrery
