// orrery checkpoint info|verify|diff: looking at checkpoints without running them.
#include <fmt/format.h>

#include "base/error.h"
#include "base/params.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/compare.h"
#include "frontend/options.h"
#include "frontend/output.h"
#include "frontend/subcommand.h"

namespace orrery {
namespace {

constexpr std::size_t most_differences = 100;

int info(const std::vector<std::string>& names) {
  Json all = Json::array();
  for (const std::string& name : names) all.push_back(Checkpoint::open(name).info());
  print((all.size() == 1 ? all[0] : all).dump(2) + "\n");
  return 0;
}

int verify(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    Checkpoint::open(name).verify();
    print(name + ": ok\n");
  }
  return 0;
}

// As diff(1): 0 when they are equal, 1 when they are not.
int diff(const std::vector<std::string>& names) {
  if (names.size() != 2)
    config_error("orrery checkpoint diff: expected two checkpoints, found {}", names.size());
  const auto lines =
      diff_checkpoints(Checkpoint::open(names[0]), Checkpoint::open(names[1]), most_differences);
  for (const std::string& line : lines) print(line + "\n");
  if (lines.size() == most_differences) print("... and perhaps more\n");
  return lines.empty() ? 0 : 1;
}

struct Action {
  const char* name;
  int (*run)(const std::vector<std::string>&);
};
constexpr Action actions[] = {{"info", info}, {"verify", verify}, {"diff", diff}};

}  // namespace

int checkpoint_command(const Arguments& args) {
  std::vector<std::string> words;
  Options options("checkpoint info|verify|diff CHECKPOINT...",
                  "info    what a checkpoint holds\n"
                  "verify  reads everything and compares every digest\n"
                  "diff    where the machines of two checkpoints differ; status 1 when they do");
  options.arguments("info, verify or diff", words, 1, 64);
  if (!options.parse(args)) return 0;
  const std::vector<std::string> names(words.begin() + 1, words.end());
  std::vector<std::string> known;
  for (const Action& action : actions) {
    known.push_back(action.name);
    if (words[0] != action.name) continue;
    if (names.empty())
      config_error("orrery checkpoint {}: CHECKPOINT is missing; see --help", action.name);
    return action.run(names);
  }
  const auto meant = nearest(words[0], known);
  config_error("orrery checkpoint {}: unknown{}; known: info verify diff", words[0],
               meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "");
}

}  // namespace orrery
