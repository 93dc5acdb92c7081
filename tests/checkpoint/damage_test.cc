// Foreign bytes: whatever is done to the files, opening, verifying and restoring say so in a
// sentence that names the file.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "tests/base/config_message.h"
#include "tests/checkpoint/forge.h"
#include "tests/environment.h"

namespace orrery {
namespace {

struct Damage : testing::Test {
  ScratchDirectory scratch;
  SmallMachine machine;
  std::string directory = scratch / "c";

  void SetUp() override {
    machine.fill(1);
    machine.save(directory);
  }
  std::string path(std::string_view name) const { return directory + "/" + std::string(name); }

  // What verify() and restore() say; both must say something, of the same file.
  std::string complaint() {
    const auto restore = [&] {
      SmallMachine victim;
      Checkpoint::open(directory).restore(victim.root, victim.ram, "same", nullptr);
    };
    const std::string of_restore = config_message(restore);
    const std::string of_verify = config_message([&] { Checkpoint::open(directory).verify(); });
    EXPECT_EQ(of_restore, of_verify);
    EXPECT_EQ(of_verify.find('\n'), std::string::npos);
    return of_verify;
  }
};

TEST_F(Damage, ABitFlippedAnywhereIsNoticed) {
  Random random(1);
  for (const std::string_view name : checkpoint_files) {
    const std::vector<u8> good = read_bytes(path(name));
    // Every bit of the first and last bytes, and many between.
    std::vector<u64> bits;
    for (u64 bit = 0; bit < 8 * 24; ++bit) {
      bits.push_back(bit);
      bits.push_back(8 * good.size() - 1 - bit);
    }
    for (int i = 0; i < 150 * fuzz_scale(); ++i) bits.push_back(random.below(8 * good.size()));
    for (const u64 bit : bits) {
      std::vector<u8> bad = good;
      bad.at(bit / 8) = static_cast<u8>(bad[bit / 8] ^ 1 << bit % 8);
      write_bytes(path(name), bad);
      EXPECT_TRUE(complaint().starts_with(path(name) + ":")) << name << " bit " << bit;
    }
    write_bytes(path(name), good);
  }
  Checkpoint::open(directory).verify();
}

TEST_F(Damage, TruncationAndAdditionAreNoticed) {
  Random random(2);
  for (const std::string_view name : checkpoint_files) {
    const std::vector<u8> good = read_bytes(path(name));
    for (int i = 0; i < 12; ++i) {
      std::vector<u8> bad = good;
      bad.resize(i == 0 ? 0 : i == 1 ? good.size() - 1 : i == 2 ? good.size() + 1 : random.below(good.size()));
      write_bytes(path(name), bad);
      EXPECT_TRUE(complaint().starts_with(path(name) + ":")) << name << ' ' << bad.size();
    }
    write_bytes(path(name), good);
  }
}

TEST_F(Damage, MissingFilesAreNamed) {
  for (const std::string_view name : checkpoint_files) {
    const std::vector<u8> good = read_bytes(path(name));
    std::filesystem::remove(path(name));
    EXPECT_EQ(complaint(), path(name) + ": cannot open: No such file or directory");
    write_bytes(path(name), good);
  }
}

TEST_F(Damage, ForeignFilesAreNamed) {
  for (const std::string_view name : checkpoint_files) {
    const std::vector<u8> good = read_bytes(path(name));
    const std::string text = "[1, 2, 3]";
    write_bytes(path(name), {text.begin(), text.end()});
    EXPECT_TRUE(complaint().starts_with(path(name) + ":"));
    std::filesystem::remove(path(name));
    ASSERT_EQ(mkfifo(path(name).c_str(), 0600), 0);
    EXPECT_EQ(complaint(), path(name) + ": not a regular file");
    std::filesystem::remove(path(name));
    std::filesystem::create_directory(path(name));
    EXPECT_EQ(complaint(), path(name) + ": not a regular file");
    std::filesystem::remove(path(name));
    write_bytes(path(name), good);
  }
}

TEST_F(Damage, WhatIsNoDirectoryIsNoCheckpoint) {
  EXPECT_EQ(config_message([&] { Checkpoint::open(scratch / "none"); }),
            (scratch / "none") + ": no checkpoint there: No such file or directory");
  write_bytes(scratch / "file", {1});
  EXPECT_EQ(config_message([&] { Checkpoint::open(scratch / "file"); }),
            (scratch / "file") + ": no checkpoint there: Not a directory");
  config_message([] { Checkpoint::open(""); });
}

TEST_F(Damage, PartsOfTwoCheckpointsDoNotMix) {
  SmallMachine other;
  other.fill(2);
  other.save(scratch / "other");
  for (const std::string_view name : checkpoint_files) {
    const std::vector<u8> good = read_bytes(path(name));
    write_bytes(path(name), read_bytes(scratch / "other/" + std::string(name)));
    complaint();
    write_bytes(path(name), good);
  }
}

TEST_F(Damage, OtherVersionsAreRefused) {
  std::vector<u8> bytes = read_bytes(path(manifest_file));
  std::string text(bytes.begin(), bytes.end());
  text.replace(text.find("\"version\": 1"), 12, "\"version\": 2");
  write_bytes(path(manifest_file), {text.begin(), text.end()});
  EXPECT_EQ(complaint(), path(manifest_file) + ": format version 2; this Orrery reads version 1");
}

// Forged: every digest fits, the contents are hostile.
struct Forged : Damage {
  std::unique_ptr<Forger> forger;

