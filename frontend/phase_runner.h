// Executes a list of phases (phases.h) on a machine, with the world around it: console, signals,
// progress, pace.
//
//   Machine::run() --- poll, idle, marker ---> PhaseRunner --- request_stop ---> Machine::run()
//
// One request to stop is noted at a time, with its reason; when run() returns, the reason decides
// whether the phase is over, the run is over, or the same phase goes on (a checkpoint was asked for
// at the keyboard).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "frontend/console.h"
#include "frontend/meter.h"
#include "frontend/pace.h"
#include "frontend/panic_watch.h"
#include "frontend/phases.h"
#include "frontend/progress.h"
#include "frontend/result_files.h"
#include "frontend/stats_series.h"
#include "frontend/trap_loop_watch.h"
#include "models/machine.h"

namespace orrery {

struct RunSettings {
  bool pace_host = false;
  bool progress = false;
  bool quiet = false;
  bool command = false;  // the guest was given a command, whose failure is the run's
  std::function<std::string()> crash_report;  // of the machine as it stands
  Json description;      // resolved, stored beside every result
  std::function<void(const std::string& path, bool replace)> save;
  // Saves for the keyboard, where a failure does not end the run: "" or what went wrong.
  std::function<std::string(const std::string& path)> try_save;
  // Told of every byte that enters the machine from outside, before it does; may be empty.
  std::function<void(u8 byte)> note_input;
  std::function<void()> polled;  // called whenever the world is looked at; may be empty
};

struct Outcome {
  enum class How {
    AsAsked,      // a condition was met, or the guest powered off and that was enough
    GuestFailed,  // it ended with an error, its kernel died, it got stuck
    Ended,        // it powered off before what was awaited
    Quit,         // asked for at the keyboard
    Interrupted,  // by a signal
  };
  How how = How::AsAsked;
  std::string what;         // why the run ended
  bool dead = false;        // worth a crash report
  std::string report = {};  // which is this one
  int signal = 0;           // with Interrupted

  int exit_status() const;
};

class PhaseRunner {
 public:
  // All outlive it. Takes the machine's hooks and its serial console.
  PhaseRunner(Machine& machine, Console& console, RunSettings settings);
  ~PhaseRunner();
  PhaseRunner(const PhaseRunner&) = delete;
  PhaseRunner& operator=(const PhaseRunner&) = delete;

  Outcome run(const std::vector<Phase>& phases);

 private:
  enum class Reason { Condition, Panic, PanicBegins, TrapLoop, Quit, Save, Signal };
  struct Request {
    Reason reason;
    std::string what;
  };

  void begin(const Phase& phase, bool first);
  void finish(const Phase& phase, const Outcome& outcome);
  Outcome run_phase(const Phase& phase);
  RunLimit limit(const Phase& phase) const;
  std::optional<Outcome> judge(const Phase& phase, const Stop& stop);
  std::optional<Outcome> judge_request(const Phase& phase, const Request& request);
  Outcome judge_end(const Phase& phase, const std::string& what);
  std::optional<Outcome> judge_panic(const Stop& stop) const;
  void write_statistics(const Phase& phase, const Outcome& outcome);
  void save_on_request();

  void request(Reason reason, std::string what);
  void watch_console(const Phase& phase);
  void marker(u32 number);
  void console_line(std::string_view line);
  void look_for_life();
  void poll();
  Tick idle(Tick wake);
  bool says_end() const { return !settings_.command && console_.ended(); }
  bool end_transmission(Tick now);
  bool guest_listens();
  void feed();
  void obey(MenuCommand command);
  PhaseResult result(const Phase& phase, const std::string& ended_by) const;

  Machine& machine_;
  Console& console_;
  RunSettings settings_;
  Meter meter_;        // of what the phase's statistics count
  Meter phase_meter_;  // of the phase itself: its limits
  Meter run_meter_;    // of the whole run
  std::optional<StatsSeries> series_;
  Progress progress_;
  Pace pace_;

  const Phase* phase_ = nullptr;
  std::optional<Request> request_;
  PanicWatch panic_;
  std::string panic_report_;  // taken while the kernel said so; what follows is firmware
  TrapLoopWatch trap_loop_;
  bool command_failed_ = false;  // says the guest's init, or who speaks like it
  bool over_ = false;  // the machine is off: no later phase can run
  unsigned saved_ = 0;
  std::optional<Tick> end_said_;  // when Ctrl-D was typed last
};

}  // namespace orrery
