// Which instructions of the window are ready, in the order of the program.
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "models/outoforder/issue_queue.h"

namespace orrery::ooo {
namespace {

constexpr u64 places = 256;

std::vector<u64> visited(PlaceSet& set, u64 head) {
  std::vector<u64> sequences;
  const auto oldest = static_cast<u32>(head % places);
  set.visit(oldest, [&](u32 place) {
    sequences.push_back(head + (place - oldest) % places);
    return true;
  });
  return sequences;
}

TEST(PlaceSet, IsWalkedFromTheOldestOnAroundTheRing) {
  PlaceSet set;
  set.resize(places);
  for (const u64 sequence : {511u, 320u, 300u, 256u + 128u, 512u + 43u}) set.put(sequence % places);
  EXPECT_EQ(visited(set, 300), (std::vector<u64>{300, 320, 384, 511, 555}));
  set.take(320 % places);
  EXPECT_EQ(visited(set, 300), (std::vector<u64>{300, 384, 511, 555}));
}

TEST(PlaceSet, WhatIsVisitedMayGoAndTheVisitMayStop) {
  PlaceSet set;
  set.resize(places);
  for (const u32 place : {3u, 4u, 70u, 200u}) set.put(place);
  u32 seen = 0;
  set.visit(0, [&](u32 place) {
    set.take(place);
    return ++seen < 2;
  });
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(visited(set, 0), (std::vector<u64>{70, 200}));
}

// Against a set of sequence numbers, as a window would use it.
TEST(PlaceSet, AgreesWithTheDefinition) {
  Random random(5);
  PlaceSet set;
  set.resize(places);
  std::set<u64> reference;
  u64 head = 0, tail = 0;
  for (int step = 0; step < 20'000; ++step) {
    switch (random.below(4)) {
      case 0:
        for (u64 n = random.below(9); n > 0 && tail - head < places; --n, ++tail)
          if (random.below(2)) {
            set.put(tail % places);
            reference.insert(tail);
          }
        break;
      case 1:
        for (u64 n = random.below(9); n > 0 && head != tail; --n, ++head)
          if (reference.erase(head)) set.take(head % places);
        break;
      case 2:
        if (tail != head && random.below(8) == 0) {
          const u64 from = head + random.below(tail - head + 1);
          set.take_range(from, tail);
          reference.erase(reference.lower_bound(from), reference.end());
          tail = from;
        }
        break;
      default:
        ASSERT_EQ(visited(set, head), std::vector<u64>(reference.begin(), reference.end()));
        ASSERT_EQ(set.size(), reference.size());
    }
  }
}

}  // namespace
}  // namespace orrery::ooo
