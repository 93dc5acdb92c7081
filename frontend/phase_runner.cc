#include "frontend/phase_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/error.h"
#include "frontend/guest_markers.h"
#include "frontend/output.h"
#include "frontend/report_table.h"
#include "frontend/signals.h"

namespace orrery {

int Outcome::exit_status() const {
  switch (how) {
    case How::AsAsked:
    case How::Quit: return 0;
    case How::GuestFailed:
    case How::Ended: return 1;
    case How::Interrupted: return 128 + signal;
  }
  return 1;
}

PhaseRunner::PhaseRunner(Machine& machine, Console& console, RunSettings settings)
    : machine_(machine),
      console_(console),
      settings_(std::move(settings)),
      meter_(machine),
      phase_meter_(machine),
      run_meter_(machine),
      progress_(settings_.progress),
      pace_(console, settings_.pace_host) {
  machine_.set_poll([this] { poll(); });
  machine_.set_idle([this](Tick wake) { return idle(wake); });
  machine_.set_marker_hook([this](Hart&, u32 number) { marker(number); });
  console_.watch_lines([this](std::string_view line) { console_line(line); });
  machine_.set_console(&console_);
  // A bare-metal program may poll for input at any time; what stands on firmware has a driver, and
  // clears the line's FIFOs until it is up.
  console_.hold_input(!machine_.config().boot.firmware.empty());
}

PhaseRunner::~PhaseRunner() {
  machine_.set_poll({});
  machine_.set_idle({});
  machine_.set_marker_hook({});
  series_.reset();
  console_.watch_lines({});
  machine_.set_console(nullptr);
}

Outcome PhaseRunner::run(const std::vector<Phase>& phases) {
  Outcome outcome;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (over_) {
      outcome = {Outcome::How::Ended,
                 fmt::format("{} in phase {} of {}", outcome.what, i, phases.size())};
      break;
    }
    begin(phases[i], i == 0);
    outcome = run_phase(phases[i]);
    progress_.clear();
    console_.flush();
    finish(phases[i], outcome);
    if (outcome.how != Outcome::How::AsAsked) break;
  }
  if (outcome.dead)
    outcome.report = panic_.panicked() && !panic_report_.empty() ? panic_report_ : settings_.crash_report();
  if (outcome.how == Outcome::How::AsAsked && over_ && command_failed_)
    outcome = {Outcome::How::GuestFailed, "the guest's command failed"};
  if (!settings_.quiet)
    say("orrery: {} after {}, {:.1f} s of host time, {:.1f} MIPS\n", outcome.what,
               describe_progress(run_meter_.steps(), run_meter_.elapsed()),
               run_meter_.host_seconds(), run_meter_.mips());
  return outcome;
}

void PhaseRunner::begin(const Phase& phase, bool first) {
  phase_ = &phase;
  request_.reset();
  if (!phase.cpu.empty() && phase.cpu != machine_.model().type()) {
    meter_.model_leaves();
    machine_.use_model(phase.cpu);
  }
  phase_meter_.restart();
  if (first || phase.reset_stats) meter_.restart();
  if (!phase.stats_series.empty()) series_.emplace(machine_, phase);
  watch_console(phase);
  machine_.set_input_possible(console_.input_possible());
}

void PhaseRunner::watch_console(const Phase& phase) {
  std::vector<std::string> texts, written;
  for (const Condition& condition : phase.until) {
    if (condition.kind != Condition::Kind::Console) continue;
    texts.push_back(condition.text);
    written.push_back(condition.written);
  }
  console_.watch(texts, [this, written](std::size_t index) {
    request(Reason::Condition, written[index]);
  });
}

RunLimit PhaseRunner::limit(const Phase& phase) const {
  RunLimit result;
  const Tick begin = phase_meter_.begin();
  for (const Condition& condition : phase.until) {
    if (condition.kind == Condition::Kind::Instructions) {
      const u64 done = phase_meter_.steps();
      result.steps = std::min(result.steps, condition.number - std::min(done, condition.number));
    }
    if (condition.kind == Condition::Kind::Time)
      result.time = std::min(result.time, begin + std::min(condition.number, never - begin));
  }
  return result;
}

Outcome PhaseRunner::run_phase(const Phase& phase) {
  for (;;) {
    const Stop stop = machine_.run(limit(phase));
    if (stop.why == Stop::Why::Poweroff || stop.why == Stop::Why::Reboot) over_ = true;
    if (auto outcome = judge(phase, stop)) return *outcome;
    request_.reset();
  }
}

