// The predictors' side of the front end alone, for branches that another model has executed: fetch
// groups, predictions and what comes of them, as the right path would have it.
#include "base/bits.h"
#include "memory/ram.h"
#include "models/outoforder/core.h"

namespace orrery::ooo {

// The fetch groups between where the front end stands and the branch's last byte.
void Core::train_groups(const WarmBranch& b) {
  const u64 bytes = config_.fetch.bytes;
  constexpr u64 furthest = 16 * page_size;  // that execution runs straight on: a bound
  if (b.pc - next_pc_ >= furthest) {
    next_pc_ = b.pc;
    group_open_ = false;
  }
  if (!group_open_) {
    block_ = align_down(next_pc_, bytes);
    change_group(next_pc_, false);
  }
  const u64 first = align_down(b.pc, bytes);
  for (u64 block = block_ + bytes; block <= first; block += bytes) change_group(block, false);
  block_ = align_down(b.pc + b.footprint.length - 1, bytes);
  if (block_ != first) change_group(block_, true);
  group_branches_ = true;
}

// One function of all that it calls: fast models execute many branches.
[[gnu::flatten]] void Core::train(std::span<const WarmBranch> branches) {
  Record r;
  for (const WarmBranch& b : branches) {
    if (b.is_restart()) {
      group_open_ = false;
      next_pc_ = b.next;
      continue;
    }
    train_groups(b);
    static_cast<Footprint&>(r) = b.footprint;
    r.pc = b.pc;
    r.next_pc = b.next;
    r.address = b.target;
    const Guess guess = prediction_.train(r);
    const bool is_taken = r.flow != Record::Flow::Conditional || r.next_pc != r.pc + r.length;
    if (guess.next != r.next_pc) prediction_.turned();
    if (is_taken || guess.next != r.next_pc) group_open_ = false;
    next_pc_ = r.next_pc;
  }
}

}  // namespace orrery::ooo
