// Registries: a type named in a description is found, configured and created.
#include "base/registry.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

class Shape {
 public:
  virtual ~Shape() = default;
  virtual u32 area() const = 0;
};
using Shapes = Registry<Shape, u32>;

class Square final : public Shape {
 public:
  struct Config {
    u32 side = 2;
    void visit(Params& p) { p("side", side, "units", "length of a side"); }
  };
  Square(const Config& config, u32 scale) : area_(config.side * config.side * scale) {}
  u32 area() const override { return area_; }

 private:
  u32 area_;
};

class Dot final : public Shape {
 public:
  struct Config {
    void visit(Params&) {}
  };
  Dot(const Config&, u32) {}
  u32 area() const override { return 0; }
};

const bool registered = Shapes::add<Square>("square", "four sides") && Shapes::add<Dot>("dot", "none");

std::unique_ptr<Shape> create(const char* text, u32 scale) {
  const Json source = Json::parse(text);
  Params params(source, "machine.shape");
  Shapes::Choice choice("dot");
  choice.visit(params);
  params.finish();
  return choice.create(scale);
}

TEST(Registry, NamesAreAlphabetical) {
  ASSERT_TRUE(registered);
  EXPECT_EQ(Shapes::names(), (std::vector<std::string>{"dot", "square"}));
}

TEST(Registry, CreatesTheTypeNamedWithItsParameters) {
  EXPECT_EQ(create("{}", 1)->area(), 0u);
  EXPECT_EQ(create(R"({"type": "square"})", 1)->area(), 4u);
  EXPECT_EQ(create(R"({"type": "square", "side": 3})", 10)->area(), 90u);
}

TEST(Registry, MistakesAreNamedWithTheirPath) {
  EXPECT_EQ(config_message([] { create(R"({"type": "sqare"})", 1); }),
            "machine.shape.type: unknown \"sqare\" (did you mean \"square\"?); known: dot square");
  EXPECT_EQ(config_message([] { create(R"({"type": 3})", 1); }),
            "machine.shape.type: unknown 3; known: dot square");
  EXPECT_EQ(config_message([] { create(R"({"type": "dot", "side": 3})", 1); }),
            "machine.shape.side: unknown parameter; known: type");
}

TEST(Registry, AllHoldsOneConfigurationPerType) {
  const Json source = Json::parse(R"({"square": {"side": 5}})");
  Params params(source, "shapes");
  Shapes::All all;
  all.visit(params);
  params.finish();
  EXPECT_EQ(all.create("square", 1)->area(), 25u);
  EXPECT_EQ(all.create("dot", 1)->area(), 0u);
  EXPECT_EQ(all.create("line", 1), nullptr);
  EXPECT_EQ(params.resolved()["square"]["side"], 5u);
}

TEST(RegistryDeathTest, DefectsEndTheProgram) {
  EXPECT_DEATH(Shapes::add<Dot>("dot", "again"), "two types are registered as dot");
  EXPECT_DEATH(Shapes::Choice("dot").create(1), "created before it was read");
  EXPECT_DEATH(Shapes::All().create("dot", 1), "created before it was read");
}

}  // namespace
}  // namespace orrery
