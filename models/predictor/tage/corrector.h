// The statistical corrector of TAGE (Seznec, "TAGE-SC-L Branch Predictors", 2014, and "...Again", 2016;
// the sum is that of his "Analysis of the O-GEometric History Length Branch Predictor", 2005): where
// a branch leans one way only statistically, TAGE predicts worse than a counter would. The sum
// of counters by address and by several histories turns TAGE's prediction round when it is sure
// enough.
//
//   bias    address and what TAGE says, with its confidence or its table
//   global  the last outcomes of all branches, of several lengths
//   local   the last outcomes of this branch, of several lengths
//   IMLI    the iteration of the innermost loop (Seznec, San Miguel and Albericio, "The Inner Most
//           Loop Iteration counter", 2015)
//
// Contract: look_up(), then update() with the same Lookup.
#pragma once

#include <array>
#include <vector>

#include "base/archive.h"
#include "base/params.h"
#include "models/predictor/tage/tables.h"

namespace orrery::tage {

struct CorrectorConfig {
  u32 entries = 1024;
  u32 counter_bits = 6;
  u32 global_tables = 4;
  u32 global_longest = 40;
  u32 local_tables = 3;
  u32 local_longest = 11;
  u32 local_histories = 256;
  bool imli = true;
  void visit(Params& p);
};

class Corrector {
 public:
  static constexpr u32 most_tables = 8;  // of global ones, and of local ones

  struct Lookup {
    std::array<u32, 2 + 2 * most_tables + 1> counter;  // of each table, in the arrays of all
    u32 branch;  // of thresholds_
    i32 sum;
    i32 threshold;  // above which the sum is sure
    bool sum_says;
    bool taken;  // what is predicted
  };

  explicit Corrector(const CorrectorConfig& config);

  void look_up(u64 pc, const Tables::Lookup& tage, Lookup& lookup) const;
  void update(u64 pc, u64 target, const Tables::Lookup& tage, const Lookup& lookup, bool taken);
  void state(Archive& a);

 private:
  // Which of choosers_ decides between TAGE and the sum where they differ; -1: the sum wins.
  static int chooser(const Tables::Lookup& tage, const Lookup& lookup);
  u16& local_history(u64 pc) { return local_histories_[pc >> 1 & (local_histories_.size() - 1)]; }

  const u32 entries_, entry_shift_;
  const i8 most_;  // of a counter; the least is -most - 1
  const bool imli_used_;
  const std::vector<u64> global_masks_, local_masks_;  // of the histories of each table
  const u32 tables_;
  std::vector<i8> counters_;  // of all tables, one after the other; 0 and more says taken
  std::vector<u16> local_histories_;
  u64 global_history_ = 0;
  u32 iteration_ = 0;                // of the innermost loop
  i16 threshold_;                    // in eighths, as are those by branch, which are added to it
  std::array<i16, 64> thresholds_{};
  std::array<i8, 2> choosers_{};     // 0 and more believes the sum
};

}  // namespace orrery::tage
