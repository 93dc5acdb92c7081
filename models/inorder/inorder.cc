#include "models/inorder/inorder.h"

#include <algorithm>

#include "base/event_queue.h"
#include "cpu/exec/speculative.h"
#include "models/timing/describe.h"

namespace orrery {
namespace {

const bool registered = CpuModels::add<InOrder>("inorder", "a scalar or dual-issue in-order pipeline");

// A bound on the cycles of one instruction, for counters that are about to overflow.
constexpr u64 many_cycles = 256;

}  // namespace

struct InOrder::Core final : FunctionalSide {
  Core(Component* parent, Hart& h, const InOrderConfig& config, Hierarchy& hierarchy)
      : hart(h), speculator(h), pipeline(parent, h.name(), h.id, config, h.clock, hierarchy, *this, h.model_events) {}

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
    if (!speculator.step(wrong)) return false;
    describe(wrong, {}, record);
    return true;
  }
  void turn_wrong_path(u64 pc) override { speculator.turn(pc); }

  Cycle cycle(Tick at) const {
    const u64 period = hart.clock.period();
    return at.value() > never.value() - period ? never_cycle : Cycle{(at.value() + period - 1) / period};
  }

  Hart& hart;
  Speculator speculator;
  Executed wrong;  // what it did last
  Pipeline pipeline;
  bool started = false;
};

InOrder::InOrder(const Config& config, const ModelContext& context)
    : CpuModel(&context.parent, "inorder"),
      events_(context.events),
      stepper_(context.memory, context.harts) {
  for (Hart* hart : context.harts)
    cores_.push_back(std::make_unique<Core>(this, *hart, config, context.hierarchy));
}

InOrder::~InOrder() = default;

void InOrder::after_restore() {
  for (auto& core : cores_) core->started = false;
  stepper_.forget(PhysAddr{}, 0);
}

// The hart may stand elsewhere than the pipeline left it: at the begin, after a restore, after
// sleeping, when a debugger moved it.
void InOrder::begin(Core& core) {
  Hart& hart = core.hart;
  const Cycle time = core.cycle(hart.time);
  if (!core.started) {
    core.pipeline.start(time, hart.pc);
    core.started = true;
  } else if (time > core.pipeline.now() || hart.pc != core.pipeline.next_pc()) {
    core.pipeline.drain();
    core.pipeline.resume(std::max(time, core.pipeline.now()), hart.pc);
  }
  hart.time = hart.clock.tick(core.pipeline.now());
}

StopReason InOrder::run(Hart& hart, Horizon& horizon) {
  Core& core = *cores_[hart.id];
  Pipeline& pipeline = core.pipeline;
  hart.device_tick = horizon.device_tick;
  begin(core);
  const u64 last_step = horizon.steps > ~u64{0} - hart.steps ? ~u64{0} : hart.steps + horizon.steps;
  Cycle limit;
  u64 look_step = 0;  // whatever may have changed is looked at when hart.steps gets there

  for (;;) {
    if (hart.steps >= look_step) {
      check_counter_overflow(hart);
      if (hart.waiting) {
        if (!hart.wakes()) {
          pipeline.drain();
          hart.time = hart.clock.tick(pipeline.now());
          return StopReason::Waiting;
        }
        hart.waiting = false;
      }
      const Tick until = std::min(horizon.tick, events_.next());
      if (horizon.stop || hart.time >= until) return StopReason::Horizon;
      if (const auto cause = hart.pending_interrupt()) {
        hart.take_interrupt(*cause);
        pipeline.redirect(hart.pc);
      }
      if (hart.steps >= last_step) return StopReason::Horizon;
      limit = core.cycle(until);
      pipeline.set_space(space_of(hart));
      const u64 steps_left = std::min(last_step - hart.steps,
                                      steps_to_overflow(hart, many_cycles * hart.clock.period()));
      look_step = hart.steps + std::max<u64>(steps_left, 1);
    }

    const Preview ahead = preview(hart, stepper_.next_op(hart));
    const bool may_enter =
        pipeline.advance(limit, ahead.alone ? Pipeline::Entry::Empty : Pipeline::Entry::Normal);
    hart.time = hart.clock.tick(pipeline.now());
    if (!may_enter) return StopReason::Horizon;
    if (hart.model_events.due()) [[unlikely]] {  // counted by what has entered or issued so far
      look_step = 0;
      continue;
    }
    stepper_.step(hart, executed_, ahead.physical);
    switch (executed_.result) {
      case Executed::Result::Wait:
        return StopReason::Device;
      case Executed::Result::Fetch:
        pipeline.redirect(hart.pc);
        look_step = 0;
        continue;
      case Executed::Result::Trap:
      case Executed::Result::Look:
        look_step = 0;
        break;
      case Executed::Result::Done:
        break;
    }
    if (cores_.size() > 1) end_reservations(hart, executed_);
    enter(core, ahead);
    if (horizon.stop) look_step = 0;
  }
}

void InOrder::enter(Core& core, const Preview& ahead) {
  Record& record = core.pipeline.entering();
  describe(executed_, ahead, record);
  const bool trapped = record.trapped;
  core.pipeline.enter();
  if (!ahead.restarts || trapped) return;
  if (executed_.op.row == RowId::fence_i) core.pipeline.flush_instructions();
  if (executed_.op.row == RowId::sfence_vma || executed_.op.row == RowId::sinval_vma)
    core.pipeline.flush_tlbs();
}

void InOrder::drain() {
  for (auto& core : cores_) {
    if (!core->started) continue;
    core->pipeline.drain();
    core->hart.time = std::max(core->hart.time, core->hart.clock.tick(core->pipeline.now()));
  }
}

}  // namespace orrery
