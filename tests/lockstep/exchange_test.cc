// CPU models exchanged for each other every few thousand instructions: the guest notices nothing.
#include "base/random.h"
#include "tests/lockstep/guests.h"

namespace orrery {
namespace {

// Runs under a random model after another, in random pieces, until something other than a limit
// ends it. Returns that.
Stop run_exchanging(Machine& machine, u64 seed, u64 piece, u64 most_steps) {
  Random random(seed);
  const std::vector<std::string> models = CpuModels::names();
  for (;;) {
    const Stop stop = machine.run({1 + random.below(2 * piece)});
    if (stop.why != Stop::Why::Steps || machine.steps() >= most_steps) return stop;
    machine.use_model(models[random.below(models.size())]);
  }
}

TEST(Exchange, EndsAsWithoutExchanges) {
  SKIP_WITHOUT(no_harts_program());
  for (const u32 harts : {1u, 2u, 4u})
    for (u64 seed = 1; seed <= (long_run() ? 100 : 3); ++seed) {
      GuestMachine guest(harts_description("interpreter", harts));
      guest.machine->boot();
      const Stop stop = run_exchanging(*guest.machine, seed, seed % 2 ? 3'000 : 150, 20'000'000);
      EXPECT_EQ(stop.why, Stop::Why::Poweroff) << harts << " harts, seed " << seed;
      EXPECT_EQ(stop.exit_code, 0u) << harts << " harts, seed " << seed;
      EXPECT_EQ(guest.console, harts_console(harts)) << "seed " << seed;
    }
}

TEST(Exchange, IsDeterministic) {
  SKIP_WITHOUT(no_harts_program());
  std::string digest[2];
  for (std::string& each : digest) {
    GuestMachine guest(harts_description("interpreter", 4));
    guest.machine->boot();
    run_exchanging(*guest.machine, 5, 2'000, 300'000);
    each = whole_digest(*guest.machine);
  }
  EXPECT_EQ(digest[0], digest[1]);
}

// What one hart has reserved is lost when another one stores, whichever models they ran under.
TEST(Exchange, LeavesNoReservationBehind) {
  for (const char* first : {"interpreter", "direct"})
    for (const char* second : {"inorder", "direct"}) {
      SCOPED_TRACE(first);
      const Json description = {
          {"machine", {{"harts", 2}, {"memory", "1MiB"}, {"cpu", first}, {"direct", {{"translate_after", 0}}}}}};
      GuestMachine guest(description);
      Machine& machine = *guest.machine;
      constexpr u64 entry = 0x8000'0000;
      const u32 program[] = {
          0xf1402573,  // csrr a0, mhartid
          0x00051a63,  // bnez a0, 1f
          0x00001597,  // auipc a1, 1
          0x1005b62f,  // lr.d a2, (a1)       hart 0
          0x18c5b6af,  // sc.d a3, a2, (a1)
          0x0000006f,  // j .
          0x00001597,  // 1: auipc a1, 1      the same address: 0x80001018 against 0x80001008
          0xfea5b823,  // sd a0, -16(a1)      hart 1
          0x0000006f,  // j .
      };
      machine.memory().write_bytes(PhysAddr{entry}, {reinterpret_cast<const u8*>(program), sizeof program});
      for (Hart* hart : machine.harts()) hart->reset(entry, hart->id, 0, 0);
      machine.run({4});  // hart 0 has reserved
      ASSERT_EQ(machine.hart(0).reservation_bytes, 8u);
      ASSERT_EQ(machine.hart(0).reservation, PhysAddr{0x8000'1008});
      machine.hart(0).time = machine.hart(0).time + 20'000'000;  // beyond its turn: hart 1 is next
      machine.run({6});
      u64 stored = 0;
      machine.memory().read(PhysAddr{0x8000'1008}, 8, stored, Tick{});
      ASSERT_EQ(stored, 1u);
      machine.use_model(second);
      machine.hart(1).waiting = true;
      machine.run({2});
      EXPECT_EQ(machine.hart(0).x[13], 1u);
    }
}

TEST(Exchange, ABootEndsAtTheSamePrompt) {
  SKIP_WITHOUT(no_linux());
  for (const u32 harts : {1u, 4u}) {
    if (harts == 1 && !long_run()) continue;
    GuestMachine guest(linux_description("interpreter", harts));
    guest.machine->boot();
    if (!long_run()) {
      run_exchanging(*guest.machine, 1, 5'000, 14'000'000);
      EXPECT_NE(guest.console.find("OpenSBI"), std::string::npos);
      guest.machine->use_model("interpreter");
      continue;
    }
    const Stop stop = run_exchanging(*guest.machine, 1, 5'000, ~u64{0});
    EXPECT_EQ(stop.why, Stop::Why::Poweroff) << guest.console;
    EXPECT_NE(guest.console.find("\nso be it\r\norrery: exit status 0"), std::string::npos) << guest.console;
  }
}

}  // namespace
}  // namespace orrery
