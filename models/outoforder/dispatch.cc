// Dispatch: each instruction takes its places in an issue queue and in the load or store queue, its
// destination a physical register, and waits for the instructions that write its sources.
#include <algorithm>

#include "models/outoforder/core.h"

namespace orrery::ooo {
namespace {

bool is_load(const Record& r) { return r.memory == Record::Memory::Load; }
bool is_store(const Record& r) { return r.memory == Record::Memory::Store; }
bool is_atomic(const Record& r) { return r.memory == Record::Memory::Atomic; }

}  // namespace

// What is full; null: nothing is.
Counter* Core::missing_room(const Slot& slot, bool folds) {
  const Record& r = slot.record;
  if (!folds && rob_used_ >= config_.rob.entries) return &full_rob;
  if (free_registers(r.dest) == 0) return &full_registers;
  if (r.memory != Record::Memory::None) {
    const bool reserves = config_.load_store.reserve == LoadStoreConfig::Reserve::Rename;
    if (is_load(r) && reserves && loads_used_ >= config_.load_store.load_queue) return &full_loads;
    if ((is_store(r) || is_atomic(r)) && stores_.is_full()) return &full_stores;
    if (is_store(r) && reserves && stores_used_ >= config_.load_store.store_queue) return &full_stores;
    if (is_store(r) && queues_[first_queue_[static_cast<u32>(QueueKind::StoreData)]].is_full(now_)) return &full_queue;
  }
  chosen_ = config_.rename.groups ? slot.part[0].queue : choose_queue(route(r));
  return queues_[chosen_].is_full(now_) ? &full_queue : nullptr;
}

// What is dispatched together: what is left of the group before, and the next one. It keeps the queues
// that have been chosen for it, however long it waits. False: it does.
bool Core::take_group() {
  if (formed_ != renamed_) {
    form_group();
    if (!choose_queues()) {
      dispatch_end_ = std::min(group_end_, renamed_ + config_.rename.width / 2);
      choose_queues();
    }
    formed_ = renamed_;
  }
  watch_balance();
  full_ = missing_for_group();
  return full_ == nullptr;
}

void Core::form_group() {
  const bool left = group_end_ > renamed_;
  if (!left) group_end_ = renamed_;
  u32 slots = 0;
  const auto count = [&](u64 i) { slots += slots_of(window_[i].record); };
  for (u64 i = renamed_; i != group_end_; ++i) count(i);
  u64 next = group_end_;
  for (; next != decoded_ && window_[next].due == window_[group_end_].due && window_[next].due <= now_; ++next) count(next);
  if (slots <= config_.rename.width || !left) group_end_ = next;
  dispatch_end_ = group_end_;
}

// False: a queue would take more than it accepts.
bool Core::choose_queues() {
  std::array<u8, 64> taken{};
  for (Filling& filling : filling_) filling.begun = never_cycle;
  for (u64 i = renamed_; i != dispatch_end_; ++i) {
    Slot& slot = window_[i];
    const Route& to = route(slot.record);
    const u8 queue = slot.part[0].queue = choose_queue(to);
    if (to.is_free) take_queue(to, queue);
    if (++taken[queue] > queues_[queue].accepts()) return false;
    const u32 data = first_queue_[static_cast<u32>(QueueKind::StoreData)];
    if (is_store(slot.record) && ++taken[data] > queues_[data].accepts()) return false;
  }
  return true;
}

// The queue that is much emptier than the first is known a cycle later.
void Core::watch_balance() {
  for (u32 kind = 0; kind < queue_kinds; ++kind) {
    const u32 first = first_queue_[kind], count = first_queue_[kind + 1] - first;
    if (count > 1) balance_[kind] = {now_ + 1, emptier(first, count)};
  }
}

u32 Core::emptier(u32 first, u32 count) const {
  u32 lean = 0;
  for (u32 i = 1; i < count; ++i)
    if (queues_[first + i].used() + 2 <= queues_[first + lean].used()) lean = i;
  return lean;
}

Counter* Core::missing_for_group() {
  std::array<u8, 64> taken{};
  std::array<u32, 3> registers{};
  for (u64 i = renamed_; i != dispatch_end_; ++i) {
    const Slot& slot = window_[i];
    ++taken[slot.part[0].queue];
    taken[first_queue_[static_cast<u32>(QueueKind::StoreData)]] += is_store(slot.record);
    ++registers[slot.record.dest / fp_base];
  }
  for (std::size_t i = 0; i < queues_.size(); ++i)
    if (taken[i] != 0 && queues_[i].used() + taken[i] > queues_[i].entries()) return &full_queue;
  if (rob_used_ + config_.rename.width > config_.rob.entries) return &full_rob;
  for (u32 i = 0; i < registers.size(); ++i)
    if (registers[i] > free_registers_[i]) return &full_registers;
  return nullptr;
}

// How the queues of a kind are filled in this cycle: those that must go to one of them come first,
// wherever they stand among the instructions that may be dispatched.
Core::Filling& Core::filling(const Route& to) {
  Filling& filling = filling_[to.kind];
  if (filling.begun == now_) return filling;
  filling = {};
  filling.begun = now_;
  filling.lean = config_.rename.groups && balance_[to.kind].at == now_ ? balance_[to.kind].lean : emptier(to.first, to.count);
  for (u64 i = renamed_; i < dispatch_end_ && window_[i].due <= now_; ++i) {
    const auto c = static_cast<unsigned>(window_[i].record.op_class);
    if ((bound_[to.kind] >> c & 1) != 0) ++filling.taken[routes_[c].first_able()];
  }
  return filling;
}

// Of the queues that can execute a class the one with the fewest that enter in this cycle, the first of
// several; but when one holds at least two fewer than the first, the first two of the cycle go there.
u8 Core::choose_queue(const Route& to) {
  if (to.count == 1) return to.first;
  u32 best = to.first_able();
  if (!to.is_free) return static_cast<u8>(to.first + best);
  const Filling& now = filling(to);
  if (now.lean != 0 && now.free < 2 && (to.able >> now.lean & 1) != 0) return static_cast<u8>(to.first + now.lean);
  for (u32 i = best + 1; i < to.count; ++i)
    if ((to.able >> i & 1) != 0 && now.taken[i] < now.taken[best]) best = i;
  return static_cast<u8>(to.first + best);
}

void Core::dispatch(Slot& slot) {
  const Record& r = slot.record;
  slot.id = next_id_;
  if (++next_id_ == 0) ++next_id_;  // 0 is that of squashed ones
  slot.first_waiting = no_link;
  slot.result = slot.complete = never_cycle;
  slot.walked = slot.violated = false;
  slot.waits_for = WaitsFor::Nothing;
  if (r.memory != Record::Memory::None) {
    slot.hit = slot.translated = Cycle{};
    slot.stores = stores_.tail;
  }
  const bool store = is_store(r);
  slot.unknown = 1;
  slot.part[0].waits = 0;
  slot.part[0].ready = now_ + config_.queues.issue_cycles;
  slot.part[0].queue = chosen_;
  if (store) {
    slot.unknown = 2;
    slot.part[1].waits = 0;
    slot.part[1].ready = now_ + config_.queues.issue_cycles;
    slot.part[1].queue = static_cast<u8>(first_queue_[static_cast<u32>(QueueKind::StoreData)]);
  }
  const Route& to = route(r);
  if (to.is_free && !config_.rename.groups) take_queue(to, chosen_);
  branches_in_flight_ += to.is_branch;

  for (u32 source = 0; source < 3; ++source) {
    slot.producer[source] = no_link;
    // What is stored is a part of its own.
    if (r.source[source] != 0) wait_for(slot, store && source == 1 ? 1 : 0, source);
  }
  --free_registers(r.dest);
  slot.previous = map_[r.dest];
  map_[r.dest] = slot.sequence;
  const bool reserves = config_.load_store.reserve == LoadStoreConfig::Reserve::Rename;
  if (is_load(r)) {
    slot.memory = loads_.tail++;
    loads_[slot.memory] = {extent_of(r), slot.sequence, 0, false, reserves};
    loads_used_ += reserves;
  } else if (store) {
    stores_used_ += reserves;
    slot.memory = stores_.tail++;
    stores_[slot.memory] = {extent_of(r), slot.sequence, r.pc, false, false, false, reserves, never_cycle};
  } else if (is_atomic(r)) {
    slot.memory = stores_.tail++;
    stores_[slot.memory] = {extent_of(r), slot.sequence, r.pc, true, r.acquire, false, false, never_cycle};
  }
  for (u8 part = 0; part <= u8{store}; ++part) {
    const Part& p = slot.part[part];
    queues_[p.queue].enter(now_);
    if (p.waits != 0) continue;
    if (p.ready == now_ + 1) {
      put_ready(p.queue, window_.place(slot));  // issue has been in this cycle
    } else {
      calendar_.put(p.ready, {window_.place(slot), slot.id, part});
    }
  }
}

// The part waits for the instruction that writes the source, unless its time is known already.
void Core::wait_for(Slot& slot, u32 index, u32 source) {
  const u64 writer = map_[slot.record.source[source]];
  if (writer - head_ >= slot.sequence - head_) return;  // it has committed, or there is none
  Slot& producer = window_[writer];
  Part& part = slot.part[index];
  if (producer.result != never_cycle) {
    part.ready = later(part.ready, producer.result - early_by(producer, slot, source));
    return;
  }
  slot.producer[source] = window_.place(producer);
  ++part.waits;
  part.next[source] = producer.first_waiting;
  producer.first_waiting = Window::link(window_.place(slot), index, source);
}

}  // namespace orrery::ooo
