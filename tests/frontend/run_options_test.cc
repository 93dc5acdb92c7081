// The flags of run and resume, and what they stand for.
#include "frontend/run_options.h"

#include <gtest/gtest.h>

#include "tests/base/config_message.h"

namespace orrery {
namespace {

using Arguments = std::vector<std::string>;
using Settings = std::vector<std::pair<std::string, Json>>;
const std::vector<std::string> models = {"direct", "interpreter"};

RunOptions parse(const Arguments& args) { return parse_run_options(RunKind::Run, args).value(); }

std::string mistake(const Arguments& args) {
  return config_message([&] { phases_of(parse(args), models); });
}

TEST(RunOptions, SugarBecomesSettings) {
  EXPECT_EQ(settings(parse({"c.json"})), Settings{});
  EXPECT_EQ(settings(parse({"--harts", "4", "c.json", "--cpu=direct", "--append", "a=b c",
                            "--memory", "1GiB", "--add", "x:/x", "--add", "y:/y"})),
            (Settings{{"machine.cpu", "direct"},
                      {"machine.harts", 4u},
                      {"machine.memory", "1GiB"},
                      {"machine.boot.append", "a=b c"},
                      {"machine.boot.add", {"x:/x", "y:/y"}}}));
  // Not a number: the description says what is wrong with it, by its path.
  EXPECT_EQ(settings(parse({"c.json", "--harts", "many"})), (Settings{{"machine.harts", "many"}}));
  // Text stays text.
  EXPECT_EQ(settings(parse({"c.json", "--append", "1"})), (Settings{{"machine.boot.append", "1"}}));
}

TEST(RunOptions, SetIsKeptAsGiven) {
  EXPECT_EQ(parse({"c.json", "--set", "a=1", "--set", "b=2"}).set, (Arguments{"a=1", "b=2"}));
}

TEST(RunOptions, FlagsAreOnePhase) {
  const auto phases = phases_of(parse({"c.json", "--until", "insts=5", "--until", "poweroff",
                                       "--save", "ck", "--replace", "--stats", "s.json"}),
                                models);
  ASSERT_EQ(phases.size(), 1u);
  EXPECT_EQ(phases[0].until.size(), 2u);
  EXPECT_EQ(phases[0].save, "ck");
  EXPECT_TRUE(phases[0].replace);
  EXPECT_EQ(phases[0].stats, "s.json");
}

TEST(RunOptions, StatsAsATable) {
  EXPECT_EQ(phases_of(parse({"c.json", "--stats", "-"}), models)[0].stats, "-");
  EXPECT_EQ(phases_of(parse({"c.json", "--stats", "table"}), models)[0].stats, "-");
}

TEST(RunOptions, OutTakesRelativeNames) {
  const RunOptions o =
      parse({"c.json", "--out", "dir", "--save", "ck", "--signature", "/tmp/signature"});
  const auto phases = phases_of(o, models);
  EXPECT_EQ(phases[0].save, "dir/ck");
  EXPECT_EQ(phases[0].stats, "dir/stats.json");
  EXPECT_EQ(result_path(o, *o.signature), "/tmp/signature");
}

TEST(RunOptions, Mistakes) {
  EXPECT_EQ(mistake({}), "orrery run: CONFIG is missing; see --help");
  EXPECT_EQ(mistake({"a", "b"}), "\"b\": one argument too many; see --help");
  EXPECT_EQ(mistake({"a", "--untl", "x"}),
            "--untl: unknown flag (did you mean \"--until\"?); see --help");
  EXPECT_EQ(mistake({"a", "--cpu"}), "--cpu: its value is missing; see --help");
  EXPECT_EQ(mistake({"a", "--cpu", "x", "--cpu", "y"}), "--cpu: given more than once");
  EXPECT_EQ(mistake({"a", "--quiet=1"}), "--quiet: takes no value; see --help");
  EXPECT_EQ(mistake({"a", "--save", "--quiet"}),
            "--save: its value is missing, found the flag --quiet");
  EXPECT_EQ(mistake({"a", "--record", "x", "--replay", "y"}),
            "--record: cannot be combined with --replay");
  EXPECT_EQ(mistake({"a", "--phases", "p.json", "--until", "poweroff"}),
            "--until: cannot be combined with --phases, which says it by phase");
  EXPECT_EQ(mistake({"a", "--pace", "slow"}), "--pace: expected host or free, found \"slow\"");
  EXPECT_EQ(mistake({"a", "--replace"}), "--replace: needs --save");
  EXPECT_EQ(mistake({"a", "--trace-file", "x"}), "--trace-file: needs --trace");
  EXPECT_EQ(mistake({"\xff"}), "an argument is not UTF-8 text");
}

}  // namespace
}  // namespace orrery
