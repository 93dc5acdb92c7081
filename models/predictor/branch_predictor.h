// A core's branch predictor: direction (direction.h), branch target buffer and return stack.
//
// Contract: for each branch or jump in program order, predict() and then update() with what it did.
// predict() works the return stack. Between the two the front end follows the prediction.
#pragma once

#include <memory>

#include "base/statistics.h"
#include "cpu/isa/op.h"
#include "models/predictor/direction.h"
#include "models/predictor/return_stack.h"
#include "models/predictor/target_buffer.h"

namespace orrery {

struct BranchPredictorConfig {
  DirectionPredictors::Choice direction{"gshare"};
  u32 btb_entries = 256;
  u32 btb_ways = 2;
  bool btb_direct = true;
  ReplacementPolicies::Choice btb_replacement{"lru"};
  u32 return_stack = 8;

  void visit(Params& p);
};

// What decoding tells of a branch or jump, and what it did.
struct Branch {
  using Kind = Footprint::Flow;  // never Sequential
  u64 pc;
  u64 fall_through;  // address behind it
  u64 target;        // Conditional, Direct: where it goes when taken. Indirect: not known before
  u64 next;          // where it went
  Kind kind;
  bool is_call;      // the hints of I, 2.5.1
  bool is_return;
};

struct Prediction {
  u64 next;       // where the front end goes on
  bool at_fetch;  // known while fetching; otherwise the decoder turns the front end round
};

class BranchPredictor final : public Component {
 public:
  BranchPredictor(Component* parent, std::string name, const BranchPredictorConfig& config);

  Prediction predict(const Branch& branch);
  void update(const Branch& branch, const Prediction& prediction);

  void state(Archive& a) override;

  Counter branches{this, "branches", "branches", "conditional branches"};
  Counter branches_wrong{this, "branches_wrong", "branches", "of these, predicted the wrong way"};
  Counter jumps{this, "jumps", "jumps", "direct jumps and calls"};
  Counter indirect{this, "indirect", "jumps", "indirect jumps and calls, returns left out"};
  Counter indirect_wrong{this, "indirect_wrong", "jumps", "of these, predicted to a wrong place"};
  Counter returns{this, "returns", "jumps", "returns"};
  Counter returns_wrong{this, "returns_wrong", "jumps", "of these, predicted to a wrong place"};
  Ratio wrong_ratio{this, "wrong_ratio", "wrong per branch", {&branches_wrong}, {&branches},
                    "conditional branches predicted the wrong way"};

 private:
  std::unique_ptr<DirectionPredictor> direction_;
  const bool btb_direct_;
  TargetBuffer btb_;
  ReturnStack return_stack_;
};

}  // namespace orrery
