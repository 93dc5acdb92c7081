// Commit: the oldest entries of the reorder buffer leave, in order, when all in them is done.
#include <bit>

#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::commit() {
  for (u32 entries = 0; entries < config_.rob.commit_width && head_ != renamed_; ++entries) {
    Slot& first = window_[head_];
    const u32 size = first.entry_size;
    for (u32 i = 0; i < size; ++i) {
      const Slot& slot = i == 0 ? first : window_[head_ + i];
      if (slot.unknown != 0) return;
      if (slot.complete > now_) {
        wake(slot.complete);
        return;
      }
    }
    if (first.violated) {
      do_again(first);
      return;
    }
    progress();
    --rob_used_;
    commit_one(first);
    for (u32 i = 1; i < size; ++i) commit_one(window_[head_]);
    last_commit_ = now_;
  }
}

void Core::commit_one(Slot& slot) {
  const Record& r = slot.record;
  ++head_;
  ++instructions;
  if (slot.events != 0) count_events(slot.events);
  if (listener_) [[unlikely]] tell_committed(slot);
  unblock_ |= !blocked_.empty();  // an atomic may be the oldest now
  ++free_registers(r.dest);
  switch (r.memory) {
    case Record::Memory::Load: loads_used_ -= loads_[loads_.head++].counted; break;
    case Record::Memory::Store: stores_[slot.memory].committed = true; break;
    case Record::Memory::Atomic:  // it has written
      stores_[slot.memory].committed = true;
      stores_[slot.memory].bytes.size = 0;
      break;
    default: break;
  }
  branches_in_flight_ -= route(r).is_branch;
  if (held_by_ == slot.sequence) {
    held_by_ = no_sequence;
    rename_from_ = now_ + config_.rename.recover_cycles;
  }
  if (!r.trapped && !r.alone) return;
  blocked_on_ = no_sequence;
  if (r.trapped || r.restarts) loop_buffer_.clear();
  if (r.trapped) {
    turn(now_ + config_.trap_cycles, CycleCause::Serialise, config_.fetch.cycles);
  } else if (r.restarts) {
    turn(now_ + config_.serialise_cycles, CycleCause::Serialise, config_.fetch.cycles);
  } else {
    // What follows has been waiting behind it in the front end.
    turn(now_, CycleCause::Serialise, 0);
  }
}

// Counters see what happened to the instructions that commit: never a wrong path, and one done again once.
void Core::count_events(u32 events) {
  for (; events != 0; events &= events - 1)
    events_.add(static_cast<Event>(std::countr_zero(events)));
}

}  // namespace orrery::ooo
