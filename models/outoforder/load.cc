// Loads: translation, what older stores have for them, and the data cache.
#include "memory/ram.h"
#include "models/outoforder/core.h"

namespace orrery::ooo {

// A load that has been given a pipe. Later: it is ready again at a known time. Blocked: it waits for
// a place, or for a store or an acquire before it.
Core::Attempt Core::load(Slot& slot) {
  const Record& r = slot.record;
  const Cycle start = now_ + access_cycles_;
  const bool is_fp = r.dest >= fp_base && r.dest != no_dest;
  const u32 late = pipe_cycles(r) - 1 + (is_fp ? config_.load_store.fp_load_cycles : 0);
  const Cycle as_hit = start + ports_.l1d.latency_cycles() + late;
  if (slot.hit == Cycle{}) slot.hit = as_hit;
  if (!slot.walked) {
    const Cycle translated = translate_data(slot);
    slot.translated = translated + ports_.l1d.latency_cycles() + late;
    if (translated > start) {
      calendar_.put(translated - access_cycles_, {window_.place(slot), slot.id, 0});
      return Attempt::Later;
    }
  }
  // A load that has waited since it was translated hits later.
  const auto would_hit = [&](Cycle at) {
    if (at > slot.translated) slot.hit = slot.translated = at;
  };
  const auto hits = [&](Cycle at) {
    would_hit(at);
    finish(slot, at);
  };
  LoadEntry& entry = loads_[slot.memory];
  slot.waits_for = loads_full(slot) ? WaitsFor::Place : WaitsFor::Stores;
  if (slot.waits_for == WaitsFor::Place) return Attempt::Blocked;
  u64 found = 0;
  const bool ahead = dependence_.may_go_ahead(r.pc, now_);
  switch (stores_.find(entry.bytes, slot.stores, ahead, found)) {
    case StoreQueue::Match::Unknown:
    case StoreQueue::Match::Partly:
      return Attempt::Blocked;
    case StoreQueue::Match::Covers:
      if (stores_[found].data > now_) return Attempt::Blocked;
      ++forwarded;
      entry.from = stores_[found].sequence + 1;
      take_place(slot);
      hits(start + config_.load_store.forward_cycles + late);
      return Attempt::Done;
    case StoreQueue::Match::None:
      break;
  }
  const WriteBuffer::Match written = write_buffer_.find(entry.bytes);
  if (written == WriteBuffer::Match::Partly) {
    write_urgent_ = true;
    return Attempt::Blocked;
  }
  if (written == WriteBuffer::Match::Covers) {
    ++forwarded;
    hits(start + config_.load_store.forward_cycles + late);
  } else if (ports_.l1d.fast_hit(r.physical, r.size, RequestKind::Load, tick(start))) {
    hits(as_hit);
  } else {
    const Answer answer = access(slot, start);
    if (answer.is_refused()) {
      if (answer.tick == never || now_ - last_commit_ > config_.stuck_cycles) report_stuck();
      slot.waits_for = WaitsFor::Cache;
      const Cycle retry = later(now_ + 1, cycle(answer.tick) - access_cycles_);
      calendar_.put(retry, {window_.place(slot), slot.id, 0});
      return Attempt::Later;
    }
    would_hit(as_hit);
    finish(slot, later(answered(answer), as_hit));
  }
  entry.from = 0;
  take_place(slot);
  return Attempt::Done;
}

// The oldest instruction needs no place: nothing can go ahead of it wrongly.
bool Core::loads_full(const Slot& slot) const {
  return !loads_[slot.memory].counted && slot.sequence != head_ &&
         loads_used_ >= config_.load_store.load_queue;
}

void Core::take_place(Slot& slot) {
  LoadEntry& entry = loads_[slot.memory];
  entry.executed = true;
  if (entry.counted || slot.sequence == head_) return;
  entry.counted = true;
  ++loads_used_;
}

// When the access can begin: one that crosses pages needs both.
Cycle Core::translate_data(Slot& slot) {
  const Record& r = slot.record;
  slot.walked = true;
  const Cycle start = now_ + access_cycles_;
  if (slot.data_space == SpaceId::untranslated) return start;
  const Cycle first = translate_page(slot, r.address, start);
  const u64 last = r.address + r.size - 1;
  return last / page_size == r.address / page_size ? first : translate_page(slot, last, first);
}

// Asks the TLBs and, where they miss, walks the tables.
Cycle Core::translate_page(Slot& slot, u64 address, Cycle start) {
  if (ports_.dtlb.lookup(address, slot.data_space)) return start;
  const bool load = slot.record.op_class == OpClass::Load;
  slot.events |= event_bit(load ? Event::DtlbLoadMisses : Event::DtlbStoreMisses);
  return memory_.translate_miss(ports_.dtlb, address, slot.data_space, slot.record.pc, start);
}

Answer Core::access(Slot& load, Cycle at) {
  u64 misses = 0;
  const Request request = memory_.request(RequestKind::Load, load.record);
  // The cycles without a commit stand for its refusals: only the oldest can starve.
  const bool insists = load.sequence == head_ && now_ - last_commit_ > MemorySide::many_refusals;
  u32 refusals = 0;
  const Answer answer = insists ? memory_.insist(ports_.l1d, request, at, misses, refusals)
                                : memory_.submit(ports_.l1d, request, tick(at), misses);
  if (insists && answer.is_refused()) report_stuck();
  if (misses != 0) load.events |= event_bit(Event::L1dMisses);
  return answer;
}

// When what has been taken is done: a result that never comes ends the program.
Cycle Core::answered(const Answer& answer) const {
  if (answer.tick == never) report_stuck();
  return cycle(answer.tick);
}

// A load or atomic waits until something happens to the stores before it.
void Core::block(Slot& slot) { blocked_.push_back({slot.sequence, window_.place(slot)}); }

// When a blocked one may try again; never_cycle: something else must happen first.
Cycle Core::when_unblocked(const Slot& slot) {
  const Record& r = slot.record;
  if (r.memory == Record::Memory::Atomic)
    return slot.sequence == head_ && stores_.head >= slot.stores && write_buffer_.is_empty() ? now_ : never_cycle;
  if (r.memory == Record::Memory::Store) return stores_full(slot) ? never_cycle : now_;
  if (slot.waits_for == WaitsFor::Place) return loads_full(slot) ? never_cycle : now_;
  u64 found = 0;
  const bool ahead = dependence_.may_go_ahead(r.pc, now_);
  const Extent& bytes = loads_[slot.memory].bytes;
  switch (stores_.find(bytes, slot.stores, ahead, found)) {
    case StoreQueue::Match::Unknown:
    case StoreQueue::Match::Partly:
      return never_cycle;
    case StoreQueue::Match::Covers:
      if (stores_[found].data == never_cycle) return never_cycle;
      return later(now_, stores_[found].data) + config_.load_store.replay_cycles;
    case StoreQueue::Match::None:
      break;
  }
  if (write_buffer_.find(bytes) == WriteBuffer::Match::Partly) return never_cycle;
  return now_ + config_.load_store.replay_cycles;
}

void Core::unblock() {
  unblock_ = false;
  std::size_t kept = 0;
  for (const Blocked part : blocked_) {
    const Slot& slot = window_.at(part.place);
    const Cycle when = when_unblocked(slot);
    if (when == never_cycle) {
      blocked_[kept++] = part;
    } else if (when <= now_) {
      put_ready(slot.part[0].queue, part.place);
    } else {
      calendar_.put(when, {part.place, slot.id, 0});
    }
  }
  blocked_.resize(kept);
}

}  // namespace orrery::ooo
