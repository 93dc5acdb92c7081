#include "models/outoforder/core.h"

#include <algorithm>
#include <bit>

namespace orrery::ooo {
namespace {

// Every instruction between fetch and commit has a slot.
u32 most_in_flight(const Config& c) {
  return c.rob.entries * c.rob.fold + c.decode.width * (c.decode.cycles + 1) + c.fetch.queue_bytes / 2 +
         c.fetch.width;
}

}  // namespace

Core::Core(Component* parent, std::string name, HartId hart, const Config& config, const Clock& clock,
           Hierarchy& hierarchy, FunctionalSide& side, EventCounts& events)
    : Component(parent, std::move(name)),
      accounting(this, config.rename.width),
      config_(config),
      hart_(hart),
      split_bytes_(std::min<u64>(config.load_store.split_bytes ? config.load_store.split_bytes : ~u64{0},
                                 hierarchy.ports(hart).l1d.line_size())),
      access_cycles_(config.op.of[static_cast<unsigned>(OpClass::Load)].latency),
      side_(side),
      memory_(hierarchy, hart, clock, side, MemorySide::Walkers::One, walks, config.stuck_cycles),
      events_(events),
      prediction_(this, "predictor", config.predictor),
      dependence_(config.load_store),
      window_(most_in_flight(config)),
      loop_buffer_(config.fetch.loop_buffer),
      loads_(static_cast<u32>(window_.capacity())),
      stores_(static_cast<u32>(window_.capacity()) + config.load_store.store_queue),
      write_buffer_(config.load_store.write_buffer, config.load_store.write_merge) {
  if (config.count_occupancy) occupancy.emplace(this, config, static_cast<u32>(window_.capacity()));
  const QueuesConfig& q = config.queues;
  std::array<QueueConfig, queue_kinds> kinds;
  for (u32 kind = 0; kind < queue_kinds; ++kind) kinds[kind] = q.of(static_cast<QueueKind>(kind));
  for (u32 kind = 0; kind < queue_kinds; ++kind) {
    first_queue_[kind] = static_cast<u32>(queues_.size());
    release_cycles_[kind] = kinds[kind].release_cycles;
    for (u32 i = 0; i < kinds[kind].count; ++i)
      queues_.emplace_back().configure(kinds[kind], kind, i, window_.capacity());
    first_unit_[kind] = static_cast<u16>(unit_free_.size());
    unit_free_.resize(unit_free_.size() + kinds[kind].count * kinds[kind].width);
  }
  first_queue_[queue_kinds] = static_cast<u32>(queues_.size());
  for (unsigned c = 0; c < op_class_count; ++c) {
    const OpTiming& op = config.op.of[c];
    const auto kind = static_cast<u8>(queue_of[c]);
    Route& r = routes_[c];
    r.pipes = op.pipes_of(kinds[kind].count * kinds[kind].width);
    r.kind = kind;
    r.first = static_cast<u8>(first_queue_[kind]);
    r.count = static_cast<u8>(kinds[kind].count);
    r.unit = unit_of[c];
    r.may_fold = may_fold(static_cast<OpClass>(c));
    r.is_branch = queue_of[c] == QueueKind::Branch;
  }
  // The first pipes of the memory queue are the loads'.
  const u32 load_pipes = (u32{1} << q.memory.loads) - 1;
  routes_[static_cast<unsigned>(OpClass::Load)].pipes = load_pipes;
  routes_[static_cast<unsigned>(OpClass::Atomic)].pipes = load_pipes;
  routes_[static_cast<unsigned>(OpClass::Store)].pipes = ((u32{1} << q.memory.stores) - 1) << q.memory.loads;
  for (auto& pipe : alu_held_) pipe.fill(never_cycle);
  for (Route& r : routes_) {
    for (u32 i = 0; i < r.count; ++i)
      if ((r.pipes & queues_[r.first + i].own_pipes()) != 0) r.able |= static_cast<u8>(1u << i);
    r.is_free = std::popcount(r.able) > 1;
  }
  for (unsigned c = 0; c < op_class_count; ++c)
    if (!routes_[c].is_free) bound_[routes_[c].kind] |= u32{1} << c;
}

bool Core::advance(Cycle limit, Entry entry) {
  for (;;) {
    if (now_ >= limit) return false;
    if (!begun_) begin_cycle();
    if (fetch(entry)) return true;
    if (entry == Entry::Never && is_empty()) return false;
    end_cycle(entry);
  }
}

void Core::begin_cycle() {
  begun_ = true;
  moved_ = false;
  wake_ = never_cycle;
  calendar_.take(now_, [this](const Due& due) {
    if (due.what == Due::release) {
      progress();
      queues_[due.place].leave();
      return;
    }
    Slot& slot = window_.at(due.place);
    if (slot.id != due.id) return;
    progress();
    if (due.what == Due::resolve) {
      resolve(slot);
    } else {
      put_ready(slot.part[due.what].queue, due.place);
    }
  });
  if (write_buffer_.retire(now_)) {
    progress();
    unblock_ = true;
  }
  commit();
  addresses_held_ = false;
  if (!stores_.is_empty()) fill_write_buffer();
  write_urgent_ &= write_buffer_.is_waiting();
  const bool urgent = write_urgent_ || write_buffer_.used() >= config_.load_store.write_urgent;
  if (write_buffer_.is_waiting() && urgent) write_block();
  if (unblock_) unblock();
  issue();
  if (write_buffer_.is_waiting() && !urgent && addresses_at_ != now_) write_block();
  rename();
  decode();
  if (head_ == tail_) last_commit_ = now_;
}

void Core::end_cycle(Entry entry) {
  begun_ = false;
  accounting.attribute(now_ + 1, accounting.is_used_up() ? CycleCause::Base : stall_cause(now_, entry));
  if (listener_) [[unlikely]] charge_committed();
  if (moved_) {
    if (occupancy) [[unlikely]] count_occupancy(1);
    now_ += 1;
    if (full_) ++*full_;
    return;
  }
  const Cycle next = earlier(earlier(wake_, calendar_.next()), write_buffer_.next_done());
  if (next == never_cycle || now_ - last_commit_ > config_.stuck_cycles) report_stuck();
  const Cycle until = later(next, now_ + 1);
  last_commit_ += until - (now_ + 1);  // a wait whose end is known, however long, is no standstill
  // Nothing changes before, but what is said of the oldest, a load: hit, translated, missed, done.
  if (head_ != renamed_) {
    const Slot& oldest = window_[head_];
    const auto divide = [this, until, entry](Cycle turn) {
      if (turn > now_ && turn < until) accounting.attribute(turn, stall_cause(Cycle{turn - Cycle{1}}, entry));
    };
    if (oldest.record.memory != Record::Memory::None) {
      divide(oldest.hit);
      divide(oldest.translated);
    }
    divide(oldest.result);
    divide(oldest.complete);
  }
  accounting.attribute(until, stall_cause(Cycle{until - Cycle{1}}, entry));
  if (occupancy) [[unlikely]] count_occupancy(until - now_);
  if (full_) *full_ += until - now_;
  now_ = until;
}

void Core::count_occupancy(u64 cycles) {
  occupancy->fetched.add(tail_ - renamed_, cycles);
  occupancy->rob.add(rob_used_, cycles);
  std::array<u32, queue_kinds> waiting{};
  for (const IssueQueue& queue : queues_) waiting[queue.kind()] += queue.used();
  for (u32 kind = 0; kind < queue_kinds; ++kind) occupancy->queues[kind].add(waiting[kind], cycles);
  occupancy->loads.add(loads_used_, cycles);
  occupancy->stores.add(stores_used_, cycles);
  occupancy->writes.add(write_buffer_.used(), cycles);
}

bool Core::is_empty() const {
  return head_ == tail_ && tail_ == known_ && stores_.is_empty() && write_buffer_.is_empty();
}

// Why no more is renamed in a cycle, from now on; `entry` is what the front end waits for.
CycleCause Core::stall_cause(Cycle at, Entry entry) const {
  if (held_by_ != no_sequence || rename_from_ > at) return CycleCause::Mispredict;
  if (blocked_on_ < renamed_) return window_[blocked_on_].mispredicted ? CycleCause::Mispredict : CycleCause::Serialise;
  if (!has_room_) return room_cause(at);
  if (renamed_ != tail_) return window_[renamed_].cause;
  if (entry == Entry::Never && head_ != tail_) return room_cause(at);
  if (entry == Entry::Normal || at < next_fetch_) return next_cause_;
  const bool written = stores_.is_empty() && write_buffer_.is_empty();
  return head_ == tail_ && !written ? CycleCause::WriteBuffer : CycleCause::Serialise;
}

// Why it finds no room: what the oldest waits for.
CycleCause Core::room_cause(Cycle at) const {
  if (head_ == renamed_) return full_ == &full_stores ? CycleCause::WriteBuffer : CycleCause::Room;
  const Slot& oldest = window_[head_];
  if (oldest.violated) return CycleCause::Violation;
  if (at >= oldest.complete) return full_ == &full_stores ? CycleCause::WriteBuffer : CycleCause::Room;
  if (oldest.result != never_cycle && oldest.record.memory == Record::Memory::Load) {
    if (at < oldest.hit) return CycleCause::LoadHit;
    if (at < oldest.translated) return CycleCause::Dtlb;
    return at < oldest.result ? CycleCause::LoadMiss : CycleCause::Execute;
  }
  const Part& part = oldest.part[0];
  if (part.waits != 0 || at < part.ready || oldest.result != never_cycle) return CycleCause::Execute;
  if (oldest.walked && at < oldest.translated) return CycleCause::Dtlb;
  if (oldest.record.memory == Record::Memory::Atomic) return CycleCause::WriteBuffer;
  if (oldest.waits_for == WaitsFor::Stores) return CycleCause::StoreForward;
  if (oldest.waits_for == WaitsFor::Cache) return CycleCause::LoadMiss;
  return oldest.unknown != 0 ? CycleCause::Issue : CycleCause::Execute;
}

void Core::enter() {
  ORRERY_CHECK(tail_ == known_, "{}: an instruction enters before those that are done again", path());
  Slot& slot = window_[tail_];
  next_pc_ = slot.record.next_pc;
  slot.data_space = space_.data;
  slot.events = 0;
  slot.renamed_before = false;
  ++known_;
  fetch_slot(slot);
  follow(slot, false);
}

void Core::redirect(u64 pc) {
  next_pc_ = pc;
  redirected_ = true;
}

void Core::drain() {
  while (advance(never_cycle, Entry::Never) || !is_empty()) continue;
  now_ = later(now_, accounting.next());  // sleep that has been counted is over
  accounting.attribute(now_, CycleCause::Serialise);
  charge_nobody();
  start(now_, next_pc_);
}

void Core::resume(Cycle now, u64 pc) {
  count_cycles(now);
  start(now, pc);
}

void Core::count_cycles(Cycle now) {
  if (now <= now_) return;
  accounting.attribute(now, CycleCause::Idle);
  charge_nobody();
}

void Core::start(Cycle now, u64 pc) {
  accounting.start(now);
  now_ = last_commit_ = rename_from_ = now;
  memory_.start(now);
  begun_ = false;
  next_pc_ = pc;
  head_ = renamed_ = decoded_ = tail_ = known_ = 0;
  window_.wrong_from = blocked_on_ = held_by_ = violation_ = no_sequence;
  redirected_ = wrong_path_ = unblock_ = false;
  full_ = nullptr;
  turn(now, CycleCause::FetchBandwidth, config_.fetch.cycles);
  block_due_ = now;
  taken_ = branches_ = queue_bytes_ = 0;
  loop_buffer_.clear();
  held_from_ = never_cycle;
  map_.fill(no_sequence);
  free_registers_ = {config_.rename.int_registers - 32, config_.rename.fp_registers - 32, ~u32{0} / 2};
  rob_used_ = branches_in_flight_ = 0;
  group_end_ = 0;
  formed_ = no_sequence;
  for (IssueQueue& queue : queues_) queue.clear();
  ready_queues_ = 0;
  for (auto& units : unit_free_) units.fill(Cycle{});
  filling_.fill({});
  balance_.fill({});
  loads_.head = loads_.tail = stores_.head = stores_.tail = 0;
  loads_used_ = stores_used_ = 0;
  divisions_.fill(0);
  write_buffer_.clear();
  blocked_.clear();
  calendar_.clear(now);
}

}  // namespace orrery::ooo
