// Whole machines: a restored one goes on exactly as the saved one did.
#include <gtest/gtest.h>

#include "checkpoint/compare.h"
#include "tests/base/config_message.h"
#include "tests/checkpoint/forge.h"
#include "tests/checkpoint/guest.h"
#include "tests/checkpoint/small_machine.h"
#include "tests/environment.h"

namespace orrery {
namespace {

// Saved under each model, and going on under the same one.
struct EveryModel : testing::TestWithParam<std::string> {
  Json description() const { return guest_description(2, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(MachineCheckpoint, EveryModel, testing::ValuesIn(CpuModels::names()),
                         [](const auto& each) { return each.param; });

TEST_P(EveryModel, ARestoredMachineGoesOnAsTheSavedOneDid) {
  ScratchDirectory scratch;
  Guest saved(description());
  for (int i = 0; i < 5; ++i) {
    saved.machine->run({20'011});
    const std::string directory = scratch / std::to_string(i);
    save_checkpoint(*saved.machine, saved.resolved, saved.fixed, directory, {});
    Guest restored(description(), false);
    const Checkpoint checkpoint = Checkpoint::open(directory);
    checkpoint.verify();
    bool timing = false;
    checkpoint.restore(*restored.machine, restored.resolved, &timing);
    EXPECT_TRUE(timing);
    EXPECT_EQ(machine_digest(*restored.machine), checkpoint.manifest().digest);
    Guest twin(description(), false);
    checkpoint.restore(*twin.machine, twin.resolved, nullptr);
    restored.machine->run({12'345});
    twin.machine->run({12'345});
    EXPECT_EQ(machine_digest(*restored.machine), machine_digest(*twin.machine));
  }
}

TEST_P(EveryModel, SavingChangesNothing) {
  ScratchDirectory scratch;
  Guest with(description()), without(description());
  for (int i = 0; i < 5; ++i) {
    with.machine->run({10'007});
    save_checkpoint(*with.machine, with.resolved, with.fixed, scratch / "c", {.replace = true, .parent = ""});
    Guest next(description(), false);
    Checkpoint::open(scratch / "c").restore(*next.machine, next.resolved, nullptr);
    with.machine = std::move(next.machine);
    without.machine->run({10'007});
    without.machine->drain();  // as saving does
  }
  EXPECT_EQ(machine_digest(*with.machine), machine_digest(*without.machine));
}

TEST(MachineCheckpoint, WhatIsOffStaysOff) {
  ScratchDirectory scratch;
  Guest guest;
  guest.machine->run({5'000});
  constexpr PhysAddr finisher{0x10'0000};
  guest.machine->memory().write(finisher, 4, 0x5555, {});
  EXPECT_EQ(guest.machine->run({1'000}).why, Stop::Why::Poweroff);
  save_checkpoint(*guest.machine, guest.resolved, guest.fixed, scratch / "c", {});
  Guest restored(guest_description(2, "interpreter"), false);
  Checkpoint::open(scratch / "c").restore(*restored.machine, restored.resolved, nullptr);
  EXPECT_TRUE(restored.machine->is_off());
  for (Machine* machine : {guest.machine.get(), restored.machine.get()}) {
    EXPECT_EQ(machine->run({1'000}).why, Stop::Why::Poweroff);
    EXPECT_EQ(machine->steps(), 5'000u);
  }
}

// A request to a device of the host-target interface, such as one to print a character, is no exit.
TEST(Machine, OnlyDeviceZeroOfTheHostEndsTheProgram) {
  Guest guest;
  constexpr PhysAddr tohost{0x8002'0000};
  guest.machine->images().tohost = tohost;
  guest.machine->after_restore();  // watches it
  const auto stop_after = [&](u64 value) {
    guest.machine->memory().write(tohost, 8, value, {});
    return guest.machine->run({10});
  };
  EXPECT_EQ(stop_after(0x0101'0000'0000'0041).why, Stop::Why::Steps);
  EXPECT_EQ(stop_after(0x0001'0000'0000'0001).why, Stop::Why::Steps);
  const Stop stop = stop_after(7 << 1 | 1);
  EXPECT_EQ(stop.why, Stop::Why::Poweroff);
  EXPECT_EQ(stop.exit_code, 7u);
}

// Turns are for fast models: where they end shows in no time of a timing model's hart, asleep or not.
TEST(Machine, TimingDoesNotDependOnTheQuantum) {
  Json description = guest_description(2, "inorder");
  description["machine"]["quantum"] = "10us";
  Guest coarse(description);
  description["machine"]["quantum"] = "64ns";
  Guest fine(description);
  for (int i = 0; i < 40; ++i) {
    coarse.machine->run({501});
    fine.machine->run({501});
    for (HartId id = 0; id < 2; ++id)
      EXPECT_EQ(coarse.machine->hart(id).time, fine.machine->hart(id).time) << i << " hart " << id;
    EXPECT_EQ(coarse.machine->now(), fine.machine->now());
  }
}

TEST(MachineCheckpoint, SaysWhatItHolds) {
  ScratchDirectory scratch;
  Guest guest;
  guest.machine->run({5'000});
  save_checkpoint(*guest.machine, guest.resolved, guest.fixed, scratch / "c", {.replace = false, .parent = "abc"});
  const Checkpoint checkpoint = Checkpoint::open(scratch / "c");
  EXPECT_EQ(checkpoint.manifest().steps, 5'000u);
  EXPECT_EQ(checkpoint.manifest().model, "interpreter");
  EXPECT_EQ(checkpoint.manifest().parent, "abc");
  EXPECT_EQ(checkpoint.description(), guest.resolved);
  EXPECT_EQ(checkpoint.fixed_at_restore(), guest.fixed);
}

TEST(MachineCheckpoint, OtherHartsOrMemoryAreRefusedByName) {
  ScratchDirectory scratch;
  Guest guest;
  save_checkpoint(*guest.machine, guest.resolved, guest.fixed, scratch / "c", {});
  const Checkpoint checkpoint = Checkpoint::open(scratch / "c");
  Guest three(guest_description(3, "interpreter"), false);
  EXPECT_TRUE(config_message([&] {
                check_restorable(checkpoint.description(), three.resolved, checkpoint.fixed_at_restore());
              }).starts_with("machine.harts: was 2 when the machine was saved or recorded and cannot become 3"));
  // And without asking first it is an error all the same.
  config_message([&] { checkpoint.restore(*three.machine, three.resolved, nullptr); });
  Json faster = guest_description(2, "interpreter");
  faster["machine"]["clock"] = "2GHz";
  Guest other(faster, false);
  EXPECT_EQ(check_restorable(checkpoint.description(), other.resolved, checkpoint.fixed_at_restore()).dump(),
            R"({"machine.clock":{"saved":"1GHz","now":"2GHz"}})");
  bool timing = true;
  checkpoint.restore(*other.machine, other.resolved, &timing);
  EXPECT_FALSE(timing);
  other.machine->run({1000});
}

// The resolved description shows what a clock's whole periods come to; it used to keep "3GHz".
TEST(MachineCheckpoint, TheSameClockInOtherWordsKeepsTimingState) {
  ScratchDirectory scratch;
  Json description = guest_description(2, "inorder");
  description["machine"]["clock"] = "3GHz";
  Guest guest(description);
  guest.machine->run({5'000});
  Json old = guest.resolved;
  old["machine"]["clock"] = "3GHz";
  save_checkpoint(*guest.machine, old, guest.fixed, scratch / "old", {});
  for (const auto& [clock, kept] : {std::pair("3GHz", true), std::pair("3003003003Hz", true),
                                    std::pair("2GHz", false)}) {
    description["machine"]["clock"] = clock;
    Guest restored(description, false);
    bool timing = !kept;
    Checkpoint::open(scratch / "old").restore(*restored.machine, restored.resolved, &timing);
    EXPECT_EQ(timing, kept) << clock;
  }
}

// A run that starts there would wrap, and never end.
TEST(MachineCheckpoint, MoreStepsThanAnyRunHasAreRefused) {
  Guest guest;
  guest.machine->run({1'000});
  Json state = save_tree(*guest.machine, false);
  state["machine.hart1"]["steps"] = ~u64{0} - 1;
  Guest victim(guest_description(2, "interpreter"), false);
  EXPECT_EQ(config_message([&] { load_tree(*victim.machine, state, false); }),
            "checkpoint: machine.hart1.steps: no hart has executed 18446744073709551614 instructions");
}

// Every single field, replaced by hostile values, is loaded or refused; what was loaded can run.
TEST(MachineCheckpoint, HostileStateNeverCrashesTheMachine) {
  Guest guest;
  guest.machine->run({30'000});
  const Json good = save_tree(*guest.machine, false);
  const Json flat = good.flatten();
  std::vector<std::string> places;
  for (const auto& [place, value] : flat.items()) places.push_back(place);
  Random random(1);
  const std::vector<Json> values = {0, 1, 2, 3, 255, ~u64{0}, u64{1} << 63, u64{1} << 31, -1, "x", nullptr};
  int refused = 0;
  for (int i = 0; i < 400 * fuzz_scale(); ++i) {
    Json bad = good;
    bad[Json::json_pointer(places[random.below(places.size())])] = values[random.below(values.size())];
    const std::unique_ptr<Machine> victim = guest.another();
    try {
      load_tree(*victim, bad, false);
      victim->for_each([](Component& component) { component.after_restore(); });
    } catch (const ConfigError&) {
      ++refused;
      continue;
    }
    victim->run({200, Tick{u64{1} << 45}});
  }
  EXPECT_GT(refused, 50);
}

// The same of whole checkpoints whose digests fit, timing state and pending events included: restored
// or refused, and what was restored can run under the timing model.
TEST(MachineCheckpoint, ForgedOnesAreRefusedOrRun) {
  ScratchDirectory scratch;
  const Json description = guest_description(2, "inorder");
  Guest guest(description);
  guest.machine->run({30'000});
  guest.machine->drain();
  save_checkpoint(*guest.machine, guest.resolved, guest.fixed, scratch / "c", {});
  Forger forger(scratch / "c");
  const Json state = Checkpoint::open(scratch / "c").state(), timing = Checkpoint::open(scratch / "c").timing();

  int refused = 0, ran = 0;
  const auto attempt = [&] {
    const std::unique_ptr<Machine> victim = guest.another();
    try {
      Checkpoint::open(scratch / "c").restore(*victim, guest.resolved, nullptr);
    } catch (const ConfigError&) {
      ++refused;
      return false;
    }
    victim->run({200, Tick{u64{1} << 45}});
    ++ran;
    return true;
  };
  EXPECT_TRUE(attempt());

  // Events: every owner, several kinds. Only those that an owner knows are taken.
  ASSERT_GE(state["machine.events"]["count"].get<u64>(), 1u);
  guest.machine->for_each([&](Component& owner) {
    for (const u64 kind : {u64{0}, u64{1}, u64{2}, u64{7}, u64{~u32{0}}}) {
      Json bad = state;
      bad["machine.events"]["0"]["owner"] = owner.path();
      bad["machine.events"]["0"]["kind"] = kind;
      bad["machine.events"]["0"]["when"] = guest.machine->now().value() + 1;
      forger.write_state(bad);
      EXPECT_EQ(attempt(), owner.has_event(static_cast<u32>(kind))) << owner.path() << ' ' << kind;
    }
  });
  forger.write_state(state);

  // Any field of either set: one element of an array, a whole binary one.
  Random random(2);
  const std::vector<u64> values = {0, 1, 3, 255, ~u64{0}, u64{1} << 63, (u64{1} << 62) - 1, u64{1} << 31};
  const auto mutate = [&](const Json& good) {
    Json bad = good;
    Json* at = &bad;
    while (at->is_structured() && !at->empty()) {
      auto child = at->begin();
      std::advance(child, static_cast<std::ptrdiff_t>(random.below(at->size())));
      at = &*child;
    }
    if (!at->is_binary()) {
      *at = values[random.below(values.size())];
      return bad;
    }
    auto& bytes = at->get_binary();
    const u64 value = values[random.below(values.size())];
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8 * (1 + random.below(64))) std::memcpy(&bytes[i], &value, 8);
    return bad;
  };
  for (int i = 0; i < 150 * fuzz_scale(); ++i) {
    forger.write_state(i % 2 ? state : mutate(state));
    forger.write_timing(i % 2 ? mutate(timing) : timing);
    attempt();
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(ran, 50);
}

}  // namespace
}  // namespace orrery
