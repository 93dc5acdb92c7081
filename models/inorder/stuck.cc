// The queues of a pipeline that stands still.
#include "models/timing/stuck.h"

#include "models/inorder/pipeline.h"

namespace orrery {

void Pipeline::report_stuck() const {
  std::string text = fmt::format(
      "fetch: pc {:#x} next fetch {} blocked {} wrong path {}\n"
      "issue: last {} retry {} memory unit until {}, loads until {}\n"
      "queue: head {} tail {} of {}\n",
      next_pc_, cycle_text(next_fetch_), blocked_, wrong_path_, cycle_text(last_issue_), cycle_text(head_retry_),
      cycle_text(units_[MemoryUnit].free()), cycle_text(blocked_miss_), head_, tail_, capacity_);
  for (u64 i = head_; i != tail_; ++i) {
    const Slot& s = slots_[i & slot_mask_];
    text += fmt::format("{} {} available {} unit {} sources {} {} {}\n", i, instruction_text(s.pc, s.op_class),
                        cycle_text(s.available), cycle_text(units_[unit_of[static_cast<unsigned>(s.op_class)]].free()),
                        cycle_text(ready_[s.source[0]]), cycle_text(ready_[s.source[1]]),
                        cycle_text(ready_[s.source[2]]));
  }
  scoreboard_.for_each(now_, [&](const Scoreboard::Entry& e) {
    text += fmt::format("scoreboard: {} done {} commits {}\n", instruction_text(e.pc, e.op_class), cycle_text(e.done),
                        cycle_text(e.commit));
  });
  stores_.for_each([&](const StoreBuffer::Entry& e) {
    text += fmt::format("store buffer: {:#x} pc {:#x} bytes {:#x} to write {:#x} ready {} done {}\n", e.base.value(),
                        e.pc, e.bytes, e.dirty, cycle_text(e.ready), e.busy ? cycle_text(e.done) : "-");
  });
  orrery::report_stuck(*this, now_, text + memory_.under_way(now_));
}

}  // namespace orrery
