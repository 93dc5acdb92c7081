// A CPU model that is execution-driven, functional first: each instruction is executed (cpu/exec)
// when it enters a core, and the core decides when everything happens. hart.time is the time of the
// core's next event, and exact where an instruction can see it: what reads time, touches a device or
// changes how instructions are fetched or translated enters an empty core.
//
// Core (models/inorder/pipeline.h, models/outoforder/core.h) has: Config, type_name, a constructor
// from (parent, name, hart, config, clock, hierarchy, side, events), advance(), entering(), enter(),
// redirect(), set_space(), set_listener(), flush_tlbs(), flush_instructions(), train(), drain(), start(),
// resume(), count_cycles(), now() and next_pc(), as Pipeline's contract says.
//
// Limits: memory order is the order of entry.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "base/event_queue.h"
#include "models/cpu_model.h"
#include "models/timing/cycles.h"
#include "models/timing/hart_side.h"
#include "models/warm/warm_sink.h"

namespace orrery {

template <class Core>
class TimingModel final : public CpuModel, private WarmSink {
 public:
  using Config = typename Core::Config;

  TimingModel(const Config& config, const ModelContext& context)
      : CpuModel(&context.parent, Core::type_name),
        events_(context.events),
        stepper_(context.memory, context.harts) {
    for (Hart* hart : context.harts)
      seats_.push_back(std::make_unique<Seat>(this, *hart, config, context.hierarchy));
  }

  StopReason run(Hart& hart, Horizon& horizon) override;
  void drain() override;
  void start() override;
  void count_cycles() override;
  void forget(PhysAddr begin, u64 size) override { stepper_.forget(begin, size); }
  bool is_timing() const override { return true; }
  const char* type() const override { return Core::type_name; }
  WarmSink* warm_sink() override { return this; }

  void set_pipeline_listener(PipelineListener* listener) override {
    for (auto& seat : seats_) seat->core.set_listener(listener);
  }

  bool is_timing_state() const override { return true; }
  void after_restore() override {
    start();
    stepper_.forget(PhysAddr{}, 0);
  }

 private:
  // A bound on the cycles of one instruction, for counters that are about to overflow.
  static constexpr u64 many_cycles = 256;

  // A hart, its core, and what the core asks of it.
  struct Seat {
    Seat(Component* parent, Hart& h, const Config& config, Hierarchy& hierarchy)
        : hart(h), side(h), core(parent, h.name(), h.id, config, h.clock, hierarchy, side, h.model_events) {}
    Hart& hart;
    HartSide side;
    Core core;
  };

  void train(HartId hart, std::span<const WarmBranch> branches) override { seats_[hart]->core.train(branches); }
  void begin(Seat& seat);
  [[gnu::always_inline]] inline void enter(const Hart& hart, Core& core, const Preview& ahead);

  EventQueue& events_;
  Stepper stepper_;
  Executed executed_;
  std::vector<std::unique_ptr<Seat>> seats_;  // by hart
};

// At the cycle in which the hart stands, as Hart::cycle_counter() has it; it goes on at the next edge.
template <class Core>
void TimingModel<Core>::start() {
  for (auto& seat : seats_) seat->core.start(seat->hart.clock.cycle(seat->hart.time), seat->hart.pc);
}

// The hart may stand elsewhere than the core left it: after sleeping, when a debugger moved it, or
// between two edges, where it idles up to the next one.
template <class Core>
void TimingModel<Core>::begin(Seat& seat) {
  Hart& hart = seat.hart;
  Core& core = seat.core;
  const Cycle time = cycle_from(hart.time, hart.clock.period());
  if (time > core.now() || hart.pc != core.next_pc()) {
    core.drain();
    core.resume(std::max(time, core.now()), hart.pc);
  }
  hart.time = hart.clock.tick(core.now());
}

template <class Core>
StopReason TimingModel<Core>::run(Hart& hart, Horizon& horizon) {
  Seat& seat = *seats_[hart.id];
  Core& core = seat.core;
  hart.device_tick = horizon.device_tick;
  begin(seat);
  if (seats_.size() > 1) core.expect_turn();
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
      limit = cycle_from(until, hart.clock.period());
      core.set_space(space_of(hart));
      const u64 steps_left = std::min(last_step - hart.steps,
                                      steps_to_overflow(hart, many_cycles * hart.clock.period()));
      look_step = hart.steps + std::max<u64>(steps_left, 1);
    }

    const BlockOp* const op = stepper_.next_op(hart);
    const Preview ahead = op ? preview(hart, op->op) : Preview{};
    const bool may_enter = core.advance(limit, ahead.alone ? Core::Entry::Empty : Core::Entry::Normal);
    hart.time = hart.clock.tick(core.now());
    if (!may_enter) return StopReason::Horizon;
    if (hart.model_events.due()) [[unlikely]] {  // counted by what has happened so far
      look_step = 0;
      continue;
    }
    stepper_.step(hart, op, executed_, ahead.physical);
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
    enter(hart, core, ahead);
    if (horizon.stop) look_step = 0;
  }
}

template <class Core>
inline void TimingModel<Core>::enter(const Hart& hart, Core& core, const Preview& ahead) {
  describe(hart, executed_, ahead, core.entering());
  core.enter();
  if (!ahead.restarts || executed_.result == Executed::Result::Trap) return;
  if (executed_.op.row == RowId::fence_i) core.flush_instructions();
  if (executed_.op.row == RowId::sfence_vma || executed_.op.row == RowId::sinval_vma) core.flush_tlbs();
}

template <class Core>
void TimingModel<Core>::count_cycles() {
  for (auto& seat : seats_) seat->core.count_cycles(seat->hart.clock.cycle(seat->hart.time));
}

template <class Core>
void TimingModel<Core>::drain() {
  for (auto& seat : seats_) {
    seat->core.drain();
    seat->hart.time = std::max(seat->hart.time, seat->hart.clock.tick(seat->core.now()));
  }
}

}  // namespace orrery