// Nothing: the phase goes on.
std::optional<Outcome> PhaseRunner::judge(const Phase& phase, const Stop& stop) {
  using How = Outcome::How;
  const auto limit_met = [&](Condition::Kind kind) {
    std::string written;
    u64 least = ~u64{0};
    for (const Condition& c : phase.until)
      if (c.kind == kind && c.number <= least) {
        least = c.number;
        written = c.written;
      }
    return Outcome{How::AsAsked, written};
  };
  if (request_) {
    auto outcome = judge_request(phase, *request_);
    if (outcome || !over_) return outcome;
  }
  if (auto outcome = judge_panic(stop)) return outcome;
  switch (stop.why) {
    case Stop::Why::Steps: return limit_met(Condition::Kind::Instructions);
    case Stop::Why::Time: return limit_met(Condition::Kind::Time);
    case Stop::Why::Requested: return Outcome{How::GuestFailed, stop.what, true};
    case Stop::Why::Deadlock:
      return Outcome{How::GuestFailed,
                     "the guest is stuck: every hart waits, no event is pending and no input can come",
                     true};
    case Stop::Why::Poweroff:
      if (stop.exit_code != 0)
        return Outcome{How::GuestFailed,
                       fmt::format("the guest ended with exit code {}", stop.exit_code), true};
      return judge_end(phase, "the guest powered off");
    case Stop::Why::Reboot: return judge_end(phase, "the guest asked for a reset");
  }
  return Outcome{How::GuestFailed, stop.what, true};
}

// A kernel that has died may still reset the machine, or spin until a limit is met. It never powers
// off: who does that is alive, whatever stood on the console before.
std::optional<Outcome> PhaseRunner::judge_panic(const Stop& stop) const {
  const bool counts = stop.why == Stop::Why::Reboot || stop.why == Stop::Why::Steps ||
                      stop.why == Stop::Why::Time;
  if (!counts || !panic_.panicked()) return std::nullopt;
  return Outcome{Outcome::How::GuestFailed, "the guest's kernel has panicked", true};
}

std::optional<Outcome> PhaseRunner::judge_request(const Phase& phase, const Request& request) {
  using How = Outcome::How;
  const char* const unsaved = phase.save.empty() ? "" : ", nothing was saved";
  switch (request.reason) {
    case Reason::Condition: return Outcome{How::AsAsked, request.what};
    case Reason::Panic:
    case Reason::TrapLoop: return Outcome{How::GuestFailed, request.what, true};
    case Reason::PanicBegins: panic_report_ = settings_.crash_report(); break;
    case Reason::Quit: return Outcome{How::Quit, request.what + unsaved};
    case Reason::Signal: return Outcome{How::Interrupted, request.what + unsaved, false, "", signal_received()};
    case Reason::Save: save_on_request(); break;
  }
  return std::nullopt;
}

// The machine is off. That ends a run without conditions, and one with limits only; what the guest
// was still to write or to reach will never come.
Outcome PhaseRunner::judge_end(const Phase& phase, const std::string& what) {
  using How = Outcome::How;
  if (phase.until.empty() || phase.awaits(Condition::Kind::Poweroff)) return {How::AsAsked, what};
  std::string awaited;
  for (const Condition& c : phase.until)
    if (!c.is_limit()) awaited += (awaited.empty() ? "" : " or ") + c.written;
  if (!awaited.empty()) return {How::Ended, what + " before " + awaited};
  if (!phase.save.empty())
    return {How::Ended, what + " before " + phase.until.front().written + ", nothing was saved"};
  return {How::AsAsked, what};
}

void PhaseRunner::finish(const Phase& phase, const Outcome& outcome) {
  if (phase.drain) machine_.drain();
  if (!phase.stats.empty()) write_statistics(phase, outcome);
  if (series_) series_->finish();
  series_.reset();
  if (outcome.how != Outcome::How::AsAsked) return;
  if (!phase.save.empty()) settings_.save(phase.save, phase.replace);
  if (!phase.type.empty()) console_.type(phase.type);
}

PhaseResult PhaseRunner::result(const Phase& phase, const std::string& ended_by) const {
  PhaseResult result;
  Json until = Json::array();
  for (const Condition& condition : phase.until) until.push_back(condition.written);
  result.phase = {{"cpu", machine_.model().type()}, {"until", until}, {"ended_by", ended_by}};
  result.statistics = meter_.statistics();
  result.schema = meter_.schema();
  result.description = settings_.description;
  result.host = meter_.host();
  return result;
}

void PhaseRunner::write_statistics(const Phase& phase, const Outcome& outcome) {
  const PhaseResult phase_result = result(phase, outcome.what);
  if (phase.stats != "-") {
    write_result(phase.stats, phase_result);
    return;
  }
  print(report_table({{machine_.model().type(), phase_result}}));
  std::fflush(stdout);
}

