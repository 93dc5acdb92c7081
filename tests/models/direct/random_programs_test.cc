// The random programs of tests/lockstep/random, which leave out nothing here, in all modes and with
// all depths of translation: the same state at any number of instructions and at the end of every
// basic block.
#include "checkpoint/lockstep.h"
#include "tests/environment.h"
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

// Some blocks are translated at once, some later, and the memory for them is small.
Json parameters_of(u64 seed) {
  return {{"translate_after", seed % 4 == 0 ? 1 : 0}, {"code_bytes", u64{1} << 20}};
}

void load(Machine& machine, u64 seed) {
  const Program program = Generator(options_of(seed)).make();
  machine.memory().write_bytes(PhysAddr{layout::boot}, program.image);
  machine.hart(0).reset(layout::boot, 0, 0, 0);
}

// Both return how many instructions were executed.
u64 compare(u64 seed) {
  Twins twins(1, parameters_of(seed), {{"memory", "4MiB"}});
  twins.machines_do([&](Machine& m) { load(m, seed); });
  Random random(seed);
  for (int n = 0; n < 300; ++n) {
    const Stop stop = twins.run({1 + random.below(n % 4 == 0 ? 100 : 20'000)});
    EXPECT_EQ(twins.difference(), "") << "seed " << seed << ", steps " << twins.direct.steps();
    if (stop.why != Stop::Why::Steps || testing::Test::HasFailure()) break;
  }
  return twins.direct.steps();
}

// The whole state of the hart at the end of every basic block.
u64 compare_blocks(u64 seed) {
  Machine leader(read_machine(Twins::description("interpreter", 1, parameters_of(seed), {{"memory", "4MiB"}}),
                              nullptr, nullptr));
  load(leader, seed);
  Lockstep lockstep(leader, "direct", {.compare_ram_every = 1'000'000, .at_blocks = true});
  const auto divergence = lockstep.run({3'000'000});
  EXPECT_FALSE(divergence) << "seed " << seed << ": " << divergence->text();
  EXPECT_GT(lockstep.blocks(), 50u) << "seed " << seed;
  return leader.steps();
}

// The seeds from 1 on: so many usually; in a long run up to a seed, or until so many instructions have
// been executed.
struct Extent {
  u64 usually;
  u64 long_seeds = ~u64{0}, long_instructions = ~u64{0};
};

template <class Compare>
void each_seed(const Extent& extent, Compare&& compare_seed) {
  if (const auto single = variable("ORRERY_SEED")) {
    compare_seed(*single);
    return;
  }
  const bool is_long = long_run();
  u64 instructions = 0;
  for (u64 seed = 1; seed <= (is_long ? extent.long_seeds : extent.usually); ++seed) {
    instructions += compare_seed(seed);
    if (testing::Test::HasFailure()) return;
    if (is_long && instructions >= extent.long_instructions) break;
  }
  fmt::print("{} instructions\n", instructions);
}

TEST(DirectRandomPrograms, EndAsUnderTheInterpreter) { each_seed({.usually = 40, .long_seeds = 4'000}, compare); }
TEST(DirectRandomPrograms, AgreeAtTheEndOfEveryBlock) {
  each_seed({.usually = 12, .long_instructions = 100'000'000}, compare_blocks);
}

}  // namespace
}  // namespace orrery
