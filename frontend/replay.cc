#include "frontend/replay.h"

#include "checkpoint/checkpoint.h"
#include "checkpoint/follower.h"
#include "frontend/output.h"
#include "frontend/progress.h"

namespace orrery {
namespace {

// Registers are compared this often, RAM (which takes a while) ten times more rarely.
constexpr u64 check_every = 10'000'000;
constexpr u64 ram_check_every = 100'000'000;

}  // namespace

Recording::Recording(const std::string& file, Machine& machine, const Json& resolved,
                     const std::vector<std::string>& fixed)
    : writer_(file, {resolved, fixed, machine_digest(machine)}),
      recorder_(writer_, machine,
                {.check_every = check_every, .ram_check_every = ram_check_every}) {}

void Recording::finish() {
  recorder_.finish();
  writer_.finish();
}

int replay(std::unique_ptr<Machine> machine, const Json& resolved, const std::string& file,
           bool quiet) {
  LogReader log(file);
  check_replayable(log.header(), *machine, resolved);
  Follower follower(std::move(machine), {});
  if (const auto divergence = follower.replay(log)) {
    say("{}\n", divergence->text());
    return 1;
  }
  if (!quiet) {
    const Machine& end = follower.machine();
    say("orrery: replayed to the end: {}\n",
               describe_progress(end.steps(), end.now()));
  }
  return 0;
}

}  // namespace orrery
