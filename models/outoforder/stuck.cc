// The queues of a core that stands still.
#include "models/timing/stuck.h"

#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::report_stuck() const {
  const auto number = [](u64 sequence) { return sequence == no_sequence ? std::string("-") : fmt::format("{}", sequence); };
  std::string text = fmt::format(
      "window: head {} renamed {} decoded {} tail {} known {} wrong from {}\n"
      "fetch: pc {:#x} next fetch {} blocked on {} wrong path {} queue {} bytes\n"
      "rename: from {} held by {} int free {} fp free {} rob {} branches {}\n"
      "groups: to {}, formed at {}, dispatched to {}; loop buffer: feeds {} fills {}, from {}\n"
      "loads {}..{} stores {}..{} blocked {} write buffer {}\n",
      head_, renamed_, decoded_, tail_, known_, number(window_.wrong_from), next_pc_, next_fetch_.value(),
      number(blocked_on_), wrong_path_, queue_bytes_, rename_from_.value(), number(held_by_), free_registers_[0],
      free_registers_[1], rob_used_, branches_in_flight_, group_end_, number(formed_), dispatch_end_,
      loop_buffer_.feeds(), loop_buffer_.fills(), cycle_text(held_from_), loads_.head, loads_.tail, stores_.head, stores_.tail,
      blocked_.size(), write_buffer_.is_empty() ? "empty" : "in use");
  for (std::size_t i = 0; i < queues_.size(); ++i)
    text += fmt::format("queue {}: {} of {} places taken, {} ready\n", i, queues_[i].used(), queues_[i].entries(), queues_[i].ready.size());
  for (u64 i = head_; i != tail_ && i != head_ + 16; ++i) {
    const Slot& s = window_[i];
    text += fmt::format("{} {} due {} waits {}+{} unknown {} result {} complete {}\n", i,
                        instruction_text(s.record.pc, s.record.op_class), cycle_text(s.due), s.part[0].waits,
                        s.record.memory == Record::Memory::Store ? s.part[1].waits : 0,
                        s.unknown, cycle_text(s.result), cycle_text(s.complete));
  }
  orrery::report_stuck(*this, now_, text + memory_.under_way(now_));
}

}  // namespace orrery::ooo
