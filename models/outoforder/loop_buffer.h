// The loop buffer: holds a short loop, which is then decoded from it, while nothing is fetched.
//
// A loop is known by the branch that ends it, a conditional one that goes back: predicted taken it is
// remembered, in place of the oldest of `loops`; once more, and what is fetched from there on fills the
// buffer; at its end once more, and the loop comes from the buffer, until that branch is predicted not
// taken. Later it comes from there as soon as the branch is predicted taken, unless another loop has been
// remembered or held since. One that does not fit is not remembered. One is refused, and stays so while
// it is remembered, when it holds a jump or more than one conditional branch besides the last, leaves
// early while it fills, or has the branch of the other remembered loop inside.
//
// The branch inside goes forward within the loop. What it jumped over while the loop was filled is not
// held: when it is predicted not taken, that is fetched, and the loop is held as a whole at its end.
//
// Contract: branch() for each conditional branch, in the order of fetch and with what is predicted;
// refuse() for a jump while it fills(); stop() when a branch turns out to be mispredicted, clear() when
// the front end starts anew for another reason.
#pragma once

#include <algorithm>
#include <vector>

#include "base/params.h"

namespace orrery::ooo {

struct LoopBufferConfig {
  u32 bytes = 0;
  u32 loops = 2;
  u32 leave_cycles = 2;
  void visit(Params& p);
};

class LoopBuffer {
 public:
  explicit LoopBuffer(const LoopBufferConfig& config) : config_(config), loops_(config.loops) {}

  enum class Step {
    None,
    Enters,   // the loop comes from the buffer, once what was fetched before has been decoded
    Records,  // the branch inside is noted, which takes the front end a cycle
    Leaves,   // what follows the branch is fetched
  };

  bool is_there() const { return config_.bytes != 0; }
  bool feeds() const { return state_ == State::Feeds; }
  bool fills() const { return state_ == State::Fills; }

  // A conditional branch is predicted.
  Step branch(u64 pc, u32 length, u64 target, bool taken) {
    if (state_ == State::Idle && (!taken || target > pc || !is_there())) [[likely]] return Step::None;
    return step(pc, length, target, taken);
  }
  // While it fills, what may not be in a loop.
  void refuse() {
    loops_.front().refused = true;
    state_ = State::Idle;
  }
  // The front end is turned round by something else. What the branch inside jumped over, if it was being
  // fetched, has not come to the end.
  void stop() {
    if (fills() && held_ != nowhere) whole_ = false;
    state_ = State::Idle;
  }
  // Nothing is remembered.
  void clear() {
    std::fill(loops_.begin(), loops_.end(), Loop());
    held_ = inside_ = nowhere;
    state_ = State::Idle;
  }

 private:
  enum class State { Idle, Fills, Feeds };
  static constexpr u64 nowhere = 1;  // odd: no address
  struct Loop {
    u64 branch = nowhere;
    bool refused = false;
  };

  Step step(u64 pc, u32 length, u64 target, bool taken);
  Step found(u64 pc, u32 length, u64 target);
  Step fill(u64 pc, u32 length, u64 target, bool taken);
  void remember(u64 pc, u64 target);

  const LoopBufferConfig config_;
  std::vector<Loop> loops_;  // latest first: that one is filled, or held
  State state_ = State::Idle;
  u64 held_ = nowhere;    // the branch that ends the loop that is held
  u64 inside_ = nowhere;  // the branch inside
  bool whole_ = false;    // what that one jumps over is held too
};

}  // namespace orrery::ooo
