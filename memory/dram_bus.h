// The data bus of a DRAM channel. Every rule between two reads or writes (tCCD, tWTR, tRTW, tRTRS,
// the length of a burst) is a least distance of the starts of their data, since a command and its
// data are tCL or tCWL apart.
#pragma once

#include "memory/dram_timeline.h"
#include "memory/dram_timing.h"

namespace orrery {

struct DramBurst {
  Tick start;  // of its data
  u32 rank = 0;
  u16 group = 0;
  u16 is_write = 0;
};

class DramBus {
 public:
  explicit DramBus(const DramTiming& timing);

  // The first start from `from` on that keeps its distance from every burst promised; `never` when
  // that is after `latest`. (The start in `burst` is of no account.)
  Tick find(const DramBurst& burst, Tick from, Tick latest) const;
  void add(const DramBurst& burst);

  // The start of the last burst.
  Tick last() const {
    return promised_.size() ? promised_[promised_.size() - 1].start : promised_.forgotten();
  }
  void state(Archive& a);

 private:
  u64 distance(const DramBurst& first, const DramBurst& second) const {
    const unsigned apart = first.rank != second.rank ? 2 : first.group != second.group;
    return distances_[first.is_write != 0][second.is_write != 0][apart];
  }

  void find_run(std::size_t k);

  u64 burst_;
  u64 distances_[2][2][3];  // first writes, second writes; same group, same rank, other rank
  u64 longest_ = 0;         // of all distances
  u64 longest_read_ = 0;    // of those between reads
  DramTimeline<DramBurst> promised_;
  // Derived: the start of the last burst that writes; and where the run of bursts begins that leaves
  // no gap up to the last one.
  Tick last_write_;
  Tick packed_ = never;
};

// The openings of rows in one rank: tRRD and tFAW.
struct DramOpening {
  Tick start;
  u64 group = 0;
};

class DramOpenings {
 public:
  explicit DramOpenings(const DramTiming& timing)
      : tRRD_S_(timing.tRRD_S.ticks), tRRD_L_(timing.tRRD_L.ticks), tFAW_(timing.tFAW.ticks) {}

  // The first time from `from` on at which a row of `group` may be opened.
  Tick find(u64 group, Tick from) const;
  void add(const DramOpening& opening) { promised_.add(opening); }
  void state(Archive& a, const char* name) { promised_.state(a, name); }

 private:
  bool fits(u64 group, Tick start, std::size_t k) const;
  u64 distance(u64 a, u64 b) const { return a == b ? tRRD_L_ : tRRD_S_; }

  u64 tRRD_S_, tRRD_L_, tFAW_;
  DramTimeline<DramOpening> promised_;
};

}  // namespace orrery
