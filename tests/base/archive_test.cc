// State: what is saved is loaded back, and nothing else is loaded.
#include "base/archive.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "base/json_io.h"
#include "base/random.h"
#include "tests/base/config_message.h"
#include "tests/environment.h"

namespace orrery {
namespace {

enum class Mode : u8 { Slow = 0, Fast = 7 };
enum class Signed : int { Below = -5 };
struct Pair {
  u64 key = 0, value = 0;
  bool operator==(const Pair&) const = default;
};

struct Part : Component {
  using Component::Component;
  u64 wide = 1;
  i32 negative = -7;
  i64 lowest = std::numeric_limits<i64>::min();
  u8 narrow = 200;
  bool flag = true;
  Mode mode = Mode::Fast;
  Signed sign = Signed::Below;
  Tick when{99};
  std::string text = "text";
  u64 small[4] = {1, 2, 3, ~u64{0}};
  std::array<i16, 3> shorts{-1, 0, 1};
  std::array<bool, 70> flags{};
  std::vector<u8> memory = std::vector<u8>(1000, 3);
  std::vector<Pair> queue = {{1, 2}, {3, 4}};
  u32 nested = 5;

  void state(Archive& a) override {
    a("wide", wide);
    a("negative", negative);
    a("lowest", lowest);
    a("narrow", narrow);
    a("flag", flag);
    a("mode", mode);
    a.require(mode == Mode::Slow || mode == Mode::Fast, "mode", "neither slow nor fast");
    a("sign", sign);
    a("when", when);
    a("text", text);
    a("small", small);
    a("shorts", shorts);
    a("flags", flags);
    a("memory", std::span(memory));
    a.resizable("queue", queue, 10);
    a.group("inner", [this](Archive& g) { g("nested", nested); });
  }
};

struct Cold : Component {
  using Component::Component;
  bool is_timing_state() const override { return true; }
  u64 tag = 1;
  void state(Archive& a) override { a("tag", tag); }
};

struct Tree {
  Component root{nullptr, "machine"};
  Part part{&root, "part"};
  Cold cache{&root, "cache"};
  Cold tags{&cache, "tags"};
};

void change(Part& part) {
  part.wide = 0;
  part.negative = 1;
  part.lowest = 0;
  part.narrow = 0;
  part.flag = false;
  part.mode = Mode::Slow;
  part.sign = Signed{};
  part.when = Tick{};
  part.text = "\n";
  part.small[3] = 0;
  part.shorts = {};
  part.flags.fill(true);
  part.memory.assign(1000, 4);
  part.queue.clear();
  part.nested = 0;
}

TEST(Archive, WhatIsSavedIsLoadedBackThroughCbor) {
  Tree a, b;
  const Json saved = save_tree(a.root, false);
  change(b.part);
  EXPECT_EQ(differences(saved, save_tree(b.root, false), 100).size(), 17u);
  load_tree(b.root, parse_cbor(Json::to_cbor(saved), "state"), false);
  EXPECT_EQ(differences(saved, save_tree(b.root, false), 100), std::vector<std::string>{});
  EXPECT_EQ(b.part.negative, -7);
  EXPECT_EQ(b.part.sign, Signed::Below);
  EXPECT_EQ(b.part.queue, a.part.queue);
  EXPECT_EQ(Json::to_cbor(saved), Json::to_cbor(save_tree(b.root, false)));
}

TEST(Archive, TimingStateIsASetOfItsOwn) {
  Tree t;
  EXPECT_FALSE(save_tree(t.root, false).contains("machine.cache"));
  const Json timing = save_tree(t.root, true);
  EXPECT_EQ(timing.dump(), R"({"machine.cache":{"tag":1},"machine.cache.tags":{"tag":1}})");
}

std::string load_with(const char* pointer, Json value) {
  Tree a;
  Json bad = save_tree(a.root, false);
  bad["machine.part"][Json::json_pointer(pointer)] = std::move(value);
  return config_message([&] { load_tree(a.root, bad, false); });
}

TEST(Archive, WrongFieldsAreErrorsWithTheirPath) {
  EXPECT_EQ(load_with("/more", 1), "checkpoint: machine.part.more: unknown field");
  EXPECT_EQ(load_with("/inner/more", 1), "checkpoint: machine.part.inner.more: unknown field");
  EXPECT_EQ(load_with("/wide", -1), "checkpoint: machine.part.wide: not a whole number");
  EXPECT_EQ(load_with("/wide", 1.5), "checkpoint: machine.part.wide: not a whole number");
  EXPECT_EQ(load_with("/narrow", 256), "checkpoint: machine.part.narrow: 256 is out of range");
  EXPECT_EQ(load_with("/flag", 2), "checkpoint: machine.part.flag: neither 0 nor 1");
  EXPECT_EQ(load_with("/mode", 3), "checkpoint: machine.part.mode: neither slow nor fast");
  EXPECT_EQ(load_with("/text", 3), "checkpoint: machine.part.text: not a text");
  EXPECT_EQ(load_with("/small", 3), "checkpoint: machine.part.small: not an array");
  EXPECT_EQ(load_with("/small", Json({1, 2, 3})),
            "checkpoint: machine.part.small: 3 elements, expected 4");
  EXPECT_EQ(load_with("/shorts/1", 65536),
            "checkpoint: machine.part.shorts: an element is out of range");
  EXPECT_EQ(load_with("/shorts/1", "x"),
            "checkpoint: machine.part.shorts: an element is not a whole number");
  EXPECT_EQ(load_with("/flags", Json::binary(std::vector<u8>(70, 2))),
            "checkpoint: machine.part.flags: an element is out of range");
  EXPECT_EQ(load_with("/memory", Json::binary(std::vector<u8>(999))),
            "checkpoint: machine.part.memory: 999 bytes, expected 1000");
  EXPECT_EQ(load_with("/queue_length", 11),
            "checkpoint: machine.part.queue_length: 11 is more than 10");
  EXPECT_EQ(load_with("/queue_length", 3),
            "checkpoint: machine.part.queue: 32 bytes, expected 48");
  EXPECT_EQ(load_with("/inner", 3), "checkpoint: machine.part.inner: not a group");
}

TEST(Archive, MissingFieldsAndSectionsAreErrors) {
  Tree t;
  Json bad = save_tree(t.root, false);
  bad["machine.part"].erase("wide");
  EXPECT_EQ(config_message([&] { load_tree(t.root, bad, false); }),
            "checkpoint: machine.part.wide: missing");
  EXPECT_EQ(config_message([&] { load_tree(t.root, Json::object(), false); }),
            "checkpoint: machine.part.wide: missing");
  EXPECT_EQ(config_message([&] { load_tree(t.root, Json(3), false); }),
            "checkpoint: not a set of sections");
  bad = save_tree(t.root, false);
  bad["machine.uart7"] = Json::object();
  EXPECT_EQ(config_message([&] { load_tree(t.root, bad, false); }),
            "checkpoint: machine.uart7: this machine has no such component");
}

// A part whose layout grew a field in version 2.
struct Grown : Component {
  explicit Grown(u32 knows) : Component(nullptr, "grown"), version(knows) {}
  void state(Archive& a) override {
    if (version > 1) a.version(version);
    a("old", old);
    if (a.has_version(2)) a("added", added); else added = 42;
    a.group("inner", [this](Archive& g) {
      g.version(version);
      g("deep", deep);
    });
  }
  u32 version;
  u64 old = 1, added = 2, deep = 3;
};

TEST(Archive, OldVersionsLoadAndNewerOnesAreRefused) {
  Grown one(1), two(2), three(3);
  load_tree(two, save_tree(one, false), false);
  EXPECT_EQ(two.added, 42u);
  two.added = 5;
  load_tree(three, save_tree(two, false), false);
  EXPECT_EQ(three.added, 5u);
  EXPECT_EQ(config_message([&] { load_tree(two, save_tree(three, false), false); }),
            "checkpoint: grown.version: 3 was written by a newer Orrery; this one knows up to 2");
  EXPECT_EQ(config_message([&] { load_tree(one, save_tree(three, false), false); }).find(
                "checkpoint: grown."), 0u);
  for (const Json& value : {Json(0), Json(-1), Json(1.5), Json("2"), Json(u64{1} << 33)}) {
    Json bad = save_tree(two, false);
    bad["grown"]["version"] = value;
    config_message([&] { load_tree(two, bad, false); });
  }
}

TEST(Archive, ARegisterMayBeCalledVersion) {
  struct Virtio : Component {
    using Component::Component;
    u32 version = 77;
    void state(Archive& a) override { a("version", version); }
  };
  Virtio a(nullptr, "virtio"), b(nullptr, "virtio");
  b.version = 0;
  load_tree(b, save_tree(a, false), false);
  EXPECT_EQ(b.version, 77u);
}

TEST(Archive, DifferencesNameTheFieldsAndBothValues) {
  Tree a, b;
  b.part.wide = 0x10;
  b.part.shorts[2] = 5;
  b.part.memory[7] = 0;
  b.part.text = "\xff";
  const auto found = differences(save_tree(a.root, false), save_tree(b.root, false), 10);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0], "machine.part.wide: 0x1 and 0x10");
  EXPECT_EQ(found[2], "machine.part.shorts[2]: 0x1 and 0x5");
  EXPECT_EQ(found[3], "machine.part.memory: bytes differ from offset 7 on (1000 and 1000 bytes)");
  EXPECT_EQ(differences(save_tree(a.root, false), save_tree(b.root, false), 2).size(), 2u);
  EXPECT_EQ(differences(Json{{"a", 1}}, Json{{"b", 1}}, 9),
            (std::vector<std::string>{"a: only in the first", "b: only in the second"}));
}

