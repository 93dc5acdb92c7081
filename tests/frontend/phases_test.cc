// Lists of phases.
#include "frontend/phases.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

const std::vector<std::string> models = {"direct", "inorder"};

std::vector<Phase> parse(const char* text) {
  return parse_phases(Json::parse(text), "p.json: phases", models);
}

std::string mistake(const char* text) {
  return config_message([&] { parse(text); });
}

TEST(Phases, DefaultsOfAnEmptyPhase) {
  const auto phases = parse("[{}]");
  ASSERT_EQ(phases.size(), 1u);
  EXPECT_EQ(phases[0].cpu, "");
  EXPECT_TRUE(phases[0].until.empty());
  EXPECT_TRUE(phases[0].reset_stats);
  EXPECT_FALSE(phases[0].replace);
  EXPECT_FALSE(phases[0].drain);
}

TEST(Phases, EveryKey) {
  const auto phases = parse(R"([
    {"cpu": "direct", "until": ["console=\"# \"", "insts=1G"], "type": "work\n"},
    {"until": "marker=2", "save": "ck", "replace": true, "drain": true},
    {"cpu": "inorder", "until": ["marker=3"], "stats": "loop.json", "reset_stats": false}])");
  ASSERT_EQ(phases.size(), 3u);
  EXPECT_EQ(phases[0].cpu, "direct");
  ASSERT_EQ(phases[0].until.size(), 2u);
  EXPECT_EQ(phases[0].until[0].text, "# ");
  EXPECT_EQ(phases[0].until[1].number, 1'000'000'000u);
  EXPECT_EQ(phases[0].type, "work\n");
  ASSERT_EQ(phases[1].until.size(), 1u);
  EXPECT_TRUE(phases[1].awaits(Condition::Kind::Marker));
  EXPECT_FALSE(phases[1].awaits(Condition::Kind::Time));
  EXPECT_EQ(phases[1].save, "ck");
  EXPECT_TRUE(phases[1].replace);
  EXPECT_TRUE(phases[1].drain);
  EXPECT_EQ(phases[2].stats, "loop.json");
  EXPECT_FALSE(phases[2].reset_stats);
}

TEST(Phases, ASeriesNeedsItsInterval) {
  const auto phases = parse(R"([{"stats_series": "s", "stats_every": "time=2us", "stats_columns": ["*"]}])");
  EXPECT_EQ(phases[0].stats_series, "s");
  EXPECT_EQ(phases[0].stats_every.value().number, 2'000'000u);
  EXPECT_EQ(phases[0].stats_columns, std::vector<std::string>{"*"});
  EXPECT_EQ(mistake(R"([{"stats_series": "s"}])"),
            "p.json: phases[0].stats_every: must be given with stats_series, and only then, found \"\"");
  EXPECT_EQ(mistake(R"([{"stats_every": "insts=1"}])"),
            "p.json: phases[0].stats_every: must be given with stats_series, and only then, found \"insts=1\"");
  EXPECT_EQ(mistake(R"([{"stats_columns": ["*"]}])"),
            "p.json: phases[0].stats_columns: needs stats_series, found [\"*\"]");
  EXPECT_EQ(mistake(R"([{"stats_series": "s", "stats_every": "marker=2"}])"),
            "p.json: phases[0].stats_every: expected insts=1M or time=1ms, found \"marker=2\"");
}

TEST(Phases, MistakesNameThePath) {
  EXPECT_EQ(mistake(R"([{}, {"cpu": "inordre"}])"),
            "p.json: phases[1].cpu: unknown \"inordre\"; known: direct inorder");
  EXPECT_TRUE(mistake(R"([{"until": ["poweroff", "marker=0"]}])")
                  .starts_with("p.json: phases[0].until[1]: expected a marker"));
  EXPECT_TRUE(mistake(R"([{"untl": []}])")
                  .starts_with("p.json: phases[0].untl: unknown parameter (did you mean \"until\"?)"));
  EXPECT_TRUE(mistake(R"([{"until": [3]}])").starts_with("p.json: phases[0].until: "));
  EXPECT_TRUE(mistake(R"([{"save": 1}])").starts_with("p.json: phases[0].save: "));
  EXPECT_TRUE(mistake(R"([{"drain": "yes"}])").starts_with("p.json: phases[0].drain: "));
  EXPECT_TRUE(mistake("[3]").starts_with("p.json: phases[0]: expected an object"));
  EXPECT_TRUE(mistake("[]").starts_with("p.json: phases: expected a list"));
  EXPECT_TRUE(mistake("{}").starts_with("p.json: phases: expected a list"));
}

}  // namespace
}  // namespace orrery
