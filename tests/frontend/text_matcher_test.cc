// Texts in a stream.
#include "frontend/text_matcher.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"

namespace orrery {
namespace {

using Found = std::vector<std::pair<std::size_t, std::size_t>>;  // (end, index)

Found search(std::vector<std::string> texts, std::string_view stream) {
  TextMatcher matcher;
  for (std::string& text : texts) matcher.add(std::move(text));
  Found found;
  for (std::size_t i = 0; i < stream.size(); ++i)
    matcher.feed(static_cast<u8>(stream[i]),
                 [&](std::size_t index) { found.emplace_back(i + 1, index); });
  return found;
}

TEST(TextMatcher, FindsAtTheLastCharacter) {
  EXPECT_EQ(search({"login:"}, "host login: "), (Found{{11, 0}}));
  EXPECT_EQ(search({"login:"}, "host login "), Found{});
  EXPECT_EQ(search({"x"}, "x"), (Found{{1, 0}}));
}

TEST(TextMatcher, BeginningsOverlap) {
  EXPECT_EQ(search({"aab"}, "aaaab"), (Found{{5, 0}}));
  EXPECT_EQ(search({"abab"}, "ababab"), (Found{{4, 0}, {6, 0}}));
  EXPECT_EQ(search({"abacabab"}, "abacabacabab"), (Found{{12, 0}}));
  EXPECT_EQ(search({"aa"}, "aaa"), (Found{{2, 0}, {3, 0}}));
}

TEST(TextMatcher, SeveralTexts) {
  EXPECT_EQ(search({"# ", "panic", "ic"}, "panic # "), (Found{{5, 1}, {5, 2}, {8, 0}}));
}

TEST(TextMatcher, BytesOfAnyValue) {
  EXPECT_EQ(search({std::string("\0\xff", 2)}, std::string_view("a\0\xff", 3)), (Found{{3, 0}}));
}

TEST(TextMatcher, AgreesWithPlainSearch) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const auto letters = [&random](u64 most) {
      std::string text;
      for (u64 n = 1 + random.next() % most; n > 0; --n)
        text += static_cast<char>('a' + random.next() % 2);
      return text;
    };
    const std::string text = letters(6), stream = letters(200);
    Found expected;
    for (std::size_t end = text.size(); end <= stream.size(); ++end)
      if (stream.compare(end - text.size(), text.size(), text) == 0) expected.emplace_back(end, 0);
    EXPECT_EQ(search({text}, stream), expected) << text << " in " << stream;
  }
}

}  // namespace
}  // namespace orrery
