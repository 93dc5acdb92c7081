// Reading what somebody else wrote: bounded, and every mistake a sentence.
#include "base/json_io.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"
#include "tests/base/config_message.h"
#include "tests/environment.h"

namespace orrery {
namespace {

TEST(JsonIo, ReadsBothForms) {
  EXPECT_EQ(parse_json(R"({"b": [1, {"c": null}], "a": 2})", "x").dump(),
            R"({"b":[1,{"c":null}],"a":2})");
  const Json value = {{"a", Json::binary({1, 2})}, {"b", {1, 2, 3}}};
  EXPECT_EQ(parse_cbor(Json::to_cbor(value), "x"), value);
}

TEST(JsonIo, MistakesAreNamedWithTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {" \n", "f.json: empty"},
      {"{", "f.json:1:2: expected string literal, found end of input"},
      {"{\n \"a\": 1\n \"b\": 2}", "f.json:3:4: expected ',' or '}', found string literal"},
      {"{\"a\": [1, 2", "f.json:1:12: expected ',' or ']', found end of input"},
      {"{\"a\": }", "f.json:1:7: "},
      {"{\"a\" 1}", "f.json:1:6: expected ':', found number literal"},
      {"{\"a\": tru}", "f.json:1:10: invalid literal"},
      {"{\"a\": \"x}", "f.json:1:10: invalid string: missing closing quote"},
      {"{\"a\": 1} x", "f.json:1:10: "},
      {"{\"a\": 1, \"a\": 2}", "f.json: the key \"a\" stands twice in one object"},
      {"{\"a\": \"\xff\"}", "f.json:1:8: invalid string: ill-formed UTF-8 byte"},
      {"// no\n{}", "f.json:1:1: "},
      {"{\"a\": 1e999}", "f.json:1:11: number overflow parsing '1e999'"},
  };
  for (const auto& [json, text] : cases) {
    const std::string error = config_message([&, j = json] { parse_json(j, "f.json"); });
    EXPECT_EQ(error.find(text), 0u) << "expected: " << text << "\nfound: " << error;
    EXPECT_EQ(error.find('\n'), error.npos);
    EXPECT_EQ(error.find("json.exception"), error.npos) << error;
  }
}

TEST(JsonIo, DeepNestingIsRefused) {
  EXPECT_EQ(config_message([] { parse_json(std::string(1'000'000, '['), "x"); }),
            "x: nested too deeply");
  const std::vector<u8> arrays(1'000'000, 0x81), maps(1'000'000, 0x9f);
  EXPECT_EQ(config_message([&] { parse_cbor(arrays, "x"); }), "x: nested too deeply");
  EXPECT_EQ(config_message([&] { parse_cbor(maps, "x"); }), "x: nested too deeply");
}

TEST(JsonIo, ClaimedLengthsCostNothing) {
  // 2^64-1 bytes, characters, elements, pairs
  for (const int major : {0x5b, 0x7b, 0x9b, 0xbb}) {
    std::vector<u8> bytes(9, 0xff);
    bytes[0] = static_cast<u8>(major);
    config_message([&] { parse_cbor(bytes, "x"); });
  }
}

TEST(JsonIo, RandomBytesNeverCrash) {
  Random random(1);
  const Json value = {{"a", Json::binary({1, 2})}, {"b", {1, -2, 3.5, "x", nullptr, true}}};
  const std::vector<u8> good = Json::to_cbor(value);
  for (int i = 0; i < 20'000 * fuzz_scale(); ++i) {
    std::vector<u8> bytes = good;
    for (u64 n = random.below(4) + 1; n > 0; --n)
      bytes[random.below(bytes.size())] = static_cast<u8>(random.next());
    if (random.below(4) == 0) bytes.resize(random.below(bytes.size()));
    try {
      show(parse_cbor(bytes, "x"));
    } catch (const ConfigError&) {
    }
  }
}

TEST(JsonIo, ShowNeverThrows) {
  EXPECT_EQ(show(Json{{"a", 1}}), R"({"a":1})");
  EXPECT_EQ(show("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(show(std::string(1000, 'x')).size(), 203u);
  Json deep = 1;
  for (int i = 0; i < 500; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(show(deep), "a deeply nested value");
}

TEST(JsonIo, WholeNumbersHoweverStored) {
  EXPECT_EQ(whole_number(5), 5u);
  EXPECT_EQ(whole_number(~u64{0}), ~u64{0});
  EXPECT_EQ(whole_number(-1), std::nullopt);
  EXPECT_EQ(whole_number(5.0), std::nullopt);
  EXPECT_EQ(whole_number("5"), std::nullopt);
}

}  // namespace
}  // namespace orrery
