// What a listener is told (models/timing/pipeline_listener.h).
#include <algorithm>

#include "models/outoforder/core.h"

namespace orrery::ooo {

// A part has been given a pipe, and was `executed`, or stays in its queue and is tried again. What is
// stored is told of by the store's completion only.
void Core::tell_issued(const Slot& slot, u32 part, bool executed) {
  if (part == 0) tell(slot, PipelineStage::Issue, now_);
  if (!executed) return;
  const Cycle done{slot.complete - config_.rob.commit_cycles};
  const bool at_cache = slot.record.memory != Record::Memory::None;
  const Cycle begin = at_cache ? now_ + std::max<u64>(access_cycles_, 1) : now_ + 1;
  if (part == 0 && begin < done) tell(slot, at_cache ? PipelineStage::Memory : PipelineStage::Execute, begin);
  if (slot.unknown == 0) tell(slot, PipelineStage::Complete, later(done, now_ + 1));
}

void Core::tell_committed(const Slot& slot) {
  if (!first_committed_) first_committed_ = slot.record;
  listener_->retired(hart_, watched_[window_.place(slot)], slot.record,
                     {(slot.events & event_bit(Event::BranchMisses)) != 0,
                      (slot.events & event_bit(Event::L1dMisses)) != 0},
                     now_);
}

// The cycle is over: it, and those before it since the last commit, are the instruction's.
void Core::charge_committed() {
  if (first_committed_) listener_->charged(hart_, &*first_committed_, accounting.cycles.value());
  first_committed_.reset();
}

}  // namespace orrery::ooo
