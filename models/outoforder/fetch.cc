// Fetch: one aligned block a cycle, up to a branch that is predicted to be taken.
#include <utility>

#include "base/bits.h"
#include "memory/ram.h"
#include "models/outoforder/core.h"

namespace orrery::ooo {

// Fetches what this core has records of. True: the next one is to be entered now.
bool Core::fetch(Entry entry) {
  for (;;) {
    if (wrong_path_) {
      fetch_wrong_path();
      return false;
    } else if (blocked_on_ != no_sequence) {
      return false;
    } else if (tail_ != known_) {
      Slot& slot = window_[tail_];
      if (!can_fetch(slot.record.pc)) return false;
      ++squashed;
      fetch_slot(slot);
      follow(slot, true);
    } else if (entry == Entry::Never) {
      return false;
    } else if (redirected_) {
      // Interrupts are taken when everything before them has committed.
      if (head_ != tail_) return false;
      redirected_ = false;
      loop_buffer_.clear();
      turn(now_ + config_.trap_cycles, CycleCause::Serialise, config_.fetch.cycles);
    } else {
      return entry == Entry::Normal ? can_fetch(next_pc_) : can_enter_alone();
    }
  }
}

bool Core::can_fetch(u64 pc) {
  if (tail_ - head_ >= window_.capacity() || queue_bytes_ + 2 > config_.fetch.queue_bytes) return false;
  if (!is_at_hand(pc, 1) || !may_take() || (taken_time_ == now_ && branches_ >= config_.fetch.branches))
    return can_fetch_elsewhere();
  if (now_ >= block_time_) return true;
  wake(block_time_);
  return false;
}

bool Core::can_fetch_elsewhere() {
  if (loop_buffer_.feeds()) [[unlikely]] return can_take_held();
  if (now_ >= next_fetch_ && taken_time_ != now_) return true;
  wake(later(next_fetch_, now_ + 1));
  return false;
}

// The loop buffer gives the decoder what it takes in a cycle, up to a branch, and nothing before it has
// decoded all that was given or fetched before.
bool Core::can_take_held() {
  if (queue_bytes_ != 0)
    return taken_time_ == now_ && held_from_ <= now_ && taken_ < config_.decode.width && branches_ == 0;
  if (held_from_ == never_cycle) held_from_ = now_ + 1;
  if (now_ >= held_from_) return true;
  wake(held_from_);
  return false;
}

// An instruction that runs alone has come through the front end by the time at which it enters.
bool Core::can_enter_alone() {
  if (!is_empty()) return false;
  const Cycle from = is_at_hand(next_pc_, 1) ? block_due_ : next_fetch_ + front_delay_;
  if (now_ >= from) return true;
  wake(from);
  return false;
}

// What is not all in the block fetched last, or more of it than a cycle takes, or what the loop buffer
// gives. Returns when its bytes are there, but for the way through the front end.
Cycle Core::fetch_elsewhere(Slot& slot) {
  const Record& r = slot.record;
  const u64 first = align_down(r.pc, config_.fetch.bytes);
  const bool branches = r.flow != Record::Flow::Sequential;
  const u64 last = align_down(r.pc + r.length - 1, config_.fetch.bytes);
  Cycle there = now_;
  if (loop_buffer_.feeds()) [[unlikely]] {
    if (taken_time_ != now_) block_cause_ = std::exchange(next_cause_, CycleCause::FetchBandwidth);
    block_time_ = now_;
    block_due_ = now_ + 1;
    return there;
  }
  if (!block_open_ || first != block_ || !may_take())
    there = fetch_block(slot, first, r.pc, PhysAddr{align_down(r.fetch.value(), config_.fetch.bytes)}, false);
  if (last == first) return there;
  // The rest of it is in the next block, perhaps on another page.
  if (last % page_size != 0)
    return fetch_block(slot, last, last,
                       PhysAddr{align_down(r.fetch.value(), config_.fetch.bytes) + config_.fetch.bytes}, branches);
  if (const auto physical = side_.fetch_address(last)) return fetch_block(slot, last, last, *physical, branches);
  return there;
}

void Core::fetch_slot(Slot& slot) {
  progress();
  const Record& r = slot.record;
  const Cycle there = is_at_hand(r.pc, r.length) && may_take() ? now_ : fetch_elsewhere(slot);
  group_branches_ |= r.flow != Record::Flow::Sequential;
  if (const Cycle at = later(block_time_, now_); taken_time_ != at) {
    taken_time_ = at;
    taken_ = branches_ = 0;
  }
  ++taken_;
  branches_ += r.flow == Record::Flow::Conditional;

  slot.sequence = tail_;
  slot.due = r.alone ? later(there, now_) + 1 : later(block_due_, now_ > block_time_ ? now_ + 1 : now_);
  slot.cause = block_cause_;
  block_cause_ = CycleCause::FetchBandwidth;
  slot.wrong = window_.wrong_from != no_sequence;
  queue_bytes_ += r.length;
  ++tail_;
  window_.expect(tail_ + 1);
  if (listener_) [[unlikely]] listener_->fetched(hart_, watched_[window_.place(slot)] = ++last_watched_, r, slot.wrong, now_);
}

void Core::begin_group(u64 pc, bool cut_branch) {
  const u32 bubbles = change_group(pc, cut_branch);
  if (bubbles == 0) return;
  next_fetch_ = later(next_fetch_, now_) + bubbles;
  next_cause_ = CycleCause::TakenBranch;
}

Cycle Core::fetch_block(Slot& slot, u64 address, u64 pc, PhysAddr physical, bool cut_branch) {
  begin_group(pc, cut_branch);
  const Cycle start = later(next_fetch_, now_);
  const Cycle translated = space_.fetch == SpaceId::untranslated ? start : translate_fetch(slot, address, start);
  u64 misses = 0;
  const Cycle late = memory_.fetch(physical, config_.fetch.bytes, address, translated, misses) -
                     ports_.l1i.latency_cycles();
  if (misses != 0) slot.events |= event_bit(Event::L1iMisses);
  block_ = address;
  block_open_ = true;
  block_time_ = start;
  block_due_ = late + front_delay_;
  next_fetch_ = late + 1;
  block_cause_ = late > translated   ? CycleCause::FetchMiss
                 : late > start      ? CycleCause::Itlb
                                     : next_cause_;
  next_cause_ = CycleCause::FetchBandwidth;
  front_delay_ = config_.fetch.cycles;
  return late;
}

Cycle Core::translate_fetch(Slot& slot, u64 address, Cycle start) {
  if (ports_.itlb.lookup(address, space_.fetch)) return start;
  slot.events |= event_bit(Event::ItlbMisses);
  return memory_.translate_miss(ports_.itlb, address, space_.fetch, address, start);
}

// The front end goes on at another place: fetched from `when` on, at the decoder `delay` later.
void Core::turn(Cycle when, CycleCause cause, u32 delay) {
  block_open_ = group_open_ = false;
  next_fetch_ = when;
  next_cause_ = cause;
  front_delay_ = delay;
}

[[gnu::noinline]] Guess Core::guess_with_loop(const Record& r) {
  if (r.flow != Record::Flow::Conditional) {
    if (loop_buffer_.fills()) loop_buffer_.refuse();
    loop_buffer_.stop();  // what is held has none; code that has been written may
    return prediction_.predict(r);
  }
  const Guess guess = loop_buffer_.feeds() ? prediction_.predict_held(r) : prediction_.predict(r);
  switch (loop_buffer_.branch(r.pc, r.length, r.address, guess.next != r.pc + r.length)) {
    case LoopBuffer::Step::None: break;
    case LoopBuffer::Step::Enters:
      held_from_ = never_cycle;
      block_open_ = false;  // nothing comes from there
      break;
    case LoopBuffer::Step::Records: next_fetch_ = later(next_fetch_, now_) + 1; break;
    case LoopBuffer::Step::Leaves:
      turn(now_ + config_.fetch.loop_buffer.leave_cycles, CycleCause::TakenBranch, config_.fetch.cycles);
      prediction_.turned();
      break;
  }
  return guess;
}

// Where the front end goes behind this instruction of the right path.
void Core::follow(Slot& slot, bool again) {
  const Record& r = slot.record;
  if (!again) slot.mispredicted = false;
  if (r.trapped || r.alone) {
    blocked_on_ = slot.sequence;  // until it commits
    loop_buffer_.stop();
    return;
  }
  if (r.flow == Record::Flow::Sequential) return;
  if (!again) {
    const Guess guessed = guess(r);
    prediction_.update(r, guessed);
    slot.bubbles = static_cast<u8>(guessed.bubbles);
    slot.mispredicted = guessed.next != r.next_pc;
    slot.events |= event_bit(Event::Branches);
    if (slot.mispredicted) {
      slot.events |= event_bit(Event::BranchMisses);
      begin_wrong_path(slot, guessed.next);
      return;
    }
  }
  if (slot.mispredicted) {
    blocked_on_ = slot.sequence;  // until it is resolved, this time without a wrong path
  } else if (r.flow != Record::Flow::Conditional || r.next_pc != r.pc + r.length) {
    turn(next_fetch_ + slot.bubbles, CycleCause::TakenBranch, config_.fetch.cycles);
  }
}

}  // namespace orrery::ooo
