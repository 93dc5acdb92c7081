#include "frontend/run_options.h"

#include <filesystem>

#include "base/error.h"
#include "frontend/description.h"

namespace orrery {

const std::vector<SugarFlag>& sugar_flags() {
  static const std::vector<SugarFlag> rows = {
      {"cpu", "MODEL", "machine.cpu", "CPU model to begin with"},
      {"warm", "MODEL", "machine.warm", "timing model kept warm while a fast one runs"},
      {"harts", "N", "machine.harts", "number of harts"},
      {"memory", "SIZE", "machine.memory", "size of RAM, such as 512MiB"},
      {"kernel", "FILE", "machine.boot.kernel", "kernel, or bare-metal program (ELF)", true},
      {"firmware", "FILE", "machine.boot.firmware", "machine-mode firmware, such as OpenSBI", true},
      {"initramfs", "FILE", "machine.boot.initramfs", "first file system of a Linux kernel", true},
      {"append", "TEXT", "machine.boot.append", "the kernel's command line", true},
      {"command", "TEXT", "machine.boot.command",
       "shell command that the guest runs; then it powers off", true},
  };
  return rows;
}

namespace {
constexpr const char* add_flag = "add";

// Said of flags that `orrery run` has, so that nobody looks for a slip of the finger.
void refuse_at_resume(const std::vector<std::string>& args) {
  std::vector<std::string> flags = {add_flag};
  for (const SugarFlag& row : sugar_flags())
    if (row.at_power_on) flags.emplace_back(row.flag);
  for (const std::string& arg : args)
    for (const std::string& flag : flags)
      if (arg == "--" + flag || arg.starts_with("--" + flag + "="))
        config_error("--{}: belongs to power-on, and a checkpoint's machine has been started; use it "
                     "with orrery run", flag);
}

// A replay goes on to the end of its log, as fast as it can, and its devices never run.
void refuse_with_replay(const RunOptions& o) {
  const std::pair<bool, const char*> refused[] = {
      {o.record.has_value(), "--record"},  {!o.until.empty(), "--until"},
      {o.save.has_value(), "--save"},      {o.stats.has_value(), "--stats"},
      {o.stats_series.has_value(), "--stats-series"}, {o.phases.has_value(), "--phases"},  {o.trace.has_value(), "--trace"},
      {o.profile.has_value(), "--profile"}, {o.hot_spots.has_value(), "--hot-spots"},
      {o.out.has_value(), "--out"},        {o.signature.has_value(), "--signature"},
      {o.pace.has_value(), "--pace"},      {!o.symbols.empty(), "--symbols"},
      {o.progress, "--progress"}};
  for (const auto& [given, flag] : refused)
    if (given) config_error("{}: cannot be combined with --replay", flag);
}
}  // namespace

void add_setting_flags(Options& flags, RunKind kind, RunOptions& options) {
  const bool run = kind == RunKind::Run;
  options.sugar.resize(sugar_flags().size());
  for (std::size_t i = 0; i < options.sugar.size(); ++i) {
    const SugarFlag& row = sugar_flags()[i];
    if (run || !row.at_power_on) flags.value(row.flag, row.what, options.sugar[i], row.text);
  }
  if (run) flags.list(add_flag, "FILE:/PATH", options.add, "add a file to the guest's initramfs");
  flags.list("set", "PATH=VALUE", options.set, "override one value of the description");
}

std::optional<RunOptions> parse_run_options(RunKind kind, const std::vector<std::string>& args) {
  const bool run = kind == RunKind::Run;
  RunOptions o;
  std::vector<std::string> sources;
  Options options(run ? "run CONFIG [flags]" : "resume CHECKPOINT [flags]",
                  run ? "Runs a machine from power-on."
                      : "Continues a saved machine, under any CPU model and memory hierarchy.");
  options.arguments(run ? "CONFIG" : "CHECKPOINT", sources, 1, 1);
  if (!run) refuse_at_resume(args);
  add_setting_flags(options, kind, o);
  options
      .list("until", "CONDITION", o.until,
            "stop at insts=100M, time=2s, console=\"text\", marker=3 or poweroff; the first of "
            "several ends the run")
      .value("save", "CHECKPOINT", o.save, "save the machine at the end")
      .flag("replace", o.replace, "let --save replace an existing checkpoint")
      .value("stats", "FILE", o.stats, "write statistics as JSON; - or table: print a table")
      .value("stats-series", "FILE", o.stats_series,
             "write the statistics of each interval, a line each: CSV, or JSON if it ends with .jsonl; "
             "-: print them")
      .value("stats-every", "INTERVAL", o.stats_every, "the interval: insts=1M or time=1ms")
      .value("stats-columns", "NAMES", o.stats_columns,
             "the statistics in a series, such as \"*.cycles,machine.l2.*\"; all without it")
      .value("phases", "FILE", o.phases, "run this list of phases (JSON)")
      .value("trace", "WHAT", o.trace,
             "instructions[:from=ADDR,to=ADDR,privilege=U,count=N,hart=N]; or what translation "
             "makes: host-code[:from=ADDR,to=ADDR,count=N]; or, under a timing model, the stages of "
             "each instruction: pipeline[:format=konata|perfetto,from=ADDR,to=ADDR,start=N,"
             "start_cycle=N,count=N,hart=N]")
      .value("trace-file", "FILE", o.trace_file, "where the trace goes, standard error without it")
      .value("profile", "FILE", o.profile,
             "write where the host's time went, by guest code and part of the simulator; -: print it")
      .value("hot-spots", "FILE", o.hot_spots,
             "write where the guest's cycles went under a timing model, by function and instruction; "
             "-: print it")
      .value("record", "LOG", o.record, "write down what time and input decide")
      .value("replay", "LOG", o.replay,
             "repeat a recorded run to its end; takes no --until and measures nothing")
      .list("symbols", "FILE", o.symbols,
            "names for traces and reports: ELF file or System.map; several files together")
      .value("signature", "FILE", o.signature,
             "write the words between begin_signature and end_signature at the end")
      .value("pace", "host|free", o.pace,
             "idle time passes at the host's speed, or at once; host on a terminal")
      .value("console", "FILE|-|none", o.console, "where the guest's console writes")
      .value("out", "DIR", o.out, "directory for results named without one")
      .flag("progress", o.progress, "show progress even where it is in the way")
      .flag("quiet", o.quiet, "neither progress nor a closing line");
  if (!options.parse(args)) return std::nullopt;
  o.source = sources.front();
  if (o.replay) refuse_with_replay(o);
  if (o.trace_file && !o.trace) config_error("--trace-file: needs --trace");
  if (o.stats_every && !o.stats_series) config_error("--stats-every: needs --stats-series");
  if (o.stats_columns && !o.stats_series) config_error("--stats-columns: needs --stats-series");
  if (o.replace && !o.save && !o.phases) config_error("--replace: needs --save");
  if (o.pace && *o.pace != "host" && *o.pace != "free")
    config_error("--pace: expected host or free, found \"{}\"", *o.pace);
  if (o.console && o.console->empty())
    config_error("--console: expected a file, - or none, found nothing");
  return o;
}

namespace {
// A whole number as a number, everything else as text: descriptions are strict about which is which.
Json value_of(const std::string& text) {
  const bool digits = !text.empty() && text.size() < 19 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? Json(std::stoull(text)) : Json(text);
}

bool is_text(const SugarFlag& row) { return std::string_view(row.flag) != "harts"; }

void add_series(Phase& phase, const RunOptions& options) {
  phase.stats_series = *options.stats_series;
  if (phase.stats_series.empty())
    config_error("--stats-series: expected the name of a file, found nothing");
  if (!options.stats_every)
    config_error("--stats-series: needs --stats-every insts=N or time=T, the length of an interval");
  phase.stats_every = parse_interval(*options.stats_every, "--stats-every");
  if (!options.stats_columns) return;
  const std::string& text = *options.stats_columns;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    phase.stats_columns.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}
}  // namespace

std::vector<std::pair<std::string, Json>> settings(const RunOptions& options) {
  std::vector<std::pair<std::string, Json>> result;
  for (std::size_t i = 0; i < sugar_flags().size(); ++i) {
    const SugarFlag& row = sugar_flags()[i];
    const auto& given = options.sugar.at(i);
    if (given) result.emplace_back(row.path, is_text(row) ? Json(*given) : value_of(*given));
  }
  if (!options.add.empty()) result.emplace_back("machine.boot.add", Json(options.add));
  return result;
}

void apply_settings(Json& description, const RunOptions& options) {
  for (auto& [path, value] : settings(options)) set_value(description, path, value);
  for (const std::string& assignment : options.set) set_value(description, assignment);
}

std::vector<Phase> phases_of(const RunOptions& options, const std::vector<std::string>& models) {
  std::vector<Phase> phases;
  if (options.phases) {
    for (const auto& [given, flag] : {std::pair(!options.until.empty(), "--until"),
                                      std::pair(options.save.has_value(), "--save"),
                                      std::pair(options.stats.has_value(), "--stats"),
                                      std::pair(options.stats_series.has_value(), "--stats-series")})
      if (given) config_error("{}: cannot be combined with --phases, which says it by phase", flag);
    phases = read_phases(*options.phases, models);
    for (Phase& phase : phases) phase.replace = phase.replace || options.replace;
  } else {
    Phase phase;
    for (const std::string& text : options.until)
      phase.until.push_back(parse_condition(text, "--until"));
    if (options.save && options.save->empty())
      config_error("--save: expected the name of a directory, found nothing");
    phase.save = options.save.value_or("");
    phase.replace = options.replace;
    phase.stats = options.stats.value_or(options.out ? "stats.json" : "");
    if (options.stats && options.stats->empty())
      config_error("--stats: expected the name of a file, found nothing");
    if (options.stats_series) add_series(phase, options);
    phases.push_back(std::move(phase));
  }
  for (Phase& phase : phases) {
    if (phase.stats == "table") phase.stats = "-";
    if (!phase.save.empty()) phase.save = result_path(options, phase.save);
    if (!phase.stats.empty() && phase.stats != "-")
      phase.stats = result_path(options, phase.stats);
    if (!phase.stats_series.empty() && phase.stats_series != "-")
      phase.stats_series = result_path(options, phase.stats_series);
  }
  return phases;
}

std::string result_path(const RunOptions& options, const std::string& name) {
  return options.out ? (std::filesystem::path(*options.out) / name).string() : name;
}

}  // namespace orrery
