// Conditions that end a phase.
#include "frontend/condition.h"

#include <gtest/gtest.h>

#include "base/units.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

using Kind = Condition::Kind;

std::string mistake(const std::string& text) {
  return config_message([&] { parse_condition(text, "--until"); });
}

TEST(Condition, Instructions) {
  const Condition c = parse_condition("insts=100M", "--until");
  EXPECT_EQ(c.kind, Kind::Instructions);
  EXPECT_EQ(c.number, 100'000'000u);
  EXPECT_EQ(c.written, "insts=100M");
  EXPECT_TRUE(c.is_limit());
  EXPECT_EQ(parse_condition("insts=0", "").number, 0u);
}

TEST(Condition, Time) {
  const Condition c = parse_condition("time=2.5ms", "--until");
  EXPECT_EQ(c.kind, Kind::Time);
  EXPECT_EQ(c.number, 2'500'000'000u);
  EXPECT_TRUE(c.is_limit());
}

TEST(Condition, ConsoleTextWithAndWithoutQuotes) {
  EXPECT_EQ(parse_condition("console=login:", "").text, "login:");
  EXPECT_EQ(parse_condition("console=\"login:\"", "").text, "login:");
  EXPECT_EQ(parse_condition("console=a=b", "").text, "a=b");
  EXPECT_EQ(parse_condition("console=~ # ", "").text, "~ # ");
  EXPECT_EQ(parse_condition(R"(console="a\n\"b\"\\")", "").text, "a\n\"b\"\\");
  EXPECT_FALSE(parse_condition("console=x", "").is_limit());
}

TEST(Condition, MarkerAndPoweroff) {
  EXPECT_EQ(parse_condition("marker=2047", "").number, 2047u);
  EXPECT_EQ(parse_condition("poweroff", "").kind, Kind::Poweroff);
}

TEST(Condition, MistakesNameThePathAndWhatWasFound) {
  EXPECT_EQ(mistake("marker=2048"), "--until: expected a marker from 1 to 2047, found 2048");
  EXPECT_EQ(mistake("insts=ten"),
            "--until: expected a number of instructions such as insts=100M, found \"ten\"");
  EXPECT_EQ(mistake("inst=3"),
            "--until: expected insts=100M, time=2s, console=\"text\", marker=3 or poweroff, found "
            "\"inst=3\" (did you mean \"insts\"?)");
  for (const char* text :
       {"", "=", "insts", "insts=", "insts=-1", "insts=1.5", "time=2", "time=2kg", "time=99999999999s",
        "marker=0", "marker=x", "poweroff=1", "console", "console=", "console=\"\"", "console=\"a",
        "console=\"a\"b\"", "console=\"\\q\"", "console=\"\\\"", "console=\""})
    EXPECT_TRUE(mistake(text).starts_with("--until: ")) << text;
}

}  // namespace
}  // namespace orrery