// Any value at any place is loaded or refused, never worse.
TEST(Archive, HostileSectionsNeverCrash) {
  Random random(1);
  const std::vector<Json> values = {nullptr, true, -1, 1.5, ~u64{0}, "\xff", Json::array(),
                                    Json::object(), Json::binary({1, 2, 3}), Json::array({-1}),
                                    Json::array({Json::object()}), 0, 1, 255};
  Tree t;
  const Json good = save_tree(t.root, false);
  const Json flat = good.flatten();
  std::vector<std::string> places;
  for (const auto& [place, value] : flat.items())
    for (std::size_t end = place.size(); end != 0 && end != std::string::npos;
         end = place.rfind('/', end - 1))
      places.push_back(place.substr(0, end));
  int refused = 0;
  for (int i = 0; i < 3000 * fuzz_scale(); ++i) {
    Json bad = good;
    bad[Json::json_pointer(places[random.below(places.size())])] = values[random.below(values.size())];
    Tree victim;
    try {
      load_tree(victim.root, bad, false);
    } catch (const ConfigError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 2000);
}

TEST(ArchiveDeathTest, AFieldListedTwiceIsADefect) {
  struct Twice : Component {
    using Component::Component;
    u32 value = 0;
    void state(Archive& a) override {
      a("value", value);
      a("value", value);
    }
  };
  EXPECT_DEATH(save_tree(Twice(nullptr, "twice"), false), "twice.value saved twice");
}

}  // namespace
}  // namespace orrery
