// Issue: each queue gives its oldest ready instructions to the pipes that are free.
#include <bit>

#include "models/outoforder/core.h"

namespace orrery::ooo {

void Core::issue() {
  for (u64 left = ready_queues_; left != 0; left &= left - 1) {
    const auto i = static_cast<u32>(std::countr_zero(left));
    issue_from(queues_[i], queues_[i].kind());
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

void Core::issue_from(IssueQueue& queue, u32 kind) {
  u32 used = 0;
  std::size_t kept = 0;
  const std::size_t count = queue.ready.size();
  for (std::size_t i = 0; i < count; ++i) {
    const ReadyPart part = queue.ready[i];
    Slot& slot = window_.at(part.place);
    const int pipe = choose_pipe(queue, kind, slot, used);
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
  queue.ready.resize(kept);
}

// A pipe of this queue that is free and whose unit is; -1: none.
int Core::choose_pipe(const IssueQueue& queue, u32 kind, const Slot& slot, u32 used) {
  const auto c = static_cast<unsigned>(slot.record.op_class);
  u32 pipes = queue.own_pipes() & ~used;
  if (kind != static_cast<u32>(QueueKind::StoreData)) pipes &= pipe_mask_[c];
  const auto& free = unit_free_[kind];
  for (; pipes != 0; pipes &= pipes - 1) {
    const int pipe = std::countr_zero(pipes);
    const Cycle from = free[static_cast<u32>(pipe)][unit_of[c]];
    if (from <= now_) return pipe;
    wake(from);
  }
  if (used != 0) wake(now_ + 1);
  return -1;
}

}  // namespace orrery::ooo
