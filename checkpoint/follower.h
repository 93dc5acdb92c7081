// Follower: a second machine that executes what a first one executed, instruction for instruction
// and hart for hart, on its own memory and perhaps with another CPU model. Interrupts, counters,
// device loads and store-conditionals come from the log; its own devices never run. Where it and
// the log disagree, it says so as a value.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/log.h"
#include "checkpoint/log_entry.h"

namespace orrery {

class Hart;
class Machine;

// Where the follower left the leader's path.
struct Divergence {
  u32 hart = 0;
  u64 step = 0;  // instructions that the hart has executed when it was noticed
  u64 pc = 0;    // of its next instruction
  std::string what;
  std::vector<std::string> fields;             // that differ: "x[5]: 0x1 and 0x2", leader first
  std::vector<std::string> last_instructions;  // the latest last; empty unless remembered

  std::string text() const;  // several lines
};

class Follower {
 public:
  struct Options {
    std::size_t remember = 0;  // instructions for the report; they are then executed one by one
    std::string log = "the log";  // its name, for messages
    // Told of every store that a device of the leader took.
    std::function<void(PhysAddr address, u64 value)> device_store{};
  };

  // `machine` stands where the leader stood when the log began.
  Follower(std::unique_ptr<Machine> machine, const Options& options);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Does what the entry says. After a divergence nothing more may be taken. ConfigError for an
  // entry that no recorder writes.
  std::optional<Divergence> take(const LogEntry& entry);

  // Takes everything up to the end of the log.
  std::optional<Divergence> replay(LogReader& log);

  Machine& machine() { return *machine_; }
  // Where the leader's run ended, once the log's end has been taken: what it executed and how much
  // simulated time passed meanwhile. The follower's own time is another model's.
  struct End {
    u64 steps = 0;
    Tick elapsed;
  };
  const End& end() const { return end_; }

 private:
  class Replayed;

  Hart& hart_of(const LogEntry& entry);
  Divergence diverged(const Hart& hart, std::string what) const;
  std::optional<Divergence> run(Hart& hart, u64 steps);
  std::optional<Divergence> check(Hart& hart, const LogEntry& entry);
  std::optional<Divergence> check_ram(const LogEntry& entry);
  void write_memory(const LogEntry& entry);
  void note_instruction(const Hart& hart);

  const Options options_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<Replayed> oracle_;
  std::deque<LogEntry> decisions_;  // of the Run entry to come
  std::deque<std::string> last_;
  End end_;
};

// A machine of the same description (but perhaps another model) in the state of `original`.
std::unique_ptr<Machine> copy_machine(Machine& original, const std::string& model);

// ConfigError when `machine`, built from `resolved`, is not where the log begins.
void check_replayable(const LogHeader& header, Machine& machine, const Json& resolved);

}  // namespace orrery
