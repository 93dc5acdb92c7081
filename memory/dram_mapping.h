// Where in the DRAM an address lies: the order of the fields, from the high end, as in
// "row:rank:bank:column:group:channel:burst".
//
// Every field stands once, "burst" last. Without "group" the bank groups are the low part of
// "bank". `interleave` bytes stay together in one channel: so many low bits of the column lie
// below the other fields. The row takes the address bits above all fields too, wherever it stands:
// two addresses never share a row that they should not.
#pragma once

#include <string>

#include "base/params.h"

namespace orrery {

// All powers of two.
struct DramGeometry {
  u32 channels = 1;
  u32 ranks = 1;
  u32 groups = 4;
  u32 banks = 4;  // of a group
  u64 rows = 65536;
  u64 columns = 128;    // bursts of a row
  u64 interleaved = 1;  // bursts that stay together

  u32 banks_of_rank() const { return groups * banks; }
  u32 banks_of_channel() const { return ranks * groups * banks; }
};

struct DramPlace {
  u32 channel = 0;
  u32 rank = 0;
  u32 group = 0;
  u32 bank = 0;  // of the channel: (rank x groups + group) x banks + bank of the group
  u64 row = 0;
};

class DramMapping {
 public:
  // With `hash`, bank and group are xored with the row, folded to their width, so that rows which
  // follow each other at the distance of a power of two do not meet in one bank.
  DramMapping(const DramGeometry& geometry, const std::string& order, bool hash);

  // `burst` is the address divided by the size of a burst.
  DramPlace find(u64 burst) const;

  static bool is_order(const std::string& order);

 private:
  struct Field {
    unsigned shift = 0;
    unsigned width = 0;
  };
  u64 take(u64 burst, const Field& field) const;

  const u32 groups_;
  const u32 banks_;
  const bool hash_;
  unsigned total_ = 0;  // bits of all fields
  Field row_, rank_, bank_, group_, channel_;
};

}  // namespace orrery
