// What a device needs around it in a test: a component tree, events, and ends for its wires.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/event_queue.h"
#include "devices/board.h"
#include "memory/address_space.h"

namespace orrery::test {

// Remembers the level of each of its inputs.
struct Levels : WireSink {
  std::map<u32, bool> level;
  void set_wire(u32 index, bool value) override { level[index] = value; }
  bool operator[](u32 index) const {
    const auto found = level.find(index);
    return found != level.end() && found->second;
  }
};

struct Power : PowerControl {
  std::vector<std::string> calls;
  void power_off(u32 exit_code) override {
    calls.push_back("off " + std::to_string(exit_code));
  }
  void reboot() override { calls.push_back("reboot"); }
};

struct Screen : CharSink {
  std::string text;
  void put(u8 byte) override { text += static_cast<char>(byte); }
};

// One device alone; `now` is the simulated time of the accesses.
struct Bench {
  Component root{nullptr, "machine"};
  EventQueue events{&root, "events"};
  Tick now{0};

  u64 read(Device& device, u64 offset, unsigned size) {
    u64 value = 0xbad;
    EXPECT_TRUE(device.read(offset, size, value, now)) << device.path() << " +" << offset;
    return value;
  }
  void write(Device& device, u64 offset, unsigned size, u64 value) {
    EXPECT_TRUE(device.write(offset, size, value, now)) << device.path() << " +" << offset;
  }
  void advance_to(Tick tick) {
    now = tick;
    events.run_until(now);
  }
};

// A whole board with `hart_count` harts that are only wire ends.
struct BoardBench {
  explicit BoardBench(u32 hart_count = 2, const BoardConfig& config = {})
      : harts(hart_count), board(&root, "board", config, context()) {}

  BoardContext context() {
    BoardContext result{memory, events, {}, Frequency{10'000'000}, power};
    for (Levels& hart : harts) result.harts.push_back(&hart);
    return result;
  }

  Component root{nullptr, "machine"};
  EventQueue events{&root, "events"};
  AddressSpace memory;
  Power power;
  std::vector<Levels> harts;
  Board board;
};

}  // namespace orrery::test