// Under the first name that is free.
void PhaseRunner::save_on_request() {
  std::string name;
  do {
    name = fmt::format("orrery-{}.checkpoint", ++saved_);
  } while (std::filesystem::exists(name));
  console_.flush();
  const std::string problem = settings_.try_save(name);
  say("\norrery: {}\n", problem.empty() ? "saved " + name : problem);
}

// --- what the world and the guest ask for ---------------------------------------------------------

void PhaseRunner::request(Reason reason, std::string what) {
  if (request_) return;
  request_ = Request{reason, what};
  Stop stop;
  stop.why = Stop::Why::Requested;
  stop.what = std::move(what);
  machine_.request_stop(std::move(stop));
}

void PhaseRunner::marker(u32 number) {
  panic_.alive();
  // Every program can execute them; the init does so last, before it powers off.
  if (number == marker_command_ok || number == marker_command_failed)
    command_failed_ = settings_.command && number == marker_command_failed;
  for (const Condition& condition : phase_->until)
    if (condition.kind == Condition::Kind::Marker && condition.number == number)
      return request(Reason::Condition, condition.written);
}

// What a kernel does after it has said that it panics leads into firmware, whose registers say little.
void PhaseRunner::console_line(std::string_view line) {
  const bool had_panicked = panic_.panicked();
  panic_.line(line, machine_.now());
  if (panic_.panicked() && !had_panicked) request(Reason::PanicBegins, "the guest's kernel panics");
}

// The serial driver has enabled the receive interrupt (IER bit 0).
bool PhaseRunner::guest_listens() {
  if (!machine_.board().has_uart()) return false;
  for (const RegisterView& view : machine_.board().uart().registers())
    if (view.name == "ier") return view.value & 1;
  return true;
}

void PhaseRunner::feed() {
  if (!machine_.board().has_uart()) return;
  Uart16550& uart = machine_.board().uart();
  console_.feed([&uart] { return uart.can_receive(); },
                [&](u8 byte) {
                  if (settings_.note_input) settings_.note_input(byte);
                  uart.receive(byte, machine_.now());
                });
}

void PhaseRunner::look_for_life() {
  if (const Hart* lost = trap_loop_.look(machine_.harts(), machine_.now()))
    request(Reason::TrapLoop, fmt::format("the guest is lost: hart {}'s trap handler traps itself, again and again", lost->id));
  if (!panic_.panicked()) return;
  for (const Hart* hart : machine_.harts())
    if (hart->privilege == Privilege::User) return panic_.alive();
  if (panic_.dead(machine_.now())) request(Reason::Panic, "the guest's kernel has panicked");
}

void PhaseRunner::poll() {
  if (settings_.polled) settings_.polled();
  look_for_life();
  if (console_.input_held() && guest_listens()) console_.hold_input(false);
  console_.poll();
  feed();
  machine_.set_input_possible(console_.input_possible());
  while (const auto command = console_.take_command()) obey(*command);
  if (const int signal = signal_received())
    request(Reason::Signal, fmt::format("ended by signal {}", signal));
  progress_.update(machine_, machine_.model().type());
}

Tick PhaseRunner::idle(Tick wake) {
  panic_.alive();  // a kernel that waits for something
  const Tick begin = machine_.now();
  if (end_transmission(begin)) return begin;
  if (says_end())
    wake = std::min(wake, Tick{(begin.value() / ticks_per_second + 1) * ticks_per_second});
  const Tick next = pace_.idle(begin, wake);
  poll();
  return next;
}

// A shell that waits for more input than there is learns so as it would on a terminal: by Ctrl-D,
// once a simulated second, since a guest may throw away what comes before it reads. It is typed to a
// machine that sleeps at a full second of its time, so that a resumed one is told no more and no less.
bool PhaseRunner::end_transmission(Tick now) {
  if (!says_end() || now.value() % ticks_per_second != 0 || end_said_ == now) return false;
  end_said_ = now;
  console_.type("\x04");
  feed();
  return true;
}

void PhaseRunner::obey(MenuCommand command) {
  progress_.clear();
  console_.flush();
  switch (command) {
    case MenuCommand::Help: say("\n{}", EscapeKeys::help()); break;
    case MenuCommand::Quit: request(Reason::Quit, "ended from the keyboard"); break;
    case MenuCommand::Save: request(Reason::Save, "save"); break;
    case MenuCommand::Statistics:
      say("\n{}", report_table({{machine_.model().type(), result(*phase_, "")}}));
      break;
    case MenuCommand::Progress:
      say("\norrery: {}, {:.1f} MIPS, {}\n",
                 describe_progress(machine_.steps(), machine_.now()), phase_meter_.mips(),
                 machine_.model().type());
      break;
  }
}

}  // namespace orrery
