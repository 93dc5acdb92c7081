// Zstandard, with the size of the contents known to whoever asks: nothing ever grows beyond it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/types.h"

namespace orrery {

class Compressor {
 public:
  Compressor();
  ~Compressor();
  // Valid until the next call.
  std::span<const u8> compress(std::span<const u8> contents);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
  std::vector<u8> out_;
};

// The most bytes that compress() makes of `bytes`.
u64 largest_compressed(u64 bytes);

// True when `stored` is one frame that holds exactly contents.size() bytes, now in `contents`.
bool decompress(std::span<const u8> stored, std::span<u8> contents);

}  // namespace orrery
