// The same machine does the same: twice, stopped anywhere, and saved and resumed anywhere.
#include "base/random.h"
#include "tests/checkpoint/small_machine.h"
#include "tests/lockstep/guests.h"

namespace orrery {
namespace {

struct Case {
  std::string model;
  u32 harts;
};

std::string name(const Case& c) { return fmt::format("{}_{}", c.model, c.harts); }
std::string name_of(const testing::TestParamInfo<Case>& info) { return name(info.param); }
void PrintTo(const Case& c, std::ostream* out) { *out << name(c); }

std::vector<Case> all_cases() {
  std::vector<Case> result;
  for (const std::string& model : CpuModels::names())
    for (const u32 harts : {1u, 4u}) result.push_back({model, harts});
  return result;
}

struct Determinism : testing::TestWithParam<Case> {
  Json description() const { return harts_description(GetParam().model, GetParam().harts); }
  void SetUp() override { SKIP_WITHOUT(no_harts_program()); }
};

TEST_P(Determinism, TwoRunsAreEqual) {
  GuestMachine a(description()), b(description());
  for (GuestMachine* guest : {&a, &b}) {
    guest->machine->boot();
    const Stop stop = guest->machine->run({50'000'000});
    EXPECT_EQ(stop.why, Stop::Why::Poweroff);
    EXPECT_EQ(stop.exit_code, 0u);
    EXPECT_EQ(guest->console, harts_console(GetParam().harts));
  }
  EXPECT_EQ(report_statistics(*a.machine, nullptr).dump(), report_statistics(*b.machine, nullptr).dump());
  EXPECT_EQ(whole_digest(*a.machine), whole_digest(*b.machine));
}

// Limits of instructions cut a run into pieces and change nothing else.
TEST_P(Determinism, StoppingChangesNothing) {
  for (u64 seed = 1; seed <= (long_run() ? 30 : 3); ++seed) {
    GuestMachine whole(description()), pieces(description());
    whole.machine->boot();
    pieces.machine->boot();
    Random random(seed);
    const u64 steps = 20'000 * (1 + GetParam().harts) + random.below(50'000);  // before the end
    whole.machine->run({steps});
    for (u64 left = steps; left != 0;) {
      const u64 piece = std::min(left, 1 + random.below(random.below(4) ? 100 : 10'000));
      pieces.machine->run({piece});
      left -= piece;
    }
    EXPECT_EQ(whole.machine->steps(), pieces.machine->steps());
    EXPECT_EQ(report_statistics(*whole.machine, nullptr).dump(),
              report_statistics(*pieces.machine, nullptr).dump());
    EXPECT_EQ(whole_digest(*whole.machine), whole_digest(*pieces.machine)) << "seed " << seed;
    if (HasFailure()) return;
  }
}

// Runs to the end in random pieces, of instructions or of time. After each, one machine is drained;
// the other one is saved, and what goes on is a new machine restored from that.
void compare_with_resumed(const Json& description, u64 seed, u64 piece, u64 most_steps) {
  ScratchDirectory scratch;
  GuestMachine drained(description), saved(description);
  drained.machine->boot();
  saved.machine->boot();
  Random random(seed);
  for (;;) {
    RunLimit limit;
    if (random.below(3) == 0) {
      limit.time = drained.machine->now() + random.below(piece * 1000);
    } else {
      limit.steps = 1 + random.below(random.below(4) ? 2 * piece : 200);
    }
    const u64 before = drained.machine->steps();
    const Stop stop = drained.machine->run(limit);
    drained.machine->drain();
    ASSERT_EQ(saved.machine->run(limit).why, stop.why);
    save_checkpoint(*saved.machine, saved.resolved, saved.fixed, scratch / "c", {.replace = true, .parent = ""});
    saved.build();
    bool timing = false;
    Checkpoint::open(scratch / "c").restore(*saved.machine, saved.resolved, &timing);
    ASSERT_TRUE(timing);
    ASSERT_EQ(whole_digest(*saved.machine), whole_digest(*drained.machine))
        << "after a piece of " << drained.machine->steps() - before << " instructions that ended at "
        << drained.machine->steps();
    if (stop.why == Stop::Why::Poweroff || drained.machine->steps() > most_steps) break;
    ASSERT_TRUE(stop.why == Stop::Why::Steps || stop.why == Stop::Why::Time) << stop.what;
  }
  EXPECT_EQ(saved.console, drained.console);
}

TEST_P(Determinism, ResumedGoesOnAsDrained) {
  for (u64 seed = 1; seed <= (long_run() ? 6 : 2); ++seed) {
    SCOPED_TRACE(seed);
    compare_with_resumed(description(), seed, long_run() ? 5'000 : 15'000, ~u64{0});
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Harts, Determinism, testing::ValuesIn(all_cases()), name_of);

struct LinuxDeterminism : testing::TestWithParam<Case> {
  void SetUp() override {
    SKIP_WITHOUT(no_linux());
    if (!long_run()) GTEST_SKIP() << "a long campaign: sh tests/run.sh --long";
  }
};

TEST_P(LinuxDeterminism, ResumedGoesOnAsDrained) {
  const bool slow = GetParam().model != "interpreter" && GetParam().model != "direct";
  compare_with_resumed(linux_description(GetParam().model, GetParam().harts), 7,
                       slow ? 5'000'000 : 50'000'000, slow ? 100'000'000 : ~u64{0});
}

INSTANTIATE_TEST_SUITE_P(Linux, LinuxDeterminism, testing::ValuesIn(all_cases()), name_of);

}  // namespace
}  // namespace orrery
