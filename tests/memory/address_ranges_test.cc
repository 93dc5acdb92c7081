// Ranges as a description writes them.
#include <gtest/gtest.h>

#include "memory/address_ranges.h"

namespace orrery {
namespace {

TEST(AddressRanges, ReadsBaseAndSize) {
  AddressRanges ranges;
  ASSERT_TRUE(ranges.add("0x81000000+0x1000"));
  EXPECT_FALSE(ranges.contains(PhysAddr{0x80ff'ffff}));
  EXPECT_TRUE(ranges.contains(PhysAddr{0x8100'0000}));
  EXPECT_TRUE(ranges.contains(PhysAddr{0x8100'0fff}));
  EXPECT_FALSE(ranges.contains(PhysAddr{0x8100'1000}));
}

TEST(AddressRanges, SizesHaveUnits) {
  AddressRanges ranges;
  EXPECT_TRUE(ranges.add("0x81000000+4KiB"));
  EXPECT_TRUE(ranges.contains(PhysAddr{0x8100'0fff}));
  EXPECT_FALSE(ranges.contains(PhysAddr{0x8100'1000}));
}

TEST(AddressRanges, RefusesOtherTexts) {
  AddressRanges ranges;
  for (const char* text : {"", "+", "0x1000", "0x1000+", "0x1000+0", "0x1000+4ki", "0x1000+4ns", "x+1", "-1+1",
                           "0xffffffffffffffff+0x2"})
    EXPECT_FALSE(ranges.add(text)) << text;
}

}  // namespace
}  // namespace orrery
