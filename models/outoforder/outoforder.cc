#include "models/outoforder/outoforder.h"

#include <algorithm>

#include "base/event_queue.h"
#include "cpu/exec/speculative.h"
#include "models/timing/describe.h"

namespace orrery {
namespace {

const bool registered = CpuModels::add<OutOfOrder>("outoforder", "a superscalar out-of-order core");

// A bound on the cycles of one instruction, for counters that are about to overflow.
constexpr u64 many_cycles = 256;

}  // namespace

// A hart, its core, and what the core asks of it.
struct OutOfOrder::Seat final : FunctionalSide {
  Seat(Component* parent, Hart& h, const Config& config, Hierarchy& hierarchy)
      : hart(h), core(parent, h.name(), h.id, config, h.clock, hierarchy, *this), speculator(h) {}

  WalkSteps walk(u64 address, bool fetch) override {
    const Mmu::Probe found = hart.mmu.probe(address, fetch ? AccessKind::Fetch : AccessKind::Load);
    return {found.entries, found.count, found.level};
  }
  std::optional<PhysAddr> fetch_address(u64 address) override {
    const auto physical = hart.mmu.probe(address, AccessKind::Fetch).physical;
    return physical && hart.memory.ram_at(*physical, 1) ? physical : std::nullopt;
  }
  void begin_wrong_path(u64 pc) override { speculator.begin(pc); }
  bool step_wrong_path(Record& record) override {
    if (!speculator.step(speculated)) return false;
    describe(speculated, {}, record);
    return true;
  }
  void turn_wrong_path(u64 pc) override { speculator.turn(pc); }

  Cycle cycle(Tick at) const {
    const u64 period = hart.clock.period();
    return at.value() > never.value() - period ? ooo::never_cycle
                                               : Cycle{(at.value() + period - 1) / period};
  }

  Hart& hart;
  ooo::Core core;
  Speculator speculator;
  Executed speculated;
  bool started = false;
};

OutOfOrder::OutOfOrder(const Config& config, const ModelContext& context)
    : CpuModel(&context.parent, "outoforder"),
      events_(context.events),
      stepper_(context.memory, context.harts) {
  for (Hart* hart : context.harts)
    seats_.push_back(std::make_unique<Seat>(this, *hart, config, context.hierarchy));
}

OutOfOrder::~OutOfOrder() = default;

void OutOfOrder::after_restore() {
  for (auto& seat : seats_) seat->started = false;
  stepper_.forget(PhysAddr{}, 0);
}

// The hart may stand elsewhere than the core left it: at the begin, after a restore, after sleeping,
// when a debugger moved it.
void OutOfOrder::begin(Seat& seat) {
  Hart& hart = seat.hart;
  const Cycle time = seat.cycle(hart.time);
  if (!seat.started) {
    seat.core.start(time, hart.pc);
    seat.started = true;
  } else if (time > seat.core.now() || hart.pc != seat.core.next_pc()) {
    seat.core.drain();
    seat.core.resume(std::max(time, seat.core.now()), hart.pc);
  }
  hart.time = hart.clock.tick(seat.core.now());
}

StopReason OutOfOrder::run(Hart& hart, Horizon& horizon) {
  Seat& seat = *seats_[hart.id];
  ooo::Core& core = seat.core;
  hart.device_tick = horizon.device_tick;
  begin(seat);
  const u64 last_step = horizon.steps > ~u64{0} - hart.steps ? ~u64{0} : hart.steps + horizon.steps;
  Cycle limit;
  u64 look_step = 0;  // whatever may have changed is looked at when hart.steps gets there

  for (;;) {
    if (hart.steps >= look_step) {
      check_counter_overflow(hart);
      if (hart.waiting) {
        if (!hart.wakes()) {
          core.drain();
          hart.time = hart.clock.tick(core.now());
          return StopReason::Waiting;
        }
        hart.waiting = false;
      }
      const Tick until = std::min(horizon.tick, events_.next());
      if (horizon.stop || hart.time >= until) return StopReason::Horizon;
      if (const auto cause = hart.pending_interrupt()) {
        hart.take_interrupt(*cause);
        core.redirect(hart.pc);
      }
      if (hart.steps >= last_step) return StopReason::Horizon;
      limit = seat.cycle(until);
      core.set_space(space_of(hart));
      const u64 steps_left = std::min(last_step - hart.steps,
                                      steps_to_overflow(hart, many_cycles * hart.clock.period()));
      look_step = hart.steps + std::max<u64>(steps_left, 1);
    }

    const Preview ahead = preview(hart, stepper_.next_op(hart));
    const bool may_enter =
        core.advance(limit, ahead.alone ? ooo::Core::Entry::Empty : ooo::Core::Entry::Normal);
    hart.time = hart.clock.tick(core.now());
    if (!may_enter) return StopReason::Horizon;
    stepper_.step(hart, executed_, ahead.physical);
    switch (executed_.result) {
      case Executed::Result::Wait:
        return StopReason::Device;
      case Executed::Result::Fetch:
        core.redirect(hart.pc);
        look_step = 0;
        continue;
      case Executed::Result::Trap:
      case Executed::Result::Look:
        look_step = 0;
        break;
      case Executed::Result::Done:
        break;
    }
    if (seats_.size() > 1) end_reservations(hart, executed_);
    Record& record = core.entering();
    describe(executed_, ahead, record);
    core.enter();
    if (ahead.restarts && executed_.result != Executed::Result::Trap) {
      if (executed_.op.row == RowId::fence_i) core.flush_instructions();
      if (executed_.op.row == RowId::sfence_vma || executed_.op.row == RowId::sinval_vma)
        core.flush_tlbs();
    }
    if (horizon.stop) look_step = 0;
  }
}

void OutOfOrder::drain() {
  for (auto& seat : seats_) {
    if (!seat->started) continue;
    seat->core.drain();
    seat->hart.time = std::max(seat->hart.time, seat->hart.clock.tick(seat->core.now()));
  }
}

}  // namespace orrery
