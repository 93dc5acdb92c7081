// The pipeline's back end: issue, units, data cache and store buffer.
#include <utility>

#include "memory/ram.h"
#include "models/inorder/pipeline.h"

namespace orrery {
namespace {

u32 on_first_page(const Record& r) {
  return r.second == Record::nowhere ? r.size : static_cast<u32>(page_size - r.address % page_size);
}

}  // namespace

Cycle Pipeline::compute_issue(const Slot& s) {
  const auto c = static_cast<unsigned>(s.op_class);
  const bool pairs = issued_ < config_.width && !s.alone && !last_alone_ && config_.pairing.allows(last_class_, c);
  Cycle at = pairs ? last_issue_ : last_issue_ + 1;
  const auto wait = [&at](Cycle until) { at = later(at, until); };
  wait(now_);  // it may have been blocked so far
  wait(s.available);
  wait(blocked_miss_);
  wait(scoreboard_.room());
  wait(units_[unit_of[c]].free());
  wait(ready_[s.source[0]]);
  wait(ready_[s.source[1]]);
  wait(ready_[s.source[2]]);
  if (config_.write_after_write_stall) {
    wait(written_[s.dest]);
  } else {
    const Cycle latency{config_.op_latency.of[c].latency};
    wait(Cycle{later(ready_[s.dest], latency) - latency});  // results of one register keep their order
  }
  return s.memory == Record::Memory::None ? at : memory_ready(s, at);
}

// The first cycle from `at` on at which store buffer and data cache let the access begin.
Cycle Pipeline::memory_ready(const Slot& s, Cycle at) {
  at = later(at, head_retry_);
  switch (s.memory) {
    case Record::Memory::Store:
      return stores_.room(s.physical, on_first_page(s), at);
    case Record::Memory::Atomic:
      return stores_.all_submitted() ? later(at, stores_.last_done()) : never_cycle;
    case Record::Memory::Load: {
      const u64 latency = config_.op_latency.of[static_cast<unsigned>(s.op_class)].latency;
      const StoreBuffer::Entry* store = nullptr;
      const auto match = find_store(s, at + latency, store);
      if (match == StoreBuffer::Match::None) return at;
      if (match == StoreBuffer::Match::Covers && config_.forwarding) return at;
      const Cycle leaves = store->leaves();
      return leaves == never_cycle ? never_cycle : later(at, leaves - latency);
    }
    default:
      return at;
  }
}

void Pipeline::issue(Cycle now) {
  Slot& s = slot(head_);
  const auto c = static_cast<unsigned>(s.op_class);
  const OpTiming& timing = config_.op_latency.of[c];
  const u64 extra = u64{timing.per_bit} * s.division_bits;
  Cycle done = now + timing.latency + extra;
  head_known_ = false;
  if (now >= issued_until_) account(now);
  const u64 misses = events_[Event::L1dMisses];
  Cycle busy = now + timing.interval + extra;  // the unit
  if (s.memory != Record::Memory::None && !access_memory(s, now, done, busy)) return;
  issued_until_ = now + 1;
  if (listener_) [[unlikely]] tell_issued(s, now, done, events_[Event::L1dMisses] != misses);
  if (now == last_issue_) {
    ++issued_;
    if (issued_ == 2) ++dual_issues;
  } else {
    issued_ = 1;
    last_issue_ = now;
  }
  last_class_ = static_cast<u8>(c);
  last_alone_ = s.alone;
  if (const ExecUnit unit = unit_of[c]; unit != IntAlus) units_[unit].take(busy);
  if (s.dest != no_dest) {
    ready_[s.dest] = done;
    from_load_[s.dest] = s.memory == Record::Memory::Load;
  }
  quiet_ = later(quiet_, done);
  if (scoreboard_.is_limited()) take_place(s, done);
  if (config_.write_after_write_stall && s.dest != no_dest)
    written_[s.dest] = done == never_cycle ? never_cycle : later(done + 1, scoreboard_.last_commit());

  if (tail_ - head_ == capacity_) room_ = now;
  ++head_;
  if (s.turns) {
    blocked_ = false;
    if (s.mispredicted) {
      if (wrong_path_) resolve_wrong_path(now);
      if (listener_) [[unlikely]] tell_wrong_path_ends(now + config_.resolve_cycles);
      turn(now + config_.resolve_cycles, CycleCause::Mispredict, config_.frontend_depth);
    } else if (s.trapped) {
      const Cycle taken = later(later(done, scoreboard_.last_commit()), now + config_.resolve_cycles);
      turn(taken + config_.trap_cycles, CycleCause::Serialise, config_.frontend_depth);
    } else {
      turn(later(done, now + 1), CycleCause::Serialise, s.restarts ? config_.frontend_depth : 0);
    }
  }
}

// In the scoreboard.
void Pipeline::take_place(const Slot& s, Cycle done) {
  const bool is_load = s.dest != no_dest && from_load_[s.dest];
  scoreboard_.take({.pc = s.pc,
                    .op_class = s.op_class,
                    .is_load = is_load,
                    .hit = is_load ? ready_hit_[s.dest] : Cycle{},
                    .translated = is_load ? ready_tlb_[s.dest] : Cycle{},
                    .done = done,
                    .commit = {},
                    .free = {}});
}

// Cycles before `until`, which is no later than the next issue. Of the cycle of the last issue, unless
// it goes on at `until`, the slots that nothing issued in are lost as the next cycles are.
void Pipeline::account(Cycle until) {
  if (earlier(issued_until_, until) > accounting.next()) {
    accounting.use(CycleCause::Base, issued_);
    if (accounting.is_used_up()) {
      accounting.attribute(issued_until_, CycleCause::Base);
    } else if (listener_) {
      account_stall(issued_until_);
    }
    if (listener_) [[unlikely]] charge_issuer();
  }
  if (until > accounting.next()) account_stall(until);
}

void Pipeline::account_stall(Cycle until) {
  if (head_ != tail_) return account_stall(slot(head_), until);
  accounting.attribute(until, entry_ == Entry::Normal ? next_cause_ : CycleCause::Serialise);
}

// Slots without an issue since the last one, by cause, in the order in which an instruction meets
// them: what is attributed to an earlier one is not to a later one. `now` is later than what has been
// attributed.
void Pipeline::account_stall(const Slot& s, Cycle now) {
  const auto until = [&](Cycle cycle, CycleCause cause) {
    accounting.attribute(earlier(cycle, now), cause);
  };
  const auto until_loaded = [&](Cycle hit, Cycle translated, Cycle done) {
    until(hit, CycleCause::LoadUse);
    until(translated, CycleCause::Dtlb);
    until(done, CycleCause::LoadMiss);
  };
  const ExecUnit unit = unit_of[static_cast<unsigned>(s.op_class)];
  if (s.available > accounting.next()) {
    until(s.turned, s.alone ? CycleCause::Serialise : s.turned_cause);
    until(s.translated, CycleCause::Itlb);
    until(s.available, CycleCause::FetchMiss);
    if (accounting.next() == now) return;
  }
  if (blocked_miss_ > accounting.next()) {
    until(blocked_tlb_, CycleCause::Dtlb);
    until(blocked_miss_, CycleCause::LoadMiss);
  }
  if (const Scoreboard::Entry* oldest = scoreboard_.leaving()) {  // a full scoreboard waits for it
    if (oldest->is_load) until_loaded(oldest->hit, oldest->translated, oldest->done);
    until(oldest->free, CycleCause::Structural);
  }
  for (const u8 reg : {s.source[0], s.source[1], s.source[2], s.dest}) {
    if (ready_[reg] <= accounting.next()) continue;
    if (from_load_[reg]) {
      until_loaded(ready_hit_[reg], ready_tlb_[reg], ready_[reg]);
    } else {
      until(ready_[reg], CycleCause::DataHazard);
    }
    if (accounting.next() == now) return;
  }
  if (config_.write_after_write_stall && s.dest != no_dest) until(written_[s.dest], CycleCause::DataHazard);
  if (unit == MemoryUnit) until(memory_blocked_tlb_, CycleCause::Dtlb);
  until(units_[unit].free(), CycleCause::Structural);
  until(head_retry_, CycleCause::Structural);
  until(now, s.memory == Record::Memory::None ? CycleCause::Structural : CycleCause::StoreBuffer);
}

// Begins the access of an instruction that issues at `now`. False: the data cache refused it, and
// head_retry_ says until when. `done` is set to the result's time, and `busy` to when its unit is free.
bool Pipeline::access_memory(Slot& s, Cycle now, Cycle& done, Cycle& busy) {
  const Cycle start = done;
  if (s.data_ready == Cycle{}) s.data_ready = translate_data(s, start);
  const Cycle ready = later(start, s.data_ready);
  const u32 latency = ports_.l1d.latency_cycles();
  switch (s.memory) {
    case Record::Memory::Store:
      // It is written when it has committed.
      stores_.push(s.physical, on_first_page(s), s.pc, now, scoreboard_.commit(ready, s.op_class));
      if (s.second != Record::nowhere)
        stores_.push(s.second, s.size - on_first_page(s), s.pc, now, scoreboard_.commit(ready, s.op_class));
      done = ready;
      break;
    case Record::Memory::Device:
      done = cycle(tick(ready) + memory_.device_ticks);
      break;
    default: {
      const bool is_load = s.memory == Record::Memory::Load;
      const StoreBuffer::Entry* store = nullptr;
      if (is_load && find_store(s, ready, store) != StoreBuffer::Match::None) {
        ++forwarded;
        done = later(ready + latency, store->joined + config_.forward_cycles);
      } else {
        const RequestKind kind = is_load ? RequestKind::Load : RequestKind::Atomic;
        if (ports_.l1d.fast_hit(s.physical, s.size, kind, tick(ready))) {
          done = ready + latency;
        } else {
          const Request request = memory_.request(kind, s);
          if (std::exchange(refused_, head_) != head_) refusals_ = 0;
          u64 misses = 0;
          const Answer answer = memory_.submit_again(ports_.l1d, request, ready, misses, refusals_);
          if (misses != 0) events_.add(Event::L1dMisses, misses);
          if (answer.is_refused()) {
            if (!memory_.may_retry(answer, refusals_)) report_stuck();
            head_retry_ = later(now + 1, cycle(answer.tick) - (start - now));
            return false;
          }
          done = cycle(answer.tick);
        }
      }
      if (is_load && s.dest != no_dest) {
        ready_hit_[s.dest] = start + latency;
        ready_tlb_[s.dest] = ready + latency;
      }
      if (config_.blocking_loads && done > start + latency) {
        blocked_tlb_ = ready + latency;
        blocked_miss_ = done;
      }
      if (!is_load) busy = later(busy, done);
    }
  }
  if (ready > start) {
    // The walk occupies the memory unit.
    memory_blocked_tlb_ = now + (ready - start);
    busy = later(busy, memory_blocked_tlb_);
  }
  return true;
}

Cycle Pipeline::translate_data(const Slot& s, Cycle start) {
  for (u32 page = 0; page < 2; ++page) {
    if (s.data_tlb[page] == TlbAnswer::Hit) continue;
    if (ports_.l2tlb) start += ports_.l2tlb->latency_cycles;
    if (s.data_tlb[page] == TlbAnswer::Walk) start = memory_.walk(walks_[head_ & slot_mask_][page], s.pc, start);
  }
  return start;
}

// What stores on their way have of a load's bytes. One that crosses pages takes nothing from them: it
// waits until they have been written.
StoreBuffer::Match Pipeline::find_store(const Record& load, Cycle at, const StoreBuffer::Entry*& store) const {
  const u32 first = on_first_page(load);
  const auto match = stores_.find(load.physical, first, at, store);
  if (load.second == Record::nowhere) [[likely]] return match;
  if (match == StoreBuffer::Match::None &&
      stores_.find(load.second, load.size - first, at, store) == StoreBuffer::Match::None)
    return match;
  return StoreBuffer::Match::Overlaps;
}

void Pipeline::write_store(Cycle now) {
  const StoreBuffer::Write store = stores_.submitting(now);
  const u32 latency = ports_.l1d.latency_cycles();
  head_known_ = false;  // a load or store may wait for this
  if (ports_.l1d.fast_hit(store.address, store.size, RequestKind::Store, tick(now))) {
    stores_.submitted(now, now + latency);
    return;
  }
  const Request request = memory_.request(RequestKind::Store, store.address, store.size, store.pc);
  u64 misses = 0;
  const Answer answer = memory_.submit_again(ports_.l1d, request, now, misses, stores_.refusals);
  if (answer.is_refused()) {
    if (!memory_.may_retry(answer, stores_.refusals)) report_stuck();
    stores_.refused(later(now + 1, cycle(answer.tick)));
  } else {
    stores_.submitted(now, cycle(answer.tick));
  }
}

}  // namespace orrery
