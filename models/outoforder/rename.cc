// Rename: so many instructions a cycle, in order, take their places in the reorder buffer and go to
// dispatch (dispatch.cc), as long as there is room for all that they need.
#include <algorithm>

#include "models/outoforder/core.h"

namespace orrery::ooo {

bool Core::find_room(const Slot& slot, bool folds) {
  full_ = missing_room(slot, folds);
  if (full_) return false;
  return !route(slot.record).is_branch || branches_in_flight_ < config_.rename.branches;
}

void Core::rename_ready(RenameSlots& used) {
  u64 entry = no_sequence;  // the reorder buffer's entry that the next one may join
  u32 slots = config_.rename.width;
  while (renamed_ != dispatch_end_) {
    Slot& slot = window_[renamed_];
    const Record& r = slot.record;
    if (slot.due > now_) {
      wake(slot.due);
      return;
    }
    const u32 needed = std::min(slots_of(r), config_.rename.width);
    if (needed > slots) return;
    const bool foldable = config_.rob.fold > 1 && route(r).may_fold && !r.alone && !r.trapped;
    const bool folds = foldable && entry != no_sequence && window_[entry].entry_size < config_.rob.fold;
    if (!find_room(slot, folds)) {
      has_room_ = false;
      return;
    }
    slots -= needed;
    (slot.wrong ? used.wrong : slot.renamed_before ? used.again : used.right) += needed;
    if (folds) {
      ++window_[entry].entry_size;
      slot.entry_size = 0;
    } else {
      entry = foldable ? renamed_ : no_sequence;
      slot.entry_size = 1;
      ++rob_used_;
    }
    dispatch(slot);
    ++renamed_;
    tell(slot, PipelineStage::Rename, now_);
    tell(slot, PipelineStage::Dispatch, now_ + 1);
    progress();
  }
}

void Core::rename() {
  full_ = nullptr;
  has_room_ = true;
  if (held_by_ != no_sequence || renamed_ == decoded_) return;
  if (now_ < rename_from_) {
    wake(rename_from_);
    return;
  }
  if (const Cycle due = window_[renamed_].due; due > now_) {
    wake(due);
    return;
  }
  if (!config_.rename.groups) {
    dispatch_end_ = std::min(decoded_, renamed_ + config_.rename.width);
  } else if (!take_group()) {
    has_room_ = false;
    return;
  }
  RenameSlots used;
  rename_ready(used);
  if (config_.rename.groups && renamed_ == dispatch_end_ && renamed_ != decoded_ && window_[renamed_].due <= now_) {
    // The rest of the group waits, for what its queues accept; or the next one, for slots of its own.
    has_room_ = false;
    if (renamed_ != group_end_) full_ = &full_queue;
  }
  if (used.right != 0) accounting.use(CycleCause::Base, used.right);
  if (used.wrong != 0) accounting.use(CycleCause::Mispredict, used.wrong);
  if (used.again != 0) accounting.use(CycleCause::Violation, used.again);
}

}  // namespace orrery::ooo
