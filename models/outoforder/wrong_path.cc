// The wrong path: from a mispredicted branch to its resolution.
#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::begin_wrong_path(Slot& branch, u64 pc) {
  blocked_on_ = branch.sequence;
  return_top_ = prediction_.save();
  wrong_path_ = config_.fetch.wrong_path;
  if (!wrong_path_) return;
  window_.wrong_from = branch.sequence + 1;
  wrong_pc_ = pc;
  if (pc != branch.record.pc + branch.record.length)
    turn(next_fetch_ + branch.bubbles, CycleCause::TakenBranch, config_.fetch.cycles);
  side_.begin_wrong_path(pc);
}

// Fetches what can be of the wrong path, until it ends.
void Core::fetch_wrong_path() {
  while (can_fetch(wrong_pc_)) {
    Slot& slot = window_[tail_];
    if (!side_.step_wrong_path(slot.record)) {
      wrong_path_ = false;
      return;
    }
    ++wrong_path;
    const Record& r = slot.record;
    slot.data_space = space_.data;
    slot.events = 0;
    fetch_slot(slot);
    slot.mispredicted = false;
    wrong_pc_ = r.next_pc;
    if (r.flow == Record::Flow::Sequential) continue;
    // It goes where it is predicted to go, whatever it would do.
    const Guess guessed = guess(r);
    prediction_.fetched_wrong(r, guessed);
    if (guessed.next != r.next_pc) {
      side_.turn_wrong_path(guessed.next);
      wrong_pc_ = guessed.next;
    }
    if (r.flow != Record::Flow::Conditional || wrong_pc_ != r.pc + r.length)
      turn(next_fetch_ + guessed.bubbles, CycleCause::TakenBranch, config_.fetch.cycles);
  }
}

// The branch has been executed: what was fetched behind it goes, and the right path is fetched. Its
// instructions are renamed when the map is right again.
void Core::resolve(Slot& branch) {
  squash(branch.sequence + 1);
  window_.wrong_from = no_sequence;
  wrong_path_ = false;
  blocked_on_ = no_sequence;
  branch.mispredicted = false;
  prediction_.restore(return_top_);
  loop_buffer_.stop();
  turn(now_, CycleCause::Mispredict, config_.fetch.cycles);
  prediction_.turned();
  if (config_.rename.recover == RenameConfig::Recover::Commit) {
    held_by_ = branch.sequence;
  } else {
    rename_from_ = now_ + config_.rename.recover_cycles;
  }
}

}  // namespace orrery::ooo
