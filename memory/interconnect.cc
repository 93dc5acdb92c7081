#include "memory/interconnect.h"

#include <algorithm>

namespace orrery {

NetworkEnd Interconnect::home(PhysAddr line) const {
  if (!shape_.shared_cache) return {NetworkEnd::Side::Memory, shape_.memory.of(line)};
  // Neighbouring lines are at home far apart, and no power of two favours a slice. Lines shorter than
  // 64 bytes stay together.
  constexpr u64 golden = 0x9e37'79b9'7f4a'7c15;
  const u64 hash = (line.value() >> 6) * golden >> 32;
  return {NetworkEnd::Side::Slice, static_cast<u32>(hash * slices_ >> 32)};
}

Answer Interconnect::carry(NetworkEnd from, NetworkEnd to, const Request& request, TimingPort& next,
                           Tick now) {
  const bool writes = request.writes();
  const u32 out = header + (writes ? request.size : 0);
  const Tick there = send(from, to, out, now, false);
  Answer answer = next.submit(request, there);
  // Where messages wait for others, leaving later may bring it there no later: not tick by tick.
  if (answer.is_refused())
    return Answer::refused(std::max(answer.tick - (there - now), now + shape_.clock.period()));
  send(from, to, out, now, true);
  if (request.kind == RequestKind::Writeback) return answer;
  const bool brings_data = !writes && request.want != Want::Permission;
  answer.tick = send(to, from, header + (brings_data ? request.size : 0), answer.tick, true);
  return answer;
}

Tick NetworkPort::evict(const Request& victim, Tick now) {
  const bool with_data = !victim.clean || with_clean_;
  return next_.evict(victim, network_.send(stop_, network_.home(victim.address),
                                    Interconnect::header + (with_data ? victim.size : 0), now, true));
}

}  // namespace orrery
