// Prefetchers: which lines a cache fetches before they are asked for. One policy a file; see
// prefetcher_next_line.cc.
//
// Contract. access() is told of fetches, loads, stores and atomics in the order in which the cache
// serves them: of each that missed, of the first to a line that a prefetch brought and, when observes()
// says so of their kind, of all others (such a cache has no fast hits). It appends the lines to fetch,
// the most wanted first. The cache leaves out those it has, those of another 4 KiB page (addresses are
// physical), and what it has no free MSHR for: the last one is for demand. fetched(): a line is on its
// way, for a demand miss before access() is told of that, or for a prefetch.
//
// Prefetches are Requests of kind Prefetch with the pc and hart of the access they follow.
#pragma once

#include <vector>

#include "base/registry.h"
#include "memory/port.h"

namespace orrery {

class Archive;

struct PrefetchAccess {
  u64 line = 0;  // number: address / bytes of a line
  PhysAddr address;
  u64 pc = 0;    // 0: none
  RequestKind kind = RequestKind::Load;
  bool hit = false;
  bool first_use = false;  // a hit, the first, of a prefetched line
  Tick now;
};

struct PrefetchGeometry {
  static constexpr u64 page = 4096;
  u64 line_bytes;  // a power of two up to a page

  u64 lines_per_page() const { return page / line_bytes; }
  bool same_page(u64 line, u64 other) const {
    return line / lines_per_page() == other / lines_per_page();
  }
};

class Prefetcher {
 public:
  virtual ~Prefetcher() = default;
  virtual bool observes(RequestKind) const { return false; }  // always the same
  virtual void access(const PrefetchAccess& access, std::vector<u64>& lines) = 0;
  virtual void fetched(u64 /*line*/, Tick /*ready*/, bool /*prefetch*/) {}
  virtual void state(Archive& a) = 0;
};

using Prefetchers = Registry<Prefetcher, const PrefetchGeometry&>;

}  // namespace orrery
