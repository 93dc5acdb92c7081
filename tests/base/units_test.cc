// Quantities: what people may write, and that what we write is read back.
#include "base/units.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Units, EveryUnitIsExact) {
  EXPECT_EQ(parse_quantity("32KiB", Unit::Bytes), 32768u);
  EXPECT_EQ(parse_quantity("1.5 GiB", Unit::Bytes), u64{3} << 29);
  EXPECT_EQ(parse_quantity("128M", Unit::Bytes), u64{128} << 20);
  EXPECT_EQ(parse_quantity("2MB", Unit::Bytes), 2'000'000u);
  EXPECT_EQ(parse_quantity("4ns", Unit::Duration), 4000u);
  EXPECT_EQ(parse_quantity("0.5ns", Unit::Duration), 500u);
  EXPECT_EQ(parse_quantity("1.5GHz", Unit::Frequency), 1'500'000'000u);
  EXPECT_EQ(parse_quantity("100M", Unit::None), 100'000'000u);
  EXPECT_EQ(parse_quantity("18446744073709551615", Unit::None), ~u64{0});
}

TEST(Units, RefusesWhatIsNoSuchQuantity) {
  for (const char* text : {"", ".", "B", "KiB", "-1B", "1.2.3KiB", "32", "32kib", "32KiB ", "0.3B",
                           "18446744073709551616B", "16777216TiB", "1e3B", "4ns", "0x10B"})
    EXPECT_EQ(parse_quantity(text, Unit::Bytes), std::nullopt) << text;
  EXPECT_EQ(parse_quantity("0.3ps", Unit::Duration), std::nullopt);
  EXPECT_EQ(parse_quantity("18446744073709551616", Unit::None), std::nullopt);
  EXPECT_EQ(parse_quantity("0.0000000000000000000000000001", Unit::None), std::nullopt);
}

TEST(Units, FormatsWithTheLargestUnitThatDivides) {
  EXPECT_EQ(format_quantity(u64{256} << 20, Unit::Bytes), "256MiB");
  EXPECT_EQ(format_quantity(1536, Unit::Bytes), "1536B");
  EXPECT_EQ(format_quantity(0, Unit::Bytes), "0B");
  EXPECT_EQ(format_quantity(1500, Unit::Duration), "1500ps");
  EXPECT_EQ(format_quantity(1'500'000'000, Unit::Frequency), "1500MHz");
}

TEST(Units, WhatIsFormattedIsReadBack) {
  for (const Unit unit : {Unit::None, Unit::Bytes, Unit::Duration, Unit::Frequency})
    for (const u64 factor : {1u, 3u, 1000u, 1024u, 999'999'937u})
      for (u64 value = factor, i = 0; i < 20; value *= 10, ++i)
        EXPECT_EQ(parse_quantity(format_quantity(value, unit), unit), value);
}

TEST(Units, PeriodsRoundToWholeTicks) {
  EXPECT_EQ(Frequency{1'000'000'000}.period_ticks(), 1000u);
  EXPECT_EQ(Frequency{3'000'000'000}.period_ticks(), 333u);
  EXPECT_EQ(Frequency{ticks_per_second * 3}.period_ticks(), 1u);
}

TEST(Units, TheEffectiveFrequencyHasTheSamePeriod) {
  EXPECT_EQ(Frequency{3'000'000'000}.effective().hertz, 3'003'003'003u);
  EXPECT_EQ(Frequency{700'000'000}.effective().hertz, 699'790'063u);
  EXPECT_EQ(Frequency{32'768}.effective().hertz, 32'768u);
  for (u64 hertz = 1; hertz <= ticks_per_second; hertz += 1 + hertz / 1009) {
    const Frequency effective = Frequency{hertz}.effective();
    EXPECT_EQ(effective.period_ticks(), Frequency{hertz}.period_ticks()) << hertz;
    EXPECT_EQ(effective.effective(), effective) << hertz;
  }
}

}  // namespace
}  // namespace orrery
