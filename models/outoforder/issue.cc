// Issue: each queue gives its oldest ready instructions to the pipes that are free.
#include <bit>

#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::issue() {
  for (u64 left = ready_queues_; left != 0; left &= left - 1) {
    const auto i = static_cast<u32>(std::countr_zero(left));
    issue_from(queues_[i]);
    if (queues_[i].ready.empty()) ready_queues_ &= ~(u64{1} << i);
  }
  if (violation_ == no_sequence) return;
  // A load was done before a store that it depends on.
  Slot& load = window_[violation_];
  violation_ = no_sequence;
  if (load.wrong || load.violated) return;
  ++violations;
  load.violated = true;
  dependence_.was_wrong(load.record.pc);
  if (config_.rename.recover == RenameConfig::Recover::Resolve) do_again(load);
}

void Core::issue_from(IssueQueue& queue) {
  const u32 pipes = queue.own_pipes();
  u32 used = 0;
  std::size_t kept = 0, i = 0;
  const std::size_t count = queue.ready.size();
  for (; i < count && used != pipes; ++i) {
    const ReadyPart part = queue.ready[i];
    Slot& slot = window_.at(part.place);
    const int pipe = choose_pipe(queue, route(slot.record), used);
    if (pipe < 0) {
      queue.ready[kept++] = part;
      continue;
    }
    used |= u32{1} << pipe;
    progress();
    if (slot.wrong && part.part == 0) ++wrong_path_issued;
    const bool executed = execute(slot, part.part, static_cast<u32>(pipe));
    if (executed) queue.leave();
    if (listener_) [[unlikely]] tell_issued(slot, part.part, executed);
  }
  const auto first = queue.ready.begin();
  queue.ready.erase(first + static_cast<std::ptrdiff_t>(kept), first + static_cast<std::ptrdiff_t>(i));
}

// A pipe of this queue that is free and whose unit is; -1: none.
int Core::choose_pipe(const IssueQueue& queue, const Route& to, u32 used) {
  u32 pipes = queue.own_pipes() & ~used;
  if (queue.kind() == to.kind) pipes &= to.pipes;  // else what a store stores
  const auto* units = &unit_free_[first_unit_[queue.kind()]];
  for (; pipes != 0; pipes &= pipes - 1) {
    const int pipe = std::countr_zero(pipes);
    const Cycle from = units[pipe][to.unit];
    if (from <= now_) return pipe;
    wake(from);
  }
  if (used != 0) wake(now_ + 1);
  return -1;
}

}  // namespace orrery::ooo
