// Lockstep: a leader and a follower side by side in one process.
//
//   Lockstep lockstep(leader, "direct", {.compare_every = 1000});
//   if (auto divergence = lockstep.run({.steps = 1'000'000})) fail(divergence->text());
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "checkpoint/follower.h"
#include "checkpoint/hart_compare.h"
#include "checkpoint/recorder.h"
#include "cpu/isa/op.h"
#include "models/machine.h"

namespace orrery {

class Lockstep {
 public:
  struct Options {
    u64 compare_every = 10'000;      // steps of all harts
    u64 compare_ram_every = 1'000'000;
    std::size_t remember = 0;        // instructions for the report; slow
    // Both stop at every end of a basic block, and their harts are compared there; the leader goes one
    // instruction at a time, so it is best the interpreter.
    bool at_blocks = false;
  };

  // The follower begins as a copy of the leader, under `follower_model`.
  Lockstep(Machine& leader, const std::string& follower_model, const Options& options);
  Lockstep(Machine& leader, const std::string& follower_model)
      : Lockstep(leader, follower_model, Options{}) {}

  // Until the limit, or the leader stops for another reason, or the two part. Compares at the end
  // as well; may be called again unless they parted.
  std::optional<Divergence> run(const RunLimit& limit);

  const Stop& stop() const { return stop_; }  // the leader's, of the last run()
  u64 blocks() const { return blocks_; }      // at whose ends the harts were compared (at_blocks)
  Recorder& recorder() { return recorder_; }
  Machine& follower() { return follower_.machine(); }

 private:
  struct Queue final : EntrySink {
    void take(LogEntry entry) override { entries.push_back(std::move(entry)); }
    std::vector<LogEntry> entries;
  };

  std::optional<Divergence> follow();
  std::optional<Divergence> follow_blocks();
  void note_next(const Hart& hart);

  Machine& leader_;
  const Options options_;
  Queue queue_;
  Follower follower_;
  Recorder recorder_;
  Stop stop_;

  // at_blocks: of each hart, its next instruction before the step, and the comparison.
  struct Next {
    u64 steps = 0;
    u64 following = 0;  // address behind it
    bool may_leave = true;
    HartPair pair;
  };
  std::vector<Next> next_;
  std::unordered_map<u32, Op> decoded_;
  u64 blocks_ = 0;
};

}  // namespace orrery
