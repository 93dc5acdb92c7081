// Which lines each prefetcher asks for.
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "memory/prefetcher.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

using Lines = std::vector<u64>;

// A prefetcher on lines of 64 bytes; what it asks for is under way for 55 ticks.
struct Trained {
  explicit Trained(const char* type, Json json = Json::object()) {
    json["type"] = type;
    prefetcher = read_config(json, Prefetchers::Choice("none")).create({64});
  }

  Lines line(u64 number) { return load(number * 64); }
  Lines load(u64 address, u64 pc = 0x100) {
    now = now + 10;
    PrefetchAccess a;
    a.line = address / 64;
    a.address = PhysAddr{address};
    a.pc = pc;
    a.now = now;
    a.hit = a.first_use = ahead.erase(a.line) != 0 && tells_uses;
    if (!a.hit) prefetcher->fetched(a.line, now + 55, false);
    Lines lines;
    prefetcher->access(a, lines);
    for (const u64 fetched : lines)
      if (ahead.insert(fetched).second) prefetcher->fetched(fetched, now + 55, true);
    return lines;
  }

  std::unique_ptr<Prefetcher> prefetcher;
  std::set<u64> ahead;     // fetched and not used since
  bool tells_uses = true;
  Tick now;
};

TEST(Prefetcher, NextLine) {
  Trained one("next_line"), three("next_line", {{"degree", 3}});
  EXPECT_EQ(one.line(100), (Lines{101}));
  EXPECT_EQ(three.line(100), (Lines{101, 102, 103}));
}

const Json stride = {{"confidence", 2}, {"degree", 2}, {"distance", 4}};

TEST(Prefetcher, StrideIsFollowedWhenItCameTwiceAgain) {
  Trained p("stride", stride);
  EXPECT_EQ(p.load(0x1000), Lines{});
  EXPECT_EQ(p.load(0x1100), Lines{});  // a stride
  EXPECT_EQ(p.load(0x1200), Lines{});  // again
  EXPECT_EQ(p.load(0x1300), (Lines{0x1700 / 64, 0x1800 / 64}));
  EXPECT_EQ(p.load(0x1400), (Lines{0x1800 / 64, 0x1900 / 64}));
  EXPECT_EQ(p.load(0x9000), Lines{});                            // one exception
  EXPECT_EQ(p.load(0x9100), (Lines{0x9500 / 64, 0x9600 / 64}));  // is forgiven
}

TEST(Prefetcher, StrideDownwardsAndWithinLines) {
  Trained down("stride", stride), small("stride", stride);
  for (u64 i = 0; i < 3; ++i) EXPECT_EQ(down.load(0x8000 - i * 128), Lines{});
  EXPECT_EQ(down.load(0x8000 - 3 * 128), (Lines{(0x8000 - 7 * 128) / 64, (0x8000 - 8 * 128) / 64}));
  for (u64 i = 0; i < 3; ++i) EXPECT_EQ(small.load(0x8000 + i * 8), Lines{});
  EXPECT_EQ(small.load(0x8018), (Lines{0x8000 / 64 + 4, 0x8000 / 64 + 5}));
}

TEST(Prefetcher, StridesOfInstructionsAreApart) {
  Trained p("stride", stride);
  for (u64 i = 0; i < 3; ++i) {
    EXPECT_EQ(p.load(0x1000 + i * 256, 0x100), Lines{});
    EXPECT_EQ(p.load(0x20000 - i * 64, 0x204), Lines{});
  }
  EXPECT_EQ(p.load(0x1300, 0x100), (Lines{0x1700 / 64, 0x1800 / 64}));
  EXPECT_EQ(p.load(0x20000 - 3 * 64, 0x204), (Lines{0x20000 / 64 - 7, 0x20000 / 64 - 8}));
}

const Json stream = {{"streams", 2}, {"window", 4}, {"training", 2}, {"distance", 4}, {"degree", 2}};

TEST(Prefetcher, StreamRunsAheadAfterTraining) {
  Trained p("stream", stream);
  EXPECT_EQ(p.line(10), Lines{});
  EXPECT_EQ(p.line(11), Lines{});
  EXPECT_EQ(p.line(12), (Lines{13, 14}));
  EXPECT_EQ(p.line(13), (Lines{15, 16}));
  EXPECT_EQ(p.line(14), (Lines{17, 18}));  // four ahead
  EXPECT_EQ(p.line(15), (Lines{19}));
  EXPECT_EQ(p.line(15), Lines{});
  EXPECT_EQ(p.line(18), (Lines{20, 21}));
}

