// One bank of DRAM: the rows that it has been promised to open, one after the other. The last one
// may be open still; those before it are closed at a time that is settled.
#pragma once

#include <algorithm>
#include <array>

#include "memory/saved_ticks.h"

namespace orrery {

class DramBank {
 public:
  static constexpr u32 most = 4;  // rows remembered: the last, and those it waits for
  static constexpr u8 mean_level = 3, highest_level = 6;

  struct Row {
    u64 row = 0;
    Tick opened;
    Tick used;      // the last command to read or write it
    Tick closable;  // the earliest time to close it
    Tick closes;    // the latest
  };

  u32 size() const { return size_; }
  Row& operator[](u32 i) { return rows_[i]; }
  const Row& operator[](u32 i) const { return rows_[i]; }
  const Row* last() const { return size_ ? &rows_[size_ - 1] : nullptr; }

  void open(const Row& row) {
    if (size_ == most) {
      std::copy(rows_.begin() + 1, rows_.end(), rows_.begin());
      --size_;
    }
    rows_[size_++] = row;
  }

  void state(Archive& a) {
    a("size", size_);
    a.require(size_ <= most, "size", "more rows than are remembered");
    a("rows", rows_);
    for (const Row& row : rows_)
      for (const Tick* tick : {&row.opened, &row.used, &row.closable, &row.closes})
        require_reachable(a, "rows", {tick, 1});
    a("level", level);
    a.require(level <= highest_level, "level", "above the highest");
  }

  // Of the adaptive policy: the timeout is multiplied by 2 to the power of level - mean_level.
  u8 level = mean_level;

  // While writes are drained: the row that is served in one pass over the queue. Not state.
  u64 pass = 0;
  u64 pass_row = 0;
  void serve_in(u64 this_pass, u64 row) {
    pass = this_pass;
    pass_row = row;
  }

 private:
  std::array<Row, most> rows_{};
  u32 size_ = 0;
};

}  // namespace orrery