  void SetUp() override {
    Damage::SetUp();
    forger = std::make_unique<Forger>(directory);
  }
};

TEST_F(Forged, BombsAreBounded) {
  forger->manifest.state.bytes = ~u64{0};
  forger->write_manifest();
  EXPECT_TRUE(complaint().starts_with(path(state_file) + ": claims to hold "));
  forger->manifest = Checkpoint::open(directory).manifest();
  // 16 MiB of zeros that the manifest calls 100 bytes.
  const std::vector<u8> zeros(u64{16} << 20);
  forger->write_section(state_file, forger->manifest.state, zeros);
  forger->manifest.state.bytes = 100;
  forger->write_manifest();
  EXPECT_TRUE(complaint().starts_with(path(state_file) + ": damaged"));
}

TEST_F(Forged, DeepAndForeignSectionsAreRefused) {
  forger->write_section(state_file, forger->manifest.state, std::vector<u8>(1'000'000, 0x81));
  EXPECT_EQ(complaint(), path(state_file) + ": nested too deeply");
}

TEST_F(Forged, RandomContentsOfEverySectionNeverCrash) {
  Random random(3);
  const std::vector<u8> state = Json::to_cbor(Checkpoint::open(directory).state());
  const std::vector<u8> timing = Json::to_cbor(Checkpoint::open(directory).timing());
  RamIndex index = Checkpoint::open(directory).ram_index();
  Archive archive = Archive::saving("");
  index.state(archive);
  const std::vector<u8> chunks = Json::to_cbor(archive.take());
  const Manifest good = forger->manifest;
  const auto mutate = [&](std::vector<u8> bytes) {
    for (u64 n = random.below(4) + 1; n > 0; --n)
      bytes[random.below(std::min<u64>(bytes.size(), 120))] = static_cast<u8>(random.next());
    return bytes;
  };
  for (int i = 0; i < 300 * fuzz_scale(); ++i) {
    forger->manifest = good;
    forger->write_section(state_file, forger->manifest.state, i % 3 == 0 ? mutate(state) : state);
    forger->write_section(timing_file, forger->manifest.timing, i % 3 == 1 ? mutate(timing) : timing);
    forger->write_section(ram_index_file, forger->manifest.ram_index, i % 3 == 2 ? mutate(chunks) : chunks);
    // The overall digest is made to fit where the index can be read at all.
    SmallMachine victim;
    try {
      Checkpoint::open(directory).restore(victim.root, victim.ram, "same", nullptr);
    } catch (const ConfigError&) {
    }
    try {
      load_tree(victim.root, Checkpoint::open(directory).state(), false);
    } catch (const ConfigError&) {
    }
  }
}

TEST_F(Forged, RandomManifestsNeverCrash) {
  Random random(4);
  const std::vector<u8> good = read_bytes(path(manifest_file));
  for (int i = 0; i < 3000 * fuzz_scale(); ++i) {
    std::vector<u8> bad = good;
    for (u64 n = random.below(4) + 1; n > 0; --n)
      bad[random.below(bad.size())] = static_cast<u8>(random.next());
    if (bad == good) continue;
    config_message([&] { Manifest::parse({reinterpret_cast<char*>(bad.data()), bad.size()}, "m"); });
  }
  // Any field of any kind.
  const Json json = Json::parse(good);
  for (const auto& [key, value] : json.items())
    for (const Json& bad : {Json(), Json(-1), Json(1.5), Json("x"), Json::array({1}), Json::object()}) {
      Json changed = json;
      changed[key] = bad;
      const std::string text = changed.dump(2) + "\n";
      config_message([&] { Manifest::parse(text, "m"); });
    }
}

}  // namespace
}  // namespace orrery
