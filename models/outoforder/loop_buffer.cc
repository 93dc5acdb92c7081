#include "models/outoforder/loop_buffer.h"

namespace orrery::ooo {

void LoopBufferConfig::visit(Params& p) {
  p("bytes", bytes, "bytes", "of the longest loop that it holds; 0: there is none");
  p("loops", loops, "loops", "remembered by the branches that end them");
  p("leave_cycles", leave_cycles, "cycles", "from the last instruction out of it to the fetch of what follows");
  p.require(bytes <= 1024, "bytes", "must be 0..1024");
  p.require(loops >= 1 && loops <= 64, "loops", "must be 1..64");
  p.require(leave_cycles >= 1 && leave_cycles <= 100, "leave_cycles", "must be 1..100");
}

LoopBuffer::Step LoopBuffer::step(u64 pc, u32 length, u64 target, bool taken) {
  switch (state_) {
    case State::Idle: return found(pc, length, target);
    case State::Fills: return fill(pc, length, target, taken);
    case State::Feeds: break;
  }
  if (taken || (pc != held_ && whole_)) return Step::None;
  // Out of the loop, or to what it jumped over while it was filled.
  state_ = pc == held_ ? State::Idle : State::Fills;
  whole_ |= pc != held_;
  return Step::Leaves;
}

// A branch back is predicted taken, while there is nothing to do with another loop.
LoopBuffer::Step LoopBuffer::found(u64 pc, u32 length, u64 target) {
  if (pc + length - target > config_.bytes) return Step::None;
  const auto loop = std::find_if(loops_.begin(), loops_.end(), [pc](const Loop& l) { return l.branch == pc; });
  if (loop == loops_.end()) {
    remember(pc, target);
    return Step::None;
  }
  if (loop->refused) return Step::None;
  std::rotate(loops_.begin(), loop, loop + 1);
  if (held_ == pc) {
    state_ = State::Feeds;
    return Step::Enters;
  }
  state_ = State::Fills;
  held_ = inside_ = nowhere;
  whole_ = true;
  return Step::None;
}

void LoopBuffer::remember(u64 pc, u64 target) {
  const u64 latest = loops_.front().branch;
  std::rotate(loops_.begin(), loops_.end() - 1, loops_.end());
  // A loop around the latest one would drive that out.
  loops_.front() = {pc, loops_.size() > 1 && latest != nowhere && latest > target && latest < pc};
  held_ = nowhere;
}

LoopBuffer::Step LoopBuffer::fill(u64 pc, u32 length, u64 target, bool taken) {
  const Loop& loop = loops_.front();
  if (pc == loop.branch && taken) {
    held_ = pc;
    state_ = State::Feeds;
    return Step::Enters;
  }
  const bool inner = target > pc && target <= loop.branch && pc + length <= loop.branch;
  if (!inner || inside_ != nowhere) {
    refuse();
    return Step::None;
  }
  inside_ = pc;
  whole_ = !taken;
  return Step::Records;
}

}  // namespace orrery::ooo
