// orrery run and resume: a machine is built from its description, started or restored, and taken
// through its phases.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/error.h"
#include "checkpoint/aside.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/compare.h"
#include "frontend/console.h"
#include "frontend/crash_report.h"
#include "frontend/description.h"
#include "frontend/files.h"
#include "frontend/guest_view.h"
#include "frontend/observers.h"
#include "frontend/output.h"
#include "frontend/phase_runner.h"
#include "frontend/replay.h"
#include "frontend/result_names.h"
#include "frontend/run_options.h"
#include "frontend/signature.h"
#include "frontend/subcommand.h"
#include "models/boot/initramfs.h"
#include "models/machine.h"

namespace orrery {
namespace {

// The files that a machine of this description starts from.
std::vector<std::string> boot_files(const BootConfig& boot) {
  std::vector<std::string> files = {boot.firmware, boot.kernel, boot.initramfs};
  for (const std::string& text : boot.add)
    files.push_back(parse_added_file("machine.boot.add", text).file);
  return files;
}

void make_out(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!std::filesystem::is_directory(directory, error))
    config_error("--out: {}: is not a directory and cannot be made one", directory);
}

// The console, or what takes its place.
std::string console_of(const RunOptions& options) {
  const std::string name = options.console.value_or("-");
  return name == "-" || name == "none" ? name : result_path(options, name);
}

// Names that cannot be written, or would be written twice, are refused while nothing is lost yet.
// (A disk that fills up is told at the end.)
void check_results(const RunOptions& options, const std::vector<Phase>& phases,
                   const BootConfig& boot) {
  if (options.out) make_out(*options.out);
  ResultNames names;
  for (const std::string& file : boot_files(boot)) names.reads(file);
  for (const std::string_view file : checkpoint_files)
    names.reads(fmt::format("{}/{}", options.source, file));
  for (const std::string& file : {options.source, options.phases.value_or(""),
                                  options.replay.value_or("")})
    if (!std::filesystem::is_directory(file)) names.reads(file);
  for (const std::string& file : options.symbols) names.reads(file);
  std::set<std::string> saved;
  for (const Phase& phase : phases) {
    if (!phase.stats.empty() && phase.stats != "-")
      for (const std::string& file : names_of_result(phase.stats)) names.writes("--stats", file);
    if (!phase.stats_series.empty() && phase.stats_series != "-")
      names.writes("--stats-series", phase.stats_series);
    if (phase.save.empty()) continue;
    names.writes_directory("--save", phase.save);
    const std::string shown = "--save: " + phase.save;
    if (!saved.insert(phase.save).second && !phase.replace)
      config_error("{}: exists already at its second phase; \"replace\" replaces it", shown);
    require_replaceable(shown, phase.save, phase.replace, checkpoint_files);
  }
  for (const auto& [flag, file] : {std::pair("--signature", &options.signature),
                                   std::pair("--trace-file", &options.trace_file),
                                   std::pair("--profile", &options.profile),
                                   std::pair("--hot-spots", &options.hot_spots),
                                   std::pair("--record", &options.record)})
    if (*file && **file != "-") names.writes(flag, result_path(options, **file));
  if (const std::string console = console_of(options); console != "-" && console != "none")
    names.writes("--console", console);
  if (options.record && std::filesystem::exists(result_path(options, *options.record)))
    config_error("--record: {}: exists already", result_path(options, *options.record));
}

// What is allowed, and yet will not do what it looks like.
void warn(const BootConfig& boot, const BoardConfig& board) {
  for (const std::string& text : boot.add) {
    const std::string path = parse_added_file("machine.boot.add", text).path;
    for (const char* const hidden : {"/dev/", "/proc/", "/sys/"})
      if (path.starts_with(hidden))
        say("orrery: --add: {}: a guest that mounts its file system over {} hides it\n", path, hidden);
  }
  if (!boot.command.empty() && !board.finisher)
    say("orrery: --command: the board has no finisher, so the guest cannot power the machine off "
        "behind it\n");
}

// What was loaded at power-on stands in the checkpoint, and nothing is loaded again.
void require_same_boot(const Json& saved, const Json& resolved) {
  const Json::json_pointer boot("/machine/boot");
  if (!saved.contains(boot)) return;
  for (const auto& [key, value] : resolved.at(boot).items())
    if (saved.at(boot).contains(key) && saved.at(boot).at(key) != value)
      config_error("machine.boot.{}: belongs to power-on, and the checkpoint's machine has been "
                   "started with {}; start a new one with orrery run", key,
                   saved.at(boot).at(key).dump());
}

// A checkpoint does not hold names; a program's own file may still be where it was.
SymbolTable symbols_of(const RunOptions& options, const Machine& machine) {
  if (!options.symbols.empty()) {
    std::vector<Symbol> all;
    for (const std::string& file : options.symbols) {
      const SymbolTable table = read_symbols(file);
      all.insert(all.end(), table.all().begin(), table.all().end());
    }
    return SymbolTable(std::move(all));
  }
  if (!machine.images().symbols.empty()) return machine.images().symbols;
  return symbols_if_readable(machine.config().boot.kernel);
}

// What a command line comes down to.
struct Job {
  RunOptions options;
  std::vector<Phase> phases;
  std::optional<TraceFilter> trace;
  std::optional<Checkpoint> checkpoint;  // with resume
  Json description;                      // resolved
  std::vector<std::string> fixed;        // paths of what a restore may not change
  Attempt attempt;
};

RunSettings run_settings(const Job& job, Machine& machine, const Console& console,
                         std::optional<Recording>& recording) {
  const RunOptions& options = job.options;
  RunSettings settings;
  settings.pace_host = options.pace ? *options.pace == "host" : console.interactive();
  settings.progress =
      options.progress || (!options.quiet && isatty(STDERR_FILENO) && !console.on_terminal());
  settings.quiet = options.quiet;
  settings.command = !machine.config().boot.command.empty();
  settings.description = job.description;
  settings.save = [&](const std::string& path, bool replace) {
    const std::string parent = job.checkpoint ? job.checkpoint->manifest().digest : "";
    save_checkpoint(machine, job.description, job.fixed, path, {replace, parent});
  };
  settings.try_save = [attempt = job.attempt, save = settings.save](const std::string& path) {
    return attempt([&] { save(path, false); });
  };
  if (recording) settings.note_input = [&recording](u8 byte) { recording->input(byte); };
  return settings;
}

// Runs a machine that has been started or restored; the exit status of the program.
int run_phases(const Job& job, Machine& machine) {
  const RunOptions& options = job.options;
  if (options.signature) require_signature(machine);
  const SymbolTable symbols = symbols_of(options, machine);
  Observers observers(options, job.trace, machine, symbols);
  std::optional<Recording> recording;
  if (options.record)
    recording.emplace(result_path(options, *options.record), machine, job.description, job.fixed);
  Outcome outcome;
  std::string console_problem;
  {
    Console console(console_of(options));
    RunSettings settings = run_settings(job, machine, console, recording);
    settings.polled = [&observers] { observers.poll(); };
    settings.crash_report = [&] { return crash_report(machine, symbols); };
    PhaseRunner runner(machine, console, std::move(settings));
    outcome = runner.run(job.phases);
    console_problem = console.problem();
  }
  if (recording) recording->finish();
  if (options.signature) write_signature(machine, result_path(options, *options.signature));
  if (!options.quiet) {
    if (outcome.dead) say_text(outcome.report);
    if (outcome.how == Outcome::How::Interrupted) say_text(whereabouts(machine, symbols));
  }
  // Last, so that nothing else is lost with them.
  observers.finish();
  if (!console_problem.empty()) config_error("{}", console_problem);
  return outcome.exit_status();
}

int run_replay(const Job& job, std::unique_ptr<Machine> machine) {
  Console console(console_of(job.options), Console::Input::Never);
  const int status = replay(std::move(machine), job.description, *job.options.replay, console,
                            job.options.quiet);
  if (!console.problem().empty()) config_error("{}", console.problem());
  return status;
}

void restore(const Job& job, Machine& machine) {
  bool timing_restored = false;
  job.checkpoint->restore(machine, job.description, &timing_restored);
  if (!timing_restored && machine.model().is_timing() && !job.options.quiet)
    say("orrery: caches and predictors start empty: they belong to another CPU model "
                       "or hierarchy\n");
  if (machine.is_off() && !job.options.quiet)
    say("orrery: {}: the machine was off when it was saved\n", job.options.source);
}

// The description that the source names, with the flags over it.
Json describe(const Job& job) {
  Json description;
  if (job.checkpoint) {
    description = job.checkpoint->description();
    set_value(description, "machine.cpu", job.checkpoint->manifest().model);
  } else {
    description = read_description(job.options.source);
  }
  apply_settings(description, job.options);
  return description;
}

int execute(RunKind kind, const Arguments& args, Attempt attempt) {
  auto options = parse_run_options(kind, args);
  if (!options) return 0;
  Job job;
  job.options = std::move(*options);
  job.attempt = attempt;
  job.phases = phases_of(job.options, CpuModels::names());
  if (job.options.trace) job.trace = parse_trace(*job.options.trace);
  if (kind == RunKind::Resume) job.checkpoint.emplace(Checkpoint::open(job.options.source));

  const MachineConfig config = read_machine(describe(job), &job.description, &job.fixed);
  if (job.checkpoint) {
    require_same_boot(job.checkpoint->description(), job.description);
    check_restorable(job.checkpoint->description(), job.description,
                     job.checkpoint->fixed_at_restore());
  }
  check_observers(job.options, job.trace, config.cpu, job.phases);
  check_results(job.options, job.phases, config.boot);
  if (job.trace && job.trace->hart && *job.trace->hart >= config.harts)
    config_error("--trace: hart={}: the machine has {}, the first one is hart 0", *job.trace->hart,
                 config.harts == 1 ? "one hart" : fmt::format("{} harts", config.harts));

  if (!job.checkpoint && !job.options.quiet) warn(config.boot, config.board);
  auto machine = std::make_unique<Machine>(config);
  if (job.checkpoint)
    restore(job, *machine);
  else
    machine->boot();
  if (job.options.replay) return run_replay(job, std::move(machine));
  return run_phases(job, *machine);
}

}  // namespace

int run_command(const Arguments& args, Attempt attempt) {
  return execute(RunKind::Run, args, attempt);
}

int resume_command(const Arguments& args, Attempt attempt) {
  return execute(RunKind::Resume, args, attempt);
}

}  // namespace orrery