TEST(Prefetcher, StreamsGoBothWaysAtOnceAndEndWithTheirPage) {
  Trained p("stream", stream);
  for (u64 i = 0; i < 2; ++i) {
    EXPECT_EQ(p.line(1000 + i), Lines{});
    EXPECT_EQ(p.line(67 - i), Lines{});
  }
  EXPECT_EQ(p.line(1002), (Lines{1003, 1004}));
  EXPECT_EQ(p.line(65), (Lines{64}));  // 63 is on another page
  EXPECT_EQ(p.line(64), Lines{});
  EXPECT_EQ(p.line(1003), (Lines{1005, 1006}));
}

TEST(Prefetcher, OldestStreamMakesRoom) {
  Trained p("stream", stream);
  p.line(1000);
  p.line(2000);
  p.line(1001);
  p.line(3000);  // in place of 2000
  EXPECT_EQ(p.line(1002), (Lines{1003, 1004}));
  p.line(2001);  // begins anew, in place of 3000
  EXPECT_EQ(p.line(2002), Lines{});
  EXPECT_EQ(p.line(2003), (Lines{2004, 2005}));
}

// An access every 10 ticks, a fetch of 55: six lines ahead is just in time.
TEST(Prefetcher, BestOffsetFindsTheOneInTime) {
  Trained p("best_offset");
  EXPECT_EQ(p.line(0), (Lines{1}));
  for (u64 line = 1; line < 1'000; ++line) p.line(line);
  EXPECT_EQ(p.line(1'000), (Lines{1'006}));
  for (u64 line = 1'001; line < 20'000; ++line) p.line(line);
  const Lines found = p.line(20'000);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_GE(found[0], 20'006u);
}

TEST(Prefetcher, BestOffsetFollowsAStrideOfLines) {
  Trained p("best_offset");
  for (u64 line = 0; line < 30'000; line += 3) p.line(line);
  const Lines found = p.line(30'000);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ((found[0] - 30'000) % 3, 0u);
  EXPECT_GE(found[0], 30'018u);
}

TEST(Prefetcher, SignaturePathLooksAhead) {
  Trained p("signature_path", {{"degree", 4}});
  for (u64 line = 0; line < 4; ++line) EXPECT_EQ(p.line(line), Lines{}) << line;
  EXPECT_EQ(p.line(4), (Lines{5, 6, 7, 8}));  // three deltas and four look alike in the table
  // Another page, begun alike: known from its second access on.
  EXPECT_EQ(p.line(6400), Lines{});
  EXPECT_EQ(p.line(6401), (Lines{6402, 6403, 6404, 6405}));
}

TEST(Prefetcher, SignaturePathKnowsPatternsOfDeltas) {
  Trained p("signature_path", {{"degree", 3}});
  for (u64 page = 1; page < 4; ++page)
    for (const u64 offset : {0u, 1u, 4u, 5u, 8u, 9u, 12u}) p.line(page * 64 + offset);
  p.line(64 * 9);
  EXPECT_EQ(p.line(64 * 9 + 1), (Lines{64 * 9 + 4, 64 * 9 + 5, 64 * 9 + 8}));
}

TEST(Prefetcher, SignaturePathCrossesPages) {
  Trained p("signature_path", {{"degree", 2}});
  for (u64 line = 0; line < 64; ++line) p.line(line);
  EXPECT_EQ(p.line(64), (Lines{65, 66}));  // the first of its page
}

// Prefetches that nobody uses shorten the paths.
TEST(Prefetcher, SignaturePathLosesConfidence) {
  Trained p("signature_path", {{"degree", 8}});
  p.tells_uses = false;
  for (u64 line = 0; line < 64; ++line) p.line(line);
  p.line(6400);
  EXPECT_EQ(p.line(6401), (Lines{6402}));
}

TEST(Prefetcher, MostAreSilentOnRandomAccesses) {
  for (const char* type : {"none", "stride", "stream", "best_offset", "signature_path"}) {
    Trained p(type);
    Random random(1);
    u64 asked = 0;
    for (int i = 0; i < 20'000; ++i) {
      const Lines lines = p.load(random.below(1 << 30), random.below(40) * 4);
      if (i >= 5000) asked += lines.size();  // best_offset begins with an offset of 1
    }
    EXPECT_EQ(asked, 0u) << type;
  }
}

}  // namespace
}  // namespace orrery
