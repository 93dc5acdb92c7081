// Issue: each queue gives its oldest ready instructions to the pipes that are free.
#include <bit>

#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::issue() {
  for (u64 left = ready_queues_; left != 0; left &= left - 1) {
    const auto i = static_cast<u32>(std::countr_zero(left));
    if (addresses_held_ && queues_[i].kind() == static_cast<u32>(QueueKind::Memory)) {
      wake(now_ + 1);
      continue;
    }
    issue_from(queues_[i]);
    if (queues_[i].ready.size() == 0) ready_queues_ &= ~(u64{1} << i);
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
  const u32 part = queue.kind() == static_cast<u32>(QueueKind::StoreData) ? 1 : 0;
  u32 used = 0;
  queue.ready.visit(window_.place(head_), [&](u32 place) {
    Slot& slot = window_.at(place);
    const int pipe = choose_pipe(queue, route(slot.record), used);
    if (pipe < 0) return true;
    queue.ready.take(place);
    used |= u32{1} << pipe;
    if (slot.wrong && part == 0) ++wrong_path_issued;
    const bool executed = execute(slot, part, static_cast<u32>(pipe));
    if (executed) release(queue);
    if (listener_) [[unlikely]] tell_issued(slot, part, executed);
    return used != pipes;
  });
  if (used == 0) return;
  progress();
  if (queue.kind() == static_cast<u32>(QueueKind::Memory)) addresses_at_ = now_;
}

// A pipe of this queue that is free and whose unit is; -1: none.
int Core::choose_pipe(const IssueQueue& queue, const Route& to, u32 used) {
  u32 pipes = queue.own_pipes() & ~used;
  if (queue.kind() == to.kind) pipes &= to.pipes;  // else what a store stores
  const auto* units = &unit_free_[first_unit_[queue.kind()]];
  for (; pipes != 0; pipes &= pipes - 1) {
    const int pipe = std::countr_zero(pipes);
    const Cycle from = units[pipe][to.unit];
    if (from > now_) {
      wake(from);
    } else if (to.unit == Alu && to.kind == static_cast<u32>(QueueKind::Integer) &&
               alu_held_[static_cast<u32>(pipe)][now_.value() % 8] == now_) {
      wake(now_ + 1);
    } else {
      return pipe;
    }
  }
  if (used != 0) wake(now_ + 1);
  return -1;
}

}  // namespace orrery::ooo
