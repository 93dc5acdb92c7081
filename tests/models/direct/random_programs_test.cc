// The random programs of tests/lockstep/random, which leave out nothing here, in all modes and with
// all depths of translation: the same state every so often, the same end.
#include <cstdlib>

#include "tests/lockstep/random/generator_privileged.h"
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

using namespace random_programs;

ProgramOptions options_of(u64 seed) {
  ProgramOptions o;
  o.seed = seed;
  o.items = 600;
  o.passes = 3;
  o.mode = static_cast<ProgramMode>(seed % 3);
  o.levels = seed / 3 % 2 ? static_cast<unsigned>(3 + seed / 6 % 3) : 0;
  o.pmp = seed / 9 % 4 == 3;
  o.cache_blocks = seed % 2;
  o.adue = seed % 5 != 0;
  return o;
}

void compare(u64 seed) {
  // Some blocks are translated at once, some later, and the memory for them is small.
  Twins twins(1, {{"translate_after", seed % 4 == 0 ? 1 : 0}, {"code_bytes", u64{1} << 20}}, {{"memory", "4MiB"}});
  const Program program = Generator(options_of(seed)).make();
  twins.machines_do([&](Machine& m) {
    m.memory().write_bytes(PhysAddr{layout::boot}, program.image);
    m.hart(0).reset(layout::boot, 0, 0, 0);
  });
  Random random(seed);
  for (int n = 0; n < 300; ++n) {
    const Stop stop = twins.run({1 + random.below(n % 4 == 0 ? 100 : 20'000)});
    ASSERT_EQ(twins.difference(), "") << "seed " << seed << ", steps " << twins.direct.steps();
    if (stop.why != Stop::Why::Steps) return;
  }
}

TEST(DirectRandomPrograms, EndAsUnderTheInterpreter) {
  const char* single = std::getenv("ORRERY_SEED");
  if (single) return compare(std::strtoull(single, nullptr, 0));
  const char* is_long = std::getenv("ORRERY_LONG");
  const u64 count = is_long && *is_long != '0' ? 4'000 : 40;
  for (u64 seed = 1; seed <= count; ++seed) {
    compare(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace orrery
