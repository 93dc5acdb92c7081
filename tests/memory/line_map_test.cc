// The table against the standard library's, with lines that collide.
#include "memory/line_map.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace orrery {
namespace {

TEST(LineMap, DoesWhatAMapDoes) {
  Random random(4);
  LineMap<u64> lines;
  std::map<u64, u64> expected;
  for (int i = 0; i < 200'000; ++i) {
    const u64 line = random.below(3) ? random.below(300) : random.below(300) << 57;
    const u64 what = random.below(expected.size() > 400 ? 2 : 5);
    if (what >= 2) {
      lines.at(line) = static_cast<u64>(i);
      expected[line] = static_cast<u64>(i);
    } else if (what == 1) {
      lines.erase(line);
      expected.erase(line);
    }
    const u64* found = lines.find(line);
    const auto there = expected.find(line);
    ASSERT_EQ(found != nullptr, there != expected.end()) << i;
    if (found) {
      ASSERT_EQ(*found, there->second);
    }
    ASSERT_EQ(lines.size(), expected.size());
  }
  std::map<u64, u64> all;
  lines.for_each([&](u64 line, u64 value) { all[line] = value; });
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace orrery
