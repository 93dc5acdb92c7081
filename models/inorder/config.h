// Parameters of the in-order core.
#pragma once

#include <array>

#include "base/params.h"
#include "cpu/isa/op.h"
#include "models/predictor/branch_predictor.h"

namespace orrery {

// How long an instruction of one class takes.
struct OpTiming {
  u32 latency = 1;   // cycles from issue to a dependent's issue; Load, Store, Atomic: to the cache
  u32 interval = 1;  // cycles until the unit takes the next one
  u32 per_bit = 0;   // added to both for each bit that a dividend is longer than its divisor

  void visit(Params& p);
};

struct OpLatencies {
  OpLatencies();
  std::array<OpTiming, op_class_count> of;
  void visit(Params& p);
};

struct InOrderConfig {
  u32 width = 2;
  u32 fetch_bytes = 8;
  u32 frontend_depth = 4;
  u32 fetch_buffer = 8;
  u32 resolve_cycles = 2;
  u32 taken_cycles = 0;
  u32 decode_redirect_cycles = 2;
  u32 trap_cycles = 2;
  bool blocking_loads = false;
  bool write_after_write_stall = false;
  u32 store_buffer = 8;
  u32 stores_in_flight = 2;
  u32 store_merge = 0;
  bool store_split = false;
  bool forwarding = true;
  u32 forward_cycles = 0;
  bool wrong_path = true;
  OpLatencies op_latency;
  BranchPredictorConfig predictor;

  void visit(Params& p);
};

}  // namespace orrery
