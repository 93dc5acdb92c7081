// Undoing: instructions from one on leave the window, youngest first.
#include <algorithm>

#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::squash(u64 from) {
  if (from <= decoded_) {
    queue_bytes_ = 0;
  } else {
    for (u64 i = tail_; i != from; --i) queue_bytes_ -= window_[i - 1].record.length;
  }
  if (listener_) [[unlikely]]
    for (u64 i = tail_; i > from; --i) listener_->flushed(hart_, watched_[window_.place(i - 1)], now_);
  // Nothing names those that have not been renamed.
  for (u64 i = renamed_; i > from; --i) {
    Slot& slot = window_[i - 1];
    slot.id = 0;
    slot.renamed_before = true;
    undo_rename(slot);
  }
  for (IssueQueue& queue : queues_) queue.ready.take_range(from, renamed_);
  std::erase_if(blocked_, [from](const Blocked& part) { return part.sequence >= from; });
  tail_ = from;
  decoded_ = std::min(decoded_, from);
  renamed_ = std::min(renamed_, from);
  group_end_ = std::min(group_end_, from);
  formed_ = no_sequence;
  progress();
}

void Core::undo_rename(Slot& slot) {
  const Record& r = slot.record;
  if (slot.entry_size != 0) --rob_used_;
  ++free_registers(r.dest);
  map_[r.dest] = slot.previous;
  if (r.memory == Record::Memory::Load) loads_used_ -= loads_[--loads_.tail].counted;
  if (r.memory == Record::Memory::Store || r.memory == Record::Memory::Atomic)
    stores_used_ -= stores_[--stores_.tail].counted;
  branches_in_flight_ -= route(r).is_branch;

  const bool is_store = r.memory == Record::Memory::Store;
  const bool issued[2] = {slot.result != never_cycle || (is_store && stores_[slot.memory].known),
                          !is_store || stores_[slot.memory].data != never_cycle};
  for (u32 part = 0; part < 2; ++part)
    if (!issued[part]) queues_[slot.part[part].queue].leave();
  // What waits for a result is in the order of rename, the youngest first.
  for (u32 source = 3; source-- > 0;) {
    if (slot.producer[source] == no_link) continue;
    Slot& producer = window_.at(slot.producer[source]);
    if (producer.result != never_cycle) continue;
    const u32 part = is_store && source == 1 ? 1 : 0;
    ORRERY_CHECK(producer.first_waiting == Window::link(window_.place(slot), part, source),
                 "{}: the list of what waits for {} is out of order", path(), producer.sequence);
    producer.first_waiting = slot.part[part].next[source];
  }
}

}  // namespace orrery::ooo
