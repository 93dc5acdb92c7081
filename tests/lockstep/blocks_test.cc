// Translated code leaves at the end of every basic block what the interpreter leaves: the whole state
// of the hart is compared there.
#include "checkpoint/lockstep.h"
#include "tests/lockstep/guests.h"

namespace orrery {
namespace {

constexpr u64 ram_check_every = 100'000'000;

// Lets `machine` lead, and direct follow.
Stop follow_blocks(Machine& machine, u64 steps) {
  Lockstep lockstep(machine, "direct", {.compare_ram_every = ram_check_every, .at_blocks = true});
  const auto divergence = lockstep.run({steps});
  EXPECT_FALSE(divergence) << divergence->text();
  EXPECT_GT(lockstep.blocks(), std::min(steps, lockstep.follower().steps()) / 20);
  return lockstep.stop();
}

// Everything is translated when it is executed first.
Json all_translated(Json description) {
  set_value(description, "machine.direct.translate_after", 0);
  return description;
}

TEST(LockstepAtBlocks, ThroughTheBareProgram) {
  SKIP_WITHOUT(no_harts_program());
  for (const u32 harts : {1u, 2u}) {
    GuestMachine guest(harts_description("interpreter", harts));
    guest.machine->boot();
    EXPECT_EQ(follow_blocks(*guest.machine, 50'000'000).why, Stop::Why::Poweroff);
    EXPECT_EQ(guest.console, harts_console(harts));
  }
}

// The default run looks at the firmware and at a place in the kernel, the long one at all of a boot.
TEST(LockstepAtBlocks, ThroughABoot) {
  SKIP_WITHOUT(no_linux());
  GuestMachine guest(all_translated(linux_description("interpreter", 1)));
  Machine& machine = *guest.machine;
  machine.boot();
  if (!long_run()) {
    follow_blocks(machine, 2'000'000);
    machine.run({100'000'000});
    follow_blocks(machine, 2'000'000);
    return;
  }
  EXPECT_EQ(follow_blocks(machine, ~u64{0}).why, Stop::Why::Poweroff);
  EXPECT_NE(guest.console.find("\nso be it\r\norrery: exit status 0"), std::string::npos) << guest.console;
}

// A register that differs for the length of one block is noticed.
TEST(LockstepAtBlocks, NoticesAtOnce) {
  SKIP_WITHOUT(no_harts_program());
  GuestMachine guest(harts_description("interpreter", 1));
  guest.machine->boot();
  Lockstep lockstep(*guest.machine, "direct", {.at_blocks = true});
  ASSERT_FALSE(lockstep.run({1'000}));
  const u64 before = guest.machine->steps();
  lockstep.follower().hart(0).f[31] ^= 1;
  const auto divergence = lockstep.run({1'000});
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->fields.size(), 1u);
  EXPECT_LT(divergence->step - before, 50u);
  lockstep.follower().hart(0).f[31] ^= 1;
}

}  // namespace
}  // namespace orrery
