// Parameters: one line declares a parameter, and reading, defaults, rules, the resolved description
// and the list of what is fixed follow from it.
#include "base/params.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

struct CacheConfig {
  Bytes size{32768};
  u32 ways = 8;
  void visit(Params& p) {
    p("size", size, "bytes it holds").fixed_at_restore();
    p("ways", ways, "ways", "associativity");
    p.require(ways >= 1 && ways <= 64, "ways", "must be 1..64");
  }
};

enum class Policy { Lru, Random };

struct MachineLike {
  bool trace = false;
  u32 harts = 1;
  u64 limit = 0;
  double scale = 1.5;
  Duration quantum{4000};
  Frequency clock{1'000'000'000}, timebase{10'000'000};
  PhysAddr base{0x8000'0000};
  std::string name = "plain";
  std::vector<std::string> arguments;
  Policy policy = Policy::Random;
  CacheConfig l1;
  std::optional<CacheConfig> l2;
  std::optional<CacheConfig> l3 = CacheConfig{};

  void visit(Params& p) {
    p("trace", trace, "whether to trace");
    p("harts", harts, "harts", "number of harts").fixed_at_restore();
    p("limit", limit, "instructions", "when to stop");
    p("scale", scale, "times", "a factor");
    p("quantum", quantum, "length of a turn");
    p.clock("clock", clock, "core clock");
    p("timebase", timebase, "what time counts");
    p("base", base, "where it is");
    p("name", name, "what it is called");
    p("arguments", arguments, "what it is told");
    p.choice("policy", policy, {{"lru", Policy::Lru}, {"random", Policy::Random}}, "who leaves");
    p.child("l1", l1, "first level");
    p.child("l2", l2, "second level").fixed_at_restore();
    p.child("l3", l3, "third level");
  }
};

struct Read {
  MachineLike config;
  Json resolved, schema;
  std::vector<std::string> fixed;
};

Read read(const Json& source) {
  Read result;
  Params params(source, "machine");
  result.config.visit(params);
  params.finish();
  result.resolved = params.resolved();
  result.schema = params.schema();
  result.fixed = params.fixed();
  return result;
}

Read read(const char* text) { return read(Json::parse(text)); }

TEST(Params, SilenceMeansDefaults) {
  const Read r = read("{}");
  EXPECT_EQ(r.config.harts, 1u);
  EXPECT_EQ(r.config.policy, Policy::Random);
  EXPECT_FALSE(r.config.l2);
  EXPECT_TRUE(r.config.l3);
  EXPECT_EQ(r.resolved["clock"], "1GHz");
  EXPECT_EQ(r.resolved["base"], "0x80000000");
  EXPECT_EQ(r.resolved["l1"]["size"], "32KiB");
  EXPECT_TRUE(r.resolved["l2"].is_null());
}

TEST(Params, ReadsEveryKind) {
  const Read r = read(R"({"trace": true, "harts": "2k", "limit": 7, "scale": 2, "quantum": "1us",
      "clock": "2GHz", "base": 4096, "name": "n", "arguments": ["a", "b"], "policy": "lru",
      "l1": {"ways": 4}, "l2": {"size": "1MiB"}, "l3": null, "// why": "a remark"})");
  EXPECT_TRUE(r.config.trace);
  EXPECT_EQ(r.config.harts, 2000u);
  EXPECT_EQ(r.config.limit, 7u);
  EXPECT_EQ(r.config.scale, 2.0);
  EXPECT_EQ(r.config.quantum.ticks, 1'000'000u);
  EXPECT_EQ(r.config.base.value(), 4096u);
  EXPECT_EQ(r.config.arguments.size(), 2u);
  EXPECT_EQ(r.config.policy, Policy::Lru);
  EXPECT_EQ(r.config.l1.ways, 4u);
  EXPECT_EQ(r.config.l2->size.value, u64{1} << 20);
  EXPECT_FALSE(r.config.l3);
}

TEST(Params, ResolvedDescriptionReadsBackToItself) {
  const Read once = read(R"({"harts": 3, "l2": {}, "l3": null, "quantum": "7ps"})");
  EXPECT_EQ(read(once.resolved).resolved, once.resolved);
}

TEST(Params, AClockIsShownAsItsWholePeriodsMakeIt) {
  const Read r = read(R"({"clock": "3GHz", "timebase": "3GHz"})");
  EXPECT_EQ(r.resolved["clock"], "3003003003Hz");
  EXPECT_EQ(r.config.clock.hertz, 3'003'003'003u);
  EXPECT_EQ(r.resolved["timebase"], "3GHz");
  EXPECT_EQ(read(r.resolved).resolved, r.resolved);
}

TEST(Params, UnknownKeyNamesTheNearest) {
  EXPECT_EQ(config_message([] { read(R"({"l1": {"wyas": 4}})"); }),
            "machine.l1.wyas: unknown parameter (did you mean \"ways\"?); known: size ways");
  EXPECT_EQ(config_message([] { read(R"({"l1": {"replacement": 4}})"); }),
            "machine.l1.replacement: unknown parameter; known: size ways");
}

TEST(Params, UnknownWordNamesTheNearest) {
  EXPECT_EQ(config_message([] { read(R"({"policy": "lruu"})"); }),
            "machine.policy: unknown \"lruu\" (did you mean \"lru\"?); known: lru random");
  EXPECT_EQ(config_message([] { read(R"({"policy": 7})"); }),
            "machine.policy: unknown 7; known: lru random");
}

TEST(Params, RulesNameWhatWasFound) {
  EXPECT_EQ(config_message([] { read(R"({"l1": {"ways": 65}})"); }),
            "machine.l1.ways: must be 1..64, found 65");
  EXPECT_EQ(config_message([] { read(R"({"clock": "0Hz"})"); }),
            "machine.clock: must be 1Hz to 1000GHz, found \"0Hz\"");
}

TEST(Params, RefusesValuesOfAnotherKind) {
  for (const char* text :
       {R"({"trace": 1})", R"({"harts": -1})", R"({"harts": 1.5})", R"({"harts": 4294967296})",
        R"({"harts": "many"})", R"({"limit": 1e30})", R"({"scale": "2"})", R"({"quantum": 5})",
        R"({"quantum": "5KiB"})", R"({"base": "0x"})", R"({"base": "010z"})", R"({"base": -1})",
        R"({"base": "0x10000000000000000"})", R"({"base": "1\u0000"})", R"({"name": 4})",
        R"({"arguments": "a"})", R"({"arguments": [1]})", R"({"l1": null})", R"({"l1": []})",
        R"({"l2": 1})", R"({"clock": "2THz"})", "[]", "null", "3"}) {
    EXPECT_NE(config_message([&] { read(text); }).find("machine"), std::string::npos) << text;
  }
}

TEST(Params, NumbersMadeByProgramsAreAsGoodAsParsedOnes) {
  EXPECT_EQ(read(Json{{"harts", 3}}).config.harts, 3u);
  EXPECT_EQ(read(Json{{"base", 16}}).config.base.value(), 16u);
}

TEST(Params, MessagesSurviveHostileValues) {
  Json deep = 1;
  for (int i = 0; i < 500; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(config_message([&] { read(Json{{"harts", deep}}); }),
            "machine.harts: expected a whole number of harts, found a deeply "
            "nested value");
  config_message([] { read(Json{{"name", Json::binary({1, 2})}}); });
  config_message([] { read(Json{{"policy", "\xff\xfe"}}); });
  config_message([] { read(Json{{std::string(100'000, 'x'), 1}}); });
  EXPECT_LT(config_message([] { read(Json{{"harts", std::string(100'000, 'x')}}); }).size(), 400u);
}

TEST(Params, ListsWhatIsFixedAtRestore) {
  EXPECT_EQ(read("{}").fixed,
            (std::vector<std::string>{"machine.harts", "machine.l1.size", "machine.l2",
                                      "machine.l3.size"}));
}

TEST(Params, SchemaDescribesEverythingAndItsDefaults) {
  const Json schema = read(R"({"harts": 9})").schema;
  const Json& properties = schema["properties"];
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(properties["harts"]["default"], 1u);
  EXPECT_EQ(properties["harts"]["description"], "number of harts");
  EXPECT_EQ(properties["policy"]["enum"], Json({"lru", "random"}));
  EXPECT_EQ(properties["l1"]["type"], "object");
  EXPECT_EQ(properties["l1"]["description"], "first level");
  EXPECT_EQ(properties["l2"]["type"], Json({"object", "null"}));
  EXPECT_EQ(properties["l2"]["properties"]["ways"]["default"], 8u);
}

TEST(Params, NearestForgivesSlipsOnly) {
  const std::vector<std::string> known = {"memory", "harts", "l2"};
  EXPECT_EQ(nearest("meomry", known), "memory");
  EXPECT_EQ(nearest("l1", known), "l2");
  EXPECT_EQ(nearest("xy", known), std::nullopt);
  EXPECT_EQ(nearest("completely", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest("har", {"warm", "harts"}), "harts") << "as near as the other one, and begun";
}

}  // namespace
}  // namespace orrery
