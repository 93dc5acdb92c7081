// Parameters of the front end's branch prediction.
#pragma once

#include "base/params.h"
#include "memory/replacement.h"
#include "models/outoforder/fast_btb.h"
#include "models/predictor/direction.h"
#include "models/predictor/indirect.h"

namespace orrery::ooo {

// A branch target buffer, and what a taken branch that it knows costs.
struct BtbConfig {
  u32 entries = 1024;
  u32 ways = 4;
  u32 bubbles = 1;
  ReplacementPolicies::Choice replacement{"lru"};
  void visit(Params& p);
};

struct PredictionConfig {
  DirectionPredictors::Choice direction{"gshare"};
  IndirectPredictors::Choice indirect{"btb"};
  FastBtbConfig fast_btb;
  BtbConfig btb;
  u32 return_stack = 16;
  u32 return_bubbles = 1;
  u32 indirect_bubbles = 2;
  u32 decode_bubbles = 3;

  void visit(Params& p);
};

}  // namespace orrery::ooo
