// What the parts of a hierarchy have counted and hold, gathered from its tree.
#pragma once

#include <fmt/format.h>

#include <string>

#include "memory/hierarchy.h"

namespace orrery {

// Every byte that leaves a part comes to another: what caches get from below is what the levels below
// are read, but for lines from neighbouring caches; and so downwards, where directories write too.
struct BytesMoved {
  u64 up = 0, down = 0, forwarded = 0, written_by_directories = 0;  // as those above have it
  u64 read = 0, written = 0, memory = 0;                            // as those below do

  explicit BytesMoved(Component& machine) {
    machine.for_each([this](Component& part) {
      if (const auto* cache = dynamic_cast<Cache*>(&part)) {
        up += cache->bytes_from_below.value();
        down += cache->bytes_to_below.value();
        if (part.name() == "l1i" || part.name() == "l1d") return;
        read += cache->bytes_read.value();
        written += cache->bytes_written.value();
      } else if (const auto* directory = dynamic_cast<Coherence*>(&part)) {
        forwarded += directory->bytes_forwarded.value();
        written_by_directories += directory->bytes_written.value();
      } else if (const auto* dram = dynamic_cast<Dram*>(&part)) {
        memory += dram->bytes.value();
      }
    });
  }
  u64 above() const { return up + down + written_by_directories; }
  u64 below() const { return read + written + forwarded + memory; }
};

// What is taken anywhere after `now`: empty when everything is free.
inline std::string taken(Component& machine, Tick now) {
  std::string text;
  machine.for_each([&](Component& part) {
    const auto* cache = dynamic_cast<Cache*>(&part);
    if (!cache) return;
    const Cache::UnderWay found = cache->under_way(now);
    if (found.is_nothing()) return;
    text += fmt::format("{}: {} MSHRs, {} places of the write buffer, {} banks or ports, {} lines under way\n",
                        cache->path(), found.mshrs.size(), found.write_buffer.size(), found.arrays.size(),
                        found.lines.size());
  });
  return text;
}

}  // namespace orrery
