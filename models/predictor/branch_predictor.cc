#include "models/predictor/branch_predictor.h"

#include "base/bits.h"

namespace orrery {

void BranchPredictorConfig::visit(Params& p) {
  p.child("direction", direction, "predicts conditional branches");
  p("btb_entries", btb_entries, "branches", "branch target buffer");
  p("btb_ways", btb_ways, "ways", "associativity of the branch target buffer");
  p("btb_direct", btb_direct,
    "the branch target buffer holds direct branches and jumps too; otherwise only indirect ones");
  p.child("btb_replacement", btb_replacement, "which branch makes room");
  p("return_stack", return_stack, "calls", "return addresses remembered");
  p.require(btb_ways >= 1 && btb_ways <= 1024, "btb_ways", "must be 1..1024");
  p.require(btb_entries <= 1 << 20 && btb_entries % btb_ways == 0 &&
                is_power_of_two(btb_entries / btb_ways),
            "btb_entries", "must be btb_ways x a power of two");
  p.require(return_stack <= 4096, "return_stack", "must be 0..4096");
}

BranchPredictor::BranchPredictor(Component* parent, std::string name,
                                 const BranchPredictorConfig& config)
    : Component(parent, std::move(name)),
      direction_(config.direction.create()),
      btb_direct_(config.btb_direct),
      btb_(config.btb_entries, config.btb_ways, config.btb_replacement),
      return_stack_(config.return_stack) {}

Prediction BranchPredictor::predict(const Branch& branch) {
  const u64* const target = btb_.find(branch.pc);
  const bool in_btb = target != nullptr;
  Prediction result{branch.fall_through, true};
  if (branch.kind != Branch::Kind::Indirect) {
    const bool taken = branch.kind == Branch::Kind::Direct ||
                       direction_->predict(branch.pc, branch.target);
    if (taken) result = {branch.target, in_btb};
  } else if (branch.is_return && !return_stack_.is_empty()) {
    result = {return_stack_.pop(), in_btb};
  } else if (in_btb) {
    result = {*target, true};
  }
  if (branch.is_call) return_stack_.push(branch.fall_through);
  return result;
}

void BranchPredictor::update(const Branch& branch, const Prediction& prediction) {
  const bool wrong = prediction.next != branch.next;
  switch (branch.kind) {
    case Branch::Kind::Sequential:
      break;
    case Branch::Kind::Conditional:
      ++branches;
      if (wrong) ++branches_wrong;
      direction_->update(branch.pc, branch.target, branch.next == branch.target);
      break;
    case Branch::Kind::Direct:
      ++jumps;
      direction_->jump(branch.pc, branch.next);
      break;
    case Branch::Kind::Indirect:
      ++(branch.is_return ? returns : indirect);
      if (wrong) ++(branch.is_return ? returns_wrong : indirect_wrong);
      direction_->jump(branch.pc, branch.next);
      break;
  }
  if (branch.kind == Branch::Kind::Conditional && branch.next == branch.fall_through) return;
  if (branch.kind != Branch::Kind::Indirect && !btb_direct_) return;
  btb_.remember(branch.pc, branch.next);
}

void BranchPredictor::state(Archive& a) {
  a.group("direction", [this](Archive& nested) { direction_->state(nested); });
  a.group("btb", [this](Archive& nested) { btb_.state(nested); });
  return_stack_.state(a);
}

}  // namespace orrery
