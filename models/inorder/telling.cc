// What a listener is told (models/timing/pipeline_listener.h).
#include "models/inorder/pipeline.h"

namespace orrery {

// It has come through the front end, but for what its fetch missed, when it can issue.
void Pipeline::tell_entered(Slot& s) {
  tell_wrong_path_ends(now_);  // what was fetched of it since it ended
  s.id = next_id_++;
  listener_->fetched(hart_, s.id, s, false, now_);
  const Cycle decode{now_ + 1 + (s.available - earlier(s.available, s.turned))};
  if (decode < s.available) listener_->reached(hart_, s.id, PipelineStage::Decode, decode);
  if (now_ < s.available) listener_->reached(hart_, s.id, PipelineStage::Dispatch, s.available);
}

// Results are written in any order; an instruction leaves when those before it have.
void Pipeline::tell_issued(const Slot& s, Cycle now, Cycle done, bool l1d_missed) {
  if (s.id != 0) {
    const bool at_cache = s.memory != Record::Memory::None;
    listener_->reached(hart_, s.id, PipelineStage::Issue, now);
    if (now + 1 < done)
      listener_->reached(hart_, s.id, at_cache ? PipelineStage::Memory : PipelineStage::Execute, now + 1);
    last_retired_ = later(later(last_retired_, done), later(now + 1, scoreboard_.last_commit()));
    if (done < last_retired_) listener_->reached(hart_, s.id, PipelineStage::Complete, later(done, now + 1));
    listener_->retired(hart_, s.id, s, {s.mispredicted, l1d_missed}, last_retired_);
  }
  listener_->charged(hart_, &s, accounting.cycles.value());
  if (now != last_issue_) issuer_ = s;
}

// With the cycle of its issue, which is over.
void Pipeline::charge_issuer() {
  listener_->charged(hart_, issuer_ ? &*issuer_ : nullptr, accounting.cycles.value());
}

void Pipeline::tell_wrong_path(Cycle now, Cycle available) {
  for (; wrong_.begun < wrong_.tail; ++wrong_.begun) {
    wrong_.id[wrong_.begun] = next_id_++;
    listener_->fetched(hart_, wrong_.id[wrong_.begun], wrong_.queue[wrong_.begun], true, now);
    if (now + 1 < available) listener_->reached(hart_, wrong_.id[wrong_.begun], PipelineStage::Decode, now + 1);
  }
}

void Pipeline::tell_wrong_path_ends(Cycle at) {
  for (; wrong_.ended < wrong_.begun; ++wrong_.ended) listener_->flushed(hart_, wrong_.id[wrong_.ended], at);
}

}  // namespace orrery
