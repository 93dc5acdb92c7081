// A kernel is dead when its own last line stands on the console and nothing happens any more.
#include "frontend/panic_watch.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr Tick at{1000};
constexpr Tick later = at + PanicWatch::patience_ticks;

TEST(PanicWatch, TheKernelsOwnLines) {
  PanicWatch watch;
  watch.line("[    1.234567] Kernel panic - not syncing: No working init found.", at);
  EXPECT_TRUE(watch.panicked());
  watch.line("[    1.234568] CPU: 0 PID: 1 Comm: swapper/0", at);
  EXPECT_TRUE(watch.panicked());
  EXPECT_FALSE(watch.dead(later));  // it has not said its last word
  watch.line("[    1.234569] ---[ end Kernel panic - not syncing: No working init found. ]---", at);
  EXPECT_FALSE(watch.dead(Tick{later.value() - 1}));
  EXPECT_TRUE(watch.dead(later));
  watch.line("[1.234567][    T1] Kernel panic - not syncing: with its caller", at);
  EXPECT_TRUE(watch.panicked());
}

TEST(PanicWatch, WhatProgramsWrite) {
  PanicWatch watch;
  for (const char* line :
       {"", "[", "Kernel panic - not syncing", "---[ end Kernel panic - not syncing",
        "] Kernel panic - not syncing", "[ 1.5] Kernel panic - not syncing",
        "[ .123456] Kernel panic - not syncing", "[1.123456 Kernel panic - not syncing",
        "[1.123456][T1", "[1.123456]Kernel panic - not syncing",
        "# echo [ 1.123456] Kernel panic - not syncing",
        "[    1.123456] init: Kernel panic - not syncing"}) {
    watch.line(line, at);
    EXPECT_FALSE(watch.panicked()) << line;
  }
}

TEST(PanicWatch, SignsOfLife) {
  PanicWatch watch;
  const auto panic = [&] { watch.line("[ 1.123456] ---[ end Kernel panic - not syncing: x", at); };
  panic();
  watch.line("alive", at);
  EXPECT_FALSE(watch.panicked());
  panic();
  watch.alive();
  EXPECT_FALSE(watch.panicked());
  EXPECT_FALSE(watch.dead(later));
}

}  // namespace
}  // namespace orrery
