// Execution: when results come, and who waits for them.
#include <algorithm>

#include "models/outoforder/core.h"

namespace orrery::ooo {

// Executes a part that has been given a pipe. False: it stays in its queue and is tried again.
bool Core::execute(Slot& slot, u32 part, u32 pipe) {
  const Record& r = slot.record;
  const auto c = static_cast<unsigned>(r.op_class);
  const OpTiming& op = config_.op.of[c];
  if (part == 1) {
    stores_[slot.memory].data = now_ + config_.load_store.store_data_cycles;
    unblock_ = true;
    part_done(slot, now_ + config_.load_store.store_data_cycles);
    return true;
  }
  const Route& to = routes_[c];
  auto& unit = unit_free_[first_unit_[to.kind] + pipe][to.unit];
  switch (r.memory) {
    case Record::Memory::Load:
      switch (load(slot)) {
        case Attempt::Done: unit = now_ + pipe_cycles(r); return true;
        case Attempt::Later: return false;
        case Attempt::Blocked: break;
      }
      block(slot);
      return false;
    case Record::Memory::Store:
      if (store_address(slot)) {
        unit = now_ + pipe_cycles(r);
        return true;
      }
      block(slot);
      return false;
    case Record::Memory::Atomic:
      if (atomic(slot)) return true;
      block(slot);
      return false;
    case Record::Memory::Device:
      finish(slot, cycle(tick(now_ + op.latency) + memory_.device_ticks));
      return true;
    case Record::Memory::None:
      break;
  }
  u32 extra = op.per_bits && !is_remembered(r, op) ? (r.division_bits + 2 + op.per_bits - 1) / op.per_bits : 0;
  u32 latency = op.latency, interval = op.interval;
  if (r.exact && op.exact_latency != 0) {
    latency = interval = op.exact_latency;
    extra = 0;
  }
  unit = now_ + interval + extra;
  if (op.holds_pipe != 0) {
    const Cycle held = now_ + op.holds_pipe;
    alu_held_[pipe][held.value() % 8] = held;
  }
  finish(slot, now_ + latency + extra);
  if (slot.mispredicted) {
    const Cycle resolved = now_ + config_.resolve_cycles;
    slot.complete = later(slot.complete, resolved);
    calendar_.put(resolved, {window_.place(slot), slot.id, Due::resolve});
  }
  return true;
}

// Whether the divider knows the result; if not, it does from now on.
bool Core::is_remembered(const Record& r, const OpTiming& op) {
  const auto end = divisions_.begin() + op.remembered;
  const auto known = std::find(divisions_.begin(), end, r.operands);
  const bool found = known != end;
  if (op.remembered == 0) return false;
  std::move_backward(divisions_.begin(), found ? known : end - 1, found ? known + 1 : end);
  divisions_[0] = r.operands;
  return found;
}

// The instruction's result comes at `result`: what waits for it can be issued then.
void Core::finish(Slot& slot, Cycle result) {
  slot.result = result;
  part_done(slot, result);
  for (u32 link = slot.first_waiting; link != no_link;) {
    const u32 place = link / 8;
    const u8 index = static_cast<u8>(link / 4 % 2);
    Slot& waiting = window_.at(place);
    Part& part = waiting.part[index];
    const u32 source = link % 4;
    link = part.next[source];
    part.ready = later(part.ready, result - early_by(slot, waiting, source));
    if (--part.waits == 0) calendar_.put(later(part.ready, now_ + 1), {place, waiting.id, index});
  }
  slot.first_waiting = no_link;
}

// How long before a result is complete its consumer may be issued: what a fused multiply-add adds to
// its product is needed late, and another one can hand it over before it is rounded.
u64 Core::early_addend(const Slot& producer, const Slot& consumer) const {
  if (producer.record.op_class != OpClass::FpFma || consumer.record.op_class != OpClass::FpFma) return 0;
  const OpTiming& op = config_.op.of[static_cast<unsigned>(OpClass::FpFma)];
  return op.addend_latency == 0 ? 0 : op.latency - op.addend_latency;
}

void Core::part_done(Slot& slot, Cycle at) {
  const Cycle before = slot.complete == never_cycle ? Cycle{} : slot.complete;
  slot.complete = later(before, at + config_.rob.commit_cycles);
  --slot.unknown;
}

}  // namespace orrery::ooo
