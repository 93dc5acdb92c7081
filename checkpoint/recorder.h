// Recorder: the oracle of a leading machine's harts. It lets everything happen as it does and hands
// on what a follower, or a replay, will need.
//
//   Recorder recorder(sink, machine, {.check_every = 1'000'000});
//   machine.run(...);
//   recorder.finish();
//
// Contract: hart.steps is exact whenever an interrupt is taken and whenever the machine's run hook
// is called. Whoever feeds devices calls input(); whoever writes RAM beside the harts (DMA, tohost)
// calls memory_written().
#pragma once

#include <span>
#include <vector>

#include "checkpoint/log_entry.h"
#include "cpu/arch/oracle.h"

namespace orrery {

class Machine;

class Recorder final : public Oracle {
 public:
  struct Options {
    u64 check_every = 0;      // steps of all harts between two Checks; 0: none
    u64 ram_check_every = 0;  // and between two RamChecks
  };

  // Attaches itself to every hart and as the machine's run hook, until destroyed.
  Recorder(EntrySink& sink, Machine& machine, const Options& options);
  ~Recorder() override;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  bool replaying() const override { return false; }
  u64 decide(Hart& hart, Kind kind, u64 address, u64 value) override;
  void interrupt_taken(Hart& hart, u64 cause) override;

  void ran(Hart& hart);
  void input(std::span<const u8> bytes);
  // `during`: the hart whose instruction made the device write; null between instructions.
  void memory_written(const Hart* during, PhysAddr address, std::span<const u8> bytes);

  // Everything so far is handed on ...
  void flush();
  // ... with checks of every hart that ran since its last one.
  void check();
  void check_ram();
  // Handed on, checked, and ended.
  void finish();

 private:
  void belongs_to(const Hart& hart);
  void account(const Hart& hart);

  EntrySink& sink_;
  Machine& machine_;
  const Options options_;
  const Tick begin_;
  std::vector<u64> accounted_;  // by hart: steps that are in the log or in the pending run
  std::vector<bool> unchecked_;
  LogEntry run_;                      // pending: may grow
  std::vector<LogEntry> decisions_;   // of it
  u64 total_ = 0, checked_at_ = 0, ram_checked_at_ = 0;
};

}  // namespace orrery
