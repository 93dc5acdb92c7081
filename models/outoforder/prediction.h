// Branch prediction as the front end sees it: what it does behind a branch, and what that costs.
//
//   fast BTB (no bubble)  <- BTB (its bubbles) <- decoder (direct jumps that no BTB knows)
//   direction predictor, return stack, indirect predictor: where to
//
// Contract: predict() for each branch in the order of fetch, wrong paths included. On the right
// path update() follows at once with what the branch did: tables and histories are trained in
// program order, which stands for speculative histories that are repaired. A wrong path works what
// the front end itself writes: the return stack (save() before it, restore() behind it brings the top
// back, not what was overwritten), the fast BTB and, by fetched_wrong(), the BTB. What learns from
// branches that are resolved or commit, directions and indirect targets, learns nothing from it.
#pragma once

#include <memory>

#include "base/statistics.h"
#include "models/outoforder/prediction_config.h"
#include "models/predictor/return_stack.h"
#include "models/predictor/target_buffer.h"
#include "models/timing/record.h"

namespace orrery::ooo {

struct Guess {
  u64 next;     // where the front end goes on
  u32 bubbles;  // cycles without a fetch before that
  bool held = false;  // the branch is in the loop buffer: nothing is fetched
};

class Prediction final : public Component {
 public:
  Prediction(Component* parent, std::string name, const PredictionConfig& config);

  Guess predict(const Record& branch);
  // The same for a conditional branch in the loop buffer: no target is looked up.
  Guess predict_held(const Record& branch) const {
    const bool goes = direction_->predict(branch.pc, branch.address);
    return {goes ? branch.address : branch.pc + branch.length, 0, true};
  }
  void update(const Record& branch, const Guess& guess);
  // Instead, on a wrong path.
  void fetched_wrong(const Record& branch, const Guess& guess);
  // Predicts and updates, for a branch that another model has executed.
  Guess train(const Record& branch);

  // Fetch groups, for the fast BTB: one begins at `pc`; the front end goes on behind one, which
  // returns the bubbles of its having been taken for one that ends in a branch.
  void begin_group(u64 pc) {
    ++groups_;
    fast_btb_.begin(pc);
  }
  u32 pass_group(bool looks_on) { return fast_btb_.passed(looks_on); }
  void turned() { fast_btb_.turned(); }

  ReturnStack::Top save() const { return return_stack_.save(); }
  void restore(const ReturnStack::Top& top) { return_stack_.restore(top); }

  void state(Archive& a) override;

  Counter branches{this, "branches", "branches", "conditional branches"};
  Counter branches_wrong{this, "branches_wrong", "branches", "of these, predicted the wrong way"};
  Counter jumps{this, "jumps", "jumps", "direct jumps and calls"};
  Counter indirect{this, "indirect", "jumps", "indirect jumps and calls, returns left out"};
  Counter indirect_wrong{this, "indirect_wrong", "jumps", "of these, predicted to a wrong place"};
  Counter returns{this, "returns", "jumps", "returns"};
  Counter returns_wrong{this, "returns_wrong", "jumps", "of these, predicted to a wrong place"};
  Counter taken{this, "taken", "branches", "branches and jumps that were taken"};
  Counter fast_btb_hits{this, "fast_btb_hits", "branches", "of these, known to the fast BTB"};
  Counter btb_hits{this, "btb_hits", "branches", "of these, known to the BTB only"};
  Counter loop_buffer_hits{this, "loop_buffer_hits", "branches", "of these, in the loop buffer"};
  Ratio wrong_ratio{this, "wrong_ratio", "wrong per branch", {&branches_wrong}, {&branches},
                    "conditional branches predicted the wrong way"};

 private:
  u32 bubbles(const Record& branch, u64 target);

  const PredictionConfig config_;
  std::unique_ptr<DirectionPredictor> direction_;
  std::unique_ptr<IndirectPredictor> indirect_predictor_;
  FastBtb fast_btb_;
  TargetBuffer btb_;
  ReturnStack return_stack_;
  u64 groups_ = 0, last_return_ = 0;  // fetch groups so far, and which one a return ended last
};

}  // namespace orrery::ooo
