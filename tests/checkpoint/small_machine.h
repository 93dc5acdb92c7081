// The smallest thing that can be saved: a root, a part with state, a cache with timing state, RAM.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/archive.h"
#include "base/random.h"
#include "checkpoint/checkpoint.h"

namespace orrery {

struct SmallPart : Component {
  using Component::Component;
  u64 counter = 1;
  std::array<u8, 300> table{};
  int restored = 0;
  void state(Archive& a) override {
    a("counter", counter);
    a("table", table);
  }
  void after_restore() override { ++restored; }
};

struct SmallCache : Component {
  using Component::Component;
  std::array<u64, 200> tags{};
  bool is_timing_state() const override { return true; }
  void state(Archive& a) override { a("tags", tags); }
};

struct SmallMachine {
  explicit SmallMachine(u64 ram_bytes = u64{5} << 20 | page_size)
      : ram(&root, "ram", PhysAddr{0x8000'0000}, ram_bytes) {}

  Component root{nullptr, "machine"};
  SmallPart part{&root, "part"};
  SmallCache cache{&root, "cache"};
  Ram ram;

  // Something everywhere: parts, and some pages with random bytes.
  void fill(u64 seed) {
    Random random(seed);
    part.counter = random.next();
    for (u8& byte : part.table) byte = static_cast<u8>(random.next());
    for (u64& tag : cache.tags) tag = random.next();
    for (int i = 0; i < 20; ++i) {
      const u64 page = random.below(ram.size() / page_size) * page_size;
      for (u64 offset = 0; offset < page_size; offset += 8) {
        const u64 word = random.next() & 0xffff;
        std::memcpy(ram.host(ram.base() + page + offset), &word, sizeof word);
      }
    }
  }

  void save(const std::string& directory, bool replace = false) {
    Manifest facts;
    facts.model = "none";
    facts.steps = part.counter;
    facts.description = {{"machine", {{"harts", 1}}}};
    facts.fixed_at_restore = {"machine.harts"};
    facts.timing_digest = "same";
    save_checkpoint(root, ram, std::move(facts), directory, replace);
  }
  std::string digest() const { return tree_digest(root, ram); }
};

// A directory of the test's own, removed at its end.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "orrery-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // The names in it.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      result.push_back(entry.path().filename().string());
    return result;
  }

 private:
  std::string path_;
};

inline std::vector<u8> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::vector<u8>& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace orrery
