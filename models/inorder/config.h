// Parameters of the in-order core.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/params.h"
#include "cpu/isa/op.h"
#include "models/inorder/exec_unit.h"
#include "models/inorder/scoreboard.h"
#include "models/predictor/branch_predictor.h"
#include "models/timing/stuck.h"

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

// How many functional units there are, of the kinds that have few.
struct UnitCounts {
  std::array<u32, unit_count> of{1, 1, 1, 1, 1, 1, 1};
  void visit(Params& p);
};

// Which instructions may issue in one cycle, as far as their classes say: the older one and the younger.
// Beyond this they need a unit each, and their operands.
class Pairing {
 public:
  Pairing() { younger_.fill(~u32{0}); }
  bool allows(unsigned older, unsigned younger) const { return (younger_[older] >> younger & 1) != 0; }
  void forbid(unsigned older, unsigned younger) { younger_[older] &= ~(u32{1} << younger); }

 private:
  std::array<u32, op_class_count> younger_;
  static_assert(op_class_count <= 32);
};

// By default any two instructions pair, of which at most one goes to memory, one to the branch unit,
// and one each to the multiplier, the divider and the floating-point units. A core that issues a load
// beside a store, as the Cortex-A55 does, has "units": {"memory": 2} and "not_paired": ["load+load",
// "store+store"]; one whose second slot executes no branches has "not_paired": ["*+branch|jump"]. That
// of the SiFive 7 series, where these share a pipe with some units, is in configs/cores/small_inorder.json.
struct InOrderConfig {
  u32 width = 2;
  UnitCounts units;
  std::vector<std::string> not_paired;
  Pairing pairing;  // as not_paired says
  u32 fetch_bytes = 8;
  u32 frontend_depth = 4;
  u32 fetch_buffer = 8;
  u32 resolve_cycles = 2;
  u32 taken_cycles = 0;
  u32 decode_redirect_cycles = 2;
  u32 trap_cycles = 2;
  bool blocking_loads = false;
  bool write_after_write_stall = false;
  u32 scoreboard = 0;
  u32 commit_width = 0;
  std::vector<std::string> commit_first, commit_alone;
  Scoreboard::Rules commit_rules;  // as they say
  u32 store_buffer = 8;
  u32 stores_in_flight = 2;
  u32 store_merge = 0;
  bool store_split = false;
  bool forwarding = true;
  u32 forward_cycles = 0;
  bool wrong_path = true;
  u32 stuck_cycles = usual_stuck_cycles;
  OpLatencies op_latency;
  BranchPredictorConfig predictor;

  void visit(Params& p);

 private:
  void read_pairing(Params& p);
  void read_commit_rules(Params& p);
  void require_used_units(Params& p) const;
  bool could_pair(unsigned older, unsigned younger) const;
};

}  // namespace orrery
