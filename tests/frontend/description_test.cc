// Configuration files and settings.
#include "frontend/description.h"

#include <gtest/gtest.h>

#include "tests/models/boot/blobs.h"

namespace orrery {
namespace {

using namespace blobs;

class DescriptionTest : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    return folder.write(name, bytes_of(text));
  }
  Json read(std::string_view text) { return read_description(write("d.json", text)); }
  Folder folder;
};

TEST_F(DescriptionTest, BasesMerge) {
  write("lists/a.json", R"({"machine": {"harts": 1, "boot": {"append": "a", "add": ["x:/x"]}}})");
  write("b.json", R"({"base": "lists/a.json", "machine": {"harts": 2, "clock": "1GHz"}})");
  const Json all = read(R"({"base": "b.json", "machine": {"boot": {"append": "c", "add": []}}})");
  EXPECT_EQ(all, Json::parse(R"({"machine": {"harts": 2, "boot": {"append": "c", "add": []},
                                 "clock": "1GHz"}})"));
}

TEST_F(DescriptionTest, SeveralBasesLaterOverEarlier) {
  write("a.json", R"({"x": 1, "y": 1})");
  write("b.json", R"({"y": 2, "z": 2})");
  EXPECT_EQ(read(R"({"base": ["a.json", "b.json"], "z": 3})"),
            Json::parse(R"({"x": 1, "y": 2, "z": 3})"));
  // The same file twice is no cycle.
  write("c.json", R"({"base": "a.json"})");
  EXPECT_EQ(read(R"({"base": ["c.json", "a.json"]})")["x"], 1);
}

TEST_F(DescriptionTest, AnotherTypeReplaces) {
  write("a.json", R"({"p": {"type": "srrip", "bits": 3}, "q": {"bits": 3}})");
  const Json all = read(R"({"base": "a.json", "p": {"type": "lru"}, "q": {"type": "srrip"}})");
  EXPECT_EQ(all["p"], Json::parse(R"({"type": "lru"})"));
  EXPECT_EQ(all["q"], Json::parse(R"({"bits": 3, "type": "srrip"})"));
}

TEST_F(DescriptionTest, FileNames) {
  setenv("ORRERY_CACHE", "/cache", 1);
  write("sub/a.json", R"({"machine": {"boot": {"kernel": "k", "firmware": "/abs/f",
                          "initramfs": "${ORRERY_CACHE}/i", "append": "k", "add": ["../t:/bin/t"]}}})");
  const Json all = read(R"({"base": "sub/a.json", "machine": {"boot": {"kernel": ""}}})");
  const Json& boot = all["machine"]["boot"];
  EXPECT_EQ(boot["kernel"], "");
  EXPECT_EQ(boot["firmware"], "/abs/f");
  EXPECT_EQ(boot["initramfs"], "/cache/i");
  EXPECT_EQ(boot["append"], "k");
  EXPECT_EQ(boot["add"][0], folder.file("t:/bin/t"));
  unsetenv("ORRERY_CACHE");
}

TEST_F(DescriptionTest, CacheDirectory) {
  unsetenv("ORRERY_CACHE");
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(cache_directory(), "/xdg/orrery");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/home/u", 1);
  EXPECT_EQ(cache_directory(), "/home/u/.cache/orrery");
  setenv("ORRERY_CACHE", "/own", 1);
  EXPECT_EQ(cache_directory(), "/own");
  unsetenv("ORRERY_CACHE");
}

TEST_F(DescriptionTest, Settings) {
  Json d = Json::parse(R"({"machine": {"harts": 1, "l2": null}})");
  set_value(d, "machine.harts=4");
  set_value(d, "machine.memory=512MiB");
  set_value(d, "machine.boot.append=console=ttyS0 quiet");
  set_value(d, "machine.boot.add=[\"a:/a\"]");
  set_value(d, "machine.boot.kernel=relative");
  set_value(d, "machine.boot.command=");
  set_value(d, "machine.l2.size=1MiB");
  set_value(d, "machine.fast=true");
  set_value(d, "machine.boot.initramfs", "42");
  EXPECT_EQ(d, Json::parse(R"({"machine": {"harts": 4, "l2": {"size": "1MiB"}, "memory": "512MiB",
      "boot": {"append": "console=ttyS0 quiet", "add": ["a:/a"], "kernel": "relative",
               "command": "", "initramfs": "42"}, "fast": true}})"));
}

TEST_F(DescriptionTest, SettingMistakes) {
  const std::pair<const char*, const char*> cases[] = {
      {"machine", "--set machine: expected path.to.key=value"},
      {"=4", "--set =4: expected path.to.key=value"},
      {"machine..x=4", "--set machine..x: an empty name in the path"},
      {"machine.=4", "--set machine.: an empty name in the path"},
      {"machine.harts.x=4",
       "--set machine.harts.x: machine.harts is 1, not an object with parameters"},
      {"machine.list.0=4",
       "--set machine.list.0: machine.list is [1], not an object with parameters"},
      {"machine.name=\xff", "--set: a path or value that is not UTF-8 text"},
      {"machine.boot.kernel=${HOME}/k",
       "--set machine.boot.kernel: unknown variable \"${HOME}\" in \"${HOME}/k\"; known: "
       "${ORRERY_CACHE}"},
  };
  for (const auto& [assignment, text] : cases) {
    Json d = Json::parse(R"({"machine": {"harts": 1, "list": [1]}})");
    const Json before = d;
    EXPECT_EQ(error_of([&, a = assignment] { set_value(d, a); }), text);
    EXPECT_EQ(d, before);
  }
}

TEST_F(DescriptionTest, FileMistakes) {
  const std::string d = folder.file("d.json");
  EXPECT_EQ(error_of([&] { read("[]"); }), d + ": expected an object {...}, found array");
  EXPECT_EQ(error_of([&] { read(R"({"base": 1})"); }),
            d + ": base: expected the name of a file, found 1");
  EXPECT_EQ(error_of([&] { read(R"({"base": "none.json"})"); }).find(folder.file("none.json")), 0u);
  EXPECT_EQ(error_of([&] { read(R"({"base": "d.json"})"); }),
            d + ": builds on itself: its \"base\" leads back to " + d);
  write("e.json", R"({"base": "d.json"})");
  EXPECT_EQ(error_of([&] { read(R"({"base": "./e.json"})"); }),
            d + ": builds on itself: its \"base\" leads back to " + d);
  for (int i = 0; i < 20; ++i)
    write(fmt::format("n{}.json", i), fmt::format(R"({{"base": "n{}.json"}})", i + 1));
  EXPECT_EQ(error_of([&] { read_description(folder.file("n0.json")); }),
            folder.file("n16.json") + ": more than 16 files build on each other");
  EXPECT_EQ(error_of([&] { read(R"({"machine": {"boot": {"kernel": "${X"}}})"); }),
            d + ": unknown variable \"${X}\" in \"${X\"; known: ${ORRERY_CACHE}");
}

}  // namespace
}  // namespace orrery
