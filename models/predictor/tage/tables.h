// TAGE (Seznec and Michaud, "A case for (partially) tagged geometric history length branch
// prediction", 2006; Seznec, "TAGE-SC-L Branch Predictors Again", 2016): tagged tables indexed by
// address and ever longer paths, over a plain table of two-bit counters by address.
//
// The match of the longest path predicts, the next longest is its alternate. An entry that is new is
// believed less than its alternate where that was found better. A misprediction gets entries of longer
// paths; what has been useful (right where its alternate was wrong) is not replaced until it ages.
//
// Contract: look_up(), then update() with the same Lookup, then the path goes on.
#pragma once

#include <array>
#include <vector>

#include "base/archive.h"
#include "base/params.h"
#include "models/predictor/tage/path.h"

namespace orrery::tage {

// Random bits for policies, the same in every run (Marsaglia, "Xorshift RNGs", 2003). Saved.
struct ShiftRegister {
  u32 value = 0x2545'f491;
  u32 next() {
    value ^= value << 13;
    value ^= value >> 17;
    return value ^= value << 5;
  }
};

// How far the counter that predicts is from changing its mind.
enum class Confidence : u8 { Low, Medium, High };

struct TablesConfig {
  u32 base_entries = 16384;
  u32 tables = 12;
  u32 entries = 2048;
  u32 tag_bits = 12;
  u32 shortest = 4;
  u32 longest = 640;
  u32 counter_bits = 3;
  u32 useful_bits = 2;
  u32 age_after = 1024;
  void visit(Params& p);
};

class Tables {
 public:
  static constexpr std::size_t most_tables = 16;
  static constexpr int base = -1;  // in place of a tagged table

  struct Lookup {
    std::array<u64, most_tables> mixed;  // address and path of each table: see entry() and tag()
    u32 base_entry;
    int provider, alternate;  // tables, or `base`
    bool provider_says, alternate_says;
    bool is_new;  // the provider's entry: it has not proved itself
    u8 trust;     // which of trust_ judges new entries here
    bool taken;   // what is predicted
    Confidence confidence;
  };

  explicit Tables(const TablesConfig& config);

  void look_up(u64 pc, Lookup& lookup) const;
  // `was_right`: what was predicted in the end, by whatever stands above.
  void update(const Lookup& lookup, bool taken, bool was_right, ShiftRegister& random);
  void push(u8 branch) { path_.push(branch); }
  void state(Archive& a);

 private:
  static constexpr u32 tag_shift = 24;
  // Where a table, not `base`, may hold the branch, in the arrays of all.
  u32 entry(const Lookup& lookup, int table) const {
    const auto t = static_cast<u32>(table);
    return t * entries_ + static_cast<u32>(lookup.mixed[t] >> entry_shift_);
  }
  u16 tag(u64 mixed) const { return static_cast<u16>(mixed >> tag_shift & tag_mask_); }
  bool says(const Lookup& lookup, int table) const;
  Confidence confidence(const Lookup& lookup, int table) const;
  void train(const Lookup& lookup, int table, bool taken);
  void allocate(const Lookup& lookup, bool taken, ShiftRegister& random);

  const u32 tables_, entries_, entry_shift_, tag_mask_, age_after_;
  const i8 most_;  // of a counter; the least is -most - 1
  const u8 most_useful_;
  Path path_;
  std::vector<u8> base_;
  // Of all tagged tables, one after the other. A counter of 0 and more says taken.
  std::vector<u16> tags_;
  std::vector<i8> counters_;
  std::vector<u8> useful_;
  std::array<i8, 4> trust_{};  // of new entries, by kind of alternate: below 0, the entry is believed
  u32 age_ = 0;                // entries that were wanted and not found, beyond those found
};

}  // namespace orrery::tage
