// The log: what is written is read back, and no bytes do worse than a sentence.
#include "checkpoint/log.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "tests/base/config_message.h"
#include "tests/checkpoint/small_machine.h"
#include "tests/environment.h"

namespace orrery {
namespace {

using Kind = LogEntry::Kind;

const LogHeader header = {{{"machine", {{"harts", 2}}}}, {"machine.harts"}, "0123"};

LogEntry random_entry(Random& random) {
  LogEntry entry;
  entry.kind = static_cast<Kind>(random.below(static_cast<u64>(Kind::End)));
  const auto number = [&] { return random.next() >> random.below(64); };
  const bool hart = entry.kind != Kind::Input && entry.kind != Kind::RamCheck;
  const bool bytes = !hart || entry.kind == Kind::Check || entry.kind == Kind::MemoryWrite;
  if (hart) {
    entry.hart = static_cast<u32>(random.below(64));
    entry.value = number();
  }
  if (is_decision(entry.kind) || entry.kind == Kind::MemoryWrite) entry.address = number();
  if (bytes)
    for (u64 n = random.below(50); n > 0; --n) entry.bytes.push_back(static_cast<u8>(random.next()));
  return entry;
}

std::vector<LogEntry> write(const std::string& path, int entries, bool end = true) {
  Random random(1);
  std::vector<LogEntry> result;
  LogWriter writer(path, header);
  for (int i = 0; i < entries; ++i) result.push_back(random_entry(random));
  if (end) result.push_back({Kind::End, 0, 7, 5, {}});
  for (const LogEntry& entry : result) writer.take(entry);
  writer.finish();
  return result;
}

std::vector<LogEntry> read(const std::string& path) {
  LogReader reader(path);
  std::vector<LogEntry> result;
  while (auto entry = reader.next()) result.push_back(std::move(*entry));
  return result;
}

TEST(Log, WhatIsWrittenIsReadBack) {
  ScratchDirectory scratch;
  const auto entries = write(scratch / "log", 60'000);  // several chunks
  EXPECT_TRUE(read(scratch / "log") == entries);
  const LogReader reader(scratch / "log");
  EXPECT_EQ(reader.header().description, header.description);
  EXPECT_EQ(reader.header().fixed_at_restore, header.fixed_at_restore);
  EXPECT_EQ(reader.header().machine_digest, "0123");
}

TEST(Log, EntriesAreCompact) {
  std::vector<u8> bytes;
  encode({Kind::Run, 3, 0, 100, {}}, bytes);
  EXPECT_EQ(bytes.size(), 2u);
  std::span<const u8> rest = bytes;
  LogEntry entry;
  ASSERT_TRUE(decode(rest, entry));
  EXPECT_EQ(entry, (LogEntry{Kind::Run, 3, 0, 100, {}}));
  EXPECT_TRUE(rest.empty());
}

TEST(Log, AnExistingFileIsNotOverwritten) {
  ScratchDirectory scratch;
  write(scratch / "log", 3);
  EXPECT_EQ(config_message([&] { LogWriter(scratch / "log", header); }),
            (scratch / "log") + ": cannot create: File exists");
  EXPECT_EQ(read(scratch / "log").size(), 4u);
}

TEST(Log, ARecordingThatWasCutOffIsGoodUpToThere) {
  ScratchDirectory scratch;
  const auto entries = write(scratch / "log", 100, false);
  LogReader reader(scratch / "log");
  for (const LogEntry& entry : entries) EXPECT_EQ(reader.next(), entry);
  EXPECT_EQ(config_message([&] { reader.next(); }),
            (scratch / "log") + ": truncated: the recording was cut off after 100 entries");
}

TEST(Log, FlipsTruncationsAndAdditionsAreNoticed) {
  ScratchDirectory scratch;
  write(scratch / "log", 200);
  const std::vector<u8> good = read_bytes(scratch / "log");
  const auto refused = [&](const std::vector<u8>& bad) {
    write_bytes(scratch / "log", bad);
    EXPECT_TRUE(config_message([&] { read(scratch / "log"); }).starts_with((scratch / "log") + ": "));
  };
  for (u64 i = 0; i < 8 * good.size(); i += i < 2000 ? 1 : 61) {
    std::vector<u8> bad = good;
    bad[i / 8] = static_cast<u8>(bad[i / 8] ^ 1 << i % 8);
    refused(bad);
  }
  for (u64 size = 0; size < good.size(); size += 37)
    refused({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
  std::vector<u8> longer = good;
  longer.push_back(0);
  refused(longer);
}

TEST(Log, ForeignFilesAreRefused) {
  ScratchDirectory scratch;
  write_bytes(scratch / "x", {'E', 'L', 'F', 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(config_message([&] { LogReader(scratch / "x"); }),
            (scratch / "x") + ": not a log of Orrery");
  const std::string newer = "ORRYLOG3....";
  write_bytes(scratch / "x", {newer.begin(), newer.end()});
  EXPECT_EQ(config_message([&] { LogReader(scratch / "x"); }),
            (scratch / "x") + ": a log of another version of Orrery");
  config_message([&] { LogReader(scratch / "none"); });
}

TEST(Log, RandomEntriesNeverCrash) {
  Random random(5);
  for (int i = 0; i < 200'000 * fuzz_scale(); ++i) {
    std::vector<u8> bytes(random.below(30));
    for (u8& byte : bytes) byte = static_cast<u8>(random.next());
    std::span<const u8> rest = bytes;
    LogEntry entry;
    while (!rest.empty() && decode(rest, entry)) {
      std::vector<u8> again;
      encode(entry, again);
      std::span<const u8> in = again;
      LogEntry second;
      ASSERT_TRUE(decode(in, second) && second == entry);
    }
  }
}

}  // namespace
}  // namespace orrery
