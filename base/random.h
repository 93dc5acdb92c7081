// Seeded, saved random numbers (xoshiro256**, seeded by splitmix64): the only source of randomness
// that may reach the simulated machine.
#pragma once

#include <array>
#include <bit>

#include "base/types.h"

namespace orrery {

class Random {
 public:
  explicit Random(u64 seed) {
    for (u64& word : words_) {
      seed += 0x9e3779b97f4a7c15;
      u64 z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  u64 next() {
    const u64 result = std::rotl(words_[1] * 5, 7) * 9;
    const u64 t = words_[1] << 17;
    words_[2] ^= words_[0];
    words_[3] ^= words_[1];
    words_[1] ^= words_[2];
    words_[0] ^= words_[3];
    words_[2] ^= t;
    words_[3] = std::rotl(words_[3], 45);
    return result;
  }

  // Uniform in 0..bound-1 (bound > 0): the high half of a 128-bit product.
  u64 below(u64 bound) { return static_cast<u64>((static_cast<u128>(next()) * bound) >> 64); }

  std::array<u64, 4>& words() { return words_; }  // for state()

 private:
  std::array<u64, 4> words_;
};

}  // namespace orrery
