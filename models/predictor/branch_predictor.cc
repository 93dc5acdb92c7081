#include "models/predictor/branch_predictor.h"

#include <algorithm>

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
      btb_({config.btb_entries / config.btb_ways, config.btb_ways}, config.btb_replacement),
      btb_targets_(config.btb_entries),
      return_stack_(config.return_stack) {}

Prediction BranchPredictor::predict(const Branch& branch) {
  const std::size_t entry = btb_.find(branch.pc >> 1);
  const bool in_btb = entry != TagArray::none;
  Prediction result{branch.fall_through, true};
  if (branch.kind != Branch::Kind::Indirect) {
    const bool taken = branch.kind == Branch::Kind::Direct ||
                       direction_->predict(branch.pc, branch.target);
    if (taken) result = {branch.target, in_btb};
  } else if (branch.is_return && return_depth_ > 0) {
    const auto size = static_cast<u32>(return_stack_.size());
    return_top_ = (return_top_ + size - 1) % size;
    --return_depth_;
    result = {return_stack_[return_top_], in_btb};
  } else if (in_btb) {
    result = {btb_targets_[entry], true};
  }
  if (branch.is_call && !return_stack_.empty()) {
    const auto size = static_cast<u32>(return_stack_.size());
    return_stack_[return_top_] = branch.fall_through;
    return_top_ = (return_top_ + 1) % size;
    return_depth_ = std::min(return_depth_ + 1, size);
  }
  return result;
}

void BranchPredictor::update(const Branch& branch, const Prediction& prediction) {
  const bool wrong = prediction.next != branch.next;
  switch (branch.kind) {
    case Branch::Kind::Conditional:
      ++branches;
      if (wrong) ++branches_wrong;
      direction_->update(branch.pc, branch.next == branch.target);
      break;
    case Branch::Kind::Direct:
      ++jumps;
      break;
    case Branch::Kind::Indirect:
      ++(branch.is_return ? returns : indirect);
      if (wrong) ++(branch.is_return ? returns_wrong : indirect_wrong);
      break;
  }
  if (branch.next == branch.fall_through) return;
  if (branch.kind != Branch::Kind::Indirect && !btb_direct_) return;
  const u64 key = branch.pc >> 1;
  std::size_t entry = btb_.find(key);
  if (entry == TagArray::none) entry = btb_.room_for(key);
  btb_.put(entry, key);
  btb_.touch(entry);
  btb_targets_[entry] = branch.next;
}

void BranchPredictor::state(Archive& a) {
  a.group("direction", [this](Archive& nested) { direction_->state(nested); });
  a.group("btb", [this](Archive& nested) {
    btb_.state(nested);
    nested("targets", std::span<u64>(btb_targets_));
  });
  a("return_stack", std::span<u64>(return_stack_));
  a("return_top", return_top_);
  a("return_depth", return_depth_);
  // A damaged file must not lead outside the ring.
  const auto size = static_cast<u32>(return_stack_.size());
  a.require(return_top_ < std::max(size, 1u), "return_top", "beyond the return stack");
  a.require(return_depth_ <= size, "return_depth", "more than the return stack holds");
}

}  // namespace orrery
