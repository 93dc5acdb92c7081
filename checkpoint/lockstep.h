// Lockstep: a leader and a follower side by side in one process.
//
//   Lockstep lockstep(leader, "direct", {.compare_every = 1000});
//   if (auto divergence = lockstep.run({.steps = 1'000'000})) fail(divergence->text());
#pragma once

#include <optional>
#include <string>

#include "checkpoint/follower.h"
#include "checkpoint/recorder.h"
#include "models/machine.h"

namespace orrery {

class Lockstep {
 public:
  struct Options {
    u64 compare_every = 10'000;      // steps of all harts
    u64 compare_ram_every = 1'000'000;
    std::size_t remember = 0;        // instructions for the report; slow
  };

  // The follower begins as a copy of the leader, under `follower_model`.
  Lockstep(Machine& leader, const std::string& follower_model, const Options& options);
  Lockstep(Machine& leader, const std::string& follower_model)
      : Lockstep(leader, follower_model, Options{}) {}

  // Until the limit, or the leader stops for another reason, or the two part. Compares at the end
  // as well; may be called again unless they parted.
  std::optional<Divergence> run(const RunLimit& limit);

  const Stop& stop() const { return stop_; }  // the leader's, of the last run()
  Recorder& recorder() { return recorder_; }
  Machine& follower() { return follower_.machine(); }

 private:
  struct Queue final : EntrySink {
    void take(LogEntry entry) override { entries.push_back(std::move(entry)); }
    std::vector<LogEntry> entries;
  };

  std::optional<Divergence> follow();

  Machine& leader_;
  const Options options_;
  Queue queue_;
  Follower follower_;
  Recorder recorder_;
  Stop stop_;
};

}  // namespace orrery
