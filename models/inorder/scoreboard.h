// The scoreboard: instructions that have issued and not committed, in program order. One commits behind
// the cycle in which its result is there, when those before it have or do, so many a cycle; its place
// takes another instruction a cycle later. Some classes commit as the first of their cycle only, and
// some as the only one.
//
// Everything is known when an instruction issues: the ring holds the times of the last `size` of them.
#pragma once

#include <vector>

#include "models/timing/cycles.h"
#include "models/timing/record.h"

namespace orrery {

class Scoreboard {
 public:
  static constexpr u32 most_entries = 64, most_width = 8;

  // Bits by class.
  struct Rules {
    u32 first = 0;  // commit as the first of their cycle
    u32 alone = 0;  // ... and nothing behind them in it

    bool is_first(OpClass c) const { return ((first | alone) >> static_cast<unsigned>(c) & 1) != 0; }
    bool is_alone(OpClass c) const { return (alone >> static_cast<unsigned>(c) & 1) != 0; }
  };
  static_assert(op_class_count <= 32);

  // size 0: any number, and nothing waits to commit. width 0: any number a cycle.
  Scoreboard(u32 size, u32 width, Rules rules)
      : size_(size), width_(width != 0 ? width : ~u32{0}), rules_(rules), ring_(size) {}

  struct Entry {
    u64 pc = 0;
    OpClass op_class{};
    bool is_load = false;
    Cycle hit, translated;  // a load: when its result would be there had TLB and cache hit, ... had the cache
    Cycle done;             // when its result is
    Cycle commit;
    Cycle free;             // another one may issue into its place from here on
  };

  bool is_limited() const { return size_ != 0; }

  // When the next instruction finds a place.
  Cycle room() const { return is_limited() ? ring_[next_].free : Cycle{}; }
  // The same of the one `behind` it, if none in between commits.
  Cycle room(u32 behind) const {
    if (!is_limited()) return Cycle{};
    return behind < size_ ? ring_[(next_ + behind) % size_].free : never_cycle;
  }
  // The one whose place the next instruction takes; null: it needs none.
  const Entry* leaving() const { return is_limited() ? &ring_[next_] : nullptr; }

  // When the next one commits, if its result is there at `done`.
  Cycle commit(Cycle done, OpClass op_class) const {
    if (done == never_cycle || last_commit_ == never_cycle) return never_cycle;
    const Cycle at = later(done + 1, last_commit_);
    return at == last_commit_ && (committed_ == width_ || rules_.is_first(op_class)) ? at + 1 : at;
  }
  // The next one has issued. There is a limit.
  void take(Entry entry) {
    entry.commit = commit(entry.done, entry.op_class);
    entry.free = entry.commit == never_cycle ? never_cycle : entry.commit + 1;
    committed_ = rules_.is_alone(entry.op_class) ? width_ : entry.commit == last_commit_ ? committed_ + 1 : 1;
    last_commit_ = entry.commit;
    ring_[next_] = entry;
    if (++next_ == size_) next_ = 0;
  }
  Cycle last_commit() const { return last_commit_; }

  // Those that have not committed at `now`, oldest first.
  template <class Visit>
  void for_each(Cycle now, Visit&& visit) const {
    for (u32 i = 0; i < size_; ++i)
      if (const Entry& entry = ring_[(next_ + i) % size_]; entry.free > now) visit(entry);
  }

  void clear() { *this = Scoreboard(size_, width_, rules_); }

 private:
  u32 size_, width_;
  Rules rules_;
  std::vector<Entry> ring_;
  u32 next_ = 0;       // in the ring: the place of the next one
  Cycle last_commit_;  // of the youngest
  u32 committed_ = 0;  // in that cycle
};

}  // namespace orrery
