// A follower ends where the leader does, and says where it does not.
#include "checkpoint/lockstep.h"

#include <gtest/gtest.h>

#include "checkpoint/checkpoint.h"
#include "tests/base/config_message.h"
#include "tests/checkpoint/guest.h"
#include "tests/checkpoint/small_machine.h"
#include "tests/environment.h"

namespace orrery {
namespace {

std::string text_of(const std::optional<Divergence>& divergence) {
  return divergence ? divergence->text() : "";
}

TEST(Lockstep, FollowsThroughInterruptsDevicesAndBothHarts) {
  for (const u32 harts : {1u, 2u, 3u}) {
    Guest guest(guest_description(harts, "interpreter"));
    Lockstep lockstep(*guest.machine, "interpreter", {.compare_every = 997, .compare_ram_every = 20'000});
    EXPECT_EQ(text_of(lockstep.run({150'000})), "") << harts << " harts";
    EXPECT_EQ(lockstep.stop().why, Stop::Why::Steps);
    EXPECT_GT(guest.machine->hart(0).x[23], 5u);  // interrupts taken
    for (Hart* hart : lockstep.follower().harts())
      EXPECT_EQ(hart->x[14], guest.machine->hart(hart->id).x[14]);
  }
}

TEST(Lockstep, MayBeginAndGoOnAnywhere) {
  Guest guest;
  guest.machine->run({77'777});
  Lockstep lockstep(*guest.machine, "interpreter", {.compare_every = 1, .compare_ram_every = 500, .remember = 4});
  EXPECT_EQ(text_of(lockstep.run({1'000})), "");
  EXPECT_EQ(text_of(lockstep.run({1'000})), "");
  EXPECT_EQ(guest.machine->steps(), 79'777u);
}

TEST(Lockstep, RecordingChangesNothing) {
  Guest plain, followed;
  plain.machine->run({60'000});
  {
    Lockstep lockstep(*followed.machine, "interpreter");
    EXPECT_EQ(text_of(lockstep.run({60'000})), "");
  }
  EXPECT_EQ(machine_digest(*plain.machine), machine_digest(*followed.machine));
}

TEST(Lockstep, EveryModelFollowsTheInterpreter) {
  for (const std::string& model : CpuModels::names()) {
    Guest guest;
    Lockstep lockstep(*guest.machine, model, {.compare_every = 1'000});
    EXPECT_EQ(text_of(lockstep.run({40'000})), "") << model;
  }
}

TEST(Lockstep, EveryModelLeads) {
  for (const std::string& model : CpuModels::names()) {
    Guest guest(guest_description(2, model));
    Lockstep lockstep(*guest.machine, "interpreter", {.compare_every = 1'000});
    EXPECT_EQ(text_of(lockstep.run({40'000})), "") << model;
  }
}

TEST(Lockstep, ARegisterThatDiffersIsNamed) {
  Guest guest;
  Lockstep lockstep(*guest.machine, "interpreter", {.compare_every = 100, .remember = 5});
  EXPECT_EQ(text_of(lockstep.run({10'000})), "");
  lockstep.follower().hart(1).x[24] = 5;  // a register that the program does not use
  const auto divergence = lockstep.run({10'000});
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->hart, 1u);
  EXPECT_EQ(divergence->fields, std::vector<std::string>{"x[24]: 0x0 and 0x5"});
  EXPECT_FALSE(divergence->last_instructions.empty());
  EXPECT_NE(divergence->text().find("hart 1 after"), std::string::npos);
}

TEST(Lockstep, MemoryThatDiffersIsNoticed) {
  Guest guest;
  Lockstep lockstep(*guest.machine, "interpreter");
  lockstep.follower().ram().host(PhysAddr{0x8018'0000})[0] = 1;
  const auto divergence = lockstep.run({10'000});
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->what, "RAM does not hold what the leader's does");
}

TEST(Lockstep, AnotherPathAsksAnotherQuestion) {
  Guest guest;
  Lockstep lockstep(*guest.machine, "interpreter", {.compare_every = 1'000'000});
  EXPECT_EQ(text_of(lockstep.run({5'000})), "");
  lockstep.follower().hart(0).x[22] += 0x100;  // where it thinks the console is
  const auto divergence = lockstep.run({20'000});
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->hart, 0u);
  EXPECT_FALSE(divergence->what.empty());
}

LogHeader header_of(Guest& guest) {
  return {guest.resolved, guest.fixed, machine_digest(*guest.machine)};
}

void record(const std::string& path, Guest& guest, u64 steps) {
  LogWriter writer(path, header_of(guest));
  Recorder recorder(writer, *guest.machine, {.check_every = 5'000, .ram_check_every = 50'000});
  guest.machine->run({steps});
  recorder.finish();
  writer.finish();
}

TEST(Replay, FromAFileEndsWhereTheRecordingDid) {
  ScratchDirectory scratch;
  Guest leader;
  record(scratch / "log", leader, 200'000);
  Guest other;
  LogReader log(scratch / "log");
  check_replayable(log.header(), *other.machine, other.resolved);
  Follower follower(std::move(other.machine), {});
  EXPECT_EQ(text_of(follower.replay(log)), "");
  for (Hart* hart : follower.machine().harts()) {
    EXPECT_EQ(hart->steps, leader.machine->hart(hart->id).steps);
    EXPECT_EQ(hart->pc, leader.machine->hart(hart->id).pc);
  }
  EXPECT_LT(std::filesystem::file_size(scratch / "log"), 400'000u);
}

TEST(Replay, AnotherMachineIsRefused) {
  ScratchDirectory scratch;
  Guest leader;
  record(scratch / "log", leader, 1'000);
  const LogReader log(scratch / "log");
  Guest three(guest_description(3, "interpreter"));
  EXPECT_TRUE(config_message([&] {
                check_replayable(log.header(), *three.machine, three.resolved);
              }).starts_with("machine.harts: "));
  Guest later;
  later.machine->run({1});
  EXPECT_TRUE(config_message([&] {
                check_replayable(log.header(), *later.machine, later.resolved);
              }).starts_with(scratch / "log" + ": it was recorded from another state"));
}

TEST(Replay, MemoryThatDevicesWriteIsWrittenAtItsInstruction) {
  struct Entries final : EntrySink {
    void take(LogEntry entry) override { entries.push_back(std::move(entry)); }
    std::vector<LogEntry> entries;
  };
  Guest guest;
  Entries sink;
  Recorder recorder(sink, *guest.machine, {});
  Hart& hart = guest.machine->hart(0);
  const u8 bytes[] = {1, 2, 3};
  recorder.memory_written(&hart, PhysAddr{0x8000'8000}, bytes);
  recorder.decide(hart, Oracle::Kind::DeviceStore, 0x1000'0000, 1);
  hart.steps += 2;
  recorder.ran(hart);
  recorder.memory_written(nullptr, PhysAddr{0x8000'9000}, bytes);
  recorder.input(bytes);
  recorder.finish();
  ASSERT_GE(sink.entries.size(), 6u);
  using Kind = LogEntry::Kind;
  EXPECT_EQ(sink.entries[0], (LogEntry{Kind::MemoryWrite, 0, 0x8000'8000, 1, {1, 2, 3}}));
  EXPECT_EQ(sink.entries[1].kind, Kind::DeviceStore);
  EXPECT_EQ(sink.entries[2], (LogEntry{Kind::Run, 0, 0, 2, {}}));
  EXPECT_EQ(sink.entries[3], (LogEntry{Kind::MemoryWrite, 0, 0x8000'9000, 0, {1, 2, 3}}));
  EXPECT_EQ(sink.entries[4].kind, Kind::Input);
  Guest other;
  Follower follower(std::move(other.machine), {});
  follower.take(sink.entries[3]);
  EXPECT_EQ(follower.machine().ram().host(PhysAddr{0x8000'9000})[2], 3);
}

// Entries that decode but make no sense are refused or diverge, never worse.
TEST(Replay, HostileEntriesNeverCrash) {
  Random random(1);
  const Guest guest;
  for (int i = 0; i < 150 * fuzz_scale(); ++i) {
    Follower follower(guest.another(true), {.remember = 3});
    try {
      for (int n = 0; n < 40; ++n) {
        LogEntry entry;
        entry.kind = static_cast<LogEntry::Kind>(random.below(11));
        entry.hart = static_cast<u32>(random.below(3));
        entry.address = random.below(2) ? random.next() : 0x8000'0000 + random.below(u64{3} << 20);
        entry.value = random.below(200);
        for (u64 b = random.below(20); b > 0; --b) entry.bytes.push_back(static_cast<u8>(random.next()));
        if (follower.take(entry)) break;
      }
    } catch (const ConfigError&) {
    }
  }
}

}  // namespace
}  // namespace orrery
