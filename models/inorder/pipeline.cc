#include "models/inorder/pipeline.h"

#include <bit>

namespace orrery {
namespace {

std::array<UnitTimes, unit_count> units_of(const UnitCounts& counts) {
  std::array<UnitTimes, unit_count> units;
  for (unsigned unit = 0; unit < unit_count; ++unit) units[unit] = UnitTimes(counts.of[unit]);
  return units;
}

}  // namespace

Pipeline::Pipeline(Component* parent, std::string name, HartId hart, const Config& config,
                   const Clock& clock, Hierarchy& hierarchy, FunctionalSide& side,
                   EventCounts& events)
    : Component(parent, std::move(name)),
      accounting(this, config.width),
      config_(config),
      hart_(hart),
      side_(side),
      memory_(hierarchy, hart, clock, side, MemorySide::Walkers::Many, walks, config.stuck_cycles),
      events_(events),
      predictor_(this, "predictor", config.predictor),
      capacity_(config.width * config.frontend_depth + config.fetch_buffer),
      front_delay_(config.frontend_depth),
      slot_mask_(std::bit_ceil(capacity_) - 1),
      slots_(slot_mask_ + 1),
      walks_(slot_mask_ + 1),
      idle_units_(units_of(config.units)),
      scoreboard_(config.scoreboard, config.commit_width, config.commit_rules),
      stores_(config.store_buffer, config.stores_in_flight, config.store_merge, config.store_split) {
  ORRERY_CHECK(capacity_ <= most_slots, "{}: {} instructions in the front end", path(), capacity_);
}

bool Pipeline::advance(Cycle limit, Entry entry) {
  entry_ = entry;
  Cycle entry_at = never_cycle;
  while (true) {
    const Cycle issue_at = issue_time();
    const Cycle store_at = stores_.submission();
    if (entry_at == never_cycle) entry_at = entry_time(entry);  // nothing that happens before changes it
    const Cycle next = earlier(earlier(issue_at, store_at), entry_at);
    if (wrong_at_ < next) {
      if (wrong_at_ >= limit) {
        now_ = later(now_, wrong_at_);
        return false;
      }
      step_wrong_path(wrong_at_);
      continue;
    }
    if (next == never_cycle) report_stuck();
    if (next >= limit) {
      now_ = later(now_, next);
      return false;
    }
    now_ = later(now_, next);
    if (store_at == next) {
      write_store(next);
    } else if (issue_at == next) {
      issue(next);
    } else {
      return true;
    }
  }
}

void Pipeline::enter() {
  Slot& s = slot(tail_);
  ++instructions;
  if (s.alone) front_delay_ = 0;  // it has waited in the last stage
  end_wrong_path();
  if (!is_at_hand(s.pc, s.length)) fetch(s);

  s.turned = s.alone ? now_ : turned_;
  s.translated = translated_;
  s.available = later(available_, now_);
  s.turned_cause = turned_cause_;
  s.data_ready = Cycle{};
  s.data_tlb.fill(TlbAnswer::Hit);
  s.mispredicted = s.turns = false;
  s.id = 0;

  // The TLBs are asked in program order; the time that takes is the issue's matter.
  if (s.memory != Record::Memory::None && space_.data != SpaceId::untranslated) {
    look_up_data(s, 0, s.address);
    if (s.second != Record::nowhere) [[unlikely]] look_up_data(s, 1, s.address + s.size - 1);
  }
  ++tail_;
  if (listener_) [[unlikely]] tell_entered(s);
  next_pc_ = s.next_pc;
  if (s.flow != Record::Flow::Sequential || s.trapped || s.alone) follow(s);
}

void Pipeline::look_up_data(Slot& s, u32 page, u64 address) {
  if (ports_.dtlb.lookup(address, space_.data)) return;
  count_data_tlb_miss(s.op_class);
  const bool second_level = memory_.fill(ports_.dtlb, address, space_.data, walks_[tail_ & slot_mask_][page]);
  s.data_tlb[page] = second_level ? TlbAnswer::SecondLevel : TlbAnswer::Walk;
}

void Pipeline::redirect(u64 pc) {
  account(now_);  // what it has waited for so far was something else
  next_pc_ = pc;
  if (blocked_) slot(tail_ - 1).turns = false;
  blocked_ = false;
  end_wrong_path();
  if (listener_) [[unlikely]] tell_wrong_path_ends(now_);
  turn(now_ + 1 + config_.trap_cycles, CycleCause::Serialise, config_.frontend_depth);
}

void Pipeline::drain() {
  while (!advance(never_cycle, Entry::Never)) continue;
  account(issued_until_);
  now_ = later(now_, accounting.next());  // so is the cycle of the last issue, and sleep that has been counted
  accounting.attribute(now_, CycleCause::Serialise);
  charge_nobody();
  start(now_, next_pc_);
}

void Pipeline::resume(Cycle now, u64 pc) {
  count_cycles(now);
  start(now, pc);
}

void Pipeline::count_cycles(Cycle now) {
  account(earlier(now, now_));
  if (now <= now_) return;
  accounting.attribute(now, CycleCause::Idle);
  charge_nobody();
}

void Pipeline::start(Cycle now, u64 pc) {
  if (listener_) [[unlikely]] tell_wrong_path_ends(now);
  accounting.start(now);
  now_ = now;
  next_pc_ = pc;
  head_ = tail_ = refused_ = refusals_ = 0;
  blocked_ = head_known_ = false;
  end_wrong_path();
  turn(now, CycleCause::FetchBandwidth, config_.frontend_depth);
  available_ = room_ = head_retry_ = last_issue_ = issued_until_ = quiet_ = now;
  memory_blocked_tlb_ = blocked_tlb_ = blocked_miss_ = now;
  issued_ = config_.width;  // the cycle before is over
  last_alone_ = false;
  units_ = idle_units_;
  ready_.fill(Cycle{});
  written_.fill(Cycle{});
  scoreboard_.clear();
  stores_.clear();
}

// Notes as `event` what the cache says it missed.
Answer Pipeline::submit_counted(Cache& cache, const Request& request, Cycle now, Event event) {
  u64 misses = 0;
  const Answer answer = memory_.submit(cache, request, tick(now), misses);
  if (misses != 0) events_.add(event, misses);
  return answer;
}

void Pipeline::count_data_tlb_miss(OpClass op_class) {
  events_.add(op_class == OpClass::Load ? Event::DtlbLoadMisses : Event::DtlbStoreMisses);
}

}  // namespace orrery
