// The path that led to a branch: one byte a branch or jump, and hashes of the newest of them.
//
// A hash is a polynomial of the bytes in its window, the difference of two that are kept: what a
// branch adds is one step, whatever the windows. It stands for the folded shift registers of
// hardware, and does not cancel where the path repeats.
#pragma once

#include <cmath>
#include <vector>

#include "base/archive.h"
#include "base/types.h"

namespace orrery::tage {

// An odd number without structure. The upper bits of a product with it depend on all bits.
inline constexpr u64 mixer = 0x9e37'79b9'7f4a'7c15;

// `count` lengths that grow from `shortest` to `longest` by the same factor, each at least one more
// than the one before; a single one is `longest`. Without pow(), which is not the same on every host.
inline std::vector<u32> geometric_lengths(u32 shortest, u32 longest, u32 count) {
  if (count == 1) return {longest};
  const auto last = [&](double factor) {
    double length = shortest;
    for (u32 i = 1; i < count; ++i) length *= factor;
    return length;
  };
  double low = 1, high = longest;
  for (int i = 0; i < 64; ++i) {
    const double factor = (low + high) / 2;
    (last(factor) < longest ? low : high) = factor;
  }
  std::vector<u32> result;
  double length = shortest;
  for (u32 i = 0; i < count; ++i, length *= high) {
    const auto rounded = static_cast<u32>(std::lround(length));
    result.push_back(i > 0 && rounded <= result.back() ? result.back() + 1 : rounded);
  }
  return result;
}

class Path {
 public:
  // One window each, of so many branches.
  explicit Path(const std::vector<u32>& lengths) {
    u64 capacity = 1;
    for (const u32 length : lengths) {
      while (capacity <= length) capacity *= 2;
      u64 weight = 1;
      for (u32 i = 0; i < length; ++i) weight *= mixer;
      windows_.push_back({length, weight});
    }
    hashes_.resize(capacity);
  }

  // Calls take(hash) with each window's hash of its newest branches: all since the beginning,
  // without those that are older.
  template <class Take>
  void each_hash(Take&& take) const {
    const u64 newest = newest_, mask = hashes_.size() - 1;
    const u64* const hashes = hashes_.data();
    const u64 all = hashes[newest & mask];
    for (const Window& w : windows_) take(all - hashes[(newest - w.length) & mask] * w.weight);
  }

  void push(u8 branch) {
    const u64 mask = hashes_.size() - 1, before = hashes_[newest_ & mask];
    hashes_[++newest_ & mask] = before * mixer + branch;
  }

  void state(Archive& a) {
    a("hashes", std::span<u64>(hashes_));
    a("newest", newest_);
  }

 private:
  struct Window {
    u64 length;
    u64 weight;  // mixer to the power of length
  };
  std::vector<Window> windows_;
  std::vector<u64> hashes_;  // a ring of 2^n, more than the longest window: of all branches up to each
  u64 newest_ = 0;
};

}  // namespace orrery::tage
