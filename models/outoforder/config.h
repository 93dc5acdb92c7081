// Parameters of the out-of-order core, by the part that they belong to.
#pragma once

#include <array>

#include "base/params.h"
#include "cpu/isa/op.h"
#include "models/outoforder/loop_buffer.h"
#include "models/outoforder/pipes.h"
#include "models/outoforder/prediction_config.h"
#include "models/timing/stuck.h"

namespace orrery::ooo {

struct FetchConfig {
  u32 bytes = 16;
  u32 width = 8;
  u32 queue_bytes = 64;
  u32 cycles = 3;
  u32 branches = 2;
  bool wrong_path = true;
  LoopBufferConfig loop_buffer;
  void visit(Params& p);
};

struct DecodeConfig {
  u32 width = 4;
  u32 cycles = 2;
  u32 link_slots = 1;
  void visit(Params& p);
};

struct RenameConfig {
  enum class Recover { Resolve, Commit };
  u32 width = 4;
  u32 int_registers = 128;
  u32 fp_registers = 128;
  u32 branches = 32;
  Recover recover = Recover::Resolve;
  u32 recover_cycles = 0;
  bool groups = false;
  void visit(Params& p);
};

struct RobConfig {
  u32 entries = 128;
  u32 fold = 1;
  u32 commit_width = 4;
  u32 commit_cycles = 1;
  void visit(Params& p);
};

// Issue queues of one kind. Each issues to pipes of its own, which are numbered through.
struct QueueConfig {
  u32 count = 1;
  u32 entries = 16;
  u32 width = 1;
  u32 accepts = 8;
  u32 release_cycles = 0;
  void visit(Params& p);
};

struct MemoryQueueConfig {
  u32 entries = 24;
  u32 accepts = 8;
  u32 loads = 1;
  u32 stores = 1;
  u32 release_cycles = 0;
  void visit(Params& p);
};

struct QueuesConfig {
  QueuesConfig();
  QueueConfig integer, branch, store_data, fp;
  MemoryQueueConfig memory;
  u32 issue_cycles = 1;

  QueueConfig of(QueueKind kind) const;  // loads' pipes come before those of stores
  void visit(Params& p);
};

struct LoadStoreConfig {
  enum class Dependence { Wait, Predict, Ignore };
  enum class Reserve { Rename, Issue };
  Reserve reserve = Reserve::Rename;
  u32 load_queue = 32;
  u32 store_queue = 24;
  u32 split_bytes = 0;
  u32 write_buffer = 8;
  u32 write_merge = 64;
  u32 write_interval = 1;
  u32 write_urgent = 0;
  u32 forward_cycles = 2;
  u32 fp_load_cycles = 0;
  u32 store_data_cycles = 1;
  u32 replay_cycles = 1;
  Dependence dependence = Dependence::Predict;
  u32 dependence_entries = 256;
  u32 dependence_period = 100'000;
  u32 violation_cycles = 2;
  void visit(Params& p);
};

// How long an instruction of one class takes, and where.
struct OpTiming {
  u32 latency = 1;   // cycles from issue to a dependent's issue; Load, Store, Atomic: to the cache
  u32 interval = 1;  // cycles until the unit takes the next one
  u32 per_bits = 0;  // division: bits of quotient a cycle of the divider gives; 0: fixed latency
  u32 remembered = 0;  // division: the last ones, whose results need no such cycles
  u32 exact_latency = 0;  // square root without remainder; 0: like any other
  u32 addend_latency = 0;  // fused multiply-add, to what the next one adds; 0: latency
  u32 holds_pipe = 0;      // cycles after which its pipe issues no int_alu, for one; 0: never
  u32 first_pipe = 0;
  u32 pipes = 0;     // with such a unit, from first_pipe on; 0: all

  // Those of `all` pipes of its queues that execute it, a bit each.
  u32 pipes_of(u32 all) const;
  void visit(Params& p);
};

struct OpTimings {
  OpTimings();
  std::array<OpTiming, op_class_count> of;
  void visit(Params& p);
};

struct Config {
  FetchConfig fetch;
  DecodeConfig decode;
  RenameConfig rename;
  RobConfig rob;
  QueuesConfig queues;
  LoadStoreConfig load_store;
  OpTimings op;
  PredictionConfig predictor;
  u32 resolve_cycles = 1;
  u32 trap_cycles = 2;
  u32 serialise_cycles = 2;
  u32 stuck_cycles = usual_stuck_cycles;
  bool count_occupancy = false;

  void visit(Params& p);

 private:
  void require_pipes(const Params& p) const;
};

}  // namespace orrery::ooo
