// Decode: from the fetch queue into the pipe towards rename. Compressed instructions (RVC) have been
// expanded to what they stand for; here they only take less of the queue.
#include <algorithm>

#include "models/outoforder/core.h"

namespace orrery::ooo {

// Groups are decoded as they are, with one at most at each stage before dispatch.
u64 Core::end_of_group() const {
  u32 groups = 0;
  u64 last = no_sequence;
  for (u64 i = std::max(renamed_, group_end_); i != decoded_; ++i) {
    if (window_[i].due.value() == last) continue;
    last = window_[i].due.value();
    ++groups;
  }
  return groups < config_.decode.cycles ? tail_ : decoded_;
}

void Core::decode() {
  const u64 room = u64{config_.decode.width} * config_.decode.cycles;
  const u64 end = config_.rename.groups ? end_of_group() : std::min(tail_, renamed_ + room);
  u32 slots = config_.decode.width;
  while (decoded_ < end) {
    Slot& slot = window_[decoded_];
    if (slot.due > now_) {
      wake(slot.due);
      return;
    }
    const u32 needed = slots_of(slot.record);
    if (needed > slots) return;
    slots -= needed;
    slot.due = slot.record.alone ? now_ + 1 : now_ + config_.decode.cycles;
    queue_bytes_ -= slot.record.length;
    ++decoded_;
    tell(slot, PipelineStage::Decode, now_);
    progress();
  }
}

}  // namespace orrery::ooo
