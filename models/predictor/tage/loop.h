// Loops of a constant number of iterations (Gochman et al., "The Intel Pentium M Processor:
// Microarchitecture and Performance", 2003): a branch that goes one way as often as last time, and
// then the other way once.
#pragma once

#include <vector>

#include "base/archive.h"
#include "base/params.h"
#include "models/predictor/tage/tables.h"

namespace orrery::tage {

struct LoopConfig {
  u32 entries = 64;
  u32 ways = 4;
  u32 longest = 4095;
  u32 sure_after = 4;
  void visit(Params& p);
};

class Loops {
 public:
  struct Lookup {
    u32 entry;   // of `none`
    bool sure;   // it predicts
    bool taken;
  };
  static constexpr u32 none = ~0u;

  explicit Loops(const LoopConfig& config);

  Lookup look_up(u64 pc) const;
  // `others_taken`: what would be predicted without it; `was_right`: what was predicted in the end.
  void update(u64 pc, const Lookup& lookup, bool taken, bool others_taken, bool was_right, ShiftRegister& random);
  void state(Archive& a);

 private:
  u16 tag(u64 pc) const { return static_cast<u16>(pc * mixer >> 40); }
  u32 set(u64 pc) const { return (static_cast<u32>(pc * mixer >> 32) & (sets_ - 1)) * ways_; }
  void allocate(u64 pc, bool taken);

  const u32 ways_, sets_, longest_;
  const u8 sure_;
  std::vector<u16> tags_;
  std::vector<u16> trips_;       // outcomes of one kind, before one of the other; 0: not known
  std::vector<u16> counts_;      // of these, so far
  std::vector<u8> confidence_;   // times in a row that the number was the same
  std::vector<u8> ages_;         // allocations survived before another branch gets the entry; 0: free
  std::vector<u8> directions_;   // 1: taken until the end
};

}  // namespace orrery::tage
