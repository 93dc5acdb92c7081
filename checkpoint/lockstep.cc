#include "checkpoint/lockstep.h"

#include <algorithm>

namespace orrery {

Lockstep::Lockstep(Machine& leader, const std::string& follower_model, const Options& options)
    : leader_(leader),
      options_(options),
      follower_(copy_machine(leader, follower_model), {options.remember}),
      recorder_(queue_, leader, {options.at_blocks ? 0 : options.compare_every, options.compare_ram_every}),
      next_(leader.harts().size()) {}

std::optional<Divergence> Lockstep::run(const RunLimit& limit) {
  const u64 most = options_.at_blocks ? 1 : std::max<u64>(options_.compare_every, 1);
  u64 left = limit.steps;
  do {
    if (options_.at_blocks)
      for (Hart* hart : leader_.harts()) note_next(*hart);
    const u64 before = leader_.steps();
    stop_ = leader_.run({std::min(left, most), limit.time});
    left -= std::min(left, leader_.steps() - before);
    if (options_.at_blocks) {
      if (auto divergence = follow_blocks()) return divergence;
      continue;
    }
    recorder_.check();
    if (auto divergence = follow()) return divergence;
  } while (stop_.why == Stop::Why::Steps && left != 0);
  recorder_.check();
  recorder_.check_ram();
  return follow();
}

void Lockstep::note_next(const Hart& hart) {
  Next& next = next_[hart.id];
  next.steps = hart.steps;
  next.may_leave = true;
  const auto bits = hart.mmu.peek_fetch(hart.pc);
  if (!bits) return;
  auto known = decoded_.find(*bits);
  if (known == decoded_.end()) known = decoded_.emplace(*bits, Decoder(hart.config.extensions).decode(*bits)).first;
  const Op& op = known->second;
  next.may_leave = ends_block(op.op_class) || op.op_class == OpClass::Branch;
  next.following = hart.pc + op.length;
}

// What the step has ended is compared on both sides.
std::optional<Divergence> Lockstep::follow_blocks() {
  bool ended = false;
  for (Hart* hart : leader_.harts()) {
    const Next& next = next_[hart->id];
    ended |= hart->steps != next.steps && (next.may_leave || hart->pc != next.following);
  }
  if (!ended) return std::nullopt;
  ++blocks_;
  recorder_.flush();
  if (auto divergence = follow()) return divergence;
  for (Hart* hart : leader_.harts())
    if (!next_[hart->id].pair.agree(*hart, follower_.machine().hart(hart->id))) recorder_.check();
  return follow();
}

std::optional<Divergence> Lockstep::follow() {
  std::vector<LogEntry> entries;
  entries.swap(queue_.entries);
  for (const LogEntry& entry : entries)
    if (auto divergence = follower_.take(entry)) return divergence;
  return std::nullopt;
}

}  // namespace orrery
