#include "models/inorder/pipeline.h"

#include <algorithm>

namespace orrery {

Pipeline::Pipeline(Component* parent, std::string name, HartId hart, const Config& config,
                   const Clock& clock, Hierarchy& hierarchy, FunctionalSide& side,
                   EventCounts& events)
    : Component(parent, std::move(name)),
      config_(config),
      period_(clock.period()),
      hart_(hart),
      ports_(hierarchy.ports(hart)),
      device_ticks_(hierarchy.device_ticks()),
      side_(side),
      events_(events),
      predictor_(this, "predictor", config.predictor),
      capacity_(config.width * config.frontend_depth + config.fetch_buffer),
      front_delay_(config.frontend_depth),
      stores_(config.store_buffer, config.stores_in_flight, config.store_merge) {
  ORRERY_CHECK(capacity_ <= slot_count, "{}: {} instructions in the front end", path(), capacity_);
}

bool Pipeline::advance(Cycle limit, Entry entry) {
  while (true) {
    const Cycle issue_at = issue_time();
    const Cycle store_at = stores_.submission();
    const Cycle entry_at = entry_time(entry);
    const Cycle next = std::min(std::min(issue_at, store_at), entry_at);
    if (wrong_path_) {
      if (const Cycle wrong_at = wrong_path_time(); wrong_at < next) {
        if (wrong_at >= limit) {
          now_ = std::max(now_, wrong_at);
          return false;
        }
        step_wrong_path(wrong_at);
        continue;
      }
    }
    ORRERY_CHECK(next != never_cycle, "{} stands still at cycle {}", path(), now_.value());
    if (next >= limit) {
      now_ = std::max(now_, next);
      return false;
    }
    now_ = std::max(now_, next);
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
  wrong_path_ = false;
  fetch(s);

  s.turned = turned_;
  s.translated = translated_;
  s.available = std::max(available_, now_);
  s.turned_cause = turned_cause_;
  s.data_ready = Cycle{};
  s.data_walk = 0;
  s.data_l2_tlb = false;
  s.mispredicted = false;

  // The TLBs are asked in program order; the time that takes is the issue's matter.
  if (s.memory != Record::Memory::None && space_.data != SpaceId::untranslated &&
      !ports_.dtlb.lookup(s.address, space_.data)) {
    WalkSteps steps;
    s.data_l2_tlb = translate_miss(s.address, s.op_class, steps);
    s.data_walk = steps.count;
    walks_[tail_ % slot_count] = steps.entries;
  }
  ++tail_;
  follow(s, s);
}

// The data TLB missed. True: the second level has it; otherwise `steps` says what is to be read.
bool Pipeline::translate_miss(u64 address, OpClass op_class, WalkSteps& steps) {
  events_.add(op_class == OpClass::Load ? Event::DtlbLoadMisses : Event::DtlbStoreMisses);
  if (ports_.l2tlb && ports_.l2tlb->lookup(address, space_.data)) {
    ports_.dtlb.insert(address, space_.data, 0);
    return true;
  }
  steps = side_.walk(address, false);
  ++walks;
  if (ports_.l2tlb) ports_.l2tlb->insert(address, space_.data, steps.level);
  ports_.dtlb.insert(address, space_.data, steps.level);
  return false;
}

void Pipeline::redirect(u64 pc) {
  next_pc_ = pc;
  // What the front end waited for turns it no more.
  if (blocked_) slot(tail_ - 1).mispredicted = slot(tail_ - 1).trapped = false;
  blocked_ = wrong_path_ = false;
  turn(now_ + 1 + config_.trap_cycles, CycleCause::Serialise, config_.frontend_depth);
}

void Pipeline::drain() {
  while (!advance(never_cycle, Entry::Never)) continue;
  accounting.attribute(now_, CycleCause::Serialise);
  start(now_, next_pc_);
}

void Pipeline::resume(Cycle now, u64 pc) {
  accounting.attribute(now, CycleCause::Idle);
  start(now, pc);
}

void Pipeline::start(Cycle now, u64 pc) {
  accounting.start(now);
  now_ = now;
  next_pc_ = pc;
  head_ = tail_ = 0;
  blocked_ = wrong_path_ = head_known_ = false;
  turn(now, CycleCause::FetchBandwidth, config_.frontend_depth);
  available_ = room_ = head_retry_ = last_issue_ = quiet_ = now;
  memory_blocked_tlb_ = blocked_tlb_ = blocked_miss_ = now;
  issued_ = config_.width;  // the cycle before is over
  unit_free_.fill(Cycle{});
  ready_.fill(Cycle{});
  stores_.clear();
}

void Pipeline::flush_tlbs() {
  ports_.itlb.flush();
  ports_.dtlb.flush();
  if (ports_.l2tlb) ports_.l2tlb->flush();
}

void Pipeline::flush_instructions() {
  ports_.l1i.invalidate_all();
  block_open_ = false;
}

// Notes as `event` what the cache says it missed.
Answer Pipeline::submit_counted(Cache& cache, const Request& request, Cycle now, Event event) {
  const Counter& misses = cache.misses[static_cast<unsigned>(request.kind)];
  const u64 before = misses.value();
  const Answer answer = cache.submit(request, tick(now));
  if (misses.value() != before) events_.add(event, misses.value() - before);
  return answer;
}

// Repeats a request until it is taken; returns when it is done.
Cycle Pipeline::submit(Cache& cache, const Request& request, Cycle start) {
  Answer answer = cache.submit(request, tick(start));
  while (answer.is_refused()) answer = cache.submit(request, tick(cycle(answer.tick)));
  ORRERY_CHECK(answer.is_done(), "{}: an answer is pending", path());
  return cycle(answer.tick);
}

// The reads of a page walk, each waiting for the one before.
Cycle Pipeline::walk(const PhysAddr* entries, unsigned count, u64 pc, Cycle start) {
  Request request;
  request.pc = pc;
  request.hart = hart_;
  request.kind = RequestKind::Walk;
  for (unsigned i = 0; i < count; ++i) {
    request.address = entries[i];
    start = submit(ports_.l1d, request, start);
  }
  return start;
}

}  // namespace orrery
