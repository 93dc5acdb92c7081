// Stores and atomics: addresses, loads that went ahead wrongly, and the way to the data cache.
#include <algorithm>
#include <bit>

#include "models/outoforder/core.h"

namespace orrery::ooo {

// The oldest store needs no place: the younger ones, which may have them all, leave only behind it.
bool Core::stores_full(const Slot& slot) const {
  return !stores_[slot.memory].counted && slot.memory != stores_.head &&
         stores_used_ >= config_.load_store.store_queue;
}

// False: the store queue has no place for it.
bool Core::store_address(Slot& slot) {
  if (stores_full(slot)) return false;
  StoreEntry& store = stores_[slot.memory];
  stores_used_ += !store.counted;
  store.counted = true;
  const Cycle translated = translate_data(slot);
  slot.translated = translated;
  store.known = true;
  unblock_ = true;
  part_done(slot, later(now_ + config_.op.of[static_cast<unsigned>(OpClass::Store)].latency, translated));
  if (!slot.wrong) find_violations(store);
  return true;
}

// Younger loads that were done without what this store has for them.
void Core::find_violations(const StoreEntry& store) {
  for (u64 i = loads_.tail; i != loads_.head && loads_[i - 1].sequence > store.sequence; --i) {
    const LoadEntry& load = loads_[i - 1];
    if (load.executed && load.from <= store.sequence &&
        overlap(load.bytes, store.bytes))
      violation_ = std::min(violation_, load.sequence);
  }
}

// The load and everything behind it leave, and are fetched again.
void Core::do_again(Slot& load) {
  const u64 from = load.sequence;
  load.violated = false;
  squash(from);
  if (blocked_on_ != no_sequence && blocked_on_ >= from) {
    if (wrong_path_ || window_.wrong_from != no_sequence) prediction_.restore(return_top_);
    window_.wrong_from = no_sequence;
    wrong_path_ = false;
    blocked_on_ = no_sequence;
  }
  if (held_by_ != no_sequence && held_by_ >= from) held_by_ = no_sequence;
  loop_buffer_.clear();
  turn(now_ + config_.load_store.violation_cycles, CycleCause::Violation, config_.fetch.cycles);
}

// An atomic runs as the oldest instruction, when all stores before it have been written.
bool Core::atomic(Slot& slot) {
  if (when_unblocked(slot) == never_cycle) {
    write_urgent_ = !write_buffer_.is_empty();
    return false;
  }
  const Cycle start = now_ + config_.op.of[static_cast<unsigned>(OpClass::Atomic)].latency;
  const Cycle translated = slot.walked ? now_ : translate_data(slot);
  // It is alone with the data cache, so waiting here is as good as trying again.
  u64 misses = 0;
  const Cycle accessed = memory_.complete(ports_.l1d, memory_.request(RequestKind::Atomic, slot.record), start, misses);
  if (misses != 0) slot.events |= event_bit(Event::L1dMisses);
  const Cycle late = translated > start ? Cycle{translated - start} : Cycle{};
  const Cycle done = accessed + late.value();
  stores_[slot.memory].data = done;
  unblock_ = true;
  finish(slot, done);
  return true;
}

// Committed stores enter the write buffer.
void Core::fill_write_buffer() {
  const u32 merge = write_buffer_.merge();
  for (u32 n = 0; n < config_.queues.memory.stores && !stores_.is_empty(); ++n) {
    StoreEntry& store = stores_[stores_.head];
    if (!store.committed) break;
    if (Extent& bytes = store.bytes; bytes.size != 0) {  // else an atomic, which has written
      const auto in_block = static_cast<u32>(merge - (bytes.address.value() & (merge - 1)));
      const u32 size = std::min(bytes.size, in_block);
      if (!write_buffer_.push(bytes.address, size, store.pc, now_)) break;
      bytes.address += size;
      bytes.size -= size;
      if (bytes.crosses() && bytes.address.value() % page_size == 0)
        bytes = {bytes.second, Record::nowhere, bytes.size};
      progress();
      if (bytes.size != 0) continue;
    }
    progress();
    stores_used_ -= store.counted;
    ++stores_.head;
    unblock_ = true;
  }
}

// The oldest block of the write buffer that may be is written.
void Core::write_block() {
  Cycle retry;
  WriteBuffer::Entry* entry = write_buffer_.next(now_, retry);
  if (!entry) {
    wake(retry);
    return;
  }
  progress();
  const auto begin = static_cast<u32>(std::countr_zero(entry->bytes));
  const auto end = static_cast<u32>(64 - std::countl_zero(entry->bytes));
  const Request request =
      memory_.request(RequestKind::Store, PhysAddr{entry->block * write_buffer_.merge() + begin}, end - begin, entry->pc);
  const Cycle start = now_ + access_cycles_;
  addresses_held_ = config_.load_store.write_urgent != 0;
  if (ports_.l1d.fast_hit(request.address, request.size, request.kind, tick(start))) {
    write_buffer_.submitted(*entry, now_ + config_.load_store.write_interval, start + ports_.l1d.latency_cycles());
    return;
  }
  u64 misses = 0;
  const Answer answer = memory_.submit_again(ports_.l1d, request, start, misses, write_buffer_.refusals);
  if (answer.is_refused()) {
    if (!memory_.may_retry(answer, write_buffer_.refusals)) report_stuck();
    write_buffer_.refused(later(now_ + 1, cycle(answer.tick) - access_cycles_));
  } else {
    write_buffer_.submitted(*entry, now_ + config_.load_store.write_interval, answered(answer));
  }
}

}  // namespace orrery::ooo
