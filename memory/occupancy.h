// The bandwidth of a link, booked in any order of time: replies are booked when they are asked for,
// long before shorter ones that leave earlier. Time is cut into slots, each of which carries so many
// bytes; a message takes what is left of the first ones from its time on. Beyond the slots kept
// (about 4000 cycles back from the latest message) nobody waits.
#pragma once

#include <algorithm>
#include <vector>

#include "base/archive.h"
#include "base/types.h"

namespace orrery {

class Occupancy {
 public:
  static constexpr u64 slot_cycles = 8;

  Occupancy(u64 bytes_per_cycle, u64 cycle_ticks)
      : slot_bytes_(bytes_per_cycle * slot_cycles), slot_ticks_(cycle_ticks * slot_cycles) {}

  // Ticks that a message takes to pass, without waiting.
  u64 length(u64 bytes) const { return (bytes * slot_ticks_ + slot_bytes_ - 1) / slot_bytes_; }

  // When the last byte of a message that comes at `now` has passed. Only booked ones keep others
  // waiting.
  Tick pass(u64 bytes, Tick now, bool book) {
    const Tick alone = now + length(bytes);
    u64 number = now.value() / slot_ticks_;
    for (std::size_t tries = 0; tries < slots; ++tries, ++number) {
      const std::size_t i = number % slots;
      if (numbers_[i] > number) return alone;  // long ago
      u64 used = numbers_[i] == number ? used_[i] : 0;
      const u64 taken = std::min(bytes, slot_bytes_ - used);
      used += taken;
      bytes -= taken;
      if (book) {
        numbers_[i] = number;
        used_[i] = used;
      }
      if (bytes == 0)
        return std::max(alone, Tick{number * slot_ticks_ +
                                    (used * slot_ticks_ + slot_bytes_ - 1) / slot_bytes_});
    }
    return std::max(alone, Tick{number * slot_ticks_});
  }

  void state(Archive& a) {
    a("slots", std::span<u64>(numbers_));
    a("used", std::span<u64>(used_));
    a.require(std::all_of(used_.begin(), used_.end(), [this](u64 u) { return u <= slot_bytes_; }),
              "used", "more bytes than a slot carries");
  }

 private:
  static constexpr std::size_t slots = 512;
  u64 slot_bytes_, slot_ticks_;
  std::vector<u64> numbers_ = std::vector<u64>(slots);  // which slot of time each entry is about
  std::vector<u64> used_ = std::vector<u64>(slots);     // bytes booked in it
};

}  // namespace orrery
