#include "models/machine.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/archive.h"
#include "base/json.h"
#include "models/boot/machine_tree.h"
#include "models/direct/listing.h"
#include "models/htif.h"
#include "models/warm/warmer.h"

namespace orrery {
namespace {

constexpr PhysAddr ram_base{0x8000'0000};
constexpr u32 most_harts = 64;
constexpr PhysAddr never_there{~u64{0}};

}  // namespace

void MachineConfig::visit(Params& p) {
  p("harts", harts, "harts", "number of harts").fixed_at_restore();
  p.require(harts >= 1 && harts <= most_harts, "harts", "must be 1..64");
  p("memory", memory, "size of RAM, which begins at 0x80000000").fixed_at_restore();
  p.require(memory.value >= u64{1} << 20 && memory.value % page_size == 0 &&
                memory.value <= u64{1} << 44,
            "memory", "must be whole 4KiB pages, 1MiB..16TiB");
  p.clock("clock", clock, "clock of the harts");
  p("timebase", timebase, "what the time counter counts").fixed_at_restore();
  p.require(timebase.hertz <= 1'000'000'000, "timebase", "must be 1Hz..1GHz");
  p("cpu", cpu, "the CPU model that runs first");
  const auto known = CpuModels::names();
  p.require(std::find(known.begin(), known.end(), cpu) != known.end(), "cpu",
            fmt::format("must be one of: {}", fmt::join(known, " ")));
  p("warm", warm,
    "the timing model whose caches, TLBs and predictors are kept warm while a fast model runs; empty: none");
  p.require(warm.empty() || std::find(known.begin(), known.end(), warm) != known.end(), "warm",
            fmt::format("must be empty or a timing model of: {}", fmt::join(known, " ")));
  p("quantum", quantum, "fast models: length of a hart's turn");
  p.require(quantum.ticks / clock.period_ticks() >= 64, "quantum",
            "must hold at least 64 cycles of the clock");
  p("interleave", interleave, "cycles",
    "timing models: length of a hart's turn; 1 follows simulated time most closely, more is faster with many harts");
  p.require(interleave >= 1 && interleave <= 512, "interleave", "must be 1..512");
  p("seed", seed, "seed", "of everything random, the guest's rng-seed included");
  p.child("hart", hart, "architecture of the harts");
  hierarchy.visit(p, harts);
  p.child("board", board, "devices");
  p.child("boot", boot, "what is loaded at power-on");
  // Without these modes it would stop at its first CSR, and nobody would know why.
  if (!boot.firmware.empty() && !(hart.has(Extension::S) && hart.has(Extension::U)))
    config_error("{}.hart.isa: the firmware needs harts with S and U mode (rv64gcsu...), found \"{}\"",
                 p.path(), hart.isa);
  models.visit(p);
}

MachineConfig read_machine(const Json& description, Json* resolved,
                           std::vector<std::string>* fixed) {
  MachineConfig config;
  Params p(description, "");
  p.child("machine", config, "the machine");
  p.finish();
  if (resolved) *resolved = p.resolved();
  if (fixed) *fixed = p.fixed();
  return config;
}

Machine::Machine(const MachineConfig& config)
    : Component(nullptr, "machine"), config_(config), blocked_(config.harts) {
  events_ = std::make_unique<EventQueue>(this, "events");
  ram_ = std::make_unique<Ram>(this, "ram", ram_base, config.memory.value);
  memory_.add_ram(*ram_);
  const HartClocks clocks{Clock(config.clock), Timebase(config.timebase)};
  std::vector<Component*> hart_components;
  std::vector<WireSink*> hart_inputs;
  for (HartId id = 0; id < config.harts; ++id) {
    harts_.push_back(std::make_unique<Hart>(this, fmt::format("hart{}", id), id, config.hart, clocks,
                                            memory_, *events_, *this));
    hart_components.push_back(harts_.back().get());
    hart_inputs.push_back(harts_.back().get());
  }
  hierarchy_ = std::make_unique<Hierarchy>(*this, hart_components, config.hierarchy, clocks.core,
                                            ram_base, config.memory.value);
  board_ = std::make_unique<Board>(
      this, "board", config.board,
      BoardContext{memory_, *events_, hart_inputs, config.timebase, *this});
  ram_->watch(*this);
  turn_end_ = config.harts == 1 ? never : Tick{config.quantum.ticks};
  if (!config.warm.empty()) {
    warmed_ = create_model(config.warm);
    if (!warmed_->is_timing())
      config_error("machine.warm: \"{}\" has no timing state to keep warm; give a timing model", config.warm);
    warmer_ = std::make_unique<Warmer>(harts(), *hierarchy_, *ram_, warmed_->warm_sink());
  }
  use_model(config.cpu);
}

Machine::~Machine() { ram_->unwatch(*this); }

DeviceTree Machine::device_tree(const ChosenFacts& chosen) const {
  const MachineFacts facts{config_.harts, ram_base, config_.memory.value, config_.timebase,
                           config_.seed, NumaMap{config_.hierarchy.numa.nodes, ram_base,
                                                 config_.memory.value, config_.harts}};
  return make_machine_tree(facts, config_.hart, chosen,
                           [this](DeviceTree& tree, DeviceTree::Node& soc,
                                  std::span<const u32> harts) {
                             return board_->describe(tree, soc, harts);
                           });
}

void Machine::boot() {
  ram_->clear();
  board_->reset();
  off_ = false;
  const auto build_tree = [this](const ChosenFacts& chosen) {
    return device_tree(chosen).serialise();
  };
  const u64 instruction_alignment = config_.hart.has(Extension::C) ? 2 : 4;
  images_ = load_images(config_.boot, memory_, *ram_, build_tree, instruction_alignment);
  if (!images_.rom.empty()) board_->rom().program(images_.rom);
  for (auto& hart : harts_) hart->reset(images_.entry, hart->id, images_.device_tree.value(), 0);
  watch_tohost();
}

void Machine::use_model(const std::string& type) {
  const auto known = CpuModels::names();
  if (std::find(known.begin(), known.end(), type) == known.end())
    config_error("machine.cpu: unknown \"{}\"; known: {}", type, fmt::join(known, " "));
  drain();
  if (model_ && listener_) listener_->cleared();
  if (model_) model_->set_pipeline_listener(nullptr);
  if (model_ && model_->type() == config_.warm) warmed_ = std::move(model_);
  model_.reset();
  model_ = warmed_ && type == config_.warm ? std::move(warmed_) : create_model(type);
  model_->start();
  model_->set_listener(listener_);
  model_->set_pipeline_listener(pipeline_listener_);
  hierarchy_->set_warming(!model_->is_timing());
}

std::unique_ptr<CpuModel> Machine::create_model(const std::string& type) {
  return config_.models.create(
      type, ModelContext{*this, memory_, *events_, *hierarchy_, *this, harts(), warmer_.get()});
}

void Machine::set_listener(TranslationListener* listener) {
  listener_ = listener;
  model_->set_listener(listener);
}

void Machine::set_pipeline_listener(PipelineListener* listener) {
  pipeline_listener_ = listener;
  model_->set_pipeline_listener(listener);
}

void Machine::drain() {
  if (model_) model_->drain();
  if (warmer_) warmer_->settle();
}

std::vector<Hart*> Machine::harts() {
  std::vector<Hart*> result;
  for (auto& hart : harts_) result.push_back(hart.get());
  return result;
}

Tick Machine::now() const {
  Tick earliest = never;
  for (const auto& hart : harts_) earliest = std::min(earliest, hart->time);
  return earliest;
}

u64 Machine::steps() const {
  u64 total = 0;
  for (const auto& hart : harts_) total += hart->steps;
  return total;
}

// --- taking turns ---------------------------------------------------------------------------------

Tick Machine::earliest_other(const Hart& hart) const {
  Tick earliest = never;
  for (const auto& other : harts_)
    if (other.get() != &hart && !other->waiting) earliest = std::min(earliest, other->time);
  return earliest;
}

// One hart after the other, each to the end of the segment. A hart that is about to access a device
// waits until all others have come as far.
Hart* Machine::in_turn(Tick segment_end) {
  for (std::size_t n = 0, i = turn_; n < harts_.size(); ++n, i = i + 1 == harts_.size() ? 0 : i + 1) {
    Hart& hart = *harts_[i];
    if (hart.time < segment_end && !blocked_[i] && !hart.waiting) return &hart;
  }
  Hart* first = nullptr;
  for (auto& hart : harts_)
    if (blocked_[hart->id] && (!first || hart->time < first->time)) first = hart.get();
  return first;
}

Hart* Machine::choose(Tick segment_end, Horizon& horizon) {
  Hart* hart = in_turn(segment_end);
  if (!hart) return nullptr;
  turn_ = hart->id;
  blocked_[hart->id] = false;
  horizon.tick = segment_end;
  horizon.device_tick = earliest_other(*hart);
  return hart;
}

// An interrupt ends wfi at the time at which it was raised, which the raiser has reached.
void Machine::wake_harts() {
  for (auto& hart : harts_) {
    if (!hart->waiting || !hart->wakes()) continue;
    hart->waiting = false;
    hart->time = std::max(hart->time, harts_[last_run_]->time);
  }
}

// Timing models have a grid of their own, which only matters while several harts are awake: the
// others are woken by an event, or by the one that runs.
Tick Machine::end_of_turns() const {
  if (!model_->is_timing()) return turn_end_;
  const auto awake = std::count_if(harts_.begin(), harts_.end(), [](const auto& hart) { return !hart->waiting; });
  if (awake <= 1) return never;
  const u64 turn = config_.interleave * config_.clock.period_ticks();
  return Tick{(earliest_awake().value() / turn + 1) * turn};
}

Tick Machine::earliest_awake() const {
  Tick earliest = never;
  for (const auto& hart : harts_)
    if (!hart->waiting) earliest = std::min(earliest, hart->time);
  return earliest;
}

void Machine::run_hart(Hart& hart, Horizon& horizon) {
  // Fast models do not tell of stores: this one may store to what others have reserved, and if
  // another hart has run, that one to what this has (cpu/arch/hart.h).
  if (!model_->is_timing())
    for (auto& each : harts_)
      if (each.get() != &hart || last_run_ != hart.id) each->reservation_bytes = 0;
  last_run_ = hart.id;
  const u64 before = hart.steps;
  horizon_ = &horizon;
  if (trace_) {
    horizon.steps = 0;
    model_->run(hart, horizon);
    if (!hart.waiting) trace_(hart);
    horizon.steps = 1;
  }
  const StopReason reason = model_->run(hart, horizon);
  horizon_ = nullptr;
  if (reason == StopReason::Device) blocked_[hart.id] = true;
  if (run_hook_ && hart.steps != before) run_hook_(hart, hart.steps - before);
}

void Machine::end_segment(Tick segment_end) {
  for (auto& hart : harts_)
    if (hart->waiting) hart->time = std::max(hart->time, segment_end);
  events_->run_until(segment_end);
  // The quanta's grid, which a fast model that follows a timing one finds again by itself.
  if (model_->is_timing() || segment_end < turn_end_) return;
  const u64 quantum = config_.quantum.ticks;
  turn_end_ = Tick{(segment_end.value() / quantum + 1) * quantum};
  turn_ = 0;
}

std::optional<Tick> Machine::sleep(Tick limit) {
  const Tick wake = std::min(events_->next(), limit);
  if (wake == never && !input_possible_) return std::nullopt;
  const Tick begin = now();
  const Tick reached = idle_ ? std::clamp(idle_(wake), begin, wake) : wake;
  // Nobody to wait with, and only input to wait for: time stands still and the caller asks again.
  return reached == never ? begin : reached;
}

// A sleeping hart's time moves in jumps, which depend on where segments end. To whoever looks at a
// machine that has stopped it stands where the earliest of the others stands: it could not have
// been woken before.
void Machine::bring_sleepers_forward() {
  Tick awake = never;
  for (const auto& hart : harts_)
    if (!hart->waiting) awake = std::min(awake, hart->time);
  if (awake != never) {
    const Tick reached = std::min(awake, events_->next());
    for (auto& hart : harts_)
      if (hart->waiting) hart->time = std::max(hart->time, reached);
  }
  model_->count_cycles();
}

Stop Machine::run(const RunLimit& limit) {
  if (off_) return {Stop::Why::Poweroff, 0, "it is off"};
  Stop stop = run_until_stop(limit);
  bring_sleepers_forward();
  return stop;
}

Stop Machine::run_until_stop(const RunLimit& limit) {
  stop_.reset();
  u64 steps_left = limit.steps;
  u64 since_poll = 0;
  for (;;) {
    if (tohost_written_) serve_tohost();
    if (stop_) return *std::exchange(stop_, std::nullopt);
    if (steps_left == 0) return {Stop::Why::Steps, 0, ""};
    if (look_at_.steps == 0) look();
    wake_harts();
    const bool asleep = std::all_of(harts_.begin(), harts_.end(), [](const auto& hart) { return hart->waiting; });
    const Tick turns_end = end_of_turns();
    Tick segment_end = std::min({turns_end, events_->next(), limit.time});
    // Another segment would be another order of turns, unless nobody takes one any more.
    if (turns_end == never || (model_->is_timing() && earliest_awake() >= look_at_.time))
      segment_end = std::min(segment_end, look_at_.time);
    if (asleep) {
      if (poll_) poll_();
      since_poll = 0;
      if (std::any_of(harts_.begin(), harts_.end(), [](const auto& hart) { return hart->wakes(); }))
        continue;  // input came
      const auto wake = sleep(limit.time);
      if (!wake) return {Stop::Why::Deadlock, 1, "every hart waits and nothing is to come"};
      segment_end = *wake;
      while (look_at_.time < segment_end) {  // nothing happens before
        end_segment(look_at_.time);
        look();
      }
    } else {
      Horizon horizon;
      horizon.steps = std::min(steps_left, look_at_.steps);
      if (since_poll + horizon.steps > poll_steps) horizon.steps = std::min(horizon.steps, poll_steps);
      if (Hart* hart = choose(segment_end, horizon)) {
        const u64 before = hart->steps;
        run_hart(*hart, horizon);
        const u64 executed = hart->steps - before;
        steps_left -= std::min(steps_left, executed);
        look_at_.steps -= std::min(look_at_.steps, executed);
        since_poll += executed;
        if (since_poll >= poll_steps) {
          since_poll = 0;
          if (poll_) poll_();
        }
        continue;
      }
    }
    end_segment(segment_end);
    if (segment_end >= limit.time) return {Stop::Why::Time, 0, ""};
    if (segment_end >= look_at_.time) look();
  }
}

void Machine::look() {
  look_at_ = {};
  bring_sleepers_forward();
  if (look_) std::exchange(look_, {})();
}

void Machine::request_stop(Stop stop) {
  if (!stop_) stop_ = std::move(stop);
  if (horizon_) horizon_->stop = true;
}

// --- what the guest asks for ----------------------------------------------------------------------

void Machine::marker(Hart& hart, u32 number) {
  if (marker_hook_) marker_hook_(hart, number);
}

void Machine::store_performed(Hart& hart, PhysAddr address, u64 bytes) {
  for (auto& other : harts_) {
    if (other.get() == &hart || other->reservation_bytes == 0) continue;
    if (address < other->reservation + other->reservation_bytes && other->reservation < address + bytes)
      other->reservation_bytes = 0;
  }
}

// Whoever raised the interrupt has run up to now, and stops here: the sleeper goes on at this time,
// wherever a limit would have cut the run.
void Machine::woken(Hart&) {
  if (horizon_) horizon_->stop = true;
}

void Machine::power_off(u32 exit_code) {
  off_ = true;
  request_stop({Stop::Why::Poweroff, exit_code, "power off"});
}

void Machine::reboot() {
  off_ = true;
  request_stop({Stop::Why::Reboot, 0, "reboot"});
}

void Machine::watch_tohost() {
  if (images_.tohost && ram_->contains(*images_.tohost, 8)) ram_->mark(*images_.tohost, MarkWatch);
}

void Machine::before_write(PhysAddr address, u64 size, u8 marks) {
  if (!(marks & MarkWatch) || !images_.tohost) return;
  if (address < *images_.tohost + 8 && *images_.tohost < address + size) {
    tohost_written_ = true;  // looked at when the store is done
    if (horizon_) horizon_->stop = true;
  }
}

void Machine::serve_tohost() {
  const auto exit_code = serve_htif(memory_, *images_.tohost, images_.fromhost, console_);
  tohost_written_ = false;  // by the host's own answer
  if (exit_code) power_off(*exit_code);
}

void Machine::set_console(CharSink* console) {
  console_ = console;
  if (board_->has_uart()) board_->uart().set_sink(console);
}

void Machine::state(Archive& a) {
  a.version(2);
  if (a.has_version(2)) a("off", off_);
  // What boot() found in the images, for a machine that is restored instead.
  const auto place = [&a](const char* name, std::optional<PhysAddr>& address) {
    PhysAddr value = address.value_or(never_there);
    a(name, value);
    if (a.is_loading()) address = value == never_there ? std::nullopt : std::optional(value);
  };
  place("tohost", images_.tohost);
  place("fromhost", images_.fromhost);
  place("begin_signature", images_.begin_signature);
  place("end_signature", images_.end_signature);
  a("turn_end", turn_end_);
  a("turn", turn_);
  a("last_run", last_run_);
  a("blocked", std::span(blocked_));
  if (!a.is_loading()) return;
  if (turn_ >= harts_.size() || last_run_ >= harts_.size())
    config_error("checkpoint: machine.turn: there are {} harts", harts_.size());
  if (harts_.size() == 1) turn_end_ = never;
}

void Machine::after_restore() { watch_tohost(); }

}  // namespace orrery
