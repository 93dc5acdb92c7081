// The program: finds the subcommand, and turns a user's mistake into one sentence.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/params.h"
#include "frontend/output.h"
#include "frontend/signals.h"
#include "frontend/subcommand.h"
#include "frontend/version.h"

namespace orrery {
namespace {

// One line, whatever the names in it hold.
std::string on_one_line(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= ' ' && code != 0x7f) {
      result += c;
    } else {
      result += c == '\n' ? "\\n" : fmt::format("\\x{:02x}", code);
    }
  }
  return result;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
    return {};
  } catch (const ConfigError& error) {
    return on_one_line(error.what());
  } catch (const std::bad_alloc&) {
    return "the host has not enough memory for this machine: smaller caches, predictors or buffers are needed";
  }
}

struct Subcommand {
  const char* name;
  const char* usage;
  const char* text;
  int (*run)(const Arguments&);
};

constexpr Subcommand subcommands[] = {
    {"run", "CONFIG [flags]", "run a machine from power-on",
     [](const Arguments& args) { return run_command(args, error_of); }},
    {"resume", "CHECKPOINT [flags]", "continue a saved machine",
     [](const Arguments& args) { return resume_command(args, error_of); }},
    {"report", "FILE...", "statistics side by side", report_command},
    {"config", "check|show|schema|devicetree [CONFIG]", "look at a description", config_command},
    {"checkpoint", "info|verify|diff CHECKPOINT...", "look at checkpoints", checkpoint_command},
    {"disassemble", "FILE", "the instructions of a program", disassemble_command},
};

void print_help() {
  print("orrery: a RISC-V full-machine simulator\n\n");
  for (const Subcommand& row : subcommands)
    print(fmt::format("  {:<56} {}\n", fmt::format("orrery {} {}", row.name, row.usage), row.text));
  print("\norrery SUBCOMMAND --help lists the flags of one.\n");
}

int dispatch(const Arguments& args) {
  if (args.empty()) config_error("a subcommand is missing; see orrery --help");
  const std::string& name = args.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return 0;
  }
  if (name == "--version") {
    print(fmt::format("orrery {}\n", version));
    return 0;
  }
  std::vector<std::string> known;
  for (const Subcommand& row : subcommands) {
    if (name == row.name) return row.run(Arguments(args.begin() + 1, args.end()));
    known.push_back(row.name);
  }
  const auto meant = nearest(name, known);
  config_error("{}: unknown subcommand{}; see orrery --help", name,
               meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "");
}

}  // namespace
}  // namespace orrery

int main(int count, char** values) {
  using namespace orrery;
  open_closed_streams();
  install_signal_handlers();
  int status = 2;
  const std::string problem = error_of([&] {
    status = dispatch(Arguments(values + 1, values + std::max(count, 1)));
    finish_output();
  });
  if (problem.empty()) return status;
  say("orrery: {}\n", problem);
  return 2;
}
