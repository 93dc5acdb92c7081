// RAM in a checkpoint: chunks of 1 MiB, those that are all zero left out, each with a digest.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/archive.h"
#include "checkpoint/compression.h"
#include "checkpoint/digest.h"
#include "checkpoint/files.h"
#include "checkpoint/touched_pages.h"
#include "memory/ram.h"

namespace orrery {

inline constexpr u64 chunk_bytes = u64{1} << 20;

struct ChunkEntry {
  u64 number = 0;        // its address is the base of RAM + number * chunk_bytes
  u64 stored_bytes = 0;  // of its frame; the frames follow each other in ram.zst
  Digest128 digest;      // of the contents
  bool operator==(const ChunkEntry&) const = default;
};

// What ram_index.cbor.zst holds.
struct RamIndex {
  u64 base = 0;
  u64 size = 0;
  std::vector<ChunkEntry> chunks;  // by ascending number

  void state(Archive& a);
  u64 bytes_of(const ChunkEntry& chunk) const;  // chunk_bytes, less for the last one of RAM
  u64 stored_bytes() const;
  // The part of the machine's digest that stands for RAM.
  void add_to(Digester& digester) const;
};

// Visits the chunks of `ram` that are not all zero. `contents` is valid during the call.
void for_each_chunk(const Ram& ram,
                    const std::function<void(u64 number, std::span<const u8> contents)>& visit);

// Writes the chunks; the index has everything about them.
RamIndex save_ram(const Ram& ram, OutputFile& file);
// The same index without writing (stored_bytes is 0).
RamIndex index_ram(const Ram& ram);

// Chunks read back one by one, in any order.
class RamReader {
 public:
  // ConfigError when the file is not as long as the index says.
  RamReader(const InputFile& file, const RamIndex& index);

  // The contents of the i-th chunk of the index, checked, valid until the next call.
  std::span<const u8> read(std::size_t i);
  // Of the frame read last, as stored.
  std::span<const u8> stored() const { return stored_; }

 private:
  const InputFile& file_;
  const RamIndex& index_;
  std::vector<u64> offsets_;
  std::vector<u8> stored_;
  std::vector<u8> contents_;
};

bool all_zero(std::span<const u8> bytes);

}  // namespace orrery
