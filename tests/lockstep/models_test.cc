// Every model follows every other one, on the bare-metal program and on stock Linux.
#include "checkpoint/lockstep.h"
#include "tests/lockstep/guests.h"

namespace orrery {
namespace {

struct Case {
  std::string leader, follower;
  u32 harts;
  std::string name() const { return fmt::format("{}_leads_{}_{}", leader, follower, harts); }
};

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name(); }
void PrintTo(const Case& c, std::ostream* out) { *out << c.name(); }

std::vector<Case> all_cases() {
  std::vector<Case> result;
  for (const std::string& leader : CpuModels::names())
    for (const std::string& follower : CpuModels::names())
      for (const u32 harts : {1u, 4u})
        if (leader != follower) result.push_back({leader, follower, harts});
  return result;
}

struct ModelsInLockstep : testing::TestWithParam<Case> {
  // Both execute the next `steps` instructions; true while they agree and the guest goes on.
  static void follow(Machine& leader, u64 steps, const Lockstep::Options& options, Stop* stop = nullptr) {
    Lockstep lockstep(leader, GetParam().follower, options);
    const auto divergence = lockstep.run({steps});
    ASSERT_FALSE(divergence) << divergence->text();
    if (stop) *stop = lockstep.stop();
  }
};

TEST_P(ModelsInLockstep, ThroughTheBareProgram) {
  SKIP_WITHOUT(no_harts_program());
  GuestMachine guest(harts_description(GetParam().leader, GetParam().harts));
  guest.machine->boot();
  Stop stop;
  follow(*guest.machine, 50'000'000, {.compare_every = 500, .compare_ram_every = 50'000}, &stop);
  EXPECT_EQ(stop.why, Stop::Why::Poweroff);
  EXPECT_EQ(guest.console, harts_console(GetParam().harts));
}

// The leader's harts may take very different times in a follower with a model of its own: none of them
// is left so far behind that it would wait for what others have used meanwhile, and seem stuck.
TEST(FollowingHarts, KeepStep) {
  SKIP_WITHOUT(no_harts_program());
  Json description = harts_description("interpreter", 4);
  set_value(description, "machine.outoforder.stuck_cycles", 10'000);
  for (const char* cache : {"l1i", "l1d"})  // so that the L2 is used to the last
    set_value(description, fmt::format("machine.{}", cache), {{"size", "64B"}, {"ways", 1}, {"line", "64B"}});
  GuestMachine guest(description);
  guest.machine->boot();
  Lockstep lockstep(*guest.machine, "outoforder", {.compare_every = 10'000});
  for (u64 n = 0; n < 4; ++n) {  // alone for a while, whichever it is
    Hart& hart = guest.machine->hart(static_cast<u32>(n));
    for (Hart* other : guest.machine->harts()) other->waiting = other != &hart;
    ASSERT_FALSE(lockstep.run({20'000}));
  }
  for (Hart* hart : guest.machine->harts()) hart->waiting = false;
  const auto divergence = lockstep.run({100'000});
  EXPECT_FALSE(divergence) << divergence->text();
}

// The default run looks at two places of a boot: the firmware, and the kernel with all harts on. The
// long one goes all the way with each model and the interpreter, whichever leads.
TEST_P(ModelsInLockstep, ThroughABoot) {
  SKIP_WITHOUT(no_linux());
  GuestMachine guest(linux_description(GetParam().leader, GetParam().harts));
  Machine& machine = *guest.machine;
  machine.boot();
  if (long_run() && (GetParam().leader == "interpreter" || GetParam().follower == "interpreter")) {
    Stop stop;
    follow(machine, ~u64{0}, {.compare_every = 10'000, .compare_ram_every = 100'000'000}, &stop);
    EXPECT_EQ(stop.why, Stop::Why::Poweroff);
    EXPECT_NE(guest.console.find("\nso be it\r\norrery: exit status 0"), std::string::npos) << guest.console;
    return;
  }
  const Lockstep::Options options{.compare_every = 5'000, .compare_ram_every = 2'000'000};
  follow(machine, 2'000'000, options);
  machine.use_model("interpreter");
  machine.run({200'000'000});
  machine.use_model(GetParam().leader);
  follow(machine, 4'000'000, options);
}

INSTANTIATE_TEST_SUITE_P(All, ModelsInLockstep, testing::ValuesIn(all_cases()), name_of);

}  // namespace
}  // namespace orrery
