#include "models/timing/memory_side.h"

#include "memory/tlb_path.h"
#include "models/timing/stuck.h"

namespace orrery {

MemorySide::MemorySide(Hierarchy& hierarchy, HartId hart, const Clock& clock, FunctionalSide& side,
                       Walkers walkers, Counter& walks, u32 stuck_cycles)
    : ports(hierarchy.ports(hart)),
      device_ticks(hierarchy.device_ticks()),
      period_(clock.period()),
      hart_(hart),
      side_(side),
      walkers_(walkers),
      stuck_cycles_(stuck_cycles),
      walks_(walks) {}

Request MemorySide::request(RequestKind kind, PhysAddr address, u32 size, u64 pc) const {
  Request request;
  request.address = address;
  request.pc = pc;
  request.size = size;
  request.hart = hart_;
  request.kind = kind;
  return request;
}

Request MemorySide::request(RequestKind kind, const Record& record) const {
  Request made = request(kind, record.physical, record.size, record.pc);
  made.second = record.second.value();
  return made;
}

Answer MemorySide::submit(Cache& cache, const Request& request, Tick now, u64& misses) {
  const Counter& counted = cache.misses[static_cast<unsigned>(request.kind)];
  const u64 before = counted.value();
  const Answer answer = cache.submit(request, now);
  misses += counted.value() - before;
  return answer;
}

Answer MemorySide::insist(Cache& cache, const Request& request, Cycle& now, u64& misses, u32& refusals) {
  Answer answer = submit(cache, request, tick(now), misses);
  while (answer.is_refused() && may_retry(answer, refusals)) {
    now = later(now + 1, cycle(answer.tick));
    answer = submit(cache, request, tick(now), misses);
  }
  return answer;
}

Cycle MemorySide::complete(Cache& cache, const Request& request, Cycle now, u64& misses) {
  u32 refusals = 0;
  const Answer answer = insist(cache, request, now, misses, refusals);
  if (answer.is_refused()) report_stuck(cache, request, now);
  ORRERY_CHECK(answer.is_done(), "{}: an answer is pending", cache.path());
  if (answer.tick == never) report_stuck(cache, request, now);
  return cycle(answer.tick);
}

void MemorySide::report_stuck(const Cache& cache, const Request& request, Cycle at) const {
  const std::string asked = fmt::format("asked by hart {} for {} bytes at {:#x}, pc {:#x}\n", hart_, request.size,
                                        request.address.value(), request.pc);
  orrery::report_stuck(cache, at, asked + under_way(at));
}

Cycle MemorySide::fetch(PhysAddr address, u32 size, u64 pc, Cycle now, u64& misses) {
  const Cycle hit = now + ports.l1i.latency_cycles();
  if (ports.l1i.fast_hit(address, size, RequestKind::Fetch, tick(now))) return hit;
  return later(complete(ports.l1i, request(RequestKind::Fetch, address, size, pc), now, misses), hit);
}

bool MemorySide::fill(TimingTlb& tlb, u64 address, u32 space, WalkSteps& steps) {
  return fill_tlb(ports, tlb, address, space, steps, [&] {
    ++walks_;
    return side_.walk(address, &tlb == &ports.itlb);
  });
}

Cycle MemorySide::walk(const WalkSteps& steps, u64 pc, Cycle start) {
  if (walkers_ == Walkers::One) start = later(start, walker_free_);
  u64 misses = 0;
  for (unsigned i = 0; i < steps.count; ++i)
    start = complete(ports.l1d, request(RequestKind::Walk, steps.entries[i], 8, pc), start, misses);
  walker_free_ = start;
  return start;
}

Cycle MemorySide::translate_miss(TimingTlb& tlb, u64 address, u32 space, u64 pc, Cycle start) {
  WalkSteps steps;
  const bool second_level = fill(tlb, address, space, steps);
  if (ports.l2tlb) start += ports.l2tlb->latency_cycles;
  return second_level ? start : walk(steps, pc, start);
}

void MemorySide::flush_tlbs() { orrery::flush_tlbs(ports); }

void MemorySide::flush_instructions() { ports.l1i.fence_i(); }

std::string MemorySide::under_way(Cycle now) const {
  std::string text;
  const auto tell = [&](const Cache& cache, const char* what, Tick until) {
    text += fmt::format("{}: {} until {}\n", cache.name(), what, cycle_text(cycle_from(until, period_)));
  };
  for (const Cache* cache : {&ports.l1i, &ports.l1d}) {
    const Cache::UnderWay found = cache->under_way(tick(now));
    for (const Tick until : found.mshrs) tell(*cache, "MSHR", until);
    for (const Tick until : found.write_buffer) tell(*cache, "write buffer", until);
    for (const auto& [line, until] : found.lines) tell(*cache, fmt::format("line {:#x}", line.value()).c_str(), until);
  }
  return text;
}

}  // namespace orrery
