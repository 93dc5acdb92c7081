// An issue queue: how many wait in it, and which of them are ready, oldest first.
#pragma once

#include <vector>

#include "models/outoforder/config.h"

namespace orrery::ooo {

struct ReadyPart {
  u64 sequence;
  u32 place;  // the instruction's in the window
  u8 part;
};

// Aligned so that a queue's number times its size is a shift.
class alignas(64) IssueQueue {
 public:
  // The queue of this number among those of its kind.
  void configure(const QueueConfig& config, u32 kind, u32 number) {
    kind_ = kind;
    entries_ = config.entries;
    accepts_ = config.accepts;
    pipes_ = ((u32{1} << config.width) - 1) << (number * config.width);
  }

  bool is_full(Cycle now) const { return used_ >= entries_ || (entered_at_ == now && entered_ >= accepts_); }
  u32 used() const { return used_; }
  u32 kind() const { return kind_; }
  u32 own_pipes() const { return pipes_; }  // a bit each, as numbered among those of its kind
  void enter(Cycle now) {
    ++used_;
    entered_ = entered_at_ == now ? entered_ + 1 : 1;
    entered_at_ = now;
  }
  void leave() { --used_; }
  void clear() {
    used_ = entered_ = 0;
    ready.clear();
  }

  void put(const ReadyPart& part) {
    ready.push_back(part);
    std::size_t i = ready.size() - 1;
    for (; i > 0 && ready[i - 1].sequence > part.sequence; --i) ready[i] = ready[i - 1];
    ready[i] = part;
  }
  // Those that were squashed are no longer ready.
  void squash(u64 from) {
    while (!ready.empty() && ready.back().sequence >= from) ready.pop_back();
  }

  std::vector<ReadyPart> ready;

 private:
  u32 kind_ = 0, entries_ = 1, accepts_ = 1, pipes_ = 1;
  u32 used_ = 0;
  u32 entered_ = 0;  // in the cycle entered_at_
  Cycle entered_at_;
};
static_assert(sizeof(IssueQueue) == 64);

}  // namespace orrery::ooo
